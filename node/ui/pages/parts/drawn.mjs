// Drawing thousands of things a few at a time, so that no key and no scroll waits for them.
import { html } from 'htm/preact';
import { Component } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/**
 * How many of so many are drawn: the first at once, and all of them before long, in slices of work that are done
 * while nothing else is asked of the browser; all at once for paper, and where a link goes to one that is not there.
 * @param {number} count @param {unknown} of  others than before: few of them are drawn again
 * @param {{ first: number, step: number }} by
 */
export function useDrawn(count, of, { first, step }) {
  const [state, setState] = useState({ of, drawn: first });
  const drawn = state.of === of ? state.drawn : first;
  useEffect(() => {
    if (drawn >= count) return undefined;
    const all = () => setState({ of, drawn: count });
    const follow = () => { if (!document.getElementById(location.hash.slice(1))) all(); };
    const id = requestIdleCallback(() => setState({ of, drawn: drawn + step }), { timeout: 200 });
    addEventListener('beforeprint', all);
    addEventListener('hashchange', follow);
    return () => { cancelIdleCallback(id); removeEventListener('beforeprint', all); removeEventListener('hashchange', follow); };
  }, [drawn, count, of]);
  return Math.min(drawn, count);
}

/** Rows of a list, laid out together and only where they are near what is in sight (style.css); drawn again only
 * where one of them has changed. */
class Part extends Component {
  /** @param {any} next */
  shouldComponentUpdate({ rows, made_of, label }) {
    const now = /** @type {any} */ (this.props);
    return made_of !== now.made_of || label !== now.label || rows.length !== now.rows.length || rows.some((/** @type {any} */ row, /** @type {number} */ at) => row !== now.rows[at]);
  }
  /** @param {any} props */
  render({ rows, draw, kind, label, row_rem }) {
    return html`<ul class="${kind} teapot-part" aria-label=${label} style=${{ containIntrinsicHeight: `auto ${rows.length * row_rem}rem` }}>${rows.map(draw)}</ul>`;
  }
}

/**
 * A long list, in parts: a grid or a list of thousands is laid out anew, all of it, for each row that comes in sight.
 * @param {{ rows: any[], size: number, row_rem: number, draw: (row: any) => any, made_of: unknown, kind: string, label: string }} props
 *   row_rem: how high one is, before it was ever in sight; made_of: others than before, and every row is drawn again
 */
export function Parts({ rows, size, label, ...of }) {
  const parts = [];
  for (let at = 0; at < rows.length; at += size) parts.push(rows.slice(at, at + size));
  return parts.map((part, at) => html`<${Part} key=${at} ...${of} rows=${part} label=${parts.length === 1 ? label : `${label}, ${at * size + 1} to ${at * size + part.length}`} />`);
}

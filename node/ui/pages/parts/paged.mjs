// A long list in parts: the first as the document brought it, further ones when they are asked for.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { get, useHeld } from '../api.mjs';
import { kept } from './kept.mjs';

/** @typedef {import('../api.mjs').Problem} Problem */
/** @typedef {{ of: any, rows: any[], next: string | null }} Tail  what stands behind the first part `of` */

const ASKED_MAX = 250; // rows of one answer

/** Reads on behind the first part until there are so many.
 * @param {string} path @param {string} member @param {Tail} tail @param {number} wanted @returns {Promise<Tail>} */
async function readOn(path, member, tail, wanted) {
  let { rows, next } = tail;
  while (next !== null && rows.length < wanted) {
    const part = await get(`${path.replace(/\bmax=\d+/, `max=${Math.min(ASKED_MAX, wanted - rows.length)}`)}&after=${next}`);
    rows = [...rows, ...part[member]];
    next = part.next;
  }
  return { of: tail.of, rows, next };
}

/**
 * What stands there stays while it is read again, because something has changed, or because more is asked for.
 * @param {string} path  of the first part, with "max=N" @param {string} member  that holds the rows
 * @returns {{ first: any, rows: any[], isMore: boolean, more: (count: number) => void, problem: Problem | null }}
 */
export function usePaged(path, member) {
  const { held, problem } = useHeld(path);
  const first = /** @type {any} */ (held);
  const known = useRef(/** @type {import('./kept.mjs').Known} */ (new Map()));
  const [wanted, setWanted] = useState({ path, count: 0 });
  const [tail, setTail] = useState(/** @type {Tail | null} */ (null));
  const [trouble, setTrouble] = useState(/** @type {Problem | null} */ (null));
  const count = wanted.path === path ? wanted.count : 0;
  useEffect(() => {
    if (!first || count === 0) return undefined;
    let isCurrent = true;
    const from = tail && tail.of === first ? tail : { of: first, rows: [], next: first.next };
    readOn(path, member, from, count).then(
      (read) => { if (isCurrent) { setTail(read); setTrouble(null); } },
      (one) => { if (isCurrent) setTrouble(one); },
    );
    return () => { isCurrent = false; };
  }, [first, path, count]);
  const behind = count > 0 ? tail : null;
  const rows = useMemo(() => {
    const all = [...first?.[member] ?? [], ...behind?.rows ?? []];
    const names = new Set();
    // While the parts behind a newer first part are read again, a row may stand in both.
    return kept(all.filter(({ id, name }) => !names.has(id ?? name) && names.add(id ?? name)), known.current);
  }, [first, behind]);
  const next = behind?.of === first ? behind?.next : first?.next;
  return { first, rows, isMore: !!next, more: (more) => setWanted({ path, count: rows.length - (first?.[member].length ?? 0) + more }), problem: problem ?? trouble };
}

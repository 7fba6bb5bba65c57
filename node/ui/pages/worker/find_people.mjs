// Who is it?  Letters of a name, another name, how it sounds, how they look; cards to pick from.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { post } from '../api.mjs';
import { Cards } from '../parts/card.mjs';
import { TextField } from '../parts/field.mjs';

/** @typedef {import('../types.d.ts').Card} Card */

const LETTERS_MIN = 2;
const SETTLE_MS = 120;
const SHOWN_MAX = 8;

/** @typedef {{ text: string, people: Card[], isPartial: boolean }} Found  isPartial: not everybody has come from the hub yet */

/** Who fits what was typed; null: not asked yet.  @param {string} text @returns {Found | null} */
export function useFound(text) {
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const asked = text.trim();
  useEffect(() => {
    let isCurrent = true;
    if (asked.length < LETTERS_MIN) { setFound(null); return undefined; }
    const timer = setTimeout(() => post('/api/find', { text: asked, max: SHOWN_MAX }).then(
      ({ people, partial }) => { if (isCurrent) setFound({ text: asked, people, isPartial: partial }); },
      () => { if (isCurrent) setFound(null); },
    ), SETTLE_MS);
    return () => { isCurrent = false; clearTimeout(timer); };
  }, [asked]);
  return asked.length < LETTERS_MIN ? null : found;
}

const PARTLY = 'Not everything has come from the hub yet.';

/** @param {{ count: number, isPartial: boolean, nobody?: string }} props */
const Count = ({ count, isPartial, nobody = 'Nobody here fits that.' }) => html`<p class="govuk-body" role="status">
  ${isPartial && count === 0 ? `${PARTLY} Nobody who is here so far fits that.`
    : `${isPartial ? `${PARTLY} ` : ''}${count === 0 ? nobody : count === 1 ? 'One person fits:' : `${count}${count === SHOWN_MAX ? ' or more' : ''} people fit:`}`}</p>`;

/**
 * @param {{ id: string, label: string, hint?: string, error?: string, value: string, onValue: (text: string) => void,
 *   onPick?: (card: Card) => void, without?: string[], nobody?: string }} props
 */
export function FindPeople({ id, label, hint, error, value, onValue, onPick, without = [], nobody }) {
  const found = useFound(value);
  const people = found?.people.filter(({ name }) => !without.includes(name));
  return html`
    <${TextField} id=${id} label=${label} hint=${hint} error=${error} value=${value} onValue=${onValue} />
    ${people && html`<${Count} count=${people.length} isPartial=${found?.isPartial === true} nobody=${nobody} />`}
    ${people && people.length > 0 && html`<${Cards} cards=${people} onPick=${onPick} label="People who fit" />`}`;
}

// Who is it?  Letters of a name, another name, how it sounds, how they look; cards to pick from.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { post, Problem } from '../api.mjs';
import { Cards } from '../parts/card.mjs';
import { TextField } from '../parts/field.mjs';

/** @typedef {import('../types.d.ts').Card} Card */

const LETTERS_MIN = 2;
const SETTLE_MS = 120;
const SHOWN_MAX = 8;
const AGAIN_MS = 2000;

/** @typedef {{ people: Card[], given_back: number, isPartial: boolean, problem: Problem | null }} Found  isPartial: not everybody has come from the hub yet */

/** Who fits what was typed; null: not asked yet.  What could not be asked is asked again by itself.
 * @param {string} text @returns {Found | null} */
export function useFound(text) {
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const asked = text.trim();
  useEffect(() => {
    let isCurrent = true;
    if (asked.length < LETTERS_MIN) { setFound(null); return undefined; }
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const look = () => post('/api/find', { text: asked, max: SHOWN_MAX }).then(
      ({ people, given_back = 0, partial }) => { if (isCurrent) setFound({ people, given_back, isPartial: partial === true, problem: null }); },
      (problem) => {
        if (!isCurrent) return;
        setFound({ people: [], given_back: 0, isPartial: false, problem });
        if (problem.status === 0) timer = setTimeout(look, AGAIN_MS);
      },
    );
    timer = setTimeout(look, SETTLE_MS);
    return () => { isCurrent = false; clearTimeout(timer); };
  }, [asked]);
  return asked.length < LETTERS_MIN ? null : found;
}

const partly = 'Not everything has come from the hub yet.';
const nobody_fits = 'Nobody here fits that. Fewer letters find more people.';
const nobody_asked = 'Nobody was looked for: Teapot does not answer at the moment. It looks again by itself; what you write meanwhile is not lost.';

/** @param {{ found: Found, count: number, nobody?: string }} props */
function Count({ found: { given_back, isPartial, problem }, count, nobody = nobody_fits }) {
  if (problem) return html`<p class="govuk-body" role="status"><strong>${problem.status === 0 ? nobody_asked : problem.message}</strong></p>`;
  return html`<p class="govuk-body" role="status">
    ${isPartial && `${partly} `}${count === 0 ? (isPartial ? 'Nobody who is here so far fits that.' : nobody) : count === 1 ? 'One person fits:' : `${count}${count === SHOWN_MAX ? ' or more' : ''} people fit:`}
    ${count === 0 && given_back > 0 && html` ${given_back === 1 ? 'One person’s details were given back, their name' : `The details of ${given_back} people were given back, their names`} too: it may be somebody you once knew. Ask them.`}</p>`;
}

/**
 * @param {{ id: string, label: string, hint?: string, error?: string, value: string, onValue: (text: string) => void,
 *   onPick?: (card: Card) => void, without?: string[], nobody?: string }} props
 */
export function FindPeople({ id, label, hint, error, value, onValue, onPick, without = [], nobody }) {
  const found = useFound(value);
  const people = (found?.people ?? []).filter(({ name }) => !without.includes(name));
  return html`
    <${TextField} id=${id} label=${label} hint=${hint} error=${error} value=${value} onValue=${onValue} />
    ${found && html`<${Count} found=${found} count=${people.length} nobody=${nobody} />`}
    ${people.length > 0 && html`<${Cards} cards=${people} onPick=${onPick} label="People who fit" />`}`;
}

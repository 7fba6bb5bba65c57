// Everything held about one person as a file, fetched in parts: so it is told how far it is, it can be stopped, and
// other pages are answered meanwhile.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { get, Problem, useHeld } from '../api.mjs';
import { Notice } from '../parts/notice.mjs';
import { personWords } from '../parts/record.mjs';

/** @typedef {import('../types.d.ts').ExportPart} ExportPart */
/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {{ url: string, name: string, words: string }} Saved  a file that was made: where the browser has it */

const TRIES_MAX = 5;
const AGAIN_MS = 1000;

const count = (/** @type {number} */ n) => n.toLocaleString('en-GB');
const entries = (/** @type {number} */ n) => (n === 1 ? 'one entry' : `${count(n)} entries`);
const size = (/** @type {number} */ bytes) => (bytes < 1_000_000 ? `${count(Math.ceil(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

/** All parts in order; null: it was stopped.
 * @param {string} person @param {(part: ExportPart) => boolean} tell  false: stop
 * @returns {Promise<string[] | null>} */
async function fetchParts(person, tell) {
  /** @type {string[]} */
  const lines = [];
  for (let from = 0, held = ''; ;) {
    const part = /** @type {ExportPart} */ (await get(`/api/export/${person}/part?from=${from}${held && `&held=${held}`}`));
    if (!tell(part)) return null;
    lines.push(part.lines);
    if (part.done >= part.of) return lines;
    ({ done: from, held } = part);
  }
}

/** The same; begun again where something was written, or came in, since the first part: a file shows one moment.
 * @param {string} person @param {(part: ExportPart) => boolean} tell */
async function fetchMoment(person, tell) {
  for (let tries = 1; ; tries++) {
    try {
      return await fetchParts(person, tell);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.code !== 'busy') throw problem;
      if (tries === TRIES_MAX) throw new Problem(409, { error: 'busy', text: 'More and more comes in while the file is being made. Try again when everything has come.' });
      await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
    }
  }
}

/** The browser puts it where it puts what is downloaded; no name of anybody stands there.
 * @param {string} person @param {string[]} lines @param {number} of @returns {Saved} */
function save(person, lines, of) {
  const blob = new Blob(lines, { type: 'application/x-ndjson' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `teapot-${person}.jsonl`;
  link.click();
  return { url: link.href, name: link.download, words: `${entries(of)}, ${size(blob.size)}` };
}

/** @param {string} person */
function useExport(person) {
  const [part, setPart] = useState(/** @type {ExportPart | null} */ (null)); // while it is being made
  const [saved, setSaved] = useState(/** @type {Saved | null} */ (null));
  const [trouble, setTrouble] = useState('');
  const [isMaking, setMaking] = useState(false);
  const turn = useRef(0); // whoever stops it, or leaves, begins another
  useEffect(() => () => { turn.current++; }, []);
  useEffect(() => (saved ? () => URL.revokeObjectURL(saved.url) : undefined), [saved]);
  const stop = () => { turn.current++; setMaking(false); };
  const make = async () => {
    const mine = ++turn.current;
    const isMine = () => turn.current === mine;
    setSaved(null);
    setTrouble('');
    setPart(null);
    setMaking(true);
    try {
      let of = 0;
      const lines = await fetchMoment(person, (next) => { if (isMine()) setPart(next); of = next.of; return isMine(); });
      if (lines && isMine()) setSaved(save(person, lines, of));
    } catch (problem) {
      if (isMine()) setTrouble(/** @type {Error} */ (problem).message);
    }
    if (isMine()) setMaking(false);
  };
  return { part, saved, trouble, isMaking, make, stop };
}

/** How far it is.  Its words stand in no live region: whoever does not see the bar asks, and is not told each step.
 * @param {{ part: ExportPart | null, of: number, onStop: () => void }} props */
function Making({ part, of, onStop }) {
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => { button.current?.focus(); }, []);
  return html`<div class="teapot-making">
    <p class="govuk-body"><label for="export-bar">${count(part?.done ?? 0)} of ${entries(part?.of ?? of)}</label>
      <progress id="export-bar" max=${part?.of ?? of} value=${part?.done ?? 0}></progress></p>
    <button type="button" class="govuk-button govuk-button--secondary" ref=${button} onClick=${onStop}>Stop</button>
  </div>`;
}

/** @param {{ saved: Saved }} props */
function Made({ saved }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => { place.current?.focus(); }, []);
  return html`<div tabindex="-1" ref=${place}><${Notice} kind="done">
    The file is made: ${saved.words}. Your browser has put it where it puts what is downloaded, as ${saved.name}.
    ${' '}<a class="govuk-notification-banner__link" href=${saved.url} download=${saved.name}>Save it once more</a></${Notice}></div>`;
}

/** @param {{ words: string, of: number, person: string }} props */
function About({ words, of, person }) {
  return html`
    <p class="govuk-body">The file holds everything that this computer holds about ${words}, and about the records joined with theirs: <strong>${entries(of)}</strong>.</p>
    <ul class="govuk-list govuk-list--bullet">
      <li>their details, contacts, help requests, needs, actions, scores, who is around them and what they agreed to</li>
      <li>who wrote each of it, and when</li>
      <li>also what was taken back, with the reason, and every value where several stand</li>
    </ul>
    <p class="govuk-body">It is made for programs: one entry a line, as JSON. To read it on paper, <a class="govuk-link" href=${`/person/${person}`}>print their page</a> instead.</p>
    <h2 class="govuk-heading-m">It leaves Teapot’s care</h2>
    <div class="govuk-inset-text">
      <p class="govuk-body">The file is personal data in the open. Whoever has it, or uses this computer, can read it.</p>
      <p class="govuk-body">Where somebody withdraws their consent, Teapot gives back what was shared with this computer. It cannot take it out of a file.</p>
      <p class="govuk-body">Save it only where the person has agreed, or asks for it themselves, or the law asks for it; and delete it when it is no longer needed.</p>
    </div>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const [person] = args;
  const doc = useHeld(`/api/record/${person}`);
  const first = useHeld(`/api/export/${person}/part?max=0`);
  const { part, saved, trouble, isMaking, make, stop } = useExport(person);
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  const wasMaking = useRef(false);
  useLayoutEffect(() => {
    if (wasMaking.current && !isMaking && !saved) button.current?.focus(); // which has taken the place of "Stop"
    wasMaking.current = isMaking;
  }, [isMaking]);
  const of = /** @type {ExportPart | null} */ (first.held)?.of ?? 0;
  const words = personWords(/** @type {RecordDocument | null} */ (doc.held)) || 'somebody whose details are not held here';
  const heading = html`<h1 class="govuk-heading-l">Save as a file</h1>`;
  if (!first.held) return html`<div>${heading}${first.problem && html`<${Notice} kind="trouble">${first.problem.status === 404 ? 'Nothing is held here about this person.' : first.problem.message}</${Notice}>`}</div>`;
  return html`<div>
    ${heading}
    ${trouble && html`<${Notice} kind="trouble">${trouble}</${Notice}>`}
    ${saved && html`<${Made} saved=${saved} />`}
    <${About} words=${words} of=${of} person=${person} />
    <p class="govuk-visually-hidden" role="status">${isMaking ? 'The file is being made.' : ''}</p>
    ${isMaking ? html`<${Making} part=${part} of=${of} onStop=${stop} />`
      : html`<button type="button" class="govuk-button" ref=${button} onClick=${make}>${saved ? 'Make it again' : 'Make the file'}</button>`}
  </div>`;
}

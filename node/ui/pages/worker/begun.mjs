// What a worker has begun and not saved yet, on the start page: to go on with, or to throw away.
import { html } from 'htm/preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

import { del, get, lookAgain, put } from '../api.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { PersonName } from '../parts/record.mjs';
import { useSaving } from '../parts/saving.mjs';
import { whenNear } from '../parts/when.mjs';

/** @typedef {import('../types.d.ts').DraftRow} DraftRow */
/** @typedef {DraftRow & { body: unknown }} Thrown  as it was when it was thrown away */

// By the first word of its address.
const kinds = /** @type {Record<string, string>} */ ({ contact: 'A contact', request: 'A help request', action: 'An action', consent: 'What may be shared', join: 'Two records, one person' });
const kindOf = (/** @type {DraftRow} */ draft) => kinds[draft.page.split('/')[1]] ?? 'Something';
const idOf = (/** @type {DraftRow} */ draft) => `begun-${draft.key}`;

/** @param {{ draft: DraftRow }} props */
function About({ draft }) {
  const person = draft.page.match(/[0-9a-f]{16}-\d+$/i)?.[0];
  return html`${kindOf(draft)}${person ? html`: <${PersonName} person=${person} />` : ''}, begun ${whenNear(draft.at)}`;
}

/** @param {{ draft: DraftRow, isBusy: boolean, onThrow: (draft: DraftRow) => void }} props */
const Row = ({ draft, isBusy, onThrow }) => html`<li>
  <a class="govuk-link" href=${draft.page}><${About} draft=${draft} /></a>
  <button type="button" id=${idOf(draft)} class="govuk-button govuk-button--secondary" disabled=${isBusy} onClick=${() => onThrow(draft)}>Throw away<span class="govuk-visually-hidden"> what was begun ${whenNear(draft.at)}</span></button>
</li>`;

/** It stands where it stood, so that whoever touched the wrong one finds it there.
 * @param {{ draft: Thrown, isBusy: boolean, onBringBack: (draft: Thrown) => void }} props */
const ThrownRow = ({ draft, isBusy, onBringBack }) => html`<li>
  <span role="status">Thrown away: <${About} draft=${draft} /></span>
  <button type="button" id=${idOf(draft)} class="govuk-button" disabled=${isBusy} onClick=${() => onBringBack(draft)}>Bring it back<span class="govuk-visually-hidden">: what was begun ${whenNear(draft.at)}</span></button>
</li>`;

/** @param {string} key */
const exists = (key) => get(`/api/draft/${key}`).then(() => true, (problem) => { if (problem.status !== 404) throw problem; return false; });

/** @param {{ drafts: DraftRow[], again: () => Promise<void> }} props */
export function Begun({ drafts, again }) {
  const [thrown, setThrown] = useState(/** @type {Thrown[]} */ ([]));
  const { errors, setErrors, isBusy, run } = useSaving({}, 'begun');
  const pressed = useRef(''); // its button becomes the other one, and keeps the focus
  useLayoutEffect(() => {
    if (isBusy || !pressed.current) return;
    document.getElementById(pressed.current)?.focus();
    pressed.current = '';
  });
  const throwAway = (/** @type {DraftRow} */ draft) => run(async () => {
    const held = await get(`/api/draft/${draft.key}`);
    if (held.version !== draft.version) { // another window went on with it
      await again();
      setErrors([{ id: idOf(draft), text: `${kindOf(draft)}: more of it was written a moment ago, in another window. It is kept; throw it away there, or here once more.` }]);
      return;
    }
    await del(`/api/draft/${draft.key}?version=${draft.version}`);
    pressed.current = idOf(draft);
    setThrown((before) => [...before, { ...draft, body: held.body }]);
    lookAgain();
    await again();
  });
  const bringBack = (/** @type {Thrown} */ draft) => run(async () => {
    if (await exists(draft.key)) {
      await again();
      setErrors([{ id: idOf(draft), text: `${kindOf(draft)} was begun anew since, in another window. Save that first, or throw it away.` }]);
      return;
    }
    await put(`/api/draft/${draft.key}`, { page: draft.page, body: draft.body });
    pressed.current = idOf(draft);
    setThrown((before) => before.filter(({ key }) => key !== draft.key));
    lookAgain();
    await again();
  });
  const held = drafts.map(({ key }) => key);
  const rows = [...drafts, ...thrown.filter(({ key }) => !held.includes(key))].sort((a, b) => b.version - a.version);
  if (rows.length === 0) return null;
  return html`<section id="begun" tabindex="-1">
    <${ErrorSummary} errors=${errors} />
    <h2 class="govuk-heading-m">Begun and not saved yet</h2>
    <ul class="govuk-list teapot-rows">${rows.map((draft) => ('body' in draft
      ? html`<${ThrownRow} key=${draft.key} draft=${draft} isBusy=${isBusy} onBringBack=${bringBack} />`
      : html`<${Row} key=${draft.key} draft=${draft} isBusy=${isBusy} onThrow=${throwAway} />`))}</ul>
  </section>`;
}

// Where a worker begins: what they have begun and not sent.
import { html } from 'htm/preact';

import { del, useHeld } from '../api.mjs';
import { whenNear } from '../parts/when.mjs';

/** @typedef {import('../types.d.ts').DraftRow} DraftRow */

/** @param {{ draft: DraftRow, again: () => void }} props */
function Draft({ draft, again }) {
  const discard = async () => { await del(`/api/draft/${draft.key}`); again(); };
  return html`<li>
    <a class="govuk-link" href=${draft.page}>Begun ${whenNear(draft.at)}</a>
    <button type="button" class="govuk-button govuk-button--secondary" onClick=${discard}>Discard<span class="govuk-visually-hidden"> what was begun ${whenNear(draft.at)}</span></button>
  </li>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ session }) {
  const { held, again } = useHeld('/api/drafts');
  const drafts = /** @type {DraftRow[]} */ (/** @type {any} */ (held)?.drafts ?? []);
  return html`
    <h1 class="govuk-heading-l">Hello, ${session.worker}</h1>
    ${held && (drafts.length > 0
      ? html`<h2 class="govuk-heading-m">Begun and not saved yet</h2>
          <ul class="govuk-list teapot-rows">${drafts.map((draft) => html`<${Draft} key=${draft.key} draft=${draft} again=${again} />`)}</ul>`
      : html`<p class="govuk-body">Everything you wrote is saved.</p>`)}`;
}

// Through whose hands it went: each taking, offer and acceptance, oldest first (PH2).
import { html } from 'htm/preact';

import { useHeld } from '../api.mjs';
import { agencyLabel, holderWords } from '../parts/record.mjs';

/** @typedef {import('../types.d.ts').HolderStep} HolderStep */

/** @param {{ doc: import('../types.d.ts').RecordDocument, schema: import('../types.d.ts').Schema | null }} props */
export function Holders({ doc, schema }) {
  const { held } = useHeld(`/api/record/${doc.name}/holders`);
  const steps = /** @type {HolderStep[]} */ (/** @type {any} */ (held)?.holders ?? []).filter(({ name }) => name !== doc.name); // the first stands below by itself
  const words = (/** @type {HolderStep} */ step) => (step.kind === 'offer'
    ? `${holderWords(schema, { agency: step.agency, worker: step.worker })} offered it to ${holderWords(schema, step.holder)}`
    : `${holderWords(schema, step.holder)} accepted it`);
  return html`
    <h2 class="govuk-heading-m">${doc.entity === 'action' ? 'Whose it was' : 'Who held it'}</h2>
    <ol class="govuk-list govuk-list--number teapot-holders">
      <li>${doc.entity === 'action' ? 'Written down' : 'Taken'} at ${agencyLabel(schema, doc.agency)}${doc.worker ? ` by ${doc.worker}` : ', at a kiosk'}, ${doc.at_text}</li>
      ${steps.map((step) => html`<li key=${step.name}>${words(step)}, ${step.at_text}${step.at_hub ? '' : ' (not at the hub yet)'}</li>`)}
    </ol>`;
}

// A field with several values: all of them side by side, until somebody takes one or says it in a sentence.
import { useLayoutEffect, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { ErrorSummary } from '../parts/error_summary.mjs';
import { TextArea } from '../parts/field.mjs';
import { useSaving, write } from '../parts/saving.mjs';
import { whenNear } from '../parts/when.mjs';
import { fieldLabel, fieldOf, valueWords, whoWords } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {import('../types.d.ts').Head} Head */
/** @typedef {import('../types.d.ts').Settled} Settled */

/** Heads that say different things; the first to say it stands for the others.  @param {Head[]} heads */
export function differing(heads) {
  /** @type {Map<string, Head>} */
  const said = new Map();
  for (const head of heads) {
    const key = JSON.stringify(head.value);
    if (!said.has(key)) said.set(key, head);
  }
  return [...said.values()];
}

/**
 * Writes the value, having seen all of these.
 * @param {Schema | null} schema @param {RecordDocument} doc @param {string} field @param {any} value @param {string[]} seen
 * @returns {Promise<Settled>}
 */
export async function settle(schema, doc, field, value, seen) {
  const [written] = await write([{ op: 'update', entity: doc.entity, record: doc.name, set: { [field]: value }, seen: { [field]: seen } }]);
  const heads = differing(doc.fields[field]?.heads ?? []);
  const others = heads.filter((head) => JSON.stringify(head.value) !== JSON.stringify(value)).map((head) => head.value);
  return { doc, field, value, others, label: fieldLabel(schema, doc.entity, field), seen: written.name ? [written.name] : seen };
}

/** @param {{ schema: Schema | null, doc: RecordDocument, field: string, head: Head, isBusy: boolean, onUse: () => void }} props */
function OneValue({ schema, doc, field, head, isBusy, onUse }) {
  const words = valueWords(schema, fieldOf(schema, doc.entity, field), head.value);
  return html`<li class="teapot-value">
    <p class="teapot-value__words">${words || 'Nothing: it was cleared'}</p>
    <p class="teapot-quiet">${whoWords(schema, head)}, ${whenNear(head.at)}${head.kind === 'offer' ? ' (offered, not accepted)' : ''}</p>
    <button type="button" class="govuk-button govuk-button--secondary" disabled=${isBusy} onClick=${onUse}>Use this one<span class="govuk-visually-hidden">: ${words}</span></button>
  </li>`;
}

/**
 * @param {{ schema: Schema | null, doc: RecordDocument, field: string, onSettled: (settled: Settled) => void }} props
 */
export function Settle({ schema, doc, field, onSettled }) {
  const heads = doc.fields[field]?.heads ?? [];
  const values = differing(heads);
  const row = fieldOf(schema, doc.entity, field);
  const id = `both-${doc.name}-${field}`;
  const { errors, isBusy, run, errorOf } = useSaving({ [field]: id }, id);
  const [both, setBoth] = useState(/** @type {string | null} */ (null));
  const take = (/** @type {any} */ value) => run(async () => onSettled(await settle(schema, doc, field, value, heads.map(({ name }) => name))));
  const begin = () => setBoth(values.map(({ value }) => value ?? '').filter(Boolean).join('; '));
  useLayoutEffect(() => { if (both !== null) document.getElementById(id)?.focus(); }, [both !== null]);
  return html`<div class="teapot-differs" role="group" aria-label=${`${fieldLabel(schema, doc.entity, field)}: not settled`}>
    <p class="teapot-differs__title"><strong class="govuk-tag govuk-tag--orange">Not settled</strong> ${fieldLabel(schema, doc.entity, field)}: ${values.length} different answers. ${values.length === 2 ? 'Both' : 'All of them'} are kept.</p>
    <${ErrorSummary} errors=${errors} />
    <ul class="teapot-values">
      ${values.map((head) => html`<${OneValue} key=${head.name} schema=${schema} doc=${doc} field=${field} head=${head} isBusy=${isBusy} onUse=${() => take(head.value)} />`)}
    </ul>
    ${row?.type === 'text' && both === null && html`<button type="button" class="teapot-link-button teapot-noprint" onClick=${begin}>Keep both in a sentence<span class="govuk-visually-hidden">: ${row.label}</span></button>`}
    ${both !== null && html`<form novalidate onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); take(both); }}>
      <${TextArea} id=${id} label="What is true of both" value=${both} onValue=${setBoth} error=${errorOf(id)} rows="3" />
      <div class="govuk-button-group"><button type="submit" class="govuk-button" disabled=${isBusy}>Save this sentence</button>
        <button type="button" class="teapot-link-button" onClick=${() => setBoth(null)}>Leave it open</button></div>
    </form>`}
  </div>`;
}

/**
 * What was settled a moment ago, and the way back.
 * @param {{ schema: Schema | null, settled: Settled, onSettled: (settled: Settled) => void }} props
 */
export function SettledNotice({ schema, settled, onSettled }) {
  const { doc, field, value, others, label, seen } = settled;
  const row = fieldOf(schema, doc.entity, field);
  const { errors, isBusy, run } = useSaving({}, 'settled');
  const use = (/** @type {any} */ other) => run(async () => {
    const next = await settle(schema, doc, field, other, seen);
    const rest = [value, ...others].filter((one) => JSON.stringify(one) !== JSON.stringify(other));
    onSettled({ ...next, others: rest });
  });
  const box = (/** @type {HTMLElement | null} */ element) => { if (element && element.dataset.for !== seen.join()) { element.dataset.for = seen.join(); element.focus(); } };
  return html`<div class="teapot-settled" role="status" tabindex="-1" id="settled" ref=${box}>
    <p class="govuk-body"><strong>${label} is settled:</strong> ${valueWords(schema, row, value) || 'nothing'}. Everybody who may see it will see this.</p>
    <${ErrorSummary} errors=${errors} />
    ${others.map((other) => html`<button type="button" class="teapot-link-button" disabled=${isBusy} onClick=${() => use(other)}>Undo: use “${valueWords(schema, row, other) || 'nothing'}” instead</button>`)}
  </div>`;
}

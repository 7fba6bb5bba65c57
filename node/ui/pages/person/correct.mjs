// Putting right what a record says, or taking it back.
import { useRef, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { useHeld } from '../api.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { Choice } from '../parts/field.mjs';
import { useDraft } from '../parts/draft.mjs';
import { Notice } from '../parts/notice.mjs';
import { seenOf, useSchema } from '../parts/record.mjs';
import { useSaving, write } from '../parts/saving.mjs';
import { go } from '../router.mjs';
import { SchemaControl, formFields, typedOf } from './schema_field.mjs';
import { Settle } from './settle.mjs';
import { entityOf, fieldLabel, titleOf } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */

/** @param {RecordDocument} doc */
const backFrom = (doc) => (doc.person ? `/person/${doc.person}` : '/');

/** What was saved met something that was not on the form: both are kept, and shown.
 * @param {{ schema: Schema, doc: RecordDocument, fields: string[] }} props */
function Met({ schema, doc, fields }) {
  const open = fields.filter((name) => doc.fields[name]?.conflict);
  return html`
    <${Notice} kind="trouble" title="Saved, and it met something else">While you had this form open, ${fields.map((name) => fieldLabel(schema, doc.entity, name)).join(', ')} was written in another tab or by somebody else. Both are kept until one is taken.</${Notice}>
    ${open.map((name) => html`<${Settle} key=${name} schema=${schema} doc=${doc} field=${name} onSettled=${() => {}} />`)}
    <p class="govuk-body"><a class="govuk-link" href=${backFrom(doc)}>Go on without taking one</a></p>`;
}

/** The form as it was opened: `seen` is what stood on it, however long it lies open or in a draft.
 * @param {{ schema: Schema, doc: RecordDocument }} props */
function Form({ schema, doc }) {
  const key = `correct-${doc.name}`;
  const fields = formFields(entityOf(schema, doc.entity), false);
  const names = fields.map(({ name }) => name);
  const opened = useRef({ typed: Object.fromEntries(fields.map((field) => [field.name, typedOf(schema, field, doc.fields[field.name]?.shown)])), seen: seenOf(doc, names) }).current;
  const { form, change, isReady, stop, forget } = useDraft(key, /** @type {{ typed: Record<string, string>, seen: Record<string, string[]>, first: Record<string, string> }} */ ({ ...opened, first: opened.typed }));
  const ids = Object.fromEntries(names.map((name) => [name, `field-${name}`]));
  const { errors, isBusy, run, errorOf } = useSaving(ids, 'save');
  const [met, setMet] = useState(/** @type {string[]} */ ([])); // fields that somebody else wrote in meanwhile
  const changed = names.filter((name) => (form.typed[name] ?? '') !== (form.first[name] ?? ''));
  const save = () => run(async () => {
    stop();
    if (changed.length > 0) {
      const pick = (/** @type {Record<string, any>} */ from) => Object.fromEntries(changed.map((name) => [name, from[name] ?? '']));
      const [written] = await write([{ op: 'update', entity: doc.entity, record: doc.name, set: {}, set_typed: pick(form.typed), seen: Object.fromEntries(changed.map((name) => [name, form.seen[name] ?? []])) }], key);
      if (written.conflicts.length > 0) {
        setMet(written.conflicts);
        return;
      }
    }
    go(backFrom(doc));
  });
  if (met.length > 0) return html`<${Met} schema=${schema} doc=${doc} fields=${met} />`;
  if (!isReady) return null;
  return html`<form novalidate onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); save(); }}>
    <${ErrorSummary} errors=${errors} />
    ${fields.map((field) => (doc.fields[field.name]?.conflict
      ? html`<${Settle} key=${field.name} schema=${schema} doc=${doc} field=${field.name} onSettled=${() => {}} />`
      : html`<${SchemaControl} key=${field.name} schema=${schema} field=${field} id=${ids[field.name]} value=${form.typed[field.name] ?? ''} error=${errorOf(ids[field.name])}
          onValue=${(/** @type {string} */ value) => change({ ...form, typed: { ...form.typed, [field.name]: value } })} />`))}
    <div class="govuk-button-group"><button type="submit" class="govuk-button" id="save" disabled=${isBusy}>Save</button>
      <button type="button" class="teapot-link-button" onClick=${async () => { await forget(); go(backFrom(doc)); }}>Leave it as it was</button></div>
  </form>`;
}

/** Hides the record, with a reason; it can be brought back.  @param {{ schema: Schema, doc: RecordDocument }} props */
function TakeBack({ schema, doc }) {
  const [reason, setReason] = useState('');
  const { errors, setErrors, isBusy, run, errorOf } = useSaving({ reason: 'reason', retracted: 'reason' }, 'reason');
  const isHidden = doc.retracted?.hidden ?? false;
  const take = () => (reason === '' ? setErrors([{ id: 'reason', text: 'Say why' }])
    : run(async () => { await write([{ op: 'retract', entity: doc.entity, record: doc.name, set: { reason } }]); go(backFrom(doc)); }));
  const bring = () => run(async () => { await write([{ op: 'update', entity: doc.entity, record: doc.name, set: { retracted: null } }]); });
  if (isHidden) return html`<${ErrorSummary} errors=${errors} /><p class="govuk-body">This record was taken back and is not shown.</p><button type="button" class="govuk-button" disabled=${isBusy} onClick=${bring}>Bring it back</button>`;
  return html`<details class="govuk-details">
    <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Take this record back</span></summary>
    <form novalidate onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); take(); }}>
      <${ErrorSummary} errors=${errors} />
      <${Choice} id="reason" label="Why?" hint="It is hidden, not deleted, and can be brought back." value=${reason} onValue=${setReason} choices=${schema.lists.retraction ?? []} error=${errorOf('reason')} />
      <button type="submit" class="govuk-button govuk-button--warning" disabled=${isBusy}>Take it back</button>
    </form>
  </details>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const schema = useSchema();
  const { held, problem } = useHeld(`/api/record/${args[0]}`);
  const doc = /** @type {RecordDocument | null} */ (held);
  if (!doc || !schema) return html`<div class="teapot-form"><h1 class="govuk-heading-l">Correct a record</h1>${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}</div>`;
  const isFinal = entityOf(schema, doc.entity)?.final ?? true;
  const hasFields = formFields(entityOf(schema, doc.entity), false).some(({ name }) => name !== 'info');
  return html`<div class="teapot-form">
    <h1 class="govuk-heading-l">Correct a record</h1>
    <p class="govuk-body">${titleOf(schema, doc)}, ${doc.at_text}. <a class="govuk-link" href=${backFrom(doc)}>Back</a></p>
    ${isFinal && html`<p class="govuk-body">This is kept as it was said. Another one answers it.</p>`}
    ${!isFinal && !doc.retracted?.hidden && (hasFields ? html`<${Form} schema=${schema} doc=${doc} />` : html`<p class="govuk-body">What was written is not changed afterwards: take it back, and write it again.</p>`)}
    ${!isFinal && html`<${TakeBack} schema=${schema} doc=${doc} />`}
  </div>`;
}

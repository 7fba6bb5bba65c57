// Something new about one person: a need, a role, another name, a score.
import { useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { ErrorSummary } from '../parts/error_summary.mjs';
import { useDraft } from '../parts/draft.mjs';
import { PersonName, useSchema } from '../parts/record.mjs';
import { filled, useSaving, write } from '../parts/saving.mjs';
import { go } from '../router.mjs';
import { ScoreFields } from './score_form.mjs';
import { SchemaControl, formFields } from './schema_field.mjs';
import { entityOf } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */

const titles = /** @type {Record<string, string>} */ ({ contact: 'Add a contact or a note', need: 'Add a need', role: 'Add somebody who is there for them', alias: 'Add another name', score: 'Add a score' });

/** @param {{ entity: string, person: string, schema: Schema }} props */
function Form({ entity, person, schema }) {
  const key = `add-${entity}-${person}`;
  const { form, change, isReady, stop, forget } = useDraft(key, /** @type {Record<string, string>} */ ({}));
  const fields = formFields(entityOf(schema, entity), true);
  const ids = Object.fromEntries(fields.map(({ name }) => [name, `field-${name}`]));
  const { errors, isBusy, run, errorOf } = useSaving(ids, 'save');
  const [warnings, setWarnings] = useState(/** @type {string[]} */ ([]));
  const save = () => run(async () => {
    stop();
    const [written] = await write([{ op: 'create', entity, set: { person }, set_typed: filled(form) }], key);
    if (written.warnings.length > 0) setWarnings(written.warnings);
    else go(`/person/${person}`);
  });
  if (!isReady) return null;
  if (warnings.length > 0) {
    return html`<div class="govuk-inset-text" role="alert">It is saved. ${warnings.join(' ')}</div><p class="govuk-body"><a class="govuk-link" href=${`/person/${person}`}>Back to their page</a></p>`;
  }
  const controls = { schema, form, change, errorOf };
  return html`<form novalidate onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); save(); }}>
    <${ErrorSummary} errors=${errors} />
    ${entity === 'score' ? html`<${ScoreFields} ...${controls} />`
      : fields.map((field) => html`<${SchemaControl} key=${field.name} schema=${schema} field=${field} id=${ids[field.name]} value=${form[field.name] ?? ''} onValue=${(/** @type {string} */ value) => change({ [field.name]: value })} error=${errorOf(ids[field.name])} />`)}
    <div class="govuk-button-group"><button type="submit" class="govuk-button" id="save" disabled=${isBusy}>Save</button>
      <button type="button" class="teapot-link-button" onClick=${async () => { await forget(); go(`/person/${person}`); }}>Leave it</button></div>
  </form>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const [entity, person] = args;
  const schema = useSchema();
  const isKnown = entity in titles;
  return html`<div class="teapot-form">
    <h1 class="govuk-heading-l">${titles[entity] ?? 'There is no such page'}</h1>
    <p class="govuk-body">About <${PersonName} person=${person} isLink=${true} /></p>
    ${schema && isKnown && html`<${Form} entity=${entity} person=${person} schema=${schema} />`}
  </div>`;
}

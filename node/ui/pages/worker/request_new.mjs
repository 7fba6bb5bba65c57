// Take a help request: their words first, whatever it is for; no assessment (PH1).
import { html } from 'htm/preact';

import { useDraft } from '../parts/draft.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { Choice, TextArea, TextField } from '../parts/field.mjs';
import { PersonName, labelOf, useSchema } from '../parts/record.mjs';
import { filled, useSaving, write } from '../parts/saving.mjs';
import { go } from '../router.mjs';
import { DraftLine } from './draft_line.mjs';
import { PickPerson } from './pick_person.mjs';

const first = { words: '', person: '', who: '', name: '', place: '', callback: '', route: '', language: '', when: '' };
const ids = { words: 'words', name: 'name', place: 'place', callback: 'callback', route: 'route', language: 'language', asked_at: 'when' };

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const known = args[0] ?? '';
  const schema = useSchema();
  const key = known ? `request-${known}` : 'request-new';
  const { form, change, isReady, saved, stop } = useDraft(key, first);
  const { errors, setErrors, isBusy, run, errorOf } = useSaving(ids, 'save');
  const person = known || form.person;
  const text = (/** @type {keyof typeof first} */ field) => ({ value: form[field], onValue: (/** @type {string} */ value) => change({ [field]: value }) });

  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!form.words.trim()) { setErrors([{ id: 'words', text: 'Write what they ask for, in their own words' }]); return; }
    const { words, name, place, callback, route, language } = form;
    const is_done = await run(async () => {
      stop();
      const set = filled({ words, person, name: person ? '' : name, place, callback, route: route || 'worker', language });
      const [taken] = await write([{ op: 'create', entity: 'help_request', set, set_typed: filled({ asked_at: form.when }) }], key);
      go(`/recorded/${taken.record}`, { replace: true });
    });
    if (!is_done) change({});
  };
  if (!isReady) return html`<h1 class="govuk-heading-l">Take a help request</h1>`;
  return html`
    <${ErrorSummary} errors=${errors} />
    <h1 class="govuk-heading-l">Take a help request</h1>
    <form novalidate onSubmit=${save}>
      ${known && html`<p class="govuk-body">From <strong><${PersonName} person=${known} /></strong></p>`}
      <${TextArea} id="words" label="What do they ask for?" hint="In their own words, whatever it is for" ...${text('words')} error=${errorOf('words')} />
      ${!known && html`<${PickPerson} label="Who asks? (if you know them)" hint="Leave it empty if they would rather not say" form=${form} change=${change} />`}
      ${!person && html`<${TextField} id="name" label="What may we call them?" hint="Only if they want to say" ...${text('name')} error=${errorOf('name')} />`}
      <${TextField} id="callback" label="How do we find them?" hint="A place and a time, a phone, a friend" ...${text('callback')} error=${errorOf('callback')} />
      <details class="govuk-details teapot-more" open=${['place', 'when', 'route', 'language'].some(errorOf) || undefined}>
        <summary class="govuk-details__summary"><span class="govuk-details__summary-text">More: where and when they asked, how it came, language</span></summary>
        <div class="govuk-details__text">
          <${TextField} id="place" label="Where they asked" ...${text('place')} error=${errorOf('place')} />
          <${TextField} id="when" label="When they asked" hint="Leave it empty for now; else 20:05, or yesterday 21:30" width="20" ...${text('when')} error=${errorOf('when')} />
          <${TextField} id="language" label="Language they asked in" width="20" ...${text('language')} error=${errorOf('language')} />
          <${Choice} id="route" label="How it came" value=${form.route || 'worker'} choices=${(schema?.lists.route ?? []).map(({ code }) => ({ code, label: labelOf(schema, 'route', code) }))} onValue=${(/** @type {string} */ route) => change({ route })} error=${errorOf('route')} />
        </div>
      </details>
      <p class="govuk-body">You hold it until somebody else has accepted it.</p>
      <button type="submit" id="save" class="govuk-button teapot-big" disabled=${isBusy}>Take it</button>
      <${DraftLine} saved=${saved} />
    </form>`;
}

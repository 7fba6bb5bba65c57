// What may be shared: the wording, what they say to it, and what that means, in plain words (WA7).
// To stop sharing takes no more steps than to begin.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { post, useHeld } from '../api.mjs';
import { useDraft } from '../parts/draft.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { Choice, Choices, TextField } from '../parts/field.mjs';
import { Notice } from '../parts/notice.mjs';
import { ConsentSummary, PersonName, agencyLabel, allOf, kindWords, labelOf, shown, useSchema } from '../parts/record.mjs';
import { filled, useSaving, write } from '../parts/saving.mjs';
import { dayOf } from '../parts/when.mjs';
import { go } from '../router.mjs';
import { Wording, newestWordings } from './wording.mjs';
import { DraftLine } from './draft_line.mjs';

/** @typedef {import('../types.d.ts').ConsentPage} ConsentPage */
/** @typedef {import('../types.d.ts').ConsentPreview} ConsentPreview */
/** @typedef {import('../types.d.ts').Schema} Schema */

const first = {
  decision: '', part: 'all', agencies: /** @type {string[]} */ ([]), kinds: /** @type {string[]} */ ([]), purposes: /** @type {string[]} */ ([]),
  how: 'spoken', capacity: '', wording: '', ends: '', given_by: '',
};
/** @typedef {typeof first} Form */
const ids = { decision: 'decision', agencies: 'agencies', kinds: 'kinds', purposes: 'purposes', how: 'how', capacity: 'capacity', wording: 'wording', ends_on: 'ends', given_by: 'given-by' };
const PREVIEW_MS = 150;

const isPart = (/** @type {Form} */ form) => form.decision === 'given' || form.part === 'some';

/** The consent event that the form says; null while something is missing.  @param {Form} form @param {Schema | null} schema */
function eventOf(form, schema) {
  const wording = newestWordings(schema).find(({ id, version }) => `${id}:${version}` === form.wording);
  const { decision, how } = form;
  const every = ['*'];
  const asked = isPart(form) ? form : { agencies: every, kinds: every, purposes: every };
  // Where somebody takes back a part, what they did not name means all of it.
  const or_all = (/** @type {string[]} */ list) => (list.length === 0 && decision !== 'given' ? every : list);
  return filled({
    decision, agencies: or_all(asked.agencies), kinds: or_all(asked.kinds), purposes: or_all(asked.purposes), how, capacity: form.capacity,
    wording: wording?.id, wording_version: wording?.version, given_by: form.given_by,
  });
}

/** @param {Form} form */
function missingOf(form) {
  const errors = [];
  if (!form.decision) errors.push({ id: 'decision', text: 'Choose what they said' });
  if (form.decision === 'given' && form.agencies.length === 0) errors.push({ id: 'agencies', text: 'Tick who may know' });
  if (form.decision === 'given' && form.kinds.length === 0) errors.push({ id: 'kinds', text: 'Tick what they may know' });
  if (form.decision === 'given' && form.purposes.length === 0) errors.push({ id: 'purposes', text: 'Tick what it is for' });
  if (form.part === 'some' && form.decision && form.decision !== 'given' && form.agencies.length + form.kinds.length + form.purposes.length === 0) {
    errors.push({ id: 'agencies', text: 'Tick who is not to know, or what is not to be known' });
  }
  if (form.decision && !form.capacity) errors.push({ id: 'capacity', text: 'Say whether you believe that they can decide this' });
  return errors;
}

// ---- What it means ----

/** @param {string} person @param {Record<string, any> | null} set @param {string} ends */
function usePreview(person, set, ends) {
  const [preview, setPreview] = useState(/** @type {ConsentPreview | null} */ (null));
  const text = set && JSON.stringify({ person, set, set_typed: filled({ ends_on: ends }) });
  useEffect(() => {
    let isCurrent = true;
    if (!text) { setPreview(null); return undefined; }
    const timer = setTimeout(() => post('/api/consent/preview', JSON.parse(text)).then((held) => { if (isCurrent) setPreview(held); }, () => { if (isCurrent) setPreview(null); }), PREVIEW_MS);
    return () => { isCurrent = false; clearTimeout(timer); };
  }, [text]);
  return preview;
}

/** @param {{ preview: ConsentPreview | null, schema: Schema | null }} props */
function Meaning({ preview, schema }) {
  if (!preview) return html`<div class="teapot-meaning" role="status"></div>`;
  const sees = preview.sees.filter(({ kinds }) => kinds.length > 0);
  const not = (schema?.agencies ?? []).filter(({ id }) => !sees.some(({ agency }) => agency === id)).map(({ label }) => label);
  const words = (/** @type {string[]} */ codes, /** @type {string} */ list) => allOf(codes.map((code) => labelOf(schema, list, code).toLowerCase()));
  const known = (/** @type {string[]} */ kinds) => allOf(kinds.map((code) => kindWords(schema, code)));
  return html`<div class="teapot-meaning" role="status">
    <h2 class="govuk-heading-m">What this means</h2>
    <ul class="govuk-list govuk-list--bullet">
      ${sees.map(({ agency, label, kinds, purposes }) => html`<li key=${agency}><strong>${label}</strong> will see: ${known(kinds)}${purposes?.length ? ` (for ${words(purposes, 'purpose')})` : ''}.</li>`)}
      ${not.length > 0 && html`<li><strong>${allOf(not)}</strong> will not see anything.</li>`}
    </ul>
    <p class="govuk-body">${preview.summary}</p>
    ${preview.warns.map((text) => html`<p class="govuk-inset-text" key=${text}>${text}</p>`)}
  </div>`;
}

// ---- The form ----

/** @param {{ form: Form, change: (part: Partial<Form>) => void, errorOf: (id: string) => string | undefined, schema: Schema | null }} props */
function Which({ form, change, errorOf, schema }) {
  const isGiven = form.decision === 'given';
  const agencies = (schema?.agencies ?? []).filter(({ under_agreement }) => under_agreement || !isGiven).map(({ id, label }) => ({ code: id, label }));
  return html`
    <${Choices} id="agencies" label=${isGiven ? 'Who may know?' : 'Who is not to know?'} hint=${isGiven ? 'Only who is ticked' : 'Nobody ticked: nobody at all may know what is ticked below'} values=${form.agencies} choices=${agencies}
      onValues=${(/** @type {string[]} */ values) => change({ agencies: values })} error=${errorOf('agencies')} />
    <${Choices} id="kinds" label=${isGiven ? 'What may they know?' : 'What is not to be known?'} hint=${isGiven ? 'Their name and everyday notes go with it' : 'Nothing ticked: nothing at all'} values=${form.kinds}
      choices=${(schema?.lists.kind ?? []).filter(({ code }) => code !== 'general')} onValues=${(/** @type {string[]} */ values) => change({ kinds: values })} error=${errorOf('kinds')} />
    <${Choices} id="purposes" label=${isGiven ? 'What for?' : 'What is it not for?'} hint=${isGiven ? '' : 'Nothing ticked: not for anything'} values=${form.purposes} choices=${schema?.lists.purpose ?? []}
      onValues=${(/** @type {string[]} */ values) => change({ purposes: values })} error=${errorOf('purposes')} />
    ${isGiven && html`<${TextField} id="ends" label="Until when? (if they say)" hint="The last day: 31/12, or 31 March 2027" width="20" value=${form.ends} onValue=${(/** @type {string} */ ends) => change({ ends })} error=${errorOf('ends')} />`}`;
}

/** @param {{ held: ConsentPage, schema: Schema | null }} props */
function Before({ held, schema }) {
  if (held.events.length === 0) return null;
  const list = (/** @type {any} */ codes, /** @type {string} */ name) => (codes?.includes('*') ? 'everything' : allOf((codes ?? []).map((/** @type {string} */ code) => labelOf(schema, name, code).toLowerCase())));
  const who = (/** @type {any} */ codes) => (codes?.includes('*') ? 'everybody' : allOf((codes ?? []).map((/** @type {string} */ id) => agencyLabel(schema, id))));
  return html`<details class="govuk-details">
    <summary class="govuk-details__summary"><span class="govuk-details__summary-text">What they said before (${held.events.length})</span></summary>
    <ul class="govuk-details__text govuk-list">${held.events.map((event) => (event.bare ? html`<li key=${event.name}>An answer whose details are not held here</li>` : html`<li key=${event.name}>
      <strong>${labelOf(schema, 'decision', shown(event, 'decision'))}</strong>, ${event.at_text}${event.worker ? `, written down by ${event.worker}` : ''}: that ${who(shown(event, 'agencies'))} may know ${list(shown(event, 'kinds'), 'kind')}${shown(event, 'ends_on') ? `, until ${dayOf(`${shown(event, 'ends_on')}T12:00Z`)}` : ''}
      ${event.overruled_by && html` <strong class="govuk-tag teapot-tag">Overruled by a no</strong>`}
    </li>`))}</ul>
  </details>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const person = args[0];
  const schema = useSchema();
  const key = `consent-${person}`;
  const answer = useHeld(`/api/person/${person}/consent`);
  const held = /** @type {ConsentPage | null} */ (answer.held);
  const { form, change, isReady, saved, stop } = useDraft(key, first);
  const { errors, setErrors, isBusy, run, errorOf } = useSaving(ids, 'save');
  const set = eventOf(form, schema);
  const isWhole = missingOf(form).length === 0;
  const preview = usePreview(person, isWhole ? set : null, form.ends);
  const title = html`<h1 class="govuk-heading-l">What may be shared</h1>`;
  if (!held || !isReady) return html`${title}${answer.problem && html`<${Notice} kind="trouble">${answer.problem.message}</${Notice}>`}`;

  const isGivenNow = held.rows.some(({ effective }) => effective === 'given');
  const decisions = [
    { code: 'given', label: 'Yes, to what we tick' },
    { code: 'refused', label: 'No' },
    ...(isGivenNow || form.decision === 'withdrawn' ? [{ code: 'withdrawn', label: 'No longer: stop sharing' }] : []),
  ];
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const missing = missingOf(form);
    if (missing.length > 0) { setErrors(missing); return; }
    const page = filled({ in_sight: held.in_sight, persons: held.persons.length > 1 ? held.persons : [] });
    const is_done = await run(async () => {
      stop();
      const [said] = await write([{ op: 'create', entity: 'consent', set: { person, ...set, ...page }, set_typed: filled({ ends_on: form.decision === 'given' ? form.ends : '' }) }], key);
      go(`/recorded/${said.record}`, { replace: true });
    });
    if (!is_done) change({});
  };
  return html`
    <${ErrorSummary} errors=${errors} />
    ${title}
    <p class="govuk-body">Of <strong><${PersonName} person=${person} isLink=${true} /></strong></p>
    <${ConsentSummary} schema=${schema} summary=${held.summary} kind="govuk-inset-text" />
    <${Before} held=${held} schema=${schema} />
    <form novalidate onSubmit=${save}>
      <${Choice} id="decision" label="What do they say?" value=${form.decision} choices=${decisions} onValue=${(/** @type {string} */ decision) => change({ decision })} error=${errorOf('decision')} />
      ${form.decision && form.decision !== 'withdrawn' && html`<${Wording} schema=${schema} person=${person} value=${form.wording} onValue=${(/** @type {string} */ wording) => change({ wording })} />`}
      ${form.decision && form.decision !== 'given' && html`<${Choice} id="part" label="To all of it?" value=${form.part} onValue=${(/** @type {string} */ part) => change({ part })}
        choices=${[{ code: 'all', label: 'Nothing is shared with anybody' }, { code: 'some', label: 'Only with some, or only some things' }]} />`}
      ${form.decision && isPart(form) && html`<${Which} form=${form} change=${change} errorOf=${errorOf} schema=${schema} />`}
      ${form.decision && html`
        <${Choice} id="how" label="How did they say it?" inline=${true} value=${form.how} choices=${(schema?.lists.how ?? []).filter(({ code }) => code !== 'kiosk')} onValue=${(/** @type {string} */ how) => change({ how })} error=${errorOf('how')} />
        <${Choice} id="capacity" label="Can they decide this, as you see it?" hint=${form.decision === 'given' ? 'Without that, a yes is kept and shares nothing.' : 'Their no counts whatever you say here.'} value=${form.capacity} choices=${schema?.lists.capacity ?? []} onValue=${(/** @type {string} */ capacity) => change({ capacity })} error=${errorOf('capacity')} />
        <${TextField} id="given-by" label="Did somebody say it for them, or with them? Who?" width="20" value=${form.given_by} onValue=${(/** @type {string} */ given_by) => change({ given_by })} error=${errorOf('given-by')} />
        <${Meaning} preview=${preview} schema=${schema} />`}
      <button type="submit" id="save" class="govuk-button teapot-big" disabled=${isBusy}>Record what they said</button>
      <${DraftLine} saved=${saved} />
    </form>`;
}

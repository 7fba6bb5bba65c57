// Record a contact: with somebody known, or with somebody nobody knows yet; a sentence is enough.
import { html } from 'htm/preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { post } from '../api.mjs';
import { Cards } from '../parts/card.mjs';
import { useDraft } from '../parts/draft.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { Choice, Choices, TextArea, TextField } from '../parts/field.mjs';
import { PersonName, useSchema } from '../parts/record.mjs';
import { filled, useSaving, write } from '../parts/saving.mjs';
import { go } from '../router.mjs';
import { DraftLine } from './draft_line.mjs';
import { FindPeople } from './find_people.mjs';

/** @typedef {import('../types.d.ts').Card} Card */
/** @typedef {import('../types.d.ts').Change} Change */
/** @typedef {import('../types.d.ts').Schema} Schema */

const first = {
  who: '', is: 'name', person: '', look: '', note: '',
  place: '', kind: '', when: '', own_words: '', rough_sleeping: '', info: /** @type {string[]} */ ([]),
};
/** @typedef {typeof first} Form */
const LOOK_CHARACTERS_MAX = 140; // of a sentence that also says how to know somebody again
const ids = {
  note: 'note', place: 'place', kind: 'kind', happened_at: 'when', own_words: 'own-words', rough_sleeping: 'rough-sleeping', info: 'info',
  preferred_name: 'who', description: 'look',
};

/**
 * What is known of somebody new.  Where nothing was said of who it was, the sentence itself is how to know
 * them again; never where it is about more than everybody may see.
 * @param {Form} form
 */
function somebodyNew(form) {
  const said = form.who.trim();
  const look = form.look.trim() || (form.is === 'look' ? said : '');
  const name = form.is === 'name' ? said : '';
  return filled({ preferred_name: name, description: look || (name || form.info.length > 0 ? '' : form.note.trim().slice(0, LOOK_CHARACTERS_MAX)) });
}

/** @param {Form} form @param {string} person  of whom; "": somebody new @returns {Change[]} */
function changesOf(form, person) {
  const { note, place, kind, own_words, rough_sleeping, info } = form;
  /** @type {Change} */
  const contact = {
    op: 'create', entity: 'contact',
    set: { person: person || '@0', ...filled({ note, place, kind, own_words, rough_sleeping, info }) },
    set_typed: filled({ happened_at: form.when }),
  };
  return person ? [contact] : [{ op: 'create', entity: 'person', set: somebodyNew(form) }, contact];
}

/** What is missing, in the order of the form.  @param {Form} form @param {string} person */
function missingOf(form, person) {
  const errors = [];
  if (!person && form.info.length > 0 && Object.keys(somebodyNew(form)).length === 0) {
    errors.push({ id: 'who', text: 'Say who it was, or how to know them again' });
  }
  if (!form.note.trim()) errors.push({ id: 'note', text: 'Write what happened; a sentence is enough' });
  return errors;
}

/** @param {{ form: Form, change: (part: Partial<Form>) => void, errorOf: (id: string) => string | undefined, schema: Schema | null }} props */
function More({ form, change, errorOf, schema }) {
  const used = [form.place, form.kind, form.when, form.own_words, form.rough_sleeping].filter(Boolean).length + form.info.length;
  const list = (/** @type {string} */ name) => [{ code: '', label: 'Not said' }, ...(schema?.lists[name] ?? [])];
  const hasTrouble = ['place', 'kind', 'when', 'own-words', 'rough-sleeping', 'info'].some(errorOf);
  return html`<details class="govuk-details teapot-more" open=${hasTrouble || undefined}>
    <summary class="govuk-details__summary"><span class="govuk-details__summary-text">More: place, time, their own words${used > 0 ? ` (${used} filled in)` : ''}</span></summary>
    <div class="govuk-details__text">
      <${TextField} id="place" label="Place" hint="As you would say it" value=${form.place} onValue=${(/** @type {string} */ place) => change({ place })} error=${errorOf('place')} />
      <${TextField} id="when" label="When" hint="Leave it empty for now; else 20:05, or yesterday 21:30" value=${form.when} onValue=${(/** @type {string} */ when) => change({ when })} error=${errorOf('when')} width="20" />
      <${TextArea} id="own-words" label="In their own words" hint="As they said it" rows=${3} value=${form.own_words} onValue=${(/** @type {string} */ own_words) => change({ own_words })} error=${errorOf('own-words')} />
      <${Choice} id="kind" label="Kind of contact" value=${form.kind} choices=${list('contact_kind')} onValue=${(/** @type {string} */ kind) => change({ kind })} error=${errorOf('kind')} />
      <${Choice} id="rough-sleeping" label="Rough sleeping" value=${form.rough_sleeping} choices=${list('rough_sleeping')} onValue=${(/** @type {string} */ rough_sleeping) => change({ rough_sleeping })} error=${errorOf('rough-sleeping')} />
      <${Choices} id="info" label="What it is about" hint="Only who may see all of these sees it. Tick nothing for what everybody who helps may know." values=${form.info}
        choices=${(schema?.lists.kind ?? []).filter(({ code }) => code !== 'general')} onValues=${(/** @type {string[]} */ info) => change({ info })} error=${errorOf('info')} />
    </div>
  </details>`;
}

/** @param {{ form: Form, change: (part: Partial<Form>) => void, errorOf: (id: string) => string | undefined }} props */
function Who({ form, change, errorOf }) {
  if (form.person) {
    return html`<div class="teapot-picked">
      <p class="govuk-body" role="status">With <strong><${PersonName} person=${form.person} /></strong></p>
      <button type="button" class="govuk-button govuk-button--secondary" onClick=${() => change({ person: '' })}>It was somebody else</button>
    </div>`;
  }
  const said = form.who.trim();
  return html`
    <${FindPeople} id="who" label="Who was it?" hint="A name, a street name or how they look. Leave it empty if you do not know." value=${form.who} onValue=${(/** @type {string} */ who) => change({ who })}
      onPick=${(/** @type {Card} */ card) => change({ person: card.name })} error=${errorOf('who')} nobody="Nobody here fits that; they will be written down as somebody new." />
    ${said && html`
      <${Choice} id="said" label=${`If it is somebody new: “${said}” is`} value=${form.is} inline=${true} choices=${[{ code: 'name', label: 'what they are called' }, { code: 'look', label: 'how they look' }]}
        onValue=${(/** @type {string} */ is) => change({ is })} />
      ${form.is === 'name' && html`<${TextField} id="look" label="How to know them again (if you like)" value=${form.look} onValue=${(/** @type {string} */ look) => change({ look })} error=${errorOf('look')} />`}`}`;
}

/** Before somebody new is made.  @param {{ cards: Card[], onPick: (card: Card) => void, onNew: () => void, onBack: () => void, isBusy: boolean }} props */
function IsItOneOfThese({ cards, onPick, onNew, onBack, isBusy }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => { heading.current?.focus(); scrollTo(0, 0); }, []);
  return html`
    <h1 class="govuk-heading-l" tabindex="-1" ref=${heading}>Is it one of these?</h1>
    <p class="govuk-body">Two records of one person are hard to work with. Pick them if you know them.</p>
    <${Cards} cards=${cards} onPick=${onPick} label="Who it may be" />
    <div class="govuk-button-group">
      <button type="button" class="govuk-button" disabled=${isBusy} onClick=${onNew}>No, somebody new</button>
      <button type="button" class="govuk-button govuk-button--secondary" onClick=${onBack}>Back to what I wrote</button>
    </div>`;
}

/** The cursor stands where the sentence goes: who has nothing else to say taps nothing else.
 * @param {boolean} isThere  the form is shown, and nothing is wrong with it @param {string} picked */
function useCursor(isThere, picked) {
  const before = useRef(picked);
  useEffect(() => {
    if (isThere) document.getElementById(before.current && !picked ? 'who' : 'note')?.focus();
    before.current = picked;
  }, [isThere, picked]);
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const known = args[0] ?? '';
  const schema = useSchema();
  const key = known ? `contact-${known}` : 'contact-new';
  const { form, change, isReady, saved, stop } = useDraft(key, first);
  const { errors, setErrors, isBusy, run, errorOf } = useSaving(ids, 'save');
  const [may_be, setMayBe] = useState(/** @type {Card[] | null} */ (null));
  const person = known || form.person;
  useCursor(isReady && !may_be && errors.length === 0, form.person);

  const record = (/** @type {string} */ of_whom) => run(async () => {
    stop();
    const results = await write(changesOf(form, of_whom), key);
    go(`/recorded/${results[results.length - 1].record}`, { replace: true });
  }).then((is_done) => { if (!is_done) { setMayBe(null); change({}); } });
  const look = async () => {
    /** @type {Card[]} */
    let people = [];
    const is_asked = await run(async () => { ({ people } = await post('/api/may-be', { set: somebodyNew(form) })); });
    if (is_asked && people.length > 0) setMayBe(people);
    else if (is_asked) await record('');
  };
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const missing = missingOf(form, person);
    if (missing.length > 0) { setErrors([...missing]); return; }
    if (person) record(person);
    else look();
  };
  const pick = (/** @type {Card} */ card) => { change({ person: card.name }); record(card.name); };

  if (!isReady) return html`<h1 class="govuk-heading-l">Record a contact</h1>`;
  if (may_be) return html`<${IsItOneOfThese} cards=${may_be} onPick=${pick} onNew=${() => record('')} onBack=${() => setMayBe(null)} isBusy=${isBusy} />`;
  return html`
    <${ErrorSummary} errors=${errors} />
    <h1 class="govuk-heading-l">Record a contact</h1>
    <form novalidate onSubmit=${save}>
      ${known ? html`<p class="govuk-body">With <strong><${PersonName} person=${known} /></strong></p>` : html`<${Who} form=${form} change=${change} errorOf=${errorOf} />`}
      <${TextArea} id="note" label="What happened?" hint=${person ? '' : 'A sentence is enough; how to know them again helps'} value=${form.note} onValue=${(/** @type {string} */ note) => change({ note })} error=${errorOf('note')} />
      <${More} form=${form} change=${change} errorOf=${errorOf} schema=${schema} />
      <button type="submit" id="save" class="govuk-button teapot-big" disabled=${isBusy}>Record it</button>
      <${DraftLine} saved=${saved} />
    </form>`;
}

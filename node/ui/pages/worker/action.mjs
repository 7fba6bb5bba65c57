// Actions: doable and specific, owned by somebody, tracked to done (WA5).
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { useHeld } from '../api.mjs';
import { useDraft } from '../parts/draft.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { Select, TextArea, TextField } from '../parts/field.mjs';
import { Notice } from '../parts/notice.mjs';
import { NameOfWhom, PersonName, WhereItIs, holderWords, labelOf, seenOf, shown, useSchema } from '../parts/record.mjs';
import { filled, useSaving, write } from '../parts/saving.mjs';
import { dayOf } from '../parts/when.mjs';
import { go } from '../router.mjs';
import { DraftLine } from './draft_line.mjs';
import { Holders } from './holders.mjs';
import { PickPerson } from './pick_person.mjs';
import { Act, HandOver, offersOf } from './request.mjs';
import { isMine, isOfferedHere } from './requests.mjs';

/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {import('../types.d.ts').PageProps} PageProps */

// ---- A new one ----

const first = { what: '', due: '', person: '', who: '', agency: '', worker: '' };

/** @param {PageProps} props */
export function NewAction({ session, args }) {
  const known = args[0] ?? '';
  const schema = useSchema();
  const key = known ? `action-${known}` : 'action-new';
  const { form, change, isReady, saved, stop } = useDraft(key, first);
  const { errors, setErrors, isBusy, run, errorOf } = useSaving({ what: 'what', due_on: 'due', owner: 'agency' }, 'save');
  const text = (/** @type {keyof typeof first} */ field) => ({ value: form[field], onValue: (/** @type {string} */ value) => change({ [field]: value }) });
  const own = session.agency.id;
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!form.what.trim()) { setErrors([{ id: 'what', text: 'Write what is to be done' }]); return; }
    const owner = form.agency && form.agency !== own ? filled({ agency: form.agency, worker: form.worker }) : { agency: own, worker: form.worker.trim() || session.worker };
    const is_done = await run(async () => {
      stop();
      const set = filled({ what: form.what, person: known || form.person, owner });
      const [made] = await write([{ op: 'create', entity: 'action', set, set_typed: filled({ due_on: form.due }) }], key);
      go(`/recorded/${made.record}`, { replace: true });
    });
    if (!is_done) change({});
  };
  if (!isReady) return html`<h1 class="govuk-heading-l">Add an action</h1>`;
  return html`
    <${ErrorSummary} errors=${errors} />
    <h1 class="govuk-heading-l">Add an action</h1>
    <form novalidate onSubmit=${save}>
      ${known && html`<p class="govuk-body">For <strong><${PersonName} person=${known} /></strong></p>`}
      <${TextArea} id="what" label="What is to be done?" hint="Something that can be done, and be seen to be done" rows=${2} ...${text('what')} error=${errorOf('what')} />
      ${!known && html`<${PickPerson} label="For whom? (if it is about somebody)" form=${form} change=${change} />`}
      <${TextField} id="due" label="By when?" hint="Tomorrow, Friday, 12/7; leave it empty if no day is set" width="20" ...${text('due')} error=${errorOf('due')} />
      <${Select} id="agency" label="Who does it?" value=${form.agency || own} onValue=${(/** @type {string} */ agency) => change({ agency })} error=${errorOf('agency')}
        choices=${schema?.agencies.length ? schema.agencies.map(({ id, label }) => ({ code: id, label })) : [{ code: own, label: session.agency.label }]} />
      <${TextField} id="worker-there" label=${form.agency && form.agency !== own ? 'Who there? (if you know)' : 'Who of us? (empty: you)'} width="20" ...${text('worker')} />
      <button type="submit" id="save" class="govuk-button teapot-big" disabled=${isBusy}>Add it</button>
      <${DraftLine} saved=${saved} />
    </form>`;
}

// ---- One that is there ----

/** @param {RecordDocument} doc @param {Record<string, any>} set */
const update = (doc, set) => write([{ op: 'update', entity: 'action', record: doc.name, set, seen: seenOf(doc, Object.keys(set)) }]);

/** @param {{ doc: RecordDocument, onDone: (words: string) => Promise<void>, onBack: () => void }} props */
function Done({ doc, onDone, onBack }) {
  const [note, setNote] = useState(shown(doc, 'done_note') ?? '');
  const { errors, isBusy, run, errorOf } = useSaving({ done_note: 'done-note' }, 'act');
  const submit = () => run(async () => { await update(doc, { status: 'done', ...filled({ done_note: note }) }); await onDone('It is done.'); });
  return html`<${Act} title="Done" label="It is done" errors=${errors} isBusy=${isBusy} onSubmit=${submit} onBack=${onBack}>
    <${TextArea} id="done-note" label="What came of it? (if you like)" hint="What went well helps the next one" rows=${3} value=${note} onValue=${setNote} error=${errorOf('done-note')} />
  </${Act}>`;
}

/** @param {PageProps} props */
export function Action({ session, args }) {
  const schema = useSchema();
  const [act, setAct] = useState('');
  const [done, setDone] = useState('');
  const { held, problem, again } = useHeld(`/api/record/${args[0]}`);
  const { errors, isBusy, run } = useSaving({}, 'at-once');
  const doc = /** @type {RecordDocument | null} */ (held);
  if (!doc) return html`<h1 class="govuk-heading-l">Action</h1>${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}`;
  const status = shown(doc, 'status') ?? 'open';
  const at_once = (/** @type {Record<string, any>} */ set, /** @type {string} */ words) => () => run(async () => { await update(doc, set); await again(); setDone(words); });
  const begin = (/** @type {string} */ code) => () => { setDone(''); setAct(code); };
  const end = { onDone: async (/** @type {string} */ words) => { await again(); setAct(''); setDone(words); }, onBack: () => setAct('') };
  const button = (/** @type {string} */ label, /** @type {() => unknown} */ call, is_first = false) => html`<button type="button" class="govuk-button ${is_first ? '' : 'govuk-button--secondary'}" disabled=${isBusy} onClick=${call}>${label}</button>`;
  const is_mine = isMine(doc, 'owner', session);
  const rows = [
    ['For', doc.person ? html`<${NameOfWhom} doc=${doc} isLink=${true} />` : ''],
    ['By when', shown(doc, 'due_on') ? dayOf(`${shown(doc, 'due_on')}T12:00Z`) : 'No day set'],
    ['Status', labelOf(schema, 'action_status', status)],
    ['Who does it', holderWords(schema, shown(doc, 'owner'))],
    ['Offered to', offersOf(doc, 'owner').map((value) => holderWords(schema, value)).join(', ')],
    ['What came of it', shown(doc, 'done_note')],
  ].filter(([, value]) => value);
  return html`
    <h1 class="govuk-heading-l">Action</h1>
    <p class="teapot-words teapot-words--first">${shown(doc, 'what') ?? ''}</p>
    <${ErrorSummary} errors=${errors} />
    ${done && html`<${Notice} kind="done">${done}</${Notice}>`}
    ${act === 'done' && html`<${Done} doc=${doc} ...${end} />`}
    ${act === 'hand_over' && html`<${HandOver} doc=${doc} schema=${schema} session=${session} field="owner" ...${end} />`}
    ${!act && html`<div class="govuk-button-group" id="at-once" tabindex="-1">
      ${status === 'open' && button('Start it', at_once({ status: 'doing' }, 'It is being done.'), is_mine)}
      ${status !== 'done' && button('Done', begin('done'), is_mine && status === 'doing')}
      ${status !== 'done' && !is_mine && button(isOfferedHere(doc, 'owner', session) ? 'Accept it: I do it' : 'I take it on', at_once({ owner: { agency: session.agency.id, worker: session.worker } }, 'It is yours now.'))}
      ${status !== 'done' && button('Hand it over', begin('hand_over'))}
      ${status === 'done' && button('Open it again', at_once({ status: 'open' }, 'It is open again.'))}
    </div>`}
    <dl class="govuk-summary-list">${rows.map(([label, value]) => html`<div class="govuk-summary-list__row" key=${label}>
      <dt class="govuk-summary-list__key">${label}</dt><dd class="govuk-summary-list__value">${value}</dd></div>`)}</dl>
    <${Holders} doc=${doc} schema=${schema} />
    <${WhereItIs} doc=${doc} />`;
}

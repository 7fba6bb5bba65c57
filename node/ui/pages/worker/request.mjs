// One help request: their words, who holds it, and what can be done with it.
import { html } from 'htm/preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

import { useHeld } from '../api.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { Select, TextArea, TextField } from '../parts/field.mjs';
import { Notice } from '../parts/notice.mjs';
import { NameOfWhom, WhereItIs, agencyLabel, holderWords, labelOf, seenOf, shown, useSchema } from '../parts/record.mjs';
import { filled, useSaving, write } from '../parts/saving.mjs';
import { Holders } from './holders.mjs';
import { Code } from './recorded.mjs';
import { isMine, isOfferedHere } from './requests.mjs';

/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').Session} Session */
/** @typedef {{ doc: RecordDocument, schema: Schema | null, session: Session, onDone: (words: string) => Promise<void>, onBack: () => void }} ActProps  onDone: what was written is shown then */

/** Writes these fields, in sight of what stood on the page.  @param {RecordDocument} doc @param {Record<string, any>} set */
const update = (doc, set) => write([{ op: 'update', entity: doc.entity, record: doc.name, set, seen: seenOf(doc, Object.keys(set)) }]);

/** The frame of a small form that was opened by a button: it gets the focus.
 * @param {{ title: string, label: string, errors: import('../types.d.ts').FieldError[], isBusy: boolean, onSubmit: () => void, onBack: () => void, children?: any }} props */
export function Act({ title, label, errors, isBusy, onSubmit, onBack, children }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => { heading.current?.focus(); }, []);
  return html`<form novalidate class="teapot-act" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); onSubmit(); }}>
    <${ErrorSummary} errors=${errors} />
    <h2 class="govuk-heading-m" tabindex="-1" ref=${heading}>${title}</h2>
    ${children}
    <div class="govuk-button-group">
      <button type="submit" id="act" class="govuk-button" disabled=${isBusy}>${label}</button>
      <button type="button" class="govuk-button govuk-button--secondary" onClick=${onBack}>Not now</button>
    </div>
  </form>`;
}

/** @param {ActProps & { isAnswer: boolean }} props */
function Answer({ doc, onDone, onBack, isAnswer }) {
  const [answer, setAnswer] = useState(shown(doc, 'answer') ?? '');
  const [reply, setReply] = useState(shown(doc, 'reply') ?? '');
  const { errors, setErrors, isBusy, run, errorOf } = useSaving({ answer: 'answer', reply: 'reply' }, 'act');
  const submit = () => {
    if (isAnswer && !answer.trim()) { setErrors([{ id: 'answer', text: 'Write what became of it' }]); return; }
    const said = { reply: reply.trim() || null };
    run(async () => {
      await update(doc, isAnswer ? { status: 'answered', answer: answer.trim(), ...said } : said);
      await onDone(isAnswer ? 'It is answered.' : 'Whoever has the code is told so.');
    });
  };
  return html`<${Act} title=${isAnswer ? 'Answer it' : 'What to tell the person'} label="Save" errors=${errors} isBusy=${isBusy} onSubmit=${submit} onBack=${onBack}>
    ${isAnswer && html`<${TextArea} id="answer" label="What became of it?" hint="For workers" rows=${3} value=${answer} onValue=${setAnswer} error=${errorOf('answer')} />`}
    <${TextArea} id="reply" label="What to tell the person" hint="All that is shown to whoever has the code, at a kiosk too. Plain words; nothing that a stranger must not read." rows=${3} value=${reply} onValue=${setReply} error=${errorOf('reply')} />
  </${Act}>`;
}

/** @param {ActProps & { field: string }} props */
export function HandOver({ doc, schema, session, onDone, onBack, field }) {
  const [agency, setAgency] = useState('');
  const [worker, setWorker] = useState('');
  const { errors, setErrors, isBusy, run, errorOf } = useSaving({ [field]: 'agency' }, 'agency');
  const others = (schema?.agencies ?? []).filter(({ id }) => id !== session.agency.id).map(({ id, label, under_agreement }) => ({ code: id, label: under_agreement ? label : `${label} (no agreement in force)` }));
  const submit = () => {
    if (!agency) { setErrors([{ id: 'agency', text: 'Choose whom to offer it to' }]); return; }
    run(async () => {
      await update(doc, { [field]: filled({ agency, worker }) });
      await onDone(`It is offered to ${agencyLabel(schema, agency)}. You hold it until they accept.`);
    });
  };
  return html`<${Act} title="Hand it over" label="Offer it" errors=${errors} isBusy=${isBusy} onSubmit=${submit} onBack=${onBack}>
    <p class="govuk-body">You hold it until they accept.</p>
    <${Select} id="agency" label="To which agency?" none="Choose one" value=${agency} onValue=${setAgency} choices=${others} error=${errorOf('agency')} />
    <${TextField} id="worker-there" label="To whom there? (if you know)" value=${worker} onValue=${setWorker} width="20" />
  </${Act}>`;
}

/** @param {ActProps} props */
function Withdraw({ doc, onDone, onBack }) {
  const { errors, isBusy, run } = useSaving({}, 'act');
  const submit = () => run(async () => { await update(doc, { status: 'withdrawn' }); await onDone('They no longer ask for it. It can be opened again.'); });
  return html`<${Act} title="They no longer ask for it?" label="Yes, they said so themselves" errors=${errors} isBusy=${isBusy} onSubmit=${submit} onBack=${onBack}>
    <p class="govuk-body">Only the person withdraws what they asked for. If they did not come, find out why.</p>
  </${Act}>`;
}

/** What was asked, by whom, how to reach them.  @param {{ doc: RecordDocument, schema: Schema | null }} props */
function Facts({ doc, schema }) {
  const rows = [
    ['Who', doc.person ? html`<${NameOfWhom} doc=${doc} isLink=${true} />` : shown(doc, 'name') ?? 'They did not say'],
    ['Asked', doc.at_text],
    ['Where', shown(doc, 'place')],
    ['Find them', shown(doc, 'callback')],
    ['Came by', labelOf(schema, 'route', shown(doc, 'route'))],
    ['Language', shown(doc, 'language')],
    ['Status', labelOf(schema, 'request_status', shown(doc, 'status') ?? 'open')],
    ['Held by', holderWords(schema, shown(doc, 'holder')) + (doc.fields.holder?.unconfirmed ? ' (the hub has not confirmed it yet)' : '')],
    ['Offered to', offersOf(doc, 'holder').map((value) => holderWords(schema, value)).join(', ')],
    ['What became of it', shown(doc, 'answer')],
    ['To tell the person', shown(doc, 'reply')],
  ].filter(([, value]) => value);
  return html`<dl class="govuk-summary-list">${rows.map(([label, value]) => html`<div class="govuk-summary-list__row" key=${label}>
    <dt class="govuk-summary-list__key">${label}</dt><dd class="govuk-summary-list__value">${value}</dd></div>`)}</dl>`;
}

/** @param {RecordDocument} doc @param {string} field */
export const offersOf = (doc, field) => (doc.fields[field]?.heads ?? []).filter(({ kind }) => kind === 'offer').map(({ value }) => value);

const acts = /** @type {Record<string, any>} */ ({
  answer: (/** @type {ActProps} */ props) => html`<${Answer} ...${props} isAnswer=${true} />`,
  reply: (/** @type {ActProps} */ props) => html`<${Answer} ...${props} isAnswer=${false} />`,
  hand_over: (/** @type {ActProps} */ props) => html`<${HandOver} ...${props} field="holder" />`,
  withdraw: Withdraw,
});

/** @param {{ doc: RecordDocument, schema: Schema | null, session: Session, again: () => Promise<void> }} props */
function Doing({ doc, schema, session, again }) {
  const [act, setAct] = useState('');
  const [done, setDone] = useState('');
  const { errors, isBusy, run } = useSaving({}, 'at-once');
  const status = shown(doc, 'status') ?? 'open';
  const is_over = status === 'answered' || status === 'withdrawn';
  const at_once = (/** @type {Record<string, any>} */ set, /** @type {string} */ words) => run(async () => { await update(doc, set); await again(); setDone(words); });
  const accept = () => at_once({ holder: { agency: session.agency.id, worker: session.worker } }, 'You hold it now.');
  const reopen = () => at_once({ status: doc.fields.holder?.heads.some(({ kind }) => kind === 'acceptance') ? 'held' : 'open' }, 'It is open again.');
  const Form = acts[act];
  const end = async (/** @type {string} */ words) => { await again(); setAct(''); setDone(words); };
  const button = (/** @type {string} */ code, /** @type {string} */ label, is_first = false) => html`<button type="button" class="govuk-button ${is_first ? '' : 'govuk-button--secondary'}" onClick=${() => { setDone(''); setAct(code); }}>${label}</button>`;
  if (Form) return html`<${Form} doc=${doc} schema=${schema} session=${session} onDone=${end} onBack=${() => setAct('')} />`;
  const is_mine = isMine(doc, 'holder', session);
  return html`
    <${ErrorSummary} errors=${errors} />
    ${done && html`<${Notice} kind="done">${done}</${Notice}>`}
    <div class="govuk-button-group" id="at-once" tabindex="-1">
      ${!is_over && !is_mine && html`<button type="button" class="govuk-button" disabled=${isBusy} onClick=${accept}>${isOfferedHere(doc, 'holder', session) ? 'Accept it: I hold it now' : 'I take it on'}</button>`}
      ${!is_over && button('answer', 'Answer it', is_mine)}
      ${!is_over && button('hand_over', 'Hand it over')}
      ${button('reply', 'What to tell the person')}
      ${!is_over && button('withdraw', 'They no longer ask for it')}
      ${is_over && html`<button type="button" class="govuk-button" disabled=${isBusy} onClick=${reopen}>Open it again</button>`}
    </div>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ session, args }) {
  const schema = useSchema();
  const { held, problem, again } = useHeld(`/api/record/${args[0]}`);
  const doc = /** @type {RecordDocument | null} */ (held);
  if (!doc) return html`<h1 class="govuk-heading-l">Help request</h1>${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}`;
  return html`
    <h1 class="govuk-heading-l">Help request</h1>
    <blockquote class="teapot-words teapot-words--first">${shown(doc, 'words') ?? ''}</blockquote>
    <${Doing} doc=${doc} schema=${schema} session=${session} again=${again} />
    <${Facts} doc=${doc} schema=${schema} />
    ${shown(doc, 'code') && html`<${Code} code=${shown(doc, 'code')} />`}
    <${Holders} doc=${doc} schema=${schema} />
    <${WhereItIs} doc=${doc} />`;
}

// Help requests: in the words of who asked, oldest first.
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { Parts, useDrawn } from '../parts/drawn.mjs';
import { Choice } from '../parts/field.mjs';
import { Notice } from '../parts/notice.mjs';
import { usePaged } from '../parts/paged.mjs';
import { aboutWords, holderWords, labelOf, shown, useSchema } from '../parts/record.mjs';
import { dayOf } from '../parts/when.mjs';

/** @typedef {import('../types.d.ts').Pending} Pending */
/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').Session} Session */

/** An offer waits for somebody of this agency.  @param {import('../types.d.ts').RecordDocument} doc @param {string} field @param {Session} session */
export const isOfferedHere = (doc, field, session) => (doc.fields[field]?.heads ?? []).some(({ kind, value }) => kind === 'offer' && value?.agency === session.agency.id);
/** @param {import('../types.d.ts').RecordDocument} doc @param {string} field @param {Session} session */
export function isMine(doc, field, session) {
  const holder = shown(doc, field);
  return holder?.agency === session.agency.id && holder.worker === session.worker;
}

/** @param {{ doc: Pending, schema: Schema | null, session: Session }} props */
export function RequestRow({ doc, schema, session }) {
  const status = shown(doc, 'status') ?? 'open';
  return html`<li><a class="teapot-card" href=${`/request/${doc.name}`}>
    ${isOfferedHere(doc, 'holder', session) && html`<strong class="govuk-tag teapot-tag">Offered to us</strong>`}
    <span class="teapot-card__name teapot-card__words">“${shown(doc, 'words') ?? ''}”</span>
    <span class="teapot-card__facts">${doc.person || !shown(doc, 'name') ? aboutWords(doc) : shown(doc, 'name')}${shown(doc, 'place') ? ` · ${shown(doc, 'place')}` : ''}</span>
    <span class="teapot-card__last">Asked ${doc.at_text} · ${labelOf(schema, 'request_status', status)} · ${holderWords(schema, shown(doc, 'holder'))}</span>
  </a></li>`;
}

/** @param {{ doc: Pending, schema: Schema | null }} props */
export function ActionRow({ doc, schema }) {
  const due = shown(doc, 'due_on');
  return html`<li><a class="teapot-card" href=${`/action/${doc.name}`}>
    ${doc.overdue && html`<strong class="govuk-tag teapot-tag">Overdue</strong>`}
    <span class="teapot-card__name">${shown(doc, 'what') ?? ''}</span>
    <span class="teapot-card__facts">${aboutWords(doc)}</span>
    <span class="teapot-card__last">${due ? `By ${dayOf(`${due}T12:00Z`)}` : 'No day set'} · ${labelOf(schema, 'action_status', shown(doc, 'status') ?? 'open')} · ${holderWords(schema, shown(doc, 'owner'))}</span>
  </a></li>`;
}

const ROWS_FIRST = 50; // pages.mjs has the document bring them
const ROWS_MORE = 250;
const DRAWN_AT_ONCE = 12; // rows of one, two, three or four cards
const ROW_REM = 9;
const whose = [{ code: 'mine', label: 'For me or any of us' }, { code: 'everybody', label: 'Everybody’s' }, { code: 'all', label: 'Finished ones too' }];

/** @param {{ what: 'requests' | 'actions', member: 'help_requests' | 'actions', title: string, none: string, session: Session, children?: any }} props */
function List({ what, member, title, none, session, children }) {
  const [which, setWhich] = useState('mine');
  const schema = useSchema();
  const { first, rows, isMore, more, problem } = usePaged(`/api/${what}?${which === 'everybody' ? '' : `${which}&`}max=${ROWS_FIRST}`, member);
  const drawn = useDrawn(rows.length, which, { first: ROWS_FIRST, step: DRAWN_AT_ONCE });
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const next = useRef(-1); // the first row of those asked for last: it gets the focus
  useEffect(() => {
    const link = next.current < 0 ? null : list.current?.querySelectorAll('a')[next.current];
    if (link) { next.current = -1; link.focus({ preventScroll: true }); }
  }, [drawn]);
  const draw = (/** @type {Pending} */ doc) => (what === 'requests'
    ? html`<${RequestRow} key=${doc.name} doc=${doc} schema=${schema} session=${session} />`
    : html`<${ActionRow} key=${doc.name} doc=${doc} schema=${schema} />`);
  const show = () => { next.current = rows.length; more(ROWS_MORE); };
  return html`
    <h1 class="govuk-heading-l">${title}</h1>
    ${children}
    ${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}
    <${Choice} id="which" label="Which ones?" inline=${true} value=${which} choices=${whose} onValue=${setWhich} />
    ${first && rows.length === 0 && html`<p class="govuk-body" role="status">${none}</p>`}
    <div ref=${list}><${Parts} rows=${rows.slice(0, drawn)} size=${DRAWN_AT_ONCE} row_rem=${ROW_REM} draw=${draw} made_of=${schema} kind="teapot-cards" label=${title} /></div>
    ${isMore && html`<p class="govuk-body">${rows.length} of ${first.count} are shown. <button type="button" class="govuk-button govuk-button--secondary" onClick=${show}>Show ${Math.min(ROWS_MORE, first.count - rows.length)} more</button></p>`}`;
}

/** @param {import('../types.d.ts').PageProps} props */
export const Requests = ({ session }) => html`<${List} what="requests" member="help_requests" title="Help requests" none="Nobody waits for an answer here." session=${session}>
  <div class="govuk-button-group"><a class="govuk-button" href="/request/new">Take a help request</a><a class="govuk-link" href="/code">Look up a code</a></div>
</${List}>`;

/** @param {import('../types.d.ts').PageProps} props */
export const Actions = ({ session }) => html`<${List} what="actions" member="actions" title="Actions" none="Nothing is promised here." session=${session}>
  <a class="govuk-button" href="/action/new">Add an action</a>
</${List}>`;

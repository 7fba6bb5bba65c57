// What stands first on one person's page: their own words, what everybody must know, who is there for them,
// what they agreed to, what is promised (PH5).
import { html } from 'htm/preact';

import { ConsentSummary, agencyLabel, holderWords } from '../parts/record.mjs';
import { dayOf, whenNear } from '../parts/when.mjs';
import { Settle } from './settle.mjs';
import { dayWords, fieldLabel, fieldOf, valueWords, whoWords } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').PersonPage} PersonPage */
/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {import('../types.d.ts').Entry} Entry */
/** @typedef {import('../types.d.ts').Settled} Settled */
/** @typedef {{ schema: Schema | null, page: PersonPage, onSettled: (settled: Settled) => void }} TopProps */

const above = ['own_words', 'safety_note', 'risk'];
const in_name = ['preferred_name', 'born'];

/** @param {{ schema: Schema | null, doc: RecordDocument, field: string, onSettled: (settled: Settled) => void }} props */
function Said({ schema, doc, field, onSettled }) {
  const state = doc.fields[field];
  if (!state) return null;
  if (state.conflict) return html`<${Settle} schema=${schema} doc=${doc} field=${field} onSettled=${onSettled} />`;
  const head = state.heads.find(({ shown }) => shown) ?? state.heads[0];
  const words = valueWords(schema, fieldOf(schema, doc.entity, field), state.shown);
  if (!words) return null;
  return html`<p class="teapot-said">${words}</p>${head && html`<p class="teapot-quiet">${whoWords(schema, head)}, ${whenNear(head.at)}</p>`}`;
}

/** Where nothing stands on their own record, the last words they were heard to say.  @param {TopProps} props */
export function OwnWords({ schema, page, onSettled }) {
  const docs = page.persons.filter((doc) => doc.fields.own_words?.shown || doc.fields.own_words?.conflict);
  const last = docs.length > 0 ? null : page.last_words;
  return html`<section class="teapot-own" aria-labelledby="own-words">
    <h2 class="govuk-heading-m" id="own-words">In their own words</h2>
    ${docs.map((doc) => html`<${Said} key=${doc.name} schema=${schema} doc=${doc} field="own_words" onSettled=${onSettled} />`)}
    ${last && html`<blockquote class="teapot-quote">${last.words}</blockquote><p class="teapot-quiet">${last.at_text}</p>`}
    ${docs.length === 0 && !last && html`<p class="govuk-body">Nothing is written down yet of what they say and wish.</p>`}
    ${page.person && html`<p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/correct/${page.person.name}`}>Write down what they say and wish</a></p>`}
  </section>`;
}

/** All of what is known side by side: nobody's warning is hidden behind another's.  @param {TopProps} props */
export function Safety({ schema, page, onSettled }) {
  const said = page.persons.flatMap((doc) => ['safety_note', 'risk'].filter((field) => doc.fields[field]?.shown || doc.fields[field]?.conflict).map((field) => ({ doc, field })));
  if (said.length === 0) return null;
  return html`<section class="teapot-safety" aria-labelledby="safety">
    <h2 class="govuk-heading-m" id="safety">Safety</h2>
    ${said.map(({ doc, field }) => html`<div key=${doc.name + field}>
      <h3 class="govuk-heading-s">${fieldLabel(schema, 'person', field)}</h3>
      <${Said} schema=${schema} doc=${doc} field=${field} onSettled=${onSettled} />
    </div>`)}
  </section>`;
}

/** @param {TopProps} props */
export function PeopleAround({ schema, page, onSettled }) {
  const roles = page.around.filter(({ entity }) => entity === 'role');
  return html`<section aria-labelledby="around">
    <h2 class="govuk-heading-m" id="around">Who is around them</h2>
    ${roles.length > 0 && html`<ul class="govuk-list teapot-lines">${roles.map((role) => html`<li key=${role.name}>
      <strong>${role.fields.name?.shown ?? 'Somebody'}</strong>, ${valueWords(schema, fieldOf(schema, 'role', 'role'), role.fields.role?.shown).toLowerCase()}
      ${['relationship', 'agency', 'phone', 'ends_on'].filter((field) => role.fields[field]?.shown && !role.fields[field].conflict).map((field) => html`<span key=${field}> · ${field === 'ends_on' ? 'until ' : ''}${valueWords(schema, fieldOf(schema, 'role', field), role.fields[field].shown)}</span>`)}
      ${' '}<a class="govuk-link teapot-noprint" href=${`/correct/${role.name}`}>Correct<span class="govuk-visually-hidden"> ${role.fields.name?.shown}</span></a>
      ${Object.keys(role.fields).filter((field) => role.fields[field].conflict).map((field) => html`<${Settle} key=${field} schema=${schema} doc=${role} field=${field} onSettled=${onSettled} />`)}
    </li>`)}</ul>`}
    ${roles.length === 0 && html`<p class="govuk-body">Nobody is named yet.</p>`}
    <p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/add/role/${page.joined[0]}`}>Add somebody</a></p>
  </section>`;
}

/** @param {TopProps} props */
export function ConsentLine({ schema, page }) {
  return html`<section aria-labelledby="consent">
    <h2 class="govuk-heading-m" id="consent">What may be shared</h2>
    <${ConsentSummary} schema=${schema} summary=${page.consent_summary} />
    <p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/consent/${page.joined[0]}`}>Ask them, or change it</a></p>
  </section>`;
}

/** @param {{ schema: Schema | null, doc: Entry }} props */
function Promise({ schema, doc }) {
  const isRequest = doc.entity === 'help_request';
  const words = isRequest ? `“${doc.fields.words?.shown ?? ''}”` : doc.fields.what?.shown;
  const field = isRequest ? 'holder' : 'owner';
  const due = doc.fields.due_on?.shown;
  return html`<li>
    <a class="govuk-link" href=${`/${isRequest ? 'request' : 'action'}/${doc.name}`}>${words}</a>
    <span class="teapot-quiet">${isRequest ? 'held by' : 'owner'} ${holderWords(schema, doc.fields[field]?.shown ?? { agency: doc.agency })}${due ? `, due ${dayWords(due)}` : null}${isRequest ? `, asked ${doc.at_text}` : null}</span>
  </li>`;
}

/** @param {TopProps} props */
export function Open({ schema, page }) {
  const open = page.around.filter(({ entity }) => entity === 'help_request' || entity === 'action');
  return html`<section aria-labelledby="open">
    <h2 class="govuk-heading-m" id="open">Asked for and promised</h2>
    ${open.length > 0 ? html`<ul class="govuk-list teapot-lines">${open.map((doc) => html`<${Promise} key=${doc.name} schema=${schema} doc=${doc} />`)}</ul>`
      : html`<p class="govuk-body">Nothing is open.</p>`}
    <p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/request/new/${page.joined[0]}`}>Take a help request</a> <a class="govuk-link" href=${`/action/new/${page.joined[0]}`}>Add an action</a></p>
  </section>`;
}

/** @param {{ schema: Schema | null, doc: RecordDocument, onSettled: (settled: Settled) => void }} props */
function Record({ schema, doc, onSettled }) {
  const fields = Object.keys(doc.fields).filter((field) => !above.includes(field) && (doc.fields[field].conflict || !in_name.includes(field)));
  const said = fields.filter((field) => !doc.fields[field].conflict && valueWords(schema, fieldOf(schema, 'person', field), doc.fields[field].shown) !== '');
  return html`
    ${said.length > 0 && html`<dl class="teapot-facts">${said.map((field) => html`<div key=${field}><dt>${fieldLabel(schema, 'person', field)}</dt><dd>${valueWords(schema, fieldOf(schema, 'person', field), doc.fields[field].shown)}</dd></div>`)}</dl>`}
    ${fields.filter((field) => doc.fields[field].conflict).map((field) => html`<${Settle} key=${field} schema=${schema} doc=${doc} field=${field} onSettled=${onSettled} />`)}
    ${said.length === 0 && fields.length === 0 && html`<p class="govuk-body">No details yet.</p>`}
    <p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/correct/${doc.name}`}>Correct these details<span class="govuk-visually-hidden"> of the record of ${agencyLabel(schema, doc.agency)}</span></a></p>`;
}

/** The other names they go by: each can be put right or taken back.  @param {TopProps} props */
function Aliases({ schema, page, onSettled }) {
  const aliases = page.around.filter(({ entity }) => entity === 'alias');
  if (aliases.length === 0) return null;
  return html`<h3 class="govuk-heading-s">Other names</h3>
    <ul class="govuk-list teapot-lines">${aliases.map((alias) => html`<li key=${alias.name}>
      ${alias.fields.name?.conflict ? html`<${Settle} schema=${schema} doc=${alias} field="name" onSettled=${onSettled} />` : alias.fields.name?.shown}
      ${' '}<a class="govuk-link teapot-noprint" href=${`/correct/${alias.name}`}>Correct<span class="govuk-visually-hidden"> the name ${alias.fields.name?.shown}</span></a>
    </li>`)}</ul>`;
}

/** @param {TopProps} props */
export function Details({ schema, page, onSettled }) {
  const isJoined = page.persons.length > 1;
  return html`<section aria-labelledby="details">
    <h2 class="govuk-heading-m" id="details">Details</h2>
    ${page.persons.filter((doc) => !doc.bare).map((doc, at) => html`<div key=${doc.name}>
      ${isJoined && html`<h3 class="govuk-heading-s">Record of ${agencyLabel(schema, doc.agency)}: ${doc.fields.preferred_name?.shown ?? 'no name'}${doc.fields.born?.shown ? `, born ${valueWords(schema, fieldOf(schema, 'person', 'born'), doc.fields.born.shown)}` : ''}</h3>`}
      <${Record} schema=${schema} doc=${doc} onSettled=${onSettled} />
      ${at > 0 && html`<p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/join/${page.persons[0].name}/${doc.name}`}>They are two people after all</a></p>`}
    </div>`)}
    <${Aliases} schema=${schema} page=${page} onSettled=${onSettled} />
    <p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/add/alias/${page.joined[0]}`}>Add another name</a> <a class="govuk-link" href=${`/join/${page.joined[0]}`}>${isJoined ? 'Join with a further record' : 'This is the same person as another record'}</a></p>
  </section>`;
}

/** What is not held any more, so that nobody reads its absence as an answer.  @param {{ page: PersonPage }} props */
export function GivenBack({ page }) {
  const bare = page.persons.filter((doc) => doc.bare);
  return bare.map((doc) => doc.erased_on ? html`<p class="govuk-inset-text" key=${doc.name}>Details erased on ${dayOf(doc.erased_on)}, here and everywhere else. If you meet the person again, begin anew.</p>` : doc.given_back_on && html`<p class="govuk-inset-text" key=${doc.name}>Details given back on ${dayOf(doc.given_back_on)}: your agency may not hold them now. Ask the person again if you meet them.</p>`);
}

// What stands in the document of a record, and how it is said.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { brought_schema, fetchSchema, useHeld } from '../api.mjs';

/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {import('../types.d.ts').Holder} Holder */
/** @typedef {import('../types.d.ts').Schema} Schema */

/** The value shown of a field; null: none.  @param {RecordDocument | null | undefined} doc @param {string} field */
export const shown = (doc, field) => doc?.fields?.[field]?.shown ?? null;

/**
 * What stood on the form: an update names it, so that nobody's later word is written over unseen.
 * @param {RecordDocument} doc @param {string[]} fields
 */
export function seenOf(doc, fields) {
  return Object.fromEntries(fields.map((field) => [field, (doc.fields[field]?.heads ?? []).map(({ name }) => name)]));
}

/** Entities, lists, agencies and wordings; null until the node has said them.  @returns {Schema | null} */
export function useSchema() {
  const [schema, setSchema] = useState(brought_schema);
  useEffect(() => {
    let isCurrent = true;
    if (!schema) fetchSchema().then((held) => { if (isCurrent) setSchema(held); }, () => {});
    return () => { isCurrent = false; };
  }, []);
  return schema;
}

/** A code's label; a code that this program does not know is shown as it was written.
 * @param {Schema | null} schema @param {string} list @param {string | null} code */
export const labelOf = (schema, list, code) => schema?.lists[list]?.find((one) => one.code === code)?.label ?? code ?? '';

/** A kind of information within a sentence; what goes along with every kind is said as what it is.
 * @param {Schema | null} schema @param {string} code */
export const kindWords = (schema, code) => (code === 'general' ? 'their name and everyday notes' : labelOf(schema, 'kind', code).toLowerCase());

/** Empty: whose device it was the hub has not said yet.  @param {Schema | null} schema @param {string} id */
export const agencyLabel = (schema, id) => schema?.agencies.find((one) => one.id === id)?.label ?? (id || 'an agency not known here yet');

/** "housing, money and food".  @param {string[]} words */
export const allOf = (words) => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`);

/** "Dee (Friary)", or "Friary" where nobody is named.  @param {Schema | null} schema @param {Holder | null} holder */
export function holderWords(schema, holder) {
  if (!holder) return 'nobody yet';
  const label = agencyLabel(schema, holder.agency);
  return holder.worker ? `${holder.worker} (${label})` : label;
}

/** What to call somebody.  @param {RecordDocument | null} doc */
export function personWords(doc) {
  if (!doc) return '';
  return shown(doc, 'preferred_name') || shown(doc, 'legal_name') || shown(doc, 'description') || 'Somebody not known by name';
}

/** Whom a row of a list is about.  @param {{ person: string | null, card: { preferred_name: string } | null }} row */
export function aboutWords({ person, card }) {
  if (!person) return 'Nobody known by name';
  return card ? card.preferred_name || 'Somebody not known by name' : 'Somebody whose details are not held here';
}

/** The name of a person, from their record.  @param {{ person: string | null, isLink?: boolean }} props */
export function PersonName({ person, isLink = false }) {
  return person ? html`<${HeldName} person=${person} from=${`/api/record/${person}`} isLink=${isLink} beside="" />` : html`<span>Nobody known by name</span>`;
}

/** The name of whom a record is about: its page's document brings it along.  `beside`: what else is read there, and
 * need not be said twice where it is all that they are known by.
 * @param {{ doc: RecordDocument, isLink?: boolean, beside?: string }} props */
export function NameOfWhom({ doc, isLink = false, beside = '' }) {
  return html`<${HeldName} person=${doc.person ?? ''} from=${`/api/record/${doc.name}/person`} isLink=${isLink} beside=${beside} />`;
}

/** @param {{ person: string, from: string, isLink: boolean, beside: string }} props */
function HeldName({ person, from, isLink, beside }) {
  const { held, problem } = useHeld(from);
  const name = held && (shown(held, 'preferred_name') || shown(held, 'legal_name'));
  const isTwice = held && !name && beside.startsWith(personWords(held));
  const words = isTwice ? 'somebody not known by name' : held ? personWords(held) : problem ? 'Somebody whose details are not held here' : '…';
  return isLink ? html`<a class="govuk-link" href=${`/person/${person}`}>${words}</a>` : html`<span>${words}</span>`;
}

/** Where a record is, truthfully.  @param {{ doc: RecordDocument }} props */
export function WhereItIs({ doc }) {
  return html`<p class="govuk-body teapot-where" role="status">${doc.at_hub
    ? 'It has reached the hub.' : 'On this device; goes to the hub when there is a network.'}</p>`;
}

/** "The Friary: yes to housing. Housing Team: no to everything.": a line for each agency, so that nobody has to
 * look for one in the others'.  @param {{ schema: Schema | null, summary: string, kind?: string }} props */
export function ConsentSummary({ schema, summary, kind = '' }) {
  const starts = (schema?.agencies ?? []).map(({ label }) => summary.search(new RegExp(`(^|\\. )${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[:,]`))).filter((at) => at >= 0);
  const cuts = [...new Set([0, ...starts.map((at) => (at === 0 ? 0 : at + 2)), summary.length])].sort((a, b) => a - b);
  const lines = cuts.slice(1).map((end, at) => summary.slice(cuts[at], end).trim());
  return lines.length > 1 ? html`<ul class="govuk-list ${kind}">${lines.map((line) => html`<li key=${line}>${line}</li>`)}</ul>` : html`<p class="govuk-body ${kind}">${summary}</p>`;
}

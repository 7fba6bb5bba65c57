// How values of the schema are said on the pages of one person.
import { agencyLabel, holderWords, labelOf } from '../parts/record.mjs';
import { bornWords, dayOf, whenNear } from '../parts/when.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').SchemaField} SchemaField */
/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {import('../types.d.ts').Entry} Entry */

/** @param {Schema | null} schema @param {string} entity */
export const entityOf = (schema, entity) => schema?.entities.find(({ name }) => name === entity) ?? null;
/** @param {Schema | null} schema @param {string} entity @param {string} field @returns {SchemaField | null} */
export const fieldOf = (schema, entity, field) => entityOf(schema, entity)?.fields.find(({ name }) => name === field) ?? null;
/** @param {Schema | null} schema @param {string} entity @param {string} field */
export const fieldLabel = (schema, entity, field) => fieldOf(schema, entity, field)?.label ?? field.replace(/_/g, ' ');
/** @param {Schema | null} schema @param {string} entity */
export const entityLabel = (schema, entity) => entityOf(schema, entity)?.label ?? 'A record for a newer version of this program';

/** "Sun 12 Jul 2026" of a whole day.  @param {string} day */
export const dayWords = (day) => dayOf(`${day}T12:00Z`);

/** "2026-07-12" of "12/7/2026" or "2026-07-12"; '' where nothing is typed, null where it is no day.  @param {string} typed */
export function dayTyped(typed) {
  const text = typed.trim();
  if (text === '') return '';
  const [, day, month, year] = text.match(/^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/) ?? [];
  const [, iso_year, iso_month, iso_day] = text.match(/^(\d{4})-(\d{2})-(\d{2})$/) ?? [];
  const iso = `${year ?? iso_year}-${(month ?? iso_month)?.padStart(2, '0')}-${(day ?? iso_day)?.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso) ? iso : null;
}

/** @param {Schema | null} schema @param {SchemaField | null} field @param {string[]} codes */
function setWords(schema, field, codes) {
  const every = field?.type === 'agencies' ? 'all agencies' : 'everything';
  const labels = codes.map((code) => (code === '*' ? every : field?.type === 'agencies' ? agencyLabel(schema, code) : labelOf(schema, field?.list ?? '', code)));
  return labels.join(', ');
}

/** "943 476 5919".  @param {string} number */
export const nhsWords = (number) => number.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3');

/** A value as somebody reads it; '' where there is none.
 * @param {Schema | null} schema @param {SchemaField | null} field @param {any} value @returns {string} */
export function valueWords(schema, field, value) {
  if (value === null || value === undefined) return '';
  switch (field?.type) {
    case 'code': return labelOf(schema, field.list ?? '', value);
    case 'codes': case 'agencies': return setWords(schema, field, value);
    case 'bool': return value ? 'Yes' : 'No';
    case 'date': return dayWords(value);
    case 'partial_date': return bornWords(value);
    case 'instant': return whenNear(value);
    case 'nhs_number': return nhsWords(value);
    case 'agency': return agencyLabel(schema, value);
    case 'holder': return holderWords(schema, value);
    case 'record': return 'another record';
    case 'records': return `${value.length} records`;
    default: return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** "Dee, Street Outreach"; nobody is named where a kiosk wrote.  @param {Schema | null} schema @param {{ worker: string | null, agency: string }} by */
export const whoWords = (schema, { worker, agency }) => [worker, agency && agencyLabel(schema, agency)].filter(Boolean).join(', ') || 'somebody';

// What an entry says first, what are its words, and what is said elsewhere; every other field follows with
// its label, so that a new one needs no line here.
/** @type {Record<string, { title: string[], quote?: string, text?: string[], out?: string[] }>} */
const layouts = {
  person: { title: ['preferred_name'] },
  alias: { title: ['name'] },
  contact: { title: ['kind', 'place'], quote: 'own_words', text: ['note'], out: ['happened_at'] },
  help_request: { title: ['status'], quote: 'words', out: ['asked_at', 'code'] },
  consent: { title: ['decision'], out: ['in_sight', 'persons', 'wording', 'wording_version'] },
  need: { title: ['kind', 'level'], quote: 'own_view' },
  action: { title: ['status'], text: ['what'] },
  role: { title: ['role', 'name'] },
  score: { title: ['scale', 'total'] },
  join: { title: [], text: ['why'], out: ['same_as'] },
  unjoin: { title: [], text: ['why'], out: ['joins'] },
  legal_gateway: { title: ['authoriser'], text: ['basis'] },
};
const plain = { title: [], text: [], out: [] };

/** @param {Schema | null} schema @param {RecordDocument} doc @param {string} field */
const wordsIn = (schema, doc, field) => (doc.fields[field]?.conflict ? '' : valueWords(schema, fieldOf(schema, doc.entity, field), doc.fields[field]?.shown));

const joined = /** @type {Record<string, string>} */ ({ join: 'Said to be one person', unjoin: 'Said to be two people after all' });

/** "Contact: On the street, library steps".  @param {Schema | null} schema @param {RecordDocument} doc */
export function titleOf(schema, doc) {
  const words = (layouts[doc.entity] ?? plain).title.map((field) => wordsIn(schema, doc, field)).filter(Boolean);
  return [joined[doc.entity] ?? entityLabel(schema, doc.entity), words.join(', ')].filter(Boolean).join(': ');
}

/** The words of an entry: what the person said, and what was written.  @param {Schema | null} schema @param {RecordDocument} doc */
export function bodyOf(schema, doc) {
  const { title, quote = '', text = [], out = [] } = layouts[doc.entity] ?? plain;
  const above = [...title, quote, ...text, ...out];
  const rest = Object.keys(doc.fields).filter((field) => !above.includes(field) && !doc.fields[field].conflict);
  return {
    quote: wordsIn(schema, doc, quote),
    texts: text.map((field) => wordsIn(schema, doc, field)).filter(Boolean),
    rest: rest.map((field) => ({ field, label: fieldLabel(schema, doc.entity, field), words: wordsIn(schema, doc, field) })).filter(({ words }) => words !== ''),
    differing: Object.keys(doc.fields).filter((field) => doc.fields[field].conflict),
  };
}

/** Where an entry stands: told once, since thousands are sorted at each turn.  @type {WeakMap<Entry, { day: string, ms: number }>} */
const places = new WeakMap();

/** @param {Entry} entry */
function placeOf(entry) {
  const taken = entry.entity === 'score' ? entry.fields.taken_on?.shown : null;
  const certain = entry.at_text?.match(/^(\w{3} \d{1,2} \w{3} \d{4}) /);
  return { day: taken ? dayWords(taken) : certain ? certain[1] : dayOf(entry.at), ms: Date.parse(taken ? `${taken}T12:00Z` : entry.at) };
}

/** @param {Entry} entry */
function knownPlace(entry) {
  const place = places.get(entry) ?? placeOf(entry);
  places.set(entry, place);
  return place;
}

/** The day an entry stands under: of a score the day it was taken.  @param {Entry} entry */
export const dayOfEntry = (entry) => knownPlace(entry).day;
/** What an entry sorts by: ms.  @param {Entry} entry */
export const sortsAt = (entry) => knownPlace(entry).ms;

/** The time of an entry below its day, as sure as it is.  @param {Entry} entry */
export function timeOfEntry(entry) {
  if (entry.entity === 'score' && entry.fields.taken_on?.shown) return '';
  const day = dayOfEntry(entry);
  const text = entry.at_text ?? '';
  const left = text.split(`${day} `).join('');
  return /\w{3} \d{1,2} \w{3} \d{4}/.test(left) ? text : left; // from another day to this one: both are said
}

// A control for one field, made from its row in the schema.
import { html } from 'htm/preact';

import { Choices, Select, TextArea, TextField } from '../parts/field.mjs';
import { labelOf } from '../parts/record.mjs';
import { bornWords, dayToType, timeToType } from '../parts/when.mjs';
import { nhsWords } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').SchemaField} SchemaField */

const one_line = ['preferred_name', 'legal_name', 'name', 'place', 'language', 'support_from', 'relationship', 'callback'];
// What a page of its own is for, or no form can say.
const left_out = ['holder', 'record', 'records'];

/** Fields that a form shows.  @param {{ fields: SchemaField[] } | null} entity @param {boolean} isNew */
export const formFields = (entity, isNew) => (entity?.fields ?? []).filter((field) => !left_out.includes(field.type) && field.name !== 'retracted' && (isNew || !field.once));

/** A stored value as somebody would type it: what is sent back is read like typing.
 * @param {Schema | null} schema @param {SchemaField} field @param {any} value @returns {string} */
export function typedOf(schema, field, value) {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  switch (field.type) {
    case 'code': return field.open ? labelOf(schema, field.list ?? '', value) : value;
    case 'instant': return timeToType(value);
    case 'date': return dayToType(`${value}T12:00Z`);
    case 'partial_date': return bornWords(value);
    case 'nhs_number': return nhsWords(value);
    default: return String(value);
  }
}

const hints = /** @type {Record<string, string>} */ ({
  partial_date: 'As much as is known: 1984, May 1984, 11/5/1984, about 1970.',
  date: 'Day first: 12/7/2026.', instant: 'Such as 20:05, yesterday 21:30, 12/1/2026 20:05.',
});

/** What stands below the label: never the codes that the field is written with elsewhere.
 * @param {SchemaField} field @param {{ code: string }[]} list */
function hintOf(field, list) {
  const help = field.help.replace(/ \((PH|WA|MP|SM|HT)\d+\)/g, '');
  if (field.type === 'partial_date') return hints.partial_date;
  if (field.type === 'code' && list.some(({ code }) => help.split(/[ ,.]+/).includes(code))) return field.open ? 'One of the list, or a word of your own.' : '';
  return [help, hints[field.type]].filter(Boolean).join(' ');
}

const ROW_CHARACTERS = 36; // on the narrowest screen
const ROWS_MAX = 10;

/** High enough that what was written is read as a whole.  @param {string} text */
const rowsOf = (text) => Math.min(ROWS_MAX, Math.max(3, Math.ceil(text.length / ROW_CHARACTERS)));

/**
 * @param {{ schema: Schema | null, field: SchemaField, id: string, value: string, onValue: (value: string) => void, error?: string }} props
 */
export function SchemaControl({ schema, field, id, value, onValue, error }) {
  const list = schema?.lists[field.list ?? ''] ?? [];
  const common = { id, label: field.label, hint: hintOf(field, list), error };
  const agencies = (schema?.agencies ?? []).map(({ id: code, label }) => ({ code, label }));
  switch (field.type) {
    case 'code':
      if (field.open) return html`<${TextField} ...${common} value=${value} onValue=${onValue} list=${list.map(({ label }) => label)} />`;
      return html`<${Select} ...${common} value=${value} onValue=${onValue} choices=${list} none="Not said" />`;
    case 'codes': case 'agencies': {
      const choices = field.type === 'agencies' ? agencies : list;
      return html`<${Choices} ...${common} values=${value ? value.split(',') : []} onValues=${(/** @type {string[]} */ values) => onValue(values.join(','))} choices=${choices} />`;
    }
    case 'agency': return html`<${Select} ...${common} value=${value} onValue=${onValue} choices=${agencies} none="None" />`;
    case 'bool': return html`<${Select} ...${common} value=${value} onValue=${onValue} choices=${[{ code: 'yes', label: 'Yes' }, { code: 'no', label: 'No' }]} none="Not said" />`;
    case 'count': return html`<${TextField} ...${common} value=${value} onValue=${onValue} inputmode="numeric" width="3" />`;
    // Typed: a browser's own field for a day shows it in the order of wherever the browser was made.
    case 'date': return html`<${TextField} ...${common} value=${value} onValue=${onValue} width="20" />`;
    case 'phone': return html`<${TextField} ...${common} value=${value} onValue=${onValue} inputmode="tel" width="20" />`;
    case 'text': if (!one_line.includes(field.name)) return html`<${TextArea} ...${common} value=${value} onValue=${onValue} rows=${rowsOf(value)} />`;
    // falls through: one line
    default: return html`<${TextField} ...${common} value=${value} onValue=${onValue} />`;
  }
}

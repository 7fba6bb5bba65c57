// A control for one field, made from its row in the schema.
import { html } from 'htm/preact';

import { Choices, Select, TextArea, TextField } from '../parts/field.mjs';
import { labelOf } from '../parts/record.mjs';

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
  if (field.type === 'code' && field.open) return labelOf(schema, field.list ?? '', value);
  return String(value);
}

/**
 * @param {{ schema: Schema | null, field: SchemaField, id: string, value: string, onValue: (value: string) => void, error?: string }} props
 */
export function SchemaControl({ schema, field, id, value, onValue, error }) {
  const common = { id, label: field.label, hint: field.help.replace(/ \((PH|WA|MP|SM|HT)\d+\)/g, ''), error };
  const list = schema?.lists[field.list ?? ''] ?? [];
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
    case 'date': return html`<${TextField} ...${common} hint=${`${common.hint} Day first: 12/7/2026.`.trim()} value=${value} onValue=${onValue} width="20" />`;
    case 'phone': return html`<${TextField} ...${common} value=${value} onValue=${onValue} inputmode="tel" width="20" />`;
    case 'text': if (!one_line.includes(field.name)) return html`<${TextArea} ...${common} value=${value} onValue=${onValue} rows="3" />`;
    // falls through: one line
    default: return html`<${TextField} ...${common} value=${value} onValue=${onValue} />`;
  }
}

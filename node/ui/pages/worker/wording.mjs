// The wording that is read out or shown, in the person's language where there is one.
import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';

import { useHeld } from '../api.mjs';
import { Select } from '../parts/field.mjs';
import { shown } from '../parts/record.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {Schema['wordings'][number]} WordingRow */

const right_to_left = /^(ar|fa|ur|he|ps|ckb|ku)\b/;

/** The newest of each wording.  @param {Schema | null} schema @returns {WordingRow[]} */
export function newestWordings(schema) {
  const all = schema?.wordings ?? [];
  return all.filter((one) => !all.some((other) => other.id === one.id && other.version > one.version));
}

const names = new Intl.DisplayNames(['en-GB'], { type: 'language' });
/** @param {string} code */
const languageName = (code) => { try { return names.of(code) ?? code; } catch { return code; } };

/** The one to begin with: in what the person likes to speak, else in English.  @param {WordingRow[]} all @param {string} language  as written on their record */
function firstWording(all, language) {
  const said = language.trim().toLowerCase();
  return all.find((one) => said && (one.language === said || languageName(one.language).toLowerCase() === said)) ?? all.find((one) => one.language === 'en') ?? all[0];
}

/** Blank lines part paragraphs, "- " begins an item of a list.  @param {{ text: string }} props */
function Paragraphs({ text }) {
  return text.trim().split(/\n\s*\n/).map((paragraph, at) => {
    const lines = paragraph.split('\n');
    const items = lines.filter((line) => line.startsWith('- '));
    const words = lines.filter((line) => !line.startsWith('- '));
    return html`<div key=${at}>
      ${words.length > 0 && html`<p class="govuk-body">${words.join('\n')}</p>`}
      ${items.length > 0 && html`<ul class="govuk-list govuk-list--bullet">${items.map((item) => html`<li key=${item}>${item.slice(2)}</li>`)}</ul>`}
    </div>`;
  });
}

/** @param {{ schema: Schema | null, person: string, value: string, onValue: (value: string) => void }} props */
export function Wording({ schema, person, value, onValue }) {
  const { held } = useHeld(`/api/record/${person}`);
  const all = newestWordings(schema);
  const chosen = all.find(({ id, version }) => `${id}:${version}` === value);
  const begin = held ? firstWording(all, shown(held, 'language') ?? '') : undefined;
  useEffect(() => { if (!chosen && begin) onValue(`${begin.id}:${begin.version}`); }, [chosen, begin]);
  if (all.length === 0) return null;
  return html`
    <${Select} id="wording" label="Read this out, or show it" value=${value} onValue=${onValue}
      choices=${all.map(({ id, version, title }) => ({ code: `${id}:${version}`, label: title }))} />
    ${chosen && html`<div class="teapot-wording" lang=${chosen.language} dir=${right_to_left.test(chosen.language) ? 'rtl' : 'ltr'} tabindex="0" role="region" aria-label="The wording">
      ${!chosen.proof_read && html`<p class="govuk-body" lang="en" dir="ltr"><strong class="govuk-tag teapot-tag">Nobody has proof-read this translation yet</strong></p>`}
      <${Paragraphs} text=${chosen.text} />
    </div>`}`;
}

// A score: the ten items of NDT, added up as they are said, or the total alone.
import { html } from 'htm/preact';

import { Choice, TextField } from '../parts/field.mjs';
import { fieldOf } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */

// As schema/score.c has them.
const items = /** @type {[string, number[]][]} */ ([
  ['engagement', [0, 1, 2, 3, 4]], ['self_harm', [0, 1, 2, 3, 4]], ['unintended_self_harm', [0, 1, 2, 3, 4]],
  ['risk_to_others', [0, 2, 4, 6, 8]], ['risk_from_others', [0, 2, 4, 6, 8]], ['stress_and_anxiety', [0, 1, 2, 3, 4]],
  ['social_effectiveness', [0, 1, 2, 3, 4]], ['alcohol_and_drugs', [0, 1, 2, 3, 4]], ['impulse_control', [0, 1, 2, 3, 4]], ['housing', [0, 1, 2, 3, 4]],
]);

/**
 * @param {{ schema: Schema, form: Record<string, string>, change: (part: Record<string, string>) => void, errorOf: (id: string) => string | undefined }} props
 */
export function ScoreFields({ schema, form, change, errorOf }) {
  const said = items.filter(([name]) => form[name]);
  const sum = said.reduce((all, [name]) => all + Number(form[name]), 0);
  const isByItem = form.scale === 'ndt' && said.length > 0;
  const none = Object.fromEntries(items.map(([name]) => [name, '']));
  const label = (/** @type {string} */ name) => fieldOf(schema, 'score', name)?.label ?? name;
  return html`
    <${Choice} id="field-scale" label="Which scale?" value=${form.scale ?? ''} choices=${schema.lists.score_scale ?? []} error=${errorOf('field-scale')}
      onValue=${(/** @type {string} */ scale) => change(scale === 'ndt' ? { scale } : { ...none, scale })} />
    <${TextField} id="field-taken_on" label="Taken on" hint="Day first: 12/7/2026. Leave it empty if it was today." width="20" value=${form.taken_on ?? ''} onValue=${(/** @type {string} */ taken_on) => change({ taken_on })} error=${errorOf('field-taken_on')} />
    ${form.scale === 'reqol_10' && html`<p class="govuk-body">Only the total is kept: the questions are licensed.</p>`}
    ${form.scale && !isByItem && html`<${TextField} id="field-total" label="Total" hint=${form.scale === 'ndt' ? '0 to 48, or answer the ten items below and it is added up.' : '0 to 40'} inputmode="numeric" width="3" value=${form.total ?? ''} onValue=${(/** @type {string} */ total) => change({ total })} error=${errorOf('field-total')} />`}
    ${form.scale === 'ndt' && html`
      <h2 class="govuk-heading-m">The ten items</h2>
      <p class="govuk-body">Who sees them must be allowed to know of all they ask about: substance use, offending, housing, health, abuse. The total alone can be shown to more people.</p>
      ${items.map(([name, values]) => html`<${Choice} key=${name} id=${`field-${name}`} label=${label(name)} inline=${true} value=${form[name] ?? ''} error=${errorOf(`field-${name}`)}
        choices=${values.map((value) => ({ code: String(value), label: String(value) }))} onValue=${(/** @type {string} */ value) => change({ [name]: value, total: '' })} />`)}
      ${isByItem && html`<p class="govuk-body" role="status"><strong>${sum} so far</strong>, ${said.length} of 10 items. <button type="button" class="teapot-link-button" onClick=${() => change(none)}>Clear the items</button></p>`}`}`;
}

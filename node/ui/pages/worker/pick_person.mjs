// Of whom a form is, where it may also be of nobody known: `form.person` once picked, `form.who` as typed.
import { html } from 'htm/preact';

import { PersonName } from '../parts/record.mjs';
import { FindPeople } from './find_people.mjs';

/**
 * @param {{ label: string, hint?: string, error?: string, form: { person: string, who: string },
 *   change: (part: { person?: string, who?: string }) => void, without?: string[] }} props
 */
export function PickPerson({ label, hint, error, form, change, without }) {
  if (form.person) {
    return html`<div class="teapot-picked">
      <p class="govuk-body">Of <strong><${PersonName} person=${form.person} /></strong></p>
      <button type="button" class="govuk-button govuk-button--secondary" onClick=${() => change({ person: '' })}>Somebody else</button>
    </div>`;
  }
  return html`<${FindPeople} id="who" label=${label} hint=${hint} error=${error} value=${form.who} onValue=${(/** @type {string} */ who) => change({ who })}
    onPick=${(/** @type {import('../types.d.ts').Card} */ card) => change({ person: card.name })} without=${without} />`;
}

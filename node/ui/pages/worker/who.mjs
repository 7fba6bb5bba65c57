// Who is writing?  One place, until there is sign-in.
import { useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { beginSession, Problem } from '../api.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { TextField } from '../parts/field.mjs';

/** @typedef {import('../types.d.ts').Session} Session */

/** @param {{ session: Session, onSession: (session: Session) => void }} props */
export function Who({ session, onSession }) {
  const [name, setName] = useState('');
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const begin = async (/** @type {string} */ worker) => {
    setBusy(true);
    try {
      onSession(await beginSession(worker));
    } catch (problem) {
      setError(problem instanceof Problem ? problem.message : String(problem));
      setBusy(false);
    }
  };
  const errors = error ? [{ id: 'worker', text: error }] : [];
  return html`
    <${ErrorSummary} errors=${errors} />
    <h1 class="govuk-heading-l">Who is writing?</h1>
    <p class="govuk-body">Your name stands with everything you write, so that others know whom to ask.</p>
    ${session.workers.length > 0 && html`
      <h2 class="govuk-heading-m">Wrote here lately</h2>
      <ul class="govuk-list teapot-choices">
        ${session.workers.map((worker) => html`<li key=${worker}><button type="button" class="govuk-button govuk-button--secondary" disabled=${isBusy} onClick=${() => begin(worker)}>${worker}</button></li>`)}
      </ul>`}
    <form novalidate onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); begin(name); }}>
      <${TextField} id="worker" label=${session.workers.length > 0 ? 'Somebody else' : 'Your name'} hint="As your colleagues know you" value=${name} onValue=${setName} error=${error} autocomplete="off" width="20" />
      <button type="submit" class="govuk-button" disabled=${isBusy}>Go on</button>
    </form>`;
}

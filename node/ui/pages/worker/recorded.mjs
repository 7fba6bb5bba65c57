// After something was written: where it is now, and what somebody mostly does next.
import { html } from 'htm/preact';

import { useHeld } from '../api.mjs';
import { Notice } from '../parts/notice.mjs';
import { NameOfWhom, WhereItIs, shown } from '../parts/record.mjs';

/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */

const titles = /** @type {Record<string, string>} */ ({
  contact: 'The contact is recorded', help_request: 'The help request is taken', action: 'The action is recorded', consent: 'What they said is recorded', join: 'Recorded as one person',
});

/** The words that somebody reads to be sure of what was kept.  @param {RecordDocument} doc */
const gist = (doc) => shown(doc, 'note') ?? shown(doc, 'words') ?? shown(doc, 'what') ?? shown(doc, 'why') ?? '';

/** @param {{ code: string }} props */
export function Code({ code }) {
  const parts = code.match(/.{1,3}/g) ?? [code];
  return html`<div class="teapot-code">
    <p class="govuk-body">Their code. Write it down for them: with it they can ask at any kiosk, or any of us, what became of it.</p>
    <p class="teapot-code__symbols">${parts.join('-')}</p>
  </div>`;
}

/** @param {{ doc: RecordDocument }} props */
function Next({ doc }) {
  const { person, entity, name } = doc;
  return html`<ul class="teapot-next">
    ${entity === 'help_request' && html`<li><a class="govuk-link" href=${`/request/${name}`}>Open the request</a></li>`}
    ${entity === 'action' && html`<li><a class="govuk-link" href=${`/action/${name}`}>Open the action</a></li>`}
    ${person && html`
      <li><a class="govuk-link" href=${`/person/${person}`}>Everything about them</a></li>
      ${entity !== 'help_request' && html`<li><a class="govuk-link" href=${`/request/new/${person}`}>Take a help request from them</a></li>`}
      ${entity !== 'consent' && html`<li><a class="govuk-link" href=${`/consent/${person}`}>Ask what may be shared</a></li>`}
      ${entity !== 'action' && html`<li><a class="govuk-link" href=${`/action/new/${person}`}>Add an action</a></li>`}`}
    <li><a class="govuk-link" href="/">Back to the start</a></li>
  </ul>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const { held, problem } = useHeld(`/api/record/${args[0]}`);
  const doc = /** @type {RecordDocument | null} */ (held);
  if (!doc) return html`<h1 class="govuk-heading-l">Recorded</h1>${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}`;
  const code = shown(doc, 'code');
  return html`
    <h1 class="govuk-heading-l">${titles[doc.entity] ?? 'Recorded'}</h1>
    <${WhereItIs} doc=${doc} />
    ${code && html`<${Code} code=${code} />`}
    <p class="govuk-body">${doc.person ? html`With <strong><${NameOfWhom} doc=${doc} beside=${gist(doc)} /></strong>, ` : ''}${doc.at_text}</p>
    ${gist(doc) && html`<blockquote class="teapot-words">${gist(doc)}</blockquote>`}
    <a class="govuk-button teapot-big" href="/contact">Record another contact</a>
    <h2 class="govuk-heading-m">What next?</h2>
    <${Next} doc=${doc} />`;
}

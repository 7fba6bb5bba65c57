// Where a worker begins: what waits for them, whom they saw lately, what they have begun.
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { useHeld } from '../api.mjs';
import { Cards, cardName } from '../parts/card.mjs';
import { Notice } from '../parts/notice.mjs';
import { useSchema } from '../parts/record.mjs';
import { dayOf } from '../parts/when.mjs';
import { Begun } from './begun.mjs';
import { FindPeople } from './find_people.mjs';
import { ActionRow, RequestRow } from './requests.mjs';

/** @typedef {import('../types.d.ts').Start} Start */

/** @param {{ title: string, count: number, shown?: number, all?: string, isPart?: boolean, children?: any }} props */
const Section = ({ title, count, shown = count, all, isPart = false, children }) => (count === 0 ? null : html`<section>
  ${isPart ? html`<h3 class="govuk-heading-s">${title}</h3>` : html`<h2 class="govuk-heading-m">${title}</h2>`}
  ${children}
  ${all && html`<p class="govuk-body"><a class="govuk-link" href=${all}>${count > shown ? `All ${count}` : 'See all'}<span class="govuk-visually-hidden">: ${title}</span></a></p>`}
</section>`);

/** @param {{ start: Start, session: import('../types.d.ts').Session }} props */
function Waiting({ start, session }) {
  const schema = useSchema();
  const { requests, requests_count, actions, actions_count, reviews, renew } = start;
  return html`
    ${requests_count + actions_count + reviews + renew.length === 0 && html`<p class="govuk-body">Nothing waits for you.</p>`}
    <${Section} isPart=${true} title="Help requests" count=${requests_count} shown=${requests.length} all="/requests">
      <ul class="teapot-cards">${requests.map((doc) => html`<${RequestRow} key=${doc.name} doc=${doc} schema=${schema} session=${session} />`)}</ul>
    </${Section}>
    <${Section} isPart=${true} title="Actions" count=${actions_count} shown=${actions.length} all="/actions">
      <ul class="teapot-cards">${actions.map((doc) => html`<${ActionRow} key=${doc.name} doc=${doc} schema=${schema} />`)}</ul>
    </${Section}>
    <${Section} isPart=${true} title="To look through" count=${reviews}>
      <p class="govuk-body"><a class="govuk-link" href="/review">${reviews === 1 ? 'One thing that others wrote differently' : `${reviews} things that others wrote differently`}</a></p>
    </${Section}>
    <${Section} isPart=${true} title="Ask again what may be shared" count=${renew.length}>
      <ul class="govuk-list teapot-rows">${renew.map(({ consent, person, card, ends_on, review_on }) => html`<li key=${consent}><a class="govuk-link" href=${`/consent/${person}`}>${card ? cardName(card) : 'Somebody'}</a> ${ends_on ? `ends ${dayOf(`${ends_on}T12:00Z`)}` : `from ${dayOf(`${review_on}T12:00Z`)}`}</li>`)}</ul>
    </${Section}>`;
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ session }) {
  const [text, setText] = useState('');
  const { held, problem, again } = useHeld('/api/start');
  const start = /** @type {Start | null} */ (held);
  const lately = (start?.lately ?? []).flatMap(({ card }) => card ?? []);
  return html`
    <h1 class="govuk-heading-l">Hello, ${session.worker}</h1>
    <div class="teapot-begin">
      <a class="govuk-button teapot-big" href="/contact">Record a contact</a>
      <a class="govuk-button govuk-button--secondary" href="/request/new">Take a help request</a>
      <a class="govuk-button govuk-button--secondary" href="/code">Look up a code</a>
    </div>
    ${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}
    ${start && html`<${Begun} drafts=${start.drafts} again=${again} />`}
    <h2 class="govuk-heading-m">What waits for you</h2>
    ${start && html`<${Waiting} start=${start} session=${session} />`}
    <h2 class="govuk-heading-m">Find somebody</h2>
    <${FindPeople} id="find" label="A name, a street name or how they look" value=${text} onValue=${setText} />
    ${start && html`<${Section} title="Seen lately" count=${lately.length}><${Cards} cards=${lately} label="Seen lately" /></${Section}>`}
    <nav class="teapot-next" aria-label="Lists"><a class="govuk-link" href="/requests">All help requests</a> <a class="govuk-link" href="/actions">All actions</a></nav>`;
}

// What lost, or waits for somebody: with what is shown instead, settled in one step.
import { useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { lookAgain, post } from '../api.mjs';
import { Parts, useDrawn } from '../parts/drawn.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { Notice } from '../parts/notice.mjs';
import { usePaged } from '../parts/paged.mjs';
import { aboutWords, useSchema } from '../parts/record.mjs';
import { useSaving } from '../parts/saving.mjs';
import { whenNear } from '../parts/when.mjs';
import { Settle, SettledNotice } from './settle.mjs';
import { entityLabel, fieldLabel, fieldOf, titleOf, valueWords, whoWords } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').ReviewItem} ReviewItem */
/** @typedef {import('../types.d.ts').Settled} Settled */
/** @typedef {{ settled?: Settled, dismissed?: ReviewItem }} Done */

const ITEMS_FIRST = 30; // pages.mjs has the document bring them
const ITEMS_MORE = 100;
const DRAWN_AT_ONCE = 10;
const ITEM_REM = 20;
const names = /** @type {Record<string, string>} */ ({
  conflict: 'Different answers', lost_value: 'Something you wrote is not shown', offer: 'Offered', overruled_consent: 'Consent that does not count',
  kinds: 'Kinds of information', retraction: 'Taken back, and back', gateway: 'Legal gateway', refused: 'The hub could not use it', copied: 'This device', damaged: 'Lost on this device',
  erased: 'Erased for good',
});
const is_settled = ['conflict', 'lost_value', 'kinds'];

/** What is shown, and what is not, of an item whose record cannot be settled here.  @param {{ schema: Schema | null, item: ReviewItem }} props */
function Values({ schema, item }) {
  const row = item.field ? fieldOf(schema, item.entity, item.field) : null;
  const words = (/** @type {any} */ value) => valueWords(schema, row, value);
  return html`<dl class="teapot-facts">
    ${item.field && words(item.shown) && html`<div><dt>Shown now</dt><dd>${words(item.shown)}</dd></div>`}
    ${item.kept.filter(({ value }) => value !== null).map((kept) => html`<div key=${kept.name}><dt>Not shown</dt><dd>${words(kept.value)} <span class="teapot-quiet">${whoWords(schema, kept)}</span></dd></div>`)}
  </dl>`;
}

/** @param {{ item: ReviewItem }} props */
function WhereTo({ item }) {
  if (item.kind === 'overruled_consent') return html`<a class="govuk-button" href=${`/consent/${item.person}`}>Ask them again</a>`;
  if (item.kind === 'offer') return html`<a class="govuk-button" href=${`/${item.entity === 'action' ? 'action' : 'request'}/${item.record}`}>${item.can_accept ? 'Look at it, and take it over' : 'Look at it'}</a>`;
  return null;
}

/** @param {{ schema: Schema | null, item: ReviewItem, onDone: (done: Done) => void }} props */
function Item({ schema, item, onDone }) {
  const { doc } = item;
  const { errors, isBusy, run } = useSaving({}, `item-${item.id}`);
  const canSettle = doc && item.field && is_settled.includes(item.kind) && (doc.fields[item.field]?.heads.length ?? 0) > 1;
  const dismiss = () => run(async () => { await post('/api/review/dismiss', { id: item.id }); lookAgain(); onDone({ dismissed: item }); });
  return html`<li class="teapot-review" id=${`item-${item.id}`}>
    <h2 class="govuk-heading-m">${item.person ? html`<a class="govuk-link" href=${`/person/${item.person}`}>${aboutWords(item)}</a>` : aboutWords(item)}</h2>
    <p class="teapot-review__kind"><strong class="govuk-tag govuk-tag--grey">${names[item.kind] ?? item.kind}</strong></p>
    <p class="govuk-body">${item.text}</p>
    <p class="teapot-quiet">${doc ? titleOf(schema, doc) : entityLabel(schema, item.entity)}${item.field ? ` · ${fieldLabel(schema, item.entity, item.field)}` : ''} · ${whenNear(item.at)}</p>
    <${ErrorSummary} errors=${errors} />
    ${canSettle && item.field ? html`<${Settle} schema=${schema} doc=${doc} field=${item.field} onSettled=${(/** @type {Settled} */ settled) => onDone({ settled })} />` : html`<${Values} schema=${schema} item=${item} />`}
    <div class="govuk-button-group">
      <${WhereTo} item=${item} />
      ${item.can_dismiss && html`<button type="button" class="govuk-button govuk-button--secondary" disabled=${isBusy} onClick=${dismiss}>It can stay as it is<span class="govuk-visually-hidden">: ${item.text}</span></button>`}
    </div>
  </li>`;
}

/** @param {{ item: ReviewItem, onRestored: () => void }} props */
function Dismissed({ item, onRestored }) {
  const { errors, isBusy, run } = useSaving({}, 'dismissed');
  const restore = () => run(async () => { await post('/api/review/restore', { id: item.id }); lookAgain(); onRestored(); });
  const box = (/** @type {HTMLElement | null} */ element) => { if (element && element.dataset.for !== item.id) { element.dataset.for = item.id; element.focus(); } };
  return html`<div class="teapot-settled" role="status" tabindex="-1" id="dismissed" ref=${box}>
    <p class="govuk-body"><strong>Out of the list on this device.</strong> ${item.text}</p>
    <${ErrorSummary} errors=${errors} />
    <button type="button" class="teapot-link-button" disabled=${isBusy} onClick=${restore}>Undo: put it back into the list</button>
  </div>`;
}

/** About the device as a whole, or what is gone: there is no record to show.  @param {{ item: ReviewItem, onDone: (done: Done) => void }} props */
function OfDevice({ item, onDone }) {
  const { errors, isBusy, run } = useSaving({}, `item-${item.id}`);
  const dismiss = () => run(async () => { await post('/api/review/dismiss', { id: item.id }); lookAgain(); onDone({ dismissed: item }); });
  return html`<li class="teapot-review" id=${`item-${item.id}`}>
    <h2 class="govuk-heading-m">${names[item.kind]}</h2>
    <p class="govuk-body">${item.text}</p>
    <p class="teapot-quiet">${whenNear(item.at)}</p>
    <${ErrorSummary} errors=${errors} />
    <button type="button" class="govuk-button govuk-button--secondary" disabled=${isBusy} onClick=${dismiss}>${item.kind === 'copied' ? 'They know' : 'I have read it'}<span class="govuk-visually-hidden">: ${item.text}</span></button>
  </li>`;
}

export function Page() {
  const schema = useSchema();
  const { first, rows, isMore, more, problem } = usePaged(`/api/review?max=${ITEMS_FIRST}`, 'items');
  const [done, setDone] = useState(/** @type {Done | null} */ (null));
  const drawn = useDrawn(rows.length, null, { first: ITEMS_FIRST, step: DRAWN_AT_ONCE });
  const draw = (/** @type {ReviewItem} */ item) => html`<${item.kind === 'copied' || item.kind === 'erased' || (item.kind === 'damaged' && !item.person) ? OfDevice : Item} key=${item.id} schema=${schema} item=${item} onDone=${setDone} />`;
  return html`
    <h1 class="govuk-heading-l">To review</h1>
    ${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}
    ${done?.settled && html`<${SettledNotice} schema=${schema} settled=${done.settled} onSettled=${(/** @type {Settled} */ settled) => setDone({ settled })} />`}
    ${done?.dismissed && html`<${Dismissed} item=${done.dismissed} onRestored=${() => setDone(null)} />`}
    ${first && html`<p class="govuk-body" role="status">${first.count === 0 ? 'Nothing waits for review.' : `${first.count} to look at.`}${first.dismissed > 0 ? ` ${first.dismissed} left out on this device.` : ''}</p>
      <${Parts} rows=${rows.slice(0, drawn)} size=${DRAWN_AT_ONCE} row_rem=${ITEM_REM} draw=${draw} made_of=${schema} kind="teapot-reviews" label="To review" />
      ${isMore && html`<button type="button" class="govuk-button govuk-button--secondary" onClick=${() => more(ITEMS_MORE)}>Show ${Math.min(ITEMS_MORE, first.count - rows.length)} more</button>`}`}`;
}

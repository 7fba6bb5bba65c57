// What is not sent yet, in words, live.  No spinner: nothing on any page waits for it.
import { html } from 'htm/preact';

import { syncNow, useStatus } from '../api.mjs';
import { whenNear } from './when.mjs';

/** @typedef {import('../types.d.ts').Status} Status */

const count = (/** @type {number} */ n) => n.toLocaleString('en-GB');

const BAR_MIN = 100; // less is over before a bar says anything

/**
 * Long work, in words: "Fetching: 1,200 of 4,800", or how much so far where nobody knows the end.
 * @param {Status} status
 */
function progressWords({ progress, last_sync_at }) {
  if (!progress) return '';
  const verb = progress.what === 'rebuilding' ? 'Putting what is here in order'
    : progress.what === 'sending' ? 'Sending' : last_sync_at ? 'Fetching' : 'First fetch';
  if (progress.of !== null) return `${verb}: ${count(progress.done)} of ${count(progress.of)}`;
  return progress.done > 0 ? `${verb}: ${count(progress.done)} so far` : verb;
}

/** How far it is.  It stands in no live region: whoever does not see it asks, and is not told each step.  @param {{ status: Status }} props */
function Progress({ status }) {
  const { progress } = status;
  const words = progressWords(status);
  if (!progress || progress.of === null || progress.of < BAR_MIN) return html`<p class="teapot-sync__progress">${words}</p>`;
  return html`<p class="teapot-sync__progress"><label for="sync-bar">${words}</label>
    <progress id="sync-bar" max=${progress.of} value=${Math.min(progress.done, progress.of)}></progress></p>`;
}

/**
 * "3 not sent yet, oldest from 20:05; last sent 17:40".
 * @param {Status} status
 */
export function syncWords(status) {
  const sent = status.unsent === 0 ? 'All sent'
    : `${count(status.unsent)} not sent yet${status.oldest_unsent_at ? `, oldest from ${whenNear(status.oldest_unsent_at)}` : ''}`;
  const damaged = 'Something kept here is damaged or missing and is being fetched again';
  const waiting = !status.differs ? sent : status.unsent === 0 ? damaged : `${damaged}; ${sent}`;
  if (!status.enrolled) return `${waiting}; there is no hub to send to yet`;
  return `${waiting}; ${status.last_sync_at ? `last sent ${whenNear(status.last_sync_at)}` : 'not everything has come from the hub yet'}`;
}

const SPACE_LOW_BYTES = 100_000_000; // long before anything is refused

/**
 * Said on every page, before anything has to be refused; '' where there is space.
 * @param {Status} status
 */
function spaceWords({ full, free_bytes: free }) {
  if (full) return 'The disk is full: nothing more can be recorded until there is space. What is here is safe, and can be read and sent.';
  return free < SPACE_LOW_BYTES ? `The disk is nearly full: ${count(Math.floor(free / 1e6))} MB are left. Make space before it ends.` : '';
}

export function SyncLine() {
  const { status, isAway } = useStatus();
  if (isAway) return html`<p class="teapot-sync teapot-sync--away" role="status">Teapot is not running on this computer at the moment. What was saved is safe.</p>`;
  if (!status || status.unsent === undefined) return html`<p class="teapot-sync" role="status"></p>`;
  const progress = status.progress !== null;
  return html`<section class="teapot-sync ${status.unsent > 0 ? 'teapot-sync--waiting' : ''}" aria-label="Sending and fetching">
    <p class="teapot-sync__words" role="status">${syncWords(status)}</p>
    ${progress && html`<${Progress} status=${status} />`}
    ${!progress && status.enrolled && html`<button type="button" class="teapot-link-button" onClick=${syncNow}>Send now</button>`}
    ${status.hub_back && html`<p class="teapot-sync__trouble">The hub was put back to an earlier state and is collecting what it lost. Until it is done it sends nothing new from other agencies. What was saved here is safe.</p>`}
    ${spaceWords(status) && html`<p class="teapot-sync__trouble">${spaceWords(status)}</p>`}
    ${status.copied && html`<p class="teapot-sync__trouble">What is on this device is a copy. Nothing is lost. <a class="govuk-link" href="/review">What to do about it</a></p>`}
    ${!progress && status.enrolled && status.trouble && html`<details class="teapot-sync__trouble"><summary>No network, or no hub</summary>${status.trouble}</details>`}
  </section>`;
}

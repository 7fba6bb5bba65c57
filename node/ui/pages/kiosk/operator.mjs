// For whoever looks after the kiosk, by a keyboard: Ctrl+Alt+O.  Nothing of any request stands here.
import { useEffect, useRef } from 'preact/hooks';
import { html } from 'htm/preact';

/** @typedef {import('./texts.mjs').Text} Text */
/** @typedef {import('./node.mjs').Kiosk} Kiosk */

/** @param {KeyboardEvent} event */
export const isOperatorKey = (event) => event.ctrlKey && event.altKey && event.code === 'KeyO';

/** @param {string} at */
const momentOf = (at) => new Date(at).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'Europe/London' });

/** @param {{ texts: Map<string, Text>, kiosk: Kiosk, onClose: () => void }} props */
export function Operator({ texts, kiosk, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  const unread = [...texts.values()].filter((text) => !text.proof_read).map((text) => text.name);
  return html`<dialog ref=${dialog} lang="en" dir="ltr" aria-labelledby="operator" onClose=${onClose}>
    <h2 id="operator">This kiosk</h2>
    <dl class="facts">
      <dt>Agency</dt><dd>${kiosk.agency.label || kiosk.agency.id}</dd>
      <dt>Requests not sent yet</dt><dd>${kiosk.unsent}</dd>
      <dt>Last sent</dt><dd>${kiosk.last_sync_at ? momentOf(kiosk.last_sync_at) : 'never'}</dd>
      <dt>Version</dt><dd>${kiosk.version}</dd>
      <dt>Texts nobody has proof-read</dt><dd>${unread.join(', ') || 'none'}</dd>
    </dl>
    <p>To leave the kiosk: Ctrl+Alt+F2, and log in there. How it is set up: toolchains/kiosk.sh.</p>
    <button type="button" class="go" onClick=${() => dialog.current?.close()}>Close</button>
  </dialog>`;
}

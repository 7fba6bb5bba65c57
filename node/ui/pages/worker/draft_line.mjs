// Whether what was begun is kept, said beside the button.
import { html } from 'htm/preact';

/** @param {{ saved: '' | 'saved' | 'unsaved' }} props */
export function DraftLine({ saved }) {
  const words = { '': '', saved: 'What you have begun is kept on this device.', unsaved: 'Not kept yet: Teapot does not answer. Leave this page open.' }[saved];
  return html`<p class="govuk-hint teapot-draft-line" role="status">${words}</p>`;
}

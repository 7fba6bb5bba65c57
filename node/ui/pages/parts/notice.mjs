// Something that everybody on the page must read.
import { html } from 'htm/preact';

/** @param {{ kind?: 'done' | 'trouble' | 'news', title?: string, children?: any }} props */
export function Notice({ kind = 'news', title, children }) {
  const heading = title ?? { done: 'Done', trouble: 'Trouble', news: 'Please note' }[kind];
  const id = `notice-${kind}`;
  return html`<div class="govuk-notification-banner ${kind === 'done' ? 'govuk-notification-banner--success' : ''} teapot-notice--${kind}" role=${kind === 'news' ? 'region' : 'alert'} aria-labelledby=${id}>
    <div class="govuk-notification-banner__header"><h2 class="govuk-notification-banner__title" id=${id}>${heading}</h2></div>
    <div class="govuk-notification-banner__content"><p class="govuk-notification-banner__heading">${children}</p></div>
  </div>`;
}

// What must be put right before the page can be saved: first on the page, each line leads to its field.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from 'htm/preact';

/** @param {{ errors: import('../types.d.ts').FieldError[] }} props */
export function ErrorSummary({ errors }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const words = errors.map(({ text }) => text).join('\n');
  useLayoutEffect(() => { if (words) box.current?.focus(); }, [words]);
  if (errors.length === 0) return null;
  const show = (/** @type {string} */ id) => (/** @type {Event} */ event) => {
    event.preventDefault();
    const field = document.getElementById(id);
    field?.scrollIntoView({ block: 'center' });
    field?.focus();
  };
  return html`<div class="govuk-error-summary" tabindex="-1" ref=${box}>
    <div role="alert">
      <h2 class="govuk-error-summary__title">There is a problem</h2>
      <div class="govuk-error-summary__body">
        <ul class="govuk-list govuk-error-summary__list">
          ${errors.map(({ id, text }) => html`<li key=${id}><a href=${`#${id}`} onClick=${show(id)}>${text}</a></li>`)}
        </ul>
      </div>
    </div>
  </div>`;
}

// Fields of a form, after GOV.UK: the label above, the hint below it, the trouble in words, then the field.
import { html } from 'htm/preact';

/** @typedef {{ id: string, label: string, hint?: string, error?: string }} Asked */

/** @param {Asked} asked */
const describedBy = ({ id, hint, error }) => [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;

/** @param {Asked} asked */
function Words({ id, hint, error }) {
  return html`
    ${hint && html`<div id=${`${id}-hint`} class="govuk-hint">${hint}</div>`}
    ${error && html`<p id=${`${id}-error`} class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> ${error}</p>`}`;
}

/** @param {{ error?: string, children?: any }} props */
const Group = ({ error, children }) => html`<div class="govuk-form-group ${error ? 'govuk-form-group--error' : ''}">${children}</div>`;

/**
 * One line of text; `list` offers words, and takes any other.
 * @param {Asked & { value: string, onValue: (value: string) => void, type?: string, inputmode?: string, autocomplete?: string, width?: string, lang?: string, list?: string[] }} props
 */
export function TextField(props) {
  const { id, label, error, value, onValue, type = 'text', inputmode, autocomplete = 'off', width, lang, list } = props;
  return html`<${Group} error=${error}>
    <label class="govuk-label" for=${id}>${label}</label>
    <${Words} ...${props} />
    <input class="govuk-input ${width ? `govuk-input--width-${width}` : ''} ${error ? 'govuk-input--error' : ''}" id=${id} name=${id} type=${type} inputmode=${inputmode}
      autocomplete=${autocomplete} lang=${lang} list=${list && `${id}-list`} spellcheck=${false} value=${value} aria-describedby=${describedBy(props)}
      onInput=${(/** @type {any} */ event) => onValue(event.target.value)} />
    ${list && html`<datalist id=${`${id}-list`}>${list.map((one) => html`<option key=${one} value=${one} />`)}</datalist>`}
  </${Group}>`;
}

/**
 * Several lines.
 * @param {Asked & { value: string, onValue: (value: string) => void, rows?: number, lang?: string }} props
 */
export function TextArea(props) {
  const { id, label, error, value, onValue, rows = 4, lang } = props;
  return html`<${Group} error=${error}>
    <label class="govuk-label" for=${id}>${label}</label>
    <${Words} ...${props} />
    <textarea class="govuk-textarea ${error ? 'govuk-textarea--error' : ''}" id=${id} name=${id} rows=${rows} lang=${lang} autocomplete="off" value=${value} aria-describedby=${describedBy(props)}
      onInput=${(/** @type {any} */ event) => onValue(event.target.value)}></textarea>
  </${Group}>`;
}

/**
 * One of several: radio buttons.
 * @param {Asked & { value: string, onValue: (value: string) => void, choices: { code: string, label: string, hint?: string }[], inline?: boolean }} props
 */
export function Choice(props) {
  const { id, label, error, value, onValue, choices, inline = false } = props;
  return html`<${Group} error=${error}>
    <fieldset class="govuk-fieldset" aria-describedby=${describedBy(props)}>
      <legend class="govuk-fieldset__legend">${label}</legend>
      <${Words} ...${props} />
      <div class="govuk-radios ${inline ? 'govuk-radios--inline' : ''}">
        ${choices.map((choice, at) => html`<div class="govuk-radios__item" key=${choice.code}>
          <input class="govuk-radios__input" id=${at === 0 ? id : `${id}-${choice.code}`} name=${id} type="radio" value=${choice.code} checked=${value === choice.code} onChange=${() => onValue(choice.code)} />
          <label class="govuk-label govuk-radios__label" for=${at === 0 ? id : `${id}-${choice.code}`}>${choice.label}</label>
          ${choice.hint && html`<div class="govuk-hint govuk-radios__hint">${choice.hint}</div>`}
        </div>`)}
      </div>
    </fieldset>
  </${Group}>`;
}

/**
 * Any of several: checkboxes.
 * @param {Asked & { values: string[], onValues: (values: string[]) => void, choices: { code: string, label: string, hint?: string }[] }} props
 */
export function Choices(props) {
  const { id, label, error, values, onValues, choices } = props;
  const turn = (/** @type {string} */ code) => onValues(values.includes(code) ? values.filter((one) => one !== code) : [...values, code]);
  return html`<${Group} error=${error}>
    <fieldset class="govuk-fieldset" aria-describedby=${describedBy(props)}>
      <legend class="govuk-fieldset__legend">${label}</legend>
      <${Words} ...${props} />
      <div class="govuk-checkboxes">
        ${choices.map((choice, at) => html`<div class="govuk-checkboxes__item" key=${choice.code}>
          <input class="govuk-checkboxes__input" id=${at === 0 ? id : `${id}-${choice.code}`} name=${id} type="checkbox" value=${choice.code} checked=${values.includes(choice.code)} onChange=${() => turn(choice.code)} />
          <label class="govuk-label govuk-checkboxes__label" for=${at === 0 ? id : `${id}-${choice.code}`}>${choice.label}</label>
          ${choice.hint && html`<div class="govuk-hint govuk-checkboxes__hint">${choice.hint}</div>`}
        </div>`)}
      </div>
    </fieldset>
  </${Group}>`;
}

/**
 * One of many: a list to choose from.
 * @param {Asked & { value: string, onValue: (value: string) => void, choices: { code: string, label: string }[], none?: string }} props
 */
export function Select(props) {
  const { id, label, error, value, onValue, choices, none } = props;
  return html`<${Group} error=${error}>
    <label class="govuk-label" for=${id}>${label}</label>
    <${Words} ...${props} />
    <select class="govuk-select ${error ? 'govuk-select--error' : ''}" id=${id} name=${id} value=${value} aria-describedby=${describedBy(props)} onChange=${(/** @type {any} */ event) => onValue(event.target.value)}>
      ${none !== undefined && html`<option value="">${none}</option>`}
      ${choices.map(({ code, label: text }) => html`<option key=${code} value=${code}>${text}</option>`)}
    </select>
  </${Group}>`;
}

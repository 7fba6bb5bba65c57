// The on-screen keyboard: nobody needs another one.
import { useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { code_keys, face_of, layouts, marks_of, numbers } from './keys.mjs';

/** @typedef {import('./texts.mjs').Text} Text */
/** @typedef {HTMLTextAreaElement | HTMLInputElement} Field */

/** Types a key into a field, at its caret, so that the browser tells it as it tells any other typing.
 * @param {Field | null} field @param {string} key */
export function press(field, key) {
  if (!field) return;
  const from = field.selectionStart ?? field.value.length;
  const to = field.selectionEnd ?? from;
  if (key === 'Backspace') {
    const start = from === to ? before(field.value, from) : from;
    field.setRangeText('', start, to, 'end');
  } else if (field.maxLength < 0 || field.value.length - (to - from) + key.length <= field.maxLength) {
    field.setRangeText(key, from, to, 'end');
  }
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.focus();
}

/** Where the character before `at` begins: one outside of the first plane is two units long.
 * @param {string} value @param {number} at */
function before(value, at) {
  return at - ([...value.slice(0, at)].pop() ?? '').length;
}

/** A key leaves the focus in the field.
 * @param {{ onPress: () => void, label?: string, wide?: boolean, pressed?: boolean, lang?: string, children?: any }} props */
function Key({ onPress, label, wide, pressed, lang, children }) {
  return html`<button type="button" class="key ${wide ? 'key--wide' : ''}" tabindex="-1" lang=${lang} aria-label=${label} aria-pressed=${pressed}
    onPointerDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${onPress}>${children}</button>`;
}

/** @param {{ text: Text, lang: string, field: () => Field | null, has_lines?: boolean }} props */
export function Keyboard({ text, lang, field, has_lines }) {
  const [layer, setLayer] = useState('letters');
  const [isCapital, setCapital] = useState(false);
  const layout = layouts[text.keyboard];
  const isLatin = layer === 'latin' || (layer === 'letters' && layout.has_capitals);
  const rows = layer === 'numbers' ? numbers : layer === 'latin' ? layouts.en.rows : layout.rows;
  const type = (/** @type {string} */ key) => {
    press(field(), key);
    setCapital(false);
  };
  const shown = (/** @type {string} */ key) => (isLatin && isCapital ? key.toLocaleUpperCase(lang) : key);
  // A mark is seen as what it is, and heard by its name.
  const nameOf = (/** @type {string} */ key) => /** @type {Record<string, string>} */ (text.marks)[key];
  const keyLang = layer === 'latin' ? 'en' : lang;
  return html`<div class="keyboard" role="group" aria-label=${text.keyboard_label} dir="ltr">
    ${rows.map((row, i) => html`<div class="keys" key=${layer + i}>
      ${row.map((key) => html`<${Key} key=${key} lang=${keyLang} label=${nameOf(key)} onPress=${() => type(shown(key))}>${face_of(shown(key))}<//>`)}
    </div>`)}
    <div class="keys">
      ${layer === 'numbers'
        ? html`<${Key} wide onPress=${() => setLayer('letters')}>${text.key_letters}<//>`
        : html`<${Key} wide onPress=${() => setLayer('numbers')}>${text.key_numbers}<//>`}
      ${!layout.has_capitals && html`<${Key} wide lang="en" pressed=${layer === 'latin'} onPress=${() => setLayer(layer === 'latin' ? 'letters' : 'latin')}>ABC<//>`}
      ${isLatin && html`<${Key} wide label=${text.key_shift} pressed=${isCapital} onPress=${() => setCapital(!isCapital)}>⇧<//>`}
      ${layer === 'letters' && layout.more.map((key) => html`<${Key} key=${key} lang=${lang} wide=${face_of(key).length > 1} onPress=${() => type(key)}>${face_of(key)}<//>`)}
      ${marks_of(layer === 'latin' ? 'ltr' : text.dir).map((mark) => html`<${Key} key=${mark} label=${nameOf(mark)} onPress=${() => type(mark)}>${mark}<//>`)}
    </div>
    <div class="keys">
      ${has_lines && html`<${Key} wide onPress=${() => type('\n')}>${text.key_line}<//>`}
      <button type="button" class="key key--space" tabindex="-1" onPointerDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${() => type(' ')}>${text.key_space}</button>
      <${Key} wide onPress=${() => type('Backspace')}>${text.key_delete}<//>
    </div>
  </div>`;
}

/** The keys of a code alone: what no code has cannot be typed.
 * @param {{ text: Text, field: () => Field | null }} props */
export function CodeKeyboard({ text, field }) {
  const type = (/** @type {string} */ key) => press(field(), key);
  return html`<div class="keyboard" role="group" aria-label=${text.keyboard_label} dir="ltr">
    ${code_keys.map((row, i) => html`<div class="keys" key=${i}>
      ${row.map((key) => html`<${Key} key=${key} lang="en" onPress=${() => type(key)}>${key}<//>`)}
      ${i === code_keys.length - 1 && html`<${Key} wide onPress=${() => type('Backspace')}>${text.key_delete}<//>`}
    </div>`)}
  </div>`;
}

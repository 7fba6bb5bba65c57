// The pages of the kiosk, one question each.  What stands in data-read is read out (speech.mjs).
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { CODE_SYMBOLS, inThrees, isCode, spelled, symbolsOf } from './code.mjs';
import { CodeKeyboard, Keyboard } from './keyboard.mjs';
import { askAfter, takeRequest } from './node.mjs';
import { fill, languages } from './texts.mjs';

/** @typedef {import('./texts.mjs').Text} Text */
/** @typedef {import('./node.mjs').Kiosk} Kiosk */
/** @typedef {import('./node.mjs').Told} Told */
/** @typedef {{ words: string, name: string, callback: string }} Answers */
/** @typedef {keyof Answers} Question */

const longest = { words: 4000, name: 200, callback: 500 };

/** @param {{ children?: any }} props */
function Title({ children }) {
  const title = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useLayoutEffect(() => title.current?.focus(), []);
  return html`<h1 id="title" ref=${title} tabindex="-1" data-read="">${children}</h1>`;
}

/** @param {{ message: string }} props */
function Trouble({ message }) {
  return html`<p class="trouble" id="trouble" role="alert" data-read="">${message}</p>`;
}

/** The button that sends.  While it waits it keeps the focus, does nothing more, and the wait is announced.
 * @param {{ isBusy: boolean, busy: string, onGo: () => void, children?: any }} props */
function Go({ isBusy, busy, onGo, children }) {
  return html`<button type="button" class="go" aria-disabled=${isBusy} onClick=${() => { if (!isBusy) onGo(); }}>${isBusy ? busy : children}</button>
    <span class="heard" role="status">${isBusy ? busy : ''}</span>`;
}

/** @param {{ texts: Map<string, Text>, kiosk: Kiosk, onLanguage: (lang: string) => void }} props */
export function Languages({ texts, kiosk, onLanguage }) {
  return html`<main class="page">
    <h1 class="place">${kiosk.agency.label || 'Teapot'}</h1>
    <ul class="languages">
      ${languages.map((lang) => {
        const text = /** @type {Text} */ (texts.get(lang));
        return html`<li key=${lang}><button type="button" class="big" lang=${lang} dir=${text.dir} onClick=${() => onLanguage(lang)}>
          <span class="big__name">${text.name}</span> <span class="big__hint">${text.ask_for_help}</span></button></li>`;
      })}
    </ul>
  </main>`;
}

/** @param {{ text: Text, onHelp: () => void, onCode: () => void }} props */
export function Home({ text, onHelp, onCode }) {
  return html`<main class="page">
    <${Title}>${text.home_title}<//>
    <div class="choices">
      <button type="button" class="big big--first" data-read=${`${text.ask_for_help}. ${text.ask_for_help_hint}`} onClick=${onHelp}><span class="big__name">${text.ask_for_help}</span> <span class="big__hint">${text.ask_for_help_hint}</span></button>
      <button type="button" class="big" data-read=${`${text.have_code}. ${text.have_code_hint}`} onClick=${onCode}><span class="big__name">${text.have_code}</span> <span class="big__hint">${text.have_code_hint}</span></button>
    </div>
    <p class="danger" data-read="">${text.danger}</p>
  </main>`;
}

/** One question and the keys to answer it with.
 * @param {{ text: Text, lang: string, question: Question, value: string, onValue: (value: string) => void, onNext: () => void }} props */
export function Ask({ text, lang, question, value, onValue, onNext }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [trouble, setTrouble] = useState('');
  useLayoutEffect(() => field.current?.focus(), []);
  const goOn = () => {
    if (question === 'words' && value.trim() === '') {
      setTrouble(text.words_empty);
      field.current?.focus();
    } else {
      onNext();
    }
  };
  return html`<main class="page page--typing">
    <div class="question">
      <h1 id="title" data-read="">${text[`${question}_title`]}</h1>
      <p class="hint" id="hint" data-read="">${text[`${question}_hint`]}</p>
      ${trouble && html`<${Trouble} message=${trouble} />`}
      <div class="answer">
        <textarea ref=${field} rows=${question === 'words' ? 4 : 2} dir="auto" maxlength=${longest[question]} value=${value} aria-labelledby="title" aria-describedby="hint ${trouble && 'trouble'}" aria-invalid=${trouble !== ''} inputmode="none" autocomplete="off" autocorrect="off" autocapitalize="off" spellcheck=${false}
          onInput=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ event) => { onValue(event.currentTarget.value); setTrouble(''); }}></textarea>
        <button type="button" class="go" onClick=${goOn}>${text.next}</button>
      </div>
    </div>
    <${Keyboard} text=${text} lang=${lang} field=${() => field.current} has_lines=${question !== 'name'} />
  </main>`;
}

/** @param {{ text: Text, lang: string, kiosk: Kiosk, answers: Answers, sendKey: string, onChange: (question: Question) => void, onCode: (code: string) => void }} props */
export function Check({ text, lang, kiosk, answers, sendKey, onChange, onCode }) {
  const [isSending, setSending] = useState(false);
  const [trouble, setTrouble] = useState('');
  const isOver = useRef(false); // cleared while it was sent: the code is for nobody who comes after
  useEffect(() => () => { isOver.current = true; }, []);
  const send = async () => {
    setSending(true);
    setTrouble('');
    try {
      const code = await takeRequest({ ...answers, language: lang }, sendKey);
      if (!isOver.current) onCode(code);
    } catch {
      setTrouble(text.trouble);
      setSending(false);
    }
  };
  /** @type {Question[]} */
  const questions = ['words', 'name', 'callback'];
  return html`<main class="page">
    <${Title}>${text.check_title}<//>
    <dl class="answers">
      ${questions.map((question) => html`<div class="answers__row" key=${question}>
        <dt data-read="" id=${`is-${question}`}>${text[`${question}_title`]}</dt>
        <dd dir="auto" data-read="" class=${answers[question].trim() ? '' : 'empty'}>${answers[question].trim() || text.left_empty}</dd>
        <dd><button type="button" class="small" aria-describedby=${`is-${question}`} disabled=${isSending} onClick=${() => onChange(question)}>${text.change}</button></dd>
      </div>`)}
    </dl>
    <p class="hint" data-read="">${kiosk.agency.label ? fill(text.check_who, { agency: kiosk.agency.label }) : text.check_who_here}</p>
    ${trouble && html`<${Trouble} message=${trouble} />`}
    <${Go} isBusy=${isSending} busy=${text.sending} onGo=${send}>${text.send}<//>
  </main>`;
}

/** The letters are Latin whatever the language: a voice of another script cannot say them.
 * @param {string} lang */
const saying = (lang) => (['ar', 'fa'].includes(lang) ? 'en' : lang);

/** The code is seen in one piece, and heard letter by letter.
 * @param {{ text: Text, lang: string, kiosk: Kiosk, code: string, onDone: () => void }} props */
export function Code({ text, lang, kiosk, code, onDone }) {
  return html`<main class="page page--code">
    <${Title}>${text.code_title}<//>
    <p class="code" dir="ltr" lang=${saying(lang)} translate="no" data-read=${spelled(code)}>
      <span class="code__shown" aria-hidden="true">${inThrees(code)}</span><span class="heard">${spelled(code)}</span>
    </p>
    <p data-read="">${text.code_hint}</p>
    <p data-read="">${text.code_own}</p>
    <p data-read="">${kiosk.agency.label ? fill(text.code_kept, { agency: kiosk.agency.label }) : text.code_kept_here}</p>
    <button type="button" class="go" onClick=${onDone}>${text.done}</button>
  </main>`;
}

/** @param {{ text: Text, lang: string, typed: string, onTyped: (typed: string) => void, onTold: (told: Told) => void }} props */
export function AskAfter({ text, lang, typed, onTyped, onTold }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const isOver = useRef(false);
  const [trouble, setTrouble] = useState('');
  const [isAsking, setAsking] = useState(false);
  useLayoutEffect(() => field.current?.focus(), []);
  useEffect(() => () => { isOver.current = true; }, []);
  const refuse = (/** @type {string} */ message) => {
    setTrouble(message);
    field.current?.focus();
  };
  const ask = async () => {
    if (typed.length < CODE_SYMBOLS) return refuse(text.code_short);
    if (!isCode(typed)) return refuse(text.code_wrong);
    setAsking(true);
    try {
      const told = await askAfter(typed, () => isOver.current);
      if (!isOver.current) onTold(told);
    } catch {
      setAsking(false);
      refuse(text.trouble);
    }
    return undefined;
  };
  return html`<main class="page page--typing">
    <div class="question">
      <h1 id="title" data-read="">${text.ask_title}</h1>
      <p class="hint" id="hint" data-read="">${text.ask_hint}</p>
      ${trouble && html`<${Trouble} message=${trouble} />`}
      <div class="answer">
        <input ref=${field} type="text" class="code" dir="ltr" lang=${saying(lang)} value=${inThrees(typed)} readonly=${isAsking} aria-labelledby="title" aria-describedby="hint ${trouble && 'trouble'}" aria-invalid=${trouble !== ''} inputmode="none" autocomplete="off" autocorrect="off" autocapitalize="off" spellcheck=${false} size="11"
          onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ event) => {
            const code = symbolsOf(event.currentTarget.value).slice(0, CODE_SYMBOLS);
            event.currentTarget.value = inThrees(code); // also where it is the same code as before
            onTyped(code);
            setTrouble('');
          }} onKeyDown=${(/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter' && !isAsking) ask(); }} />
        <${Go} isBusy=${isAsking} busy=${text.asking} onGo=${ask}>${text.ask}<//>
      </div>
    </div>
    <${CodeKeyboard} text=${text} field=${() => field.current} />
  </main>`;
}

/** @type {Record<string, keyof Text>} */
const states = {
  here: 'state_here', received: 'state_received', held: 'state_held', answered: 'state_answered',
  withdrawn: 'state_withdrawn', unknown: 'state_unknown', offline: 'state_offline', busy: 'state_busy',
};

/** @param {{ text: Text, told: Told, onDone: () => void }} props */
export function WhatBecame({ text, told, onDone }) {
  const mayComeYet = ['received', 'held'].includes(told.state);
  return html`<main class="page">
    <${Title}>${text[states[told.state] ?? 'trouble']}<//>
    ${told.text && html`<section class="message" aria-labelledby="message">
      <h2 id="message" data-read="">${text.message}</h2>
      <p dir="auto" data-read="">${told.text}</p>
    </section>`}
    ${!told.text && mayComeYet && html`<p data-read="">${text.no_message}</p>`}
    <button type="button" class="go" onClick=${onDone}>${text.clear}</button>
  </main>`;
}

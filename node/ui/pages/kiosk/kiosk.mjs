// The kiosk: one page that asks one question at a time and keeps nothing.  What somebody has typed stands in
// this program's memory alone, until they are done, clear it or walk away; there are no addresses, no
// history and no storage.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { newKey } from '../parts/once.mjs';
import { useIdle } from './idle.mjs';
import { stopLeaving } from './leaving.mjs';
import { readKiosk } from './node.mjs';
import { isOperatorKey, Operator } from './operator.mjs';
import { canSpeak, onVoices, quiet, speak } from './speech.mjs';
import { Ask, AskAfter, Check, Code, Home, Languages, WhatBecame } from './steps.mjs';
import { fill, loadTexts } from './texts.mjs';

/** @typedef {import('./texts.mjs').Text} Text */
/** @typedef {import('./node.mjs').Kiosk} Kiosk */
/** @typedef {import('./node.mjs').Told} Told */
/** @typedef {import('./steps.mjs').Answers} Answers */
/** @typedef {'languages' | 'home' | 'words' | 'name' | 'callback' | 'check' | 'code' | 'ask' | 'told'} Step */
/** @typedef {{ step: Step, lang: string, answers: Answers, isChange: boolean, key: string, code: string, typed: string, told: Told | null }} State */

const RETRY_MS = 2000;
const RELOAD_MS = 1000; // a node that answers later than this finds somebody at the screen

/** @returns {State} */
const nobody = () => ({ step: 'languages', lang: 'en', answers: { words: '', name: '', callback: '' }, isChange: false, key: newKey(), code: '', typed: '', told: null });

/** @type {Partial<Record<Step, Step>>} */
const before = { home: 'languages', words: 'home', name: 'words', callback: 'name', check: 'callback', ask: 'home', told: 'ask' };
/** @type {Partial<Record<Step, Step>>} */
const after = { words: 'name', name: 'callback', callback: 'check' };

/** @param {{ text: Text, left: number, onStay: () => void }} props */
function Warning({ text, left, onStay }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog ref=${dialog} role="alertdialog" aria-labelledby="still" aria-describedby="clears" onClose=${onStay} onClick=${onStay}>
    <h2 id="still">${text.still_there}</h2>
    <p id="clears">${text.clears}</p>
    <p class="seconds" role="timer">${fill(text.seconds, { seconds: left })}</p>
    <button type="button" class="go">${text.stay}</button>
  </dialog>`;
}

/** @param {{ text: Text, lang: string, hasBack: boolean, onBack: () => void, onClear: () => void, page: () => Element | null }} props */
function Bar({ text, lang, hasBack, onBack, onClear, page }) {
  const [hasVoice, setVoice] = useState(canSpeak(lang));
  const [isSpeaking, setSpeaking] = useState(false);
  useEffect(() => onVoices(() => setVoice(canSpeak(lang))), [lang]);
  useEffect(() => quiet, []);
  const listen = () => {
    const here = page();
    if (isSpeaking || !here) {
      quiet();
      setSpeaking(false);
    } else {
      setSpeaking(true);
      speak(here, lang, () => setSpeaking(false));
    }
  };
  return html`<header class="bar">
    ${hasBack && html`<button type="button" class="small" onClick=${onBack}>${text.back}</button>`}
    ${hasVoice && html`<button type="button" class="small" onClick=${listen}>${isSpeaking ? text.quiet : text.listen}</button>`}
    <button type="button" class="small small--clear" onClick=${onClear}>${text.clear}</button>
  </header>`;
}

/** Empties the page itself, which cannot fail, and then loads it anew, so that nothing is left of it; but
 * only from a node that answers, since a browser's own page of errors has no way back.  Whoever is quicker than
 * that stops it (onLanguage).
 * @param {() => boolean} isFree */
async function loadAnew(isFree) {
  const began = performance.now();
  await readKiosk();
  if (isFree() && performance.now() - began < RELOAD_MS) location.replace('/');
}

/** @param {{ texts: Map<string, Text>, kiosk: Kiosk }} props */
function App({ texts, kiosk }) {
  const [state, setState] = useState(nobody);
  const [operator, setOperator] = useState(/** @type {Kiosk | null} */ (null));
  const page = useRef(/** @type {HTMLDivElement | null} */ (null));
  const step = useRef(state.step);
  step.current = state.step;
  const text = /** @type {Text} */ (texts.get(state.lang));
  const change = (/** @type {Partial<State>} */ some) => setState((now) => ({ ...now, ...some }));
  const clear = () => {
    quiet();
    setOperator(null);
    setState(nobody());
    loadAnew(() => step.current === 'languages').catch(() => {});
  };
  const [left, stay] = useIdle(state.step !== 'languages' || operator !== null, operator === null, clear);

  useEffect(() => {
    document.documentElement.lang = state.lang;
    document.documentElement.dir = text.dir;
    scrollTo(0, 0);
  }, [state.lang, state.step]);
  useEffect(() => {
    const look = (/** @type {KeyboardEvent} */ event) => {
      if (!isOperatorKey(event)) return;
      event.preventDefault();
      readKiosk().then(setOperator, () => {});
    };
    addEventListener('keydown', look);
    return () => removeEventListener('keydown', look);
  }, []);

  const steps = {
    languages: () => html`<${Languages} texts=${texts} kiosk=${kiosk} onLanguage=${(/** @type {string} */ lang) => { stop(); change({ lang, step: 'home' }); }} />`,
    home: () => html`<${Home} text=${text} onHelp=${() => change({ step: 'words' })} onCode=${() => change({ step: 'ask' })} />`,
    check: () => html`<${Check} text=${text} lang=${state.lang} kiosk=${kiosk} answers=${state.answers} sendKey=${state.key} onChange=${(/** @type {Step} */ to) => change({ step: to, isChange: true })}
      onCode=${(/** @type {string} */ code) => change({ ...nobody(), lang: state.lang, step: 'code', code })} />`,
    code: () => html`<${Code} text=${text} lang=${state.lang} kiosk=${kiosk} code=${state.code} onDone=${clear} />`,
    ask: () => html`<${AskAfter} text=${text} lang=${state.lang} typed=${state.typed} onTyped=${(/** @type {string} */ typed) => change({ typed })} onTold=${(/** @type {Told} */ told) => change({ told, step: 'told' })} />`,
    told: () => html`<${WhatBecame} text=${text} told=${state.told} onDone=${clear} />`,
  };
  const question = (/** @type {'words' | 'name' | 'callback'} */ one) => html`<${Ask} text=${text} lang=${state.lang} question=${one} value=${state.answers[one]}
    onValue=${(/** @type {string} */ value) => change({ answers: { ...state.answers, [one]: value } })} onNext=${() => change({ step: state.isChange ? 'check' : after[one], isChange: false })} />`;
  const shown = state.step === 'words' || state.step === 'name' || state.step === 'callback' ? question(state.step) : steps[state.step]();
  const isFirst = state.step === 'languages';
  return html`<div class="kiosk" ref=${page} key=${`${state.step} ${state.lang}`}>
    ${!isFirst && html`<${Bar} text=${text} lang=${state.lang} hasBack=${before[state.step] !== undefined} onBack=${() => change({ step: state.isChange ? 'check' : before[state.step], isChange: false, told: null })} onClear=${clear} page=${() => page.current} />`}
    ${shown}
    ${left !== null && operator === null && html`<${Warning} text=${text} left=${left} onStay=${stay} />`}
    ${operator !== null && html`<${Operator} texts=${texts} kiosk=${operator} onClose=${() => setOperator(null)} />`}
  </div>`;
}

stopLeaving();
// A page that the browser kept for its back button is not shown.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

async function begin() {
  const root = /** @type {HTMLElement} */ (document.getElementById('kiosk'));
  for (;;) {
    try {
      const [texts, kiosk] = await Promise.all([loadTexts(), readKiosk()]);
      render(html`<${App} texts=${texts} kiosk=${kiosk} />`, root);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS)); // the node is starting
    }
  }
}
begin();

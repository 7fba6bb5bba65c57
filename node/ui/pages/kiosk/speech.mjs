// Reading a page out, where this browser has a voice for the language.  Nothing needs it: the page is marked
// up for a screen reader all the same.

const synthesis = () => globalThis.speechSynthesis;

/** @param {string} lang */
function voiceFor(lang) {
  return synthesis()?.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().split(/[-_]/)[0] === lang);
}

/** @param {string} lang */
export const canSpeak = (lang) => voiceFor(lang) !== undefined;

/** Voices come some time after the page.
 * @param {() => void} onChange */
export function onVoices(onChange) {
  synthesis()?.addEventListener?.('voiceschanged', onChange);
  return () => synthesis()?.removeEventListener?.('voiceschanged', onChange);
}

export function quiet() {
  synthesis()?.cancel();
}

/** What stands on the page, in its order, without the keys and the buttons that lead away.
 * @param {Element} page */
export function wordsOf(page) {
  return [...page.querySelectorAll('[data-read]')].map((one) => one.getAttribute('data-read') || one.textContent || '').map((one) => one.trim()).filter(Boolean);
}

/** @param {Element} page @param {string} lang @param {() => void} onEnd */
export function speak(page, lang, onEnd) {
  quiet();
  const words = wordsOf(page);
  words.forEach((one, i) => {
    const utterance = new SpeechSynthesisUtterance(one);
    utterance.lang = lang;
    utterance.voice = voiceFor(lang) ?? null;
    utterance.rate = 0.9;
    if (i === words.length - 1) utterance.onend = onEnd;
    synthesis().speak(utterance);
  });
}

// What the kiosk says, in each of its languages: texts/LANG.json, all with the same keys.

/** @typedef {typeof import('./texts/en.json')} Text */

/** As they stand on the first page. */
export const languages = ['en', 'cy', 'pl', 'ro', 'ar', 'fa'];

/** @returns {Promise<Map<string, Text>>} */
export async function loadTexts() {
  const load = async (/** @type {string} */ lang) => {
    const response = await fetch(`/kiosk/texts/${lang}.json`);
    if (!response.ok) throw new Error(`no text in ${lang}`);
    return /** @type {[string, Text]} */ ([lang, await response.json()]);
  };
  return new Map(await Promise.all(languages.map(load)));
}

/** Puts values into a text: "Seconds left: {seconds}".  Words are kept apart (U+2068, U+2069): a name from left
 * to right turns nothing about in a sentence from right to left.
 * @param {string} text @param {Record<string, string | number>} values */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (typeof values[name] === 'string' ? `\u2068${values[name]}\u2069` : String(values[name] ?? whole)));
}

// Codes as people type them: the rule of schema/request_code.h, so that a slip is found before anybody asks.

const symbols = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const CODE_SYMBOLS = 9;

/** The symbols alone, as many as there are.
 * @param {string} typed */
export function symbolsOf(typed) {
  const upper = typed.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return [...upper].filter((one) => symbols.includes(one)).join('');
}

/** In threes: "K7F-2QX-9MD".
 * @param {string} code */
export const inThrees = (code) => (symbolsOf(code).match(/.{1,3}/g) ?? []).join('-');

/** One by one, with a rest after each third: for who hears it.
 * @param {string} code */
export const spelled = (code) => inThrees(code).split('-').map((three) => [...three].join(' ')).join(', ');

/** Does the last symbol fit the others?
 * @param {string} code */
export function isCode(code) {
  const values = [...code].map((one) => symbols.indexOf(one));
  const timesRoot = (/** @type {number} */ x) => ((x & 16) !== 0 ? (x << 1) ^ 0x25 : x << 1) & 31;
  const check = values.slice(0, -1).reduce((sum, value) => timesRoot(sum ^ value), 0);
  return values.length === CODE_SYMBOLS && values[CODE_SYMBOLS - 1] === check;
}

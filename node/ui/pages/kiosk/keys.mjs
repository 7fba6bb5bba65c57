// The layouts of the on-screen keyboard, by language: rows of letters, as on a keyboard bought there.  What a
// language adds to the Latin alphabet stands in a row of its own, so that nobody has to hold a key; what others
// need shift for stands among the marks (`more`).

/** @typedef {{ rows: string[][], more: string[], has_capitals: boolean }} Layout */

const split = (/** @type {string} */ text) => text.split(' ');
const latin = (/** @type {string} */ more) => ({
  rows: [...(more ? [split(more)] : []), split('q w e r t y u i o p'), split('a s d f g h j k l'), split('z x c v b n m')],
  more: [],
  has_capitals: true,
});

/** @type {Record<string, Layout>} */
export const layouts = {
  en: latin(''),
  cy: latin('â ê î ô û ŵ ŷ ï'),
  pl: latin('ą ć ę ł ń ó ś ź ż'),
  ro: latin('ă â î ș ț'),
  ar: {
    rows: [split('ض ص ث ق ف غ ع ه خ ح ج د'), split('ش س ي ب ل ا ت ن م ك ط'), split('ئ ء ؤ ر ى ة و ز ظ ذ')],
    more: split('أ إ آ'),
    has_capitals: false,
  },
  fa: {
    rows: [split('ض ص ث ق ف غ ع ه خ ح ج چ'), split('ش س ی ب ل ا ت ن م ک گ'), split('ظ ط ز ژ ر ذ د پ و ئ')],
    more: ['آ', '\u200c'],
    has_capitals: false,
  },
};

/** Digits as workers dial them, whatever the language, and what stands between words. */
export const numbers = [split('1 2 3 4 5 6 7 8 9 0'), split('+ - / ( ) : ; & @ £'), split('. , ? ! \' "')];

/** What a code is made of (schema/request_code.h). */
export const code_keys = [split('1 2 3 4 5 6 7 8 9 0'), split('A B C D E F G H J K'), split('M N P Q R S T V W X'), split('Y Z')];

/** The stop, the comma and the question mark of a script.
 * @param {string} dir */
export const marks_of = (dir) => (dir === 'rtl' ? ['.', '،', '؟'] : ['.', ',', '?']);

/** What is written on a key that shows nothing by itself.
 * @param {string} key */
export const face_of = (key) => (key === '\u200c' ? 'نیم فاصله' : key);

// What says what it said before stays the same object, so that only what changed is drawn again.

/** @typedef {Map<string, { text: string, one: any }>} Known */

/**
 * @template {{ name?: string, id?: string }} T
 * @param {T[]} all @param {Known} known  by name, or by id @param {(one: T) => any} [said]  what counts of it
 * @returns {T[]}
 */
export function kept(all, known, said = (one) => one) {
  return all.map((one) => {
    const text = JSON.stringify(said(one));
    const key = one.id ?? one.name ?? '';
    const before = known.get(key);
    if (before && before.text === text) return before.one;
    known.set(key, { text, one });
    return one;
  });
}

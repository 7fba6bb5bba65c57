// How a page runs past: the gaps between frames, for pages.mjs and lists.mjs.

/** Scrolls from where it stands, so many pixels a frame.
 * @param {import('playwright-core').Page} page @param {number} frames @param {number} pixels
 * @returns {Promise<number[]>} ms from each frame to the next */
export function runPast(page, frames, pixels) {
  return page.evaluate(([count, by]) => new Promise((done) => {
    const gaps = [];
    let before = null;
    const step = (at) => {
      if (before !== null) gaps.push(at - before);
      before = at;
      scrollBy(0, by);
      if (gaps.length < count) requestAnimationFrame(step);
      else done(gaps);
    };
    requestAnimationFrame(step);
  }), [frames, pixels]);
}

// Debian's Chromium for the tests of the pages, and a picture of every page for a person to look through.
import axe from 'axe-core';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

export const CHROMIUM = process.env.TEAPOT_CHROMIUM ?? '/usr/bin/chromium';
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--mute-audio'];

/** With a profile of its own, as a kiosk has it: what it leaves in the profile can be looked for. */
export function openProfile(folder, options = {}) {
  return chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: quiet, ...options });
}

export function openBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: quiet });
}

const screenshots = path.join(process.env.TEAPOT_BIN, '..', 'screenshots');

/** @param {import('playwright-core').Page} page @param {string} name */
export async function takePicture(page, name) {
  fs.mkdirSync(screenshots, { recursive: true });
  // A picture of the whole page shows also what only a scroll would draw.
  await page.evaluate(() => document.styleSheets[0].insertRule('.teapot-span { content-visibility: visible !important; }'));
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
  await page.evaluate(() => document.styleSheets[0].deleteRule(0));
}

/** Collects what must never happen on a page: errors, refusals of its policy, anything asked of elsewhere.
 * What the node answers (a refusal, or nothing while it is down) is no trouble of the page.
 * @param {import('playwright-core').Page} page @param {string} base */
export function watch(page, base) {
  /** @type {string[]} */
  const troubles = [];
  follow(page);
  page.on('pageerror', (error) => troubles.push(error.stack ?? error.message));
  page.on('console', (message) => {
    const isAnswer = message.location().url.startsWith(`${base}/api/`) && message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isAnswer) troubles.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`) && !request.url().startsWith('data:')) troubles.push(`asked of elsewhere: ${request.url()}`);
  });
  return troubles;
}

/** Somebody who has come through the door of served pages and said who they are.
 * @param {import('playwright-core').Browser} browser @param {import('./pages.mjs').Pages} pages @param {string} worker */
export async function comeIn(browser, pages, worker, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1024, height: 600 }, ...options });
  const page = await context.newPage();
  const troubles = watch(page, pages.base);
  await page.goto(pages.address);
  await page.getByRole('textbox').fill(worker);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('.teapot-header__who').getByText(worker, { exact: true }).waitFor();
  return { context, page, troubles };
}

/** What a page has asked for and has no answer to yet.  @type {WeakMap<import('playwright-core').Page, Set<object>>} */
const asked = new WeakMap();
const QUIET_MS = 100;

/** To be called before the page asks for anything.  @param {import('playwright-core').Page} page */
export function follow(page) {
  const open = new Set();
  asked.set(page, open);
  page.on('request', (request) => open.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request));
}

/** Everything that a followed page asks for has come, and nothing on it changes.  @param {import('playwright-core').Page} page */
export async function settle(page) {
  do {
    await page.evaluate((quiet_ms) => new Promise((resolve) => {
      let timer = 0;
      const observer = new MutationObserver(() => begin());
      const begin = () => {
        clearTimeout(timer);
        timer = setTimeout(() => { observer.disconnect(); resolve(null); }, quiet_ms);
      };
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      begin();
    }), QUIET_MS);
  } while (asked.get(page).size > 0);
}

/** What axe finds, in the page itself: no page of ours has frames, and axe is brought once for each document.
 * @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
export async function axeFinds(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** Nothing that axe finds, nothing that scrolls sideways.
 * @param {import('playwright-core').Page} page @param {string} name */
export async function checkPage(page, name) {
  assert.deepEqual(await axeFinds(page), [], name);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${name} is ${over} pixels wider than the screen`);
}

/** A picture, and what must hold on every page.
 * @param {import('playwright-core').Page} page @param {string} name */
export async function look(page, name) {
  await takePicture(page, name);
  await checkPage(page, name);
}

/** What can be touched and is smaller than 24 pixels, but for links within a sentence (WCAG 2.5.8).
 * @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
export function smallTargets(page) {
  return page.evaluate(() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=button], [tabindex="0"]')]
    .filter((one) => {
      const inSentence = one.matches('p a, li p a, dd a') && one.parentElement.textContent.trim() !== one.textContent.trim();
      const label = one.matches('input[type=radio], input[type=checkbox]') ? one.labels?.[0] : null;
      const boxes = [one, label].filter(Boolean).map((each) => each.getBoundingClientRect());
      const isSeen = one.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) && boxes[0].width > 1 && boxes[0].height > 1;
      return isSeen && !inSentence && !boxes.some(({ width, height }) => width >= 24 && height >= 24);
    })
    .map((one) => one.outerHTML.slice(0, 120)));
}

/** What only the machine should read: codes, names of records, times as they are stored; in text, hints and fields.
 * @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
export function rawWords(page) {
  return page.evaluate(() => {
    const said = [document.querySelector('main').innerText, ...[...document.querySelectorAll('main input, main textarea, main option')].map((one) => (one.matches('[type=radio], [type=checkbox]') ? '' : one.matches('option') ? one.textContent : one.value))];
    return said.flatMap((text) => text.match(/\b[a-z]+_[a-z_]+\b|\b[0-9a-f]{16}-\d+|\d{4}-\d\d-\d\d(T\S+)?|\[object \w+\]|\bundefined\b|\bNaN\b/g) ?? []);
  });
}

/** Text that has so little room that its words fall apart, a few letters on each of many lines.
 * @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
export function squeezed(page) {
  return page.evaluate(() => [...document.querySelectorAll('main *')].filter((one) => {
    const text = one.textContent.trim();
    if (one.children.length > 0 || text.length < 12 || one.matches('textarea, option, script') || !one.checkVisibility()) return false;
    const range = document.createRange();
    range.selectNodeContents(one);
    const lines = range.getClientRects().length;
    return lines > 3 && text.length / lines < 6;
  }).map((one) => one.outerHTML.slice(0, 120)));
}

/** Goes through a page by the Tab key until it has left it: what had the focus, in order, and whether that
 * could be seen (its look or its label's differs from the look without focus).
 * @param {import('playwright-core').Page} page @returns {Promise<{ what: string, isSeen: boolean }[]>} */
export async function tabThrough(page, max = 400) {
  // From the top, wherever the page has put the cursor.
  await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); getSelection()?.removeAllRanges(); scrollTo(0, 0); });
  const stops = [];
  for (let i = 0; i < max; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      const faces = [[one, null], [one, '::after'], ...(one.labels ?? []).length > 0 ? [[one.labels[0], null], [one.labels[0], '::before']] : []];
      const face = () => faces.map(([each, part]) => {
        const { outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor, borderColor, borderWidth } = getComputedStyle(each, part);
        return [outlineStyle, outlineStyle === 'none' ? '' : outlineWidth + outlineColor, boxShadow, backgroundColor, borderColor, borderWidth].join();
      }).join(';');
      const [top, left] = [scrollY, scrollX];
      const box = one.getBoundingClientRect();
      const inView = box.bottom > 0 && box.top < innerHeight;
      const focused = face();
      one.blur();
      const plain = face();
      one.focus({ preventScroll: true });
      scrollTo(left, top);
      return { what: `${one.tagName.toLowerCase()}${one.id ? `#${one.id}` : ''} ${(one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 60)}`, isSeen: inView && focused !== plain };
    });
    if (stop === null) return stops;
    stops.push(stop);
  }
  throw new Error(`the Tab key does not leave the page: ${JSON.stringify(stops.slice(-5))}`);
}

/** Every text file and database below a folder, for what must not stand in any of them. */
export function* filesBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(name);
    else if (entry.isFile()) yield name;
  }
}

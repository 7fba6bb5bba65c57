// Every page of the table, with the winter week in it: seen by day and night, at 320 pixels, with text twice as
// large, and gone through by the Tab key. A new page is looked at as soon as it stands in pages.mjs.
//
// Shows no promise: how the pages look.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { pages as table } from '../../node/ui/pages/pages.mjs';
import { addressOf } from './addresses.mjs';
import { axeFinds, checkPage, comeIn, look, openBrowser, rawWords, settle, smallTargets, squeezed, tabThrough, takePicture } from './browser.mjs';
import { Pages } from './pages.mjs';
import { LABELS, Week } from './week.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-pages-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const week = new Week(world, 'tests/data/winter-week');
let pages;
let browser;
let names;
let dee; // at 1024 by 600
let small; // at 320 by 640

async function open({ page }, address) {
  await page.goto(pages.base + address);
  await page.locator('main h1').first().waitFor();
  await settle(page);
}

before(async () => {
  await week.setUp(LABELS);
  for (const line of week.lines) await week.play(line);
  week.settleClocks();
  const van = world.devices.get('van');
  const action = await van.create('action', { person: week.names.get('p-baz'), what: 'Take a blanket along', due_on: '2026-01-20', owner: { agency: 'street-outreach', worker: 'Dee' }, status: 'open' });
  const of = (ref) => week.names.get(ref);
  names = { person: of('p-baz'), other: of('p-sean-1'), contact: of('c-001'), request: of('h-001'), action };
  pages = await new Pages(van).serve(['--no-sync']);
  browser = await openBrowser();
  dee = await comeIn(browser, pages, 'Dee');
  small = await comeIn(browser, pages, 'Dee', { viewport: { width: 320, height: 640 } });
});
after(async () => {
  await browser?.close();
  if (pages) await pages.end();
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

// Its first view asks for nothing that its document brought along, and loads no more than a page may.
async function checkLoad(page, pattern, address, asks) {
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name, encodedBodySize }) => [name.slice(location.origin.length), encodedBodySize]));
  const args = address.split('/').filter((_, at) => pattern.split('/')[at].startsWith('{'));
  const brought = ['/api/session', ...asks.map((ask) => ask.replace(/\{([01])\}/g, (_, at) => args[at]))];
  assert.deepEqual(loaded.map(([name]) => name).filter((name) => brought.includes(name)), []);
  const bytes = loaded.filter(([name]) => /\.(mjs|css)$/.test(name)).reduce((sum, [, each]) => sum + each, 0);
  assert.ok(bytes > 10_000 && bytes <= 100_000, `${address} loads ${bytes} bytes of script and style`);
}

// WCAG 1.4.12: somebody's own line, letter and word spacing.
async function spaceText(page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
}

for (const { path: pattern, title, asks = [] } of table) {
  const name = `page${pattern.replaceAll(/[{}]/g, '').replaceAll('/', '-')}`;
  test(`${pattern}: ${title}`, async () => {
    const address = addressOf(pattern, names);
    const { page } = dee;
    await open(dee, address);
    await checkLoad(page, pattern, address, asks);
    await look(page, name);
    assert.equal(await page.title(), `${title} – Teapot`);
    assert.equal(await page.locator('h1').count(), 1, 'one heading says what the page is');
    assert.doesNotMatch(await page.locator('h1').textContent(), /^(There is no such page)?$/);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    const levels = await page.locator('main').locator('h1, h2, h3, h4').evaluateAll((all) => all.map((one) => Number(one.tagName[1])));
    levels.forEach((level, i) => assert.ok(i === 0 || level <= levels[i - 1] + 1, `headings leave out a level: ${levels}`));
    assert.deepEqual(await smallTargets(page), []);
    assert.deepEqual(await rawWords(page), []);

    const stops = await tabThrough(page);
    assert.match(stops[0].what, /Skip to main content/);
    assert.deepEqual(stops.filter(({ isSeen }) => !isSeen), [], 'the focus can be seen wherever it is');

    await page.emulateMedia({ colorScheme: 'dark' });
    await look(page, `${name}-night`);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    await takePicture(page, `${name}-large-text`);
    await checkPage(page, `${name} with large text`);
    assert.deepEqual(await squeezed(page), []);

    await open(small, address);
    await look(small.page, `${name}-320`);
    assert.deepEqual(await smallTargets(small.page), []);
    assert.deepEqual(await squeezed(small.page), []);
    await spaceText(small.page);
    await checkPage(small.page, `${name} with its text spaced`);
    assert.deepEqual(await squeezed(small.page), []);
    assert.deepEqual([...dee.troubles, ...small.troubles], []);
  });
}

test('axe is there, and finds what is wrong', async () => {
  await open(dee, '/');
  await dee.page.locator('main').evaluate((main) => { main.insertAdjacentHTML('beforeend', '<img src="/favicon.svg"><input><p class="pale">Pale</p>'); main.querySelector('.pale').style.color = '#ccc'; });
  assert.deepEqual((await axeFinds(dee.page)).map((found) => found.split(':')[0]).sort(), ['color-contrast', 'image-alt', 'label']);
  await open(dee, '/');
});

test('nothing moves where somebody asked for that', async () => {
  await dee.page.emulateMedia({ reducedMotion: 'reduce' });
  for (const { path: pattern } of table) {
    await open(dee, addressOf(pattern, names));
    assert.deepEqual(await dee.page.evaluate(() => document.getAnimations().length), 0, pattern);
  }
});

test('without JavaScript the page says what it needs', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pages.address);
  await page.getByRole('heading', { name: 'Teapot needs JavaScript' }).waitFor();
  await takePicture(page, 'no-javascript');
  await context.close();
});

test('what is wrong is told at the top, beside its field, and has the focus', async () => {
  const { page, context } = await comeIn(browser, pages, 'Tom');
  await page.getByRole('button', { name: 'Somebody else' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  const summary = page.locator('.govuk-error-summary');
  await summary.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest('.govuk-error-summary') !== null), true);
  const field = page.locator('#worker');
  assert.match(await field.getAttribute('aria-describedby'), /worker-error/);
  assert.equal(await page.locator('#worker-error').count(), 1);
  await look(page, 'who-error');
  await summary.getByRole('link').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'worker');
  await context.close();
});

// The lead practitioner's pages in Chromium: people of the winter week, and one with 5,000 entries.
//
// Shows no promise: what the pages show.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { look, openBrowser, takePicture } from './browser.mjs';
import { Pages, until } from './pages.mjs';
import { World } from './world.mjs';

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const data = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-person-')), 'week');
const DESK = { width: 1024, height: 600 }; // a 10-inch screen
const PHONE = { width: 320, height: 640 };
const ENTRIES = 5000;
const REQUESTS = 320; // more than two answers bring

let browser;
let lead; // the lead practitioner's device at the end of the week
let desk; // another agency's, at its desk
let big; // a node with one person of 5,000 entries
let many; // its device
let sean;
let baz;
let tom;

async function serve(device, worker) {
  const pages = await new Pages(device).serve(['--no-sync']);
  await pages.comeIn();
  await pages.say(worker);
  return pages;
}
const find = async (pages, text) => (await pages.json('POST', '/api/find', { text })).people[0].name;

/** A browser of somebody's own, who has said who they are; every error of a page fails the test that sees it. */
async function open(pages, worker, options = {}) {
  const context = await browser.newContext({ viewport: DESK, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('dialog', (dialog) => { troubles.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(pages.address);
  await page.fill('#worker', worker);
  await page.click('text=Go on');
  await page.waitForSelector('text=Hello');
  return { page, troubles, show: async (where, what = 'h1') => { await page.goto(pages.base + where); await page.waitForSelector(what); }, end: () => context.close() };
}

/** Everything laid out at once, as a picture of a whole page needs it. */
async function whole(page) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const { width } = page.viewportSize();
  await page.setViewportSize({ width, height: Math.min(height + 200, 8000) });
  await page.waitForTimeout(200);
}

before(async () => {
  await run(process.execPath, [path.join(here, 'replay.mjs'), '--keep', data, path.join(here, '../data/winter-week')], { maxBuffer: 1 << 26 });
  const world = new World({ bin: process.env.TEAPOT_BIN, data });
  lead = await serve(world.device('lead', { agency: 'homeless-health' }), 'Ngozi');
  desk = await serve(world.device('desk', { agency: 'friary' }), 'Priya');
  [sean, baz] = [await find(lead, 'sean'), await find(lead, 'baz')];
  many = world.device('many', { agency: 'friary' });
  many.clock.set(Date.UTC(2026, 6, 1), 3_600_000, 'many');
  await many.init();
  tom = await many.create('person', { preferred_name: 'Old Tom', own_words: 'I want my own door' });
  const lines = Array.from({ length: ENTRIES }, (_, at) => ({ op: 'create', entity: 'contact', worker: at % 2 ? 'Dee' : 'Tom', set: { person: tom, kind: at % 3 ? 'street' : 'visit', note: `Tea and a blanket, number ${at}. `.repeat(1 + (at % 5)), happened_at: new Date(Date.UTC(2016, 0, 1) + at * 17 * 3_600_000).toISOString() } }));
  const scores = [['2025-02-01', 11], ['2025-06-01', 14], ['2025-11-01', 21]].map(([taken_on, total]) => ({ op: 'create', entity: 'score', worker: 'Dee', set: { person: tom, scale: 'reqol_10', taken_on, total } }));
  const requests = Array.from({ length: REQUESTS }, (_, at) => ({ op: 'create', entity: 'help_request', worker: 'Dee', set: { words: `A coat, number ${at}`, route: 'worker', asked_at: new Date(Date.UTC(2026, 5, 1) + at * 60_000).toISOString() } }));
  await many.teapot(['import', '-'], { input: [...lines, ...scores, ...requests].map((line) => JSON.stringify(line)).join('\n') });
  big = await serve(many, 'Dee');
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await lead?.end();
  await desk?.end();
  await big?.end();
  if (!process.env.TEAPOT_KEEP) fs.rmSync(path.dirname(data), { recursive: true, force: true });
});

test('their words come first, then what everybody must know, then everything by day with where it came from', async () => {
  const { page, show, end, troubles } = await open(lead, 'Ngozi');
  await show(`/person/${sean}`, '.teapot-entry');
  assert.equal(await page.title(), 'One person – Teapot', 'no name of a person stands in a title');
  const headings = await page.locator('h2').allTextContents();
  const order = ['In their own words', 'Who is around them', 'What may be shared', 'Asked for and promised', 'Timeline'];
  assert.deepEqual(headings.filter((one) => order.includes(one)), order);
  assert.match(await page.locator('.teapot-own').textContent(), /I can hold it till Wednesday/);
  assert.match(await page.locator('section[aria-labelledby=consent]').textContent(), /yes to housing.*no to offending/);
  assert.match(await page.locator('.teapot-entry', { hasText: 'prescribing team' }).first().textContent(), /on the record Shaun \(/);
  assert.deepEqual(await page.locator('.teapot-day__name').allTextContents(), ['Fri 16 Jan 2026', 'Wed 14 Jan 2026', 'Tue 13 Jan 2026', 'Mon 12 Jan 2026']);
  await whole(page);
  await look(page, 'person-joined-1024');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.teapot-noprint:visible').count(), 0);
  const after = await page.evaluate(() => [...document.querySelectorAll('main *')].map((one) => getComputedStyle(one, '::after').content));
  assert.deepEqual([...new Set(after)].filter((one) => /\//.test(one)), [], 'no address of this machine on paper');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), 'rgb(0, 0, 0)', 'ink on paper, by night too');
  await takePicture(page, 'person-print');
  assert.deepEqual(troubles, []);
  await end();
});

test('only one kind, one agency, a period; and everything again', async () => {
  const { page, show, end } = await open(lead, 'Ngozi');
  await show(`/person/${sean}`, '.teapot-entry');
  const all = await page.locator('.teapot-entry').count();
  await page.click('text=Show only some of it');
  await page.selectOption('#filter-entity', 'consent');
  await page.waitForFunction(() => [...document.querySelectorAll('.teapot-entry__title')].every((title) => title.textContent.includes('Consent')));
  assert.equal(await page.locator('.teapot-entry').count(), 3);
  await page.fill('#filter-until', '32/1/2026');
  await page.waitForSelector('#filter-until-error');
  await page.fill('#filter-until', '12/1/2026');
  await page.waitForFunction(() => document.querySelectorAll('.teapot-entry').length === 1);
  await page.click('.teapot-filter >> text=Show everything');
  await page.waitForFunction((count) => document.querySelectorAll('.teapot-entry').length === count, all);
  await end();
});

test('what is new to a reader is marked once', async () => {
  const { page, show, end } = await open(lead, 'Kim');
  await show(`/person/${sean}`, '.teapot-news');
  assert.match(await page.locator('.teapot-news').textContent(), /new to you/);
  await Promise.all([page.waitForResponse((response) => response.url().endsWith('/looked')), page.click('text=Show only what is new')]);
  assert.ok(await page.locator('.teapot-entry--new').count() > 0, 'still marked while the page is open');
  await show(`/person/${sean}`, '.teapot-entry');
  assert.equal(await page.locator('.teapot-news').count(), 0);
  await lead.json('POST', '/api/write', { changes: [{ op: 'create', entity: 'contact', set: { person: sean, note: 'Came by while Kim was away' } }] });
  await page.waitForSelector('.teapot-news'); // by itself
  assert.match(await page.locator('.teapot-news').textContent(), /1 new since you last looked, .*Show only what is new/);
  await page.click('text=Show only what is new');
  assert.deepEqual(await page.locator('.teapot-entry__text').allTextContents(), ['Came by while Kim was away']);
  await end();
});

test('what lost stands in the review list and in its place, is taken out of the list, and put back', async () => {
  const { page, show, end, troubles } = await open(lead, 'Ngozi');
  await show('/review', '.teapot-differs');
  assert.equal(await page.locator('.teapot-review').count(), 2);
  await whole(page);
  await look(page, 'review-1024');
  await page.click('text=It can stay as it is');
  await page.waitForSelector('#dismissed');
  await page.waitForFunction(() => document.querySelectorAll('.teapot-review').length === 1);
  assert.match(await page.locator('main').textContent(), /1 left out on this device/);
  await page.click('text=Undo: put it back into the list');
  await page.waitForFunction(() => document.querySelectorAll('.teapot-review').length === 2);
  await show(`/person/${sean}`, '.teapot-entry__review');
  assert.match(await page.locator('.teapot-entry', { has: page.locator('.teapot-entry__review') }).textContent(), /Consent: Given.*does not count as it was given.*Go to the no.*Ask them again/s);
  for (const { id } of (await lead.json('GET', '/api/review')).items) await lead.ask('POST', '/api/review/dismiss', { body: { id } });
  await show(`/person/${sean}`, '.teapot-entry__review');
  assert.equal(await page.locator('text=does not count as it was given').count(), 1, 'out of the list, a yes still must not be read as one');
  await page.click('text=Go to the no');
  assert.match(await page.locator('.teapot-entry:target').textContent(), /Consent: (Refused|Withdrawn)/);
  await page.setViewportSize(PHONE);
  await show('/review', '.teapot-differs');
  await look(page, 'review-320');
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'review-dark');
  assert.deepEqual(troubles, []);
  await end();
});

test('two phone numbers stand side by side until somebody takes one, and can take the other after all', async () => {
  const { page, show, end, troubles } = await open(lead, 'Ngozi');
  await show(`/person/${baz}`, '.teapot-differs');
  assert.deepEqual((await page.locator('.teapot-value__words').allTextContents()).sort(), ['07700 900102', '07700 900711']);
  await whole(page);
  await look(page, 'person-conflict-1024');
  await page.click('.teapot-value:has-text("07700 900102") >> text=Use this one');
  await page.waitForSelector('.teapot-settled');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'settled', 'who does not see the page hears that it is settled');
  await page.waitForSelector('.teapot-differs', { state: 'detached' });
  assert.equal((await lead.json('GET', `/api/record/${baz}`)).fields.phone.shown, '07700 900102');
  await page.click('text=Undo: use “07700 900711” instead');
  await page.waitForFunction(() => document.querySelector('.teapot-settled').textContent.includes('settled: 07700 900711'));
  const { phone } = (await lead.json('GET', `/api/record/${baz}`)).fields;
  assert.deepEqual([phone.shown, phone.conflict], ['07700 900711', false]);
  assert.deepEqual(troubles, []);
  await end();
});

/** Says it without having seen what stands there.  @param {string} record @param {Record<string, any>} set */
const contradict = (record, set) => lead.json('POST', '/api/write', { changes: [{ op: 'update', entity: 'person', record, set, seen: {} }] });

test('two warnings stand side by side, none above the other, until a sentence keeps both', async () => {
  const { page, show, end, troubles } = await open(lead, 'Ngozi');
  for (const safety_note of ['Never alone: two workers', 'His brother must not learn where he sleeps']) await contradict(baz, { safety_note });
  await show(`/person/${baz}`, '.teapot-safety .teapot-differs');
  const boxes = () => page.locator('.teapot-safety .teapot-value').evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ x, y, width }) => ({ x, y, width })));
  const [left, right] = await boxes();
  assert.equal((await boxes()).length, 2);
  assert.ok(left.y === right.y && left.x + left.width <= right.x && Math.abs(left.width - right.width) < 2, JSON.stringify([left, right]));
  await whole(page);
  await look(page, 'person-safety-1024');
  await page.setViewportSize(PHONE);
  const narrow = await boxes();
  assert.ok(narrow[0].x === narrow[1].x && narrow[0].y < narrow[1].y, 'one below the other on a phone');
  await takePicture(page, 'person-safety-320');
  await page.setViewportSize(DESK);
  await page.click('.teapot-safety >> text=Keep both in a sentence');
  const sentence = page.locator('.teapot-safety textarea');
  await page.waitForFunction(() => document.activeElement.tagName === 'TEXTAREA');
  assert.match(await sentence.inputValue(), /two workers.*brother|brother.*two workers/, 'it begins with what both say');
  await sentence.fill('Two workers always; his brother must not learn where he sleeps');
  await page.click('text=Save this sentence');
  await page.waitForSelector('.teapot-settled');
  const { safety_note } = (await lead.json('GET', `/api/record/${baz}`)).fields;
  assert.deepEqual([safety_note.shown, safety_note.conflict], ['Two workers always; his brother must not learn where he sleeps', false]);
  assert.equal(await page.locator('.teapot-settled button').count(), 2, 'either can be taken after all');
  assert.deepEqual(troubles, []);
  await end();
});

test('a need and who is there for them, by their forms', async () => {
  const { page, show, end } = await open(lead, 'Ngozi');
  await show(`/add/need/${sean}`, '#field-kind');
  await page.click('#save');
  await page.waitForSelector('.govuk-error-summary:focus');
  await page.selectOption('#field-kind', 'housing');
  await page.selectOption('#field-level', 'high');
  await page.selectOption('#field-support_in_place', 'no');
  await page.fill('#field-own_view', 'A door that locks');
  await look(page, 'add-need-1024');
  await page.click('#save');
  await page.locator('.teapot-entry', { hasText: 'A door that locks' }).waitFor();
  await page.click('text=Add somebody');
  await page.waitForSelector('#field-role');
  await page.fill('#field-role', 'Expert by relationship');
  await page.fill('#field-name', 'Maureen');
  await page.fill('#field-relationship', 'his mother');
  await page.fill('#field-phone', '0115 496 0999');
  await look(page, 'add-role-1024');
  await page.click('#save');
  await page.waitForSelector('section[aria-labelledby=around] >> text=Maureen');
  assert.match(await page.locator('section[aria-labelledby=around]').textContent(), /Maureen, expert by relationship.*his mother.*0115 496 0999/s);
  const { entries, around } = await lead.json('GET', `/api/person/${sean}?newest=5`);
  const need = entries.find(({ entity }) => entity === 'need').fields;
  assert.deepEqual([need.kind.shown, need.level.shown, need.support_in_place.shown, need.own_view.shown], ['housing', 'high', false, 'A door that locks']);
  assert.equal(around.find(({ entity, fields }) => entity === 'role' && fields.name.shown === 'Maureen').fields.role.shown, 'expert_by_relationship');
  await end();
});

test('a time that nobody can be sure of says so', async () => {
  const { page, show, end } = await open(desk, 'Priya');
  const { help_requests } = await desk.json('GET', '/api/requests?all');
  const asked = help_requests.find(({ fields }) => /council form/.test(fields.words.shown));
  assert.equal(asked.uncertain, true);
  const { results } = await desk.json('POST', '/api/write', { changes: [{ op: 'create', entity: 'person', set: { preferred_name: 'Janek' } }, { op: 'update', entity: 'help_request', record: asked.name, set: { person: '@0' } }] });
  await show(`/person/${results[0].record}`, '.teapot-entry');
  const entry = page.locator('.teapot-entry', { hasText: 'council form' });
  assert.match(await entry.locator('.teapot-entry__when').textContent(), /between .* and .*the clock was not sure/s);
  await takePicture(page, 'person-uncertain-1024');
  await end();
});

test('what a record says is put right, and only what was changed is written', async () => {
  const { page, show, end } = await open(lead, 'Ngozi');
  await show(`/correct/${sean}`, '#field-own_words');
  await page.fill('#field-own_words', 'I want my own door');
  await look(page, 'correct-1024');
  await page.click('#save');
  await page.waitForSelector('.teapot-own >> text=I want my own door');
  const { fields } = await lead.json('GET', `/api/record/${sean}`);
  assert.equal(fields.own_words.heads[0].worker, 'Ngozi');
  assert.equal(fields.preferred_name.heads[0].worker, 'Dee', 'nothing else was written again');
  await end();
});

test('nothing is lost at 320 pixels, at twice the size, in the dark', async () => {
  for (const [name, options] of [['320', { viewport: PHONE }], ['dark', { colorScheme: 'dark' }], ['zoom', { viewport: { width: 512, height: 300 }, deviceScaleFactor: 2 }], ['still', { reducedMotion: 'reduce' }]]) {
    const { page, show, end } = await open(lead, 'Ngozi', options);
    await show(`/person/${sean}`, '.teapot-entry');
    await whole(page);
    await look(page, `person-${name}`);
    await show(`/correct/${sean}`, '#save');
    await look(page, `correct-${name}`);
    await show(`/add/score/${sean}`, '#field-scale');
    await page.check('#field-scale');
    await look(page, `add-score-${name}`);
    await end();
  }
});

test('5,000 entries are there at once, and scroll without a stop', async () => {
  const { page, show, end } = await open(big, 'Dee');
  await page.addInitScript(() => {
    globalThis.news = new Set();
    new MutationObserver(() => { for (const one of document.querySelectorAll('.teapot-news strong')) globalThis.news.add(one.textContent); }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  const begun = Date.now();
  await show(`/person/${tom}`, '.teapot-entry');
  const first_ms = Date.now() - begun;
  // The button waits for what is not there yet.
  await page.evaluate(() => { globalThis.print = () => { globalThis.printed = document.querySelectorAll('.teapot-entry').length; }; });
  await page.click('text=Print');
  await page.waitForFunction(() => globalThis.printed !== undefined, null, { timeout: 60_000 });
  const { entries } = await big.json('GET', `/api/person/${tom}`);
  assert.equal(await page.evaluate(() => globalThis.printed), entries.length, 'all of it is on paper');
  const all = await page.locator('.teapot-entry').evaluateAll((each) => each.map(({ id }) => id));
  assert.deepEqual([...all].sort(), entries.map(({ name }) => `entry-${name}`).sort(), 'every one, none twice');
  const moments = await page.locator('.teapot-entry time').evaluateAll((each) => each.map(({ dateTime }) => Date.parse(dateTime)));
  assert.ok(moments.length >= ENTRIES && moments.every((at, i) => i === 0 || at <= moments[i - 1]), 'the newest first');
  const days = await page.locator('.teapot-day__name').allTextContents();
  assert.equal(new Set(days).size, days.length, 'each day is named once');
  assert.deepEqual(await page.evaluate(() => [...globalThis.news]), [`${ENTRIES / 2} new`], 'counted once: older entries move nothing');
  // News of somebody else: nothing of this person is read again but the newest.
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  const newest = page.waitForResponse((response) => /newest=\d+$/.test(response.url()));
  await big.json('POST', '/api/write', { changes: [{ op: 'create', entity: 'person', set: { preferred_name: 'Somebody else' } }] });
  await newest;
  await page.evaluate(() => new Promise((painted) => { requestAnimationFrame(() => requestAnimationFrame(painted)); }));
  assert.deepEqual(asked.filter((url) => url.includes('before=')), []);
  const profile = await page.context().newCDPSession(page); // the page's own work, whatever else the machine does
  await profile.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked_ms = async () => (await profile.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  const before_ms = await worked_ms();
  const frames = await page.evaluate(() => new Promise((done) => {
    const waits = [];
    let last = performance.now();
    const step = (now) => {
      waits.push(now - last);
      last = now;
      scrollBy(0, 400);
      if (waits.length < 240) requestAnimationFrame(step);
      else done({ waits: waits.sort((a, b) => a - b), y: scrollY });
    };
    requestAnimationFrame(step);
  }));
  const frame_ms = (await worked_ms() - before_ms) / frames.waits.length;
  const at = (share) => Math.round(frames.waits[Math.floor(frames.waits.length * share)]);
  console.log(`first entries after ${first_ms} ms; a frame of 400 px is ${frame_ms.toFixed(1)} ms of work and takes ${at(0.5)} ms, 95 % ${at(0.95)} ms, the longest ${at(0.999)} ms`);
  assert.ok(frames.y > 50_000, 'it did scroll');
  assert.ok(frame_ms > 0 && frame_ms <= 16, `a frame is ${frame_ms} ms of work`); // a screen has 60 a second
  assert.match(await page.locator('.teapot-scale__table').textContent(), /11the first.*14\+3, may be chance.*21\+7, a reliable change/);
  await page.evaluate(() => document.querySelector('#scores').scrollIntoView());
  await page.screenshot({ path: path.join(process.env.TEAPOT_BIN, '..', 'screenshots', 'person-scores-1024.png') });
  await end();
});

// Each part waits until the test lets it go: as slow as on a small machine.
async function holdParts(page) {
  const held = [];
  let isHolding = true;
  await page.route('**/api/export/*/part?from=*', (route) => (isHolding ? held.push(route) : route.continue()));
  const next = () => until(() => held.shift(), 'a part that is asked for');
  return { next, letGo: async () => { isHolding = false; for (const route of held.splice(0)) await route.continue(); } };
}

test('all of it is saved as a file, with a bar, by keys; it can be stopped, and is of one moment', async () => {
  const { page, show, end, troubles } = await open(big, 'Dee', { acceptDownloads: true });
  await show(`/person/${tom}`, '.teapot-entry');
  await page.getByRole('link', { name: 'Save as a file' }).press('Enter');
  await page.getByText('everything that this computer holds about Old Tom').waitFor();
  await page.getByText('5,004 entries').waitFor();
  assert.equal(await page.title(), 'Save as a file – Teapot');
  await look(page, 'export-1024');

  const parts = await holdParts(page);
  const bar = page.getByRole('progressbar');
  await page.getByRole('button', { name: 'Make the file' }).press('Enter');
  await (await parts.next()).continue();
  const second = await parts.next();
  const value = Number(await bar.getAttribute('value'));
  assert.ok(value > 0 && value < 5004, `${value}`);
  assert.equal(await bar.getAttribute('max'), '5004');
  await page.getByLabel(`${value.toLocaleString('en-GB')} of 5,004 entries`).waitFor();
  assert.equal(await bar.evaluate((one) => one.closest('[role=status], [role=alert], [aria-live]')), null, 'no step of it is announced');
  await look(page, 'export-making-1024');
  let downloads = 0;
  page.on('download', () => { downloads++; });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Stop');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Make the file' }).waitFor();
  await second.continue();

  // Once more; what is written meanwhile has all of it begin again.
  await page.getByRole('button', { name: 'Make the file' }).press('Enter');
  await (await parts.next()).continue();
  const later = await parts.next();
  await big.json('POST', '/api/write', { changes: [{ op: 'create', entity: 'contact', set: { person: tom, note: 'While the file was being made' } }] });
  const arrived = page.waitForEvent('download', { timeout: 60_000 });
  await later.continue();
  await parts.letGo();
  const download = await arrived;
  assert.equal(download.suggestedFilename(), `teapot-${tom}.jsonl`);
  const text = fs.readFileSync(await download.path(), 'utf8');
  assert.equal(text, await many.teapot(['export', '--person', tom]));
  assert.match(text, /While the file was being made/);
  await page.getByText(/The file is made: 5,005 entries, [\d.]+ MB\. .*as teapot-/).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.contains(document.querySelector('.govuk-notification-banner'))), true);
  assert.equal(downloads, 1, 'what was stopped left no file');
  await look(page, 'export-made-1024');
  const [again] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Save it once more' }).click()]);
  assert.equal(fs.readFileSync(await again.path(), 'utf8'), text);

  // Where the node is away there is no half of a file, and it says so.
  await page.route('**/api/export/*/part?from=*', (route) => (/from=0/.test(route.request().url()) ? route.continue() : route.abort()));
  await page.getByRole('button', { name: 'Make it again' }).click();
  await page.getByRole('alert').getByText('Teapot is not running on this computer at the moment').waitFor();
  await page.getByRole('button', { name: 'Make the file' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Make the file');
  assert.deepEqual([downloads, troubles], [2, []]);
  await page.setViewportSize(PHONE);
  await look(page, 'export-trouble-320');
  await end();
});

test('a long list goes on behind its first part, and the focus with it', async () => {
  const { page, show, end, troubles } = await open(big, 'Dee');
  const words = () => page.locator('.teapot-card__name').allTextContents();
  await show('/requests', '.teapot-card');
  assert.equal((await words()).length, 50);
  for (const count of [300, REQUESTS]) {
    const first = (await words()).length;
    await page.getByRole('button', { name: /^Show \d+ more/ }).click();
    await page.waitForFunction((all) => document.querySelectorAll('.teapot-card').length === all, count);
    assert.match(await page.evaluate(() => document.activeElement.textContent), new RegExp(`number ${first}\\b`), 'on the first of those that came');
  }
  assert.deepEqual(await words(), Array.from({ length: REQUESTS }, (_, at) => `“A coat, number ${at}”`), 'the oldest first, none twice');
  assert.equal(await page.getByRole('button', { name: /^Show \d+ more/ }).count(), 0);
  const { help_requests: [oldest] } = await big.json('GET', '/api/requests?max=1');
  await big.json('POST', '/api/write', { changes: [{ op: 'update', entity: 'help_request', record: oldest.name, set: { status: 'answered' } }] });
  await page.waitForFunction((all) => document.querySelectorAll('.teapot-card').length === all, REQUESTS - 1);
  assert.equal((await words())[0], '“A coat, number 1”', 'all of it is kept up to date');
  await look(page, 'requests-long-1024');
  assert.deepEqual(troubles, []);
  await end();
});

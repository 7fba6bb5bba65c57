// Each page of the table in Chromium, on a node with 100,000 contacts about 2,000 people, one of them with
// 500, every document and connection new but the browser's cache as it is on the second visit.
// Usage: pages [--reps N] [--contacts N].  Prints one JSON object a page; tests/bench/README.md says more.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { pages as table } from '../../node/ui/pages/pages.mjs';
import { addressOf } from '../e2e/addresses.mjs';
import { comeIn, openBrowser } from '../e2e/browser.mjs';
import { Pages } from '../e2e/pages.mjs';
import { World } from '../e2e/world.mjs';

const PEOPLE = 2000;
const OF_ONE = 500;
const QUIET_MS = 1200; // after which a page is taken to be filled: it asks anew only after four seconds
const ALIASES = ['Baz', 'Tommo', 'Big Al', 'Shaz', 'Midge', 'Ger', 'Ola', 'Ines', 'Cass', 'Jonno'];
const PLACES = ['Central Library steps', 'bus station', 'Canal Street', 'behind the market', 'the arches'];

function option(name, value) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? value : Number(process.argv[at + 1]) || (() => { console.error(`--${name} needs a number.`); process.exit(2); })();
}
const reps = option('reps', 11);
const contacts = option('contacts', 100_000);

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-bench-pages-'));
const device = new World({ bin: process.env.TEAPOT_BIN, data }).device('desk', { agency: 'one' });
device.clockEnv = {}; // the machine's own clock, in test builds too
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const round = (ms) => Math.round(ms * 10) / 10;

function load(lines) {
  const input = `${lines.map((line) => JSON.stringify({ op: 'create', worker: 'Dee', ...line })).join('\n')}\n`;
  const out = execFileSync(device.program, ['--dir', device.dir, 'import', '-'], { input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'inherit'], encoding: 'utf8' });
  return out.split('\n').filter(Boolean).map((line) => {
    const answer = JSON.parse(line);
    if (answer.error) throw new Error(answer.error.text);
    return answer.name;
  });
}

function fill() {
  const people = load(Array.from({ length: PEOPLE }, (_, i) => ({ entity: 'person', set: { preferred_name: `${ALIASES[i % ALIASES.length]} ${i}`, description: `number ${i}, ${PLACES[i % PLACES.length]}`, born: `~${1950 + i % 50}` } })));
  const began = Date.now() - 180 * 86_400_000;
  const all = load(Array.from({ length: contacts }, (_, i) => ({
    entity: 'contact',
    set: { person: people[i < OF_ONE ? 0 : 1 + i % (PEOPLE - 1)], happened_at: new Date(began + Math.floor(i * 179 * 86_400_000 / contacts)).toISOString(), place: PLACES[i % PLACES.length], kind: 'street', note: `Contact ${i}: cold but in good spirits, took soup and a blanket, asked after the hostel.` },
  })));
  const about = { person: people[0] };
  const [request, action] = load([
    { entity: 'help_request', set: { ...about, words: 'Somewhere dry that will have the dog as well', route: 'worker', asked_at: new Date().toISOString() } },
    { entity: 'action', set: { ...about, what: 'Ring the hostel', owner: { agency: 'one', worker: 'Dee' }, due_on: '2030-01-01', status: 'open' } },
  ]);
  return { person: people[0], other: people[1], contact: all[0], request, action };
}

// Milliseconds from the beginning of the navigation: the first thing seen, the heading, the last change of the page.
async function measure(page, address) {
  await page.goto(address);
  await page.locator('main h1').first().waitFor();
  await page.waitForTimeout(QUIET_MS);
  return page.evaluate(() => ({
    first_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
    heading_ms: globalThis.seen.heading, filled_ms: globalThis.seen.last,
    answers: performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname.startsWith('/api/')).map(({ name, duration }) => [new URL(name).pathname, duration]),
  }));
}
// Runs before the page's own script.
function noteChanges() {
  globalThis.seen = { heading: null, last: null };
  new MutationObserver(() => {
    globalThis.seen.last = performance.now();
    globalThis.seen.heading ??= document.querySelector('main h1') ? performance.now() : null;
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

let browser;
let pages;
try {
  await device.init();
  const names = fill();
  pages = await new Pages(device).serve(['--no-sync']);
  browser = await openBrowser();
  const { page, context } = await comeIn(browser, pages, 'Dee');
  await context.addInitScript(noteChanges);
  for (const { path: pattern } of table) {
    const address = pages.base + addressOf(pattern, names);
    await measure(page, address); // fills the browser's cache
    const seen = [];
    for (let i = 0; i < reps; i++) seen.push(await measure(page, address));
    const of = (key) => ({ [`${key}_ms`]: round(median(seen.map((one) => one[`${key}_ms`]))), [`${key}_ms_max`]: round(Math.max(...seen.map((one) => one[`${key}_ms`]))) });
    const slowest = seen.flatMap(({ answers }) => answers).reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
    console.log(JSON.stringify({ page: pattern, contacts, ...of('first'), ...of('heading'), ...of('filled'), slowest_answer: slowest[0].replace(/[0-9a-f]{16}-\d+/, '...'), slowest_answer_ms: round(slowest[1]), load: round(os.loadavg()[0]) }));
  }
} finally {
  await browser?.close();
  await pages?.end();
  fs.rmSync(data, { recursive: true, force: true });
}

// Pages of the table in Chromium, on a node with 100,000 contacts about 2,000 people, one of them with 500 and one
// with 5,000: how long until somebody sees them, and how they scroll.  What the words mean: tests/bench/README.md.
// Usage: pages [--reps N] [--contacts N] [--only PATTERN,...] [--data DIR].  Prints one JSON object a page.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { pages as table } from '../../node/ui/pages/pages.mjs';
import { addressOf } from '../e2e/addresses.mjs';
import { comeIn, openBrowser } from '../e2e/browser.mjs';
import { Pages } from '../e2e/pages.mjs';
import { World } from '../e2e/world.mjs';
import { runPast } from './frames.mjs';

const PEOPLE = 2000;
const OF_ONE = 500;
const OF_LARGE = 5000;
const LARGE = '/person/{person} with 5000';
const ORDINARY = '/person/{person} as most are';
const QUIET_MS = 1200; // after which a page is taken to be filled: it asks anew only after four seconds
const SCROLL_FRAMES = 300;
const SCROLL_PIXELS = 120; // a frame: 7,200 pixels a second
const ALIASES = ['Baz', 'Tommo', 'Big Al', 'Shaz', 'Midge', 'Ger', 'Ola', 'Ines', 'Cass', 'Jonno'];
const PLACES = ['Central Library steps', 'bus station', 'Canal Street', 'behind the market', 'the arches'];

function option(name, value) {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return value;
  return process.argv[at + 1] ?? (() => { console.error(`--${name} needs a value.`); process.exit(2); })();
}
const reps = Number(option('reps', 11));
const contacts = Number(option('contacts', 100_000));
const only = option('only', null)?.split(',');
const kept = option('data', null); // a folder that is filled once and used again
const data = kept ?? fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-bench-pages-'));
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

// Of whom the nth contact is; the one with 5,000 only where there is room for others beside them.
function whose(i) {
  if (i < OF_ONE) return 0;
  return contacts > 2 * OF_LARGE && i < OF_ONE + OF_LARGE ? 1 : 2 + i % (PEOPLE - 2);
}

function fill() {
  const people = load(Array.from({ length: PEOPLE }, (_, i) => ({ entity: 'person', set: { preferred_name: `${ALIASES[i % ALIASES.length]} ${i}`, description: `number ${i}, ${PLACES[i % PLACES.length]}`, born: `~${1950 + i % 50}` } })));
  const began = Date.now() - 180 * 86_400_000;
  const all = load(Array.from({ length: contacts }, (_, i) => ({
    entity: 'contact',
    set: { person: people[whose(i)], happened_at: new Date(began + Math.floor(i * 179 * 86_400_000 / contacts)).toISOString(), place: PLACES[i % PLACES.length], kind: 'street', note: `Contact ${i}: cold but in good spirits, took soup and a blanket, asked after the hostel.` },
  })));
  const about = { person: people[0] };
  const [request, action] = load([
    { entity: 'help_request', set: { ...about, words: 'Somewhere dry that will have the dog as well', route: 'worker', asked_at: new Date().toISOString() } },
    { entity: 'action', set: { ...about, what: 'Ring the hostel', owner: { agency: 'one', worker: 'Dee' }, due_on: '2030-01-01', status: 'open' } },
  ]);
  return { person: people[0], large: people[1], other: people[2], contact: all[0], request, action };
}

async function world() {
  const names = path.join(data, 'names.json');
  if (!fs.existsSync(names)) {
    await device.init();
    fs.writeFileSync(names, JSON.stringify(fill()));
  }
  return JSON.parse(fs.readFileSync(names, 'utf8'));
}

// Runs before the page's own script: notes when the last change in sight was painted, and tasks that hold up a key.
function watch() {
  const seen = { view: null, long: [] };
  globalThis.seen = seen;
  const isInSight = (node) => {
    const box = (node instanceof Element ? node : node.parentElement)?.getBoundingClientRect();
    return box && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  };
  const painted = new MessageChannel(); // a timer would wait behind whatever the page does next
  painted.port1.onmessage = () => { seen.view = performance.now(); };
  new MutationObserver((records) => {
    const changed = records.flatMap(({ type, target, addedNodes, oldValue }) => {
      if (type === 'childList') return [...addedNodes];
      return target.data === oldValue ? [] : [target]; // Preact writes an empty text again, and nothing is seen of it
    });
    if (changed.some(isInSight)) requestAnimationFrame(() => painted.port2.postMessage(null));
  }).observe(document, { childList: true, subtree: true, characterData: true, characterDataOldValue: true });
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration]))).observe({ type: 'longtask', buffered: true });
}

const numbers = (file) => { try { return fs.readFileSync(file, 'utf8').trim().split(/\s+/).map(Number); } catch { return []; } };
const tasks = (pid) => { try { return fs.readdirSync(`/proc/${pid}/task`); } catch { return []; } }; // it may just have ended
function family(pid) {
  const children = tasks(pid).flatMap((task) => numbers(`/proc/${pid}/task/${task}/children`)).filter(Boolean);
  return [pid, ...children.flatMap(family)];
}
// CPU so far, in milliseconds, of every process of the browser and of the node: it says more than a clock where
// others are at work on the machine.
function cpu() {
  const of = (pid) => tasks(pid).reduce((sum, task) => sum + (numbers(`/proc/${pid}/task/${task}/schedstat`)[0] ?? 0) / 1e6, 0);
  const server = pages.process.pid;
  return { browser: family(process.pid).filter((pid) => pid !== process.pid && pid !== server).reduce((sum, pid) => sum + of(pid), 0), node: of(server) };
}

// Milliseconds from the beginning of the navigation.
async function measure(page, address) {
  const before = cpu();
  await page.goto(address);
  await page.locator('h1').first().waitFor();
  await page.waitForTimeout(QUIET_MS);
  const now = cpu();
  const seen = await page.evaluate(() => {
    const all = performance.getEntriesByType('resource').map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize]);
    const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    return {
      first, view: Math.max(first, globalThis.seen?.view ?? 0),
      document: performance.getEntriesByType('navigation')[0].responseEnd,
      answers: all.filter(([name]) => name.startsWith('/api/')).map(([name]) => name),
      bytes: all.filter(([name]) => /\.(mjs|css)$/.test(name)).reduce((sum, [, bytes]) => sum + bytes, 0),
      long: Math.max(0, ...(globalThis.seen?.long ?? []).map(([, duration]) => duration)),
    };
  });
  return { ...seen, browser: now.browser - before.browser, node: now.node - before.node };
}

const many = async (count, visit) => {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await visit());
  return all;
};
const middle = (all, key) => round(median(all.map((one) => one[key])));
const most = (all, key) => round(Math.max(...all.map((one) => one[key])));

// A browser that was never here before, but has the cookies.
async function coldVisit(browser, cookies, address) {
  const context = await browser.newContext({ viewport: { width: 1024, height: 600 } });
  await context.addCookies(cookies);
  await context.addInitScript(watch);
  const page = await context.newPage();
  const seen = await measure(page, address);
  await context.close();
  return seen;
}

// Frames that came late, and tasks that held up a frame, while a page runs past from top to bottom.
async function scroll(page) {
  const from = await page.evaluate(() => performance.now());
  const gaps = await runPast(page, SCROLL_FRAMES, SCROLL_PIXELS);
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / (1000 / 60)) - 1), 0);
  const [long, scrolled] = await page.evaluate((since) => [(globalThis.seen?.long ?? []).filter(([start]) => start >= since).map(([, duration]) => duration), Math.round(scrollY)], from);
  const sorted = gaps.sort((a, b) => a - b);
  return { frames: gaps.length, dropped, frame_p99_ms: sorted[Math.floor(sorted.length * 0.99)], long_tasks: long.length, long_task_ms_max: Math.max(0, ...long), scrolled_pixels: scrolled };
}

const say = (row) => console.log(JSON.stringify({ ...row, load: round(os.loadavg()[0]) }));
// What of a cold view is the browser's own: a process and a context for it, and the bare page.
async function coldPlain(browser, base) {
  const bare = await many(3, () => coldVisit(browser, [], `${base}/`));
  say({ page: 'a bare page, never here', first_ms: middle(bare, 'first'), document_ms: middle(bare, 'document') });
}
const rounded = (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? round(value) : value]));

async function scrollAll(context, names, base) {
  const plain = await context.newPage();
  await plain.setContent(`<!doctype html><style>p { height: 8rem; margin: 0 }</style>${Array.from({ length: OF_LARGE }, (_, i) => `<p>Paragraph ${i}</p>`).join('')}`);
  say({ scroll: 'a plain document of 5,000 paragraphs', ...rounded(await scroll(plain)) });
  await plain.close();
  const page = await context.newPage();
  const began = performance.now();
  await page.goto(`${base}/person/${names.large}`);
  await page.getByText(/^[0-9]+ entries/).waitFor({ timeout: 60_000 });
  await page.waitForFunction((count) => document.querySelectorAll('.teapot-entry').length >= count, OF_LARGE, { timeout: 120_000 });
  const all_ms = performance.now() - began;
  const long = await page.evaluate(() => globalThis.seen.long.map(([, duration]) => duration));
  say(rounded({ scroll: LARGE, all_drawn_ms: all_ms, long_tasks_opening: long.length, long_task_opening_ms_max: Math.max(0, ...long), ...await scroll(page) }));
  await page.close();
}

let browser;
let pages;
try {
  const names = await world();
  pages = await new Pages(device).serve(['--no-sync']);
  browser = await openBrowser();
  const { context } = await comeIn(browser, pages, 'Dee');
  await context.addInitScript(watch);
  const cookies = await context.cookies();
  const page = await context.newPage();
  const outside = await (await browser.newContext({ viewport: { width: 1024, height: 600 } })).newPage();
  const rows = table.map(({ path: pattern }) => [pattern, addressOf(pattern, names)]);
  rows.push([ORDINARY, `/person/${names.other}`]);
  if (contacts > 2 * OF_LARGE) rows.push([LARGE, `/person/${names.large}`]);
  if (!only || only.includes('/')) await coldPlain(browser, pages.base);
  for (const [pattern, address] of rows.filter(([one]) => !only || only.includes(one))) {
    const visit = () => measure(page, pages.base + address);
    await visit(); // fills the browser's cache
    const warm = await many(reps, visit);
    const cold = await many(Math.min(reps, 3), () => coldVisit(browser, cookies, pages.base + address));
    const plain = await many(Math.min(reps, 5), () => measure(outside, `${pages.base}/`)); // a bare page of the same node
    say({
      page: pattern, contacts, view_ms: middle(warm, 'view'), view_ms_max: most(warm, 'view'), first_ms: middle(warm, 'first'), cold_view_ms: middle(cold, 'view'), plain_ms: middle(plain, 'first'),
      document_ms: middle(warm, 'document'), browser_cpu_ms: middle(warm, 'browser'), node_cpu_ms: middle(warm, 'node'), plain_cpu_ms: middle(plain, 'browser'), long_task_ms_max: most(warm, 'long'), bytes: warm[0].bytes, asked: warm[0].answers.join(' '),
    });
  }
  if (contacts > 2 * OF_LARGE && (!only || only.includes(LARGE))) await scrollAll(context, names, pages.base);
} finally {
  await browser?.close();
  await pages?.end();
  if (!kept) fs.rmSync(data, { recursive: true, force: true });
}

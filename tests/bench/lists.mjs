// Lists of 5,000 in Chromium: how the pages scroll past them, beside a plain document of 5,000 paragraphs, which tasks
// hold up a key while they are read and drawn, and what the node pays for each question.  What the words mean: PAGES.md.
// Usage: lists [--data DIR] [--only NAME,...].  Prints one JSON object a list, then one a question.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { comeIn, openBrowser } from '../e2e/browser.mjs';
import { Pages } from '../e2e/pages.mjs';
import { World } from '../e2e/world.mjs';
import { runPast } from './frames.mjs';

const MANY = 5000;
const CONFLICTS_EACH = 2; // fields of a person about which two disagree
const CHANGES_MAX = 32; // of one request to write
const FRAMES = 300;
const SPEEDS = { reading: 30, wheel: 120, thumb: 1200 }; // pixels a frame
const LATE_MS = 25; // a frame that missed its turn
const JANK_MS = 50;
const SETTLE_MS = 100;
const ASKED = 10; // times, for the node's CPU

function option(name) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : process.argv[at + 1];
}
const kept = option('data'); // a folder that is filled once and used again
const only = option('only')?.split(',');
const data = kept ?? fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-bench-lists-'));
const device = new World({ bin: process.env.TEAPOT_BIN, data }).device('desk', { agency: 'one' });
device.clockEnv = {}; // the machine's own clock, in test builds too
const of = (count, make) => Array.from({ length: count }, (_, at) => make(at));
const round = (value) => Math.round(value * 10) / 10;
const rounded = (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? round(value) : value]));
const say = (row) => console.log(JSON.stringify({ ...rounded(row), load: round(os.loadavg()[0]) }));

// ---- The data ----

function load(lines) {
  const input = lines.map((line) => `${JSON.stringify({ op: 'create', worker: 'Dee', ...line })}\n`).join('');
  const out = execFileSync(device.program, ['--dir', device.dir, 'import', '-'], { input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'inherit'], encoding: 'utf8' });
  return out.split('\n').filter(Boolean).map((line) => JSON.parse(line).name);
}

const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString();
const words = (at) => `Number ${at}: cold but in good spirits, took soup and a blanket. `.repeat(1 + at % 4).trim();

async function disagree(pages, people) {
  for (let at = 0; at < people.length; at += CHANGES_MAX) {
    const changes = people.slice(at, at + CHANGES_MAX).map((record) => ({ op: 'update', entity: 'person', record, set: { place: 'bus station', description: 'tall, a red scarf' }, seen: { place: [], description: [] } }));
    await pages.json('POST', '/api/write', { changes });
  }
}

async function fill() {
  await device.init();
  const people = load(of(MANY / CONFLICTS_EACH, (at) => ({ entity: 'person', set: { preferred_name: `Tommo ${at}`, place: 'Canal Street', description: `number ${at}, green coat` } })));
  const [old, few] = people;
  load(of(MANY, (at) => ({ entity: at % 50 === 0 ? 'score' : 'contact', set: at % 50 === 0 ? { person: old, scale: 'ndt', taken_on: ago(3650 - at * 0.72).slice(0, 10), total: at % 40 } : { person: old, kind: at % 3 ? 'street' : 'visit', note: words(at), happened_at: ago(3650 - at * 0.72) } })));
  load(of(50, (at) => ({ entity: 'contact', set: { person: few, note: words(at), happened_at: ago(50 - at) } })));
  for (const worker of ['Dee', 'Tom']) {
    load(of(MANY, (at) => ({ entity: 'help_request', worker, set: { person: people[at % people.length], words: words(at), route: 'worker', asked_at: ago(at / 100), holder: { agency: 'one', worker } } })));
  }
  load(of(MANY, (at) => ({ entity: 'action', set: { person: people[at % people.length], what: words(at), owner: { agency: 'one', worker: 'Dee' }, due_on: '2030-01-01', status: 'open' } })));
  const pages = await new Pages(device).serve(['--no-sync']);
  await pages.comeIn();
  await pages.say('Tom');
  await disagree(pages, people);
  await pages.end();
  return { old, few };
}

async function world() {
  const names = path.join(data, 'lists.json');
  if (!fs.existsSync(names)) fs.writeFileSync(names, JSON.stringify(await fill()));
  return JSON.parse(fs.readFileSync(names, 'utf8'));
}

// ---- In the browser ----

function watch() {
  globalThis.long = [];
  new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration]))).observe({ type: 'longtask', buffered: true });
}
const longSince = (page, from) => page.evaluate((since) => globalThis.long.filter(([start]) => start >= since).map(([, duration]) => duration), from);
const now = (page) => page.evaluate(() => performance.now());

// The gaps between frames while the page runs past from its top.
async function scroll(page, pixels) {
  const from = await now(page);
  await page.evaluate(() => scrollTo(0, 0));
  const gaps = await runPast(page, FRAMES, pixels);
  const long = await longSince(page, from);
  return { late: gaps.filter((gap) => gap > LATE_MS).length, jank: gaps.filter((gap) => gap > JANK_MS).length, frame_ms_max: Math.max(...gaps), long_tasks: long.length };
}

async function scrollAll(page) {
  const row = {};
  for (const [speed, pixels] of Object.entries(SPEEDS)) {
    for (const [key, value] of Object.entries(await scroll(page, pixels))) row[`${speed}_${key}`] = value;
  }
  return row;
}

// Presses "Show more" each time nothing more comes, until all of them stand there.
async function showAll(page, row, count) {
  await page.evaluate(async ([css, all, settle_ms]) => {
    const rows = () => document.querySelectorAll(css).length;
    while (rows() < all) {
      const before = rows();
      await new Promise((done) => { setTimeout(done, settle_ms); });
      if (rows() === before) [...document.querySelectorAll('button')].find(({ textContent }) => /^Show \d+ more/.test(textContent))?.click();
    }
  }, [row, count, SETTLE_MS]);
}

async function measure(context, name, address, row, count) {
  const page = await context.newPage();
  await page.goto(address);
  await page.locator(row).first().waitFor();
  await page.evaluate(() => new Promise((painted) => { requestAnimationFrame(() => requestAnimationFrame(painted)); }));
  const first = await now(page);
  await showAll(page, row, count);
  const all = await now(page);
  const long = await longSince(page, first);
  say({ list: name, rows: await page.locator(row).count(), all_ms: all - first, filling_long_tasks: long.length, filling_long_task_ms_max: Math.max(0, ...long), ...await scrollAll(page) });
  await page.close();
}

async function measurePlain(context) {
  const page = await context.newPage();
  await page.setContent(`<!doctype html><style>p { height: 8rem; margin: 0 }</style>${of(MANY, (at) => `<p>Paragraph ${at}</p>`).join('')}`);
  await page.evaluate(watch);
  say({ list: 'plain', rows: MANY, ...await scrollAll(page) });
  await page.close();
}

// ---- The node ----

async function measureNode(pages, names) {
  const cpu = () => Number(fs.readFileSync(`/proc/${pages.process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  for (const where of ['/api/start', '/api/requests?mine&max=50', '/api/requests?max=50', '/api/actions?mine&max=50', '/api/review?max=30', `/api/review?person=${names.old}`, `/api/person/${names.old}?newest=40`, `/api/person/${names.old}/consent`, `/api/person/${names.few}?newest=40`, `/api/person/${names.few}/consent`]) {
    await pages.json('GET', where);
    const before = cpu();
    for (let i = 0; i < ASKED; i++) await pages.json('GET', where);
    say({ asked: where, node_cpu_ms: (cpu() - before) / ASKED });
  }
}

let browser;
let pages;
try {
  const names = await world();
  pages = await new Pages(device).serve(['--no-sync']);
  browser = await openBrowser();
  const { context } = await comeIn(browser, pages, 'Dee');
  await context.addInitScript(watch);
  const rows = [
    ['timeline', `/person/${names.old}`, '.teapot-entry'], ['requests', '/requests', '.teapot-cards > li'],
    ['actions', '/actions', '.teapot-cards > li'], ['review', '/review', '.teapot-review'],
  ];
  for (const [name, address, row] of rows.filter(([one]) => !only || only.includes(one))) {
    await measurePlain(context);
    await measure(context, name, pages.base + address, row, MANY);
  }
  if (!only || only.includes('node')) {
    await pages.comeIn();
    await pages.say('Ada'); // nothing is hers
    await measureNode(pages, names);
  }
} finally {
  await browser?.close();
  await pages?.end();
  if (!kept) fs.rmSync(data, { recursive: true, force: true });
}

// Long work, in words and with a bar, while the pages go on working: much that is sent over a slow network, and the
// first fetch of a device, of which nobody may think meanwhile that it knows everybody.
//
// Shows no promise: what is said while work goes on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { Relay } from '../bench/relay.mjs';
import { languages } from '../../node/ui/pages/kiosk/texts.mjs';
import { checkPage, comeIn, look, openBrowser, watch } from './browser.mjs';
import { Pages, until } from './pages.mjs';
import { World } from './world.mjs';

const CONTACTS = 3000; // several requests each way
const SLOW_MS = 700; // each direction
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-progress-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const textsOf = (lang) => JSON.parse(fs.readFileSync(`node/ui/pages/kiosk/texts/${lang}.json`, 'utf8'));
let relay;
let late;
let fresh;
const served = [];
let browser;

async function fill(device, name) {
  const person = await device.create('person', { preferred_name: name }, 'Dee');
  const line = (n) => JSON.stringify({ op: 'create', entity: 'contact', worker: 'Dee', set: { person, note: `${n} ${'by the library '.repeat(12)}` } });
  await device.teapot(['import', '-'], { input: `${Array.from({ length: CONTACTS }, (_, n) => line(n)).join('\n')}\n` });
}

before(async () => {
  const now = Date.now();
  world.hubClock.set(now, 86_400_000, 'hub');
  await world.begin(['one']);
  relay = new Relay(world.port);
  await relay.listen();
  world.url = `https://127.0.0.1:${relay.port}`; // where all of them find it
  const device = async (name) => {
    const one = world.device(name, { agency: 'one' });
    one.clock.set(now, 3_600_000, name);
    await one.init();
    return one;
  };
  late = await device('late');
  await fill(late, 'Sean');
  await late.enrol();
  fresh = await device('fresh');
  await fresh.enrol();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  for (const pages of served) await pages.end();
  await relay?.close();
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

async function serve(device) {
  const pages = new Pages(device);
  await pages.serve();
  served.push(pages);
  return pages;
}

const bar = (page) => page.locator('.teapot-sync').getByRole('progressbar');
const value = async (page) => Number((await bar(page).getAttribute('value')) ?? -1);
const grows = (page, was) => page.waitForFunction((before) => Number(document.querySelector('.teapot-sync progress')?.getAttribute('value') ?? -1) > before, was, { timeout: 60_000 });

// What a program prints at a terminal of its own (script(1)).
function atTerminal(device, args) {
  const command = [device.program, '--dir', device.dir, ...args].map((word) => `'${word}'`).join(' ');
  return promisify(execFile)('script', ['-qec', command, '/dev/null'], { env: { ...process.env, ...device.env, TEAPOT_WORKER: '', TERM: 'dumb' } });
}

test('sending says how much of how much, and nothing waits for it', async () => {
  relay.delayMs = SLOW_MS;
  const { page, context, troubles } = await comeIn(browser, await serve(late), 'Dee');
  await page.getByText(/^Sending: [\d,]+ of 3,001$/).waitFor({ timeout: 60_000 });
  assert.equal(await bar(page).getAttribute('max'), '3001');
  const first = await value(page);
  await look(page, 'sync-sending');
  await grows(page, first);

  // The page is there all the while.
  assert.match(await page.locator('h1').textContent(), /Dee/);
  await bar(page).waitFor({ state: 'detached', timeout: 120_000 });
  await page.locator('.teapot-sync__words').getByText(/^All sent; last sent \d\d:\d\d$/).waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
  relay.delayMs = 0;
});

test('a first fetch says how much there is, that not everybody is here, and when all is', async () => {
  relay.allow(40_000); // the first page of three, and not all of the second
  const { page, context, troubles } = await comeIn(browser, await serve(fresh), 'Jo', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
  await bar(page).waitFor({ timeout: 60_000 });
  assert.equal(await bar(page).getAttribute('max'), '3001');
  const first = await value(page);
  assert.ok(first > 0 && first < 3001, `${first}`);
  // Its name says the same as the words; nothing of it is announced at each step.
  await page.getByLabel(`First fetch: ${first.toLocaleString('en-GB')} of 3,001`).waitFor();
  assert.equal(await bar(page).evaluate((one) => one.closest('[role=status], [aria-live]')), null);
  assert.match(await page.locator('.teapot-sync__words').textContent(), /not everything has come from the hub yet$/);
  await page.fill('#find', 'Nobody');
  await page.getByText('Not everything has come from the hub yet. Nobody who is here so far fits that.').waitFor();
  await look(page, 'sync-first-fetch-dark-320');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1024, height: 600 });
  await look(page, 'sync-first-fetch');
  assert.match(await fresh.teapot(['find', 'Nobody']), /not everything has come from the hub/);
  relay.allow(5_000); // the rest of the second page, and little of the last
  await grows(page, first);
  relay.allow(Infinity);

  await bar(page).waitFor({ state: 'detached', timeout: 120_000 });
  await page.locator('.teapot-sync__words').getByText(/^All sent; last sent \d\d:\d\d$/).waitFor();
  await page.fill('#find', 'Nobody at all');
  await page.getByText(/^Nobody here fits that\./).waitFor();
  await checkPage(page, 'after the first fetch');
  assert.equal((await fresh.json(['status'])).held_changes, 3001);
  assert.doesNotMatch(await fresh.teapot(['find', 'Nobody']), /hub/);
  assert.deepEqual(troubles, []);
  await context.close();
});

test('a sync at a terminal says how far it is, and wipes it; elsewhere it says nothing', async () => {
  for (const pages of served.splice(0)) await pages.end();
  await late.create('person', { preferred_name: 'Jo' });
  const { stdout } = await atTerminal(late, ['sync']);
  assert.match(stdout, /^\rSending: 0 of 1\r.* +\rSent 1, received 0\.\r\n$/s);
  await late.create('person', { preferred_name: 'Ash' });
  const quiet = await promisify(execFile)(late.program, ['--dir', late.dir, 'sync'], { env: { ...process.env, ...late.env } });
  assert.deepEqual([quiet.stdout, quiet.stderr], ['Sent 1, received 0.\n', '']);
});

test('so does an export into a file, and what stands in it is the same', async () => {
  const out = path.join(data, 'all.jsonl');
  const { stdout } = await atTerminal(late, ['export', '--out', out]);
  assert.match(stdout, /^\rWriting: 1 of 3,003(\r.*)?\r +\r$/s); // how often depends on how fast the machine is
  const printed = await late.teapot(['export']);
  assert.equal(fs.readFileSync(out, 'utf8'), printed);
  assert.equal(printed.split('\n').length, 3004);
  assert.doesNotMatch((await atTerminal(late, ['export', '--person', 'Jo'])).stdout, /Writing/, 'between the records nothing else is printed');
  const quiet = await promisify(execFile)(late.program, ['--dir', late.dir, 'export', '--out', `${out}.2`], { env: { ...process.env, ...late.env } });
  assert.deepEqual([quiet.stdout, quiet.stderr], ['', '']);
});

// The first process that `pid` has started.
function childOf(pid) {
  try {
    return Number(fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

// The pages of the next version, which knows fields that this one does not, so that all views are made again: as
// slowly as on a small machine with much, until `goOn`.
async function serveUpgraded(device) {
  device.variant = '-next';
  const pages = new Pages(device);
  const up = pages.serve(['--no-sync']);
  const child = await until(() => childOf(pages.process.pid), 'a child that rebuilds');
  process.kill(child, 'SIGSTOP');
  await up;
  served.push(pages);
  return { pages, goOn: () => process.kill(child, 'SIGCONT') };
}

test('after an upgrade the pages come up at once, say how far it is, and go on by themselves', async () => {
  const { pages, goOn } = await serveUpgraded(late);
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(pages.address);
  await page.getByRole('heading', { name: 'Teapot is getting ready' }).waitFor();
  await page.getByLabel(/^\d+% done$/).waitFor();
  await look(page, 'getting-ready-dark-320');
  await pages.enter();
  assert.equal((await (await pages.ask('GET', '/api/start')).json()).error, 'rebuilding');
  goOn();
  await page.getByRole('textbox').fill('Jo'); // the page that was asked for, by itself
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.fill('#find', 'Sean');
  await page.getByText('One person fits:').waitFor();
  await context.close();
});

test('a kiosk says so in each of its languages', async () => {
  const kiosk = world.device('door', { agency: 'one', kiosk: true });
  kiosk.clock.set(Date.now(), 3_600_000, 'door');
  await kiosk.init();
  await fill(kiosk, 'Sean'); // much to put in order
  await kiosk.enrol();
  const { pages, goOn } = await serveUpgraded(kiosk);
  const context = await browser.newContext({ viewport: { width: 1024, height: 600 } });
  const page = await context.newPage();
  const troubles = watch(page, pages.base);
  await page.goto(pages.address);
  await page.getByLabel(/^\d+%$/).waitFor();
  await page.locator('#languages li:nth-child(6)').waitFor();
  const said = await page.locator('#languages li').evaluateAll((all) => all.map((one) => [one.lang, one.dir, one.innerText]));
  assert.deepEqual(said, languages.map((lang) => { const { dir, readying_title: title, readying } = textsOf(lang); return [lang, dir, `${title}\n\n${readying}`]; }));
  await look(page, 'kiosk-getting-ready');
  await page.setViewportSize({ width: 320, height: 640 });
  await look(page, 'kiosk-getting-ready-320');
  goOn();
  await page.locator('.languages button[lang=fa]').waitFor(); // the first page, by itself
  assert.deepEqual(troubles.filter((one) => !/503/.test(one)), []); // which is what it answers meanwhile
  await context.close();
});

// Long work in the sync line: a device that sends much for the first time over a slow network says how far it is,
// in words and with a bar, while its pages go on working.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Relay } from '../bench/relay.mjs';
import { comeIn, look, openBrowser } from './browser.mjs';
import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const CONTACTS = 5000; // several requests each way
const SLOW_MS = 700; // each direction
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-progress-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let relay;
let late;
let pages;
let browser;

async function fill(device, name) {
  const person = await device.create('person', { preferred_name: name });
  const line = (n) => JSON.stringify({ op: 'create', entity: 'contact', worker: 'Dee', set: { person, note: `${n} by the library` } });
  await device.teapot(['import', '-'], { input: `${Array.from({ length: CONTACTS }, (_, n) => line(n)).join('\n')}\n` });
}

before(async () => {
  const now = Date.now();
  world.hubClock.set(now, 86_400_000, 'hub');
  await world.begin(['one']);
  relay = new Relay(world.port);
  await relay.listen();
  const device = async (name) => {
    const one = world.device(name, { agency: 'one' });
    one.clock.set(now, 3_600_000, name);
    await one.init();
    return one;
  };
  late = await device('late');
  await fill(late, 'Sean');
  const url = world.url;
  world.url = `https://127.0.0.1:${relay.port}`;
  await late.enrol();
  world.url = url;
  relay.delayMs = SLOW_MS;
  pages = new Pages(late);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  if (pages?.process) await pages.end();
  await relay?.close();
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('sending says how much of how much, and nothing waits for it', async () => {
  await pages.serve();
  const { page, context, troubles } = await comeIn(browser, pages, 'Dee');
  const line = page.locator('.teapot-sync__progress');
  await line.getByText(/^Sending [\d,]+ of 5,001/).waitFor({ timeout: 60_000 });
  const bar = line.getByRole('progressbar', { name: 'What has been sent' });
  assert.equal(await bar.getAttribute('max'), '5001');
  const value = async () => Number((await bar.getAttribute('value')) ?? -1);
  const first = await value();
  await look(page, 'sync-sending');
  await page.waitForFunction((was) => Number(document.querySelector('.teapot-sync progress')?.getAttribute('value') ?? Infinity) > was, first, { timeout: 60_000 });

  // The page is there all the while.
  assert.match(await page.locator('h1').textContent(), /Dee/);
  await line.waitFor({ state: 'detached', timeout: 120_000 });
  await page.locator('.teapot-sync__words').getByText(/^All sent; last sent \d\d:\d\d$/).waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

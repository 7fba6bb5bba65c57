// What a worker is told on the pages, in Chromium, when something happened to what they keep that they did not do:
// records were erased at the hub, or the hub itself went back.  Full disks are told in `space_test.mjs`.
//
// Shows P24, P26.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { comeIn, look, openBrowser, rawWords } from './browser.mjs';
import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-told-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const keptHub = path.join(data, 'kept-hub');
const SYNC_LINE = 'section[aria-label="Sending and fetching"]';
let van;
let desk;
let joy;
let sean;
let pages;
let browser;
let open; // { page, troubles } of the van's worker

const note = (device, person, text) => device.create('contact', { person, note: text });
async function syncAll(rounds = 2) {
  for (let round = 0; round < rounds; round++) for (const device of [van, desk]) await device.json(['sync']);
}

before(async () => {
  [van, desk] = await world.beginToday({ van: 'one', desk: 'two' });
  joy = await van.create('person', { preferred_name: 'Joy' });
  sean = await van.create('person', { preferred_name: 'Sean' });
  for (const person of [joy, sean]) {
    await van.create('consent', { person, decision: 'given', agencies: ['*'], kinds: ['housing'], purposes: ['support'], how: 'spoken', wording: 'short-spoken', wording_version: 2, capacity: 'believed_to_have' });
    await note(van, person, 'Soup and a blanket.');
  }
  await syncAll();
  pages = await new Pages(van).serve(['--no-sync']);
  browser = await openBrowser();
  open = await comeIn(browser, pages, 'Dee');
});
after(async () => {
  await browser?.close();
  pages?.process.kill('SIGKILL');
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

async function see(where, text) {
  await open.page.goto(pages.base + where);
  await open.page.getByText(text).first().waitFor();
}

test('of erased records: at the person they were about, among what is to be looked at, and nothing of what they said', async () => {
  const contact = await note(van, joy, 'Ermintrude by the canal.');
  await syncAll();
  await world.hub(['erase', contact, '--reason', 'asked for', '--by', 'Olu', '--yes']);
  await syncAll();
  await see(`/person/${joy}`, /1 erased/);
  assert.doesNotMatch(await open.page.locator('main').innerText(), /Ermintrude/);
  assert.deepEqual(await rawWords(open.page), []);
  await look(open.page, 'told-erased-entry');
  await see('/review', 'Erased for good');
  assert.match(await open.page.locator('main').innerText(), /1 record that something was written to on this device was erased for good/);
  assert.deepEqual(await rawWords(open.page), []);
  await look(open.page, 'told-erased-review');
});

test('of an erased person: that it is so everywhere, since when, and what to do if they meet again', async () => {
  await world.hub(['erase', sean, '--everything', '--reason', 'asked for', '--by', 'Olu', '--yes']);
  await syncAll();
  await see(`/person/${sean}`, /^Details erased on \w{3} \d+ \w{3} \d{4}, here and everywhere else\. If you meet the person again, begin anew\.$/);
  assert.doesNotMatch(await open.page.locator('main').innerText(), /Sean|Soup/);
  assert.equal(await open.page.getByText('Record a contact or a note').count(), 0, 'nothing more is written about them');
  assert.deepEqual(await rawWords(open.page), []);
  await look(open.page, 'told-erased-person');
  await open.page.getByText('Record a contact with somebody new').click();
  await open.page.getByRole('heading', { name: 'Record a contact' }).waitFor();
  await assert.rejects(note(van, sean, 'Once more.'), /record the person anew/);
});

test('of a hub that went back: on every page until it has collected what it lost, and then no more', async () => {
  await world.stop();
  execFileSync('cp', ['-a', world.hubDir, keptHub]);
  await world.serve();
  await note(van, joy, 'Since then.');
  await syncAll();
  await world.stop();
  fs.rmSync(world.hubDir, { recursive: true });
  execFileSync('cp', ['-a', keptHub, world.hubDir]);
  await world.serve();
  await van.json(['sync']);
  for (const where of ['/', `/person/${joy}`]) {
    await open.page.goto(pages.base + where);
    const line = open.page.locator(SYNC_LINE);
    await line.getByText('The hub was put back to an earlier state').waitFor();
    assert.match(await line.innerText(), /All sent/, 'nobody need send anything again');
  }
  await look(open.page, 'told-hub-back');
  await syncAll();
  await open.page.locator(SYNC_LINE).getByText('The hub was put back').waitFor({ state: 'detached' });
  assert.match(await open.page.locator('main').innerText(), /Since then\./);
  await van.teapot(['verify']);
  assert.match(await world.hub(['verify']), /^All is whole/);
  assert.deepEqual(open.troubles, []);
});

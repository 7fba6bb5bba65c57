// The JSON that the pages are made from, asked as a page would, by fetch: who there is, what is held, what is
// written, and what happens to a form that stood open while somebody else wrote.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-api-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let van; // of agency one: serves
let desk; // of agency two
let pages;

before(async () => {
  const now = Date.now();
  world.hubClock.set(now, 86_400_000, 'hub');
  await world.begin(['one', 'two']);
  van = world.device('van', { agency: 'one' });
  desk = world.device('desk', { agency: 'two' });
  for (const device of [van, desk]) {
    device.clock.set(now, 3_600_000, device.name);
    await device.init();
    await device.enrol();
  }
  pages = await new Pages(van).serve(['--no-sync']);
  await pages.comeIn();
  await pages.say('Dee');
});
after(async () => {
  if (pages) await pages.end();
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

async function refused(status, method, where, body) {
  const response = await pages.ask(method, where, { body });
  const problem = await response.json();
  assert.equal(response.status, status, `${method} ${where}: ${JSON.stringify(problem)}`);
  return problem;
}

test('people are found, with what tells them apart', async () => {
  const baz = await van.create('person', { preferred_name: 'Barry', description: 'grey beard', place: 'library steps', born: '1971' });
  await van.create('alias', { person: baz, name: 'Baz' });
  await van.create('contact', { person: baz, note: 'Tea', happened_at: '2026-01-02T10:00Z' });
  await van.create('contact', { person: baz, note: 'Socks', happened_at: '2026-03-02T10:00Z' });
  await van.create('contact', { person: baz, note: 'Long before, written down now', happened_at: '2025-03-02T10:00Z' });
  const { people } = await pages.json('POST', '/api/find', { text: 'baz' });
  assert.deepEqual(people.map(({ name, preferred_name, aliases, born, description, place, last_contact_at }) => ({ name, preferred_name, aliases, born, description, place, last_contact_at })), [
    { name: baz, preferred_name: 'Barry', aliases: ['Baz'], born: '1971', description: 'grey beard', place: 'library steps', last_contact_at: '2026-03-02T10:00Z' },
  ]);
  assert.deepEqual(await pages.json('POST', '/api/find', { text: 'nobody of this name' }), { people: [], given_back: 0 });
  assert.equal((await refused(400, 'POST', '/api/find', { text: 'baz', max: 'x' })).field, 'max');
  assert.equal((await refused(422, 'POST', '/api/find', { text: 7 })).field, 'text');
});

test('a person\'s page, all of it or the newest part', async () => {
  const person = await van.create('person', { preferred_name: 'Sean', own_words: '<b>Leave me</b> & "the dog"' });
  await van.create('role', { person, role: 'peer', name: 'Ann' });
  for (let i = 0; i < 5; i++) await van.create('contact', { person, note: `n${i}`, happened_at: `2026-02-0${i + 1}T10:00Z` });
  const all = await pages.json('GET', `/api/person/${person}`);
  const cli = await van.json(['timeline', person, '--worker', 'Dee']);
  for (const key of ['person', 'joined', 'consent', 'entries', 'hidden', 'given_back']) assert.deepEqual(all[key], cli[key], key);
  assert.equal(all.person.fields.own_words.shown, '<b>Leave me</b> & "the dog"');
  assert.equal(all.count, 6);
  assert.equal(all.more, 0);
  assert.equal(all.looked_at, null);
  assert.deepEqual(all.persons.map(({ name }) => name), [person]);
  assert.match(all.consent_summary, /./);
  const some = await pages.json('GET', `/api/person/${person}?newest=2&before=1`);
  assert.deepEqual(some.entries.map(({ name }) => name), all.entries.slice(3, 5).map(({ name }) => name));
  assert.equal(some.more, 3);
  assert.deepEqual(some.around.map(({ entity }) => entity), ['role']);
  await refused(400, 'GET', `/api/person/${person}?newest=-1`);
  await refused(404, 'GET', '/api/person/00000000000000aa-7');
  const record = await pages.json('GET', `/api/record/${person}`);
  assert.deepEqual(record, await van.json(['show', person]));
  await refused(404, 'GET', '/api/record/00000000000000aa-7');
});

test('looking is noted, and no news to other pages', async () => {
  const person = await van.create('person', { preferred_name: 'Kim' });
  await van.create('contact', { person, note: 'by somebody else' }, 'Tom');
  assert.equal((await pages.json('GET', `/api/person/${person}`)).new > 0, true);
  const { revision } = await pages.status();
  assert.equal((await pages.ask('POST', `/api/person/${person}/looked`, { body: {} })).status, 204);
  assert.equal((await pages.status()).revision, revision);
  const then = await pages.json('GET', `/api/person/${person}`);
  assert.equal(then.new, 0);
  assert.match(then.looked_at, /^20/);
  await refused(404, 'POST', '/api/person/00000000000000aa-7/looked', {});
});

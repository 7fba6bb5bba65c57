// Programs one version apart: teapot-next and teapot-hub-next speak protocol version 2 and know an entity
// (bright_spot), two fields of a contact (animal; course, which makes it about education) and a kind
// (education) that the others do not; and a contact may be about nobody known (design section 6; sync/wire/FORMAT.md, Versions).
//
// Shows P17.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { World } from './world.mjs';

const NEXT = '-next';
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-skew-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const DAY = 86_400_000;
let minute = 0;

// Everybody's clock goes on together, a minute a step.
function tick() {
  minute++;
  const ms = Date.parse('2026-02-02T09:00:00Z') + minute * 60_000;
  world.hubClock.set(ms, DAY + minute * 60_000, 'hub');
  for (const device of world.devices.values()) device.clock.set(ms, DAY + minute * 60_000, device.name);
}
async function device(name, agency, variant) {
  const made = world.device(name, { agency });
  made.variant = variant;
  tick();
  await made.init();
  await made.enrol();
  return made;
}
async function sync(...devices) {
  for (const one of devices) {
    tick();
    const { refused } = await one.json(['sync']);
    assert.deepEqual(refused, []);
  }
}
async function hubAs(variant) {
  await world.stop();
  world.hubVariant = variant;
  tick();
  await world.serve();
}
async function holds(one, name) {
  return (await one.jsonLines(['export'])).some((record) => record.name === name && !record.bare);
}
async function field(one, name, wanted) {
  return (await one.json(['show', name])).fields[wanted]?.shown;
}

const names = {};
let newer; // of agency one, the next version
let older; // of agency one, this version
let theirs; // of agency two, the next version
let theirOlder; // of agency two, this version

before(async () => {
  tick();
  await world.begin(['one', 'two']);
  newer = await device('newer', 'one', NEXT);
  older = await device('older', 'one', '');
  theirs = await device('theirs', 'two', NEXT);
  theirOlder = await device('theirOlder', 'two', '');
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('a newer node syncs with an older hub, which keeps what it does not know', async () => {
  names.person = await newer.create('person', { preferred_name: 'Joy' });
  names.consent = await newer.create('consent', {
    person: names.person, decision: 'given', agencies: ['one', 'two'], kinds: ['general', 'housing', 'education'], purposes: ['support'],
    how: 'spoken', wording: 'short-spoken', wording_version: 2, capacity: 'believed_to_have',
  });
  names.field = await newer.create('contact', { person: names.person, note: 'At the gate.', animal: 'Biscuit, a small dog' });
  names.kindOfField = await newer.create('contact', { person: names.person, note: 'Talked of school.', course: 'Maths, Tuesdays' });
  names.kind = await newer.create('contact', { person: names.person, note: 'The letter from the college.', info: ['education'] });
  names.entity = await newer.create('bright_spot', { person: names.person, what: 'Came three weeks in a row', why: 'The tea' });
  await sync(newer);
  const log = await world.hubJsonLines(['log']);
  for (const [what, name] of Object.entries(names)) assert.equal(log.filter((line) => line.name === name).length, 1, what);
  assert.deepEqual(await world.hubJsonLines(['quarantine', 'list']), []);
  assert.equal((await newer.json(['status'])).unsent, 0);
});

test('what the older hub must refuse waits in its quarantine and holds up nothing', async () => {
  tick();
  names.nobody = await newer.create('contact', { note: 'Somebody under the arches, asleep.' });
  const after = await newer.create('contact', { person: names.person, note: 'And on.' });
  tick();
  const { refused } = await newer.json(['sync']);
  assert.deepEqual(refused.map(({ name, code }) => [name, code]), [[names.nobody, 5]]);
  const log = (await world.hubJsonLines(['log'])).map(({ name }) => name);
  assert.ok(log.includes(after) && !log.includes(names.nobody));
  assert.deepEqual((await world.hubJsonLines(['quarantine', 'list'])).map(({ name, code }) => [name, code]), [[names.nobody, 5]]);
  await assert.rejects(world.hub(['quarantine', 'retry', names.nobody]), (error) => error.exit === 4);
});

test('the older hub gives it to the creating agency, and holds back what it cannot judge', async () => {
  await sync(older, theirs, theirOlder);
  const { held_changes: held } = await older.json(['status']);
  assert.ok(held >= 6, `holds ${held}`);
  for (const one of [theirs, theirOlder]) {
    assert.equal(await holds(one, names.person), true);
    assert.equal(await holds(one, names.field), true, 'a field does not change whom the consent covers');
    for (const what of ['kindOfField', 'kind', 'entity']) assert.equal(await holds(one, names[what]), false, `${one.name}: ${what}`);
  }
  assert.equal(await field(theirs, names.field, 'animal'), 'Biscuit, a small dog', 'the unknown field travelled through');
});

test('an older node works on beside what it does not know', async () => {
  assert.equal(await field(older, names.field, 'note'), 'At the gate.');
  await older.teapot(['timeline', names.person]);
  await older.teapot(['rebuild']);
  await older.teapot(['verify']);
  tick();
  await older.import({ op: 'update', entity: 'contact', record: names.field, worker: 'Dee', set: { note: 'At the back gate.' } });
  await sync(older, newer, theirs);
  for (const one of [newer, theirs]) {
    assert.equal(await field(one, names.field, 'note'), 'At the back gate.');
    assert.equal(await field(one, names.field, 'animal'), 'Biscuit, a small dog', 'whoever corrects a record leaves alone what they do not know');
  }
});

test('a newer hub in its place judges what was held back, on the same data', async () => {
  await hubAs(NEXT);
  await sync(theirs);
  for (const what of ['kindOfField', 'kind', 'entity']) assert.equal(await holds(theirs, names[what]), true, what);
  assert.equal(await field(theirs, names.entity, 'why'), 'The tea');
  assert.equal(await field(theirs, names.kindOfField, 'course'), 'Maths, Tuesdays');
  await world.hub(['health', '--deep']); // passes only if the store is whole
});

test('what was in quarantine can be tried again after the upgrade', async () => {
  await world.hub(['quarantine', 'retry', names.nobody]);
  assert.ok((await world.hubJsonLines(['log'])).some(({ name }) => name === names.nobody));
  assert.deepEqual(await world.hubJsonLines(['quarantine', 'list']), []);
  await sync(older);
  assert.equal(await field(older, names.nobody, 'note'), 'Somebody under the arches, asleep.');
});

test('an older node syncs with a newer hub', async () => {
  tick();
  const note = await older.create('contact', { person: names.person, note: 'From this version.' });
  await sync(older, theirOlder, theirs);
  for (const one of [theirOlder, theirs]) assert.equal(await field(one, note, 'note'), 'From this version.');
  await theirOlder.teapot(['verify']);
});

test('a newer program in an older one\'s place applies what was kept', async () => {
  for (const one of [older, theirOlder]) {
    assert.equal(await field(one, names.field, 'animal'), undefined, 'this version does not know it');
    one.variant = NEXT;
    tick();
    assert.equal(await field(one, names.field, 'animal'), 'Biscuit, a small dog');
    assert.equal(await field(one, names.entity, 'what'), 'Came three weeks in a row');
    assert.equal(await field(one, names.kindOfField, 'course'), 'Maths, Tuesdays');
    await one.teapot(['verify']);
    await sync(one);
  }
  const { entries } = await theirOlder.json(['timeline', names.person]);
  assert.ok(entries.some(({ name }) => name === names.entity), 'it stands in the timeline');
});

test('data that a newer program has brought up to date is refused by the older one', async () => {
  await world.stop();
  older.variant = '';
  world.hubVariant = '';
  const says = (error) => error.exit === 2 && /written by a newer Teapot.*upgrade the program/.test(error.stderr);
  for (const command of [['status'], ['find', 'Joy'], ['sync'], ['verify']]) await assert.rejects(older.teapot(command), says, command[0]);
  await assert.rejects(older.teapot(['person', 'Never', '--new', '--worker', 'Dee']), says);
  for (const command of [['health'], ['log'], ['serve', '--listen', '127.0.0.1:0']]) await assert.rejects(world.hub(command), says, command[0]);
  older.variant = NEXT;
  world.hubVariant = NEXT;
  await older.teapot(['verify']);
  await world.hub(['health', '--deep']);
});

// Records erased at the hub, with real processes: they go from it and from every device that has them, who wrote
// them too; nothing of their words is left in any file; all of it still verifies; an older copy that is put back
// forgets them again.
//
// Shows P24.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-erase-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const words = ['Ermintrude', 'Zebedee', 'Dougal', 'Florence'];
let van;
let desk;
let late;
let person;
let contact;
let kept;

before(async () => {
  [van, desk, late] = await world.beginToday({ van: 'one', desk: 'two', late: 'two' });
  person = await van.create('person', { preferred_name: 'Sean' });
  contact = await van.create('contact', { person, note: 'Ermintrude by the canal.' });
  kept = await van.create('contact', { person, note: 'Soup and a blanket.' });
  await van.create('consent', { person, decision: 'given', agencies: ['*'], kinds: ['housing'], purposes: ['support'], how: 'spoken', wording: 'short-spoken', wording_version: 2, capacity: 'believed_to_have' });
  await van.json(['sync']);
  await desk.json(['sync']);
  await late.json(['sync']);
  await update(desk, contact, 'Zebedee as well.');
  await desk.json(['sync']);
  await update(late, contact, 'Dougal, not sent.');
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

const update = (device, record, note) => device.import({ op: 'update', entity: 'contact', record, worker: 'Dee', set: { note } });
const filesOf = (dir) => fs.readdirSync(dir, { recursive: true }).map((name) => path.join(dir, name)).filter((name) => fs.statSync(name).isFile());
// Every file of a data directory that has one of the words, by byte.
const found = (dir) => filesOf(dir).flatMap((file) => {
  const bytes = fs.readFileSync(file);
  return words.filter((word) => bytes.includes(word)).map((word) => `${path.basename(file)}: ${word}`);
});

test('nothing goes before it was said what goes, and that it is meant', async () => {
  await assert.rejects(world.hub(['erase', contact]), (error) => error.exit === 2 && /for which reason/.test(error.stderr));
  await assert.rejects(world.hub(['erase', contact, '--reason', 'asked for', '--by', 'Olu']), (error) => {
    assert.equal(error.exit, 4);
    assert.match(error.stdout, /^2 changes of 1 record would be erased here and on every device that has any of it:\n/);
    assert.match(error.stdout, new RegExp('\\(one\\) has 1 of them'));
    assert.match(error.stdout, new RegExp('\\(two\\) has 2 of them'));
    return /nothing was erased/.test(error.stderr);
  });
  assert.ok(found(world.hubDir).length > 0 && found(van.dir).length > 0 && found(desk.dir).length > 0);
  await world.hub(['backup', path.join(data, 'before.db')]);
});

test('it is erased while the hub serves: out of its files at once, and all else still verifies', async () => {
  const erased = await world.hubJson(['erase', contact, '--reason', 'asked for on Monday', '--by', 'Olu', '--yes']);
  assert.deepEqual(erased, { erased: contact, records: 1, changes: 2, kept: 0, out_of_the_file: true });
  assert.deepEqual(found(world.hubDir), []);
  assert.match(await world.hub(['verify']), /^All is whole: 3 changes of 3 devices, .*; 2 changes were erased/);
  const { erasures: [one] } = await world.hubJson(['erased']);
  assert.deepEqual([one.by, one.reason, one.records, one.changes], ['Olu', 'asked for on Monday', [contact], 2]);
  assert.equal(one.not_given_back.reduce((sum, { changes }) => sum + changes, 0), 4);
  await assert.rejects(world.hub(['erase', contact, '--reason', 'again', '--by', 'Olu', '--yes']), (error) => error.exit === 4);
});

test('who wrote it and who was sent it give it back, and their files have none of its words', async () => {
  assert.match(await van.teapot(['sync']), /gave back \d+\.\n1 of what was given back was erased for good/);
  assert.equal((await desk.json(['sync'])).erased, 2);
  const devices = [van, desk];
  for (const device of devices) {
    await device.json(['sync']); // the receipt
    assert.deepEqual(found(device.dir), [], device.name);
    assert.match(await device.teapot(['verify']), /^All is well: .*since (it was|they were) erased\.\n$/);
  }
  assert.match(await van.teapot(['timeline', person]), /1 erased/);
  await assert.rejects(van.teapot(['show', contact]), (error) => /details erased on/.test(error.stdout) && error.exit === 3);
  assert.ok((await van.json(['timeline', person])).entries.some(({ name }) => name === kept));
});

test('what was written to it meanwhile goes too, and its writer is told', async () => {
  assert.ok(found(late.dir).some((line) => line.endsWith('Dougal')));
  const synced = await late.json(['sync']);
  assert.deepEqual([synced.sent, synced.erased], [1, 2]);
  await late.json(['sync']);
  assert.deepEqual(found(late.dir), []);
  assert.deepEqual(found(world.hubDir), []);
  const item = (await late.json(['review'])).items.find(({ kind }) => kind === 'erased');
  assert.match(item.text, /^1 record that something was written to on this device was erased for good/);
  await late.teapot(['verify']);
  assert.match(await world.hub(['holds', contact]), /^Erased, and no device holds any of it/);
});

test('the chains go on behind the gap', async () => {
  for (const device of [van, desk, late]) {
    await device.create('contact', { person, note: `Once more, at the ${device.name}.` });
    assert.equal((await device.json(['sync'])).accepted, 1);
    await device.teapot(['verify']);
  }
  await world.hub(['verify']);
});

test('an older copy that is put back forgets it again', async () => {
  await world.stop();
  await world.hub(['restore', path.join(data, 'before.db')]);
  fs.rmSync(path.join(world.hubDir, 'hub.db.before'));
  assert.ok(found(world.hubDir).length > 0);
  assert.match(await world.hub(['verify']), /^All is whole: 3 changes of 3 devices, .*; 2 changes were erased/);
  assert.deepEqual(found(world.hubDir), []);
  const { erasures: [again] } = await world.hubJson(['erased']);
  assert.deepEqual([again.by, again.records], ['teapot-hub', [contact]]);
});

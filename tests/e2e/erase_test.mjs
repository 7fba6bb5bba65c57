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

import { linesOf, World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-erase-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const words = ['Ermintrude', 'Zebedee', 'Dougal', 'Florence'];
let van;
let desk;
let late;
let person;
let contact;
let kept;
let giving;
let ids;

before(async () => {
  [van, desk, late] = await world.beginToday({ van: 'one', desk: 'two', late: 'two' });
  person = await van.create('person', { preferred_name: 'Sean' });
  contact = await van.create('contact', { person, note: 'Ermintrude by the canal.' });
  kept = await van.create('contact', { person, note: 'Soup and a blanket.' });
  giving = await van.create('consent', { person, decision: 'given', agencies: ['*'], kinds: ['housing'], purposes: ['support'], how: 'spoken', wording: 'short-spoken', wording_version: 2, capacity: 'believed_to_have' });
  await van.json(['sync']);
  await desk.json(['sync']);
  await late.json(['sync']);
  await update(desk, contact, 'Zebedee as well.');
  await desk.json(['sync']);
  await update(late, contact, 'Dougal, not sent.');
  ids = { van: await idOf(van), desk: await idOf(desk), late: await idOf(late) };
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

const update = (device, record, note) => device.import({ op: 'update', entity: 'contact', record, worker: 'Dee', set: { note } });
const said = async (...args) => linesOf(await world.hub(args));
const idOf = async (device) => (await device.json(['status'])).device;
const filesOf = (dir) => fs.readdirSync(dir, { recursive: true }).map((name) => path.join(dir, name)).filter((name) => fs.statSync(name).isFile());
// Every file of a data directory that has one of the words, by byte.
const found = (dir) => filesOf(dir).flatMap((file) => {
  const bytes = fs.readFileSync(file);
  return words.filter((word) => bytes.includes(word)).map((word) => `${path.basename(file)}: ${word}`);
});

test('who may hold what about a person, and who does', async () => {
  const decided = '(the event named here decides)';
  assert.deepEqual(await said('consent', person), ['one', 'two'].flatMap((agency) => ['general', 'housing'].map((kind) => `${agency}  ${kind}  support: given, ${giving} ${decided}`)));
  assert.deepEqual(await said('consent', person, '--agency', 'two', '--kind', 'money'), ['No consent recorded about this person covers that.']);
  for (const [option, words] of [['kind', /there is no kind of information "love"/], ['purpose', /there is no purpose "love"/], ['agency', /there is no agency love: teapot-hub agency list/]]) {
    await assert.rejects(world.hub(['consent', person, `--${option}`, 'love']), (error) => error.exit > 1 && words.test(error.stderr));
  }
  await assert.rejects(world.hub(['consent', contact]), (error) => error.exit === 3 && /there is no person of that name at this hub/.test(error.stderr));
  const lines = await said('holds', person);
  assert.ok(lines.includes(`${ids.van} (one, van)  ${contact}  contact, its own`), lines.join('\n'));
  assert.ok(lines.includes(`${ids.late} (two, late)  ${contact}  contact`), lines.join('\n'));
});

test('nothing goes before it was said what goes, and that it is meant', async () => {
  await assert.rejects(world.hub(['erase', contact]), (error) => error.exit === 2 && /for which reason/.test(error.stderr));
  await assert.rejects(world.hub(['erase', contact, '--reason', 'asked for', '--by', ' ']), (error) => error.exit === 2 && /who erases it is empty or no text/.test(error.stderr));
  await assert.rejects(world.hub(['erase', contact, '--reason', 'x'.repeat(10_000), '--by', 'Olu']), (error) => error.exit === 2 && /the reason is longer than \d+ bytes/.test(error.stderr));
  await assert.rejects(world.hub(['erase', contact, '--reason', 'asked for', '--by', 'Olu']), (error) => {
    assert.deepEqual(linesOf(error.stdout), [
      '2 changes of 1 record would be erased here and on every device that has any of it:',
      `  ${ids.van} (one, van) has 1 of them`,
      `  ${ids.desk} (two, desk) has 2 of them`,
      `  ${ids.late} (two, late) has 1 of them`,
    ]);
    return error.exit === 4 && error.stderr === 'teapot-hub: nothing was erased: --yes says that it is meant\n';
  });
  assert.deepEqual(await said('erased'), ['Nothing was ever erased.']);
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

test('everything about a person, as an operator does it at a terminal', async () => {
  await world.serve();
  await van.json(['sync']);
  // Joy was taken for Sean, and withdrew where both were shown as one.
  const joy = await van.create('person', { preferred_name: 'Joy' });
  const join = await van.create('join', { person, same_as: joy });
  const withdrawal = await van.create('consent', { person, persons: [person, joy], decision: 'withdrawn', agencies: ['*'], kinds: ['*'], purposes: ['*'], how: 'spoken', capacity: 'believed_to_have' });
  await van.create('unjoin', { person, joins: [join] });
  const notes = Array.from({ length: 20 }, (_, i) => JSON.stringify({ op: 'create', entity: 'contact', worker: 'Dee', set: { person, note: `Florence, ${i}` } }));
  await van.teapot(['import', '-'], { input: notes.join('\n') });
  await van.json(['sync']);
  const asked = ['erase', person, '--everything', '--reason', 'asked for on Friday', '--by', 'Olu'];
  const plan = [
    '26 changes of 26 records: everything about 1 person would be erased here and on every device that has any of it:',
    `  ${ids.van} (one, van) has 26 of them`,
    `  ${ids.desk} (two, desk) has 3 of them`,
    `  ${ids.late} (two, late) has 3 of them`,
    '1 record stays, since it protects somebody else as well.',
  ];
  const ASK = 'There is no way back.  Type erase to go on: ';
  const no = world.hubTyped(asked, 'no\n');
  assert.deepEqual([no.exit, no.typed, ...linesOf(no.out)], [4, true, ...plan, `${ASK}teapot-hub: nothing was erased`]);
  const yes = world.hubTyped(asked, 'erase\n');
  assert.deepEqual([yes.exit, yes.typed, ...linesOf(yes.out)], [0, true, ...plan,
    `${ASK}Erased.  Devices give it back at their next sync; \`teapot-hub erased\` says who has not yet.`,
    'Backups made before still have it: throw them away.  A hub that one is put back into erases it',
    'again, by erased.list: keep that with the keys.',
  ]);
  // Whoever has not heard of it goes on writing, until it syncs; that shows, and how it goes too.
  await late.json(['sync']);
  const [, first, second] = [contact, person, kept].map((name) => `  ${name}`);
  const still = [
    'Here is still recorded about somebody who was erased (teapot-hub erase PERSON --everything takes it too,',
    'unless it protects somebody else):',
    `  ${withdrawal}  consent about ${person}`,
  ];
  const listed = await said('erased');
  assert.deepEqual(listed.slice(0, 3), [
    '<time>  1 record, 2 changes, by teapot-hub: again, in a database that was put back: the list of names said so',
    `  ${contact}`,
    `  not yet given back: ${ids.desk} (two, desk) has 2 changes`,
  ]);
  assert.deepEqual(listed.slice(3, 6), ['<time>  26 records, 26 changes, by Olu: asked for on Friday', first, second]);
  assert.deepEqual(listed.slice(24), [
    '  and 6 more',
    `  not yet given back: ${ids.van} (one, van) has 26 changes`,
    `  not yet given back: ${ids.desk} (two, desk) has 3 changes`,
    ...still,
    `  ${ids.desk}-2  contact about ${person}`, // which late hands
    `  ${ids.late}-2  contact about ${person}`,
  ]);
  // The desk's was handed alone, without what it wrote before.
  assert.deepEqual((await said(...asked, '--yes')).slice(1, 4), [
    `  ${ids.desk} (two, desk) has 1 of them`,
    `  ${ids.late} (two, late) has 2 of them`,
    '1 record stays, since it protects somebody else as well.',
  ]);
  const gone = (id) => `1 change of device ${id}, up to its change 1, went with an earlier state of this hub, and nobody has handed it since.`;
  const whole = 'All is whole: 2 changes of 3 devices, 0 in quarantine, 5 signatures, 38 places in feeds; 30 changes were erased (teapot-hub erased).';
  assert.deepEqual(await said('verify'), [gone(ids.late), whole]); // which was erased too
  assert.ok((await said('holds', person)).includes(`${ids.desk} (two, desk)  ${kept}  erased, to be given back`));
  for (let i = 0; i < 2; i++) for (const device of [desk, late, van]) await device.json(['sync']);
  assert.deepEqual((await said('erased')).filter((line) => line.startsWith('  not yet')), []);
  assert.deepEqual((await said('erased')).slice(-3), still);
  assert.deepEqual(await said('verify'), [gone(ids.late), whole.replace('5 sig', '6 sig')]);
  assert.equal((await said('consent', joy))[0], `one  general  support: withdrawn, ${withdrawal} (the event named here decides)`);
  assert.ok((await said('holds', joy)).includes(`${ids.van} (one, van)  ${joy}  person, its own`));
  // An agency that is given to and is under no agreement.
  const again = await van.create('consent', { person: joy, decision: 'given', agencies: ['two'], kinds: ['money'], purposes: ['support'], how: 'spoken', capacity: 'believed_to_have', in_sight: [withdrawal] });
  await van.json(['sync']);
  await world.hub(['agency', 'end', 'two']);
  assert.deepEqual((await said('consent', joy, '--agency', 'two', '--kind', 'money')).slice(0, 2), [
    `two  money  support: given, ${again} (given, but the agency is under no agreement, so it is sent nothing)`,
    `two  money  mdt_discussion: withdrawn, ${withdrawal} (the event named here decides)`,
  ]);
  assert.deepEqual(await said('agency', 'list'), ['one  one', '  agreement from <time>, open, in force', 'two  two', '  agreement from <time> to <time>']);
});

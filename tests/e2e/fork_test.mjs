// Data directories that were copied: a card cloned, an old image put back, two machines with one directory.
// Real copies (cp -a), made while nothing runs and while something does. Shows P23 (tests/PROPERTIES.md).
//
// Shows P21, P23.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { linesOf, World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-fork-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const written = new Map(); // note -> agency: what some device has acknowledged
const persons = new Map(); // agency -> a person that is written about
let count = 0; // of all changes that were acknowledged
let now;
let names = 0;

before(async () => {
  now = Date.now();
  world.hubClock.set(now, 86_400_000, 'hub');
  await world.begin(['one', 'old', 'same', 'twice', 'again', 'kiosk', 'new', 'live', 'dies', 'lost', 'bent']);
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

async function make(name, { agency = 'one', kiosk = false, enrol = true } = {}) {
  const device = world.device(name, { agency, kiosk });
  device.clock.set(now, 3_600_000, name);
  await device.init();
  if (enrol) await device.enrol();
  return device;
}
// A copy on another machine: the same files, another boot.
function copy(device, name) {
  const other = world.device(name, { agency: device.agency, kiosk: device.kiosk });
  execFileSync('cp', ['-a', device.dir, other.dir]);
  other.clock.set(now, 60_000, name);
  return other;
}
// Another state of the same machine.
function keep(device, name) {
  execFileSync('cp', ['-a', device.dir, path.join(data, name)]);
}
function putBack(device, name) {
  fs.rmSync(device.dir, { recursive: true });
  execFileSync('cp', ['-a', path.join(data, name), device.dir]);
}
async function create(device, entity, set) {
  count += 1;
  return device.create(entity, set);
}
async function meet(device) {
  persons.set(device.agency, await create(device, 'person', { preferred_name: 'Joy' }));
}
async function write(device, times = 1) {
  const notes = Array.from({ length: times }, () => `Note ${names += 1} by ${device.name}.`);
  const lines = notes.map((note) => ({ op: 'create', entity: 'contact', worker: 'Dee', set: { person: persons.get(device.agency), note } }));
  const out = await device.teapot(['import', '-'], { input: lines.map((line) => `${JSON.stringify(line)}\n`).join('') });
  assert.equal(out.split('\n').filter((line) => line && JSON.parse(line).name).length, times);
  count += times;
  for (const note of notes) written.set(note, device.agency);
}
const sync = async (device) => {
  now += 1000;
  world.hubClock.pass(1000);
  for (const each of world.devices.values()) each.clock.pass(1000);
  return device.json(['sync']);
};
const idOf = async (device) => (await device.json(['status'])).device;
const isInFiles = (device, text) => fs.readdirSync(device.dir).some((name) => fs.statSync(path.join(device.dir, name)).isFile() && fs.readFileSync(path.join(device.dir, name)).includes(text));
const said = async (...args) => linesOf(await world.hub(args));
const deviceList = async () => world.hubJsonLines(['device', 'list']);
// Each note that this device holds, as often as it holds it.
async function notesOf(device) {
  const lines = await device.jsonLines(['export']);
  return lines.filter(({ entity }) => entity === 'contact').map(({ fields }) => fields.note.shown).sort();
}
// At the end of a story all of its devices have synced until nothing moves: then everything that any of them
// acknowledged stands once on each, whatever is held is whole, and the hub is.
async function settle(...devices) {
  for (let round = 0; round < 2; round++) for (const device of devices) await sync(device);
  const expected = [...written].filter(([, agency]) => agency === devices[0].agency).map(([note]) => note).sort();
  const ids = await Promise.all(devices.map(async (device) => {
    assert.deepEqual(await notesOf(device), expected, device.name);
    await device.teapot(['verify']);
    const status = await device.json(['status']);
    assert.equal(status.unsent, 0);
    return status.device;
  }));
  assert.equal(new Set(ids).size, devices.length, 'each has an id of its own');
  assert.equal((await world.hubJson(['health', '--deep'])).changes, count, 'each change stands once at the hub');
}

test('a device and its copy write and sync in turns, twice', async () => {
  const van = await make('van');
  await meet(van);
  await write(van, 3);
  await sync(van);
  await write(van); // not sent when it is copied
  const clone = copy(van, 'clone');
  const id = await idOf(van);
  await write(van, 2);
  await write(clone, 3);
  assert.equal((await sync(van)).forked, false);
  const said = await sync(clone);
  assert.equal(said.forked, true);
  assert.equal(said.more, false);
  await write(clone);
  await write(van);
  await sync(clone);
  await sync(van);
  await settle(van, clone);
  assert.equal(await idOf(van), id);
  const listed = (await deviceList()).find(({ came_from }) => came_from);
  assert.equal(listed.device, await idOf(clone));
  assert.deepEqual(listed.came_from, { device: id, at: 5 }); // the person, three notes, and the one that both had
  assert.match(world.serverErrors, new RegExp(`fork: device ${id} goes on as ${listed.device} after its change 5`));
});

test('an older state is put back, nothing is written, and what was written since comes back', async () => {
  const van = await make('old', { agency: 'old' });
  await meet(van);
  await write(van, 2);
  await sync(van);
  keep(van, 'old.image');
  await write(van, 3);
  await sync(van);
  const id = await idOf(van);
  putBack(van, 'old.image');
  assert.equal((await notesOf(van)).length, 2);
  const said = await sync(van);
  assert.equal(said.forked, true);
  assert.equal((await notesOf(van)).length, 5);
  assert.notEqual(await idOf(van), id);
  await write(van);
  await settle(van);
  assert.equal((await sync(van)).forked, false);
});

test('an older state with what was sent since, and something new, writes only that again', async () => {
  const van = await make('same', { agency: 'same' });
  await meet(van);
  await sync(van);
  await write(van, 2);
  keep(van, 'same.image');
  await write(van, 2);
  await sync(van);
  putBack(van, 'same.image');
  await write(van, 2);
  assert.equal((await sync(van)).forked, true);
  await settle(van);
  assert.deepEqual((await deviceList()).filter(({ agency }) => agency === 'same').map(({ accepted }) => accepted), [5, 2]);
  // And once more, with nothing new: that it is older shows as soon as all of it is known to be at the hub.
  await write(van, 2);
  keep(van, 'same.second');
  await write(van);
  await sync(van);
  putBack(van, 'same.second');
  assert.equal((await sync(van)).forked, true);
  await settle(van);
  assert.equal((await deviceList()).filter(({ agency }) => agency === 'same').length, 3);
});

test('a copy of a copy, and two copies of one state', async () => {
  const first = await make('first', { agency: 'twice' });
  await meet(first);
  await write(first, 2);
  await sync(first);
  const second = copy(first, 'second');
  const third = copy(second, 'third');
  await write(first);
  await write(second, 2);
  await write(third, 3);
  await sync(third);
  await sync(second);
  const fourth = copy(second, 'fourth'); // of one that has taken an id already
  await write(second);
  await write(fourth);
  await sync(fourth);
  await sync(second);
  await sync(first);
  await settle(first, second, third, fourth);
});

// What both write again under an id that neither has yet stands once at the hub, whoever comes first, and where the
// first one is gone before it has sent it.
test('a copy of a copy that holds what was not sent yet', async () => {
  const first = await make('again', { agency: 'again' });
  await meet(first);
  await write(first, 2);
  await sync(first);
  const second = copy(first, 'again.second');
  await write(first);
  await sync(first);
  await write(second, 2);
  const third = copy(second, 'again.third');
  const silent = copy(second, 'again.silent'); // which writes nothing of its own
  await write(third);
  const fourth = copy(third, 'again.fourth');
  await write(second);
  await write(fourth, 2);
  second.clockEnv = { ...second.env, TP_FAULT: 'fork.taken.nth:1' };
  await assert.rejects(sync(second), (error) => error.exit === 99);
  second.clockEnv = null;
  const id = await idOf(second);
  assert.equal((await sync(fourth)).forked, true);
  assert.equal(await idOf(fourth), id, 'until they differ they are one device');
  assert.equal((await sync(third)).forked, true);
  assert.equal((await sync(second)).forked, true);
  assert.equal((await sync(silent)).forked, true);
  await settle(first, second, third, silent, fourth);
  const rows = (await deviceList()).filter(({ agency }) => agency === 'again');
  assert.deepEqual(rows.map(({ accepted }) => accepted).sort((a, b) => a - b), [0, 0, 1, 4, 5]);
});

test('a kiosk and its copy', async () => {
  const kiosk = await make('kiosk', { agency: 'kiosk', kiosk: true });
  await create(kiosk, 'help_request', { words: 'A sleeping bag' });
  await sync(kiosk);
  await create(kiosk, 'help_request', { words: 'A cup of tea' });
  const other = copy(kiosk, 'kiosk.other');
  await create(kiosk, 'help_request', { words: 'Socks' });
  await create(other, 'help_request', { words: 'A blanket' });
  assert.ok(isInFiles(other, 'cup of tea'));
  await sync(kiosk);
  assert.equal((await sync(other)).forked, true);
  await create(other, 'help_request', { words: 'A hat' });
  for (const device of [kiosk, other, kiosk, other]) {
    await sync(device);
    const status = await device.json(['status']);
    assert.deepEqual([status.unsent, status.held_changes], [0, 0]);
    await device.teapot(['verify']);
  }
  assert.equal((await world.hubJson(['health'])).changes, count);
  const rows = (await deviceList()).filter(({ agency }) => agency === 'kiosk');
  assert.deepEqual(rows.map(({ kiosk: is_kiosk, accepted }) => [is_kiosk, accepted]), [[true, 3], [true, 2]]);
  assert.ok(!isInFiles(other, 'cup of tea'), 'what a kiosk has sent is in no file');
});

// Dying leaves the old id or the new one, and the hub meets one new device.
test('a copy that dies at each step of taking its id', async () => {
  const van = await make('dies', { agency: 'dies' });
  await meet(van);
  await sync(van);
  const points = ['fork.chosen', 'fork.answered', 'fork.certified', 'fork.written', 'fork.taken'];
  for (const point of points) {
    const clone = copy(van, point);
    await write(clone, 2);
    await write(van);
    await sync(van);
    clone.clockEnv = { ...clone.env, TP_FAULT: `${point}.nth:1` };
    await assert.rejects(sync(clone), (error) => error.exit === 99, point);
    clone.clockEnv = null;
    await write(clone);
    await sync(clone);
  }
  await settle(van, ...points.map((point) => world.devices.get(point)));
  assert.equal((await deviceList()).filter(({ agency }) => agency === 'dies').length, 6);
});

test('a lost device is shut out with what came from it, or alone where the operator says so', async () => {
  const van = await make('lost', { agency: 'lost' });
  await meet(van);
  await sync(van);
  const clone = copy(van, 'lost.clone');
  const second = copy(van, 'lost.second');
  await write(van);
  await sync(van);
  await sync(clone);
  await write(second);
  await sync(second);
  const [id, one, other] = [await idOf(van), await idOf(clone), await idOf(second)];
  const listed = (...revoked) => [[id, '2 changes', ''], [one, '0 changes', `, came from ${id} at 1`], [other, '1 change', `, came from ${id} at 1`]]
    .map(([device, count, from]) => `${device}  lost  lost  synced <time>, ${count}${revoked.includes(device) ? ', REVOKED' : ''}${from}`);
  assert.deepEqual(await said('device', 'list', '--agency', 'lost'), listed());
  const MAY_BE = 'What it was sent may still be on it: `teapot-hub holds PERSON` says what.';
  assert.deepEqual(await said('device', 'revoke', one), [`Revoked. ${MAY_BE}`, `It is a copy of ${id}. If nobody knows which of the two was lost, revoke that one as well.`]);
  await assert.rejects(sync(clone), /revoked/);
  await sync(second);
  assert.deepEqual((await world.hubJson(['device', 'revoke', id, '--only'])).copies, []);
  await assert.rejects(sync(van), /revoked/);
  await sync(second);
  await assert.rejects(sync(copy(van, 'lost.again')), /revoked/);
  assert.deepEqual(await said('device', 'revoke', id), [`Revoked, and with it what came from it: ${one}, ${other}. ${MAY_BE}`]);
  assert.deepEqual((await world.hubJson(['device', 'revoke', id])).copies, [one, other]);
  await assert.rejects(sync(second), /revoked/);
  assert.deepEqual(await said('device', 'list', '--agency', 'lost'), listed(id, one, other));
});

test('whoever works on a copy is told, until they put it aside', async () => {
  const clone = world.devices.get('clone');
  assert.equal((await clone.json(['status'])).copied, true);
  assert.match(await clone.teapot(['status']), /is a copy of another's/);
  const item = (await clone.json(['review'])).items.find(({ kind }) => kind === 'copied');
  assert.match(item.text, /Nothing is lost/);
  assert.match(await clone.teapot(['review']), /is a copy of another device's records/);
  await clone.teapot(['dismiss', item.id], { env: { TEAPOT_WORKER: 'Dee' } });
  assert.equal((await clone.json(['status'])).copied, false);
  assert.equal((await world.devices.get('van').json(['status'])).copied, false);
});

// One letter of one change that was not sent, on its disk: that one is lost, and nothing that was written after it.
test('a change that was damaged before it was sent holds up nothing', async () => {
  const van = await make('bent', { agency: 'bent' });
  await meet(van);
  await sync(van);
  const id = await idOf(van);
  await write(van, 3);
  const lost = [...written.keys()].at(-2);
  const file = path.join(van.dir, 'node.db');
  const bytes = fs.readFileSync(file);
  const at = bytes.indexOf(lost);
  assert.ok(at > 0);
  bytes.write('M', at);
  fs.writeFileSync(file, bytes);
  await assert.rejects(van.teapot(['verify']), (error) => error.exit === 1 && error.stdout.includes(`Change ${id}-3 is not what was written here`));
  const done = await sync(van);
  assert.deepEqual([done.sent, done.left_out, done.more], [2, 1, false]);
  assert.notEqual(await idOf(van), id);
  written.delete(lost);
  count -= 1;
  const desk = await make('bent.desk', { agency: 'bent' });
  await settle(van, desk);
  assert.equal((await van.json(['status'])).copied, false);
  const items = (await van.json(['review'])).items.filter(({ kind }) => kind === 'damaged');
  assert.equal(items.length, 1);
  assert.ok(items[0].text.includes(`(change ${id}-3)`));
  assert.match(await van.teapot(['review']), /Write it again/);
  await van.teapot(['dismiss', items[0].id], { env: { TEAPOT_WORKER: 'Dee' } });
  assert.deepEqual((await van.json(['review'])).items, []);
});

test('copies of a node that was never enrolled', async () => {
  const one = await make('new.one', { agency: 'new', enrol: false });
  await meet(one);
  await write(one, 2);
  const other = copy(one, 'new.other');
  await write(one);
  await write(other, 2);
  await one.enrol();
  await sync(one);
  await other.enrol();
  await sync(other);
  await settle(one, other);
  assert.deepEqual((await deviceList()).filter(({ agency }) => agency === 'new').map(({ accepted }) => accepted), [4, 2]);
});

test('a copy of a directory in which `run` goes on; another process takes the new id', async () => {
  const van = await make('live', { agency: 'live' });
  await meet(van);
  await write(van);
  const running = van.start(['run', '--json']);
  const attempts = [];
  readline.createInterface({ input: running.stdout }).on('line', (line) => attempts.push(JSON.parse(line)));
  const until = async (fits, what) => {
    for (let i = 0; !attempts.some(fits); i++) {
      assert.ok(i < 600 && running.exitCode === null, `${what}: ${JSON.stringify(attempts)}`);
      await sleep(100);
    }
  };
  await until(({ rc, more }) => rc === 'ok' && !more, 'the first sync');
  const clone = copy(van, 'live.clone');
  await write(clone, 2);
  assert.equal((await sync(clone)).forked, false);
  assert.equal((await sync(van)).forked, true); // by another process than `run`, whose key is the old one
  attempts.length = 0;
  await write(van); // pokes it
  await until(({ rc, sent }) => rc === 'ok' && sent === 1, 'sending as the new device');
  assert.ok(attempts.every(({ forked }) => !forked), JSON.stringify(attempts));
  running.kill('SIGTERM');
  await once(running, 'exit');
  await settle(van, clone);
});

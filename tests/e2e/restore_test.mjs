// A hub's database copied, lost and put back, with real processes: beside a hub that serves, on the same
// machine, and on a new one to which only the copy and the keys that are kept apart came.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { World } from './world.mjs';

const KEPT_APART = ['hub.key', 'ca.key', 'ca.pem'];
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-restore-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const copy = path.join(data, 'copy.db');
const inHub = (name) => path.join(world.hubDir, name);
const mode = (file) => fs.statSync(file).mode & 0o777;
let van;
let person;

before(async () => {
  const now = Date.now();
  world.hubClock.set(now, 86_400_000, 'hub');
  await world.begin(['one']);
  van = world.device('van', { agency: 'one' });
  van.clock.set(now, 3_600_000, 'van');
  await van.init();
  await van.enrol();
  person = await van.create('person', { preferred_name: 'Joy' });
  await van.json(['sync']);
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('the database is copied while the hub serves, for nobody else to read', async () => {
  const old = process.umask(0);
  try {
    await world.hub(['backup', copy]);
  } finally {
    process.umask(old);
  }
  assert.equal(mode(copy), 0o600);
  await assert.rejects(world.hub(['backup', copy]), (error) => error.exit === 4, 'a copy is never overwritten');
  await van.create('contact', { person, note: 'After the copy was made.' });
  assert.equal((await van.json(['sync'])).accepted, 1);
});

test('a hub is served once: a second server is refused, other commands are not', async () => {
  await assert.rejects(world.hub(['serve', '--listen', '127.0.0.1:0']), (error) => error.exit === 5 && /another `teapot-hub serve`/.test(error.stderr));
  assert.match(await world.hub(['quarantine', 'list']), /^Nothing is in quarantine/);
  assert.match(await world.hub(['quarantine', 'retry']), /^There is nothing to try again/);
});

test('nothing is put under a hub that serves', async () => {
  await assert.rejects(world.hub(['restore', copy]), (error) => error.exit === 5 && /in use/.test(error.stderr));
  assert.equal((await world.hubJson(['health'])).changes, 2);
});

test('what is no sound copy of a hub leaves everything as it was', async () => {
  await world.stop();
  const cut = path.join(data, 'cut.db');
  fs.writeFileSync(cut, fs.readFileSync(copy).subarray(0, 40_000));
  const words = path.join(data, 'words.txt');
  fs.writeFileSync(words, 'Not a database.\n');
  for (const wrong of [cut, words, path.join(van.dir, 'node.db'), inHub('hub.db'), data, path.join(data, 'none')]) {
    await assert.rejects(world.hub(['restore', wrong]), (error) => error.exit > 0 && error.stderr.length > 0, wrong);
    assert.equal((await world.hubJson(['health'])).changes, 2, wrong);
    assert.ok(!fs.existsSync(inHub('hub.db.before')), wrong);
  }
});

test('a copy takes the place of the database, which stays beside it', async () => {
  await world.hub(['restore', copy]);
  assert.equal((await world.hubJson(['health'])).changes, 1);
  for (const name of ['hub.db', 'hub.db.before']) assert.equal(mode(inHub(name)), 0o600, name);
});

test('a new machine with the copy and the kept keys serves the same devices', async () => {
  const lost = world.hubDir;
  world.hubDir = path.join(data, 'new-machine');
  fs.mkdirSync(world.hubDir, { mode: 0o700 });
  for (const name of KEPT_APART) {
    await assert.rejects(world.serve(), /there is no hub|is missing/, `before ${name} is there`);
    fs.copyFileSync(path.join(lost, name), inHub(name));
    fs.chmodSync(inHub(name), 0o600);
  }
  await world.hub(['restore', copy]);
  await world.serve();
  for (const name of fs.readdirSync(world.hubDir)) assert.equal(mode(inHub(name)), 0o600, name);
  const late = world.device('late', { agency: 'one' });
  late.clock.set(van.clock.ms, 3_600_000, 'late');
  await late.init();
  await late.enrol();
  await late.json(['sync']);
  assert.equal((await late.jsonLines(['export'])).filter(({ name }) => name === person).length, 1);
  await van.create('contact', { person, note: 'To a hub that knows less.' });
  await assert.rejects(van.json(['sync']), (error) => error.exit === 4, 'what the hub lost is not skipped');
  assert.equal((await van.json(['status'])).unsent, 1, 'and what was recorded stays');
});

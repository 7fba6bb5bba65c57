// Disks that are full, and disks that can only be read, for real: small file systems in memory, of the node and of
// the hub.  Run it by `space`, which gives it a place of its own to mount them.
//
// Shows P1, P2, P21, P25.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Foreign } from './foreign.mjs';
import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-space-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let van;
let desk; // of another make: what it writes comes down
let person;

const at = (name) => path.join(data, name);
const run = (...args) => execFileSync(args[0], args.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
function mount(name) {
  fs.mkdirSync(at(name));
  run('mount', '-t', 'tmpfs', '-o', 'size=12m,mode=0700', 'tmpfs', at(name));
}
const freeBytes = (name) => { const { bavail, bsize } = fs.statfsSync(at(name)); return bavail * bsize; };
// Somebody else's data takes all there is.
function fill(name) {
  const fd = fs.openSync(path.join(at(name), 'somebody-elses'), 'a');
  for (const bytes of [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) fs.writeSync(fd, Buffer.alloc(bytes));
    } catch (error) {
      assert.equal(error.code, 'ENOSPC');
    }
  }
  fs.closeSync(fd);
  assert.equal(freeBytes(name), 0);
}
const makeSpace = (name) => fs.rmSync(path.join(at(name), 'somebody-elses'));

before(async () => {
  mount('hub');
  mount('van');
  world.hasMetrics = true;
  [van] = await world.beginToday({ van: 'one' });
  desk = await new Foreign(world, 'one', 'desk').enrol();
  person = await van.create('person', { preferred_name: 'Joy' });
  await van.json(['sync']);
});
after(async () => {
  desk.close();
  await world.stop();
  for (const name of ['van', 'hub']) run('umount', '-l', at(name));
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

const record = (note) => van.teapot(['contact', person, '-', '--worker', 'Dee'], { input: note });
const personName = () => { const [, device, seq] = person.match(/^([0-9a-f]+)-(\d+)$/); return [BigInt(`0x${device}`), Number(seq)]; };
const deskWrites = async (note) => { desk.contact(personName(), note); await desk.sync(); };
// What there is can be read, all of it.
async function isRead(notes) {
  assert.match(await van.teapot(['find', 'Joy']), /Joy/);
  const shown = await van.teapot(['timeline', person]);
  for (const note of notes) assert.ok(shown.includes(note), `${note} in ${shown}`);
  await van.json(['status']);
}
async function isWhole() {
  assert.match(await van.teapot(['verify']), /^All is well/);
  assert.match(await world.hub(['verify']), /^All is whole/);
}

test('on a node whose disk is full reading and syncing go on, and whoever records is told', async (t) => {
  const said = await record('before it was full');
  assert.match(said, /The disk is nearly full: only \d+ MB are free/, 'told before anything is refused');
  await deskWrites('from the desk');
  const pages = await new Pages(van).serve(['--no-sync']);
  t.after(() => pages.process.kill('SIGKILL'));
  await pages.comeIn();
  await pages.say('Dee');
  assert.equal((await pages.status()).full, false);
  fill('van');
  await isRead(['before it was full']);
  assert.equal((await van.json(['status'])).unsent, 1);
  const synced = await van.json(['sync']);
  assert.deepEqual([synced.accepted, synced.received], [1, 1], 'space that was set aside lets what was recorded go, and more come');
  await isRead(['before it was full', 'from the desk']);
  await assert.rejects(record('there is no room for this'), ({ exit, stderr }) => exit === 1 && /disk is full, so this was not recorded.*safe/.test(stderr));
  assert.match(await van.teapot(['status']), /the disk is full:\s+nothing more can be recorded/);
  const status = await pages.status();
  assert.deepEqual([status.full, status.unsent], [true, 0]);
  const refused = await pages.ask('POST', '/api/write', { body: { changes: [{ op: 'create', entity: 'contact', set: { person, note: 'nor by a page' } }] } });
  assert.match(`${refused.status} ${await refused.text()}`, /^5.*disk is full, so this was not recorded/s);
  assert.match((await pages.ask('GET', `/api/person/${person}`)).status.toString(), /^2/, 'pages show what there is');
  assert.deepEqual(await pages.end(), { code: 0, signal: null });
  await isWhole();
  assert.ok(!(await van.teapot(['timeline', person])).includes('no room'));
});

test('and where even what was set aside is taken, it is read, nothing breaks, and it goes on when there is space', async () => {
  fill('van'); // what the sync gave up is gone as well
  await isRead(['before it was full', 'from the desk']);
  await deskWrites('while nothing fitted');
  await assert.rejects(van.json(['sync']), ({ exit, stderr }) => exit === 1 && /disk is full: nothing was lost/.test(stderr));
  await isRead(['before it was full']);
  makeSpace('van');
  await record('there is room again');
  const synced = await van.json(['sync']);
  assert.deepEqual([synced.accepted, synced.received], [1, 1]);
  await isRead(['from the desk', 'while nothing fitted', 'there is room again']);
  assert.equal((await van.json(['status'])).full, false, 'and it is set aside again');
  await isWhole();
});

test('a node on a disk that can only be read is read, says so, and goes on afterwards', async () => {
  await record('before it was read only');
  run('mount', '-o', 'remount,bind,ro', at('van'));
  await isRead(['there is room again', 'before it was read only']);
  for (const deed of [() => record('not on this disk'), () => van.json(['sync'])]) {
    await assert.rejects(deed, ({ exit, stderr }) => exit !== 0 && /only be read|readonly|read-only|may be written/i.test(stderr));
  }
  run('mount', '-o', 'remount,bind,rw', at('van'));
  assert.equal((await van.json(['sync'])).accepted, 1);
  await isWhole();
});

test('a hub whose disk is full answers, refuses with its reason, tells its operator, and goes on', async () => {
  const health = async () => { try { return [0, await world.hub(['health'])]; } catch (error) { return [error.exit, error.stdout]; } };
  const healthz = async () => { const answer = await fetch(`http://127.0.0.1:${world.metricsPort}/healthz`); return [answer.status, await answer.json()]; };
  assert.match((await health())[1], /nearly full: make space before/, 'told before anything is refused');
  assert.deepEqual(await healthz(), [200, { ok: true }]);
  fill('hub');
  const old = await world.metrics();
  await record('the hub has no room for this');
  // It may have a little room left in what it has; then there is none.
  let refused = null;
  for (let i = 0; i < 200 && !refused; i++) {
    await van.create('contact', { person, note: `more ${i} ${'x'.repeat(20_000)}` });
    await van.json(['sync']).catch((error) => { refused = error; });
  }
  assert.equal(refused?.exit, 5, refused?.stderr);
  assert.match(refused.stderr, /the hub says: The hub's disk is full: nothing is lost/);
  assert.deepEqual(await healthz(), [503, { ok: false, error: 'full' }]);
  const [exit, text] = await health();
  assert.equal(exit, 1);
  assert.match(text, /^The disk is full: nothing is taken in and nothing is lost/m);
  const now = await world.metrics();
  const row = 'teapot_hub_refusals_total{path="/v1/sync",error="full"}';
  assert.deepEqual([old.get(row), now.get(row), now.get('teapot_hub_disk_full')], [0, 1, 1]);
  assert.match(await world.hub(['verify']), /^All is whole/);
  await world.stop(); // it ends and begins on a full disk as well
  await world.serve();
  await van.json(['sync']).catch(({ exit: code }) => assert.equal(code, 5));
  makeSpace('hub');
  await van.json(['sync']);
  assert.equal((await van.json(['status'])).unsent, 0);
  await isWhole();
});

test('a hub on a disk that can only be read is read, says so, takes nothing in, and goes on afterwards', async () => {
  await world.stop();
  const before = await world.hub(['device', 'list']);
  run('mount', '-o', 'remount,bind,ro', at('hub'));
  assert.match(await world.hub(['verify']), /^All is whole/);
  assert.equal(await world.hub(['device', 'list']), before);
  await world.hub(['backup', path.join(data, 'rescued.db')]);
  assert.ok(fs.statSync(path.join(data, 'rescued.db')).size > 0);
  await assert.rejects(world.hub(['health']), ({ exit, stdout }) => exit === 1 && /^The disk can only be read: nothing is taken in and nothing is lost/m.test(stdout));
  await assert.rejects(world.hub(['agency', 'add', 'two', 'Two']), ({ exit, stderr }) => exit !== 0 && /may be written/.test(stderr));
  await assert.rejects(world.serve(), /disk can only be read: nothing could be taken in/);
  await record('while the hub could only be read');
  await assert.rejects(van.json(['sync']), ({ exit }) => exit !== 0);
  run('mount', '-o', 'remount,bind,rw', at('hub'));
  await world.serve();
  assert.equal((await van.json(['sync'])).accepted, 1);
  assert.match(await world.hub(['verify', path.join(data, 'rescued.db')]), /^All is whole/);
  await isWhole();
});

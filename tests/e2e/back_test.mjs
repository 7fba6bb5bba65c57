// A hub that went back, with real processes: restored from a backup while its devices went on, put back with all of
// its files, made anew from its devices.  Each story is played twice from one moment on: once as it was, on a hub
// that never fell, and once with a hub that did; at the end every device holds and shows the same in both, both hubs
// have the same log and hold the same of it for the same devices, and everything verifies.
//
// Shows P26.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { World } from './world.mjs';

const KEPT_APART = ['hub.key', 'ca.key', 'ca.pem'];
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-back-'));
const worlds = [];
after(async () => {
  for (const world of worlds) await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(root, { recursive: true, force: true });
});

const copyOf = (from, to) => execFileSync('cp', ['-a', from, to]);

// Outreach with a van, a second laptop and a kiosk, the friary with a desk; Joy is known to outreach, and what is
// written about her may go to the friary.
class Story {
  constructor(name) {
    this.data = path.join(root, name);
    fs.mkdirSync(this.data);
    this.world = new World({ bin: process.env.TEAPOT_BIN, data: this.data });
    worlds.push(this.world);
    this.now = Date.now();
  }
  async begin({ kiosk = false } = {}) {
    this.world.hubClock.set(this.now, 86_400_000, 'hub');
    await this.world.begin(['outreach', 'friary']);
    this.van = await this.make('van', 'outreach');
    this.tablet = await this.make('tablet', 'outreach');
    this.desk = await this.make('desk', 'friary');
    if (kiosk) this.kiosk = await this.make('kiosk', 'outreach', true);
    this.joy = await this.van.create('person', { preferred_name: 'Joy' });
    this.giving = await this.consent(this.van, 'given');
    this.first = await this.note(this.van, 'before');
    await this.syncAll();
  }
  async make(name, agency, kiosk = false) {
    const device = this.world.device(name, { agency, kiosk });
    device.clock.set(this.now, 3_600_000, name);
    await device.init();
    await device.enrol();
    return device;
  }
  consent(device, decision, inSight = []) {
    return device.create('consent', {
      person: this.joy, decision, agencies: ['friary'], kinds: ['general'], purposes: ['support'],
      how: 'spoken', capacity: 'believed_to_have', ...(inSight.length ? { in_sight: inSight } : {}),
    });
  }
  note(device, text) {
    return device.create('contact', { person: this.joy, note: `${text}, by ${device.name}` });
  }
  pass() {
    this.now += 1000;
    this.world.hubClock.pass(1000);
    for (const each of this.world.devices.values()) each.clock.pass(1000);
  }
  async sync(device) {
    this.pass();
    return device.json(['sync']);
  }
  async syncAll(rounds = 2) {
    for (let round = 0; round < rounds; round++) for (const device of this.world.devices.values()) await this.sync(device);
  }
  back() {
    return this.world.hubJson(['back']);
  }
  // Every directory as it is, for the hub that never falls; `hub` may be null.
  copyTo(name) {
    const to = path.join(root, name);
    fs.mkdirSync(to);
    for (const entry of fs.readdirSync(this.data)) copyOf(path.join(this.data, entry), path.join(to, entry));
    return to;
  }
  keepHub() {
    this.kept = path.join(this.data, 'kept-hub');
    copyOf(this.world.hubDir, this.kept);
  }
  putHubBack() {
    fs.rmSync(this.world.hubDir, { recursive: true });
    copyOf(this.kept, this.world.hubDir);
  }
  // Everything as this moment left it goes on without a fall, in its own time, on the same port.
  async twin(name) {
    const data = this.copyTo(name);
    const twin = Object.create(Story.prototype);
    Object.assign(twin, this, { data, world: new World({ bin: process.env.TEAPOT_BIN, data }) });
    worlds.push(twin.world);
    twin.world.port = this.world.port;
    twin.world.hubClock.set(this.now, 86_400_000, 'hub');
    for (const [key, device] of this.world.devices) {
      const other = twin.world.device(key, { agency: device.agency, kiosk: device.kiosk });
      other.clock.set(device.clock.ms, device.clock.upMs, device.clock.boot);
    }
    await twin.world.serve();
    await twin.syncAll();
    const result = await twin.look();
    await twin.world.stop();
    return result;
  }
  // What everybody holds and shows, and what the hub says.
  async look() {
    const devices = {};
    for (const [name, device] of this.world.devices) {
      await device.teapot(['verify']);
      const status = await device.json(['status']);
      assert.deepEqual([name, status.unsent, status.differs], [name, 0, false]);
      if (device.kiosk) continue;
      // When it was given back is of the story, not of the end.
      devices[name] = (await device.jsonLines(['export'])).sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((line) => ({ ...line, given_back_on: Boolean(line.given_back_on) }));
    }
    const verified = await this.world.hubJson(['verify']);
    assert.deepEqual([verified.well, verified.findings], [true, []]);
    const log = Object.fromEntries((await this.world.hubJsonLines(['log', '--values'])).map((line) => [line.name, line]));
    return { devices, log, lost: verified.lost };
  }
}

// `before`: names that were accepted before the fall, which keep their stamps; what was sent after it got others.
function compare(fallen, twin, before) {
  assert.deepEqual(Object.keys(fallen.log).sort(), Object.keys(twin.log).sort());
  for (const name of before) assert.deepEqual(fallen.log[name], twin.log[name], name);
  const plain = (value, key) => (key === 'number' || key === 'stamp' || key === 'at' ? undefined : value);
  for (const [name, lines] of Object.entries(twin.devices)) {
    assert.deepEqual(fallen.devices[name].map((line) => line.name), lines.map((line) => line.name), name);
    for (const [i, line] of lines.entries()) {
      if (before.has(line.name)) assert.deepEqual(fallen.devices[name][i], line, `${name}: ${line.name}`);
      else assert.deepEqual(JSON.parse(JSON.stringify(fallen.devices[name][i], (k, v) => plain(v, k))), JSON.parse(JSON.stringify(line, (k, v) => plain(v, k))));
    }
  }
}
const namesAtHub = async (story) => new Set((await story.world.hubJsonLines(['log'])).map((line) => line.name));

test('restored from a backup while its devices went on', async () => {
  const story = new Story('restored');
  const { world } = story;
  await story.begin({ kiosk: true });
  const backup = path.join(story.data, 'backup.db');
  await world.hub(['backup', backup]);
  // What the hub will lose: written by all, seen by some; a kiosk's, which has it no more; of a new device.
  await story.note(story.van, 'lost');
  const request = await story.van.create('help_request', { person: story.joy, words: 'A coat', status: 'open', route: 'worker' });
  await story.sync(story.van);
  await story.sync(story.desk);
  await story.note(story.desk, 'lost as well');
  await story.desk.import({ op: 'update', entity: 'help_request', record: request, worker: 'Bo', set: { holder: { agency: 'friary', worker: 'Bo' } } });
  await story.sync(story.desk);
  await story.kiosk.create('help_request', { words: 'Some boots', status: 'open', route: 'kiosk' });
  await story.sync(story.kiosk);
  await story.sync(story.tablet);
  const late = await story.make('late', 'outreach');
  await story.sync(late);
  await story.note(late, 'of a device that came later');
  await story.syncAll(1);
  await story.sync(story.tablet);
  const before = await namesAtHub(story);
  await story.note(story.tablet, 'not sent when it fell');
  await world.stop();
  const twin = await story.twin('restored-twin');

  await world.hub(['restore', backup]);
  assert.equal(((await story.back()).awaited).length, 4);
  await world.serve();
  assert.match(world.serverErrors, /back: this hub went back/);
  assert.match(await world.hub(['health']), /It went back/);
  await story.sync(story.tablet);
  assert.match(await story.tablet.teapot(['status']), /put back to an earlier state/);
  await assert.rejects(story.sync(late), (error) => error.exit === 4 && /operator can admit it/.test(error.stderr));
  const id = (await late.json(['status'])).device;
  let back = await story.back();
  assert.deepEqual(back.callers.map(({ device, agency }) => [device, agency]), [[id, 'outreach']]);
  assert.deepEqual(back.authors.map(({ device, changes }) => [device, changes]), [[id, 1]]);
  await world.hub(['device', 'admit', id, '--label', 'late']);
  await story.sync(late);
  await story.sync(story.van);
  await story.sync(story.kiosk);
  back = await story.back();
  assert.deepEqual(back.awaited.map(({ label }) => label), ['desk']);
  // The desk will not come, or so it seems.
  await world.hub(['back', 'without', (await story.desk.json(['status'])).device]);
  assert.equal((await story.back()).since, null);
  await story.note(story.van, 'after the end');
  await story.sync(story.van);
  await story.syncAll();
  const fallen = await story.look();
  assert.equal(fallen.lost, 0, 'others had what the kiosk asked');
  const added = Object.keys(fallen.log).filter((name) => !twin.log[name]);
  assert.equal(added.length, 1);
  delete fallen.log[added[0]];
  for (const lines of Object.values(fallen.devices)) {
    const at = lines.findIndex(({ name }) => name === added[0]);
    if (at >= 0) lines.splice(at, 1);
  }
  compare(fallen, twin, before);
});

test('put back with all of its files, and found out by the first device that knows more', async () => {
  const story = new Story('copied');
  const { world } = story;
  await story.begin();
  await world.stop();
  story.keepHub();
  await world.serve();
  for (const device of [story.van, story.desk]) {
    await story.note(device, 'lost');
    await story.sync(device);
  }
  await story.syncAll(1);
  const before = await namesAtHub(story);
  await world.stop();
  const twin = await story.twin('copied-twin');
  story.putHubBack();
  await world.serve();
  assert.equal((await story.back()).since, null, 'nothing says so yet');
  await story.sync(story.tablet); // it has written nothing, and has received
  assert.notEqual((await story.back()).since, null);
  await story.syncAll();
  assert.equal((await story.back()).since, null);
  compare(await story.look(), twin, before);
});

test('put back with all of its files, and numbers were given twice before anybody noticed', async () => {
  const story = new Story('twice');
  const { world } = story;
  await story.begin();
  await world.stop();
  story.keepHub();
  await world.serve();
  await story.note(story.desk, 'lost');
  await story.note(story.desk, 'lost, the second');
  await story.sync(story.desk);
  const lost = await namesAtHub(story);
  await world.stop();
  // What the van writes next goes to the hub that fell without anybody's noticing; to the other one after that.
  const waits = [await story.note(story.van, 'in between'), await story.note(story.van, 'in between, again')];
  const twin = await story.twin('twice-twin');
  story.putHubBack();
  await world.serve();
  await story.sync(story.van);
  assert.equal((await story.back()).since, null);
  const numbers = Object.fromEntries((await world.hubJsonLines(['log'])).map(({ name, number }) => [name, number]));
  await story.sync(story.desk);
  assert.notEqual((await story.back()).since, null);
  await story.syncAll();
  assert.equal((await story.back()).since, null);
  const fallen = await story.look();
  const twices = [...lost].filter((name) => waits.some((wait) => fallen.log[name].number === numbers[wait]));
  assert.equal(twices.length, 2, 'two changes have the numbers of two others');
  compare(fallen, twin, lost);
});

test('lost, and made anew from its devices', async () => {
  const story = new Story('anew');
  const { world } = story;
  await story.begin({ kiosk: true });
  await story.note(story.desk, 'on the desk');
  await story.kiosk.create('help_request', { words: 'Some boots', status: 'open', route: 'kiosk' });
  await story.syncAll();
  const before = await namesAtHub(story);
  await world.stop();
  const twin = await story.twin('anew-twin');
  for (const name of fs.readdirSync(world.hubDir)) {
    if (!KEPT_APART.includes(name)) fs.rmSync(path.join(world.hubDir, name));
  }
  await assert.rejects(world.hub(['init']), (error) => error.exit === 4 && /--again/.test(error.stderr));
  await world.hub(['init', '--again']);
  await assert.rejects(world.hub(['init', '--again']), (error) => error.exit === 4);
  for (const agency of ['outreach', 'friary']) {
    await world.hub(['agency', 'add', agency, agency]);
    await world.hub(['agency', 'sign', agency]);
  }
  await world.serve();
  for (const device of world.devices.values()) await assert.rejects(story.sync(device), (error) => error.exit === 4);
  for (const [name, device] of world.devices) {
    await world.hub(['device', 'admit', (await device.json(['status'])).device, '--label', name, ...(device.kiosk ? ['--kiosk'] : [])]);
  }
  await story.syncAll();
  assert.equal((await story.back()).awaited.length, 0);
  assert.notEqual((await story.back()).since, null, 'it is the operator who ends it');
  await world.hub(['back', 'end']);
  await story.syncAll();
  const fallen = await story.look();
  assert.equal(fallen.lost, 0);
  compare(fallen, twin, before);
});

test('a withdrawal that the hub lost is overruled by nobody', async () => {
  const story = new Story('withdrawn');
  const { world } = story;
  await story.begin();
  await story.note(story.van, 'given, and not sent to the desk yet');
  await story.sync(story.van);
  const backup = path.join(story.data, 'backup.db');
  await world.hub(['backup', backup]);
  await story.consent(story.van, 'withdrawn', [story.giving]);
  await story.sync(story.van);
  await world.stop();
  const twin = await story.twin('withdrawn-twin');
  await world.hub(['restore', backup]);
  await world.serve();
  const notes = async () => (await story.desk.jsonLines(['export'])).filter(({ entity }) => entity === 'contact').map(({ name }) => name);
  for (let i = 0; i < 2; i++) {
    await story.sync(story.desk);
    assert.deepEqual(await notes(), [story.first], 'what it had it has, and nothing is new');
  }
  await story.sync(story.van);
  await story.sync(story.desk);
  assert.deepEqual(await notes(), [], 'the withdrawal is back');
  await story.syncAll();
  await world.hub(['back', 'end']);
  await story.syncAll();
  compare(await story.look(), twin, new Set());
});

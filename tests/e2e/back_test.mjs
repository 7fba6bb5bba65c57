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

import { linesOf, World } from './world.mjs';

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
  async said(...args) {
    return linesOf(await this.world.hub(args));
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
const idOf = async (device) => (await device.json(['status'])).device;
const saying = (exit, words) => (error) => error.exit === exit && words.test(error.stderr);
const AFTERWARDS = [
  'To be done again by hand, if it was done in the time that was lost: at once devices that were shut out',
  '(device revoke); agencies and their agreements (agency add, sign, end). Codes that were not used work no',
  'more (device code); a device that was enrolled stands here once it calls.',
];
const NOTHING_LOST = 'This hub has not gone back, or has all it waited for.';
const OVER = 'Nobody is waited for: everybody is sent what they may hold, by what is known here.';
const NOT_ENROLLED = ['Is not enrolled here, and others handed what it wrote (device admit once it has called; with --agency', 'if it is lost):'];
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
  const spare = await story.make('spare', 'outreach');
  await story.sync(spare);
  await story.note(spare, 'of a device that will never call');
  await story.syncAll(1);
  await story.sync(story.tablet);
  world.devices.delete('spare');
  const before = await namesAtHub(story);
  await story.note(story.tablet, 'not sent when it fell');
  await world.stop();
  const twin = await story.twin('restored-twin');

  assert.deepEqual(await story.said('back'), [NOTHING_LOST]);
  assert.deepEqual(await story.said('restore', backup), [
    'Restored. Devices that synced since the backup was made know more than this hub does: it collects',
    'that from them as they call. Until everybody who synced before was heard, nobody is sent anything',
    'of another agency, since a consent may have been withdrawn meanwhile. `teapot-hub back` says who is',
    'waited for, and what has to be done again by hand.',
    'hub.db.before is the database that was there.',
  ]);
  assert.equal(((await story.back()).awaited).length, 4);
  const [van, tablet, desk, kiosk, id, spareId] = await Promise.all([story.van, story.tablet, story.desk, story.kiosk, late, spare].map(idOf));
  assert.deepEqual(await story.said('back'), [
    'Since <time> this hub collects what it lost.',
    'Meanwhile nobody is sent anything of another agency.',
    'Waited for (back without, if it will not come):',
    `  ${van}  outreach  van  synced <time>`,
    `  ${tablet}  outreach  tablet  synced <time>`,
    `  ${desk}  friary  desk  synced <time>`,
    `  ${kiosk}  outreach (kiosk)  kiosk  synced <time>`,
    ...AFTERWARDS,
  ]);
  await world.serve();
  assert.match(world.serverErrors, /back: this hub went back/);
  assert.match(await world.hub(['health']), /^It went back and collects what it lost; until it has that, nobody is sent anything of another agency:\nteapot-hub back\.$/m);
  await story.sync(story.tablet);
  assert.match(await story.tablet.teapot(['status']), /put back to an earlier state/);
  await assert.rejects(story.sync(late), (error) => error.exit === 4 && /operator can admit it/.test(error.stderr));
  const back = await story.back();
  assert.deepEqual(back.callers.map(({ device, agency }) => [device, agency]), [[id, 'outreach']]);
  const authors = back.authors.map(({ device }) => device); // as they were handed
  assert.deepEqual([...authors].sort(), [id, spareId].sort());
  // The desk will not come, or so it seems.
  assert.deepEqual(await story.said('back', 'without', desk), ['It is not waited for. `teapot-hub back` says who still is.']);
  await assert.rejects(world.hub(['back', 'without', 'desk']), saying(2, /a device is named by its 16 hexadecimal digits: teapot-hub device list/));
  assert.deepEqual(await story.said('back'), [
    'Since <time> this hub collects what it lost.',
    'Meanwhile nobody is sent anything of another agency.',
    'Waited for (back without, if it will not come):',
    `  ${van}  outreach  van  synced <time>`,
    `  ${kiosk}  outreach (kiosk)  kiosk  synced <time>`,
    'Heard:',
    `  ${tablet}  outreach  tablet  synced <time>`,
    'Not waited for:',
    `  ${desk}  friary  desk  synced <time>`,
    'Called, and is not enrolled here (device admit, or it stays out):',
    `  ${id}  outreach  called <time>`,
    ...NOT_ENROLLED,
    ...authors.map((author) => `  ${author}  1 change, waited for`),
    ...AFTERWARDS,
  ]);
  assert.deepEqual(await story.said('device', 'admit', id, '--label', 'late'), ['Admitted. Its next sync brings what it has.']);
  await assert.rejects(world.hub(['device', 'admit', id]), saying(4, /this device is enrolled here: teapot-hub device list/));
  await story.sync(late);
  await story.sync(story.van);
  await story.sync(story.kiosk);
  // One is waited for yet, which is lost: whose it was says the operator, and by which name it is found.
  const admit = (...args) => world.hub(['device', 'admit', ...args]);
  await assert.rejects(admit(spareId), saying(3, /has not called since the hub went back: teapot-hub back; --agency ID if it is lost/));
  await assert.rejects(admit('83a1c0de00f5527b', '--agency', 'outreach'), saying(3, /nobody has handed anything of this device: teapot-hub back/));
  await assert.rejects(admit(spareId, '--agency', 'x'.repeat(300)), saying(3, /there is no such agency: teapot-hub agency list/));
  await assert.rejects(admit(spareId, '--agency', 'fryary'), saying(3, /its agency fryary is not known here: teapot-hub agency add first/));
  await assert.rejects(admit(spareId, '--agency', 'outreach', '--label', 'x'.repeat(300)), saying(2, /the label is longer than \d+ bytes/));
  assert.ok((await story.said('back')).includes(`  ${spareId}  1 change, waited for`));
  assert.deepEqual(linesOf(await admit(spareId, '--agency', 'outreach', '--label', 'spare')), ["What others handed of it is its agency's now; it is shut out itself."]);
  assert.deepEqual((await story.said('back')).slice(-AFTERWARDS.length - 1), ['Nobody is waited for any more: it is over at the next sync of any device.', ...AFTERWARDS]);
  assert.ok((await story.said('device', 'list')).includes(`${spareId}  outreach  spare  synced never, 0 changes, REVOKED`));
  await story.sync(story.tablet);
  assert.deepEqual(await story.said('back'), [NOTHING_LOST]);
  await assert.rejects(world.hub(['back', 'without', desk]), saying(2, /the hub waits for nobody/));
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
  assert.deepEqual(await story.said('init', '--again'), [
    `The hub in ${world.hubDir}, made anew. Next: teapot-hub agency add and agency sign for each agency, serve,`,
    'and `teapot-hub back`, which lists devices as they call: device admit each. Until `back end`',
    'nobody is sent anything of another agency.',
  ]);
  await assert.rejects(world.hub(['init', '--again']), (error) => error.exit === 4);
  assert.deepEqual(await story.said('agency', 'list'), ['No agency is known here: teapot-hub agency add.']);
  assert.deepEqual(await story.said('agency', 'add', 'outreach', 'outreach'), ['Added. It is sent nothing before `teapot-hub agency sign outreach`.']);
  assert.deepEqual(await story.said('agency', 'list'), ['outreach  outreach', '  no agreement, so it is sent nothing (agency sign)']);
  assert.deepEqual(await story.said('device', 'list'), ['No device is enrolled here: teapot-hub device code.']);
  await world.hub(['agency', 'sign', 'outreach']);
  await world.serve();
  for (const device of world.devices.values()) await assert.rejects(story.sync(device), (error) => error.exit === 4);
  const desk = await idOf(story.desk);
  assert.deepEqual(await story.said('back'), [
    'Since <time> this hub collects what it lost, all of it, until `teapot-hub back end`.',
    'Meanwhile nobody is sent anything of another agency.',
    'Called, and is not enrolled here (device admit, or it stays out):',
    `  ${await idOf(story.van)}  outreach  called <time>`,
    `  ${await idOf(story.tablet)}  outreach  called <time>`,
    `  ${desk}  friary (not known here: agency add)  called <time>`,
    `  ${await idOf(story.kiosk)}  outreach  called <time>`,
    ...AFTERWARDS,
  ]);
  await assert.rejects(world.hub(['device', 'admit', desk]), saying(3, /its agency friary is not known here: teapot-hub agency add first/));
  await world.hub(['agency', 'add', 'friary', 'friary']);
  await world.hub(['agency', 'sign', 'friary']);
  for (const [name, device] of world.devices) {
    await world.hub(['device', 'admit', (await device.json(['status'])).device, '--label', name, ...(device.kiosk ? ['--kiosk'] : [])]);
  }
  await story.syncAll();
  assert.equal((await story.back()).awaited.length, 0);
  assert.notEqual((await story.back()).since, null, 'it is the operator who ends it');
  assert.deepEqual(await story.said('back', 'end'), [OVER]);
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
  // Said before anybody calls, and taken back.
  assert.deepEqual(await story.said('back', 'begin'), [
    'Every device compares what it has with this hub at its next sync; meanwhile nobody is sent anything',
    'of another agency. `teapot-hub back` says who is waited for.',
  ]);
  assert.equal((await story.said('back'))[2], 'Waited for (back without, if it will not come):');
  for (const device of [story.van, story.tablet]) await world.hub(['back', 'without', await idOf(device)]);
  assert.deepEqual(await story.said('back', 'without', await idOf(story.desk)), [OVER]);
  assert.deepEqual(await story.said('back'), [NOTHING_LOST]);
});

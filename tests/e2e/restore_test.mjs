// A hub's database copied, lost and put back, with real processes: beside a hub that serves, on the same
// machine, and on a new one to which only the copy and the keys that are kept apart came.
//
// Shows P21, P22.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { linesOf, World } from './world.mjs';

const KEPT_APART = ['hub.key', 'ca.key', 'ca.pem'];
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-restore-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const copy = path.join(data, 'copy.db');
const inHub = (name) => path.join(world.hubDir, name);
const SEAL_BYTES = 40;
const mode = (file) => fs.statSync(file).mode & 0o777;
let van;
let person;

before(async () => {
  [van] = await world.beginToday({ van: 'one' });
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
    assert.equal(await world.hub(['backup', copy]), `Copied to ${copy}. It holds personal data: keep it as you keep the hub.\n`);
  } finally {
    process.umask(old);
  }
  assert.equal(mode(copy), 0o600);
  await assert.rejects(world.hub(['backup', copy]), (error) => error.exit === 4, 'a copy is never overwritten');
  await van.create('contact', { person, note: 'After the copy was made.' });
  assert.equal((await van.json(['sync'])).accepted, 1);
});

test('all of it is read while the hub serves, and so is the copy, which stays as it is', async () => {
  assert.match(await world.hub(['verify']), /^All is whole: 2 changes of 1 device, 0 in quarantine, 2 signatures, 2 places in feeds\.\n$/);
  const { findings, ...counts } = await world.hubJson(['verify', copy]);
  assert.deepEqual(counts, { well: true, devices: 1, changes: 1, quarantined: 0, erased: 0, signatures: 1, before_signatures: 0, entries: 1, lost: 0, findings_count: 0 });
  assert.deepEqual(findings, []);
  await assert.rejects(world.hub(['verify', path.join(data, 'none')]), (error) => error.exit === 3);
  assert.deepEqual(fs.readdirSync(world.hubDir).filter((name) => name.startsWith('hub.db.')), []);
});

test('each byte that has changed in a copy is noticed, and what was written is named', async () => {
  const bytes = fs.readFileSync(copy);
  const verified = async (file) => {
    try {
      return await world.hubJson(['verify', file]);
    } catch (error) {
      assert.equal(error.exit, 1, `${file}: ${error.message}`);
      return JSON.parse(error.stdout);
    }
  };
  for (let i = 1; i <= 8; i++) {
    const { well, findings } = await verified(bent('bent.db', bytes, [Math.floor(i * bytes.length / 9)]));
    assert.ok(!well && findings.length > 0, `byte ${i} of 9`);
  }
  const { findings } = await verified(bent('joy.db', bytes, [bytes.indexOf('Joy')]));
  assert.match(findings.join('\n'), /not what was written then/, 'the seal');
  assert.match(findings.join('\n'), new RegExp(`${person} to 1 is not what the device signed`));
  await assert.rejects(world.hub(['verify', path.join(data, 'joy.db')]), (error) => {
    assert.deepEqual(linesOf(error.stdout), [
      `What is held as changes ${person} to 1 is not what the device signed.`,
      'What is in the feed of one is not what was put there.',
      'The file: the backup is damaged: it is not what was written then; take another one.',
      'Not all is whole: 1 change of 1 device, 0 in quarantine, 1 signature, 1 place in feeds.',
      'Keep this backup, and take an older one to restore.',
    ]);
    return error.exit === 1;
  });
  const cut = path.join(data, 'short.db');
  fs.writeFileSync(cut, bytes.subarray(0, bytes.length - 5000), { mode: 0o600 });
  assert.equal((await verified(cut)).well, false);
});

test('a node notices what of its own is not what it sent', async () => {
  assert.match(await van.teapot(['verify']), /^All is well: 2 changes/);
  const file = path.join(van.dir, 'node.db');
  const right = fs.readFileSync(file);
  const at = right.indexOf('After the copy');
  assert.ok(at > 0);
  fs.writeFileSync(file, Buffer.concat([right.subarray(0, at), Buffer.from('Bf'), right.subarray(at + 2)]));
  await assert.rejects(van.teapot(['verify']), (error) => error.exit === 1 && /^What is held as changes [0-9a-f]{16}-2 to 2 of this device is not what was sent\./.test(error.stdout));
  fs.writeFileSync(file, right);
  await van.teapot(['verify']);
});

test('what is damaged at a device is found, said, and alone fetched again', async () => {
  const desk = world.device('desk', { agency: 'one' });
  desk.clock.set(van.clock.ms, 3_600_000, 'desk');
  await desk.init();
  await desk.enrol();
  await desk.json(['sync']);
  assert.match(await desk.teapot(['verify']), /^All is well/);
  const notes = async () => (await desk.jsonLines(['export'])).flatMap(({ fields }) => (fields?.note ? [fields.note] : [])).length;
  const file = path.join(desk.dir, 'node.db');
  const right = fs.readFileSync(file);
  const at = right.indexOf('After the copy');
  fs.writeFileSync(file, Buffer.concat([right.subarray(0, at), Buffer.from('Bf'), right.subarray(at + 2)]));
  await assert.rejects(desk.teapot(['verify']), (error) => error.exit === 1 && /Of what was received or sent, something is damaged/.test(error.stdout));
  await world.stop();
  await assert.rejects(desk.teapot(['sync']), (error) => error.exit === 6, 'it waits for the hub');
  await world.serve();
  const healed = await desk.json(['sync']);
  assert.deepEqual([healed.healed, healed.received, healed.more], [1, 1, false]);
  assert.match(await desk.teapot(['verify']), /^All is well/);
  assert.match(await desk.teapot(['status']), /^All sent/);
  assert.equal((await desk.json(['status'])).differs, false);
  assert.equal(fs.readFileSync(file).indexOf('Bfter'), -1);
  assert.equal((await desk.json(['sync'])).requests, 1);
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

// What a restore must leave as it was.
const state = () => Object.fromEntries(fs.readdirSync(world.hubDir).filter((name) => name.startsWith('hub.db'))
  .map((name) => [name, fs.readFileSync(inHub(name)).toString('base64')]));
function bent(name, bytes, ats) {
  const file = path.join(data, name);
  const out = Buffer.from(bytes);
  for (const at of ats) out[at] ^= 0x20;
  fs.writeFileSync(file, out, { mode: 0o600 });
  return file;
}

test('a copy of which a byte has changed is refused, wherever it is', async () => {
  const bytes = fs.readFileSync(copy);
  const was = state();
  for (let i = 0; i < 20; i++) {
    const at = Math.floor(i * (bytes.length - 1) / 19);
    await assert.rejects(world.hub(['restore', bent('bent.db', bytes, [at])]), (error) => error.exit > 0 && error.stderr.length > 0, `byte ${at}`);
  }
  for (const at of [-SEAL_BYTES, -SEAL_BYTES + 7]) { // what makes it a seal
    await assert.rejects(world.hub(['restore', bent('bent.db', bytes, [bytes.length + at])]), (error) => error.exit === 1 && /damaged or cut short/.test(error.stderr));
  }
  const twenty = Array.from({ length: 20 }, (_, i) => 3 + i * 991);
  await assert.rejects(world.hub(['restore', bent('bent.db', bytes, twenty)]), (error) => error.exit === 1 && /the backup is damaged/.test(error.stderr));
  assert.deepEqual(state(), was);
});

test('without its seal a letter of what was written is still missed, and health --deep sees it too', async () => {
  const bytes = fs.readFileSync(copy).subarray(0, -SEAL_BYTES);
  const at = bytes.indexOf('Joy');
  assert.ok(at > 0);
  const wrong = bent('wrong.db', bytes, [at + 1]);
  const damaged = (error) => error.exit === 1 && /the database is damaged: What is held as changes [0-9a-f]{16}-1 to 1 is not what the device signed/.test(error.stderr);
  await assert.rejects(world.hub(['restore', wrong]), damaged);
  const right = fs.readFileSync(inHub('hub.db'));
  await world.hub(['health', '--deep']);
  fs.copyFileSync(bent('live.db', right, [right.indexOf('After the copy')]), inHub('hub.db'));
  await assert.rejects(world.hub(['health', '--deep']), (error) => error.exit === 1 && /-2 to 2 is not what the device signed/.test(error.stderr));
  await assert.rejects(world.hub(['verify']), (error) => {
    assert.deepEqual(linesOf(error.stdout), [
      `What is held as changes ${person.replace(/1$/, '2')} to 2 is not what the device signed.`,
      'What is in the feed of one is not what was put there.',
      'Not all is whole: 2 changes of 2 devices, 0 in quarantine, 2 signatures, 2 places in feeds.',
      'Copy the data directory as it is before anything else.  A backup that is whole (teapot-hub verify',
      'BACKUP) is put in its place by teapot-hub restore.',
    ]);
    return error.exit === 1;
  });
  fs.writeFileSync(inHub('hub.db'), right);
  await world.hub(['health', '--deep']);
});

test('a restore that dies at any step leaves a hub, and the next one is not in its way', async () => {
  const was = (await world.hubJson(['health'])).changes;
  let died = 0;
  for (let step = 1; ; step++) {
    world.hubEnv.TP_FAULT = `restore.step.nth:${step}`;
    const ended = await world.hub(['restore', copy]).then(() => 'done', (error) => error);
    delete world.hubEnv.TP_FAULT;
    if (ended === 'done') break;
    assert.equal(ended.exit, 99, `died: ${ended.message}`);
    died++;
    const { changes } = await world.hubJson(['health', '--deep']);
    assert.ok(changes === was || changes === 1, `after step ${step}: ${changes} changes`);
    if (changes === 1) { // it was over but for saying so: once more, from what was there before
      fs.renameSync(inHub('hub.db.before'), inHub('hub.db'));
      assert.equal((await world.hubJson(['health', '--deep'])).changes, was);
    }
  }
  assert.equal(died, 6);
  assert.equal((await world.hubJson(['health', '--deep'])).changes, 1);
  fs.renameSync(inHub('hub.db.before'), inHub('hub.db'));
  assert.deepEqual(Object.keys(state()), ['hub.db', 'hub.db-shm', 'hub.db-wal']);
  assert.equal(fs.statSync(inHub('hub.db-wal')).size, 0, 'it stays, empty');
});

test('a backup that can only be read is only read', async () => {
  const shelf = path.join(data, 'shelf');
  fs.mkdirSync(shelf);
  const kept = path.join(shelf, 'kept.db');
  fs.copyFileSync(copy, kept);
  fs.chmodSync(kept, 0o400);
  fs.chmodSync(shelf, 0o500);
  const was = fs.statSync(kept, { bigint: true });
  await world.hub(['restore', kept]);
  const is = fs.statSync(kept, { bigint: true });
  assert.deepEqual([is.mtimeNs, is.ctimeNs, is.mode], [was.mtimeNs, was.ctimeNs, was.mode]);
  assert.deepEqual(fs.readFileSync(kept), fs.readFileSync(copy));
  assert.deepEqual(fs.readdirSync(shelf), ['kept.db']);
  fs.chmodSync(shelf, 0o700);
  fs.renameSync(inHub('hub.db.before'), inHub('hub.db'));
});

test('after a crash the last changes are in what is kept beside the backup', async () => {
  await world.serve();
  await van.create('contact', { person, note: 'Just before the crash.' });
  await van.json(['sync']);
  await world.stop('SIGKILL');
  assert.ok(fs.existsSync(inHub('hub.db-wal')));
  await world.hub(['restore', copy]);
  assert.equal((await world.hubJson(['health', '--deep'])).changes, 1);
  fs.renameSync(inHub('hub.db.before'), inHub('hub.db'));
  assert.equal((await world.hubJson(['health', '--deep'])).changes, 3);
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
  await van.json(['sync']);
  assert.equal((await van.json(['status'])).unsent, 0);
  assert.equal((await world.hubJson(['health'])).changes, 4, 'what it lost is there again, and what is new');
  assert.equal((await world.hubJson(['back'])).since, null, 'everybody was heard');
  await world.hub(['verify']);
});

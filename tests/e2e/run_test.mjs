// `teapot run` against a hub that dies and comes back, and against being killed itself.
//
// TEAPOT_KILLS sets how often it is killed (12); TEAPOT_SEED repeats a run.
//
// Shows P1.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { World } from './world.mjs';

const KILLS = Number(process.env.TEAPOT_KILLS ?? 12);
const WAIT_FIRST_MS = 5000;
const WAIT_LAST_MS = 600_000;
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-run-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let van;
let running = null;

async function within(promise, what, ms = 60_000) {
  const waiting = new AbortController();
  const late = sleep(ms, null, { signal: waiting.signal }).then(() => assert.fail(`${what} does not end`), () => {});
  await Promise.race([promise, late]);
  waiting.abort();
  return promise;
}

// `teapot run --json`: its attempts as they come.
class Running {
  constructor(device) {
    this.process = device.start(['run', '--json']);
    this.attempts = [];
    this.waiters = [];
    this.errors = '';
    this.process.stderr.on('data', (bytes) => { this.errors += bytes; });
    readline.createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.attempts.push(JSON.parse(line));
      this.waiters.forEach((look) => look());
    });
    this.exited = once(this.process, 'exit').then(([code, signal]) => ({ code, signal }));
  }
  // The first attempt from `from` on that `fits`.
  async attempt(fits, { from = this.attempts.length, withinMs = 15_000 } = {}) {
    const found = () => this.attempts.slice(from).find(fits);
    const deadline = Date.now() + withinMs;
    while (!found()) {
      assert.ok(Date.now() < deadline && this.process.exitCode === null, `no such attempt among ${JSON.stringify(this.attempts.slice(from))} ${this.errors}`);
      await Promise.race([new Promise((resolve) => { this.waiters.push(resolve); }), sleep(100)]);
      this.waiters = [];
    }
    return found();
  }
  async end(signal = 'SIGTERM') {
    this.process.kill(signal);
    return within(this.exited, `run, sent ${signal},`);
  }
}
const start = () => { running = new Running(van); return running; };
const isOk = ({ rc }) => rc === 'ok' || rc === 'OK' || rc === 0;
const contact = (person, note) => ({ op: 'create', entity: 'contact', worker: 'Dee', set: { person, note } });

before(async () => {
  const now = Date.now();
  world.hubClock.set(now, 86_400_000, 'hub');
  await world.begin(['one']);
  van = world.device('van', { agency: 'one' });
  van.clock.set(now, 3_600_000, 'van');
  await van.init();
});
after(async () => {
  running?.process.kill('SIGKILL');
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

let person;
test('a node without a hub waits for one, says so once, and is woken by being enrolled', async () => {
  start();
  const waiting = await running.attempt(() => true, { from: 0 });
  assert.deepEqual([waiting.enrolled, waiting.wait_ms, isOk(waiting)], [false, 0, false]);
  person = await van.create('person', { preferred_name: 'Baz' }); // wakes it as well, for nothing
  running.process.kill('SIGUSR1');
  await sleep(500);
  assert.equal(running.attempts.length, 1, 'nothing more is said');
  await van.enrol();
  const first = await running.attempt(isOk, { from: 1, withinMs: 30_000 }); // asleep it would be a minute
  assert.deepEqual([first.enrolled, first.sent], [true, 1]);
  assert.deepEqual(await running.end(), { code: 0, signal: null });
});

test('it ends at once while it waits for a hub', async () => {
  const alone = world.device('alone', { agency: 'one' });
  await alone.init();
  const waiting = new Running(alone);
  await waiting.attempt(() => true, { from: 0 });
  assert.deepEqual(await waiting.end(), { code: 0, signal: null });
});

test('it syncs when it starts, and wakes on new work', async () => {
  await van.create('contact', { person, note: 'before it started' });
  start();
  await running.attempt((one) => isOk(one) && one.sent === 1, { from: 0 });
  for (let i = 0; i < 3; i++) {
    const from = running.attempts.length;
    await van.create('contact', { person, note: `woke ${i}` });
    await running.attempt((one) => isOk(one) && one.sent >= 1, { from, withinMs: 20_000 }); // idle it would wait 30 s at least
  }
  assert.equal((await van.json(['status'])).unsent, 0);
});

test('two never run at once', async () => {
  await assert.rejects(van.teapot(['run']), ({ exit, stderr }) => exit === 5 && /in the background already.*`teapot status`/.test(stderr));
  assert.equal(running.process.exitCode, null, 'and the first one goes on');
});

test('a hub that dies and comes back is found again without being asked', async () => {
  await world.stop('SIGKILL');
  const from = running.attempts.length;
  await van.create('contact', { person, note: 'while the hub was away' });
  const failed = await running.attempt((one) => !isOk(one), { from });
  assert.ok(failed.wait_ms >= WAIT_FIRST_MS / 2 && failed.wait_ms <= WAIT_FIRST_MS, `waits ${failed.wait_ms}`);
  assert.equal((await van.json(['status'])).unsent, 1);
  await world.serve();
  const back = await running.attempt((one) => isOk(one) && one.sent === 1, { from, withinMs: 60_000 });
  assert.ok(back);
  assert.equal((await van.json(['status'])).unsent, 0);
});

test('while the hub is away it waits longer and longer, by chance a little less', async () => {
  const begin = running.attempts.length;
  await world.stop('SIGKILL');
  const failed = () => running.attempts.slice(begin).filter((one) => !isOk(one));
  while (failed().length < 9) { // also what it tries unasked, where the machine is slow
    const from = running.attempts.length;
    running.process.kill('SIGUSR1'); // sync now
    await running.attempt((one) => !isOk(one), { from });
  }
  const waits = failed().slice(0, 9).map((one) => one.wait_ms);
  waits.forEach((ms, i) => {
    const most = Math.min(WAIT_FIRST_MS * 2 ** i, WAIT_LAST_MS);
    assert.ok(ms >= most / 2 && ms <= most, `attempt ${i + 1} waits ${ms} of at most ${most}`);
  });
  const shares = waits.map((ms, i) => ms / Math.min(WAIT_FIRST_MS * 2 ** i, WAIT_LAST_MS));
  assert.ok(Math.max(...shares) - Math.min(...shares) > 0.02, `no two devices come back as one: ${shares}`);
  await world.serve();
  running.process.kill('SIGUSR1');
  const back = await running.attempt(isOk);
  assert.ok(back.wait_ms >= 30_000 && back.wait_ms <= 60_000, `all is well: ${back.wait_ms}`);
});

test('SIGTERM ends it cleanly, also in the middle', async () => {
  assert.deepEqual(await running.end(), { code: 0, signal: null });
  for (const delay of [0, 50, 100, 150]) {
    const lines = Array.from({ length: 50 }, (_, i) => JSON.stringify(contact(person, `before the end ${delay} ${i}`))).join('\n');
    start();
    await running.attempt(() => true, { from: 0 });
    const importing = van.teapot(['import', '-'], { input: `${lines}\n` });
    await sleep(delay);
    const { code, signal } = await running.end();
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, running.errors);
    await importing;
    await van.teapot(['verify']);
  }
});

// ---- An answer that was lost ----

// As if the hub's answers to what `deed` does never came: the store is put back as it was before.
async function losingAnswers(deed) {
  const files = fs.readdirSync(van.dir).filter((name) => name.startsWith('node.db'));
  const kept = files.map((name) => [name, fs.readFileSync(path.join(van.dir, name))]);
  await deed();
  fs.readdirSync(van.dir).filter((name) => name.startsWith('node.db')).forEach((name) => fs.rmSync(path.join(van.dir, name)));
  kept.forEach(([name, bytes]) => fs.writeFileSync(path.join(van.dir, name), bytes, { mode: 0o600 }));
}

for (const [what, since] of [['one', 1], ['more than one request holds', 2200]]) {
  test(`a push whose answer was lost goes on with what was recorded since: ${what}`, async () => {
    const record = async (count) => van.teapot(['import', '-'], { input: `${Array.from({ length: count }, (_, i) => JSON.stringify(contact(person, `lost ${since} ${i}`))).join('\n')}\n` });
    await record(3);
    await losingAnswers(() => van.json(['sync']));
    const { unsent } = await van.json(['status']);
    assert.ok(unsent >= 3);
    await record(since);
    const { accepted } = await van.json(['sync']);
    assert.equal((await van.json(['status'])).unsent, 0, 'one sync sends all of it');
    assert.equal(accepted, unsent + since);
    const log = (await world.hubJsonLines(['log'])).map(({ name }) => name);
    assert.equal(new Set(log).size, log.length);
  });
}

// ---- Killed at any moment ----

function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

// Records through the machine channel, noting what was acknowledged, until it ends or is killed.
function record(about, notes, ledger) {
  const importing = van.start(['import', '-']);
  const first = new Promise((resolve) => {
    readline.createInterface({ input: importing.stdout }).on('line', (line) => {
      const { name } = JSON.parse(line);
      if (name) ledger.add(name);
      resolve();
    });
  });
  importing.stdin.on('error', () => {});
  importing.stdin.end(`${notes.map((note) => JSON.stringify(contact(about, note))).join('\n')}\n`);
  return { process: importing, first, ended: within(once(importing, 'close'), 'import') };
}

const seqOf = (name) => Number(name.split('-')[1]);
// What was acknowledged, by whom, and what is there; read anew after each kill.
class Ledger {
  acknowledged = new Set(); // by the node, to who recorded it
  atHub = new Set();
  number = 0; // the hub's last one
  last = 0; // seq
  async begin() {
    await this.lookAtHub('at the beginning', true);
    await this.newPerson();
    [this.device] = this.person.split('-');
  }
  // What is about one person is soon read.
  async newPerson() {
    this.person = await van.create('person', { preferred_name: 'Joy' });
    this.ofPerson = new Set([this.person]);
  }
  add(name) {
    this.acknowledged.add(name);
    this.ofPerson.add(name);
  }
  async lookAtHub(when, isWhole) {
    if (isWhole) {
      const before = this.atHub;
      this.atHub = new Set();
      this.number = 0;
      await this.lookAtHub(when, false);
      for (const name of before) assert.ok(this.atHub.has(name), `${when}: ${name} is gone at the hub`);
      return;
    }
    for (const { name, number } of await world.hubJsonLines(['log', '--after', `${this.number}`])) {
      assert.ok(!this.atHub.has(name), `${when}: ${name} is at the hub twice`);
      assert.ok(number > this.number, `${when}: ${name} has a number that was given before`);
      this.atHub.add(name);
      this.number = number;
    }
  }
  async lookAtNode(when, isWhole) {
    const { unsent } = await van.json(['status']);
    const here = (await van.jsonLines(['export', ...(isWhole ? [] : ['--person', this.person])])).map(({ name }) => name);
    assert.equal(new Set(here).size, here.length, `${when}: a record is on the device twice`);
    const missing = [...(isWhole ? this.acknowledged : this.ofPerson)].filter((name) => !here.includes(name));
    assert.deepEqual(missing, [], `${when}: what was acknowledged is on the device`);
    this.last = Math.max(this.last, ...here.map(seqOf));
    return this.last - unsent; // the hub has acknowledged so many
  }
  // After a kill: what each end has acknowledged is there, once.
  async look(when, isWhole) {
    const accepted = await this.lookAtNode(when, isWhole);
    await this.lookAtHub(when, isWhole);
    for (let seq = 1; seq <= accepted; seq++) assert.ok(this.atHub.has(`${this.device}-${seq}`), `${when}: the hub has acknowledged change ${seq}, and has it not`);
  }
}

test(`killed ${KILLS} times at any moment while recording and syncing, nothing acknowledged is lost or doubled`, async (t) => {
  const seed = Number(process.env.TEAPOT_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`TEAPOT_SEED=${seed}`);
  const below = random(seed);
  const ledger = new Ledger();
  await ledger.begin();
  for (let round = 0; round < KILLS; round++) {
    if (round % 25 === 24) await ledger.newPerson();
    start();
    const recording = record(ledger.person, Array.from({ length: 8 }, (_, i) => `round ${round} note ${i}`), ledger);
    if (round % 2 === 0) await within(recording.first, 'the first note'); // however slow the machine is
    await sleep(below(round % 2 === 0 ? 100 : 400));
    const victims = [['run', running.process], ['import', recording.process], ['hub', world.server]].filter((_, i) => below(3) === i || i === round % 3);
    victims.forEach(([, victim]) => victim.kill('SIGKILL'));
    await recording.ended;
    const when = `round ${round}, killed ${victims.map(([who]) => who)}`;
    const isWhole = (what) => what.catch((error) => assert.fail(`${when}: ${error.message}`));
    if (victims.some(([who]) => who === 'hub')) {
      await world.stop('SIGKILL');
      await isWhole(world.hub(['verify'])); // as the kill has left it
      await world.serve();
    }
    await running.end('SIGKILL');
    await isWhole(van.teapot(['verify']));
    await ledger.look(when, round % 25 === 24);
  }
  running = null;
  const last = await van.json(['sync']);
  assert.equal((await van.json(['status'])).unsent, 0, `after ${JSON.stringify(last)}`);
  const log = (await world.hubJsonLines(['log'])).map(({ name }) => name);
  assert.equal(new Set(log).size, log.length, 'nothing is there twice');
  const there = new Set(log);
  const missing = [...ledger.acknowledged].filter((name) => !there.has(name));
  assert.deepEqual(missing, [], 'all that was acknowledged is at the hub');
  assert.ok(ledger.acknowledged.size >= KILLS / 2, `enough was recorded to tell: ${ledger.acknowledged.size}`);
  await world.hub(['health', '--deep']); // passes only if the store is whole
  // What is at the hub is what the device says it has.
  const held = (await van.jsonLines(['export'])).map(({ name }) => name);
  assert.equal(held.length, there.size);
});

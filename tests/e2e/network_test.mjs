// A bad network between a device and its hub (fault_proxy.mjs): whatever it does to an exchange, afterwards
// everything is at both ends once, both are whole, and the device has said in plain words what was wrong.
//
// TEAPOT_OFFSETS=N cuts at each N-th byte (every one: 1), from a place that the day or TEAPOT_SEED says.
//
// An answer given twice, or late, comes from `repeater.mjs`, which ends TLS in front of the hub.
//
// Shows P1, P2, P3, P5, P22.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { FaultProxy } from './fault_proxy.mjs';
import { Foreign, openBody, packBody } from './foreign.mjs';
import { Repeater } from './repeater.mjs';
import { World } from './world.mjs';

const SEED = Number(process.env.TEAPOT_SEED ?? Math.floor(Date.now() / 86_400_000));
const CUTS = 12; // in each direction, of a test run
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-network-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let behind = world; // what the proxy stands in front of
const proxy = new FaultProxy(() => behind.port);
const said = new Set();
let van; // of our make, behind the proxy
let desk; // of another, beside it: what it writes comes down with each exchange
let person;
let written = 0;

before(async () => {
  world.hasMetrics = true;
  [van] = await world.beginToday({ van: 'one' });
  await proxy.listen();
  desk = await new Foreign(world, 'one', 'desk').enrol();
  // By another address the same hub: its certificate is known by its authority, not by a name.
  const { code } = await world.hubJson(['device', 'code', '--agency', 'one', '--label', 'van again']);
  await van.teapot(['enrol', code, '--hub', `https://127.0.0.1:${proxy.port}`]);
  person = await van.create('person', { preferred_name: 'Joy' });
  written++;
  await van.json(['sync']);
});
after(async () => {
  proxy.close();
  desk.close();
  await world.stop();
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

function personName() {
  const [, device, seq] = person.match(/^([0-9a-f]+)-(\d+)$/);
  return [BigInt(`0x${device}`), Number(seq)];
}
// One change on each side; what the device wrote is not sent yet.
async function writeSome() {
  desk.contact(personName(), `from the desk ${written}`);
  await desk.sync();
  await van.create('contact', { person, note: `from the van ${written}` });
  written += 2;
}
// A sync that may fail: true if it said that all is done.  What it says otherwise is for people.
async function tries() {
  try {
    await van.json(['sync']);
    return true;
  } catch (error) {
    assert.equal(error.exit, 6, `exit ${error.exit}: ${error.stderr}`);
    said.add(error.stderr.trim().replace(/\d+/g, 'N'));
    return false;
  }
}
async function until(what, isSo) {
  for (let i = 0; i < 600; i++) {
    if (await isSo()) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  assert.fail(`it never comes to this: ${what}`);
}
// Everything written is at both ends, once.
async function isWhole(what) {
  proxy.heal();
  assert.ok(await tries(), `${what}: it does not sync when the network is well again`);
  const metrics = await world.metrics();
  assert.equal(metrics.get('teapot_hub_changes_accepted_total'), written, `${what}: changes at the hub`);
  assert.equal(metrics.get('teapot_hub_changes_received'), written, what);
}
async function isWholeInDetail(what) {
  const { unsent, held_changes: held, differs } = await van.json(['status']);
  assert.deepEqual({ unsent, held, differs }, { unsent: 0, held: written, differs: false }, what);
  assert.match(await van.teapot(['verify']), /^All is well/);
  assert.match(await world.hub(['verify']), /^All is whole/);
  const log = (await world.hubJsonLines(['log'])).map(({ name }) => name);
  assert.equal(new Set(log).size, written, what);
  await desk.sync(); // throws where the sums differ
}

test('an exchange that is cut at any byte, in either direction, loses and doubles nothing', async (t) => {
  await writeSome();
  await isWhole('a whole exchange');
  const { up, down } = proxy.last;
  assert.ok(up > 500 && down > 500, `${up} bytes up, ${down} down`);
  let done = 0;
  for (const [direction, bytes] of [['up', up], ['down', down]]) {
    const step = Number(process.env.TEAPOT_OFFSETS ?? Math.ceil(bytes / CUTS));
    for (let cut = SEED % step; cut <= bytes; cut += step, done++) {
      await writeSome();
      proxy[direction] = { cut };
      proxy.resets = done % 2 === 1;
      const isDone = await tries();
      if (cut < bytes * 0.8) assert.ok(!isDone, `${direction}, cut at ${cut} of ${bytes}: it cannot have been told`);
      await isWhole(`${direction}, cut at ${cut} of ${bytes}`);
    }
  }
  await isWholeInDetail('after all of it');
  t.diagnostic(`${done} cuts of an exchange of ${up} bytes up and ${down} down, seed ${SEED}`);
});

test('a slow network is no broken one', async () => {
  await writeSome();
  proxy.up = { crumb: 7, pauseMs: 1 };
  proxy.down = { crumb: 5, pauseMs: 1 };
  assert.ok(await tries());
  await isWhole('bytes trickle');
});

test('what stops answering is given up, said, and tried again', { timeout: 120_000 }, async () => {
  // TP_FAULT: the patience of the test build is seconds.
  for (const [what, plan] of [
    ['before a byte', { down: { stall: 0 } }], ['in the handshake', { down: { stall: 700 } }], ['in the request', { up: { stall: proxy.last.up - 100 } }],
    ['in the answer', { down: { stall: proxy.last.down - 60 } }],
  ]) {
    await writeSome();
    Object.assign(proxy, plan);
    await assert.rejects(van.teapot(['sync'], { env: { TP_FAULT: 'net.impatient.from:1' } }), (error) => {
      said.add(error.stderr.trim().replace(/\d+/g, 'N'));
      return error.exit === 6;
    }, what);
    await isWhole(`it stalls ${what}`);
  }
  await isWholeInDetail('after the stalls');
});

test('the same request twice, at once or one behind the other, is answered twice and done once', async () => {
  const it = await new Foreign(world, 'one', 'twice').enrol();
  const ask = () => it.send(body, { ...it.tls, agent: false });
  for (let i = 0; i < 8; i++) it.contact(personName(), `once ${i}`);
  const body = packBody(it.message());
  written += 8;
  const answers = await Promise.all([ask(), ask(), ask()]);
  answers.push(await ask());
  const heads = answers.map(({ status, body: answer }) => { assert.equal(status, 200); return openBody(answer).message[0]; });
  for (const head of heads) for (const key of [1, 3]) assert.deepEqual(head.get(key), heads[0].get(key), `key ${key}`);
  it.apply(answers[0].body, 1);
  await it.sync();
  it.close();
  await isWhole('requests that came twice');
  await isWholeInDetail('requests that came twice');
});

// A first page of many comes down with each, so that one answer is followed by a request.
test('an answer that is given twice, or to another request, is taken once, and for what was asked', async (t) => {
  const repeater = await new Repeater(world, van).listen();
  const long = () => crypto.randomBytes(1400).toString('hex');
  const told = {};
  behind = repeater;
  for (const plan of ['once', 'at once', 'then', 'next', 'shifted', 'stale']) {
    for (let i = 0; i < 120; i++) desk.contact(personName(), `${plan} ${i} ${long()}`);
    await desk.sync();
    await van.create('contact', { person, note: `from the van, ${plan}` });
    written += 121;
    Object.assign(repeater, { plan, given: 0, requests: 0 });
    told[plan] = await tries();
    assert.ok(plan === 'once' ? repeater.requests > 1 : repeater.given > 0, `${plan}: ${repeater.requests} requests`);
    // One more while it lasts: what came of the first is in nobody's way.  (A clock that stands asks the same again.)
    van.clock.pass(20);
    if (plan === 'stale') assert.equal(await tries(), false, 'the last answer of another connection was taken');
    repeater.plan = 'once';
    await isWhole(`answers come ${plan}`);
    await isWholeInDetail(`answers come ${plan}`);
  }
  assert.ok(told.once);
  assert.ok(!told.shifted && !told.stale, 'an answer to another request was taken');
  behind = world;
  repeater.close();
  t.diagnostic(Object.entries(told).map(([plan, isDone]) => `${plan}: ${isDone ? 'goes on' : 'said'}`).join(', '));
});

// One program that goes on: by the connection that gave a wrong answer it asks nothing more.
test('a program that goes on leaves a connection on which answers are shifted', { timeout: 120_000 }, async () => {
  const repeater = await new Repeater(world, van).listen();
  behind = repeater;
  const running = van.start(['run']);
  try {
    await van.create('contact', { person, note: 'before' });
    written++;
    await until('the first is sent', async () => (await van.json(['status'])).unsent === 0);
    repeater.plan = 'shifted';
    await van.create('contact', { person, note: 'while answers are shifted' });
    written++;
    const { connections } = repeater;
    await until('it has met a wrong answer, and come by another connection', () => repeater.given > 0 && repeater.connections > connections);
    await until('the second is sent', async () => (await van.json(['status'])).unsent === 0);
  } finally {
    running.kill();
    await new Promise((resolve) => { running.on('exit', resolve); });
  }
  behind = world;
  repeater.close();
  await isWhole('answers were shifted');
  await isWholeInDetail('answers were shifted');
});

// The refusal by which a copy learns that it is one comes again where it asks how far what it has is the hub's.
test('a refusal that is given to the next request as well lets no copy write again what is at the hub', async () => {
  const copy = world.device('copy', { agency: van.agency });
  execFileSync('cp', ['-a', van.dir, copy.dir]);
  copy.clock.set(van.clock.ms, 60_000, 'copy');
  await writeSome();
  await isWhole('before the copy');
  await copy.create('contact', { person, note: 'from the copy' });
  written++;
  const repeater = await new Repeater(world, van).listen();
  behind = repeater;
  repeater.plan = 'next';
  try {
    await assert.rejects(copy.json(['sync']), ({ exit, stderr }) => exit === 6 && /what came is to another request/.test(stderr));
    assert.ok(repeater.requests > 1);
  } finally {
    behind = world;
    repeater.close();
  }
  await copy.json(['sync']);
  assert.notEqual((await copy.json(['status'])).device, (await van.json(['status'])).device);
  await isWhole('a copy was refused twice');
  await isWholeInDetail('a copy was refused twice');
});

test('what the device said of it is plain', () => {
  assert.ok(said.size > 0);
  for (const text of said) assert.match(text, /^teapot: the hub does not answer: [a-z ]+(\. Is there a network\?)?$/, text);
});

// Whoever takes their time, at each step of a connection, and thousands who say nothing: the hub lets them go at
// their deadlines and answers honest devices meanwhile.
//
// TEAPOT_CONNECTIONS says how many of those there are (300).  The hub's patience is four seconds here (TP_FAULT).
//
// Shows P3.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';

import { Foreign, packBody } from './foreign.mjs';
import { World } from './world.mjs';

const MANY = Number(process.env.TEAPOT_CONNECTIONS ?? 300);
const EACH = 12; // slow ones of a kind
const PER_ADDRESS = 40; // the hub takes 64
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-slow-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let honest;
let slow; // enrolled as well, and slow
let person;

const rssKb = () => Number(fs.readFileSync(`/proc/${world.server.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
const late = (metrics, phase) => metrics.get(`teapot_hub_deadlines_total{phase="${phase}"}`);

async function serveWith({ patience, connections }) {
  await world.stop();
  world.hubEnv = { TP_TEST_CLOCK: world.hubClock.file, ...(patience ? { TP_FAULT: 'net.impatient.from:1' } : {}) };
  world.connections = connections;
  await world.serve();
  honest.close();
}
before(async () => {
  world.hasMetrics = true;
  world.hubClock.set(Date.now(), 86_400_000, 'hub');
  await world.begin(['one']);
  honest = await new Foreign(world, 'one', 'honest').enrol();
  slow = await new Foreign(world, 'one', 'slow').enrol();
  person = honest.person('Joy');
  await honest.sync();
});
after(async () => {
  honest.close();
  slow.close();
  await world.stop();
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

// An honest device writes and syncs until `ended` is true, each time on a new connection; gives how long each took.
async function syncsUntil(ended) {
  const took = [];
  do {
    honest.contact(person, `meanwhile ${took.length}`);
    const from = process.hrtime.bigint();
    for (let tries = 1; ; tries++) {
      honest.close();
      try {
        await honest.sync();
        break;
      } catch (error) {
        assert.ok(tries < 3, `${error}`); // this process is busy too: a handshake of its own may come late
      }
    }
    took.push(Number(process.hrtime.bigint() - from) / 1e6);
    await sleep(50);
  } while (!ended());
  return took.sort((a, b) => a - b);
}
const spread = (took) => `${took.length} syncs, median ${took[took.length >> 1].toFixed(0)} ms, longest ${took.at(-1).toFixed(0)} ms`;

// A connection from an address of its own that is closed by the hub, sooner or later.
function connect(number, { over = 'tls', session, device = slow, onReady = () => {} } = {}) {
  const localAddress = `127.0.${1 + (Math.floor(number / PER_ADDRESS) >> 8)}.${1 + (Math.floor(number / PER_ADDRESS) & 255)}`;
  const to = { host: '127.0.0.1', port: world.port, localAddress };
  const { ca, cert, key } = device ? device.tls : honest.tls;
  const plain = net.connect(to);
  const socket = over === 'tcp' ? plain : tls.connect({ socket: plain, servername: 'teapot-hub', ca, session, ...(device ? { cert, key } : {}) });
  const one = { socket, isReady: false, isOver: false, said: '' };
  socket.once(over === 'tcp' ? 'connect' : 'secureConnect', () => { one.isReady = true; onReady(socket); });
  one.over = new Promise((resolve) => { socket.once('close', () => { one.isOver = true; resolve(); }); });
  for (const each of [plain, socket]) each.on('error', () => {});
  socket.on('data', (bytes) => { one.said += bytes; }).on('end', () => socket.destroy());
  return one;
}
// Bytes one by one, for as long as anybody takes them.
async function drip(socket, text) {
  for (const byte of Buffer.from(text)) {
    if (socket.destroyed) return;
    socket.write(Buffer.from([byte]));
    await sleep(400);
  }
}

const REQUEST = 'POST /v1/sync HTTP/1.1\r\nHost: hub\r\nContent-Length: 100000\r\n\r\n';
const kinds = [
  ['handshake', 'says nothing', { over: 'tcp' }],
  ['handshake', 'begins to shake hands, byte by byte', { over: 'tcp', onReady: (socket) => drip(socket, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'x'.repeat(500)) }],
  ['head', 'a request line, byte by byte', { onReady: (socket) => drip(socket, REQUEST) }],
  ['head', 'headers without end', { onReady: (socket) => drip(socket, `GET / HTTP/1.1\r\n${'X-A: b\r\n'.repeat(100)}`) }],
  ['body', 'a body, byte by byte', { onReady: (socket) => { socket.write(REQUEST); drip(socket, 'x'.repeat(1000)); } }],
  ['idle', 'nothing after the handshake', {}],
];
test('whoever is slow, at any step, is let go at a deadline, and an honest device is answered meanwhile', { timeout: 180_000 }, async (t) => {
  await serveWith({ patience: true });
  const old = await world.metrics();
  const all = [];
  for (const [i, [, , how]] of kinds.entries()) {
    // One device has few connections: the others of a kind are of nobody.
    for (let j = 0; j < EACH; j++) all.push(connect(i * EACH + j, { ...how, device: j < 1 ? slow : null }));
  }
  let over = false;
  const ended = Promise.all(all.map((one) => one.over)).then(() => { over = true; });
  const took = await syncsUntil(() => over);
  await ended;
  const now = await world.metrics();
  for (const phase of ['handshake', 'head', 'body', 'idle']) {
    const count = kinds.filter(([of]) => of === phase).length * EACH;
    const ofPhase = late(now, phase) - late(old, phase);
    assert.ok(ofPhase >= count && ofPhase <= count + took.length, `${phase}: ${ofPhase} deadlines for ${count} connections`);
  }
  // Who was in mid-request is told, and nobody else.
  const told = all.filter(({ said }) => said.startsWith('HTTP/1.1 408')).length;
  assert.ok(told > 0, 'some were told 408');
  assert.ok(all.every(({ said }) => said === '' || said.startsWith('HTTP/1.1 408')));
  assert.equal(now.get('teapot_hub_http_refusals_total{status="408"}'), 3 * EACH);
  t.diagnostic(`beside ${all.length} slow ones: ${spread(took)}`);
});

test('whoever does not read the answer is let go too', { timeout: 60_000 }, async () => {
  const greedy = await new Foreign(world, 'one', 'greedy').enrol();
  for (let i = 0; i < 200; i++) honest.contact(person, crypto.randomBytes(1000).toString('base64')); // deflates badly
  await honest.sync();
  const old = await world.metrics();
  const body = packBody(greedy.message([]));
  const request = Buffer.concat([Buffer.from(`POST /v1/sync HTTP/1.1\r\nHost: hub\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
  const one = connect(0, { device: greedy, onReady: (socket) => { socket.pause(); for (let i = 0; i < 300; i++) socket.write(request); } });
  const deadline = Date.now() + 30_000;
  while (late(await world.metrics(), 'write') === late(old, 'write')) {
    assert.ok(Date.now() < deadline, 'it is not let go');
    await syncsUntil(() => true);
  }
  one.socket.destroy();
  greedy.close();
});

// Opens `count` connections that say nothing more, a few at a time.
async function openMany(count, how) {
  const all = [];
  while (all.length < count) {
    const some = Array.from({ length: Math.min(50, count - all.length) }, (_, i) => connect(all.length + i, how));
    all.push(...some);
    const deadline = Date.now() + 30_000;
    while (some.some(({ isReady, isOver }) => !isReady && !isOver)) {
      assert.ok(Date.now() < deadline, 'connections are taken or refused');
      await sleep(5);
    }
  }
  return all;
}

for (const over of ['tcp', 'tls']) {
  test(`${MANY} connections over ${over} that say nothing fill a hub, and keep no device out`, { timeout: 600_000 }, async (t) => {
    await serveWith({ patience: false });
    const before = rssKb();
    const all = await openMany(MANY, { over, device: null });
    const now = await world.metrics();
    assert.ok(now.get('teapot_hub_connections_open') <= 192);
    let ended = 0;
    const took = await syncsUntil(() => ++ended >= 10);
    assert.equal((await world.metrics()).get('teapot_hub_connections_limited_total'), now.get('teapot_hub_connections_limited_total'), 'no device was turned away');
    t.diagnostic(`${now.get('teapot_hub_connections_open')} of ${MANY} open, ${rssKb() - before} KiB; ${spread(took)}`);
    for (const { socket } of all) socket.destroy();
  });
}

test(`${MANY} idle connections at once, where the hub may have as many, and then none`, { timeout: 600_000 }, async (t) => {
  await serveWith({ patience: false, connections: MANY + 100 });
  let session;
  await new Promise((resolve) => {
    const first = connect(0, { device: null });
    first.socket.on('session', (bytes) => { session = bytes; resolve(); });
  });
  const before = rssKb();
  const from = Date.now();
  const all = await openMany(MANY, { session, device: null });
  const openS = (Date.now() - from) / 1000;
  const open = (await world.metrics()).get('teapot_hub_connections_open');
  assert.ok(open >= MANY && all.every(({ isOver }) => !isOver), `${open} open`);
  const grown = rssKb() - before;
  let ended = 0;
  const took = await syncsUntil(() => ++ended >= 10);
  t.diagnostic(`${open} open after ${openS} s, ${(grown / MANY).toFixed(1)} KiB each; ${spread(took)}`);
  for (const { socket } of all) socket.destroy();
  const deadline = Date.now() + 60_000;
  while ((await world.metrics()).get('teapot_hub_connections_open') > 3) {
    assert.ok(Date.now() < deadline, 'they are gone');
    await sleep(50);
  }
});

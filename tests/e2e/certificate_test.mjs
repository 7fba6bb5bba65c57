// Certificates over the years, with real processes over TLS: a device's is renewed in time, by `sync`
// and by a `run` that goes on, one that ended gets nowhere and its device enrols again; the hub's own is
// renewed while it serves.
//
// Shows P10, P22.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';

import { World } from './world.mjs';

const DAY = 86_400_000;
const BEGIN = Date.parse('2026-01-05T09:00:00Z');
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-certificate-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let van;
let desk;

// So many days after enrolment, by every clock.
function day(days) {
  for (const clock of [world.hubClock, van?.clock, desk?.clock]) {
    clock?.set(BEGIN + days * DAY, DAY + days * DAY, path.basename(clock.file));
  }
}
const certificate = (device) => new X509Certificate(fs.readFileSync(path.join(device.dir, 'cert.pem')));
const daysLeft = (device, days) => (Date.parse(certificate(device).validTo) - (BEGIN + days * DAY)) / DAY;

before(async () => {
  day(0);
  await world.begin(['one']);
  van = world.device('van', { agency: 'one' });
  desk = world.device('desk', { agency: 'one' });
  day(0);
  for (const device of [van, desk]) {
    await device.init();
    await device.enrol();
  }
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});


// Files of another machine, or a disk that damaged the id in the data: what is written under one id is
// not sent under the other.
test("a node whose certificate is another device's speaks to nobody, and loses nothing", async () => {
  const own = ['key.pem', 'cert.pem'].map((name) => path.join(van.dir, name));
  const kept = own.map((file) => fs.readFileSync(file));
  const heard = async () => (await world.hubJsonLines(['device', 'list'])).map(({ device, last_sync: at }) => [device, at]);
  await van.create('person', { preferred_name: 'Kit' });
  const before = await heard();
  for (const file of own) fs.copyFileSync(path.join(desk.dir, path.basename(file)), file);
  await assert.rejects(van.json(['sync']), (error) => error.exit === 1 && /certificate of another/.test(error.stderr));
  assert.deepEqual(await heard(), before);
  own.forEach((file, i) => fs.writeFileSync(file, kept[i]));
  const { device, unsent } = await van.json(['status']);
  assert.equal(unsent, 1);
  assert.equal((await van.json(['sync'])).accepted, 1);
  assert.equal((await van.json(['status'])).device, device);
});

test('a certificate is renewed when it has a month left, not before', async () => {
  const first = certificate(van).fingerprint256;
  for (const days of [1, 300, 334]) {
    day(days);
    await van.json(['sync']);
    assert.equal(certificate(van).fingerprint256, first, `after ${days} days`);
  }
  day(336);
  await van.json(['sync']);
  assert.notEqual(certificate(van).fingerprint256, first);
  assert.ok(daysLeft(van, 336) > 364, `${daysLeft(van, 336)} days`);
});

test('the renewed one is what the hub knows the device by, after the first has ended', async () => {
  day(400);
  await van.create('person', { preferred_name: 'Joy' });
  const { refused, accepted } = await van.json(['sync']);
  assert.deepEqual({ refused, accepted }, { refused: [], accepted: 1 });
});

// The hub's own certificate, as it is shown to whoever connects; `agent` may keep the connection.
function shown(agent = false) {
  return new Promise((resolve, reject) => {
    https.get({ host: '127.0.0.1', port: world.port, path: '/healthz', servername: 'teapot-hub', rejectUnauthorized: false, agent }, (response) => {
      const { valid_from: from, valid_to: to, fingerprint256: print } = response.socket.getPeerCertificate();
      const { localPort } = response.socket;
      response.resume();
      response.on('end', () => resolve({ from: Date.parse(from), to: Date.parse(to), print, localPort, status: response.statusCode }));
    }).on('error', reject);
  });
}
async function shownAnew(old) {
  for (const deadline = Date.now() + 20_000; ;) {
    const now = await shown();
    if (now.print !== old.print) return now;
    assert.ok(Date.now() < deadline, 'the hub goes on with its old certificate');
    await new Promise((resolve) => { setTimeout(resolve, 200); });
  }
}

test('the hub renews its own while it serves, and cuts nobody off', { timeout: 60_000 }, async (t) => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const first = await shown();
  const kept = await shown(agent);
  assert.equal(kept.print, first.print);
  day(500); // less than a year is left
  const renewed = await shownAnew(first);
  assert.ok(renewed.to > BEGIN + 1324 * DAY, 'counted from now');
  const again = await shown(agent);
  assert.deepEqual([again.localPort, again.status, again.print], [kept.localPort, 200, first.print], 'the open connection goes on');
  await van.json(['sync']);
});

// `run --json` while `deed` goes on; next() gives its attempts as they come.
async function running(t, deed) {
  const run = van.start(['run', '--json']);
  const exited = once(run, 'exit');
  t.after(() => run.kill('SIGKILL'));
  const attempts = readline.createInterface({ input: run.stdout })[Symbol.asyncIterator]();
  await deed(async () => JSON.parse((await attempts.next()).value));
  run.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
}
// Records something, which wakes `run`; its attempt must send it.
async function sends(next) {
  await van.create('person', { preferred_name: `Somebody ${Math.random()}` });
  const attempt = await next();
  assert.deepEqual([attempt.rc, attempt.accepted], ['ok', 1], JSON.stringify(attempt));
}

test('a run that goes on renews it and works on', { timeout: 60_000 }, async (t) => {
  const first = certificate(van).fingerprint256;
  await running(t, async (next) => {
    assert.equal((await next()).rc, 'ok');
    day(690); // ten days are left
    await sends(next);
    const second = certificate(van).fingerprint256;
    assert.notEqual(second, first);
    day(750); // the first has ended
    await sends(next);
    assert.equal(certificate(van).fingerprint256, second);
  });
});

test('a run that began without knowing the time renews it once it is told', { timeout: 60_000 }, async (t) => {
  const first = certificate(van).fingerprint256;
  day(1040); // two weeks are left
  van.clock.set(Date.parse('2023-01-01T00:00:00Z'), 60_000, 'started without a battery');
  await running(t, async (next) => {
    assert.equal((await next()).rc, 'ok');
    van.clock.pass(60_000);
    await sends(next);
  });
  assert.notEqual(certificate(van).fingerprint256, first);
});

test('a connection that is kept open ends with the certificate', { timeout: 60_000 }, async (t) => {
  const old = await shown();
  await running(t, async (next) => {
    assert.equal((await next()).rc, 'ok');
    day(1510); // the hub's own has less than a year left, whenever it was renewed
    await van.create('person', { preferred_name: 'Late' });
    assert.equal((await next()).rc, 'denied');
  });
  assert.match(world.serverErrors, /run out on an open connection/);
  await shownAnew(old); // the hub's own has ended as well, until its next tick
  await van.enrol();
  assert.equal((await van.json(['sync'])).accepted, 1);
});

test('a device that was away for longer gets nowhere, loses nothing, and enrols again', async () => {
  await desk.create('person', { preferred_name: 'Baz' });
  await assert.rejects(desk.json(['sync']), (error) => error.exit === 4 && /enrol/.test(error.stderr));
  assert.equal((await desk.json(['status'])).unsent, 1);
  const { device } = await desk.json(['status']);
  await desk.enrol();
  assert.equal((await desk.json(['sync'])).accepted, 1);
  assert.equal((await desk.json(['status'])).device, device, 'it is the same device');
  assert.match(world.serverErrors, /validity has expired/);
});

test('a hub whose clock jumped far ahead and back still shows what counts', { timeout: 60_000 }, async () => {
  const before = await shown();
  world.hubClock.set(BEGIN + 3000 * DAY, 3000 * DAY, 'hub');
  const ahead = await shownAnew(before);
  assert.ok(ahead.to > BEGIN + 3600 * DAY, JSON.stringify(ahead));
  day(1511);
  assert.equal((await shown()).print, ahead.print);
  await assert.rejects(desk.json(['sync']), (error) => error.exit === 5 && /clock went back/.test(error.stderr), 'TLS lets it through');
  assert.ok(ahead.from <= before.from, JSON.stringify({ before, ahead }));
});

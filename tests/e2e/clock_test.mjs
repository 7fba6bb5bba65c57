// Kiosks with wrong clocks, over TLS.  Where libfaketime is installed it is the machine's own clock that is
// wrong (what TLS libraries read too); a new boot can only be told through the clock hook of test builds.
//
// Shows P13.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { World } from './world.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const faketime = ['x86_64', 'aarch64', 'arm'].map((machine) => `/usr/lib/${machine}-linux-gnu${machine === 'arm' ? 'eabihf' : ''}/faketime/libfaketime.so.1`).find((at) => fs.existsSync(at));
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-clock-'));
const worlds = [];

async function beginWorld(name) {
  const world = new World({ bin: process.env.TEAPOT_BIN, data: path.join(data, name) });
  fs.mkdirSync(world.data);
  worlds.push(world);
  return world;
}
// The environment of a process whose system clock is off by so much.  A hook in the test build's allocator
// would be taken for a library out of order.
function wrongBy(ms) {
  const options = [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':');
  const seconds = Math.round(ms / 1000);
  return { LD_PRELOAD: faketime, FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}`, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_RESET: '1', ASAN_OPTIONS: options };
}
const request = (words) => ({ words, route: 'kiosk', status: 'open' });
const near = (shown, ms, withinMs) => Math.abs(Date.parse(shown) - ms) <= withinMs;

after(async () => {
  for (const world of worlds) await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

// ---- The machine's own clock ----

let world;
let desk;
before(async () => {
  world = await beginWorld('system');
  world.hubEnv = {};
  await world.begin(['friary']);
  desk = world.device('desk', { agency: 'friary' });
  desk.clockEnv = {};
  await desk.init();
  await desk.enrol();
});

for (const [year, date] of [[2023, '2023-06-01T00:04:10Z'], [2040, '2040-01-01T12:00:00Z']]) {
  test(`a kiosk whose system clock reads ${year} enrols and syncs over TLS, and its requests come out right`, { skip: !faketime && 'libfaketime is not installed' }, async () => {
    const kiosk = world.device(`kiosk${year}`, { agency: 'friary', kiosk: true });
    const offMs = Date.parse(date) - Date.now();
    kiosk.clockEnv = wrongBy(offMs);
    assert.equal(execFileSync('date', ['+%Y'], { env: { ...process.env, ...kiosk.clockEnv } }).toString().trim(), String(year), 'the clock is as wrong as meant');
    await kiosk.init();
    const asked = new Map();
    asked.set(await kiosk.create('help_request', request(`before enrolment ${year}`), 'Wes'), Date.now());
    await kiosk.enrol();
    asked.set(await kiosk.create('help_request', request(`after enrolment ${year}`)), Date.now());
    assert.equal((await kiosk.json(['sync'])).accepted, 2);
    asked.set(await kiosk.create('help_request', request(`after a sync ${year}`)), Date.now());
    const status = await kiosk.json(['status']);
    assert.ok(status.clock_known && Math.abs(Math.abs(status.clock_offset_ms) - Math.abs(offMs)) < 5000, `off by ${status.clock_offset_ms} of ${offMs}`);
    await kiosk.json(['sync']);
    assert.equal((await kiosk.json(['status'])).unsent, 0);
    await desk.json(['sync']);
    for (const [name, ms] of asked) {
      const shown = await desk.json(['show', name]);
      assert.ok(near(shown.at, ms, 3000), `${name} at ${shown.at}, not ${new Date(ms).toISOString()}`);
      assert.equal(shown.uncertain, false);
    }
    const listed = (await desk.json(['requests', '--all'])).help_requests.map(({ name }) => name).filter((name) => asked.has(name));
    assert.deepEqual(listed, [...asked.keys()], 'in the order in which they were asked');
  });
}

test('a wrong clock does not make a node trust another hub', { skip: !faketime && 'libfaketime is not installed' }, async () => {
  const kiosk = world.device('kiosk2023', {});
  await kiosk.create('help_request', request('for the hub alone'));
  const other = await beginWorld('other');
  other.hubEnv = {};
  const { port } = world;
  await world.stop();
  other.port = port;
  await other.begin(['friary']);
  await assert.rejects(kiosk.json(['sync']), (error) => [4, 6].includes(error.exit));
  assert.equal((await other.hubJsonLines(['log'])).length, 0);
  await other.stop();
  await world.serve();
  assert.equal((await kiosk.json(['sync'])).accepted, 1, 'and nothing was lost');
});

// ---- Restarts and jumps, through the hook ----

// A hub and a desk with the right time, a kiosk with a clock of its own.
async function hooked(name) {
  const made = await beginWorld(name);
  const start = Date.parse('2026-01-12T08:00:00Z');
  const at = (ms) => { // true time
    made.hubClock.set(start + ms, DAY + ms, 'hub');
    made.devices.get('desk')?.clock.set(start + ms, DAY + ms, 'desk');
    return start + ms;
  };
  at(0);
  await made.begin(['friary']);
  const itsDesk = made.device('desk', { agency: 'friary' });
  at(0);
  await itsDesk.init();
  await itsDesk.enrol();
  const kiosk = made.device('kiosk', { agency: 'friary', kiosk: true });
  return { desk: itsDesk, kiosk, at };
}
const WRONG = Date.parse('2023-06-01T00:00:00Z');

for (const [what, wrong] of [['behind', WRONG], ['ahead', Date.parse('2040-01-01T00:00:00Z')]]) {
  test(`what was asked before a restart with the clock ${what} is shown between its bounds, the rest to the second`, async () => {
    const { desk: itsDesk, kiosk, at } = await hooked(`restart-${what}`);
    const clock = (trueMs, bootMs, boot) => { at(trueMs); kiosk.clock.set(wrong + trueMs - bootMs, trueMs - bootMs, boot); };
    clock(HOUR, 0, 'first');
    await kiosk.init();
    await kiosk.enrol();
    clock(2 * HOUR, 0, 'first');
    const known = await kiosk.create('help_request', request('in a boot whose clock was compared'));
    clock(2.5 * HOUR, 0, 'first');
    await kiosk.json(['sync']);
    clock(4 * HOUR, 3.9 * HOUR, 'second'); // restarted, and again before any sync
    const lost = await kiosk.create('help_request', request('in a boot nobody compared'));
    clock(6 * HOUR, 5 * HOUR, 'third');
    const late = await kiosk.create('help_request', request('in the boot that syncs'));
    clock(8 * HOUR, 5 * HOUR, 'third');
    await kiosk.json(['sync']);
    await itsDesk.json(['sync']);
    const shown = async (name) => itsDesk.json(['show', name]);
    const start = at(0);
    at(9 * HOUR);
    assert.ok(near((await shown(known)).at, start + 2 * HOUR, 1000));
    assert.equal((await shown(known)).uncertain, false);
    assert.ok(near((await shown(late)).at, start + 6 * HOUR, 1000), (await shown(late)).at);
    assert.equal((await shown(late)).uncertain, false);
    const between = await shown(lost);
    assert.equal(between.uncertain, true);
    assert.ok(Date.parse(between.earliest) >= start + 2 * HOUR && Date.parse(between.latest) <= start + 5 * HOUR, `${between.earliest} to ${between.latest}`);
    assert.ok(Date.parse(between.at) >= Date.parse(between.earliest) && Date.parse(between.at) <= Date.parse(between.latest));
    const { help_requests: listed } = await itsDesk.json(['requests', '--all']);
    assert.deepEqual(listed.map(({ name }) => name), [known, lost, late]);
  });
}

test('a clock that is put right in the middle of a boot changes no time', async () => {
  const { desk: itsDesk, kiosk, at } = await hooked('jump');
  const start = at(0);
  kiosk.clock.set(WRONG, 1000, 'one');
  await kiosk.init();
  await kiosk.enrol();
  at(HOUR);
  kiosk.clock.set(WRONG + HOUR, 1000 + HOUR, 'one');
  const before = await kiosk.create('help_request', request('before the clock was put right'));
  at(2 * HOUR);
  kiosk.clock.set(start + 2 * HOUR, 1000 + 2 * HOUR, 'one');
  const behind = await kiosk.create('help_request', request('after it was put right'));
  await kiosk.json(['sync']);
  at(3 * HOUR);
  kiosk.clock.set(start + 30 * DAY, 1000 + 3 * HOUR, 'one');
  const ahead = await kiosk.create('help_request', request('after somebody put it a month ahead'));
  await kiosk.json(['sync']);
  await itsDesk.json(['sync']);
  for (const [name, ms] of [[before, start + HOUR], [behind, start + 2 * HOUR], [ahead, start + 3 * HOUR]]) {
    const shown = await itsDesk.json(['show', name]);
    assert.ok(near(shown.at, ms, 1000), `${shown.at}, not ${new Date(ms).toISOString()}`);
  }
});

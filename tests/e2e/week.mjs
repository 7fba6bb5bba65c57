// Plays a week (script.jsonl in the form of tests/data/winter-week) through a World, line by line.
import fs from 'node:fs';
import path from 'node:path';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KIOSK_CLOCK_EPOCH = Date.parse('2023-06-01T00:00:00Z'); // what a machine without a battery starts with
const BOOT_0_UP_SINCE = Date.parse('2026-01-01T00:00:00Z');
const RECORD_FIELDS = ['person', 'same_as', 'persons', 'in_sight', 'joins']; // their values are refs

// A week that cannot be played, and where: nothing was started.
export class BadWeek extends Error {}

function parse(text, where) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadWeek(`${where}: this is no JSON: ${error.message}`);
  }
}
const readFile = (dir, name) => fs.readFileSync(path.join(dir, name), 'utf8');
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isTime = (value) => typeof value === 'string' && /T.*(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));

// What each op needs of its line beside a time and a device; `made`: the refs that exist by then.
const OPS = {
  create: (line, made) => (line.entity && line.ref && !made.has(line.ref) ? null : 'a create names an entity and a new ref'),
  update: (line, made) => (made.has(line.ref) ? null : `no line before made ${line.ref}`),
  retract: (line, made) => (made.has(line.ref) ? null : `no line before made ${line.ref}`),
  join: (line, made) => (made.has(line.ref) && made.has(line.set?.same_as) ? null : 'a join names two records made before: ref, set.same_as'),
  unjoin: (line, made) => (made.has(line.ref) && made.has(line.set?.same_as) ? null : 'an unjoin names two records made before: ref, set.same_as'),
  sync: () => null,
};

function problemOf(line, { agencyOf, previous, made, boots }) {
  if (!isObject(line)) return 'a line is an object';
  const { n, device, op, set, clock, boot = 0 } = line;
  if (!Number.isInteger(n) || n <= (previous?.n ?? 0)) return `n is ${n}, no line number after ${previous?.n ?? 0}`;
  if (!isTime(line.at)) return `at is ${line.at}, no time such as 2026-01-12T20:05:00Z`;
  if (previous && Date.parse(line.at) < Date.parse(previous.at)) return `it is earlier than line ${previous.n}: lines stand in the order of true time`;
  if (!agencyOf.has(device)) return `no agency of expect.json has a device ${device}`;
  if (!Object.hasOwn(OPS, op)) return `there is no op ${op}: ${Object.keys(OPS).join(', ')}`;
  if (op !== 'sync' && !isObject(set)) return 'set is no object';
  if (clock !== undefined && !isTime(clock)) return `clock is ${clock}, no time`;
  if (!Number.isInteger(boot) || boot < (boots.get(device) ?? 0)) return `boot is ${boot}: a number, 0 or more, and none that was over before`;
  return OPS[op](line, made);
}

function checkLines(lines, agencyOf) {
  const seen = { agencyOf, previous: null, made: new Set(), boots: new Map() };
  lines.forEach((line, i) => {
    const problem = problemOf(line, seen);
    if (problem) throw new BadWeek(`script.jsonl line ${i + 1}: ${problem}`);
    seen.previous = line;
    seen.boots.set(line.device, line.boot ?? 0);
    if (line.op === 'create') seen.made.add(line.ref);
  });
  if (lines.length === 0) throw new BadWeek('script.jsonl: there is no line');
}

function readAgencies({ agencies }) {
  const agencyOf = new Map();
  if (!isObject(agencies)) throw new BadWeek('expect.json: agencies is no object');
  for (const [agency, { devices = [], agreement }] of Object.entries(agencies)) {
    if (!/^(signed|none|\d{4}-\d\d-\d\d)$/.test(agreement)) throw new BadWeek(`expect.json: the agreement of ${agency} is ${agreement}: signed, none or the date it ends`);
    for (const device of devices) {
      if (agencyOf.has(device)) throw new BadWeek(`expect.json: ${device} is a device of ${agencyOf.get(device)} and of ${agency}`);
      agencyOf.set(device, agency);
    }
  }
  return agencyOf;
}

export function readWeek(dir) {
  const expect = parse(readFile(dir, 'expect.json'), 'expect.json');
  const agencyOf = readAgencies(expect);
  const lines = readFile(dir, 'script.jsonl').split('\n').filter((text) => text.trim()).map((text, i) => parse(text, `script.jsonl line ${i + 1}`));
  checkLines(lines, agencyOf);
  expect.kiosks ??= [];
  expect.checks ??= [];
  for (const { check, after_line: after } of expect.checks) {
    if (after && !lines.some(({ n }) => n === after)) throw new BadWeek(`expect.json: ${check} is to hold after line ${after}, and there is none`);
  }
  return { lines, expect, agencyOf };
}

// Since when the first boots, and the hub's, have been up: before the week began, whenever that was.
const upBefore = (lines) => Math.min(BOOT_0_UP_SINCE, Date.parse(lines[0].at) - DAY);

// How long a machine has been up at the first line of a boot, of which it was off at `lastAt` at the latest.
function upAtFirst({ at, clock }, lastAt) {
  const offMax = Date.parse(at) - lastAt;
  const byClock = clock ? Date.parse(clock) - KIOSK_CLOCK_EPOCH : -1;
  return byClock >= 0 && byClock <= offMax ? byClock : Math.min(offMax, MINUTE);
}

// When each boot of each device began, in true time.  An uptime is counted from there, whatever the wall clock
// reads: it never runs backwards and never jumps.
export function bootStarts(lines) {
  const starts = new Map();
  const lastAt = new Map(); // device -> the last line of the boot before, or of this one
  for (const line of lines) {
    const { device, boot = 0, at } = line;
    const key = `${device} ${boot}`;
    if (!starts.has(key)) {
      const up = upAtFirst(line, lastAt.get(device) ?? -Infinity);
      starts.set(key, boot === 0 && !line.clock ? upBefore(lines) : Date.parse(at) - up);
    }
    lastAt.set(device, Date.parse(at));
  }
  return starts;
}

// What the agencies of the weeks are called, where a person reads it.
export const LABELS = {
  'street-outreach': 'Street Outreach Team', friary: 'The Friary', 'homeless-health': 'Homeless Health Team', 'womens-aid': 'Women\'s Aid',
};

export class Week {
  constructor(world, dir, played = readWeek(dir)) {
    Object.assign(this, { world, dir, ...played });
    this.starts = bootStarts(this.lines);
    this.hubSince = upBefore(this.lines);
    this.names = new Map(); // the script's name for a record -> the program's
    this.refs = new Map(); // and back
    this.written = new Map(); // line -> name of the change it became, null where nothing changed
    this.last = new Map(); // device -> line of its last sync
    this.lastConsentAtHub = 0;
    this.unsentConsents = new Map(); // device -> consent lines not at the hub yet
  }

  // `labels`: what the agencies are called on the pages, where their ids will not do.
  async setUp(labels = {}) {
    const { world } = this;
    const first = Date.parse(this.lines[0].at) - MINUTE;
    this.setHubClock(first);
    await world.hub(['init']);
    for (const [agency, { agreement }] of Object.entries(this.expect.agencies)) {
      await world.hub(['agency', 'add', agency, labels[agency] ?? agency]);
      if (agreement === 'none') continue;
      const dates = agreement === 'signed' ? [] : ['--until', agreement];
      await world.hub(['agency', 'sign', agency, ...dates]);
    }
    await world.serve();
  }

  setHubClock(ms) {
    this.world.hubClock.set(ms, ms - this.hubSince, 'hub');
  }

  setClocks(line) {
    const at = Date.parse(line.at);
    const boot = line.boot ?? 0;
    const wall = line.clock ? Date.parse(line.clock) : at;
    this.setHubClock(at);
    this.world.devices.get(line.device).clock.set(wall, at - this.starts.get(`${line.device} ${boot}`), `${line.device}-${boot}`);
  }

  // The week is over: every clock comes to the moment of its last line, a wrong one as wrong as it was.
  settleClocks() {
    const endedAt = Date.parse(this.lines.at(-1).at);
    const lastAt = new Map(this.lines.map(({ device, at }) => [device, Date.parse(at)]));
    for (const [name, device] of this.world.devices) device.clock.pass(endedAt - lastAt.get(name));
    this.setHubClock(endedAt);
    return endedAt;
  }

  // Plays one line; the device is enrolled right before its first.
  async play(line) {
    const { world } = this;
    const isNew = !world.devices.has(line.device);
    const device = world.device(line.device, {
      agency: this.agencyOf.get(line.device), kiosk: this.expect.kiosks.includes(line.device),
    });
    this.setClocks(line);
    if (isNew) {
      await device.init();
      await device.enrol();
    }
    if (line.op === 'sync') {
      await device.json(['sync']);
      this.noteSync(line);
    } else {
      await this.record(device, line);
    }
  }

  async record(device, line) {
    const named = (value) => (Array.isArray(value) ? value.map(named) : this.names.get(value) ?? value);
    const set = Object.fromEntries(Object.entries(line.set).map(([field, value]) => [
      field, RECORD_FIELDS.includes(field) ? named(value) : value,
    ]));
    const { name } = await device.import({
      op: line.op, entity: line.entity, worker: line.worker, set,
      ...(line.op === 'create' ? {} : { record: this.names.get(line.ref) }),
    });
    this.written.set(line.n, name ?? null);
    if (line.op === 'create') {
      this.names.set(line.ref, name);
      this.refs.set(name, line.ref);
    }
    if (['consent'].includes(line.entity) || ['join', 'unjoin'].includes(line.op)) {
      const waiting = this.unsentConsents.get(line.device) ?? [];
      this.unsentConsents.set(line.device, [...waiting, line.n]);
    }
  }

  noteSync(line) {
    this.last.set(line.device, line.n);
    if ((this.unsentConsents.get(line.device) ?? []).length > 0) {
      this.lastConsentAtHub = line.n;
      this.unsentConsents.delete(line.device);
    }
  }
}

// Plays a week (script.jsonl in the form of tests/data/winter-week) through a World, line by line.
import fs from 'node:fs';
import path from 'node:path';

const KIOSK_CLOCK_EPOCH = Date.parse('2023-06-01T00:00:00Z'); // what a machine without a battery starts with
const BOOT_0_UP_SINCE = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

export function readWeek(dir) {
  const lines = fs.readFileSync(path.join(dir, 'script.jsonl'), 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l));
  const expect = JSON.parse(fs.readFileSync(path.join(dir, 'expect.json'), 'utf8'));
  const agencyOf = new Map();
  for (const [agency, { devices }] of Object.entries(expect.agencies)) {
    for (const device of devices) agencyOf.set(device, agency);
  }
  return { lines, expect, agencyOf };
}

// When each boot of each device began: its machine has been up since one minute before its first line.
function bootStarts(lines) {
  const starts = new Map();
  for (const { device, boot = 0, at } of lines) {
    const key = `${device} ${boot}`;
    if (!starts.has(key)) starts.set(key, boot === 0 ? BOOT_0_UP_SINCE : Date.parse(at) - MINUTE);
  }
  return starts;
}

export class Week {
  constructor(world, dir) {
    Object.assign(this, { world, dir, ...readWeek(dir) });
    this.starts = bootStarts(this.lines);
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
    this.world.hubClock.set(ms, ms - BOOT_0_UP_SINCE, 'hub');
  }

  setClocks(line) {
    const at = Date.parse(line.at);
    const boot = line.boot ?? 0;
    const wall = line.clock ? Date.parse(line.clock) : at;
    const up = line.clock ? wall - KIOSK_CLOCK_EPOCH : at - this.starts.get(`${line.device} ${boot}`);
    this.setHubClock(at);
    this.world.devices.get(line.device).clock.set(wall, up, `${line.device}-${boot}`);
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
    const set = Object.fromEntries(Object.entries(line.set).map(([field, value]) => [
      field, typeof value === 'string' && this.names.has(value) && ['person', 'same_as'].includes(field) ? this.names.get(value) : value,
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

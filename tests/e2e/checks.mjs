// Holds what the programs say against what a week expects (expect.json).  Everything is read through the
// programs' own commands, but for text_absent, which reads a device's files byte by byte.
//
// Each check throws with the reason where it does not hold.
import fs from 'node:fs';
import path from 'node:path';

const need = (condition, why) => { if (!condition) throw new Error(why); };
const show = (value) => JSON.stringify(value);

// As the program compares: numbers written with spaces are the same number, sets have no order.
function normal(value) {
  if (typeof value === 'string') return /^[+()\d\s-]+$/.test(value) ? value.replace(/[\s()-]/g, '') : value.trim();
  if (Array.isArray(value)) return value.map(normal).sort();
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, normal(v)]));
  return value;
}
function matches(found, wanted) {
  if (wanted && typeof wanted === 'object' && !Array.isArray(wanted)) {
    return Object.entries(wanted).every(([key, value]) => found && matches(found[key], value));
  }
  return show(normal(found)) === show(normal(wanted));
}

// Every file below a folder, whole.
function* files(dir) {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const at = path.join(dir, entry.name);
    if (entry.isDirectory()) yield* files(at);
    else if (entry.isFile()) yield [at, fs.readFileSync(at).toString('latin1').toLowerCase()];
  }
}

// The bytes of UTF-8 text as the files are read: one character a byte, lower case.
const asRead = (text) => Buffer.from(text, 'utf8').toString('latin1').toLowerCase();

function whereIs(device, text) {
  const wanted = asRead(text);
  for (const [at, content] of files(device.dir)) {
    if (content.includes(wanted)) return path.basename(at);
  }
  return null;
}

export class Checks {
  constructor(week) {
    this.week = week;
    this.world = week.world;
    this.everHeld = new Map(); // device -> set of names, over all its syncs
  }

  device(name) {
    return this.world.devices.get(name);
  }
  name(ref) {
    need(this.week.names.has(ref), `the script made no ${ref}`);
    return this.week.names.get(ref);
  }
  async exported(deviceName) {
    return this.device(deviceName).jsonLines(['export']);
  }
  async held(deviceName) {
    return new Set((await this.exported(deviceName)).filter((record) => !record.bare).map((record) => record.name));
  }
  async record(deviceName, ref) {
    return this.device(deviceName).json(['show', this.name(ref)]);
  }

  // To be called after each sync of a device.
  async note(deviceName) {
    const ever = this.everHeld.get(deviceName) ?? new Set();
    for (const name of await this.held(deviceName)) ever.add(name);
    this.everHeld.set(deviceName, ever);
  }

  async hold(check) {
    need(typeof this[check.check] === 'function', `no such check: ${check.check}`);
    await this[check.check](check);
  }

  async in_hub_log_once({ except_lines: except = [] }) {
    const times = new Map();
    for (const { name } of await this.world.hubJsonLines(['log'])) times.set(name, (times.get(name) ?? 0) + 1);
    for (const line of this.week.lines.filter(({ op }) => op !== 'sync')) {
      const name = this.week.written.get(line.n);
      if (except.includes(line.n) && !name) continue;
      need(name, `line ${line.n} wrote nothing`);
      need(times.get(name) === 1, `line ${line.n} (${name}) is in the hub's log ${times.get(name) ?? 0} times`);
    }
    need(times.size === [...this.week.written.values()].filter(Boolean).length, `the hub's log holds ${times.size} changes, the script made ${this.week.written.size}`);
  }

  async value({ device, ref, field, value }) {
    const found = (await this.record(device, ref)).fields[field]?.shown;
    need(matches(found, value), `shows ${show(found)}`);
  }

  async conflict_open({ on, ref, field, values }) {
    for (const device of on) {
      const state = (await this.record(device, ref)).fields[field];
      const heads = (state?.heads ?? []).map(({ value }) => normal(value)).sort();
      need(state?.conflict === true, `${device}: no conflict is open`);
      need(show(heads) === show(normal(values)), `${device}: open are ${show(heads)}`);
    }
  }

  async no_conflict({ on, ref, field }) {
    for (const device of on) {
      const state = (await this.record(device, ref)).fields[field];
      need(state && state.conflict === false, `${device}: ${state ? `open are ${show(state.heads.map(({ value }) => value))}` : 'has no such field'}`);
    }
  }

  async told({ device, ref, field, value_kept: kept }) {
    const { items } = await this.device(device).json(['review']);
    const about = items.filter((item) => item.record === this.name(ref) && (!field || item.field === field) && item.mine !== false);
    need(about.length > 0, 'there is no item about it');
    need(about.some((item) => item.shown !== undefined && item.kept?.length > 0), `names no value shown and kept: ${show(about)}`);
    need(!kept || about.some((item) => item.kept.some(({ value }) => matches(value, kept))), `kept is ${show(about.map((i) => i.kept))}`);
  }

  async consent({ person, kind, agency, purpose, effective }) {
    const args = ['consent', this.name(person), '--agency', agency, '--kind', kind, '--purpose', purpose];
    const verdict = ({ in_force: inForce }) => inForce.find((c) => c.agency === agency && c.kind === kind && c.purpose === purpose)?.effective ?? 'none';
    const atHub = verdict(await this.world.hubJson(args));
    need(atHub === effective, `the hub says ${atHub}`);
    for (const [name, device] of this.world.devices) {
      if ((this.week.last.get(name) ?? 0) < this.week.lastConsentAtHub) continue;
      if (!(await this.held(name)).has(this.name(person))) continue;
      const there = verdict(await device.json(args));
      need(there === effective, `${name} says ${there}`);
    }
  }

  async holds({ device, refs }) {
    const held = await this.held(device);
    const missing = refs.filter((ref) => !held.has(this.name(ref)));
    need(missing.length === 0, `has no ${missing.join(', ')}`);
  }

  async never_held({ device, refs }) {
    const ever = this.everHeld.get(device) ?? new Set();
    const had = refs.filter((ref) => ever.has(this.name(ref)));
    need(had.length === 0, `had ${had.join(', ')}`);
  }

  async gave_back({ device, refs }) {
    const ever = this.everHeld.get(device) ?? new Set();
    const held = await this.held(device);
    const never = refs.filter((ref) => !ever.has(this.name(ref)));
    const still = refs.filter((ref) => held.has(this.name(ref)));
    need(never.length === 0, `never had ${never.join(', ')}`);
    need(still.length === 0, `still has ${still.join(', ')}`);
  }

  async holds_nothing({ device }) {
    const held = await this.held(device);
    need(held.size === 0, `has ${held.size} records`);
  }

  async text_absent({ device, text }) {
    const records = show(await this.exported(device)).toLowerCase();
    const words = text.match(/[\p{L}]{8,}/gu) ?? [];
    const mustBeAbsent = [text, ...words.filter((word) => !records.includes(word.toLowerCase()))];
    for (const wanted of mustBeAbsent) {
      const at = whereIs(this.device(device), wanted);
      need(!at, `"${wanted}" is in ${at}`);
    }
    // The search itself is held to the test: on a device that holds the text it must find it.
    const holders = [];
    for (const [name, other] of this.world.devices) {
      if (show(await this.exported(name)).includes(text)) holders.push(other);
    }
    need(holders.length > 0, 'no device holds the text, so the search proves nothing');
    for (const holder of holders) {
      need(whereIs(holder, text), `the search does not find it on ${holder.name} either`);
    }
  }

  async joined({ refs, on }) {
    const wanted = refs.map((ref) => this.name(ref));
    for (const device of on) {
      for (const ref of refs) {
        const { joined } = await this.record(device, ref);
        need(wanted.every((name) => joined?.includes(name)), `${device}: ${ref} is joined with ${show(joined)}`);
      }
    }
  }

  async time({ device, ref, at, within_s: withinS, between, shown_as: shownAs }) {
    const record = await this.record(device, ref);
    const shown = Date.parse(record.at);
    if (at && Math.abs(shown - Date.parse(at)) <= withinS * 1000) return;
    need(between, `shows ${record.at}`);
    const [from, to] = between.map(Date.parse);
    need(shown >= from && shown <= to, `shows ${record.at}`);
    need(shownAs !== 'uncertain' || record.uncertain === true, `shows ${record.at} as certain`);
  }

  async order({ device, list, refs }) {
    const command = { help_requests: 'requests', actions: 'actions' }[list];
    need(command, `no such list: ${list}`);
    const names = (await this.device(device).json([command, '--all']))[list].map(({ name }) => name);
    const places = refs.map((ref) => names.indexOf(this.name(ref)));
    need(places.every((at) => at >= 0), `lists ${show(names.map((name) => this.week.refs.get(name)))}`);
    need(places.every((at, i) => i === 0 || at > places[i - 1]), `lists ${show(names.map((name) => this.week.refs.get(name)))}`);
  }
}

// One line that says what a check is about.
export function title({ check, after_line: after, why, ...rest }) {
  const parts = Object.entries(rest).map(([key, value]) => `${key} ${typeof value === 'string' ? value : show(value)}`);
  return `${check}${after ? ` after line ${after}` : ''}: ${parts.join(', ')}`;
}

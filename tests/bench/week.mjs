// The workload that the peers were measured on, through real processes over TLS on loopback.
// Usage: week [--reps N] [--only W1,W2,W3,W3-slow,read] DIR      (DIR: what the workload's generator wrote)
// Prints one JSON object a line; tests/bench/README.md says what each name means.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { World } from '../e2e/world.mjs';
import { Relay } from './relay.mjs';

const bin = process.env.TEAPOT_BIN;
const plainProgram = process.env.TEAPOT_PLAIN;

function usage(problem) {
  console.error(`${problem}\nUsage: tests/bench/week [--reps N] [--only W1,W2,W3,W3-slow,read] DIR`);
  process.exit(2);
}

function readArguments(args) {
  const options = { reps: 3, only: null, dir: null };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--reps') options.reps = Number(args[++i]) || usage('--reps needs a number.');
    else if (args[i] === '--only') options.only = (args[++i] ?? usage('--only needs names.')).split(',');
    else if (args[i].startsWith('-')) usage(`Unknown option ${args[i]}.`);
    else options.dir = args[i];
  }
  if (!options.dir || !fs.existsSync(path.join(options.dir, 'contacts.jsonl'))) usage('Which workload? The folder has no contacts.jsonl.');
  return options;
}

const rowsOf = (dir, name) => fs.readFileSync(path.join(dir, `${name}.jsonl`), 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l));

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const p99 = (numbers) => [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length * 0.99) - 1];
const seconds = (ms) => Math.round(ms) / 1000;
const round = (n, digits = 0) => Number(n.toFixed(digits));

function databaseBytes(dir, file) {
  return ['', '-wal'].reduce((sum, end) => sum + (fs.existsSync(path.join(dir, file + end)) ? fs.statSync(path.join(dir, file + end)).size : 0), 0);
}

function peakKb(pid) {
  return Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]);
}

// A command with input, timed from outside.
function timed(device, args, input) {
  const began = process.hrtime.bigint();
  const out = execFileSync(device.program, ['--dir', device.dir, ...args], { input, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 1 << 30, encoding: 'utf8' });
  return { out, ms: Number(process.hrtime.bigint() - began) / 1e6 };
}

class Bench {
  constructor(dir, rep) {
    Object.assign(this, { dir, rep, rows: Object.fromEntries(['persons', 'contacts', 'extra', 'edits-a', 'edits-b'].map((n) => [n, rowsOf(dir, n)])) });
    this.names = new Map(); // the workload's id -> the program's name
  }

  async setUp() {
    this.data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-bench-'));
    this.world = new World({ bin, data: this.data });
    await this.world.hub(['init']);
    for (const agency of ['agency-a', 'agency-b']) {
      await this.world.hub(['agency', 'add', agency, agency]);
      await this.world.hub(['agency', 'sign', agency]);
    }
    await this.world.serve();
    this.relay = new Relay(this.world.port);
    await this.relay.listen();
    this.a = await this.device('a', 'agency-a');
    this.b = await this.device('b', 'agency-b');
  }

  async device(name, agency, url = this.world.url) {
    const device = this.world.device(name, { agency, kiosk: false });
    await device.init();
    const { code } = await this.world.hubJson(['device', 'code', '--agency', agency, '--label', name]);
    await device.teapot(['enrol', code, '--hub', url]);
    return device;
  }

  async tearDown() {
    await this.relay.close();
    await this.world.stop();
    fs.rmSync(this.data, { recursive: true, force: true });
  }

  import(device, lines) {
    const { out, ms } = timed(device, ['import', '-'], lines.map((l) => JSON.stringify(l)).join('\n') + '\n');
    const answers = out.split('\n').filter(Boolean).map((l) => JSON.parse(l));
    const bad = answers.find((a) => a.error);
    if (bad || answers.length !== lines.length) throw new Error(`import: ${JSON.stringify(bad ?? answers.length)}`);
    return { answers, ms };
  }

  sync(device) {
    return device.json(['sync']);
  }

  person({ name, sex, born, place, phone, note }) {
    return { op: 'create', entity: 'person', worker: 'chw-001', set: { preferred_name: name, sex: { f: 'female', m: 'male' }[sex], born, place, phone, note } };
  }
  consent(person) {
    return { op: 'create', entity: 'consent', worker: 'chw-001', set: { person, decision: 'given', agencies: ['agency-a', 'agency-b'], kinds: ['housing', 'physical_health'], purposes: ['support'], how: 'spoken', wording: 'short-spoken', wording_version: 2, capacity: 'believed_to_have' } };
  }
  contact({ person_id: person, at, worker, place, kind, note }) {
    return { op: 'create', entity: 'contact', worker, set: { person: this.names.get(person), happened_at: at, place, kind, note } };
  }

  // People with a consent for everybody, at the hub and on A; B has them too when `onBoth`.
  async people({ onBoth }) {
    const { answers } = this.import(this.a, this.rows.persons.map((p) => this.person(p)));
    this.rows.persons.forEach((p, i) => this.names.set(p.id, answers[i].name));
    this.import(this.a, this.rows.persons.map((p) => this.consent(this.names.get(p.id))));
    await this.sync(this.a);
    if (onBoth) await this.sync(this.b);
  }

  plain() {
    return JSON.parse(execFileSync(plainProgram, [path.join(this.dir, 'contacts.jsonl'), path.join(this.data, 'plain.db')], { encoding: 'utf8' }));
  }

  async exported(device) {
    return (await device.jsonLines(['export'])).filter((r) => r.entity === 'contact')
      .map((r) => JSON.stringify([r.name, Object.entries(r.fields).map(([f, { shown }]) => [f, shown])])).sort();
  }

  print(w, fields) {
    console.log(JSON.stringify({ peer: 'teapot', w, rep: this.rep, ...fields }));
  }

  async W1() {
    await this.people({ onBoth: false });
    const plain = this.plain();
    const rows = this.rows.contacts.length;
    const local = this.import(this.a, this.rows.contacts.map((c) => this.contact(c)));
    const up = await this.sync(this.a);
    const down = await this.sync(this.b); // the people and their consents too: down counts them as rows
    const same = JSON.stringify(await this.exported(this.a)) === JSON.stringify(await this.exported(this.b));
    const downRows = down.received;
    const sizes = {
      rss_device_kb: Math.max(up.peak_kb, down.peak_kb), rss_hub_kb: peakKb(this.world.server.pid),
      db_a_bytes: databaseBytes(this.a.dir, 'node.db'), db_b_bytes: databaseBytes(this.b.dir, 'node.db'), db_hub_bytes: databaseBytes(this.world.hubDir, 'hub.db'),
    };
    const tls = await this.tlsBytes();
    this.print('W1', {
      rows, local_rows_s: round(rows / local.ms * 1000), plain_local_rows_s: plain.single_rows_s, bulk_rows_s: plain.bulk_rows_s,
      up_s: seconds(up.ms), up_rows_s: round(rows / up.ms * 1000), down_s: seconds(down.ms), down_rows_s: round(downRows / down.ms * 1000), same,
      up_wire_row: round((up.bytes_out + up.bytes_in) / rows, 1), down_wire_row: round((down.bytes_out + down.bytes_in) / downRows, 1),
      ...tls, up_requests: up.requests, down_requests: down.requests,
      ...sizes, bulk_ratio_up: round(rows / up.ms * 1000 / plain.bulk_rows_s, 3), local_ratio: round(rows / local.ms * 1000 / plain.single_rows_s, 3), load: round(os.loadavg()[0], 1),
      fsync_us: plain.fsync_us,
    });
  }

  // What the same rows cost on the wire under TLS: one more device, through a relay that counts, takes
  // everything and then writes as many contacts of its own.
  async tlsBytes() {
    const device = await this.device('tls', 'agency-a', `https://127.0.0.1:${this.relay.port}`);
    this.relay.reset();
    const down = await this.sync(device);
    const downBytes = this.relay.bytes;
    this.import(device, this.rows.contacts.map((c) => this.contact(c)));
    this.relay.reset();
    const up = await this.sync(device);
    return { up_tls_row: round(this.relay.bytes / up.accepted, 1), down_tls_row: round(downBytes / down.received, 1) };
  }

  async W2() {
    await this.people({ onBoth: true });
    const edit = ({ id, set }) => ({ op: 'update', entity: 'person', record: this.names.get(id), worker: 'chw-002', set });
    this.import(this.a, this.rows['edits-a'].map(edit));
    this.import(this.b, this.rows['edits-b'].map(edit));
    const syncs = [await this.sync(this.b), await this.sync(this.a), await this.sync(this.b)];
    const [onA, onB] = [await this.shown(this.a), await this.shown(this.b)];
    const result = { diff_field_both_kept: 0, diff_field_lost: 0, same_field_a_wins: 0, same_field_b_wins: 0 };
    this.rows['edits-b'].forEach(({ id, set }, i) => {
      const person = onA.get(this.names.get(id));
      const phoneA = this.rows['edits-a'][i].set.phone;
      if (set.place) result[person.place === set.place && person.phone === phoneA ? 'diff_field_both_kept' : 'diff_field_lost']++;
      else if (person.phone === phoneA) result.same_field_a_wins++;
      else if (person.phone === set.phone) result.same_field_b_wins++;
    });
    const conflicts = async (device) => (await device.json(['review'])).items.filter((i) => i.kind === 'conflict').length;
    this.print('W2', {
      rows: this.rows.persons.length, replicas_agree: JSON.stringify([...onA]) === JSON.stringify([...onB]), ...result,
      conflicts_visible_a: await conflicts(this.a), conflicts_visible_b: await conflicts(this.b),
      sync_s: seconds(syncs.reduce((sum, s) => sum + s.ms, 0)), wire_bytes: syncs.reduce((sum, s) => sum + s.bytes_out + s.bytes_in, 0),
    });
  }

  async shown(device) {
    const people = (await device.jsonLines(['export'])).filter((r) => r.entity === 'person').sort((x, y) => (x.name < y.name ? -1 : 1));
    return new Map(people.map((p) => [p.name, { place: p.fields.place?.shown, phone: p.fields.phone?.shown }]));
  }

  async W3() {
    await this.people({ onBoth: true });
    this.import(this.a, this.rows.contacts.map((c) => this.contact(c)));
    await this.sync(this.a);
    await this.sync(this.b);
    await this.sync(this.a);
    this.import(this.a, this.rows.extra.map((c) => this.contact(c)));
    const up = await this.sync(this.a);
    const down = await this.sync(this.b);
    await this.sync(this.a);
    const idle = await this.sync(this.a);
    const of = (name, s) => ({ [`${name}_bytes`]: s.bytes_out + s.bytes_in, [`${name}_requests`]: s.requests, [`${name}_ms`]: round(s.ms, 1) });
    this.print('W3', { rows: this.rows.extra.length, ...of('up', up), ...of('down', down), ...of('idle', idle) });
  }

  // The background process keeps its connection, so its syncs show what a kept or a resumed one costs.
  async W3_slow() {
    const delayMs = 100;
    const slow = new Relay(this.world.port, { delayMs });
    await slow.listen();
    const via = `https://127.0.0.1:${slow.port}`;
    const a = await this.device('a-slow', 'agency-a', via);
    const b = await this.device('b-slow', 'agency-b', via);
    const { answers } = this.import(a, this.rows.persons.map((p) => this.person(p)));
    this.rows.persons.forEach((p, i) => this.names.set(p.id, answers[i].name));
    this.import(a, this.rows.persons.map((p) => this.consent(this.names.get(p.id))));
    await this.sync(a);
    await this.sync(b);
    const extra = () => this.rows.extra.map((c) => this.contact(c));
    this.import(a, extra());
    const fresh = await this.sync(a);
    await this.sync(b);
    const result = { rows: this.rows.extra.length, rtt_ms: 2 * delayMs };
    const runA = new Runner(a);
    await runA.next(); // its first sync makes the connection
    this.import(a, extra());
    result.up_kept_ms = round((await runA.nextWith((s) => s.sent > 0)).ms);
    slow.cut(); // the connection ends; the TLS session is still known
    this.import(a, extra());
    result.up_resumed_ms = round((await runA.nextWith((s) => s.sent > 0 && s.rc === 'ok')).ms);
    await runA.stop();
    result.up_new_ms = round(fresh.ms);
    const runB = new Runner(b);
    await runB.next();
    this.import(a, extra());
    await this.sync(a);
    runB.poke();
    result.down_kept_ms = round((await runB.nextWith((s) => s.received > 0)).ms);
    await runB.stop();
    await slow.close();
    this.print('W3-slow', result);
  }

  // 100,000 contacts about the workload's people, one of them with 500.
  async read() {
    const want = 100_000;
    await this.people({ onBoth: false });
    const people = this.rows.persons.map((p) => p.id);
    const [special] = people;
    const source = this.rows.contacts;
    const lines = Array.from({ length: want }, (_, i) => {
      const row = source[i % source.length];
      const id = i < 500 ? special : people[1 + i % (people.length - 1)];
      return this.contact({ ...row, person_id: id });
    });
    this.import(this.a, lines);
    const times = (args, count) => Array.from({ length: count }, () => timing(this.a, args));
    const timelines = times(['timeline', this.names.get(special), '--json'], 30);
    const names = this.rows.persons.slice(0, 100).map((p) => p.name.split(' ')[0]);
    const finds = names.flatMap((name) => times(['find', name, '--json'], 1));
    const starts = times(['status', '--json'], 30);
    const both = (name, all, key) => ({ [`${name}_ms`]: round(median(all.map((t) => t[key])), 2), [`${name}_ms_p99`]: round(p99(all.map((t) => t[key])), 2) });
    const { entries } = await this.a.json(['timeline', this.names.get(special)]);
    this.print('read', {
      rows: want, contacts: want, timeline_entries: entries.filter((e) => e.entity === 'contact').length,
      ...both('timeline', timelines, 'command_ms'), ...both('find', finds, 'command_ms'), ...both('start', starts, 'wall_ms'),
    });
  }
}

function timing(device, args) {
  const file = path.join(device.world.data, 'timing');
  const began = process.hrtime.bigint();
  execFileSync('/bin/sh', ['-c', 'exec "$0" "$@" >/dev/null 2>"$TIMING"', device.program, '--dir', device.dir, ...args, '--timing'], { env: { ...process.env, TIMING: file } });
  const wallMs = Number(process.hrtime.bigint() - began) / 1e6;
  const last = fs.readFileSync(file, 'utf8').trim().split('\n').at(-1);
  return { ...JSON.parse(last), wall_ms: wallMs };
}

// `teapot run --json`: one line a sync.
class Runner {
  constructor(device) {
    this.child = spawn(device.program, ['--dir', device.dir, 'run', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.lines = [];
    this.waiting = [];
    let rest = '';
    this.child.stdout.on('data', (bytes) => {
      const parts = (rest + bytes).split('\n');
      rest = parts.pop();
      for (const part of parts.filter(Boolean)) {
        const line = JSON.parse(part);
        if (this.waiting.length > 0) this.waiting.shift()(line);
        else this.lines.push(line);
      }
    });
  }
  next() {
    if (this.lines.length > 0) return Promise.resolve(this.lines.shift());
    return new Promise((resolve) => this.waiting.push(resolve));
  }
  async nextWith(wanted) {
    for (;;) {
      const line = await this.next();
      if (wanted(line)) return line;
    }
  }
  poke() {
    this.child.kill('SIGUSR1');
  }
  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}

const { dir, reps, only } = readArguments(process.argv.slice(2));
for (const w of (only ?? ['W1', 'W2', 'W3', 'W3-slow', 'read'])) {
  for (let rep = 1; rep <= (w === 'read' ? 1 : reps); rep++) {
    const bench = new Bench(dir, rep);
    try {
      await bench.setUp();
      await bench[w.replace('-', '_')]();
    } finally {
      await bench.tearDown();
    }
  }
}

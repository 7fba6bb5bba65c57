// P18: nothing that identifies a person is in what the programs say of themselves: errors, logs, paths.
// A week is played through real processes, then everything goes wrong that a log is kept for.
//
// Shows P18.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Week } from './week.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-diagnostics-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const week = new Week(world, 'tests/data/winter-week');
const said = []; // [who, what], all of it

// ---- What must not be said ----

const CODES = new Set(['decision', 'how', 'capacity', 'wording', 'kind', 'kinds', 'purposes', 'agencies', 'agency', 'level', 'status', 'route', 'role', 'reason', 'ethnic_group', 'sex', 'gender_identity']);

function* texts(value, field) {
  if (typeof value === 'string' && !CODES.has(field)) yield value;
  else if (Array.isArray(value)) for (const one of value) yield* texts(one, field);
  else if (value && typeof value === 'object') for (const [name, one] of Object.entries(value)) yield* texts(one, name);
}

// Whole values, every three words of a longer one, each word of a name, and what is written like a name.
function secretsOf(lines) {
  const secrets = new Set();
  for (const { worker, set = {} } of lines) {
    for (const field of ['preferred_name', 'legal_name', 'name']) {
      for (const word of (set[field] ?? '').split(/[^\p{L}]+/u)) if (word.length > 2) secrets.add(word);
    }
    if (worker) secrets.add(worker);
    const { person, about, same_as: sameAs, ...told } = set;
    for (const text of texts(told)) {
      const words = text.split(/\s+/);
      if (text.length > 5) secrets.add(text);
      for (const [, name] of text.matchAll(/\p{Ll},? (\p{Lu}\p{L}{3,})/gu)) secrets.add(name);
      for (let i = 0; i + 3 <= words.length; i++) secrets.add(words.slice(i, i + 3).join(' '));
    }
    for (const field of ['nhs_number', 'phone']) if (set[field]) secrets.add(set[field].replace(/\s/g, ''));
  }
  // What a script says and a program may say for its own reasons: times, names of records and agencies.
  return [...secrets].filter((one) => !/^\d{4}-\d\d-\d\d/.test(one) && !/^[a-z]+(-[a-z0-9]+)+$/.test(one) && one.length > 2);
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
function assertSilent(secrets, who, what) {
  for (const secret of secrets) {
    const as = new RegExp(`(?<![\\p{L}\\p{N}])${escape(secret)}(?![\\p{L}\\p{N}])`, 'u');
    const at = what.search(as);
    assert.ok(at < 0, `${who} says "${secret}": ...${what.slice(Math.max(0, at - 80), at + 80)}...`);
  }
}

// ---- Playing ----

// `teapot run` with all that it says, to people and to machines.
class Running {
  constructor(device, args) {
    Object.assign(this, { device, text: '', process: device.start(['run', ...args]) });
    for (const from of [this.process.stdout, this.process.stderr]) from.on('data', (bytes) => { this.text += bytes; });
    this.exited = once(this.process, 'close');
  }
  // What it says from now on has these words.
  async says(words, deed) {
    const from = this.text.length;
    const deadline = Date.now() + 30_000;
    await deed();
    while (!words.test(this.text.slice(from))) {
      assert.ok(Date.now() < deadline && this.process.exitCode === null, `run says ${words}: ${this.text}`);
      await sleep(50);
    }
  }
  async end(signal = 'SIGTERM') {
    this.process.kill(signal);
    await this.exited;
    said.push([`run on ${this.device.name}`, this.text]);
  }
}

// A command of which only the diagnostics are wanted, whether it fails or not.
async function diagnose(who, running) {
  try {
    await running;
  } catch (error) {
    said.push([who, `${error.stderr ?? ''}`]);
    return `${error.stderr ?? ''}${error.stdout ?? ''}`;
  }
  return '';
}

let secrets;
before(async () => {
  await week.setUp();
  for (const line of week.lines) await week.play(line);
  secrets = secretsOf(week.lines);
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('there is enough to look for', () => {
  for (const one of ['Baz', 'Biscuit', 'Dee', 'Central Library steps']) assert.ok(secrets.includes(one), one);
  assert.ok(secrets.length > 300, `${secrets.length}`);
});

for (const args of [['--json'], []]) {
  test(`the background process, with and without a hub: run ${args}`, async () => {
    const van = world.devices.get('van');
    const contact = { op: 'create', entity: 'contact', worker: 'Dee', set: { person: week.names.get('p-baz'), note: 'Baz at the Central Library with Biscuit' } };
    const running = new Running(van, args);
    try {
      const isMachine = args.length > 0;
      await running.says(isMachine ? /"rc":"ok"/ : /Sent/, () => van.import(contact));
      await world.stop('SIGKILL');
      await running.says(/connect/i, () => van.import(contact));
      await world.serve();
      await running.says(isMachine ? /"rc":"ok"/ : /Sent/, () => { running.process.kill('SIGUSR1'); });
    } finally {
      await running.end();
    }
  });
}

test('a device that is refused', async () => {
  const van = world.devices.get('van');
  const [, id] = (await world.hub(['device', 'list', '--json'])).match(/\{[^}]*"van"[^}]*\}/)[0].match(/"(?:id|device)":\s*"([^"]+)"/);
  await world.hub(['device', 'revoke', id]);
  const refusal = await diagnose('sync, revoked', van.teapot(['sync']));
  assert.match(refusal, /revoked|refus|no longer/i);
});

test('what is refused is named by its field, not by what it said', async () => {
  const friary = [...world.devices.values()].find(({ kiosk, name }) => !kiosk && name !== 'van');
  const bad = [
    ['person', { preferred_name: 'Shaun Mullane-Xu', nhs_number: '943 476 5918' }, ['5918', 'Mullane-Xu']],
    ['person', { preferred_name: 'Shaun Mullane-Xu', phone: 'the one on Derby Road' }, ['Derby Road', 'Mullane-Xu']],
    ['person', { preferred_name: 'Shaun Mullane-Xu', born: 'the year of Mafeking' }, ['Mafeking', 'Mullane-Xu']],
    ['contact', { person: 'Shaun Mullane-Xu', note: 'x' }, ['Mullane-Xu']],
    ['contact', { person: week.names.get('p-baz'), note: 'x', happened_at: 'when Biscuit barked' }, ['Biscuit']],
  ];
  for (const [entity, set, never] of bad) {
    let text = '';
    try {
      await friary.import({ op: 'create', entity, worker: 'Kim', set });
      assert.fail(`${JSON.stringify(set)} was taken`);
    } catch (error) {
      text = error.message;
    }
    for (const one of never) assert.ok(!text.includes(one), `${JSON.stringify(set)}: ${text}`);
  }
});

test('the hub, whatever it is sent, and its paths', async () => {
  said.push(['the hub', world.serverErrors], ['the hub', world.serverSaid ?? '']);
  for (const args of [['health'], ['quarantine', 'list'], ['device', 'list'], ['agency', 'list']]) {
    said.push([`teapot-hub ${args[0]}`, await world.hub(args)]);
  }
  said.push(['paths', fs.readdirSync(data, { recursive: true }).join('\n')]);
  for (const [who, what] of said) assertSilent(secrets, who, what);
  assert.ok(said.some(([who, what]) => who.startsWith('run') && what.length > 100), 'something was said');
});

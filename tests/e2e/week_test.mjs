// What a script line means: clocks of weeks in any year, and lines that cannot be played.  No program runs here.
//
// Shows no promise: it is the reader of scripts that others stand on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { BadWeek, bootStarts, readWeek, Week } from './week.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-weeks-'));
after(() => fs.rmSync(data, { recursive: true, force: true }));
const real = 'tests/data/winter-week';

// A folder with these lines and this expectation.
function folder(lines, expect) {
  const dir = fs.mkdtempSync(path.join(data, 'week-'));
  fs.writeFileSync(path.join(dir, 'script.jsonl'), lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  fs.writeFileSync(path.join(dir, 'expect.json'), typeof expect === 'string' ? expect : JSON.stringify(expect));
  return dir;
}

// The winter week as if all of it, but for clocks that are wrong anyway, had been so many days later.
function shifted(days) {
  const later = (text) => text.replaceAll(/2026-\d\d-\d\d/g, (day) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10));
  const lines = fs.readFileSync(path.join(real, 'script.jsonl'), 'utf8').trim().split('\n').map(later);
  return folder(lines, later(fs.readFileSync(path.join(real, 'expect.json'), 'utf8')));
}

// Every reading a week gives: [device, boot, wall, up], and the hub's.
function readings(dir) {
  const all = [];
  const clock = (name) => ({ set: (wall, up, boot) => all.push({ name, wall, up, boot }) });
  const devices = new Map();
  const week = new Week({ hubClock: clock('hub'), devices }, dir);
  for (const line of week.lines) {
    if (!devices.has(line.device)) devices.set(line.device, { clock: clock(line.device) });
    week.setClocks(line);
  }
  return { all, lines: week.lines };
}

// An uptime is 0 or more, and goes on exactly as true time does while a boot lasts.
function holdUptimes({ all, lines }) {
  const since = new Map();
  all.forEach(({ name, up, boot }, i) => {
    const trueMs = Date.parse(lines[i >> 1].at); // the hub's clock and the device's are set for each line
    assert.ok(up >= 0, `${name} at ${lines[i >> 1].at}: up ${up}`);
    const key = `${name} ${boot}`;
    assert.equal(trueMs - up, since.get(key) ?? trueMs - up, `${key} at ${lines[i >> 1].at}`);
    since.set(key, trueMs - up);
  });
}

test('the winter week has the clocks that its description says', () => {
  const { all, lines } = readings(real);
  holdUptimes({ all, lines });
  for (const [i, line] of lines.entries()) {
    const { wall, up } = all[2 * i + 1];
    assert.equal(wall, Date.parse(line.clock ?? line.at));
    if (line.clock) assert.equal(up, wall - Date.parse('2023-06-01T00:00:00Z'), `line ${line.n}`);
    else assert.equal(up, wall - Date.parse('2026-01-01T00:00:00Z'), `line ${line.n}`);
  }
});

test('weeks of other years have uptimes as well', () => {
  for (const days of [-20_000, -2555, -800, -9, 0, 100, 5479, 30_000]) holdUptimes(readings(shifted(days)));
});

test('an uptime never follows the wall clock: set by hand, before 2023, or years ahead', () => {
  const at = (minutes) => new Date(Date.parse('2026-10-24T22:00:00Z') + minutes * 60_000).toISOString();
  const line = (n, minutes, more) => ({ n, at: at(minutes), device: 'd', op: 'sync', ...more });
  const lines = [
    line(1, 0, { clock: '1970-01-01T00:00:10Z' }),
    line(2, 10, { clock: '2039-01-01T00:00:00Z' }),
    line(3, 20), // somebody set it right
    line(4, 30, { clock: '2023-06-01T00:05:00Z', boot: 1 }), // up since minute 25
    line(5, 40, { clock: '2023-06-01T03:05:00Z', boot: 2 }), // as it says, it would have been up during boot 1
    line(6, 40, { boot: 3 }),
  ];
  holdUptimes(readings(folder(lines, { agencies: { a: { agreement: 'signed', devices: ['d'] } } })));
  const start = (boot) => (bootStarts(lines).get(`d ${boot}`) - Date.parse(at(0))) / 60_000;
  assert.deepEqual([start(0), start(1), start(2), start(3)], [-1, 25, 39, 40]);
});

test('a week that cannot be played says which line, and why', () => {
  const expect = { agencies: { a: { agreement: 'signed', devices: ['van'] } }, kiosks: [], checks: [] };
  const person = { n: 1, at: '2026-03-28T23:00:00Z', device: 'van', worker: 'Dee', op: 'create', entity: 'person', ref: 'p-1', set: { preferred_name: 'Baz' } };
  const next = { n: 2, at: '2026-03-29T01:30:00Z', device: 'van', worker: 'Dee', op: 'update', entity: 'person', ref: 'p-1', set: { phone: '07700 900001' } };
  assert.equal(readWeek(folder([person, next], expect)).lines.length, 2);
  assert.equal(readWeek(folder([person, '', { ...next, n: 7 }, '  '], { agencies: expect.agencies })).lines.length, 2, 'a line may be left out');
  const bad = [
    [{ ...next, at: '2026-03-28T22:59:59Z' }, /line 2: it is earlier than line 1/],
    [{ ...next, at: 'Sunday' }, /line 2: at is Sunday/],
    [{ ...next, at: '2026-13-29T01:30:00Z' }, /line 2: at is 2026-13/],
    [{ ...next, op: 'delete' }, /line 2: there is no op delete/],
    [{ ...next, op: 'constructor' }, /line 2: there is no op constructor/],
    [{ ...next, device: 'lorry' }, /line 2: no agency .* lorry/],
    [{ ...next, ref: 'p-2' }, /line 2: no line before made p-2/],
    [{ ...next, op: 'create' }, /line 2: a create names an entity and a new ref/],
    [{ ...next, op: 'join', set: { same_as: 'p-9' } }, /line 2: a join names two records/],
    [{ ...next, set: 'phone' }, /line 2: set is no object/],
    [{ ...next, clock: 'noon' }, /line 2: clock is noon/],
    [{ ...next, boot: -1 }, /line 2: boot is -1/],
    [{ ...next, n: 1 }, /line 2: n is 1/],
    ['{"n":2,', /line 2: this is no JSON/],
    ['7', /line 2: a line is an object/],
  ];
  for (const [line, why] of bad) assert.throws(() => readWeek(folder([person, line], expect)), (error) => error instanceof BadWeek && why.test(error.message), `${why}`);
  assert.throws(() => readWeek(folder([{ ...person, boot: 2 }, { ...next, boot: 1 }], expect)), /line 2: boot is 1/);
  assert.throws(() => readWeek(folder([], expect)), /there is no line/);
  const wrong = [
    ['{', /expect.json: this is no JSON/],
    [{ agencies: [] }, /agencies is no object/],
    [{ agencies: { a: { devices: ['van'] } } }, /the agreement of a is undefined/],
    [{ agencies: { ...expect.agencies, b: { agreement: 'none', devices: ['van'] } } }, /van is a device of a and of b/],
    [{ ...expect, checks: [{ check: 'holds', after_line: 3 }] }, /after line 3, and there is none/],
  ];
  for (const [what, why] of wrong) assert.throws(() => readWeek(folder([person, next], what)), (error) => error instanceof BadWeek && why.test(error.message), `${why}`);
});

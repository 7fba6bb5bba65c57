// Each refusal of sync/wire/FORMAT.md, provoked for real: it is answered as documented, exactly its metric goes
// up, by one, and nothing else at the hub is another than before.
//
// Shows P2, P18, P25.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { encode } from './cbor.mjs';
import { makeCertificate, makeKey, makeRequest, toPem } from './certificates.mjs';
import { CONSENT, CONTACT, Foreign, hex16, packBody, PERSON, post } from './foreign.mjs';
import { World } from './world.mjs';

const run = promisify(execFile);
const DAY = 86_400_000;
const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const DATABASE = path.join(process.env.TEAPOT_BIN, 'tests/e2e/e2e.database');
// What goes up with any request, or says how things stand.
const PASSING = /^teapot_hub_(connections_(open|total)|handshakes_total|(received|sent)_bytes|(sync|commit|judge)_seconds|disk_free|store_bytes|clock_back)/;

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-refusals-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const foreigners = [];
let good;
let other; // of agency two
let person;

const database = path.join(world.hubDir, 'hub.db');
const flip = (bytes, at = 0) => { const out = Buffer.from(bytes); out[at] ^= 1; return out; };
async function foreigner(agency, ...options) {
  const made = await new Foreign(world, agency, 'device').enrol(...options);
  foreigners.push(made);
  return made;
}

// Every table of the hub's database: name -> "rows digest".
async function tables() {
  const { stdout } = await run(DATABASE, ['digest', database]);
  return Object.fromEntries(stdout.trim().split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}
// Of the metrics that stay still on their own, those that moved, and by how much.
async function moved(deed) {
  const old = await world.metrics();
  const result = await deed();
  const now = await world.metrics();
  assert.deepEqual([...old.keys()].filter((name) => !now.has(name)), [], 'no row goes away');
  const changed = [...now].filter(([name, value]) => !PASSING.test(name) && value !== (old.get(name) ?? 0));
  return { result, changed: Object.fromEntries(changed.map(([name, value]) => [name.replace('teapot_hub_', ''), value - (old.get(name) ?? 0)])) };
}
async function changesNothing(deed) {
  const old = await tables();
  const all = await moved(deed);
  assert.deepEqual(await tables(), old, 'the store is as it was');
  return all;
}
const metricsOf = (at, code, status) => ({ [`refusals_total{path="${at}",error="${code}"}`]: 1, [`requests_total{path="${at}",status="${status}"}`]: 1 });

before(async () => {
  world.hasMetrics = true;
  world.hubClock.set(Date.now(), 10 * DAY, 'hub');
  await world.begin(['one', 'two']);
  good = await foreigner('one');
  other = await foreigner('two');
  person = good.person('Baz');
  good.give(person, ['one', 'two'], ['general']);
  await good.sync();
  await other.sync();
});
after(async () => {
  foreigners.forEach((one) => one.close());
  await world.stop();
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

// ---- The metrics themselves ----

test('metrics are there only where somebody asked for them, and on this machine alone', async () => {
  for (const at of ['0.0.0.0:0', '[::]:0', '192.0.2.1:9464', 'localhost:9464', '9464']) {
    const other = path.join(data, 'elsewhere');
    if (!fs.existsSync(other)) await run(world.hubProgram, ['--dir', other, 'init']);
    await assert.rejects(run(world.hubProgram, ['--dir', other, 'serve', '--listen', '127.0.0.1:0', '--metrics', at]), ({ code, stderr }) => code === 2 && /ADDRESS:PORT|this machine alone/.test(stderr), at);
  }
  const { status } = await post(world.port, '/metrics', Buffer.alloc(0), { ca: good.ca, agent: false });
  assert.equal(status, 404, 'not on the port for devices');
  for (const [at, expected] of [['/metrics', 200], ['/healthz', 200], ['/v1/sync', 404], ['/', 404], ['/metrics/..', 404]]) {
    const response = await fetch(`http://127.0.0.1:${world.metricsPort}${at}`, at === '/metrics/..' ? { method: 'POST' } : {});
    assert.equal(response.status, expected, at);
  }
});

test('every row has a name, a type and a number; none names anybody or anything', async () => {
  const text = await (await fetch(`http://127.0.0.1:${world.metricsPort}/metrics`)).text();
  const types = new Map();
  for (const line of text.trimEnd().split('\n')) {
    const [, name, type] = line.match(/^# TYPE (\S+) (counter|gauge|histogram)$/) ?? [];
    if (name) {
      assert.ok(!types.has(name), `${name} once`);
      types.set(name, type);
    } else if (!/^# HELP teapot_hub_\w+ \S.*$/.test(line)) {
      const [, of, labels = ''] = line.match(/^(teapot_hub_\w+?)(?:_bucket|_sum|_count)?(\{(?:\w+="[^"\\]*",?)+\})? \d+(?:\.\d+)?$/) ?? [];
      assert.ok(types.has(of) || types.has(line.match(/^\w+/)[0]), line);
      assert.doesNotMatch(labels, /Baz|one|two|[0-9a-f]{16}/, line);
    }
  }
  assert.ok(!text.includes(hex16(good.device)));
});

test('each error that FORMAT.md names has a row from the start, and no other has', async () => {
  const document = fs.readFileSync(path.join(ROOT, 'sync/wire/FORMAT.md'), 'utf8');
  const rows = [...(await world.metrics()).keys()].flatMap((name) => { const [, at, error] = name.match(/refusals_total\{path="(.*)",error="(.*)"\}/) ?? []; return at ? [`${at} ${error}`] : []; });
  const section = (from, to) => document.slice(document.indexOf(from), document.indexOf(to));
  const table = [...section('## Errors', '## Enrolment').matchAll(/^\| (\w+) \| \d\d\d \|/gm)].map(([, code]) => code);
  const beside = [...section('A body above the HTTP limit', '## Enrolment').matchAll(/`(certificate|device|full)`/g)].map(([, code]) => code);
  const enrol = [...section('A refusal has the form above and uses nothing up', '### Forks').matchAll(/`(\w+)`/g)].map(([, code]) => code);
  const forks = [...section('Asked again, as after a lost answer', 'A node that was copied').matchAll(/\d\d\d `(\w+)`/g)].map(([, code]) => code);
  const ask = [...section('A refusal has the form above: 400', '## Versions').matchAll(/`(\w+)`/g)].map(([, code]) => code);
  const documented = new Set([...table, ...beside].map((code) => `/v1/sync ${code}`).concat([...enrol, ...forks].map((code) => `/v1/enrol ${code}`), ask.map((code) => `/v1/ask ${code}`)));
  assert.deepEqual([...documented].sort(), rows.sort());
});

// ---- Whole requests ----

// A certificate that this hub signed, for a device it does not know.
function unknownDevice() {
  const key = makeKey();
  const issuerKey = crypto.createPrivateKey(fs.readFileSync(path.join(world.hubDir, 'ca.key')));
  const cert = makeCertificate({ subject: { cn: hex16(crypto.randomBytes(8).readBigUInt64BE()), ou: 'one' }, key, issuer: { cn: 'Teapot hub CA' }, issuerKey, nowMs: world.hubClock.ms });
  return { ca: good.ca, cert, key: key.export({ type: 'pkcs8', format: 'pem' }), agent: false };
}
// What is not enrolled yet and knows where to ask.
const fresh = () => Object.assign(new Foreign(world, 'one', 'fresh'), { ca: good.ca });
const bare = () => ({ ca: good.ca, agent: false });
const wrongCode = () => Array.from({ length: 42 }, () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[crypto.randomInt(32)]).join('');
function askingAnew(device) {
  const key = makeKey();
  const [era, up, skew] = device.reading;
  const csr = toPem('CERTIFICATE REQUEST', makeRequest(key, hex16(crypto.randomBytes(8).readBigUInt64BE())));
  return Buffer.from(JSON.stringify({ csr, agency: 'one', clock: { era, up_ms: up, wall_ms: up + skew }, was: { device: hex16(device.device), after: 0, step: 1, digests: '' } }));
}
// Another process has the writer's place until `deed` is done.
async function whileHeld(deed) {
  const holder = spawn(DATABASE, ['hold', database], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => { holder.once('exit', resolve); });
  await new Promise((resolve, reject) => { holder.stdout.once('data', resolve); holder.once('exit', () => reject(new Error('nobody holds'))); });
  try {
    return await deed();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
async function whileClockIsBack(deed) {
  const { ms } = world.hubClock;
  world.hubClock.pass(-600_000);
  try {
    return await deed();
  } finally {
    world.hubClock.pass(ms - world.hubClock.ms);
  }
}
const unsent = (device) => { device.contact([good.device, person], 'never sent'); return device; };
const sync = (body, tlsOf) => post(world.port, '/v1/sync', body, tlsOf ?? good.tls);
const enrol = (body, tlsOf) => post(world.port, '/v1/enrol', body, tlsOf ?? bare());
const ask = (body, tlsOf) => post(world.port, '/v1/ask', Buffer.from(body), tlsOf ?? good.tls);

// path, error, status, what stands ready before, and the request.
const refusals = [
  ['/v1/sync', 'version', 426, null, () => sync(packBody(good.message([]), { version: 99 }))],
  ['/v1/sync', 'dictionary', 415, null, () => sync(packBody(good.message([]), { dictionary: 200 }))],
  ['/v1/sync', 'body', 400, null, () => sync(packBody(good.message([])).subarray(0, 20))],
  ['/v1/sync', 'gap', 409, async () => unsent(await foreigner('one')), (it) => it.send(packBody(it.message(undefined, { 5: 1000 })))],
  ['/v1/sync', 'chain', 409, async () => unsent(await foreigner('one')), (it) => it.send(packBody(it.message(undefined, { 6: flip(it.chain[1]) })))],
  ['/v1/sync', 'signature', 403, async () => unsent(await foreigner('one')), (it) => it.send(packBody(it.message(undefined, { 7: Buffer.alloc(64) })))],
  ['/v1/sync', 'cursor', 409, null, () => other.send(packBody(other.message([], { 2: flip(other.tag) })))],
  ['/v1/sync', 'generation', 409, () => foreigner('one'), (it) => it.send(packBody(it.message([], { 12: 4711 })))],
  ['/v1/sync', 'clock', 503, null, () => whileClockIsBack(() => sync(packBody(good.message([]))))],
  ['/v1/sync', 'busy', 503, null, () => whileHeld(() => sync(packBody(good.message([]))))],
  ['/v1/sync', 'certificate', 403, null, () => sync(packBody(good.message([])), bare())],
  ['/v1/sync', 'device', 403, null, () => sync(packBody(good.message([])), unknownDevice())],
  ['/v1/sync', 'revoked', 403, async () => { const it = unsent(await foreigner('one')); await world.hub(['device', 'revoke', hex16(it.device)]); return it; }, (it) => it.send(packBody(it.message()))],
  ['/v1/enrol', 'body', 400, null, () => enrol(Buffer.from('{'))],
  ['/v1/enrol', 'code', 403, null, () => enrol(fresh().enrolRequest(wrongCode()))],
  ['/v1/enrol', 'agency', 403, async () => { const it = fresh(); return [it, await it.code()]; }, ([it, code]) => enrol(it.enrolRequest(code, { agency: 'two' }))],
  ['/v1/enrol', 'device', 409, async () => { const it = fresh(); return [it, await it.code()]; }, ([it, code]) => enrol(it.enrolRequest(code, { device: good.device }))],
  ['/v1/enrol', 'revoked', 403, async () => { const it = await foreigner('one'); await world.hub(['device', 'revoke', hex16(it.device)]); return [it, await it.code()]; }, ([it, code]) => enrol(it.enrolRequest(code))],
  ['/v1/enrol', 'clock', 503, null, () => whileClockIsBack(() => enrol(fresh().enrolRequest(wrongCode())))],
  ['/v1/enrol', 'certificate', 403, null, () => enrol(askingAnew(good))],
  ['/v1/enrol', 'busy', 429, async () => { for (let i = 0; i < 20; i++) await enrol(fresh().enrolRequest(wrongCode()), { ...bare(), localAddress: '127.0.0.2' }); }, () => enrol(fresh().enrolRequest(wrongCode()), { ...bare(), localAddress: '127.0.0.2' })],
  ['/v1/ask', 'body', 400, null, () => ask('{')],
  ['/v1/ask', 'certificate', 403, null, () => ask('{"code":"28T5CY4TH"}', bare())],
  ['/v1/ask', 'device', 403, null, () => ask('{"code":"28T5CY4TH"}', unknownDevice())],
  ['/v1/ask', 'revoked', 403, async () => { const it = await foreigner('one'); await world.hub(['device', 'revoke', hex16(it.device)]); return it; }, (it) => ask('{"code":"28T5CY4TH"}', it.tls)],
  ['/v1/ask', 'busy', 429, async () => { const it = await foreigner('one'); for (let i = 0; i < 20; i++) await ask('{"code":"28T5CY4TH"}', it.tls); return it; }, (it) => ask('{"code":"28T5CY4TH"}', it.tls)],
];

// By what a refusal says to which request it is.
const markOf = (body) => crypto.createHash('sha256').update(body).digest().readUInt32BE(0) || 1;

for (const [at, code, status, prepare, deed] of refusals) {
  test(`${at} ${code}: answered ${status}, counted once, and nothing else`, async () => {
    const ready = await prepare?.();
    const { result, changed } = await changesNothing(() => deed(ready));
    assert.deepEqual([result.status, result.json?.error], [status, code], result.body.toString());
    assert.match(result.json.text, /\w/);
    const saysTo = at === '/v1/sync' && !['busy', 'certificate', 'device'].includes(code);
    assert.equal(result.json.to, saysTo ? markOf(result.asked) : undefined);
    // Where the store could not be had, the whole round was refused.
    assert.deepEqual(changed, { ...metricsOf(at, code, status), ...(at === '/v1/sync' && code === 'busy' ? { rounds_failed_total: 1 } : {}) });
  });
}

test('the list above has each row of the metrics', async () => {
  const rows = [...(await world.metrics()).keys()].filter((name) => name.includes('refusals_total{path') && !/"full"/.test(name)); // space_test.mjs fills a disk
  assert.deepEqual(rows.sort(), refusals.map(([at, code]) => `teapot_hub_refusals_total{path="${at}",error="${code}"}`).sort());
});

test('one fault has one text, whatever was asked', async () => {
  const revoked = await foreigner('one');
  await world.hub(['device', 'revoke', hex16(revoked.device)]);
  const texts = [await revoked.send(packBody(revoked.message([]))), await enrol(revoked.enrolRequest(await revoked.code())), await ask('{}', revoked.tls)].map(({ json }) => json.text);
  assert.equal(new Set(texts).size, 1, texts.join('; '));
  const clocks = await whileClockIsBack(async () => [await sync(packBody(good.message([]))), await enrol(fresh().enrolRequest(wrongCode()))]);
  assert.equal(new Set(clocks.map(({ json }) => json.text)).size, 1);
});

// ---- What is refused before it is a request ----

// Sends bytes over TLS; gives the status of what comes back, null where nothing does.
function raw(text) {
  const { ca, cert, key } = good.tls;
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = tls.connect({ host: '127.0.0.1', port: world.port, servername: 'teapot-hub', ca, cert, key }, () => socket.write(text));
    socket.on('data', (bytes) => { answer += bytes; }).on('error', reject);
    socket.on('close', () => resolve(Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? 0)));
  });
}
const head = (line, ...headers) => `${line}\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n`;
for (const [status, what, text] of [
  [400, 'no Host', head('GET / HTTP/1.1')],
  [413, 'a body over the limit', head('POST /v1/sync HTTP/1.1', 'Host: hub', 'Content-Length: 2097153')],
  [414, 'a long URL', head(`GET /${'x'.repeat(3000)} HTTP/1.1`, 'Host: hub')],
  [417, 'a promise wanted', head('POST /v1/sync HTTP/1.1', 'Host: hub', 'Content-Length: 1', 'Expect: 100-continue')],
  [431, 'many headers', head('GET / HTTP/1.1', 'Host: hub', ...Array.from({ length: 40 }, (_, i) => `X-${i}: y`))],
  [501, 'a body of no length', head('POST /v1/sync HTTP/1.1', 'Host: hub', 'Transfer-Encoding: chunked')],
  [505, 'another HTTP', head('GET / HTTP/2.0', 'Host: hub')],
]) {
  test(`HTTP ${status}, ${what}: counted once, and nothing else`, async () => {
    const { result, changed } = await changesNothing(() => raw(text));
    assert.equal(result, status);
    assert.deepEqual(changed, { [`http_refusals_total{status="${status}"}`]: 1 });
  });
}

test('what there is not, and who is not let in', async () => {
  const nowhere = await changesNothing(() => post(world.port, '/v2/sync', Buffer.alloc(0), good.tls));
  assert.deepEqual([nowhere.result.status, nowhere.changed], [404, { 'requests_total{path="other",status="404"}': 1 }]);
  const key = makeKey();
  const subject = { cn: hex16(good.device), ou: 'one' };
  const cert = makeCertificate({ subject, key, issuer: subject, issuerKey: key, nowMs: world.hubClock.ms });
  const { changed } = await changesNothing(() => assert.rejects(sync(Buffer.alloc(0), { ca: good.ca, cert, key: key.export({ type: 'pkcs8', format: 'pem' }), agent: false })));
  assert.deepEqual(changed, { handshakes_refused_total: 1 });
});

// ---- Single changes ----

for (const [code, name, bad] of [
  [1, 'bytes', () => Buffer.from('hello')],
  [2, 'limit', (it) => it.encodeChange({ entity: CONTACT, fields: { 3: [good.device, person], 13: 'x'.repeat(47 * 1024), 16: 'y'.repeat(47 * 1024) } })],
  [3, 'value', (it) => it.encodeChange({ entity: CONTACT, fields: { 3: [good.device, person], 13: 7 } })],
  [4, 'record', (it) => it.encodeChange({ entity: PERSON, fields: { 3: [good.device, person], 10: 'x' } })],
  [5, 'rule', (it) => it.encodeChange({ entity: CONSENT, record: [good.device, person + 1], fields: { 10: 'refused' } })],
]) {
  test(`a change with the fault ${name} goes to quarantine, is counted there, and moves nothing else`, async () => {
    const it = await foreigner('one');
    it.write(bad(it));
    const old = await tables();
    const { result, changed } = await moved(() => it.send(packBody(it.message())));
    const now = await tables();
    assert.equal(result.status, 200);
    const changedTables = Object.keys(now).filter((table) => now[table] !== old[table]);
    const facts = ['device', 'era', 'push', 'quarantine', 'state']; // who sent it, when, signed how, and its number
    assert.deepEqual(changedTables.filter((table) => !facts.includes(table)), []);
    const { 'items_sent_total': items, 'pages_sent_total': pages, 'devices{state="never_synced"}': never, 'devices{state="synced"}': synced, ...rest } = changed;
    assert.ok(items > 0 && pages === 1, 'what its agency holds comes with the answer');
    assert.deepEqual([never, synced], [-1, 1]);
    assert.deepEqual(rest, { [`changes_quarantined_total{code="${name}"}`]: 1, 'requests_total{path="/v1/sync",status="200"}': 1, changes_received: 1, quarantine: 1 });
    it.apply(result.body, 1);
    assert.equal(it.refused.get(1), code);
  });
}

// ---- What goes well ----

test('changes, pages, give-backs and receipts are counted once', async () => {
  const seq = good.contact(person, 'counted');
  const pushed = await moved(() => good.send(packBody(good.message())));
  good.apply(pushed.result.body, seq);
  assert.deepEqual(pushed.changed, { changes_accepted_total: 1, changes_received: 1, 'requests_total{path="/v1/sync",status="200"}': 1 });
  const pulled = await moved(() => other.send(packBody(other.message([]))));
  other.apply(pulled.result.body, 1);
  assert.deepEqual(pulled.changed, { items_sent_total: 1, pages_sent_total: 1, 'requests_total{path="/v1/sync",status="200"}': 1 });
  good.write({ entity: CONSENT, fields: { 3: person, 10: 'withdrawn', 11: ['*'], 12: ['*'], 13: ['*'], 14: 'spoken', 17: 'believed_to_have' } });
  await good.sync();
  const asked = await moved(() => other.send(packBody(other.message([]))));
  other.apply(asked.result.body, 1);
  const due = asked.changed.give_backs_sent_total;
  assert.ok(due >= 1, JSON.stringify(asked.changed));
  const receipted = await moved(() => other.send(packBody(other.message([]))));
  other.apply(receipted.result.body, 1);
  assert.equal(receipted.changed.give_backs_done_total, due);
});

test('a copied device is counted as a fork', async () => {
  const { changed } = await moved(async () => {
    const body = askingAnew(good);
    const { status, json } = await enrol(body, good.tls);
    assert.equal(status, 200, JSON.stringify(json));
  });
  assert.equal(changed.forks_total, 1);
  assert.equal(changed.enrolments_total, 1);
});

// ---- Certificates that run out: last, since the hub's clock only goes on ----

// A connection of this device that goes on: what it says, and when it is over.
function openConnection(device, session) {
  const { ca, cert, key } = device.tls;
  const one = { said: '' };
  one.socket = tls.connect({ host: '127.0.0.1', port: world.port, servername: 'teapot-hub', ca, cert, key, session });
  one.ready = new Promise((resolve) => { one.socket.once('secureConnect', resolve).once('close', resolve); });
  one.session = new Promise((resolve) => { one.socket.once('session', resolve); });
  one.over = new Promise((resolve) => { one.socket.once('close', resolve); });
  one.socket.on('data', (bytes) => { one.said += bytes.toString('latin1'); }).on('error', () => {}).on('end', () => one.socket.destroy());
  return one;
}

test('a certificate that runs out ends what was begun with it: an open connection, half a request, a session', async () => {
  const it = unsent(await foreigner('one'));
  const body = packBody(it.message());
  const request = Buffer.concat([Buffer.from(head('POST /v1/sync HTTP/1.1', 'Host: hub', `Content-Length: ${body.length}`)), body]);
  const [idle, half] = [openConnection(it), openConnection(it)];
  await Promise.all([idle.ready, half.ready]);
  const session = await idle.session;
  const resumed = openConnection(it, session);
  await resumed.ready;
  assert.ok(resumed.socket.isSessionReused(), 'while it counts a session is resumed');
  half.socket.write(request.subarray(0, request.length - 10));
  await moved(() => world.metrics()); // by now the hub has read that half
  world.hubClock.pass(366 * DAY);
  const open = await moved(async () => { idle.socket.write(request); await idle.over; });
  const begun = await moved(async () => { half.socket.write(request.subarray(request.length - 10)); await half.over; });
  for (const { changed } of [open, begun]) assert.deepEqual(changed, { certificates_ended_total: 1 });
  assert.deepEqual([idle.said, half.said], ['', ''], 'neither is answered');
  const again = await moved(async () => { const late = openConnection(it, session); await late.over; });
  assert.deepEqual(again.changed, { handshakes_refused_total: 1 });
  resumed.socket.destroy();
  assert.equal((await world.hubJsonLines(['log'])).filter(({ name }) => name.startsWith(hex16(it.device))).length, 0, 'nothing of it was taken');
});

// The hub against whatever comes over the wire, by a device of another make (foreign.mjs): each answers a
// documented error and loses nothing (sync/wire/FORMAT.md, Errors; issue: bad input).
//
// One hub for all tests, in order.  `unharmed` is what "loses nothing" means: the hub's log is as it was,
// and a good device still syncs.
//
// Shows P20.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

import { encode, Raw } from './cbor.mjs';
import { makeCertificate, makeKey, makeRequest } from './certificates.mjs';
import { CONSENT, CONTACT, digestOf, Foreign, HELP_REQUEST, hex16, openBody, packBody, packRequest, PERSON, post, signDigest, sumOf } from './foreign.mjs';
import { linesOf, World } from './world.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BODY_BYTES_MAX = 2 * 1024 * 1024;
const DOCUMENTED = new Map([['version', 426], ['dictionary', 415], ['body', 400], ['gap', 409], ['chain', 409], ['signature', 403],
  ['cursor', 409], ['revoked', 403], ['clock', 503], ['busy', 503]]);

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-hostile-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const foreigners = [];
let good; // of agency one; what the others try must not trouble it
let bystander; // of agency two, which good's person has given consent to
let person; // good's
let notes = 0;

async function foreigner(agency, label, ...options) {
  const made = await new Foreign(world, agency, label).enrol(...options);
  foreigners.push(made);
  return made;
}

const hubLog = () => world.hubJsonLines(['log']);
const quarantine = async (device) => (await world.hubJsonLines(['quarantine', 'list'])).filter(({ name }) => name.startsWith(hex16(device)));

// What somebody does leaves the hub's log as it was, and a good device syncs after it.
async function unharmed(deed) {
  const before = await hubLog();
  await deed();
  assert.deepEqual(await hubLog(), before, 'the log of the hub is as it was');
  const seq = good.contact(person, `still here ${++notes}`);
  const answer = await good.sync();
  assert.equal(answer.get(1), seq);
}

function assertRefused({ status, json }, code) {
  assert.equal(json?.error, code, `status ${status}: ${JSON.stringify(json)}`);
  assert.equal(status, DOCUMENTED.get(code));
  assert.equal(typeof json.text, 'string');
}

before(async () => {
  const now = Date.now();
  world.hubClock.set(now, 10 * DAY, 'hub');
  await world.begin(['one', 'two']);
  good = await foreigner('one', 'good');
  bystander = await foreigner('two', 'bystander');
  person = good.person('Baz');
  good.give(person, ['one', 'two'], ['general', 'housing']);
});
after(async () => {
  foreigners.forEach((one) => one.close());
  await world.stop();
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

// ---- Two makes agree on the document ----

test('a device of another make enrols, pushes and pulls by FORMAT.md alone', async () => {
  const note = good.contact(person, 'By the bus station, had tea.', { 10: world.hubClock.ms - 60_000, 12: 'street' });
  const answer = await good.sync();
  assert.equal(answer.get(1), note);
  assert.equal(answer.get(4), world.hubClock.ms);
  assert.equal(good.answeredVersion, 1);
  assert.equal(answer.get(2), undefined);
  assert.equal(good.stamps.get(note).ms, world.hubClock.ms);
  assert.deepEqual(good.directory.agencies.map(([id, label, [[, until]]]) => [id, label, until]), [['one', 'one', null], ['two', 'two', null]]);
  assert.deepEqual(good.directory.devices.find(([device]) => BigInt(device) === good.device)[1], 'one');
  await bystander.sync();
  for (const seq of [person, person + 1, note]) {
    const entry = bystander.held.get(good.name(seq));
    assert.deepEqual(entry?.bytes, good.log[seq - 1], `change ${seq} arrives as it was written`);
    assert.equal(entry.stamp, good.stamps.get(seq).ms);
    assert.equal(entry.number, good.stamps.get(seq).number);
  }
  const names = (await hubLog()).map(({ name }) => name);
  assert.deepEqual(names, good.log.map((_, i) => good.name(i + 1)));
});

test('an idle sync is one small request, and answered so', async () => {
  const body = packBody(bystander.message());
  const { status, body: answer } = await bystander.send(body);
  assert.equal(status, 200);
  assert.ok(body.length < 100 && answer.length < 100, `${body.length} and ${answer.length} bytes`);
  const [header, items] = openBody(answer).message;
  assert.equal(items.length, 0);
  assert.equal(header.get(6), bystander.cursor);
  assert.deepEqual(header.get(7), bystander.tag);
});

test('a page of one item after another carries the same as one page', async () => {
  const slow = await foreigner('two', 'slow');
  const seen = [];
  for (let more = true; more;) {
    const { body } = await slow.send(packBody(slow.message([], { 13: 1 })));
    const header = slow.apply(body, 1);
    const { message } = openBody(body);
    assert.ok(message[1].length <= 1);
    seen.push(...message[1]);
    more = header.get(8) === true;
  }
  await bystander.sync();
  assert.deepEqual([...slow.held.keys()].sort(), [...bystander.held.keys()].sort());
  assert.equal(seen.length, slow.held.size, 'nothing was sent twice');
});

test('each frozen dictionary makes the same message smaller', async (t) => {
  const folder = path.join(ROOT, 'sync/wire/dictionary');
  const numbers = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => /^\d+$/.test(name)) : [];
  if (numbers.length === 0) return t.skip('there is no dictionary yet');
  for (const number of numbers) {
    const packing = { dictionary: Number(number), dictionaryBytes: fs.readFileSync(path.join(folder, number)) };
    const seq = good.contact(person, 'Had tea and a talk, asked about a bed for tonight.');
    assert.ok(packBody(good.message(), packing).length < packBody(good.message()).length);
    assert.equal((await good.sync(packing)).get(1), seq);
  }
});

test('a renewed certificate is for the same device and key', async () => {
  const stale = good.certificate;
  const answer = await good.send(packBody(good.message([], { 11: makeRequest(good.key, hex16(good.device)) })));
  const header = good.apply(answer.body, 1);
  assert.ok(header.has(11));
  assert.notEqual(good.certificate, stale);
  await good.sync();
  // For another key or another device it is not renewed, and the sync goes on.
  const key = makeKey();
  for (const csr of [makeRequest(key, hex16(good.device)), makeRequest(good.key, hex16(bystander.device)), makeRequest(good.key, hex16(good.device), key), Buffer.from('no request')]) {
    const { status, body } = await good.send(packBody(good.message([], { 11: csr })));
    assert.equal(status, 200);
    assert.equal(openBody(body).message[0].has(11), false);
  }
});

// ---- Whole requests ----

test('a body cut short anywhere is refused', async () => {
  const attacker = await foreigner('one', 'truncated');
  attacker.contact([good.device, person], 'cut short');
  attacker.contact([good.device, person], 'and another one, cut short as well');
  const body = packBody(attacker.message());
  await unharmed(async () => {
    for (let bytes = 0; bytes < body.length; bytes += bytes < 8 || bytes > body.length - 8 ? 1 : 7) {
      assertRefused(await attacker.send(body.subarray(0, bytes)), 'body');
    }
  });
  const [, chain] = [attacker.accepted, await attacker.sync()];
  assert.equal(chain.get(1), 2);
});

test('a message cut short anywhere is refused', async () => {
  const attacker = await foreigner('one', 'short message');
  attacker.contact([good.device, person], 'cut short');
  const { message, tail } = packRequest(attacker.message());
  await unharmed(async () => {
    for (let bytes = 0; bytes < message.length; bytes += 5) {
      assertRefused(await attacker.send(packBody(message.subarray(0, bytes), { level: 1, tail })), 'body');
    }
    assertRefused(await attacker.send(packBody(Buffer.concat([message, Buffer.from([0])]), { tail })), 'body');
  });
  // And its tail.
  await unharmed(async () => {
    for (let bytes = 0; bytes < tail.length; bytes += 3) {
      assertRefused(await attacker.send(packBody(message, { tail: tail.subarray(0, bytes) })), 'body');
    }
    assertRefused(await attacker.send(packBody(message, { tail: Buffer.concat([tail, Buffer.from('more')]) })), 'body');
    assertRefused(await attacker.send(packBody(Buffer.concat([message, tail]))), 'body');
  });
  assert.equal((await attacker.send(packBody(message, { tail }))).status, 200, 'whole it is taken');
});

test('a connection that breaks off in the middle of a request leaves nothing', async () => {
  const attacker = await foreigner('one', 'broken off');
  attacker.contact([good.device, person], 'broken off');
  const body = packBody(attacker.message());
  const { ca, cert, key } = attacker.tls;
  await unharmed(async () => {
    for (const share of [0, 0.1, 0.5, 0.9, 0.99]) {
      const request = Buffer.concat([Buffer.from(`POST /v1/sync HTTP/1.1\r\nHost: hub\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
      await new Promise((resolve, reject) => {
        const socket = tls.connect({ host: '127.0.0.1', port: world.port, servername: 'teapot-hub', ca, cert, key }, () => {
          socket.write(request.subarray(0, Math.floor(request.length * share)), () => setTimeout(() => socket.destroy(), 5));
        });
        socket.on('close', resolve).on('error', reject);
      });
    }
    // Nor does one that never speaks TLS.
    await new Promise((resolve) => {
      const socket = net.connect(world.port, '127.0.0.1', () => socket.end('GET / HTTP/1.0\r\n\r\n'));
      socket.on('close', resolve).on('error', () => {}).resume();
    });
  });
});

test('a body above the limit answers 413', async () => {
  await unharmed(async () => {
    const { status } = await bystander.send(Buffer.alloc(BODY_BYTES_MAX + 1));
    assert.equal(status, 413);
    bystander.close();
    const { status: highest } = await bystander.send(Buffer.alloc(BODY_BYTES_MAX));
    assert.equal(highest, 426, 'one of exactly the limit is read, and version 0 is not spoken');
  });
});

test('a small body that inflates without end is refused in bounded memory', async () => {
  const peak = () => Number(fs.readFileSync(`/proc/${world.server.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]) * 1024;
  const bomb = Buffer.concat([Buffer.from([1, 0]), zlib.deflateRawSync(Buffer.alloc(256 * 1024 * 1024), { level: 9 })]);
  assert.ok(bomb.length < BODY_BYTES_MAX);
  const before = peak();
  await unharmed(async () => assertRefused(await bystander.send(bomb), 'body'));
  assert.ok(peak() - before < 32 * 1024 * 1024, `the hub grew by ${peak() - before} bytes`);
});

test('what deflates to something that is no request is refused', async () => {
  const { 2: tail, ...header } = good.message([])[0];
  const push = { ...header, 5: 1 };
  const signed = Buffer.concat([tail, Buffer.alloc(8 + 64)]);
  const nested = (depth) => (depth === 0 ? [] : [nested(depth - 1)]);
  await unharmed(async () => {
    for (const message of [
      Buffer.alloc(0), Buffer.from([0xff]), Buffer.from('80', 'hex'), Buffer.from('a0', 'hex'), encode([header]), encode([header, [], 1]),
      encode([[], header]), encode([{ ...header, 3: undefined }, []]), encode([{ ...header, 3: [0, 0, 0] }, []]), encode([{ ...header, 3: [1, -1, 0] }, []]),
      encode([{ ...header, 3: 'now' }, []]), encode([{ ...header, 4: [[2, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0]] }, []]),
      encode([{ ...header, 8: -1 }, []]),
      encode([{ ...header, 10: false }, []]), encode([{ ...header, 99: nested(100) }, []]), encode([header, [Buffer.from('a0', 'hex')]]),
      encode([header, [1]]), encode([{ ...header, 1: undefined }, []]), Buffer.from('9f', 'hex'), encode([{ ...header, 99: new Raw(Buffer.from('fb3ff0000000000000', 'hex')) }, []]),
      encode([{ ...header, 99: new Raw(Buffer.from('1801', 'hex')) }, []]), Buffer.concat([encode([header]).subarray(0, 1), crypto.randomBytes(40)]),
    ]) {
      assertRefused(await good.send(packBody(message, { tail })), 'body');
    }
    // A tail that does not go with the header or the changes; changes that are not as they are packed.
    for (const [message, its] of [
      [[header, []], Buffer.alloc(0)], [[header, []], signed], [[push, []], signed], [[push, [[Buffer.from('no change')]]], tail],
      [[push, [[Buffer.from('no change')]]], Buffer.concat([signed, Buffer.alloc(8)])], [[push, [Buffer.from('a0', 'hex')]], signed], [[push, [Buffer.alloc(0)]], Buffer.concat([signed, Buffer.alloc(8)])],
      [[push, [[Buffer.concat([Buffer.from('a10048', 'hex'), Buffer.alloc(8)])]]], signed], [[push, [[]]], signed], [[push, [[Buffer.alloc(1), Buffer.alloc(1)]]], signed], [[push, ['no change']], signed],
    ]) {
      assertRefused(await good.send(packBody(encode(message), { tail: its })), 'body');
    }
    assertRefused(await good.send(packBody(encode([push, [[Buffer.from('no change')]]]), { tail: signed })), 'chain');
    assertRefused(await good.send(Buffer.concat([Buffer.from([1, 0]), crypto.randomBytes(300).fill(0xff, 0, 1)])), 'body');
  });
});

const LAST = [0xffffffffffffffffn, 2 ** 40 - 1];

test('where a device differs is found by sums, then by names, and what it lacks is sent again', async () => {
  await bystander.sync();
  const ask = async (over) => {
    const { status, body } = await bystander.send(packBody(bystander.message([], over)));
    assert.equal(status, 200);
    return openBody(body).message;
  };
  const held = bystander.known();
  const [sums] = await ask({ 15: [0, 0] });
  assert.deepEqual(sums.get(15), sumOf(held));
  assert.deepEqual(sums.get(16).map(([device, seq]) => [BigInt(device), seq]), [LAST]);
  assert.deepEqual(sums.get(16)[0][2], sumOf(held), 'one span has them all');
  const [behind] = await ask({ 15: [held[0][0], held[0][1]] });
  assert.deepEqual(behind.get(16).at(-1)[2], sumOf(held.slice(1)));
  const [names] = await ask({ 16: [[0, 0, ...LAST]] });
  assert.deepEqual(names.get(17)[0], 1);
  assert.deepEqual(names.get(17)[1].map(([device, seq, digest]) => [BigInt(device), seq, digest]), held.map((change) => [change[0], change[1], digestOf(change).subarray(0, 8)]));
  const wanted = held.filter(([device]) => device !== bystander.device).slice(1, 3);
  const [header, items, tags] = await ask({ 17: [...wanted.map(([device, seq]) => [device, seq]), LAST] });
  assert.equal(items.length, wanted.length, 'and nothing else');
  assert.equal(tags.length, 16 * wanted.length);
  assert.deepEqual(items.map((item) => item[5]).sort(Buffer.compare), wanted.map(([, , bytes]) => bytes).sort(Buffer.compare));
  assert.equal(header.get(6), bystander.cursor);
  assert.equal(header.get(8), true);
  assert.equal(header.get(15), undefined);
});

test('nobody learns by it what they may not hold, and what is no question is refused', async () => {
  const stranger = await foreigner('two', 'stranger');
  good.contact(good.person('Nobody of theirs'), 'Not for agency two.');
  await good.sync();
  await stranger.sync();
  const ask = async (over) => openBody((await stranger.send(packBody(stranger.message([], over)))).body).message;
  const secret = good.known().filter(([device]) => device === good.device).map(([device, seq]) => [device, seq]);
  const theirs = new Set(stranger.known().map(([device, seq]) => `${device}-${seq}`));
  const hidden = secret.filter(([device, seq]) => !theirs.has(`${device}-${seq}`));
  assert.ok(hidden.length > 0);
  assert.equal((await ask({ 17: hidden.slice(0, 256) }))[1].length, 0);
  assert.deepEqual((await ask({ 16: [[0, 0, ...LAST]] }))[0].get(17)[1].map(([device, seq]) => `${device}-${seq}`), [...theirs]);
  const many = (count, item) => Array.from({ length: count }, (_, i) => item(i + 1));
  await unharmed(async () => {
    for (const over of [
      { 15: true }, { 15: [] }, { 15: [0] }, { 15: [-1, 0] }, { 15: [0, 2 ** 40] }, { 16: [] }, { 16: [[0, 0, 0, 0]] }, { 16: [[0, 2, 0, 1]] },
      { 16: [[1, 0, 2, 0], [1, 5, 3, 0]] }, { 16: many(17, (i) => [i, 0, i, 1]) }, { 16: [[0, 0, 1]] }, { 17: [] }, { 17: [[0, 0]] }, { 17: [[1, 2], [1, 2]] },
      { 17: [[2, 1], [1, 1]] }, { 17: many(257, (i) => [1, i]) }, { 17: [[1, 2 ** 40]] }, { 17: { 1: [1] } },
    ]) {
      assertRefused(await stranger.send(packBody(stranger.message([], over))), 'body');
    }
    const { status } = await stranger.send(packBody(stranger.message([], { 15: LAST, 16: many(16, (i) => [i, 0, i, 1]), 17: many(256, (i) => [1, i]) })));
    assert.equal(status, 200);
  });
});

test('header keys of a newer version are skipped', async () => {
  const { status } = await good.send(packBody(good.message([], { 40: [1, 'two', { 3: [Buffer.from('four')] }], 41: null })));
  assert.equal(status, 200);
});

test('another version is answered with the highest that is spoken', async () => {
  await unharmed(async () => {
    for (const version of [0, 2, 99, 255]) {
      const answer = await good.send(packBody(good.message([]), { version }));
      assertRefused(answer, 'version');
      assert.equal(answer.json.max, 1);
    }
  });
});

test('an unknown dictionary is refused by name', async () => {
  await unharmed(async () => {
    for (const dictionary of [200, 255]) assertRefused(await good.send(packBody(good.message([]), { dictionary })), 'dictionary');
  });
});

test('a cursor that is not this hub\'s is refused', async () => {
  await good.sync();
  await bystander.sync();
  const wrong = Buffer.from(good.tag);
  wrong[0] ^= 1;
  await unharmed(async () => {
    const cases = [
      { 2: wrong }, { 1: good.cursor + 1 }, { 1: good.cursor - 1 }, { 1: 1_000_000, 2: crypto.randomBytes(16) },
      { 1: bystander.cursor, 2: bystander.tag }, { 12: good.generation + 1 },
    ];
    for (const over of cases) assertRefused(await good.send(packBody(good.message([], over))), 'cursor');
  });
});

test('a push that does not follow, another chain and another\'s signature apply nothing', async () => {
  const attacker = await foreigner('one', 'chain');
  attacker.contact([good.device, person], 'the first');
  await attacker.sync();
  attacker.contact([good.device, person], 'the second');
  attacker.contact([good.device, person], 'the third');
  const pushed = attacker.log.slice(1);
  const flip = (bytes, at) => { const out = Buffer.from(bytes); out[at] ^= 1; return out; };
  const h = attacker.chain[3];
  const send = (over, changes = pushed, first = 2) => attacker.send(packBody(attacker.message(changes, over, first)));
  await unharmed(async () => {
    assertRefused(await send({ 5: 3, 6: attacker.chain[3] }, attacker.log.slice(2), 3), 'gap');
    assertRefused(await send({ 5: 1_000_000 }), 'gap');
    assertRefused(await send({ 6: flip(h, 7), 7: attacker.sign(flip(h, 7)) }), 'chain');
    // What the push does not carry of h the hub has worked out, and that is what must be signed.
    assertRefused(await send({ 7: attacker.sign(flip(h, 31)) }), 'signature');
    assertRefused(await send({ 6: attacker.chain[2], 7: attacker.sign(attacker.chain[2]) }), 'chain');
    assertRefused(await send({}, [pushed[0], flip(pushed[1], pushed[1].length - 3)]), 'chain');
    assertRefused(await send({}, [pushed[1], pushed[0]]), 'chain');
    assertRefused(await send({ 7: flip(attacker.sign(h), 63) }), 'signature');
    assertRefused(await send({ 7: signDigest(h, makeKey()) }), 'signature');
    assertRefused(await send({ 7: attacker.sign(attacker.chain[2]) }), 'signature');
    assertRefused(await send({ 7: Buffer.alloc(64) }), 'signature');
  });
  assert.equal((await attacker.sync()).get(1), 3, 'what was refused before is taken when it is right');
});

test('one device cannot push what another wrote', async () => {
  const attacker = await foreigner('one', 'impostor');
  const victim = await foreigner('one', 'victim');
  victim.contact([good.device, person], 'mine');
  await unharmed(async () => {
    assertRefused(await attacker.send(packBody(victim.message())), 'chain');
    const [header, changes] = victim.message();
    assertRefused(await attacker.send(packBody([{ ...header, 7: signDigest(header[6], attacker.key) }, changes])), 'chain');
    // The right chain under this certificate, signed by the key of the other.
    attacker.write(changes[0]);
    assertRefused(await attacker.send(packBody(attacker.message(undefined, { 7: signDigest(attacker.chain[1], victim.key) }))), 'signature');
  });
});

test('a second history of one device is a fork, and neither is overwritten', async () => {
  const device = await foreigner('one', 'cloned');
  device.contact([good.device, person], 'before the card was cloned');
  await device.sync();
  const clone = Object.assign(new Foreign(world, 'one', 'clone'), device, { log: [...device.log], chain: [...device.chain], agent: undefined });
  foreigners.push(clone);
  device.contact([good.device, person], 'on the card');
  clone.contact([good.device, person], 'on its copy');
  await device.sync();
  await unharmed(async () => {
    assertRefused(await clone.send(packBody(clone.message())), 'chain');
    clone.contact([good.device, person], 'and on');
    assertRefused(await clone.send(packBody(clone.message())), 'chain');
  });
});

test('the same request again has the same answer and doubles nothing', async () => {
  const attacker = await foreigner('one', 'replayed');
  for (let i = 0; i < 5; i++) attacker.contact([good.device, person], `once ${i}`);
  attacker.write(Buffer.from('no change'));
  attacker.contact([good.device, person], 'once more');
  const body = packBody(attacker.message());
  const first = openBody((await attacker.send(body)).body).message[0];
  assert.equal(first.get(1), 7);
  await unharmed(async () => {
    for (let i = 0; i < 3; i++) {
      const again = openBody((await attacker.send(body)).body).message[0];
      for (const key of [1, 2, 3]) assert.deepEqual(again.get(key), first.get(key), `key ${key}`);
    }
    // A part of it as well: its end was not reached by the first answer, say.
    const part = openBody((await attacker.send(packBody(attacker.message(attacker.log.slice(0, 3), {}, 1)))).body).message[0];
    assert.equal(part.get(3)[0], first.get(3)[0]);
  });
});

test('a flipped bit anywhere changes no byte of what is kept', async () => {
  const attacker = await foreigner('one', 'flipped');
  const reader = await foreigner('one', 'reader');
  for (let i = 0; i < 3; i++) attacker.contact([good.device, person], `as it was written ${i}`);
  const names = attacker.log.map((_, i) => attacker.name(i + 1));
  const body = packBody(attacker.message(), { level: 0 });
  const answers = new Map();
  const step = Math.max(1, Math.floor(body.length * 8 / 250));
  for (let bit = 0; bit < body.length * 8; bit += step) {
    const flipped = Buffer.from(body);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    const { status, json } = await attacker.send(flipped);
    if (status !== 200) {
      assert.equal(DOCUMENTED.get(json?.error), status, `bit ${bit}: ${status} ${JSON.stringify(json)}`);
    }
    answers.set(json?.error ?? 'taken', (answers.get(json?.error ?? 'taken') ?? 0) + 1);
  }
  for (const code of ['body', 'chain', 'signature']) assert.ok(answers.get(code) > 0, `some answer ${code}: ${[...answers]}`);
  await attacker.sync();
  assert.equal(attacker.accepted, 3);
  await reader.sync();
  names.forEach((name, i) => assert.deepEqual(reader.held.get(name)?.bytes, attacker.log[i]));
  const log = (await hubLog()).map(({ name }) => name);
  for (const name of names) assert.equal(log.filter((one) => one === name).length, 1);
  await unharmed(async () => {});
});

// ---- Single changes ----

test('bad single changes go to quarantine with their code, the rest is accepted', async () => {
  const writer = await foreigner('one', 'mixed');
  const baz = [good.device, person];
  const person1 = writer.person('Dee');
  const contact = writer.contact(person1, 'fine');
  const consent = writer.give(person1, ['one'], ['general']);
  const plain = { 0: crypto.randomBytes(8), 1: CONTACT, 3: { 3: person1, 13: 'x' }, 5: writer.reading };
  const bad = [
    ['no CBOR', Buffer.from('hello'), 1],
    ['nothing', Buffer.alloc(0), 1],
    ['two items', Buffer.concat([encode(plain), encode(1)]), 1],
    ['a number in a longer form', Buffer.concat([Buffer.from([0xa4, 0x00, 0x48]), Buffer.alloc(8), Buffer.from([0x01, 0x18, 0x03]), encode({ 3: plain[3], 5: plain[5] }).subarray(1)]), 1],
    ['no salt', encode({ ...plain, 0: undefined }), 1],
    ['no reading', encode({ ...plain, 5: undefined }), 1],
    ['no fields', encode({ ...plain, 3: undefined }), 1],
    ['a float', encode({ ...plain, 3: { 3: person1, 13: new Raw(Buffer.from('fb3ff0000000000000', 'hex')) } }), 1],
    ['text that is not UTF-8', encode({ ...plain, 3: { 3: person1, 13: new Raw(Buffer.from('62c328', 'hex')) } }), 1],
    ['a set out of order', encode({ ...plain, 3: { 1: ['money', 'housing'], 3: person1 } }), 3],
    ['its own name with the device', encode({ ...plain, 2: [writer.device, contact] }), 1],
    ['a record it has yet to write', encode({ ...plain, 2: 100_000, 3: { 13: 'y' } }), 1],
    ['too large', encode({ ...plain, 3: { 3: person1, 13: 'x'.repeat(47 * 1024), 16: 'y'.repeat(47 * 1024) } }), 2],
    ['a note that is a number', encode({ ...plain, 3: { 3: person1, 13: 7 } }), 3],
    ['a time that is a text', encode({ ...plain, 3: { 3: person1, 10: 'today' } }), 3],
    ['a person that is a text', encode({ ...plain, 3: { 3: 'Dee', 13: 'x' } }), 3],
    ['about a contact', encode({ ...plain, 3: { 3: contact, 13: 'x' } }), 4],
    ['a person about a person', encode({ ...plain, 1: PERSON, 3: { 3: person1, 10: 'x' } }), 4],
    ['a contact updated as a person', encode({ ...plain, 1: PERSON, 2: contact, 3: { 10: 'x' } }), 4],
    ['about nobody', encode({ ...plain, 3: { 13: 'x' } }), 5],
    ['an alias without a name', encode({ ...plain, 1: 2, 3: { 3: person1 } }), 5],
    ['a consent corrected', encode({ ...plain, 1: CONSENT, 2: consent, 3: { 10: 'refused' } }), 5],
    ['a gateway without an authoriser', encode({ ...plain, 1: 11, 3: { 3: person1, 10: ['one'], 11: ['housing'], 12: '2030-01-01', 14: 'law' }, 6: 'Wren' }), 5],
    ['a gateway its writer authorises', encode({ ...plain, 1: 11, 3: { 3: person1, 10: ['one'], 11: ['housing'], 12: '2030-01-01', 13: 'Wren', 14: 'law' }, 6: 'Wren' }), 5],
  ];
  const expected = new Map();
  const fine = [person1, contact, consent];
  for (const [what, bytes, code] of bad) {
    expected.set(writer.write(bytes), [what, code]);
    fine.push(writer.contact(baz, `beside ${what}`));
  }
  const answer = await writer.sync();
  assert.equal(answer.get(1), writer.log.length, 'all count as received');
  for (const [seq, [what, code]] of expected) assert.equal(writer.refused.get(seq), code, `${what}: ${JSON.stringify(answer.get(2)?.find(([at]) => at === seq))}`);
  assert.equal(writer.refused.size, bad.length, 'and no other');
  const log = (await hubLog()).map(({ name }) => name).filter((name) => name.startsWith(hex16(writer.device)));
  assert.deepEqual(log, fine.map((seq) => writer.name(seq)), 'the rest is in the log, in order');
  const listed = await quarantine(writer.device);
  assert.deepEqual(listed.map(({ name, code }) => [name, code]), [...expected].map(([seq, [, code]]) => [writer.name(seq), code]));
  // What comes after is held up by none of it.
  const next = writer.contact(person1, 'and on we go');
  assert.equal((await writer.sync()).get(1), next);
  // It stays while it is bad; who dismisses it takes it off the list.
  const [first, ...rest] = listed;
  await assert.rejects(world.hub(['quarantine', 'retry', first.name]), (error) => error.exit === 4);
  assert.equal((await quarantine(writer.device)).length, bad.length);
  assert.equal(await world.hub(['quarantine', 'dismiss', first.name]), 'Dismissed. Its bytes stay: `teapot-hub quarantine list --all`.\n');
  for (const what of ['retry', 'dismiss']) await assert.rejects(world.hub(['quarantine', what, writer.name(contact)]), (error) => error.exit === 3 && /there is no such change in quarantine/.test(error.stderr));
  assert.deepEqual((await quarantine(writer.device)).map(({ name }) => name), rest.map(({ name }) => name));
  // What is said to a person: what is dismissed is counted, not shown; trying all again says why each stays.
  const line = ({ name, bytes, text }) => `${name}  <time>  ${bytes} bytes  ${text}`;
  const shown = linesOf(await world.hub(['quarantine', 'list']));
  assert.deepEqual(shown.filter((one) => one.startsWith(hex16(writer.device))), rest.map(line));
  assert.deepEqual(shown.slice(-2), ['To try them again, as after an upgrade: quarantine retry. Looked at: quarantine dismiss NAME.', '1 dismissed: `teapot-hub quarantine list --all` shows it.']);
  assert.ok(linesOf(await world.hub(['quarantine', 'list', '--all'])).includes(`${line(first)} (dismissed)`));
  // What nobody can read may be about anybody who is to be erased.
  await assert.rejects(world.hub(['erase', good.name(person), '--everything', '--reason', 'to see', '--by', 'Olu']), ({ exit, stdout }) => exit === 4
    && /^In quarantine \d+ changes stand of which nobody can say what they are of: teapot-hub quarantine list\.$/.test(linesOf(stdout).at(-1)));
  await assert.rejects(world.hub(['quarantine', 'retry']), ({ exit, stdout }) => exit === 4 && !stdout.includes(`${first.name} `)
    && rest.every(({ name, text }) => stdout.includes(`${name}  still refused: ${text}\n`)));
  await assert.rejects(world.hub(['quarantine', 'retry', first.name]), ({ exit, stdout }) => exit === 4 && stdout.includes('still refused'));
  await unharmed(async () => {});
});

test('a kiosk pushes new help requests about nobody known and nothing else, and is sent nothing', async () => {
  const kiosk = await foreigner('one', 'kiosk', '--kiosk');
  const ask = (fields = {}) => kiosk.write({ entity: HELP_REQUEST, worker: null, fields: { 10: 'A shower and a coat', 13: 'kiosk', 14: 'open', ...fields } });
  const request = ask();
  const refused = [
    kiosk.write({ entity: PERSON, worker: null, fields: { 10: 'somebody' } }),
    kiosk.contact([good.device, person], 'spying'),
    ask({ 3: [good.device, person] }),
    kiosk.write({ entity: HELP_REQUEST, worker: null, record: request, fields: { 14: 'answered' } }),
    kiosk.write({ entity: CONSENT, worker: null, fields: { 3: [good.device, person], 10: 'given', 11: ['*'], 12: ['housing'], 13: ['support'], 14: 'kiosk', 17: 'believed_to_have' } }),
    kiosk.write({ entity: 77, worker: null, fields: { 10: 'of a newer kind' } }),
  ];
  const last = ask();
  const answer = await kiosk.sync();
  assert.equal(answer.get(1), last);
  assert.deepEqual([...kiosk.refused], refused.map((seq) => [seq, 5]));
  assert.equal(kiosk.held.size, 0);
  assert.equal(kiosk.directory, null);
  const log = (await hubLog()).map(({ name }) => name);
  assert.ok(log.includes(kiosk.name(request)) && log.includes(kiosk.name(last)));
  // A machine that stands in public does not become a worker's by another code.
  const { status, json } = await post(world.port, '/v1/enrol', kiosk.enrolRequest(await kiosk.code()), { ca: kiosk.ca, agent: false });
  assert.deepEqual([status, json.error], [409, 'device']);
  const spied = kiosk.name(refused[1]);
  await assert.rejects(world.hub(['quarantine', 'retry', spied]), (error) => error.exit === 4);
  assert.ok((await quarantine(kiosk.device)).some(({ name }) => name === spied));
});

// ---- What a newer program writes ----

test('an unknown entity, field and kind are kept and held back as the design says', async () => {
  const newer = await foreigner('one', 'newer');
  const colleague = await foreigner('one', 'colleague');
  const who = newer.person('Amina');
  newer.give(who, ['*'], ['general', 'housing']);
  const plain = newer.contact(who, 'of a kind everybody knows');
  const field = newer.contact(who, 'with a field of tomorrow', { 90: [1, { 2: 'deep' }] });
  const entity = newer.write({ entity: 77, fields: { 3: who, 10: 'an entity of tomorrow' } });
  const kind = newer.contact(who, 'of a kind of tomorrow', { 1: ['education'] });
  const envelope = newer.write({ entity: CONTACT, fields: { 3: who, 13: 'its schema said so', 91: 5 }, kinds: ['education'] });
  const key = newer.write({ entity: CONTACT, fields: { 3: who, 13: 'with a key of tomorrow' }, key9: ['x'] });
  const answer = await newer.sync();
  assert.equal(answer.get(1), newer.log.length);
  assert.equal(newer.refused.size, 0, 'nothing of it is refused');
  const logged = linesOf(await world.hub(['log', '--device', hex16(newer.device)]));
  const inLog = (seq, what, fields) => ` ${newer.name(seq)}  ${what} ${newer.name(seq)}  one  ${fields}`;
  const withoutStamp = (line) => line.replace(/^\d+  \d{4}-\d\d-\d\dT[\d:.]+Z /, '');
  assert.deepEqual([who, field, entity].map((seq) => withoutStamp(logged[seq - 1])), [
    inLog(who, 'person', '["preferred_name"]'), inLog(field, 'contact', '["person","note","90"]'), inLog(entity, '77', '["3","10"]'),
  ], 'what was written, and nothing of what it says');
  const values = linesOf(await world.hub(['log', '--device', hex16(newer.device), '--values']));
  assert.equal(withoutStamp(values[who - 1]), inLog(who, 'person', '{"preferred_name":"Amina"}'));
  await assert.rejects(world.hub(['log', '--after', 'Monday']), (error) => error.exit === 2 && /"Monday" is no number/.test(error.stderr));
  await colleague.sync();
  for (const seq of [who, plain, field, entity, kind, envelope, key]) {
    assert.deepEqual(colleague.held.get(newer.name(seq))?.bytes, newer.log[seq - 1], `the agency that wrote ${seq} holds it, byte for byte`);
  }
  await bystander.sync();
  const has = (seq) => bystander.held.has(newer.name(seq));
  assert.deepEqual([who, plain, field, key].map(has), [true, true, true, true], 'consent covers what is general');
  assert.deepEqual(bystander.held.get(newer.name(field)).bytes, newer.log[field - 1], 'the unknown field travels with it');
  assert.deepEqual([entity, kind, envelope].map(has), [false, false, false], 'what is not known is covered by no consent');
  // A change that takes access away and is not understood stops what is new about that person.
  newer.write({ entity: 78, fields: { 3: who }, restricts: true });
  const late = newer.contact(who, 'after the restriction');
  await newer.sync();
  await bystander.sync();
  assert.equal(has(late), false);
  assert.equal(has(plain), true, 'what it held it still holds');
  await colleague.sync();
  assert.ok(colleague.held.has(newer.name(late)));
  await unharmed(async () => {});
});

// ---- Who may speak at all ----

test('without a certificate of this hub nobody gets anywhere', async () => {
  const nowMs = Date.now();
  const key = makeKey();
  const authority = makeKey();
  const issuer = { cn: 'Teapot hub CA' };
  const subject = { cn: hex16(good.device), ou: 'one' };
  const pem = (one) => one.export({ type: 'pkcs8', format: 'pem' });
  const strangers = [
    ['of another authority with the same name', makeCertificate({ subject, key, issuer, issuerKey: authority, nowMs }), key],
    ['made by itself', makeCertificate({ subject, key, issuer: subject, issuerKey: key, nowMs }), key],
    ['an authority of its own', makeCertificate({ subject: issuer, key: authority, issuer, issuerKey: authority, isAuthority: true, nowMs }), authority],
  ];
  await unharmed(async () => {
    for (const [what, cert, itsKey] of strangers) {
      for (const target of ['/v1/sync', '/v1/enrol', '/v1/ask', '/healthz']) {
        await assert.rejects(post(world.port, target, packBody(good.message([])), { ca: good.ca, cert, key: pem(itsKey), agent: false }), undefined, `${what}: ${target}`);
      }
    }
    // Somebody else's certificate without its key.
    await assert.rejects(post(world.port, '/v1/sync', packBody(good.message([])), { ca: good.ca, cert: good.certificate, key: pem(key), agent: false }));
    for (const target of ['/v1/sync', '/v1/ask', '/v1/log', '/', '/v1/enrol/..', '/metrics']) {
      const { status } = await post(world.port, target, packBody(good.message([])), { ca: good.ca, agent: false });
      assert.ok([403, 404, 405].includes(status), `${target} without a certificate: ${status}`);
    }
  });
});

test('a revoked device is refused at once, on the connection it has too', async () => {
  const lost = await foreigner('one', 'lost');
  await lost.sync();
  lost.contact([good.device, person], 'from whoever found it');
  await world.hub(['device', 'revoke', hex16(lost.device)]);
  const waiting = packBody(lost.message());
  await unharmed(async () => {
    assertRefused(await lost.send(waiting), 'revoked');
    lost.close();
    assertRefused(await lost.send(waiting), 'revoked');
    const answer = await post(world.port, '/v1/enrol', lost.enrolRequest(await lost.code()), { ca: lost.ca, agent: false });
    assert.ok([403, 409].includes(answer.status), 'nor does a new code bring it back');
  });
});

// ---- Asking by the code of a help request ----

// By the document: eight symbols of base 32 and their check in GF(32).
function requestCode(bits) {
  const symbols = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const n = BigInt(`0x${Buffer.from(bits).toString('hex')}`);
  const values = [...Array(8).keys()].map((i) => Number((n >> BigInt(35 - 5 * i)) & 31n));
  const timesRoot = (x) => (x & 16 ? (x << 1) ^ 0x25 : x << 1) & 31;
  const check = values.reduce((sum, value) => timesRoot(sum ^ value), 0);
  return [...values, check].map((value) => symbols[value]).join('');
}
const askAfter = (device, code) => post(world.port, '/v1/ask', Buffer.from(JSON.stringify({ code })), device.tls);

test('a code tells its state and the reply, and nothing else of the request', async () => {
  const kiosk = await foreigner('one', 'door', '--kiosk');
  const code = requestCode(crypto.randomBytes(5));
  const secrets = ['money for the meter', 'Kit', 'behind the mosque', 'told the team to wait'];
  assert.equal((await askAfter(kiosk, code)).json.state, 'unknown');
  const seq = kiosk.write({ entity: HELP_REQUEST, fields: { 10: secrets[0], 13: 'kiosk', 14: 'open', 17: secrets[2], 18: secrets[1], 19: code, 21: 'pl' }, worker: null });
  await kiosk.sync();
  assert.deepEqual((await askAfter(kiosk, code)).json, { state: 'received', reply: null, at: world.hubClock.ms });
  good.write({ entity: HELP_REQUEST, record: [kiosk.device, seq], fields: { 14: 'held', 16: secrets[3], 20: 'Chod\u017a o 11:30' } });
  await good.sync();
  const { json, body } = await askAfter(kiosk, code);
  assert.deepEqual(json, { state: 'held', reply: 'Chod\u017a o 11:30', at: world.hubClock.ms });
  for (const secret of [...secrets, kiosk.name(seq), 'pl"', code]) assert.ok(!body.includes(secret), `the answer holds ${secret}`);
  assert.equal((await askAfter(bystander, code)).json.state, 'held', 'whoever holds the paper may ask anywhere');
});

test('guessing codes tells nothing, and is stopped', async () => {
  const thief = await foreigner('two', 'stolen', '--kiosk');
  const code = requestCode(crypto.randomBytes(5));
  good.write({ entity: HELP_REQUEST, fields: { 10: 'a coat', 14: 'held', 19: code, 20: 'soon' } });
  await good.sync();
  const errorsBefore = world.serverErrors;
  await unharmed(async () => {
    const answers = [];
    for (const guess of ['', 'x', "' OR 1=1 --", '0'.repeat(2000), `${code}0`, code.slice(0, 8), `${code.slice(0, 8)}%`]) answers.push(await askAfter(thief, guess));
    while (answers.length < 20) answers.push(await askAfter(thief, requestCode(crypto.randomBytes(5))));
    for (const { status, body } of answers) {
      assert.equal(status, 200);
      assert.deepEqual(body, answers[0].body, 'each unknown code is answered the same');
    }
    for (const guess of [requestCode(crypto.randomBytes(5)), code]) {
      const { status, json } = await askAfter(thief, guess);
      assert.equal(status, 429);
      assert.equal(json.error, 'busy');
    }
    assert.equal((await askAfter(bystander, code)).json.state, 'held', 'another device is not kept waiting');
    for (const body of ['', '{', '[]', '{"code":7}', 'code=1']) {
      const { status, json } = await post(world.port, '/v1/ask', Buffer.from(body), bystander.tls);
      assert.equal(status, 400);
      assert.equal(json.error, 'body');
    }
    await world.hub(['device', 'revoke', hex16(thief.device)]);
    assertRefused(await askAfter(thief, code), 'revoked');
  });
  const said = world.serverErrors.slice(errorsBefore.length);
  assert.ok(!said.includes(code) && !said.includes(hex16(thief.device)), `the hub's log says ${said}`);
});

test('a code enrols one device, once, in time, for its agency', async () => {
  const tries = (device, body, from) => post(world.port, '/v1/enrol', body, { ca: good.ca, agent: false, localAddress: from ?? '127.0.0.3' });
  const fresh = () => Object.assign(new Foreign(world, 'one', 'fresh'), { ca: good.ca });
  const refused = async (device, body, ...codes) => {
    const { status, json } = await tries(device, body);
    assert.ok(status >= 400 && status < 500 && codes.includes(json?.error), `${status} ${JSON.stringify(json)}`);
  };
  await unharmed(async () => {
    const one = fresh();
    const code = await one.code();
    const wrong = code.replace(/^./, (digit) => (digit === '7' ? '8' : '7'));
    await refused(one, one.enrolRequest(wrong), 'code');
    await refused(one, one.enrolRequest(code.slice(1)), 'body', 'code');
    await refused(one, one.enrolRequest(code, { signer: makeKey() }), 'body');
    await refused(one, one.enrolRequest(code, { agency: 'two' }), 'agency');
    await refused(one, one.enrolRequest(code, { device: good.device }), 'device');
    for (const body of ['', '{', '[]', '{"code":1}', '{"code":"0000000000000000"}', 'x'.repeat(100_000)]) await refused(one, Buffer.from(body), 'body', 'code');
    // None of that used the code up.
    const { status, json } = await tries(one, one.enrolRequest(code));
    assert.equal(status, 200, JSON.stringify(json));
    const other = fresh();
    await refused(other, other.enrolRequest(code), 'code');
    const late = fresh();
    const short = await late.code('--valid', '1');
    world.hubClock.pass(HOUR + 1000);
    await refused(late, late.enrolRequest(short), 'code');
  });
});

test('guessing is slowed down, and keeps nobody else from enrolling', async () => {
  const guesser = Object.assign(new Foreign(world, 'one', 'guesser'), { ca: good.ca });
  const guess = async () => {
    const code = Array.from({ length: 42 }, () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[crypto.randomInt(32)]).join('');
    const { status } = await post(world.port, '/v1/enrol', guesser.enrolRequest(code), { ca: good.ca, agent: false, localAddress: '127.0.0.2' });
    return status;
  };
  await unharmed(async () => {
    const statuses = [];
    for (let i = 0; i < 30 && statuses.at(-1) !== 429; i++) statuses.push(await guess());
    assert.equal(statuses.at(-1), 429, `answers: ${statuses}`);
    const right = await post(world.port, '/v1/enrol', guesser.enrolRequest(await guesser.code()), { ca: good.ca, agent: false, localAddress: '127.0.0.2' });
    assert.equal(right.status, 429, 'a right code from there waits too');
    await foreigner('one', 'somebody else');
  });
});

// ---- The hub's clock: last, since it only goes on ----

test('an expired certificate gets nowhere, by the hub\'s clock', async () => {
  const stale = await foreigner('one', 'stale');
  stale.contact([good.device, person], 'too late');
  world.hubClock.pass(360 * DAY);
  const { body } = await good.send(packBody(good.message([], { 11: makeRequest(good.key, hex16(good.device)) })));
  good.apply(body, 1);
  world.hubClock.pass(10 * DAY);
  await unharmed(async () => {
    await assert.rejects(stale.send(packBody(stale.message())));
  });
  await stale.enrol(); // by a new code it comes back, and nothing it wrote is lost
  assert.equal((await stale.sync()).get(1), 1);
});

test('while the hub\'s own clock has gone back nothing is stamped', async () => {
  const ms = world.hubClock.ms;
  good.contact(person, 'while the clock was wrong');
  const before = await hubLog();
  world.hubClock.pass(-10 * 60_000);
  assertRefused(await good.send(packBody(good.message())), 'clock');
  assert.deepEqual(await hubLog(), before);
  world.hubClock.pass(ms - world.hubClock.ms + 1000);
  assert.equal((await good.sync()).get(1), good.log.length);
});

test('after all of it the hub is whole', async () => {
  const health = await world.hubJson(['health', '--deep']);
  assert.equal(health.clock_back, false);
  await world.stop();
  await world.serve();
  await unharmed(async () => {});
  assert.equal(world.serverErrors.match(/ERROR: \w+Sanitizer|runtime error/), null);
});

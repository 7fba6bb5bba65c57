// A device of another make: it enrols and syncs by sync/wire/FORMAT.md alone and shares no code with the
// programs, so that what it achieves the document says, and what it is refused no program of ours hides.
import crypto from 'node:crypto';
import https from 'node:https';
import zlib from 'node:zlib';

import { decode, encode } from './cbor.mjs';
import { makeKey, makeRequest, toPem } from './certificates.mjs';

export const PERSON = 1;
export const CONTACT = 3;
export const HELP_REQUEST = 4;
export const CONSENT = 5;

const BASE_32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ACCEPTED_AT_ONCE = 4096;

const sha256 = (...parts) => crypto.createHash('sha256').update(Buffer.concat(parts)).digest();

function be64(value) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
}

export function hex16(device) {
  return BigInt(device).toString(16).padStart(16, '0');
}

function fromBase32(text) {
  let n = 0n;
  for (const digit of text) n = n << 5n | BigInt(BASE_32.indexOf(digit));
  const spare = BigInt(text.length * 5 % 8);
  return Buffer.from((n >> spare).toString(16).padStart(2 * Math.floor(text.length * 5 / 8), '0'), 'hex');
}

// The 42 digits of a code: 80 bits that prove the device, then the beginning of the fingerprint of the
// hub's authority.
function pinOf(code) {
  return fromBase32(code.replace(/[-\s]/g, '').toUpperCase()).subarray(10, 26);
}

// One request on a connection of `tls`; rejects where there was no HTTP answer.
export function post(port, path, body, tls, { headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = https.request({
      host: '127.0.0.1', port, path, method: 'POST', servername: 'teapot-hub', ...tls,
      headers: { 'Content-Length': body.length, ...headers },
    }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        let json = null;
        try { json = JSON.parse(bytes); } catch { /* a message, or nothing */ }
        resolve({ status: response.statusCode, body: bytes, json, asked: body });
      });
    });
    request.setTimeout(20_000, () => request.destroy(new Error('the hub did not answer')));
    request.on('error', reject);
    request.end(body);
  });
}

// The certificate of the hub's authority, as the hub itself shows it.
function askForAuthority(port) {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port, path: '/', method: 'GET', servername: 'teapot-hub', rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
    });
    request.on('socket', (socket) => socket.on('secureConnect', () => {
      const shown = socket.getPeerCertificate(true);
      resolve((shown.issuerCertificate ?? shown).raw);
      request.destroy();
    }));
    request.on('error', reject);
    request.end();
  });
}

// ---- Bodies ----
// Here a request is [header, changes] with the tag of its cursor as key 2, h as key 6 and the signature as
// key 7, and a response [header, items, tags] with the tag of its cursor as key 7; changes are whole.  In a
// body all of that stands in the tail.

const SALT_KEY = Buffer.from([0x00, 0x48]);
const TAG_BYTES = 16;
const hasSalt = (bytes) => bytes.length >= 11 && bytes.subarray(1, 3).equals(SALT_KEY);

export function packRequest([{ 2: tag, 6: h, 7: signature, ...header }, changes]) {
  const salts = changes.filter(hasSalt).map((bytes) => bytes.subarray(3, 11));
  const packed = changes.map((bytes) => (hasSalt(bytes) ? Buffer.concat([bytes.subarray(0, 1), bytes.subarray(11)]) : [bytes]));
  return { message: encode([header, packed]), tail: Buffer.concat([tag, h?.subarray(0, 8), signature, ...salts].filter(Boolean)) };
}

// `message`: a request as above, or bytes that go with `tail`.
export function packBody(message, { version = 1, dictionary = 0, dictionaryBytes, level = 9, tail = Buffer.alloc(0) } = {}) {
  const packed = Buffer.isBuffer(message) ? { message, tail } : packRequest(message);
  return Buffer.concat([Buffer.from([version, dictionary]), zlib.deflateRawSync(packed.message, { level, dictionary: dictionaryBytes }), packed.tail]);
}

export function openBody(body, { dictionaryBytes } = {}) {
  const { buffer, engine } = zlib.inflateRawSync(body.subarray(2), { dictionary: dictionaryBytes, info: true });
  let tail = body.subarray(2 + engine.bytesWritten);
  const take = (bytes) => {
    if (bytes > tail.length) throw new Error('the tail is too short');
    const taken = tail.subarray(0, bytes);
    tail = tail.subarray(bytes);
    return taken;
  };
  const [header, items, ...more] = decode(buffer);
  if (more.length > 0) throw new Error('a response of more than two');
  if (header.has(6)) header.set(7, take(TAG_BYTES));
  const tags = take(TAG_BYTES * items.length);
  for (const item of items) {
    item[5] = Array.isArray(item[5]) ? item[5][0] : Buffer.concat([item[5].subarray(0, 1), SALT_KEY, take(8), item[5].subarray(1)]);
  }
  if (tail.length > 0) throw new Error('the tail is too long');
  return { version: body[0], dictionary: body[1], message: [header, items, tags] };
}

export class Foreign {
  constructor(world, agency, label) {
    Object.assign(this, { world, agency, label });
    this.device = crypto.randomBytes(8).readBigUInt64BE() | 1n;
    this.key = makeKey();
    this.log = []; // bytes of its changes: seq is the place, from 1
    this.chain = [sha256(be64(this.device))]; // h(0), h(1) ...
    this.accepted = 0;
    this.cursor = 0;
    this.tag = undefined;
    this.receipt = undefined;
    this.generation = undefined;
    this.held = new Map(); // name -> { bytes, stamp, number, verdict }
    this.refused = new Map(); // seq -> code
    this.gone = new Set(); // seqs of its own that were given back
    this.stamps = new Map(); // seq -> { ms, number }
    this.directory = null;
  }

  // What the hub's clock reads is right; this machine was started an hour ago.
  get upMs() {
    return this.world.hubClock.ms - this.startedMs;
  }
  get reading() {
    this.startedMs ??= this.world.hubClock.ms - 3_600_000;
    return [1, this.upMs, this.world.hubClock.ms - this.upMs];
  }

  // ---- Enrolment ----

  enrolRequest(code, { key = this.key, signer = key, device = this.device, agency = this.agency } = {}) {
    const [era, up, skew] = this.reading;
    const csr = toPem('CERTIFICATE REQUEST', makeRequest(key, hex16(device), signer));
    return Buffer.from(JSON.stringify({ code, csr, agency, clock: { era, up_ms: up, wall_ms: up + skew } }));
  }
  async code(...options) {
    const { code } = await this.world.hubJson(['device', 'code', '--agency', this.agency, '--label', this.label, ...options]);
    return code;
  }
  async enrol(...options) {
    const code = await this.code(...options);
    const authority = await askForAuthority(this.world.port);
    const pin = pinOf(code);
    if (!sha256(authority).subarray(0, pin.length).equals(pin)) throw new Error('the code does not name this hub');
    this.ca = toPem('CERTIFICATE', authority);
    const { status, json } = await post(this.world.port, '/v1/enrol', await this.enrolRequest(code), { ca: this.ca, agent: false });
    if (status !== 200) throw new Error(`enrolment: ${status} ${JSON.stringify(json)}`);
    this.certificate = json.certificate;
    this.close();
    return this;
  }

  get tls() {
    this.agent ??= new https.Agent({ keepAlive: true, maxSockets: 1 });
    return { ca: this.ca, cert: this.certificate, key: this.key.export({ type: 'pkcs8', format: 'pem' }), agent: this.agent };
  }
  close() {
    this.agent?.destroy();
    this.agent = undefined;
  }

  // ---- Writing ----

  name(seq) {
    return `${hex16(this.device)}-${seq}`;
  }
  // Bytes of a change: keys as in the document.
  encodeChange({ entity, record, fields = {}, seen, worker = 'Wren', kinds, restricts, ...more }) {
    const above = Object.fromEntries(Object.entries(more).map(([key, value]) => [key.replace('key', ''), value]));
    return encode({ 0: crypto.randomBytes(8), 1: entity, 2: record, 3: fields, 4: seen, 5: this.reading, 6: worker ?? undefined, 7: kinds, 8: restricts, ...above });
  }
  // Appends a change (or bytes that are none) and gives its seq.
  write(change) {
    const bytes = Buffer.isBuffer(change) ? change : this.encodeChange(change);
    this.log.push(bytes);
    this.chain.push(sha256(this.chain.at(-1), bytes));
    return this.log.length;
  }
  person(name) {
    return this.write({ entity: PERSON, fields: { 10: name } });
  }
  contact(person, note, fields = {}) {
    return this.write({ entity: CONTACT, fields: { 3: person, 13: note, ...fields } });
  }
  give(person, agencies, kinds, fields = {}) {
    return this.write({ entity: CONSENT, fields: { 3: person, 10: 'given', 11: [...agencies].sort(), 12: [...kinds].sort(), 13: ['support'], 14: 'spoken', 17: 'believed_to_have', ...fields } });
  }

  // ---- A sync ----

  sign(h) {
    return signDigest(h, this.key);
  }
  header(changes, first = this.accepted + 1) {
    const last = first + changes.length - 1;
    const h = changes.length > 0 ? this.chain[last] : undefined;
    const [era, up, skew] = this.reading;
    return {
      1: this.cursor || undefined, 2: this.tag, 3: [era, up, skew],
      4: changes.length > 0 ? [[era, 1, 0, skew, up, skew]] : undefined,
      5: changes.length > 0 ? first : undefined, 6: h, 7: h && this.sign(h),
      8: this.receipt, 9: this.directory?.version, 12: this.generation,
    };
  }
  message(changes = this.log.slice(this.accepted), over = {}, first = this.accepted + 1) {
    return [{ ...this.header(changes, first), ...over }, changes];
  }
  send(body, tls = this.tls) {
    return post(this.world.port, '/v1/sync', body, tls);
  }

  // What it holds and the hub knows of, name by name: [device, seq, bytes], in the order of names.
  known() {
    const received = [...this.held].map(([name, { bytes }]) => [BigInt(`0x${name.slice(0, 16)}`), Number(name.slice(17)), bytes]);
    const own = this.log.map((bytes, i) => [this.device, i + 1, bytes])
      .filter(([, seq]) => seq <= this.accepted && !this.refused.has(seq) && !this.gone.has(seq) && !this.held.has(this.name(seq)));
    return [...received, ...own].sort(([a, m], [b, n]) => (a === b ? m - n : a < b ? -1 : 1));
  }
  // Syncs until nothing is left to do; gives the first answer's header.  Then hub and device hold the same.
  async sync(packing = {}) {
    let first = null;
    let header;
    let more = true;
    while (more) {
      const changes = this.log.slice(this.accepted, this.accepted + ACCEPTED_AT_ONCE);
      const from = this.accepted + 1;
      const { status, body, json } = await this.send(packBody(this.message(changes), packing));
      if (status !== 200) throw new Error(`sync: ${status} ${JSON.stringify(json)}`);
      header = this.apply(body, from, packing);
      first ??= header;
      more = header.get(8) === true || header.has(9) || this.accepted < this.log.length;
    }
    if (header.has(15) && !header.get(15).equals(sumOf(this.known()))) throw new Error(`${this.label}: after a sync the sums differ`);
    return first;
  }

  apply(body, from, packing = {}) {
    const { message, version } = openBody(body, packing);
    const [header, items] = message;
    this.answeredVersion = version;
    this.accepted = Math.max(this.accepted, header.get(1) ?? 0);
    for (const [seq, code] of header.get(2) ?? []) this.refused.set(seq, code);
    this.applyStamps(header.get(3), from);
    for (const [device, seqs] of header.get(9)?.[1] ?? new Map()) this.giveBack(device, seqs);
    if (header.has(9)) this.receipt = header.get(9)[0];
    if (header.has(10)) this.directory = { version: header.get(10)[0], agencies: header.get(10)[1], devices: header.get(10)[2] };
    if (header.has(11)) {
      this.certificate = header.get(11).toString();
      this.close();
    }
    this.applyItems(header.get(13) ?? [], items);
    this.generation = header.get(5);
    this.cursor = header.get(6) ?? 0;
    this.tag = header.get(7);
    return header;
  }
  applyStamps(stamps, from) {
    let seq = from;
    let number = stamps?.[0];
    for (const [count, skew] of stamps?.[1] ?? []) {
      for (let i = 0; i < count; i++) {
        this.stamps.set(seq, { ms: skew + upOf(this.log[seq - 1]), number });
        seq++;
        number++;
      }
    }
  }
  giveBack(device, seqs) {
    for (const seq of seqs) {
      this.held.delete(`${hex16(device)}-${seq}`);
      if (BigInt(device) === this.device) this.gone.add(seq);
    }
  }
  applyItems(devices, items) {
    const last = devices.map(() => 0);
    let [position, number, skew] = [0, 0, 0];
    for (const [index, seq, positionStep, numberStep, skewStep, bytes, verdict = 0] of items) {
      last[index] += seq;
      position += positionStep;
      number += numberStep;
      skew += skewStep;
      this.held.set(`${hex16(devices[index])}-${last[index]}`, { bytes, position, number, stamp: skew + upOf(bytes), verdict });
    }
  }
}

// SHA-256(device || seq || bytes), and the sum of what some changes count: FORMAT.md, What is held.
export const digestOf = ([device, seq, bytes]) => sha256(be64(device), be64(seq), bytes);
export function sumOf(changes) {
  const sum = changes.reduce((all, change) => all + BigInt(`0x${digestOf(change).subarray(0, 16).toString('hex')}`), 0n);
  return Buffer.from((sum % (1n << 128n)).toString(16).padStart(32, '0'), 'hex');
}

// The uptime in the reading of a change, 0 where that cannot be read.
function upOf(bytes) {
  try { return decode(bytes).get(5)[1]; } catch { return 0; }
}

// ---- ECDSA over a digest as it is ----

const P = {
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
  g: [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n],
};
const mod = (a, m) => ((a % m) + m) % m;

function inverse(a, m) {
  let [r0, r1, s0, s1] = [mod(a, m), m, 1n, 0n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1];
  }
  return mod(s0, m);
}
function add(a, b) {
  if (!a || !b) return a ?? b;
  if (a[0] === b[0] && mod(a[1] + b[1], P.p) === 0n) return null;
  const slope = a[0] === b[0] ? (3n * a[0] * a[0] + P.a) * inverse(2n * a[1], P.p) : (b[1] - a[1]) * inverse(b[0] - a[0], P.p);
  const x = mod(slope * slope - a[0] - b[0], P.p);
  return [x, mod(slope * (a[0] - x) - a[1], P.p)];
}
function times(k, point) {
  let [sum, doubled] = [null, point];
  for (; k > 0n; k >>= 1n) {
    if (k & 1n) sum = add(sum, doubled);
    doubled = add(doubled, doubled);
  }
  return sum;
}

// node:crypto hashes whatever it signs, so the few lines of ECDSA stand here (FIPS 186-4, 6.4).  Not for
// secrets that matter: it takes no care of timing.
export function signDigest(digest, key) {
  const d = BigInt(`0x${Buffer.from(key.export({ format: 'jwk' }).d, 'base64url').toString('hex')}`);
  const z = BigInt(`0x${digest.toString('hex')}`);
  const k = mod(BigInt(`0x${crypto.randomBytes(40).toString('hex')}`), P.n - 1n) + 1n;
  const r = mod(times(k, P.g)[0], P.n);
  const s = mod(inverse(k, P.n) * (z + r * d), P.n);
  return Buffer.from(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'), 'hex');
}

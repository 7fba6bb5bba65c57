// CBOR in its deterministic form (RFC 8949, 4.2.1), written from sync/wire/FORMAT.md alone: it shares
// nothing with the programs it is used against.
//
// Numbers and BigInts are integers, Buffers byte strings, Maps (and objects with integer keys) maps.

function head(major, value) {
  const n = BigInt(value);
  const first = major << 5;
  if (n < 24n) return Buffer.from([first | Number(n)]);
  for (const [bytes, info] of [[1, 24], [2, 25], [4, 26], [8, 27]]) {
    if (n < 1n << BigInt(8 * bytes)) {
      const out = Buffer.alloc(1 + bytes);
      out[0] = first | info;
      for (let i = 0; i < bytes; i++) out[bytes - i] = Number((n >> BigInt(8 * i)) & 255n);
      return out;
    }
  }
  throw new Error(`${n} has more than 64 bits`);
}

function entriesOf(value) {
  if (value instanceof Map) return [...value];
  return Object.entries(value).map(([key, item]) => [Number(key), item]);
}

// What is undefined in a map is left out.
export function encode(value) {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === 'number' || typeof value === 'bigint') {
    return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Raw) return value.bytes;
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encode)]);
  const pairs = entriesOf(value).filter(([, item]) => item !== undefined)
    .map(([key, item]) => [encode(key), encode(item)]).sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
}

// Bytes that stand for one item as they are: how a test writes what is no CBOR.
export class Raw {
  constructor(bytes) {
    this.bytes = bytes;
  }
}

class Reader {
  constructor(bytes) {
    Object.assign(this, { bytes, at: 0 });
  }
  take(count) {
    if (this.at + count > this.bytes.length) throw new Error('CBOR is cut short');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  argument(info) {
    if (info < 24) return BigInt(info);
    const width = { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
    if (!width) throw new Error(`no argument of form ${info} is allowed`);
    const n = BigInt(`0x${this.take(width).toString('hex')}`);
    if (n < (width === 1 ? 24n : 1n << BigInt(4 * width))) throw new Error('a number is not in its shortest form');
    return n;
  }
  item() {
    const first = this.take(1)[0];
    const major = first >> 5;
    if (major === 7) {
      const simple = { 0xf4: false, 0xf5: true, 0xf6: null };
      if (!(first in simple)) throw new Error(`0x${first.toString(16)} is not allowed`);
      return simple[first];
    }
    const n = this.argument(first & 31);
    const size = Number(n);
    switch (major) {
      case 0: return n <= Number.MAX_SAFE_INTEGER ? size : n;
      case 1: return n < Number.MAX_SAFE_INTEGER ? -1 - size : -1n - n;
      case 2: return Buffer.from(this.take(size));
      case 3: return new TextDecoder('utf-8', { fatal: true }).decode(this.take(size));
      case 4: return Array.from({ length: size }, () => this.item());
      case 5: return this.map(size);
      default: throw new Error('tags are not allowed');
    }
  }
  map(size) {
    const out = new Map();
    let last = null;
    for (let i = 0; i < size; i++) {
      const from = this.at;
      const key = this.item();
      const encoded = this.bytes.subarray(from, this.at);
      if (last && Buffer.compare(last, encoded) >= 0) throw new Error('keys do not ascend');
      last = encoded;
      out.set(key, this.item());
    }
    return out;
  }
}

// Throws at anything but exactly one item in its one form.
export function decode(bytes) {
  const reader = new Reader(bytes);
  const item = reader.item();
  if (reader.at !== bytes.length) throw new Error('something follows the item');
  return item;
}

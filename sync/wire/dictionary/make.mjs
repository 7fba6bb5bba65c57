// Makes preset dictionary 1 from words.txt and notes.txt, which we wrote for it, and from the shapes of
// changes as sync/wire/change_encode.c writes them.
//
//   node sync/wire/dictionary/make.mjs > sync/wire/dictionary/1
//
// The result is frozen: this script is kept to show where its bytes come from, and for the next number.
// Deflate looks at most 32 KiB back and pays less for what is near: the commonest stands last.
import { readFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const read = (name) => readFileSync(new URL(name, here), 'utf8');

// Deterministic CBOR, as far as changes need it.
function head(major, n) {
  if (n < 24) return Buffer.from([major << 5 | n]);
  if (n < 0x100) return Buffer.from([major << 5 | 24, n]);
  if (n < 0x10000) return Buffer.from([major << 5 | 25, n >> 8, n & 255]);
  const bytes = Buffer.alloc(n < 0x100000000 ? 5 : 9);
  bytes[0] = major << 5 | (bytes.length === 5 ? 26 : 27);
  if (bytes.length === 5) bytes.writeUInt32BE(n, 1);
  else bytes.writeBigUInt64BE(BigInt(n), 1);
  return bytes;
}
function item(value) {
  if (value === null) return Buffer.from([0xf6]);
  if (value === true) return Buffer.from([0xf5]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Map) {
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([k, v]) => [item(k), item(v)])]);
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(4, value.length), ...value.map(item)]);
}

const salt = Buffer.alloc(8);
const day = 1767225600000; // the first of 2026
function change(entity, fields, rest = {}) {
  const keys = [[0, salt], [1, entity]];
  if (rest.record) keys.push([2, rest.record]);
  keys.push([3, new Map(fields)]);
  if (rest.seen) keys.push([4, new Map(rest.seen)]);
  keys.push([5, [1, 86400000, day]], [6, 'worker']);
  if (rest.kinds) keys.push([7, rest.kinds]);
  if (rest.restricts) keys.push([8, true]);
  return item(new Map(keys));
}

// Places and short answers, as people say them.
const places = ['bus station', 'train station', 'town centre', 'market square', 'library', 'day centre',
  'night shelter', 'hostel', 'soup kitchen', 'church hall', 'car park', 'canal path', 'river bank',
  'underpass', 'shop doorway', 'high street', 'park bench', 'drop-in', 'clinic', 'surgery', 'pharmacy',
  'home visit', 'by phone', 'hospital ward', 'job centre', 'police station', 'council office'];

const codes = [
  'male', 'female', 'prefer_not_to_say', 'unknown', 'none', 'some', 'high', 'open', 'held', 'answered', 'withdrawn',
  'doing', 'done', 'worker', 'kiosk', 'agency', 'lead_practitioner', 'expert_by_relationship',
  'system_connector', 'navigator', 'bedded_down', 'about_to_bed_down', 'not_meant_for_living', 'no',
  'believed_to_have', 'in_doubt', 'lacks', 'spoken', 'signed', 'given', 'refused', 'support',
  'mdt_discussion', 'evaluation', 'wrong_person', 'should_not_have_travelled', 'immigration', 'money',
  'safeguarding', 'domestic_abuse', 'offending', 'substance_use', 'mental_health', 'physical_health',
  'housing', 'general', 'looked_for', 'message', 'phone', 'visit', 'drop_in', 'street'];

const kinds = ['domestic_abuse', 'housing', 'immigration', 'mental_health', 'money', 'offending',
  'physical_health', 'safeguarding', 'substance_use'];
const person = 200;
const shapes = [
  change(8, [[3, person], [10, 'lead_practitioner'], [11, 'name']]),
  change(5, [[3, person], [10, 'given'], [11, ['*']], [12, ['general', ...kinds.slice(1, 2)]],
    [13, ['mdt_discussion', 'support']], [14, 'spoken'], [15, 'consent'], [16, 1], [17, 'believed_to_have'],
    [18, '2026-12-31']]),
  change(5, [[3, person], [10, 'withdrawn'], [11, ['*']], [12, ['*']], [13, ['*']], [14, 'spoken'],
    [17, 'believed_to_have'], [20, [person]]], { restricts: true }),
  change(7, [[3, person], [10, 'what'], [11, ['agency', 'worker']], [12, '2026-02-01'], [13, 'open']]),
  change(6, [[3, person], [10, 'mental_health'], [11, 'high'], [12, true]], { kinds: ['mental_health'] }),
  change(4, [[15, ['agency', 'worker']]], { record: person, seen: [[15, [person]]] }),
  change(4, [[3, person], [10, 'words'], [12, 'place'], [13, 'worker'], [14, 'open']]),
  change(2, [[3, person], [10, 'name']]),
  change(1, [[10, 'name'], [12, '1984-05-11'], [15, 'place'], [16, 'description']]),
  change(1, [[17, 'note']], { record: person, seen: [[17, [person]]] }),
  change(3, [[13, 'note']], { record: person, seen: [[13, [person]]] }),
  ...['looked_for', 'message', 'phone', 'visit', 'drop_in', 'street'].map((kind) =>
    change(3, [[3, person], [10, day], [11, places[0]], [12, kind], [13, 'He said']])),
];

// Sentences are kept whole: what follows what is what makes long matches.
const notes = read('notes.txt').trim().split('\n').join(' ');
const words = (read('words.txt') + read('more_words.txt')).trim().split(/\s+/).reverse().join(' ');
const dictionary = Buffer.concat([
  Buffer.from(codes.slice(0, -6).join(' ') + ' ' + words + ' ' + places.join(' ') + ' '),
  Buffer.from(notes),
  ...shapes,
]);
if (dictionary.length > 32768) throw new Error(`${dictionary.length} bytes: deflate sees 32768`);
process.stdout.write(dictionary);

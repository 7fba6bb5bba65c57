// The JSON that the pages are made from, asked as a page would, by fetch: who there is, what is held, what is
// written, and what happens to a form that stood open while somebody else wrote.
//
// Shows no promise: what the pages are told, not what is kept.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-api-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let van; // of agency one: serves
let desk; // of agency two
let pages;

before(async () => {
  [van, desk] = await world.beginToday({ van: 'one', desk: 'two' });
  pages = await new Pages(van).serve(['--no-sync']);
  await pages.comeIn();
  await pages.say('Dee');
});
after(async () => {
  if (pages) await pages.end();
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

async function refused(status, method, where, body) {
  const response = await pages.ask(method, where, { body });
  const problem = await response.json();
  assert.equal(response.status, status, `${method} ${where}: ${JSON.stringify(problem)}`);
  return problem;
}

test('people are found, with what tells them apart', async () => {
  const baz = await van.create('person', { preferred_name: 'Barry', description: 'grey beard', place: 'library steps', born: '1971' });
  await van.create('alias', { person: baz, name: 'Baz' });
  await van.create('contact', { person: baz, note: 'Tea', happened_at: '2026-01-02T10:00Z' });
  await van.create('contact', { person: baz, note: 'Socks', happened_at: '2026-03-02T10:00Z' });
  await van.create('contact', { person: baz, note: 'Long before, written down now', happened_at: '2025-03-02T10:00Z' });
  const { people } = await pages.json('POST', '/api/find', { text: 'baz' });
  assert.deepEqual(people.map(({ name, preferred_name, aliases, born, description, place, last_contact_at }) => ({ name, preferred_name, aliases, born, description, place, last_contact_at })), [
    { name: baz, preferred_name: 'Barry', aliases: ['Baz'], born: '1971', description: 'grey beard', place: 'library steps', last_contact_at: '2026-03-02T10:00Z' },
  ]);
  assert.deepEqual(await pages.json('POST', '/api/find', { text: 'nobody of this name' }), { people: [], partial: true, given_back: 0 });
  // (Nothing was synced yet: others may be known to the hub.)
  assert.equal((await refused(400, 'POST', '/api/find', { text: 'baz', max: 'x' })).field, 'max');
  assert.equal((await refused(422, 'POST', '/api/find', { text: 7 })).field, 'text');
});

test('a person\'s page, all of it or the newest part', async () => {
  const person = await van.create('person', { preferred_name: 'Sean', own_words: '<b>Leave me</b> & "the dog"' });
  await van.create('role', { person, role: 'peer', name: 'Ann' });
  assert.equal((await pages.json('GET', `/api/person/${person}`)).last_words, null);
  for (let i = 0; i < 5; i++) await van.create('contact', { person, note: `n${i}`, ...(i < 2 ? { own_words: `w${i}` } : {}), happened_at: `2026-02-0${i + 1}T10:00Z` });
  const all = await pages.json('GET', `/api/person/${person}`);
  const cli = await van.json(['timeline', person, '--worker', 'Dee']);
  for (const key of ['person', 'joined', 'consent', 'entries', 'hidden', 'given_back']) assert.deepEqual(all[key], cli[key], key);
  assert.equal(all.person.fields.own_words.shown, '<b>Leave me</b> & "the dog"');
  assert.equal(all.count, 6);
  assert.equal(all.more, 0);
  assert.equal(all.looked_at, null);
  assert.deepEqual(all.persons.map(({ name }) => name), [person]);
  assert.match(all.consent_summary, /./);
  const some = await pages.json('GET', `/api/person/${person}?newest=2&before=1`);
  assert.deepEqual(some.entries.map(({ name }) => name), all.entries.slice(3, 5).map(({ name }) => name));
  assert.equal(some.more, 3);
  assert.deepEqual(some.around.map(({ entity }) => entity), ['role']);
  assert.deepEqual(some.last_words, { words: 'w1', at_text: all.entries[1].at_text }, 'older than what was asked for');
  assert.equal(some.new, all.entries.filter((entry) => entry.new).length);
  await refused(400, 'GET', `/api/person/${person}?newest=-1`);
  await refused(404, 'GET', '/api/person/00000000000000aa-7');
  const record = await pages.json('GET', `/api/record/${person}`);
  assert.deepEqual(record, await van.json(['show', person]));
  await refused(404, 'GET', '/api/record/00000000000000aa-7');
  assert.deepEqual(await pages.json('GET', `/api/record/${all.entries[0].name}/person`), record, 'whom it is about');
  await refused(404, 'GET', `/api/record/${await van.create('help_request', { words: 'A blanket', route: 'worker' })}/person`);
  await refused(404, 'GET', '/api/record/00000000000000aa-7/person');
});

test('looking is noted, and no news to other pages', async () => {
  const person = await van.create('person', { preferred_name: 'Kim' });
  await van.create('contact', { person, note: 'by somebody else' }, 'Tom');
  assert.equal((await pages.json('GET', `/api/person/${person}?newest=0`)).new, 1, 'counted whatever part was asked for');
  const { revision } = await pages.status();
  assert.equal((await pages.ask('POST', `/api/person/${person}/looked`, { body: {} })).status, 204);
  assert.equal((await pages.status()).revision, revision);
  const then = await pages.json('GET', `/api/person/${person}`);
  assert.equal(then.new, 0);
  assert.match(then.looked_at, /^20/);
  await refused(404, 'POST', '/api/person/00000000000000aa-7/looked', {});
});

const write = (changes, more = {}) => pages.json('POST', '/api/write', { changes, ...more }).then(({ results }) => results);
const heads = async (record, field) => (await pages.json('GET', `/api/record/${record}`)).fields[field]?.heads.map(({ name }) => name) ?? [];

test('a form is written whole, with what it refers to, and its draft goes', async () => {
  await pages.json('PUT', '/api/draft/contact-1', { page: '/contact', body: {} });
  const [person, contact, request] = await write([
    { op: 'create', entity: 'person', set: { preferred_name: 'Jo', note: '@0 is text here' } },
    { op: 'create', entity: 'contact', set: { person: '@0', note: 'Cold, wants a blanket' }, set_typed: { happened_at: '12/1/2026 20:02' } },
    { op: 'create', entity: 'help_request', set: { person: '@0', words: 'A blanket' } },
  ], { draft: 'contact-1' });
  assert.equal(contact.person, person.record);
  assert.match(request.code, /^\w{3}-\w{3}-\w{3}$/);
  assert.deepEqual((await pages.json('GET', '/api/drafts')).drafts, []);
  const page = await pages.json('GET', `/api/person/${person.record}`);
  assert.deepEqual(page.entries.map(({ entity, worker }) => [entity, worker]), [['contact', 'Dee'], ['help_request', 'Dee']]);
  assert.equal(page.person.fields.note.shown, '@0 is text here');
  const { people } = await pages.json('POST', '/api/may-be', { set: { preferred_name: 'Jo' } });
  assert.deepEqual(people.map(({ name }) => name), [person.record]);
  const [again] = await write([{ op: 'update', entity: 'person', record: person.record, set: { preferred_name: 'Jo' } }]);
  assert.equal(again.unchanged, true);
  assert.equal(again.name, null);
});

test('one refusal refuses all of it, and says which and why', async () => {
  const person = await van.create('person', { preferred_name: 'Al' });
  await pages.json('PUT', '/api/draft/keep', { page: '/contact', body: { note: 'kept' } });
  const before = (await van.json(['status'])).records;
  const rows = [
    [422, 1, 'nhs_number', [{ op: 'create', entity: 'contact', set: { person, note: 'x' } }, { op: 'update', entity: 'person', record: person, set: { nhs_number: '1234567890' } }]],
    [422, 0, 'happened_at', [{ op: 'create', entity: 'contact', set: { person, note: 'x' }, set_typed: { happened_at: 'soon-ish' } }]],
    [422, 0, 'person', [{ op: 'create', entity: 'contact', set: { person: '@0', note: 'x' } }]],
    [422, 0, 'person', [{ op: 'create', entity: 'contact', set: { person: '@', note: 'x' } }]],
    [422, 0, 'colour', [{ op: 'create', entity: 'contact', set: { person, colour: 'red' } }]],
    [422, 0, 'note', [{ op: 'create', entity: 'contact', set: { note: 'x' }, set_typed: { note: 'y' } }]],
    [422, 0, 'op', [{ op: 'erase', entity: 'contact' }]],
    [422, 0, 'seen', [{ op: 'update', entity: 'person', record: person, set: { note: 'x' }, seen: [] }]],
    [422, 0, 'note', [{ op: 'update', entity: 'person', record: person, set: { note: 'x' }, seen: { note: ['x'] } }]],
    [404, 0, undefined, [{ op: 'update', entity: 'person', record: '00000000000000aa-7', set: { note: 'x' } }]],
    [422, 0, 'changes', []],
    [422, 0, 'changes', ['x']],
  ];
  for (const [status, at, field, changes] of rows) {
    const problem = await refused(status, 'POST', '/api/write', { changes, draft: 'keep' });
    assert.deepEqual([problem.at, problem.field], [at, field], JSON.stringify(changes));
    assert.match(problem.text, /./);
  }
  assert.equal((await pages.json('GET', '/api/drafts')).drafts.length, 1);
  assert.equal((await van.json(['status'])).records, before);
  await pages.json('DELETE', '/api/draft/keep');
});

test('a draft that is kept as somebody types sends nobody looking, and is taken away by whoever put it', async () => {
  const put = async (note) => (await pages.json('PUT', '/api/draft/tabs', { page: '/contact', body: { note } })).version;
  const { revision } = await pages.status();
  const first = await put('H');
  const begun = (await pages.status()).revision;
  assert.notEqual(begun, revision, 'there is one more on the list');
  const second = await put('Ha');
  assert.equal((await pages.status()).revision, begun, 'the list is the same');
  assert.equal((await pages.json('GET', '/api/draft/tabs')).version, second);
  // The tab that put the first one records what it holds: what the other one has put since stays.
  const create = [{ op: 'create', entity: 'contact', set: { person: await van.create('person', { preferred_name: 'Tab' }), note: 'H' } }];
  await write(create, { draft: 'tabs', draft_version: first });
  await pages.json('DELETE', `/api/draft/tabs?version=${first}`);
  assert.equal((await pages.json('GET', '/api/draft/tabs')).body.note, 'Ha');
  await write(create, { draft: 'tabs', draft_version: second });
  await refused(404, 'GET', '/api/draft/tabs');
});

test('two tabs with one form: both values stay until somebody settles', async () => {
  const person = await van.create('person', { preferred_name: 'Mo', phone: '07700 900001', place: 'Bridge' });
  const record = await pages.json('GET', `/api/person/${person}`);
  const seen = Object.fromEntries(Object.entries(record.person.fields).map(([field, { heads: all }]) => [field, all.map(({ name }) => name)]));
  const change = (set) => [{ op: 'update', entity: 'person', record: person, set, seen }];
  const [first] = await write(change({ phone: '07700 900002', place: 'Bridge' }));
  assert.deepEqual([first.unchanged, first.conflicts], [false, []]);
  const [second] = await write(change({ phone: '07700 900003', note: 'new' }));
  assert.deepEqual(second.conflicts, ['phone']);
  const now = await pages.json('GET', `/api/record/${person}`);
  assert.equal(now.fields.phone.conflict, true);
  assert.deepEqual(now.fields.phone.heads.map(({ value }) => value).sort(), ['07700 900002', '07700 900003']);
  assert.equal(now.fields.place.conflict, false);
  // A form that shows what stood there, sent again untouched, changes nothing.
  assert.equal((await write(change({ phone: '07700 900001' })))[0].unchanged, true);
  // Settled by a form that showed both.
  const [settled] = await write([{ op: 'update', entity: 'person', record: person, set: { phone: '07700 900003' }, seen: { phone: await heads(person, 'phone') } }]);
  assert.deepEqual(settled.conflicts, []);
  assert.equal((await pages.json('GET', `/api/record/${person}`)).fields.phone.conflict, false);
  // A field that was empty on the form, and is not any more.
  const [late] = await write([{ op: 'update', entity: 'person', record: person, set: { note: 'mine' }, seen: {} }]);
  assert.deepEqual(late.conflicts, ['note']);
  // The same said twice is no conflict.
  const [same] = await write([{ op: 'update', entity: 'person', record: person, set: { place: 'Bridge' }, seen: {} }]);
  assert.deepEqual([same.unchanged, same.conflicts], [true, []]);
});

test('what a sync brings while a form is open is not overruled unseen', async () => {
  const person = await van.create('person', { preferred_name: 'Lee', place: 'Castle' });
  await van.create('consent', { person, decision: 'given', agencies: ['one', 'two'], kinds: ['general', 'housing'], purposes: ['support'], how: 'spoken', capacity: 'believed_to_have' });
  await van.teapot(['sync']);
  await desk.teapot(['sync']);
  const form = { place: await heads(person, 'place') }; // opened
  await desk.import({ op: 'update', entity: 'person', record: person, worker: 'Ann', set: { place: 'Station' } });
  await desk.teapot(['sync']);
  await van.teapot(['sync']);
  const [written] = await write([{ op: 'update', entity: 'person', record: person, set: { place: 'Canal' }, seen: form }]);
  assert.deepEqual(written.conflicts, ['place']);
  await van.teapot(['sync']);
  await desk.teapot(['sync']);
  for (const device of [van, desk]) {
    const { place } = (await device.json(['show', person])).fields;
    assert.deepEqual(place.heads.map(({ value }) => value).sort(), ['Canal', 'Station'], device.name);
  }
  // Nobody takes back what they have not read.
  const contact = await van.create('contact', { person, note: 'first' });
  const opened = { note: await heads(contact, 'note') };
  await van.import({ op: 'update', entity: 'contact', record: contact, worker: 'Tom', set: { note: 'corrected meanwhile' } });
  const retract = (seen) => ({ changes: [{ op: 'retract', record: contact, set: { reason: 'written twice' }, seen }] });
  await refused(409, 'POST', '/api/write', retract(opened));
  await pages.json('POST', '/api/write', retract({ note: await heads(contact, 'note') }));
  assert.equal((await pages.json('GET', `/api/record/${contact}`)).retracted.hidden, true);
});

test('consent counts for what stood on the page', async () => {
  const person = await van.create('person', { preferred_name: 'Kit' });
  const given = { person, agencies: ['one', 'two'], kinds: ['housing'], purposes: ['support'], how: 'spoken', capacity: 'believed_to_have' };
  const withdrawn = await van.create('consent', { ...given, decision: 'withdrawn' });
  const [blind] = await write([{ op: 'create', entity: 'consent', set: { ...given, decision: 'given', in_sight: [] } }]);
  const effective = async () => (await pages.json('GET', `/api/person/${person}`)).consent.find(({ agency, kind }) => agency === 'two' && kind === 'housing').effective;
  assert.equal(await effective(), 'withdrawn', 'a giving that had not seen the withdrawal overrules nothing');
  await write([{ op: 'create', entity: 'consent', set: { ...given, decision: 'given', in_sight: [withdrawn, blind.name] } }]);
  assert.equal(await effective(), 'given');
});

test('retracting and bringing back, joining and undoing', async () => {
  const [a, b] = [await van.create('person', { preferred_name: 'Shaun' }), await van.create('person', { preferred_name: 'Sean' })];
  const contact = await van.create('contact', { person: a, note: 'twice' });
  await write([{ op: 'retract', record: contact, why: 'written twice' }]);
  assert.equal((await pages.json('GET', `/api/record/${contact}`)).retracted.hidden, true);
  await write([{ op: 'bring_back', record: contact }]);
  assert.notEqual((await pages.json('GET', `/api/record/${contact}`)).retracted?.hidden, true);
  const [join] = await write([{ op: 'join', record: a, set: { same_as: b, why: 'same dog' } }]);
  assert.equal(join.entity, 'join');
  assert.deepEqual((await pages.json('GET', `/api/person/${b}`)).joined.sort(), [a, b].sort());
  assert.equal((await write([{ op: 'join', record: a, set: { same_as: b, why: 'again' } }]))[0].unchanged, true);
  await write([{ op: 'unjoin', record: a, set: { same_as: b }, why: 'two dogs' }]);
  assert.deepEqual((await pages.json('GET', `/api/person/${b}`)).joined, [b]);
  await refused(404, 'POST', '/api/write', { changes: [{ op: 'unjoin', record: a, set: { same_as: b } }] });
});

const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
const given = (person, more = {}) => ({ person, decision: 'given', agencies: ['one', 'two'], kinds: ['general', 'housing'], purposes: ['support'], how: 'spoken', capacity: 'believed_to_have', ...more });

test('the start page: what waits for this worker, and whom they saw last', async () => {
  van.clock.pass(60_000);
  const person = await van.create('person', { preferred_name: 'Ola', place: 'Arches' });
  const mine = await van.create('help_request', { person, words: 'Boots, size 9' });
  const toms = await van.create('help_request', { person, words: 'A form' }, 'Tom');
  const late = await van.create('action', { person, what: 'Ring the GP', due_on: day(9) });
  const soon = await van.create('action', { person, what: 'Ring housing', due_on: day(1) });
  const anytime = await van.create('action', { person, what: 'Find the dog lead' });
  const ending = await van.create('consent', given(person, { ends_on: day(5) }));
  const names = (list) => list.map(({ name }) => name);
  let start = await pages.json('GET', '/api/start');
  assert.ok(names(start.requests).includes(mine));
  assert.ok(!names(start.requests).includes(toms));
  assert.deepEqual(names(start.actions).filter((name) => [late, soon, anytime].includes(name)), [soon, late, anytime]);
  assert.deepEqual(start.requests.find(({ name }) => name === mine).card, { name: person, preferred_name: 'Ola', born: '' });
  assert.deepEqual(start.renew.map(({ consent, person: whose, ends_on, card }) => [consent, whose, ends_on, card.place]), [[ending, person, day(5), 'Arches']]);
  assert.equal(start.lately[0].person, person);
  assert.equal(start.lately[0].card.preferred_name, 'Ola');
  assert.equal(typeof start.reviews, 'number');
  assert.deepEqual(start.drafts, []);
  // What is over waits for nobody, until it is open again.
  const status = (record, entity, to) => write([{ op: 'update', entity, record, set: { status: to } }]);
  await status(mine, 'help_request', 'answered');
  await status(soon, 'action', 'done');
  await write([{ op: 'create', entity: 'consent', set: { ...given(person), decision: 'withdrawn' } }]);
  start = await pages.json('GET', '/api/start');
  assert.deepEqual([names(start.requests).includes(mine), names(start.actions).includes(soon), start.renew], [false, false, []]);
  assert.ok(names((await pages.json('GET', '/api/requests?all')).help_requests).includes(mine));
  await status(mine, 'help_request', 'held');
  const { help_requests: all } = await pages.json('GET', `/api/requests?person=${person}`);
  assert.deepEqual(names(all), [mine, toms]);
  assert.deepEqual(all.map(({ card: _, ...rest }) => rest), (await van.json(['requests', '--person', person])).help_requests);
  assert.deepEqual(names((await pages.json('GET', `/api/actions?mine&person=${person}`)).actions), [late, anytime]);
  // A few of many, and of how many.
  const { help_requests: few, count } = await pages.json('GET', `/api/requests?max=1&person=${person}`);
  assert.deepEqual([names(few), few[0].card.preferred_name, count], [[mine], 'Ola', 2]);
  for (let i = 0; i < 6; i++) await van.create('help_request', { person, words: `Another ${i}` });
  const inParts = await readOn('/api/requests?max=3', 'help_requests');
  assert.deepEqual(inParts.map(names).flat(), names((await pages.json('GET', '/api/requests')).help_requests), 'all of them, in order, none twice');
  assert.ok(inParts.length > 2 && inParts.every((part) => part.length <= 3));
  await refused(400, 'GET', '/api/requests?after=yesterday');
  const { help_requests: waiting } = await pages.json('GET', '/api/requests?mine');
  start = await pages.json('GET', '/api/start');
  assert.deepEqual([names(start.requests), start.requests_count], [names(waiting).slice(0, 5), waiting.length]);
  await refused(400, 'GET', '/api/requests?person=Ola');
  await van.teapot(['verify']);
  await van.teapot(['rebuild']);
  assert.deepEqual(names((await pages.json('GET', '/api/actions')).actions).includes(soon), false);
});

/** A list read in parts, each from where the one before ended. */
async function readOn(where, member) {
  const parts = [];
  for (let next = ''; next !== null;) {
    const part = await pages.json('GET', `${where}${next && `&after=${next}`}`);
    parts.push(part[member]);
    next = part.next;
  }
  return parts;
}

test('the review in parts, and of one person; what goes meanwhile moves nothing', async () => {
  const person = await van.create('person', { preferred_name: 'Petra' });
  const seen = { place: [], phone: [], description: [] };
  for (const end of ['one', 'two']) await write([{ op: 'update', entity: 'person', record: person, set: { place: `Place ${end}`, phone: `07700 90010${end.length}`, description: `Coat ${end}` }, seen }]);
  const { items, count } = await pages.json('GET', '/api/review');
  const ids = (all) => all.map(({ id }) => id);
  assert.equal(count, items.length);
  const parts = await readOn('/api/review?max=2', 'items');
  assert.deepEqual(ids(parts.flat()), ids(items));
  assert.ok(parts.length > 1 && parts.every((part) => part.length <= 2));
  assert.deepEqual(ids((await pages.json('GET', `/api/review?person=${person}`)).items), ids(items.filter((one) => one.person === person)));
  const { items: [first, second], next } = await pages.json('GET', '/api/review?max=2');
  const doc = await pages.json('GET', `/api/record/${second.record}`);
  await write([{ op: 'update', entity: second.entity, record: second.record, set: { [second.field]: doc.fields[second.field].heads[0].value }, seen: { [second.field]: await heads(second.record, second.field) } }]);
  const behind = (await pages.json('GET', `/api/review?after=${next}`)).items;
  assert.deepEqual(ids(behind), ids(items).slice(2), `what stood second is settled, and ${first.id} is not read again`);
  await refused(400, 'GET', '/api/review?after=9.nothing');
  await refused(400, 'GET', '/api/review?person=Petra');
});

test('the review: the same as on the command line, dismissed and put back', async () => {
  const person = await van.create('person', { preferred_name: 'Nia', safety_note: 'Two dogs' });
  const seen = { safety_note: await heads(person, 'safety_note') };
  for (const note of ['One dog', 'No dog']) await write([{ op: 'update', entity: 'person', record: person, set: { safety_note: note }, seen }]);
  const { items } = await pages.json('GET', '/api/review');
  const cli = (await van.json(['review'])).items;
  assert.deepEqual(items.map(({ card: _, can_accept: __, doc: ___, ...rest }) => rest), cli);
  for (const { record, doc } of items) assert.equal(doc.name, record, 'each brings its record');
  const conflict = items.find(({ record, kind }) => record === person && kind === 'conflict');
  assert.equal(conflict.card.preferred_name, 'Nia');
  await refused(403, 'POST', '/api/review/dismiss', { id: conflict.id });
  await refused(404, 'POST', '/api/review/dismiss', { id: 'conflict:x' });
  await refused(400, 'POST', '/api/review/dismiss', {});
  const can = items.find(({ can_dismiss: is }) => is);
  if (can) {
    await pages.json('POST', '/api/review/dismiss', { id: can.id });
    assert.ok(!(await pages.json('GET', '/api/review')).items.some(({ id }) => id === can.id));
    await pages.json('POST', '/api/review/restore', { id: can.id });
    assert.ok((await pages.json('GET', '/api/review')).items.some(({ id }) => id === can.id));
  }
  await refused(404, 'POST', '/api/review/restore', { id: 'conflict:x' });
});

test('consent: the page, and what it would mean before it is said', async () => {
  const person = await van.create('person', { preferred_name: 'Ivy' });
  const first = await van.create('consent', given(person));
  const page = await pages.json('GET', `/api/person/${person}/consent`);
  assert.deepEqual(page.rows, (await van.json(['consent', person])).in_force);
  assert.deepEqual(page.events.map(({ name, latest, overruled_by }) => [name, latest, overruled_by]), [[first, true, null]]);
  assert.deepEqual([page.in_sight, page.persons], [[first], []]);
  const set = { ...given(person), decision: 'withdrawn', agencies: ['two'], kinds: ['*'], purposes: ['*'], in_sight: page.in_sight, persons: page.persons };
  const preview = await pages.json('POST', '/api/consent/preview', { person, set });
  const two = preview.sees.find(({ agency }) => agency === 'two');
  assert.deepEqual([two.kinds, two.had, two.under_agreement], [[], ['general', 'housing'], true]);
  assert.deepEqual(preview.sees.find(({ agency }) => agency === 'one').kinds, ['general', 'housing']);
  assert.deepEqual(preview.before, page.rows);
  assert.notEqual(preview.summary, page.summary);
  assert.deepEqual(await pages.json('GET', `/api/person/${person}/consent`), page, 'nothing was written');
  await write([{ op: 'create', entity: 'consent', set }]);
  const then = await pages.json('GET', `/api/person/${person}/consent`);
  assert.deepEqual(then.rows.map(({ by: _, ...row }) => row), preview.after.map(({ by: _, ...row }) => row), 'and then it is as it said');
  assert.equal(then.summary, preview.summary);
  const unsure = await pages.json('POST', '/api/consent/preview', { person, set: given(person, { capacity: 'in_doubt' }) });
  assert.match(unsure.warns.join(' '), /Capacity/);
  assert.equal((await refused(422, 'POST', '/api/consent/preview', { person, set: given(person, { kinds: ['*'] }) })).field, 'kinds');
  assert.equal((await refused(400, 'POST', '/api/consent/preview', { person: 'Ivy', set: {} })).field, 'person');
  await refused(404, 'GET', '/api/person/00000000000000aa-7/consent');
});

test('a join, before it is made', async () => {
  const a = await van.create('person', { preferred_name: 'Teresa' });
  const b = await van.create('person', { preferred_name: 'Tess' });
  await van.create('consent', given(a));
  const preview = await pages.json('POST', '/api/join/preview', { a, b });
  assert.deepEqual([preview.a.name, preview.b.name, preview.joined], [a, b, false]);
  assert.deepEqual(preview.before.map(({ agency, of, kinds }) => [agency, of, kinds]), [['one', 'a', ['general', 'housing']], ['two', 'a', ['general', 'housing']]]);
  assert.deepEqual(preview.after.map(({ agency, gains }) => [agency, gains]), [['one', ['general', 'housing']], ['two', ['general', 'housing']]]);
  assert.deepEqual((await pages.json('GET', `/api/person/${a}`)).joined, [a], 'nothing was written');
  await refused(404, 'POST', '/api/join/preview', { a, b: '00000000000000aa-7' });
  await refused(422, 'POST', '/api/join/preview', { a, b: a });
  await write([{ op: 'join', record: a, set: { same_as: b, why: 'same' } }]);
  assert.equal((await pages.json('POST', '/api/join/preview', { a, b })).joined, true);
});

test('an export is a file without a name, however long', async () => {
  const person = await van.create('person', { preferred_name: 'Xanthippe' });
  const long = 'word '.repeat(1500);
  const lines = Array.from({ length: 700 }, () => ({ op: 'create', entity: 'contact', worker: 'Dee', set: { person, note: long } }));
  await van.teapot(['import', '-'], { input: lines.map((line) => JSON.stringify(line)).join('\n') });
  const response = await pages.ask('GET', `/api/export/${person}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-disposition'), `attachment; filename="teapot-${person}.jsonl"`);
  const text = await response.text();
  assert.ok(text.length > 4 * 1024 * 1024);
  const records = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(records.length, 701);
  assert.equal((await pages.json('GET', `/api/person/${person}`)).entries.length, 700, 'and so is a page');
  assert.equal((await pages.json('GET', `/api/person/${person}?newest=50`)).entries.length, 50);
  await refused(404, 'GET', '/api/export/00000000000000aa-7');

  // In parts, of as many records as somebody asks for or of a bounded length, all of one moment.
  const part = (query) => pages.json('GET', `/api/export/${person}/part?${query}`);
  const first = await part('');
  assert.ok(first.done > 1 && first.done < 701 && first.lines.length < 300 * 1024, `${first.done}`);
  assert.deepEqual([first.from, first.of], [0, 701]);
  let joined = '';
  for (let from = 0, turns = 0; from < first.of; turns++) {
    const next = await part(`from=${from}&held=${first.held}${turns === 0 ? '&max=3' : ''}`);
    if (turns === 0) assert.equal(next.done, 3);
    assert.equal(next.from, from);
    assert.ok(next.done > from);
    joined += next.lines;
    from = next.done;
  }
  assert.equal(joined, text);
  assert.deepEqual([await part('max=0'), await part('from=701')].map(({ done, of, lines: none }) => [done, of, none]), [[0, 701, ''], [701, 701, '']]);
  await van.create('contact', { person, note: 'One more' });
  assert.match((await refused(409, 'GET', `/api/export/${person}/part?from=3&held=${first.held}`)).text, /came in/);
  await refused(400, 'GET', `/api/export/${person}/part?from=x`);
  await refused(404, 'GET', '/api/export/00000000000000aa-7/part');
});

test('nothing of it is answered to who has not said who they are, nor written to the log of the server', async () => {
  const routes = JSON.parse(fs.readFileSync('node/ui/openapi.json', 'utf8')).paths;
  const nobody = new Pages(van);
  Object.assign(nobody, { base: pages.base, address: pages.address });
  await nobody.comeIn();
  for (const [where, methods] of Object.entries(routes)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (!operation.security?.[0]?.session || !operation['x-teapot-modes'].includes('worker')) continue;
      const response = await nobody.ask(method.toUpperCase(), where.replace(/\{\w+\}/g, '00000000000000aa-7'), { body: method === 'get' ? undefined : {} });
      assert.equal(response.status, 401, `${method} ${where}`);
    }
  }
  assert.doesNotMatch(pages.errors, /Xanthippe|Ivy|Baz|blanket/);
});

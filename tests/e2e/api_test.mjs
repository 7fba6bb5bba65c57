// The JSON that the pages are made from, asked as a page would, by fetch: who there is, what is held, what is
// written, and what happens to a form that stood open while somebody else wrote.
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
  const now = Date.now();
  world.hubClock.set(now, 86_400_000, 'hub');
  await world.begin(['one', 'two']);
  van = world.device('van', { agency: 'one' });
  desk = world.device('desk', { agency: 'two' });
  for (const device of [van, desk]) {
    device.clock.set(now, 3_600_000, device.name);
    await device.init();
    await device.enrol();
  }
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
  assert.deepEqual(await pages.json('POST', '/api/find', { text: 'nobody of this name' }), { people: [], given_back: 0 });
  assert.equal((await refused(400, 'POST', '/api/find', { text: 'baz', max: 'x' })).field, 'max');
  assert.equal((await refused(422, 'POST', '/api/find', { text: 7 })).field, 'text');
});

test('a person\'s page, all of it or the newest part', async () => {
  const person = await van.create('person', { preferred_name: 'Sean', own_words: '<b>Leave me</b> & "the dog"' });
  await van.create('role', { person, role: 'peer', name: 'Ann' });
  for (let i = 0; i < 5; i++) await van.create('contact', { person, note: `n${i}`, happened_at: `2026-02-0${i + 1}T10:00Z` });
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
  await refused(400, 'GET', `/api/person/${person}?newest=-1`);
  await refused(404, 'GET', '/api/person/00000000000000aa-7');
  const record = await pages.json('GET', `/api/record/${person}`);
  assert.deepEqual(record, await van.json(['show', person]));
  await refused(404, 'GET', '/api/record/00000000000000aa-7');
});

test('looking is noted, and no news to other pages', async () => {
  const person = await van.create('person', { preferred_name: 'Kim' });
  await van.create('contact', { person, note: 'by somebody else' }, 'Tom');
  assert.equal((await pages.json('GET', `/api/person/${person}`)).new > 0, true);
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
    { op: 'create', entity: 'contact', set: { person: '@0', note: 'Cold, wants a blanket' }, set_typed: { happened_at: '20:02' } },
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
  const before = (await pages.status()).records;
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
  assert.equal((await pages.status()).records, before);
  await pages.json('DELETE', '/api/draft/keep');
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
  assert.deepEqual((await pages.json('GET', `/api/person/${b}`)).joined.toSorted(), [a, b].toSorted());
  assert.equal((await write([{ op: 'join', record: a, set: { same_as: b, why: 'again' } }]))[0].unchanged, true);
  await write([{ op: 'unjoin', record: a, set: { same_as: b }, why: 'two dogs' }]);
  assert.deepEqual((await pages.json('GET', `/api/person/${b}`)).joined, [b]);
  await refused(404, 'POST', '/api/write', { changes: [{ op: 'unjoin', record: a, set: { same_as: b } }] });
});

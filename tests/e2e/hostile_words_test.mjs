// Words that try to be more than words: in every field of every entity, as the schema lists them, in both
// values of a conflict, in names of agencies, workers and devices, in drafts and addresses.  Then every page
// that there is, one visit each: nothing runs, nothing is made of them, and each is read somewhere as it is.
//
// Shows no promise: what a browser makes of words.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { pages as table } from '../../node/ui/pages/pages.mjs';
import { addressOf } from './addresses.mjs';
import { comeIn, openBrowser } from './browser.mjs';
import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-words-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const hostile = (tag) => `«${tag}»"'></textarea><img class=hacked src=x onerror=hacked()><script>hacked()</script>`;
const WORKER = '«worker»"><img class=hacked src=x onerror=hacked()>';
const DAY_MS = 86_400_000;

// What a record of each entity needs beside its texts.  A new entity fails here until somebody has said it.
const needed = {
  person: {}, alias: {}, contact: {}, help_request: {}, action: {}, role: {}, need: { kind: 'housing' },
  consent: { decision: 'refused', agencies: ['*'], kinds: ['*'], purposes: ['*'], how: 'spoken', capacity: 'believed_to_have' },
  score: { scale: 'reqol_10', total: 17 },
  legal_gateway: { agencies: ['nurses'], kinds: ['housing'], ends_on: new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10) },
};
const joins = ['join', 'unjoin'];
const byRule = { wording: 'an id', code: 'made by the node' }; // texts that are checked, or nobody types
const read_nowhere = ['help_request.name']; // where a person is known, what they are called is theirs

let pages;
let browser;
let dee;
let schema;
const names = {}; // of a record of each entity, and `other`: the second person
const written = new Set(); // the tags of what was written
const asked = new Set(); // requests without an answer yet
const read = new Set(); // and of what a page has shown

const write = async (changes) => (await pages.json('POST', '/api/write', { changes })).results;
const textsOf = (entity) => schema.entities.find(({ name }) => name === entity).fields
  .filter(({ name, type, open }) => (type === 'text' || (type === 'code' && open)) && !(name in byRule) && name !== 'retracted').map(({ name }) => name);
const filled = (entity, mark, fields = textsOf(entity)) => Object.fromEntries(fields.map((field) => {
  written.add(`${entity}.${field}${mark}`);
  return [field, hostile(`${entity}.${field}${mark}`)];
}));
const create = async (entity, mark, more = {}) => (await write([{ op: 'create', entity, set: { ...filled(entity, mark), ...needed[entity], ...more } }]))[0].record;

// A second value in every field that can hold two, by somebody who had not seen the first.
async function contradict(entity, record) {
  const fields = schema.entities.find(({ name }) => name === entity).fields;
  const some = textsOf(entity).filter((name) => !fields.find((field) => field.name === name).once);
  if (some.length > 0) await write([{ op: 'update', entity, record, set: filled(entity, '.other', some), seen: {} }]);
}

before(async () => {
  world.hubClock.set(Date.now(), DAY_MS, 'hub');
  await world.begin(['friary']);
  await world.hub(['agency', 'add', 'nurses', hostile('agency')]);
  await world.hub(['agency', 'sign', 'nurses']);
  const van = world.device('van', { agency: 'friary' });
  van.clock.set(Date.now(), DAY_MS / 24, 'van');
  await van.init();
  const { code } = await world.hubJson(['device', 'code', '--agency', 'friary', '--label', hostile('device')]);
  await van.teapot(['enrol', code, '--hub', world.url]);
  await van.teapot(['sync']);
  await world.stop();
  pages = await new Pages(van).serve(['--no-sync']);
  await pages.comeIn();
  await pages.say(WORKER);
  schema = await pages.json('GET', '/api/schema');
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  if (pages) await pages.end();
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('every field takes them as words, or refuses them', async () => {
  names.person = await create('person', '');
  names.other = await create('person', '.second');
  for (const { name: entity, fields } of schema.entities) {
    if (joins.includes(entity)) continue;
    assert.ok(entity in needed, `say in \`needed\` what a record of ${entity} needs`);
    const about = entity === 'person' ? {} : { person: names.person };
    names[entity] ??= await create(entity, '', about);
    if (!schema.entities.find(({ name }) => name === entity).final) await contradict(entity, entity === 'person' ? names.other : await create(entity, '.second', about));
    for (const { name, type } of fields.filter((field) => !['text', 'record', 'records'].includes(field.type) && !(field.type === 'code' && field.open))) {
      const response = await pages.ask('POST', '/api/write', { body: { changes: [{ op: 'create', entity, set: { ...needed[entity], ...about, [name]: hostile('refused') } }] } });
      assert.equal(response.status, 422, `${entity}.${name}, of type ${type}`);
    }
  }
  await write([{ op: 'join', record: names.other, set: { same_as: names.person, why: hostile('join.why') } }]);
  await write([{ op: 'unjoin', record: names.other, set: { same_as: names.person, why: hostile('unjoin.why') } }]);
  await write([{ op: 'join', record: names.other, set: { same_as: names.person, why: hostile('join.why') } }]);
  ['join.why', 'unjoin.why', 'draft', 'agency', 'worker'].forEach((tag) => written.add(tag));
  names.request = names.help_request;
  const offered = await pages.json('GET', `/api/record/${names.request}`);
  await write([{ op: 'update', entity: 'help_request', record: names.request, set: { holder: { agency: 'friary', worker: hostile('holder.worker') } }, seen: { holder: offered.fields.holder.heads.map(({ name }) => name) } }]);
  written.add('holder.worker');
  await pages.json('PUT', '/api/draft/contact-new', { page: '/contact', body: { who: hostile('draft'), note: hostile('draft') } });
  await pages.json('PUT', '/api/draft/somewhere', { page: '/contact?"><svg/onload=hacked()>', body: {} });
  for (const page of ['javascript:hacked()', '//elsewhere.example/', '/\\elsewhere.example/']) {
    assert.equal((await pages.ask('PUT', '/api/draft/elsewhere', { body: { page, body: {} } })).status, 422, page);
  }
});

// Nothing ran (the policy's refusals and errors of scripts are troubles), nothing was made; and what was read.
async function holds(what) {
  const seen = await dee.page.evaluate(() => ({ // what comes along as data is neither run nor read
    made: [...document.querySelectorAll('.hacked, script:not([src]):not([type="application/json"]), iframe, object, [onerror], [onload], [onclick], a[href^="javascript:" i]')].map((one) => one.outerHTML),
    text: [...document.body.children].filter((one) => !one.matches('script')).map((one) => one.textContent).join('\n') + [...document.querySelectorAll('input, textarea, select')].map((one) => one.value).join('\n') + document.title,
  }));
  assert.deepEqual(seen.made, [], what);
  assert.deepEqual(dee.troubles, [], what);
  assert.doesNotMatch(await dee.page.title(), /«/, 'no words of anybody stand in a title');
  for (const [, tag] of seen.text.matchAll(/«([^»]+)»"'?>/g)) read.add(tag);
}

// Nothing is asked of the node any more: what an answer makes the page ask is asked within this time.
async function settled() {
  for (let quiet = 0; quiet < 4; quiet = asked.size === 0 ? quiet + 1 : 0) await dee.page.waitForTimeout(20);
}

const after_arrival = {
  '/': async (page) => { await page.fill('#find', 'hacked'); await page.locator('.teapot-card').first().waitFor(); },
  '/contact': async (page) => { await page.getByText('If it is somebody new').waitFor(); await holds('a draft'); await page.fill('#who', 'hacked'); await page.locator('.teapot-card').first().waitFor(); },
  '/poster': async (page) => { for (const field of await page.locator('main input:not([type=checkbox])').all()) await field.fill(hostile('poster')); },
  '/request/{record}': async (page) => page.locator('.teapot-holders li').nth(1).waitFor(),
  '/join/{person}/{person}': async (page) => page.locator('.teapot-beside').waitFor(),
  '/person/{person}': async (page) => {
    await page.locator('.teapot-differs').nth(8).waitFor();
    await page.locator('button:has-text("Keep both in a sentence")').first().click();
    await page.emulateMedia({ media: 'print' });
    await holds('on paper');
    await page.emulateMedia({ media: 'screen' });
  },
  '/review': async (page) => page.locator('.teapot-differs').nth(3).waitFor(),
};

test('every page shows them as words, whatever its address says too', { timeout: 300_000 }, async () => {
  dee = await comeIn(browser, pages, WORKER);
  const { page } = dee;
  page.on('request', (request) => asked.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => asked.delete(request));
  const others = schema.entities.filter(({ name, final }) => !final && name in names).map(({ name }) => `/correct/${names[name]}`);
  const recorded = ['help_request', 'action', 'consent'].map((entity) => `/recorded/${names[entity]}`);
  const rows = [...table.map(({ path: pattern }) => [pattern, addressOf(pattern, names)]), ...[...others, ...recorded].map((address) => [address, address])];
  for (const [pattern, address] of rows) {
    await page.goto(`${pages.base}${address}?x=${encodeURIComponent(hostile('query'))}#${hostile('fragment')}`);
    await page.locator('main h1').first().waitFor();
    await settled();
    await after_arrival[pattern]?.(page);
    await holds(pattern);
  }
  await page.goto(`${pages.base}/${encodeURIComponent(hostile('path'))}`);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await holds('an address that is no page');
  await page.getByRole('button', { name: 'Somebody else' }).click();
  await page.getByRole('heading', { name: 'Who is writing?' }).waitFor();
  await holds('who writes');
  const unread = [...written].filter((tag) => !read.has(tag) && !read_nowhere.includes(tag));
  assert.deepEqual(unread, [], 'was written and is shown nowhere: then nothing is known of how it is shown');
});

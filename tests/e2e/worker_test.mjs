// An outreach worker's pages in a browser, on real nodes: the hub is stopped but where a test is about it.
//
// Shows no promise: what the pages show.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { follow, look, openBrowser, settle, takePicture } from './browser.mjs';
import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-worker-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const PHONE = { viewport: { width: 390, height: 800 }, hasTouch: true };
let browser;
let van; // friary's, on the street
let desk; // housing's
let served; // of van
let baz; // a person known under two names
let other_baz;
let contexts = [];
let troubles = [];

// A window of somebody who has come through the door and said who they are.
async function open(where = '/', { options = PHONE, at = served, worker = 'Dee' } = {}) {
  const context = await browser.newContext(options);
  contexts.push(context);
  const page = await context.newPage();
  follow(page);
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => { if (/Content Security Policy|Uncaught/.test(message.text())) troubles.push(message.text()); });
  await page.goto(at.address);
  await page.fill('#worker', worker);
  await page.click('text=Go on');
  await page.waitForSelector('text=Hello,');
  if (where !== '/') await arrive(page, where);
  return page;
}
async function arrive(page, where) {
  await page.goto(new URL(where, page.url()).href);
  await page.waitForSelector('main h1');
}
const heading = (page, text) => page.waitForSelector(`main h1:has-text("${text}")`);
const recordOf = (page) => new URL(page.url()).pathname.split('/').pop();
const value = async (device, name, field) => (await device.json(['show', name])).fields[field]?.shown;
const isKept = (page) => page.waitForSelector('text=What you have begun is kept');

before(async () => {
  [van, desk] = await world.beginToday({ van: 'friary', desk: 'housing' }, ['friary', 'housing', 'nurses', 'police']);
  for (const device of [van, desk]) await device.teapot(['sync']);
  baz = await van.create('person', { preferred_name: 'Barry Marsh', born: '1971', description: 'grey beard, black dog called Tip', place: 'library steps' });
  await van.create('alias', { person: baz, name: 'Baz' });
  other_baz = await van.create('person', { preferred_name: 'Baz', born: '1990-05', description: 'tall, red coat' });
  await world.stop();
  served = await new Pages(van).serve(['--no-sync']);
  browser = await openBrowser();
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
  assert.deepEqual(troubles.splice(0), [], 'what went wrong in a page');
});
after(async () => {
  await browser?.close();
  if (served) await served.end();
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

// ---- Contacts ----

test('somebody unknown: two taps and a sentence, without a hub', async () => {
  const page = await open();
  await page.tap('text=Record a contact');
  await page.waitForSelector('#note:focus'); // no third tap: the cursor stands where the sentence goes
  await page.keyboard.type('Young woman with a green sleeping bag under the flyover, wanted socks');
  await page.tap('text=Record it');
  await heading(page, 'The contact is recorded');
  await page.waitForSelector('text=On this device; goes to the hub when there is a network.');
  const contact = await van.json(['show', recordOf(page)]);
  assert.match(contact.fields.note.shown, /wanted socks/);
  assert.equal(contact.worker, 'Dee');
  assert.match(await value(van, contact.person, 'description'), /green sleeping bag/);
});

test('somebody known: three letters, two of one name told apart, write, done', async () => {
  const page = await open('/contact');
  await page.fill('#who', 'baz');
  await page.waitForSelector('text=2 people fit');
  const cards = await page.locator('.teapot-card').allInnerTexts();
  assert.ok(cards.some((text) => /Barry Marsh/.test(text) && /also Baz/.test(text) && /born 1971/.test(text) && /library steps/.test(text)), cards.join('\n'));
  assert.ok(cards.some((text) => /born May 1990/.test(text) && /red coat/.test(text)), cards.join('\n'));
  await page.tap('.teapot-card:has-text("red coat")');
  await page.waitForSelector('#note:focus');
  await page.keyboard.type('Tea, and a word about the hostel');
  await page.tap('text=More: place');
  await page.fill('#place', 'Market square');
  await page.fill('#when', '20:05 yesterday');
  await page.fill('#own-words', 'I am all right today');
  await page.check('#kind-street');
  await page.check('#rough-sleeping-bedded_down');
  await page.tap('text=Record it');
  await heading(page, 'The contact is recorded');
  const { person, fields } = await van.json(['show', recordOf(page)]);
  assert.equal(person, other_baz);
  assert.deepEqual([fields.place.shown, fields.kind.shown, fields.rough_sleeping.shown, fields.own_words.shown], ['Market square', 'street', 'bedded_down', 'I am all right today']);
  assert.ok(Date.parse(fields.happened_at.shown) < Date.now() - 3_600_000);
  for (const found_by of ['bas', 'grey beard', 'red coat']) { // how it sounds, how they look
    await arrive(page, '/contact');
    await page.fill('#who', found_by);
    await page.waitForSelector('.teapot-card').catch(() => page.innerText('main').then((text) => assert.fail(`${found_by}: ${text}`)));
  }
});

test('before somebody new is made, who it may be is shown', async () => {
  const page = await open('/contact');
  await page.fill('#who', 'Baz');
  await page.fill('#note', 'By the river');
  await page.tap('text=Record it');
  await heading(page, 'Is it one of these?');
  await page.tap('text=Back to what I wrote');
  assert.equal(await page.inputValue('#note'), 'By the river');
  await page.tap('text=Record it');
  await page.tap('.teapot-card:has-text("Barry Marsh")');
  await heading(page, 'The contact is recorded');
  assert.equal((await van.json(['show', recordOf(page)])).person, baz);
});

test('what is wrong is said, with its field and the mend, and the draft is not lost', async () => {
  const page = await open(`/contact/${baz}`);
  await page.tap('text=Record it');
  await page.waitForSelector('.govuk-error-summary:focus');
  await page.tap('.govuk-error-summary a');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'note');
  await page.fill('#note', 'A word by the bridge');
  await page.tap('text=More: place');
  await page.fill('#when', '99:99');
  await page.tap('text=Record it');
  await page.waitForSelector('#when-error');
  await page.fill('#when', '');
  await page.tap('text=Record it');
  await heading(page, 'The contact is recorded');
  await arrive(page, '/');
  assert.equal(await page.locator('text=Begun and not saved yet').count(), 0, 'the draft went with the write');
});

test('who cannot be looked for, or is not here, is said; and looking goes on by itself', async () => {
  const page = await open('/');
  await page.fill('#find', 'zzyzx');
  await page.waitForSelector('text=Nobody here fits that');
  await served.end('SIGKILL');
  await page.fill('#find', 'baz');
  await page.waitForSelector('text=Teapot does not answer at the moment');
  await takePicture(page, 'worker-find-away');
  await served.serve(['--no-sync']);
  await page.waitForSelector('text=2 people fit');
});

test('a draft survives a killed node, and two tabs see one truth', async () => {
  const page = await open('/contact');
  await page.fill('#note', 'Half a sentence');
  await isKept(page);
  await served.end('SIGKILL');
  await page.fill('#note', 'Half a sentence, and more while nobody listens');
  await page.waitForSelector('text=Not kept yet');
  await served.serve(['--no-sync']);
  await isKept(page);
  const second = await page.context().newPage();
  await second.goto(new URL('/', page.url()).href);
  await second.click('text=A contact, begun');
  await second.waitForSelector('#note');
  assert.equal(await second.inputValue('#note'), 'Half a sentence, and more while nobody listens');
  await second.tap('text=Record it');
  await heading(second, 'The contact is recorded');
  assert.equal(await second.innerText('.teapot-header__who span'), 'Dee', 'the session too survived');
});

test('two tabs with one form: nothing typed in either is lost, and the second is told what it met', async () => {
  const first = await open('/contact');
  const second = await first.context().newPage();
  second.setDefaultTimeout(30_000);
  await second.goto(first.url());
  await second.waitForSelector('#note');
  await first.fill('#note', 'From the first tab');
  await isKept(first);
  await second.fill('#note', 'From the second tab');
  await isKept(second);
  await first.tap('text=Record it');
  await heading(first, 'The contact is recorded');
  assert.equal(await value(van, recordOf(first), 'note'), 'From the first tab');
  // The second is closed, and what it said is kept still.
  await second.goto(new URL('/', second.url()).href);
  await second.click('text=A contact, begun');
  await second.waitForSelector('#note');
  assert.equal(await second.inputValue('#note'), 'From the second tab');
  // Thrown away in one window while it is written in the other, it is kept; thrown away, it can be brought back.
  await arrive(first, '/');
  await first.waitForSelector('text=A contact, begun');
  await first.route('**/api/status*', () => {}); // it knows of nothing since
  await second.fill('#note', 'From the second tab, and more');
  await isKept(second);
  await first.click('#begun button');
  await first.waitForSelector('text=more of it was written a moment ago, in another window');
  await second.goto(new URL('/', second.url()).href);
  await second.press('#begun button', 'Enter');
  await second.waitForSelector('text=Thrown away: A contact, begun');
  await look(second, 'worker-start-thrown-away');
  assert.deepEqual((await second.evaluate(() => fetch('/api/drafts').then((answer) => answer.json()))).drafts, []);
  assert.match(await second.evaluate(() => document.activeElement.innerText), /Bring it back/);
  await second.keyboard.press('Enter');
  await second.click('#begun a');
  await second.waitForSelector('#note');
  assert.equal(await second.inputValue('#note'), 'From the second tab, and more');
  await second.tap('text=Record it');
  await heading(second, 'The contact is recorded');
  assert.equal(await value(van, recordOf(second), 'note'), 'From the second tab, and more');

  // A field of a record, corrected in both.
  const person = await van.create('person', { preferred_name: 'Mo', place: 'Bridge', description: 'red scarf' });
  for (const page of [first, second]) {
    await arrive(page, `/correct/${person}`);
    await page.waitForSelector('#field-description');
  }
  await first.fill('#field-description', 'red scarf, grey coat');
  await first.click('#save');
  await first.waitForURL(`**/person/${person}`);
  await second.fill('#field-description', 'red scarf, walks with a stick');
  await second.fill('#field-place', 'Station');
  await second.click('#save');
  await second.waitForSelector('[role=alert]:has-text("Both are kept")');
  await second.waitForSelector('.teapot-value:has-text("grey coat")');
  await second.waitForSelector('.teapot-value:has-text("walks with a stick")');
  await look(second, 'worker-two-tabs');
  assert.equal(await value(van, person, 'place'), 'Station', 'what nobody else touched is saved');
  await second.click('text=Keep both in a sentence');
  await second.fill('.teapot-differs textarea', 'red scarf, grey coat, walks with a stick');
  await second.click('text=Save this sentence');
  await second.waitForSelector('.teapot-differs', { state: 'detached' });
  assert.equal(await value(van, person, 'description'), 'red scarf, grey coat, walks with a stick');
});

// ---- What may be shared ----

test('consent: given, said in plain words, and taken back in as few steps', async () => {
  const page = await open(`/consent/${baz}`);
  await page.check('#decision');
  await page.waitForSelector('.teapot-wording[lang=en]');
  await page.selectOption('#wording', 'short-spoken-ar:2');
  await page.waitForSelector('.teapot-wording[lang=ar][dir=rtl] >> text=Nobody has proof-read');
  await takePicture(page, 'worker-consent-form-ar');
  await page.selectOption('#wording', 'short-spoken:2');
  await page.check('#agencies-housing');
  await page.check('#agencies-nurses');
  await page.check('#kinds'); // the first: housing
  await page.check('#purposes');
  await page.check('#capacity');
  const meaning = page.locator('.teapot-meaning');
  await meaning.locator('text=/housing will see: .*housing/').waitFor();
  await meaning.locator('text=/police.* will not/').waitFor();
  await look(page, 'worker-consent-form');
  await page.click('text=Record what they said');
  await heading(page, 'What they said is recorded');
  const given = await van.json(['show', recordOf(page)]);
  assert.deepEqual([given.fields.decision.shown, given.fields.agencies.shown, given.fields.kinds.shown], ['given', ['housing', 'nurses'], ['housing']]);
  assert.equal(given.fields.wording.shown, 'short-spoken');

  await arrive(page, `/consent/${baz}`);
  await page.check('text=No longer: stop sharing');
  assert.equal(await page.locator('[name=capacity]:checked').count(), 0, 'what a worker believes is never ticked for them');
  await page.check('#capacity');
  await page.locator('.teapot-meaning >> text=/will not/').waitFor();
  await page.click('text=Record what they said');
  await heading(page, 'What they said is recorded');
  const withdrawn = await van.json(['show', recordOf(page)]);
  assert.deepEqual([withdrawn.fields.decision.shown, withdrawn.fields.agencies.shown], ['withdrawn', ['*']]);
  assert.ok(withdrawn.fields.in_sight.shown.includes(given.name), 'it answers what stood on the page');

  const ania = await van.create('person', { preferred_name: 'Ania', language: 'Polish' });
  await arrive(page, `/consent/${ania}`);
  await page.check('#decision');
  await page.waitForSelector('.teapot-wording[lang=pl]'); // in the person's language by itself
  const { in_force } = await van.json(['consent', baz, '--agency', 'housing', '--kind', 'housing', '--purpose', 'support']);
  assert.equal(in_force[0].effective, 'withdrawn');
});

test('consent: no, and a part of it', async () => {
  const page = await open(`/consent/${other_baz}`);
  await page.click('text=Record what they said');
  await page.waitForSelector('.govuk-error-summary:focus');
  await page.check('#decision-refused');
  await page.check('#part-some');
  await page.check('#agencies-police');
  await page.click('text=Record what they said');
  await page.waitForSelector('#capacity-error');
  await page.check('#capacity-in_doubt');
  await page.click('text=Record what they said');
  await heading(page, 'What they said is recorded');
  const { fields } = await van.json(['show', recordOf(page)]);
  assert.deepEqual([fields.decision.shown, fields.agencies.shown, fields.kinds.shown, fields.purposes.shown, fields.capacity.shown], ['refused', ['police'], ['*'], ['*'], 'in_doubt']);
});

// ---- Help requests and actions ----

test('a help request: taken, coded, handed over, accepted there, answered; each holder is on record', async () => {
  const page = await open(`/consent/${other_baz}`);
  await page.check('#decision');
  await page.check('#agencies-housing');
  await page.check('#agencies');
  await page.check('#kinds'); // the first: housing
  await page.check('#purposes');
  await page.check('#capacity');
  await page.click('text=Record what they said');
  await heading(page, 'What they said is recorded');

  await arrive(page, `/request/new/${other_baz}`);
  await page.fill('#words', 'Somewhere dry for me and the dog');
  await page.fill('#callback', 'Market square, mornings');
  await page.click('text=Take it');
  await heading(page, 'The help request is taken');
  const code = await page.innerText('.teapot-code__symbols');
  assert.match(code, /^[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}$/);
  const request = recordOf(page);
  await arrive(page, '/code');
  await page.fill('#code', code.replace(/.$/, (last) => (last === '2' ? '3' : '2')));
  await page.click('text=Look it up');
  await page.waitForSelector('#code-error');
  await page.fill('#code', code.toLowerCase().replace(/-/g, ' '));
  await page.click('text=Look it up');
  await heading(page, 'Help request');
  assert.equal(recordOf(page), request);

  await page.click('text=Hand it over');
  await page.selectOption('#agency', 'housing');
  await page.click('text=Offer it');
  await page.waitForSelector('text=You hold it until they accept');
  assert.deepEqual(await value(van, request, 'holder'), { agency: 'friary', worker: 'Dee' });

  await world.serve();
  await van.teapot(['sync']);
  await desk.teapot(['sync']);
  const there = await new Pages(desk).serve(['--no-sync']);
  try {
    const tom = await open('/', { at: there, worker: 'Tom' });
    await tom.click('.teapot-card:has-text("Offered to us")');
    await tom.click('text=Accept it');
    await tom.waitForSelector('text=You hold it now');
    await tom.route('**/api/status*', () => {}); // what was written here shows before anything else is asked
    await tom.click('text=Answer it');
    await tom.click('text=Save');
    await tom.waitForSelector('#answer-error');
    await tom.fill('#answer', 'A room at the Salutation from tonight');
    await tom.fill('#reply', 'Come to the housing desk before five');
    await tom.click('text=Save');
    await tom.waitForSelector('text=It is answered');
    assert.deepEqual(await tom.locator('#at-once button').allInnerTexts(), ['What to tell the person', 'Open it again']);
    assert.match(await tom.innerText('.govuk-summary-list'), /Status\s+Answered.*What became of it\s+A room at the Salutation/s);
    await takePicture(tom, 'worker-request-answered');
    await desk.teapot(['sync']);
    await van.teapot(['sync']);
    await page.waitForSelector('text=/Tom \\(housing\\) accepted it/'); // by itself: nobody loaded the page again
    const held = await page.locator('.teapot-holders li').allInnerTexts();
    assert.equal(held.length, 3, held.join('\n'));
    assert.match(held[0], /Taken at friary by Dee/);
    assert.match(held[1], /Dee \(friary\) offered it to housing/);
    assert.match(held[2], /Tom \(housing\) accepted it/);
    await page.waitForSelector('text=It has reached the hub.');
    await page.click('text=Open it again');
    await page.waitForSelector('text=It is open again');
    assert.equal(await value(van, request, 'status'), 'held');
    await page.click('text=They no longer ask for it');
    await page.click('text=Yes, they said so themselves');
    await page.waitForSelector('text=It can be opened again');
    assert.equal(await value(van, request, 'status'), 'withdrawn');
  } finally {
    await there.end();
    await world.stop();
  }
});

test('an action: added, started, done', async () => {
  const page = await open(`/action/new/${baz}`);
  await page.fill('#what', 'Book the vet for Tip');
  await page.fill('#due', 'tomorrow');
  await page.click('text=Add it');
  await heading(page, 'The action is recorded');
  const action = recordOf(page);
  await arrive(page, '/');
  await page.click('text=Book the vet');
  await page.route('**/api/status*', () => {}); // what was written here shows before anything else is asked
  await page.click('text=Start it');
  await page.waitForSelector('text=It is being done');
  assert.match(await page.innerText('.govuk-summary-list'), /Status\s+Being done/);
  await page.click('button:has-text("Done")');
  await page.fill('#done-note', 'Tuesday at ten; Tip likes the vet');
  await page.click('button:has-text("It is done")');
  await page.waitForSelector('text=It is done.');
  assert.deepEqual(await page.locator('#at-once button').allInnerTexts(), ['Open it again']);
  const { fields } = await van.json(['show', action]);
  assert.deepEqual([fields.status.shown, fields.done_note.shown, fields.owner.shown], ['done', 'Tuesday at ten; Tip likes the vet', { agency: 'friary', worker: 'Dee' }]);
});

// ---- Joining ----

test('two records joined, side by side, and told apart again', async () => {
  const twin = await van.create('person', { preferred_name: 'Bazza', description: 'grey beard', nhs_number: '9434765919' });
  const page = await open(`/join/${baz}`);
  await page.fill('#who', 'bazza');
  await page.click('.teapot-card:has-text("Bazza")');
  await heading(page, 'Two records, one person?');
  await page.waitForSelector('td:has-text("943 476 5919")');
  await page.waitForSelector('text=Who would see what after it');
  await page.fill('#why', 'Same dog, same beard; he says so');
  await page.click('button:has-text("They are one person")');
  await heading(page, 'These two records are one person');
  assert.deepEqual((await van.json(['show', baz])).joined.sort(), [baz, twin].sort());
  await page.fill('#why', 'Met both on one evening');
  await page.click('text=Undo: they are two people');
  await heading(page, 'Two records, one person?');
  assert.deepEqual((await van.json(['show', baz])).joined, [baz]);
});

// ---- What opens on a page (every page as it is first seen: pages_test.mjs) ----

test('what opens on a form: nothing that axe finds, at 320 pixels, and nothing too small for a glove', async () => {
  const page = await open('/', { options: { viewport: { width: 320, height: 640 } } });
  for (const [name, where] of Object.entries({ contact: `/contact/${baz}`, 'request-new': '/request/new', consent: `/consent/${baz}` })) {
    await arrive(page, where);
    await settle(page); // what is held comes after the heading
    const summaries = await page.locator('main summary').all();
    assert.ok(summaries.length > 0, where);
    for (const summary of summaries) await summary.click();
    await look(page, `worker-${name}-opened`);
    const small = await page.evaluate(() => [...document.querySelectorAll('main button, main input:not([type=radio]):not([type=checkbox]), main select, main summary')].filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 80)));
    assert.deepEqual(small, [], where);
  }
});

// Every main job of a worker and of a lead practitioner by keys alone, from the start page to the record: no
// test here may click, tap or fill.  Two agencies' nodes; the hub is there where something is handed over.
//
// Shows no promise: how the pages are used.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { openBrowser, watch } from './browser.mjs';
import { Pages, until } from './pages.mjs';
import { TIMES, World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-keyboard-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const STOPS_MAX = 120; // more than any page here has
const WAIT_MS = 20_000 * TIMES;
let browser;
let dee; // at the friary
let tom; // at housing
let baz;

/** Somebody who has a keyboard and nothing else. */
class Keys {
  constructor(page) {
    this.page = page;
    this.troubles = [];
  }
  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }
  type(text) {
    return this.page.keyboard.type(text);
  }
  heading(text) {
    return this.page.locator('main h1', { hasText: text }).waitFor();
  }
  see(text) {
    return this.page.locator('main').getByText(text).first().waitFor();
  }
  // By the Tab key to what has this id, or says this first (a tick box: its label does); round again while the
  // page may still be filling.
  async to(what) {
    const until_ms = Date.now() + WAIT_MS;
    for (let stop = 0; stop < STOPS_MAX || Date.now() < until_ms; stop++) {
      await this.press('Tab');
      const isThere = await this.page.evaluate((wanted) => {
        const one = document.activeElement;
        const said = (one.labels?.[0] ?? one).textContent.trim();
        return one.id === wanted || said.startsWith(wanted);
      }, what);
      if (isThere) return;
    }
    throw new Error(`the Tab key does not reach "${what}": ${(await this.page.locator('main').innerText()).slice(0, 400)}`);
  }
  async push(what) {
    await this.to(what);
    await this.press('Enter');
  }
  async tick(what) {
    await this.to(what);
    await this.press('Space');
  }
  async write(id, text) {
    await this.to(id);
    await this.type(text);
  }
  // In a list: the one that begins so.
  async choose(id, text) {
    await this.to(id);
    await this.type(text);
    assert.match(await this.page.evaluate(() => document.activeElement.selectedOptions[0].textContent), new RegExp(`^${text}`));
  }
  // Among radio buttons, from the first on.
  async pick(id, steps) {
    await this.to(id);
    await this.press('Space', ...Array(steps).fill('ArrowDown'));
  }
  focused(tag, text) {
    return until(() => this.page.evaluate(([wanted, said]) => document.activeElement.tagName === wanted && document.activeElement.textContent.includes(said), [tag, text]), `focus on ${tag} ${text}`);
  }
  // The heading of a page that was come to has the focus: who cannot see it hears where they are.
  async arrive(text) {
    await this.heading(text);
    await this.focused('H1', text);
  }
  // A small form that a button opens on its page says so too.
  async open(what) {
    await this.push(what);
    await this.focused('H2', what);
  }
  async home() {
    await this.push('Teapot');
    await this.arrive('Hello,');
  }
  record() {
    return new URL(this.page.url()).pathname.split('/').pop();
  }
}

async function comeIn(device, worker) {
  const served = await new Pages(device).serve(['--no-sync']);
  const context = await browser.newContext({ viewport: { width: 1024, height: 600 } });
  await context.addInitScript(() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; }; });
  const keys = new Keys(await context.newPage());
  keys.page.setDefaultTimeout(WAIT_MS);
  keys.troubles = watch(keys.page, served.base);
  Object.assign(keys, { device, served });
  await keys.page.goto(served.address);
  await keys.heading('Who is writing?');
  await keys.write('worker', worker);
  await keys.press('Enter');
  await keys.heading('Hello,');
  return keys;
}

before(async () => {
  const devices = await world.beginToday({ 'at-friary': 'friary', 'at-housing': 'housing' });
  for (const device of devices) await device.teapot(['sync']);
  await world.stop();
  baz = await devices[0].create('person', { preferred_name: 'Barry Marsh', born: '1971', description: 'grey beard' });
  await devices[0].create('alias', { person: baz, name: 'Baz' });
  browser = await openBrowser();
  dee = await comeIn(devices[0], 'Dee');
  tom = await comeIn(devices[1], 'Tom');
});
after(async () => {
  await browser?.close();
  await Promise.all([dee, tom].map((keys) => keys?.served.end()));
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('a contact with somebody unknown, and one with somebody known', async () => {
  await dee.push('Record a contact');
  await dee.heading('Record a contact');
  await dee.focused('TEXTAREA', ''); // where the sentence goes
  await dee.type('A man under the bridge, green cap, asked for socks');
  await dee.push('Record it');
  await dee.arrive('The contact is recorded');
  await dee.push('Record another contact');
  await dee.heading('Record a contact');
  await dee.focused('TEXTAREA', '');
  await dee.write('who', 'baz');
  await dee.see('One person fits');
  await dee.push('Barry Marsh');
  await dee.see('It was somebody else');
  await dee.focused('TEXTAREA', '');
  await dee.type('Tea by the library');
  await dee.tick('More: place'); // Space opens it
  await dee.write('place', 'Library steps');
  await dee.push('Record it');
  await dee.arrive('The contact is recorded');
  const { person, fields } = await dee.device.json(['show', dee.record()]);
  assert.deepEqual([person, fields.place.shown], [baz, 'Library steps']);
});

// The rest of the form, once yes is chosen.
async function sayYes() {
  for (const box of ['housing', 'Housing', 'Support']) await dee.tick(box);
  await dee.pick('capacity', 0);
  await dee.see(/will see: .*housing/);
  await dee.push('Record what they said');
  await dee.arrive('What they said is recorded');
  return dee.record();
}

test('consent: yes, no, and no longer', async () => {
  await dee.push('Ask what may be shared');
  await dee.arrive('What may be shared');
  await dee.push('Record what they said'); // nothing is said yet: the way leads to what is missing
  await dee.see('There is a problem');
  await dee.push('Choose what they said');
  await dee.press('Space');
  const given = await sayYes();
  const said = async (steps) => {
    await dee.push('Everything about them');
    await dee.arrive('Barry Marsh');
    await dee.push('Ask them, or change it');
    await dee.arrive('What may be shared');
    await dee.pick('decision', steps);
    await dee.pick('capacity', 1);
    await dee.push('Record what they said');
    await dee.arrive('What they said is recorded');
    return dee.device.json(['show', dee.record()]);
  };
  assert.deepEqual((await said(2)).fields.decision.shown, 'withdrawn');
  const refused = await said(1);
  assert.deepEqual([refused.fields.decision.shown, refused.fields.capacity.shown, refused.fields.in_sight.shown.includes(given)], ['refused', 'in_doubt', true]);
});

test('a help request: taken, handed over, accepted there, answered', async () => {
  await dee.push('Take a help request from them');
  await dee.arrive('Take a help request');
  await dee.write('words', 'Somewhere dry');
  await dee.push('Take it');
  await dee.arrive('The help request is taken');
  const request = dee.record();
  await dee.push('Open the request');
  await dee.arrive('Help request');
  await dee.open('Hand it over');
  await dee.choose('agency', 'housing');
  await dee.push('Offer it');
  await dee.see('nobody has agreed'); // they said no: the refusal is read, and leads back
  await dee.push('Not now');
  await dee.push('Barry Marsh');
  await dee.arrive('Barry Marsh');
  await dee.push('Ask them, or change it');
  await dee.arrive('What may be shared');
  await dee.pick('decision', 0);
  await sayYes();
  await dee.push('Everything about them');
  await dee.arrive('Barry Marsh');
  await dee.push('“Somewhere dry');
  await dee.arrive('Help request');
  await dee.open('Hand it over');
  await dee.choose('agency', 'housing');
  await dee.push('Offer it');
  await dee.see('It is offered to housing');
  await world.serve();
  for (const { device } of [dee, tom]) await device.teapot(['sync']);
  await world.stop();
  await tom.see('Somewhere dry'); // by itself
  await tom.push('Offered to us');
  await tom.arrive('Help request');
  await tom.push('Accept it');
  await tom.see('You hold it now');
  await tom.open('Answer it');
  await tom.write('answer', 'Given at the desk');
  await tom.push('Save');
  await tom.see('It is answered');
  const { fields } = await tom.device.json(['show', request]);
  assert.deepEqual([fields.status.shown, fields.holder.shown], ['answered', { agency: 'housing', worker: 'Tom' }]);
  await dee.home();
});

test('two records joined, and told apart again', async () => {
  await dee.device.create('person', { preferred_name: 'Bazza', description: 'grey beard' });
  await dee.write('find', 'barry');
  await dee.push('Barry Marsh');
  await dee.arrive('Barry Marsh');
  await dee.push('This is the same person as another record');
  await dee.arrive('Which other record');
  await dee.write('who', 'bazza');
  await dee.push('Bazza');
  await dee.arrive('Two records, one person?');
  await dee.write('why', 'Same beard');
  await dee.press('Enter');
  await dee.heading('These two records are one person');
  assert.equal((await dee.device.json(['show', baz])).joined.length, 2);
  await dee.write('why', 'Met both');
  await dee.push('Undo: they are two people');
  await dee.heading('Two records, one person?');
  assert.equal((await dee.device.json(['show', baz])).joined.length, 1);
});

test('one person: a score, the timeline filtered, values settled and unsettled, printed', async () => {
  await dee.served.comeIn();
  await dee.served.say('Dee');
  for (const phone of ['07700 900102', '07700 900711']) await dee.served.json('POST', '/api/write', { changes: [{ op: 'update', entity: 'person', record: baz, set: { phone }, seen: {} }] });
  await dee.push('Leave them apart');
  await dee.arrive('Barry Marsh');
  await dee.push('Add a score');
  await dee.arrive('Add a score');
  await dee.pick('field-scale', 1);
  await dee.write('field-total', '41');
  await dee.press('Enter');
  await dee.see('There is a problem');
  await dee.push('Total:'); // the trouble leads to its field
  await dee.press('Control+a');
  await dee.type('17');
  await dee.press('Enter');
  await dee.arrive('Barry Marsh');
  await dee.page.locator('.teapot-scale__table', { hasText: '17' }).waitFor();

  await dee.tick('Show only some of it');
  const entries = dee.page.locator('.teapot-entry');
  const all = await entries.count();
  await dee.choose('filter-entity', 'Consent');
  await until(async () => await entries.count() === 4, 'the four answers about consent');
  await dee.push('Show everything');
  await until(async () => await entries.count() === all, 'all of it again');

  await dee.page.keyboard.press('Control+Home');
  await dee.push('Use this one');
  await until(() => dee.page.evaluate(() => document.activeElement.id === 'settled'), 'the focus on what was settled');
  const settled = (await dee.served.json('GET', `/api/record/${baz}`)).fields.phone.shown;
  await dee.push('Undo: use');
  await until(async () => (await dee.served.json('GET', `/api/record/${baz}`)).fields.phone.shown !== settled, 'the other one');

  await dee.push('Print');
  await until(() => dee.page.evaluate(() => window.printed === 1), 'its print, once everything stands there');
  await dee.home();
});

test('the review list: out of it, and back', async () => {
  const nina = (await dee.device.import({ op: 'create', entity: 'person', worker: 'Dee', set: { preferred_name: 'Nina' } })).name;
  const say = (decision) => dee.served.json('POST', '/api/write', { changes: [{ op: 'create', entity: 'consent', set: { person: nina, decision, agencies: ['housing'], kinds: ['housing'], purposes: ['support'], how: 'spoken', capacity: 'believed_to_have', in_sight: [] } }] });
  await say('given');
  await say('refused'); // without having seen that yes
  await dee.see('One thing that others wrote differently'); // it came after the page
  await dee.push('One thing that others wrote differently');
  await dee.arrive('To review');
  await dee.push('It can stay as it is');
  await until(() => dee.page.evaluate(() => document.activeElement.id === 'dismissed'), 'the focus on what was left out');
  await dee.push('Undo: put it back');
  await dee.page.locator('.teapot-review').waitFor();
  assert.deepEqual([...dee.troubles, ...tom.troubles], []);
});

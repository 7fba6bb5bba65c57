// The kiosk in a browser, on a real node and hub: a finger, six languages, the network mostly cut, and a
// second person who finds nothing.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { filesBelow, look, openBrowser, openProfile, takePicture } from './browser.mjs';
import { World } from './world.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const pages = path.join(ROOT, 'node/ui/pages/kiosk');
const texts = Object.fromEntries(['en', 'cy', 'pl', 'ro', 'ar', 'fa'].map((lang) => [lang, JSON.parse(fs.readFileSync(path.join(pages, 'texts', `${lang}.json`), 'utf8'))]));
const DAY = 86_400_000;
const SCREEN = { width: 1024, height: 600 };
// What somebody types in each language, by keys that stand on its keyboard.
const typed = {
  en: 'money for the meter', cy: 'lle cynnes â ŵyr', pl: 'ciepły śpiwór', ro: 'o pătură și țară', ar: 'مكان دافئ', fa: 'جای گرم پتو',
};

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-kiosk-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let kiosk;
let desk;
let browser;
const contexts = [];
const processes = [];
let served; // { process, address, port }

// `teapot serve`, without its background sync: a test says when there is a network.
async function serve(device, port = 0) {
  const process = device.start(['serve', '--no-sync', '--listen', `127.0.0.1:${port}`]);
  processes.push(process);
  let said = '';
  process.stderr.on('data', (bytes) => { said += bytes; });
  const address = await new Promise((resolve, reject) => {
    process.stdout.on('data', (bytes) => {
      said += bytes;
      const at = said.match(/http:\/\/\S+\/enter\/\S+/);
      if (at) resolve(at[0]);
    });
    process.once('exit', (code) => reject(new Error(`teapot serve ended with ${code}: ${said}`)));
  });
  return { process, address, port: Number(new URL(address).port) };
}
async function end({ process }, signal = 'SIGTERM') {
  const ended = new Promise((resolve) => process.once('close', resolve));
  process.kill(signal);
  await ended;
}

before(async () => {
  const now = Date.now();
  world.hubClock.set(now, 10 * DAY, 'hub');
  await world.begin(['friary']);
  kiosk = world.device('door', { agency: 'friary', kiosk: true });
  desk = world.device('desk', { agency: 'friary' });
  for (const device of [kiosk, desk]) {
    device.clock.set(now, DAY, device.name);
    await device.init();
    await device.enrol();
    await device.teapot(['sync']);
  }
  served = await serve(kiosk);
  browser = await openBrowser();
});
after(async () => {
  await Promise.all(contexts.map((context) => context.close())); // what a failed test has left open
  await browser?.close();
  if (served) await end(served);
  processes.forEach((one) => one.kill('SIGKILL')); // nor does it leave a server behind
  await world.stop();
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

// ---- At the screen ----

// Somebody at the kiosk: everything is done with a finger, and what goes wrong in the page fails the test.
class Somebody {
  constructor(page, lang) {
    Object.assign(this, { page, lang, text: texts[lang], troubles: [] });
    page.on('pageerror', (error) => this.troubles.push(error.message));
  }
  static async at(lang, { viewport = SCREEN, context, address = served.address, clock = false } = {}) {
    const own = context ?? await browser.newContext({ viewport, hasTouch: true });
    contexts.push(own);
    const somebody = new Somebody(context?.pages()[0] ?? await own.newPage(), lang);
    if (clock) await somebody.page.clock.install();
    await somebody.page.goto(address);
    await somebody.page.locator('.languages').waitFor();
    return somebody;
  }
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }
  async tap(name) {
    await this.button(name).tap();
  }
  async choose() {
    await this.page.locator(`.languages button[lang=${this.lang}]`).tap();
    await this.page.getByRole('heading', { name: this.text.home_title }).waitFor();
  }
  async type(words) {
    for (const one of words) await this.page.locator('.keyboard').getByRole('button', { name: one === ' ' ? this.text.key_space : one, exact: true }).tap();
  }
  async next() {
    await this.tap(this.text.next);
  }
  heading(name) {
    return this.page.getByRole('heading', { name, exact: true }).waitFor();
  }
  // From the first page to the code.
  async askFor(words, { name = '', callback = '', picture = async () => {} } = {}) {
    await picture('languages');
    await this.choose();
    await picture('home');
    await this.page.locator('.big--first').tap();
    await this.heading(this.text.words_title);
    await picture('words');
    await this.next();
    await this.page.getByRole('alert').getByText(this.text.words_empty).waitFor();
    await picture('words-empty');
    await this.type(words);
    assert.equal(await this.page.locator('textarea').inputValue(), words);
    await picture('words-typed');
    await this.next();
    await this.heading(this.text.name_title);
    await picture('name');
    await this.type(name);
    await this.next();
    await this.heading(this.text.callback_title);
    await picture('callback');
    await this.type(callback);
    await this.next();
    await this.heading(this.text.check_title);
    await picture('check');
    await this.tap(this.text.send);
    await this.heading(this.text.code_title);
    await picture('code');
    return (await this.page.locator('p.code').textContent()).trim();
  }
  async askAfter(code, { picture = async () => {} } = {}) {
    await this.choose();
    await this.page.locator('.choices .big').nth(1).tap();
    await this.heading(this.text.ask_title);
    await picture('ask');
    await this.type(code.replaceAll('-', ''));
    await this.tap(this.text.ask);
  }
  told(state) {
    return this.heading(this.text[`state_${state}`]);
  }
  async done() {
    await this.page.locator('.go').tap();
    await this.page.locator('.languages').waitFor();
  }
  async leave() {
    assert.deepEqual(this.troubles, []);
    await this.page.context().close();
  }
}

const requests = async () => (await desk.json(['requests', '--all'])).help_requests;
async function bringAll() {
  await kiosk.teapot(['sync']);
  await desk.teapot(['sync']);
}
const found = async (words) => (await requests()).filter(({ fields }) => fields.words.shown === words);

// ---- What the node answers ----

function ask(method, target, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: served.port, method, path: target, headers, agent: false }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString('utf8') }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
// As the page asks: with the door's cookie and the token.
async function comeIn() {
  const { headers } = await ask('GET', new URL(served.address).pathname);
  const cookie = headers['set-cookie'].map((one) => one.split(';')[0]).join('; ');
  const { text } = await ask('GET', '/api/kiosk', { headers: { cookie } });
  return { cookie, 'content-type': 'application/json', 'x-teapot-token': JSON.parse(text).token };
}
const post = async (target, body) => ask('POST', target, { headers: await comeIn(), body: JSON.stringify(body) });

test('a kiosk answers its page, its three addresses, and nothing else that any node answers', async () => {
  const headers = await comeIn();
  const { paths } = JSON.parse(fs.readFileSync(path.join(ROOT, 'node/ui/openapi.json'), 'utf8'));
  const own = { '/api/kiosk': 'GET', '/api/kiosk/request': 'POST', '/api/kiosk/ask': 'POST' };
  assert.ok(Object.keys(paths).length > 8, 'the table is all there');
  for (const pattern of Object.keys(paths)) {
    const target = pattern.replace('{key}', 'abc').replace(/\{\w+\}/g, '0123456789abcdef-1');
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status } = await ask(method, target, { headers, body: method === 'GET' || method === 'HEAD' ? undefined : '{}' });
      if (own[pattern] === method || (own[pattern] === 'GET' && method === 'HEAD')) assert.ok([200, 422].includes(status), `${method} ${target}: ${status}`);
      else assert.ok([404, 405, 501].includes(status), `${method} ${target}: ${status}`);
    }
  }
  for (const target of ['/app.mjs', '/index.html', '/worker/start.mjs', '/person/0123456789abcdef-1', '/poster', '/api', '/kiosk', '/kiosk/../app.mjs', '/node.db', '/openapi.json']) {
    const { status } = await ask('GET', target, { headers });
    assert.ok([400, 404].includes(status), `${target}: ${status}`);
  }
  const { status } = await ask('GET', '/', { headers: {} });
  assert.equal(status, 403, 'and nothing at all to who has not come in');
  for (const target of Object.keys(own)) assert.equal((await ask('POST', target, { headers: { 'content-type': 'application/json' }, body: '{}' })).status, 403);
  const { 'x-teapot-token': _, ...bare } = headers;
  assert.equal((await ask('POST', '/api/kiosk/request', { headers: bare, body: '{"words":"x"}' })).status, 403, 'nor is anything taken without the token');
});

test('each language has all the texts, and says whether anybody has proof-read them', () => {
  const keys = Object.keys(texts.en).sort();
  for (const [lang, text] of Object.entries(texts)) {
    assert.deepEqual(Object.keys(text).sort(), keys, lang);
    assert.equal(typeof text.proof_read, 'boolean', lang);
    for (const [key, value] of Object.entries(text)) {
      if (typeof value !== 'string') continue;
      assert.deepEqual(value.match(/\{\w+\}/g) ?? [], texts.en[key].match(/\{\w+\}/g) ?? [], `${lang}: ${key} has the same values put in`);
      if (value.length > 4 && lang !== 'en') assert.notEqual(value, texts.en[key], `${lang}: ${key} is in English`);
    }
  }
});

// ---- The whole way, by finger ----

for (const lang of Object.keys(texts)) {
  test(`from the first page to the code with the keys on the screen: ${lang}`, async () => {
    const somebody = await Somebody.at(lang);
    let pictures = 0;
    const picture = (name) => look(somebody.page, `kiosk-${lang}-${String(pictures++).padStart(2, '0')}-${name}`);
    const code = await somebody.askFor(typed[lang], { name: typed[lang].slice(0, 3), callback: '', picture });
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{3}(-[0-9A-HJKMNP-TV-Z]{3}){2}$/);
    const { dir, language } = await somebody.page.evaluate(() => ({ dir: document.documentElement.dir, language: document.documentElement.lang }));
    assert.deepEqual([dir, language], [texts[lang].dir, lang]);
    await somebody.done();
    await somebody.askAfter(code, { picture });
    await somebody.told('here');
    await picture('here');
    await somebody.leave();
    await bringAll();
    const [request] = await found(typed[lang]);
    assert.ok(request, `the desk has what was typed in ${lang}`);
    assert.equal(request.fields.language.shown, lang);
    assert.equal(request.fields.name.shown, typed[lang].slice(0, 3));
    assert.equal(request.fields.code.shown, code.replaceAll('-', ''));
    assert.equal(request.fields.route.shown, 'kiosk');
    assert.equal(request.fields.callback, undefined, 'what was left empty is not there');
  });
}

test('every page fits a screen of 320 pixels, and one that is shown at 200%', async () => {
  for (const [lang, width, height] of [['en', 320, 640], ['fa', 320, 640], ['pl', 512, 300]]) {
    const somebody = await Somebody.at(lang, { viewport: { width, height } });
    let pictures = 0;
    const picture = (name) => look(somebody.page, `kiosk-${width}-${lang}-${String(pictures++).padStart(2, '0')}-${name}`);
    const code = await somebody.askFor(typed[lang], { picture });
    const small = await somebody.page.evaluate(() => [...document.querySelectorAll('button')].map((one) => one.getBoundingClientRect()).filter(({ width, height }) => width < 24 || height < 24).length);
    assert.equal(small, 0, 'no button is too small to touch');
    await somebody.done();
    await somebody.askAfter(code, { picture });
    await somebody.told('here');
    await picture('here');
    await somebody.leave();
  }
});

test('from right to left, what begins stands on the right', async () => {
  const somebody = await Somebody.at('ar');
  await somebody.choose();
  const back = await somebody.button(texts.ar.back).boundingBox();
  const clear = await somebody.button(texts.ar.clear).boundingBox();
  assert.ok(back.x > SCREEN.width / 2 && clear.x < SCREEN.width / 2);
  await somebody.page.locator('.big--first').tap();
  await somebody.tap('ABC');
  await somebody.type('dee');
  await somebody.tap('ABC');
  await somebody.type(' مكان');
  assert.equal(await somebody.page.locator('textarea').inputValue(), 'dee مكان');
  await somebody.leave();
});

test('the keys work at the caret, take back what they wrote, and have capitals and digits', async () => {
  const somebody = await Somebody.at('en');
  await somebody.choose();
  await somebody.page.locator('.big--first').tap();
  const field = somebody.page.locator('textarea');
  await somebody.type('caat');
  await field.evaluate((one) => one.setSelectionRange(3, 3));
  await somebody.tap(texts.en.key_delete);
  assert.equal(await field.inputValue(), 'cat');
  await field.evaluate((one) => one.setSelectionRange(0, 0));
  await somebody.tap(texts.en.key_shift);
  await somebody.type('A');
  await somebody.type('b');
  assert.equal(await field.inputValue(), 'Abcat');
  await somebody.tap(texts.en.key_numbers);
  await somebody.type('07');
  await somebody.tap(texts.en.key_letters);
  await field.evaluate((one) => { one.value = ''; one.setRangeText('😀'); one.setSelectionRange(2, 2); });
  await somebody.tap(texts.en.key_delete);
  assert.equal(await field.inputValue(), '', 'a character of two units goes as one');
  await somebody.leave();
});

test('whoever has a keyboard needs no finger', async () => {
  const somebody = await Somebody.at('en');
  const { page } = somebody;
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const reach = async (name) => {
    for (let i = 0; i < 20; i++) {
      await press('Tab');
      if (await page.evaluate((text) => document.activeElement?.textContent?.trim().startsWith(text), name)) return;
    }
    assert.fail(`${name} is not reached by Tab`);
  };
  await reach('English');
  await press('Enter');
  await reach(texts.en.ask_for_help);
  await press('Enter');
  await page.keyboard.type('by keyboard alone');
  await press('Tab', 'Enter');
  await somebody.heading(texts.en.name_title);
  await press('Tab', 'Enter');
  await somebody.heading(texts.en.callback_title);
  await press('Tab', 'Enter');
  await somebody.heading(texts.en.check_title);
  await reach(texts.en.send);
  await press('Enter');
  await somebody.heading(texts.en.code_title);
  await somebody.leave();
});

test('an answer can be changed before it is sent', async () => {
  const somebody = await Somebody.at('en');
  await somebody.choose();
  await somebody.page.locator('.big--first').tap();
  await somebody.type('a coat');
  for (let i = 0; i < 3; i++) await somebody.next();
  await somebody.heading(texts.en.check_title);
  await somebody.page.getByRole('button', { name: texts.en.change }).first().tap();
  await somebody.type('s');
  await somebody.next();
  await somebody.heading(texts.en.check_title);
  await somebody.page.getByText('a coats', { exact: true }).waitFor();
  await somebody.tap(texts.en.back);
  await somebody.heading(texts.en.callback_title);
  await somebody.leave();
});

// ---- What became of it ----

test('a code is answered by the hub once there is a network, with the words meant for the person alone', async () => {
  const somebody = await Somebody.at('en');
  const code = await somebody.askFor('a warm bed');
  await somebody.done();
  await bringAll();
  await somebody.askAfter(code);
  await somebody.told('received');
  await look(somebody.page, 'kiosk-en-told-received');
  await somebody.done();

  const [{ name }] = await found('a warm bed');
  const dee = { env: { TEAPOT_WORKER: 'Dee' } };
  const attack = '<img src=x onerror="document.title=1"><script>document.title=1</script> Come at 11:30';
  await desk.teapot(['request', 'accept', name], dee);
  await desk.teapot(['request', 'answer', name, 'told the team behind the scenes'], dee);
  await desk.teapot(['request', 'reply', name, attack], dee);
  await desk.teapot(['sync']);
  await somebody.askAfter(code);
  await somebody.told('answered');
  await look(somebody.page, 'kiosk-en-told-answered');
  assert.equal((await somebody.page.locator('.message p').textContent()).trim(), attack, 'shown as it was written');
  const shown = await somebody.page.content();
  for (const secret of ['behind the scenes', 'Dee', 'a warm bed', name]) assert.ok(!shown.includes(secret), `${secret} is shown`);
  assert.equal(await somebody.page.title(), 'Teapot');
  await somebody.done();
  await somebody.leave();
});

test('without a network it says so, and nothing waits', async () => {
  const somebody = await Somebody.at('pl');
  const code = await somebody.askFor('ciep');
  await somebody.done();
  await bringAll();
  await world.stop();
  await somebody.askAfter(code);
  await somebody.told('offline');
  await look(somebody.page, 'kiosk-pl-told-offline');
  await somebody.done();
  const again = await somebody.askFor('ciepl');
  await somebody.done();
  await somebody.askAfter(again);
  await somebody.told('here');
  await somebody.done();
  await world.serve();
  await somebody.leave();
});

test('a code that is none is found before anybody is asked, and one that nobody has is unknown', async () => {
  const somebody = await Somebody.at('en');
  await somebody.askAfter('28T-5CY-4T');
  await somebody.page.getByRole('alert').getByText(texts.en.code_short).waitFor();
  await somebody.type('J');
  await somebody.tap(texts.en.ask);
  await somebody.page.getByRole('alert').getByText(texts.en.code_wrong).waitFor();
  await look(somebody.page, 'kiosk-en-ask-wrong');
  await somebody.tap(texts.en.key_delete);
  await somebody.type('H');
  await somebody.tap(texts.en.ask);
  await somebody.told('unknown');
  await look(somebody.page, 'kiosk-en-told-unknown');
  await somebody.tap(texts.en.back);
  await somebody.heading(texts.en.ask_title);
  await somebody.leave();
});

test('guessing at the kiosk is stopped, and the node itself tells no more than the hub', async () => {
  const states = new Set();
  for (let i = 0; i < 40 && !states.has('busy'); i++) {
    for (let told = 'asking'; told === 'asking';) {
      ({ state: told } = JSON.parse((await post('/api/kiosk/ask', { code: '28T5CY4TH' })).text));
      if (told !== 'asking') states.add(told);
    }
  }
  assert.deepEqual([...states], ['unknown', 'busy']);
  const somebody = await Somebody.at('en');
  await somebody.askAfter('28T5CY4TH');
  await somebody.told('busy');
  await somebody.leave();
  for (const code of ['', 'x', '0'.repeat(2000), "' OR 1=1"]) {
    assert.deepEqual(JSON.parse((await post('/api/kiosk/ask', { code })).text), { state: 'unknown', text: null });
  }
});

test('what is no request is refused, and says which field', async () => {
  for (const [body, status] of [[{}, 422], [{ words: '' }, 422], [{ words: 7 }, 422], [{ words: 'x'.repeat(60_000) }, 422], [{ words: 'a\u0007b' }, 422]]) {
    const answer = await post('/api/kiosk/request', body);
    assert.equal(answer.status, status, answer.text);
    assert.equal(JSON.parse(answer.text).field, 'words');
  }
  const sneaked = JSON.parse((await post('/api/kiosk/request', { words: 'only these', holder: 'x', reply: 'forged', person: '0123456789abcdef-1', worker: 'Dee' })).text);
  assert.deepEqual(Object.keys(sneaked), ['code']);
  await bringAll();
  const [{ fields, worker }] = await found('only these');
  assert.equal(fields.reply, undefined);
  assert.equal(worker, null);
});

// ---- Nothing remains ----

test('a second person finds nothing of the first', async () => {
  const profile = path.join(data, 'profile');
  const context = await openProfile(profile, { viewport: SCREEN, hasTouch: true });
  const secret = { words: 'zebrafinch needle', name: 'quaggamire', callback: 'under the viaduct' };
  const first = await Somebody.at('en', { context });
  const picture = async (name) => { // somebody tries to take their words along
    if (name !== 'words-typed') return;
    for (const keys of ['Control+a', 'Control+c', 'Control+x']) await first.page.keyboard.press(keys);
    assert.equal(await first.page.locator('textarea').inputValue(), secret.words);
  };
  const code = await first.askFor(secret.words, { name: secret.name, callback: secret.callback, picture });
  await first.done();
  await first.page.waitForTimeout(1500); // it is loaded anew meanwhile
  const { page } = first;
  await page.locator('.languages').waitFor();
  const traces = [...Object.values(secret), code, code.replaceAll('-', '')];
  const clean = async (what) => {
    const html = await page.content();
    for (const trace of traces) assert.ok(!html.includes(trace), `${what}: ${trace} is on the page`);
  };
  await clean('after it was cleared');
  const kept = await page.evaluate(async () => ({
    history: history.length, state: history.state, name: window.name, local: localStorage.length, session: sessionStorage.length,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length, url: location.href, title: document.title,
    fields: [...document.querySelectorAll('input, textarea')].length,
  }));
  assert.ok(kept.history <= 2, `history holds ${kept.history}`);
  assert.deepEqual({ ...kept, history: 0 }, { history: 0, state: null, name: '', local: 0, session: 0, databases: 0, caches: 0, url: `http://127.0.0.1:${served.port}/`, title: 'Teapot', fields: 0 });
  await page.goBack({ timeout: 2000 }).catch(() => null);
  await clean('by the back button');
  await page.goForward({ timeout: 2000 }).catch(() => null);
  await clean('by the forward button');
  await page.goto(served.address);
  await page.locator('.languages').waitFor();
  await page.keyboard.press('Control+z');
  await clean('by undoing');
  // The same questions again: nothing is offered or filled in.
  first.troubles.length = 0;
  await first.choose();
  await page.locator('.big--first').tap();
  assert.equal(await page.locator('textarea').inputValue(), '');
  await page.keyboard.press('Control+v');
  assert.equal(await page.locator('textarea').inputValue(), '', 'the clipboard is empty');
  await page.keyboard.type('zeb');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.locator('textarea').inputValue(), 'zeb');
  await first.tap(texts.en.clear);
  await page.locator('.languages').waitFor();
  // Nor does the node tell.
  for (const target of ['/', '/api/kiosk', '/api/kiosk/request', '/kiosk/kiosk.mjs']) {
    const { text } = await ask('GET', target, { headers: await comeIn() });
    for (const trace of traces) assert.ok(!text.includes(trace), `${target} tells ${trace}`);
  }
  await context.close();
  for (const file of filesBelow(profile)) {
    const bytes = fs.readFileSync(file);
    for (const trace of traces) {
      assert.ok(!bytes.includes(trace) && !bytes.includes(Buffer.from(trace, 'utf16le')), `${path.relative(profile, file)} holds ${trace}`);
    }
  }
  // And once it has gone, the kiosk itself has none of it.
  await kiosk.teapot(['sync']);
  for (const name of ['node.db', 'node.db-wal']) {
    const file = path.join(kiosk.dir, name);
    const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
    for (const trace of traces) assert.ok(!bytes.includes(trace), `${name} holds ${trace}`);
  }
});

test('untouched for a minute it warns, and then everything is gone', async () => {
  const somebody = await Somebody.at('ro', { clock: true });
  const { page } = somebody;
  await somebody.choose();
  await page.locator('.big--first').tap();
  await somebody.type('secret');
  await page.clock.runFor(39_000);
  assert.equal(await page.getByRole('alertdialog').count(), 0);
  await page.clock.runFor(2_000);
  const warning = page.getByRole('alertdialog', { name: texts.ro.still_there });
  await warning.waitFor();
  await look(page, 'kiosk-ro-warning');
  await somebody.tap(texts.ro.stay);
  await warning.waitFor({ state: 'detached' });
  assert.equal(await page.locator('textarea').inputValue(), 'secret', 'whoever is still there goes on');
  await page.clock.runFor(58_000);
  await warning.waitFor();
  await page.clock.runFor(3_000);
  await page.locator('.languages').waitFor();
  assert.ok(!(await page.content()).includes('secret'));
  await somebody.leave();
});

test('the code goes after a minute as well, and so does an answer', async () => {
  const somebody = await Somebody.at('en', { clock: true });
  const code = await somebody.askFor('a tent');
  await somebody.page.clock.runFor(61_000);
  await somebody.page.locator('.languages').waitFor();
  assert.ok(!(await somebody.page.content()).includes(code));
  await somebody.leave();
});

test('"clear" works on every page, and what was on its way shows nobody\'s code', async () => {
  const somebody = await Somebody.at('en');
  const { page } = somebody;
  await somebody.choose();
  await page.locator('.big--first').tap();
  await somebody.type('hidden');
  await somebody.tap(texts.en.clear);
  await page.locator('.languages').waitFor();
  await page.waitForTimeout(500);
  // Cleared between sending and the answer: the code is for nobody who comes after.
  await page.route('**/api/kiosk/request', async (route) => { await new Promise((resolve) => { setTimeout(resolve, 800); }); await route.continue(); });
  await somebody.choose();
  await page.locator('.big--first').tap();
  await somebody.type('hidden');
  for (let i = 0; i < 3; i++) await somebody.next();
  await somebody.tap(texts.en.send);
  await somebody.tap(texts.en.clear);
  await page.locator('.languages').waitFor();
  await page.waitForTimeout(1500);
  assert.equal(await page.locator('p.code').count(), 0);
  await page.locator('.languages').waitFor();
  await somebody.leave();
});

test('a node that was killed is told, and comes back with the page still there', async () => {
  const somebody = await Somebody.at('en');
  await somebody.choose();
  await somebody.page.locator('.big--first').tap();
  await somebody.type('still typed');
  for (let i = 0; i < 3; i++) await somebody.next();
  await end(served, 'SIGKILL');
  await somebody.tap(texts.en.send);
  await somebody.page.getByRole('alert').getByText(texts.en.trouble).waitFor();
  await look(somebody.page, 'kiosk-en-trouble');
  served = await serve(kiosk, served.port);
  await somebody.tap(texts.en.send);
  await somebody.heading(texts.en.code_title);
  // And cleared while it is down, the page stays: a browser's own page of errors has no way back.
  await end(served, 'SIGKILL');
  await somebody.done();
  await somebody.page.waitForTimeout(1000);
  await somebody.page.locator('.languages').waitFor();
  served = await serve(kiosk, served.port);
  await somebody.leave();
});

// ---- Read out, and looked after ----

test('a page is read out where there is a voice, in its language and order, without the keys', async () => {
  const context = await browser.newContext({ viewport: SCREEN, hasTouch: true });
  await context.addInitScript(() => {
    const said = [];
    window.said = said;
    const voices = [{ lang: 'pl-PL', name: 'Zosia', localService: true }];
    const synthesis = { getVoices: () => voices, speak: (one) => said.push([one.lang, one.text]), cancel: () => said.push(['stop']), addEventListener() {}, removeEventListener() {} };
    Object.defineProperty(window, 'speechSynthesis', { value: synthesis });
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  });
  const page = await context.newPage();
  const somebody = new Somebody(page, 'pl');
  await page.goto(served.address);
  await somebody.choose();
  await page.locator('.big--first').tap();
  await page.evaluate(() => { window.said.length = 0; });
  await somebody.tap(texts.pl.listen);
  const said = (await page.evaluate(() => window.said)).filter(([lang]) => lang !== 'stop');
  assert.deepEqual(said, [['pl', texts.pl.words_title], ['pl', texts.pl.words_hint]]);
  await look(page, 'kiosk-pl-listen');
  await somebody.tap(texts.pl.quiet);
  await somebody.tap(texts.pl.clear);
  const other = new Somebody(page, 'en');
  await page.locator('.languages').waitFor();
  await other.choose();
  assert.equal(await other.button(texts.en.listen).count(), 0, 'no voice, no button');
  await context.close();
});

test('whoever looks after the kiosk sees how it is, and which texts nobody has proof-read', async () => {
  const somebody = await Somebody.at('en');
  await somebody.page.keyboard.press('Control+Alt+o');
  const sheet = somebody.page.getByRole('dialog', { name: 'This kiosk' });
  await sheet.waitFor();
  await look(somebody.page, 'kiosk-operator');
  const text = await sheet.textContent();
  assert.match(text, /Cymraeg, Polski, Română, العربية, فارسی/);
  assert.match(text, /Requests not sent yet\d+/);
  await somebody.tap('Close');
  await sheet.waitFor({ state: 'detached' });
  await somebody.leave();
});

// ---- Around it ----

test('the script of a kiosk shows its page, shows it again when the browser ends, and leaves nothing', async () => {
  const folder = path.join(data, 'screen');
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  // In the browser's place: notes how it was started, and stays until it is ended.
  fs.writeFileSync(path.join(bin, 'chromium'), `#!/bin/sh\necho "$$ $*" >>${folder}/started\nexec sleep 300\n`, { mode: 0o755 });
  fs.symlinkSync(path.resolve(kiosk.program), path.join(bin, 'teapot'));
  const another = world.device('another', { agency: 'friary', kiosk: true });
  another.clock.set(Date.now(), DAY, 'another');
  await another.init();
  const env = { ...process.env, ...another.env, PATH: `${bin}:${process.env.PATH}`, XDG_RUNTIME_DIR: folder, TEAPOT_LISTEN: '127.0.0.1:0' };
  const script = spawn('/bin/sh', [path.join(ROOT, 'toolchains/kiosk.sh'), '--dir', another.dir], { env, stdio: 'ignore' });
  processes.push(script);
  const started = () => (fs.existsSync(`${folder}/started`) ? fs.readFileSync(`${folder}/started`, 'utf8').trim().split('\n') : []);
  const until = async (look) => {
    for (let i = 0; i < 200 && !look(); i++) await sleep(100);
    assert.ok(look(), started().join('\n'));
  };
  await until(() => started().length === 1);
  const [first] = started();
  assert.match(first, / --kiosk --incognito .*http:\/\/127\.0\.0\.1:\d+\/enter\/\w+$/);
  const { status } = await fetch(first.split(' ').pop(), { redirect: 'manual' });
  assert.equal(status, 303, 'the address leads in');
  process.kill(Number(first.split(' ')[0]));
  await until(() => started().length === 2);
  const ended = once(script, 'exit');
  script.kill('SIGTERM');
  await ended;
  assert.throws(() => process.kill(Number(started()[1].split(' ')[0]), 0), 'the browser ends with it');
  await assert.rejects(another.teapot(['serve', '--address']), { exit: 3 }, 'and so does the node');
  assert.deepEqual(fs.readdirSync(folder).filter((name) => name.startsWith('teapot-kiosk')), []);
  const policy = JSON.parse(execFileSync('/bin/sh', [path.join(ROOT, 'toolchains/kiosk.sh'), '--policy'], { encoding: 'utf8' }));
  assert.deepEqual(policy.URLAllowlist, ['http://127.0.0.1:8321']);
});

// ---- The poster, at a worker's node ----

test('a worker prints a poster with a picture of their own address', async () => {
  const { process: own, address } = await serve(desk);
  const context = await browser.newContext({ viewport: { width: 800, height: 900 } });
  contexts.push(context);
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('#worker').fill('Ines');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: /Ines/ }).waitFor();
  await page.goto(new URL('/poster', address).href);
  await page.getByLabel('When somebody is there').fill('Monday to Friday, 10 to 4');
  await page.getByLabel('Address for the picture').fill('javascript:alert(1)');
  await page.getByText('It begins with https://').waitFor();
  assert.equal(await page.locator('.teapot-poster__code').count(), 0);
  await page.getByLabel('Address for the picture').fill('https://friary.example/door');
  const picture = page.locator('.teapot-poster__code');
  await picture.waitFor();
  assert.ok(await picture.evaluate((one) => one.decode().then(() => one.naturalWidth > 0)), 'it is a picture');
  await look(page, 'poster');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByLabel('The place').isVisible(), false, 'the form stays off the paper');
  assert.ok(await picture.isVisible());
  await takePicture(page, 'poster-print');
  await context.close();
  await end({ process: own });
});

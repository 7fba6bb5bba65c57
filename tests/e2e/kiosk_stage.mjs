// The kiosk in a browser, on a real node and hub: what its tests share. One world for each file of tests; the
// network is there when a test syncs by hand, and cut otherwise.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBrowser } from './browser.mjs';
import { World } from './world.mjs';

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const pages = path.join(ROOT, 'node/ui/pages/kiosk');
export const texts = Object.fromEntries(['en', 'cy', 'pl', 'ro', 'ar', 'fa'].map((lang) => [lang, JSON.parse(fs.readFileSync(path.join(pages, 'texts', `${lang}.json`), 'utf8'))]));
export const PLACE = 'The Friary drop-in';
export const DAY = 86_400_000;
const ANEW_MS = 5000;
export const SCREEN = { width: 1024, height: 600 };
// What somebody types in each language, by keys that stand on its keyboard.
export const typed = {
  en: 'money for the meter', cy: 'lle cynnes â ŵyr', pl: 'ciepły śpiwór', ro: 'o pătură și țară', ar: 'مكان دافئ', fa: 'جای گرم پتو',
};

export const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-kiosk-'));
export const world = new World({ bin: process.env.TEAPOT_BIN, data });
/** kiosk, desk: devices; browser; served: { process, address, port } of the kiosk. */
export const stage = {};
export const contexts = [];
export const processes = [];

// `teapot serve`, without its background sync: a test says when there is a network.
export async function serve(device, port = 0, env = {}) {
  const process = device.start(['serve', '--no-sync', '--listen', `127.0.0.1:${port}`], env);
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
export async function end({ process }, signal = 'SIGTERM') {
  const ended = new Promise((resolve) => process.once('close', resolve));
  process.kill(signal);
  await ended;
}

export async function begin() {
  const now = Date.now();
  world.hubClock.set(now, 10 * DAY, 'hub');
  await world.begin(['friary'], { friary: PLACE });
  stage.kiosk = world.device('door', { agency: 'friary', kiosk: true });
  stage.desk = world.device('desk', { agency: 'friary' });
  for (const device of [stage.kiosk, stage.desk]) {
    device.clock.set(now, DAY, device.name);
    await device.init();
    await device.enrol();
    await device.teapot(['sync']);
  }
  stage.served = await serve(stage.kiosk);
  stage.browser = await openBrowser();
}
export async function stop() {
  await Promise.all(contexts.map((context) => context.close())); // what a failed test has left open
  await stage.browser?.close();
  if (stage.served) await end(stage.served);
  processes.forEach((one) => one.kill('SIGKILL')); // nor does it leave a server behind
  await world.stop();
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
}

// ---- At the screen ----

// Somebody at the kiosk: everything is done with a finger, and what goes wrong in the page fails the test.
export class Somebody {
  constructor(page, lang) {
    Object.assign(this, { page, lang, text: texts[lang], troubles: [] });
    page.on('pageerror', (error) => this.troubles.push(error.message));
  }
  static async at(lang, { viewport = SCREEN, context, address = stage.served.address, clock = false } = {}) {
    const own = context ?? await stage.browser.newContext({ viewport, hasTouch: true });
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
    for (const one of words) await this.page.locator('.keyboard').getByRole('button', { name: one === ' ' ? this.text.key_space : this.text.marks[one] ?? one, exact: true }).first().tap();
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
    await this.heading(PLACE);
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
    assert.ok((await this.page.locator('main').textContent()).includes(PLACE), 'it says who has the words');
    return (await this.page.locator('.code__shown').textContent()).trim();
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
  // Whoever touches the first page while it is loaded anew touches one that goes: so it is waited for, but from a
  // node that does not answer, which loads none.
  async backAtFirst(act) {
    const anew = this.page.waitForEvent('load', { timeout: ANEW_MS }).catch(() => null);
    await act();
    await this.page.locator('.languages').waitFor();
    await anew;
    await this.page.locator('.languages').waitFor();
  }
  async clear() {
    await this.backAtFirst(() => this.tap(this.text.clear));
  }
  async done() {
    await this.backAtFirst(() => this.page.locator('.go').tap());
  }
  async leave() {
    assert.deepEqual(this.troubles, []);
    await this.page.context().close();
  }
}

export const requests = async () => (await stage.desk.json(['requests', '--all'])).help_requests;
export async function bringAll() {
  await stage.kiosk.teapot(['sync']);
  await stage.desk.teapot(['sync']);
}
export const found = async (words) => (await requests()).filter(({ fields }) => fields.words.shown === words);

// ---- What the node answers ----

export function ask(method, target, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: stage.served.port, method, path: target, headers, agent: false }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString('utf8') }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
// As the page asks: with the door's cookie and the token.
export async function comeIn() {
  const { headers } = await ask('GET', new URL(stage.served.address).pathname);
  const cookie = headers['set-cookie'].map((one) => one.split(';')[0]).join('; ');
  const { text } = await ask('GET', '/api/kiosk', { headers: { cookie } });
  return { cookie, 'content-type': 'application/json', 'x-teapot-token': JSON.parse(text).token };
}
export const post = async (target, body) => ask('POST', target, { headers: await comeIn(), body: JSON.stringify(body) });

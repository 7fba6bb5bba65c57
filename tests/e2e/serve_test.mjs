// `teapot serve` as a process: the door, sessions, drafts that survive, one server for a node, its
// background sync that dies and comes back, and ending.
//
// Shows no promise: how the pages are served.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { isAlive, Pages, until } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-serve-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let van;
let started = [];

async function serve(device = van, args = []) {
  const pages = new Pages(device);
  started.push(pages);
  await pages.serve(args);
  return pages;
}
async function comeIn(worker = 'Dee', args = []) {
  const pages = await serve(van, args);
  await pages.comeIn();
  await pages.say(worker);
  return pages;
}

// A request whose Host says something else than where it goes.
function askAs(pages, host) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: pages.port, path: '/api/session', headers: { Host: host } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}

before(async () => {
  [van] = await world.beginToday({ van: 'one' });
});
afterEach(async () => {
  for (const pages of started) {
    if (pages.process.exitCode === null && pages.process.signalCode === null) await pages.end('SIGKILL');
  }
  started = [];
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('nobody comes in without the key, and nothing is told at the door', async () => {
  const pages = await serve(van, ['--no-sync']);
  const person = await van.create('person', { preferred_name: 'Xanthippe' });
  assert.ok(person);
  for (const where of ['/', '/person/00000000000000aa-7', '/app.mjs', '/style.css', '/api/session', '/api/drafts', '/api/nothing', '/enter/', `/enter/${'0'.repeat(32)}`]) {
    const response = await pages.ask('GET', where);
    const text = await response.text();
    assert.equal(response.status, 403, where);
    assert.doesNotMatch(text, /Xanthippe|"token"/);
    assert.equal(response.headers.get('set-cookie'), null);
  }
  const door = await (await pages.ask('GET', '/')).text();
  assert.match(door, /teapot serve --address/);
  assert.equal((await van.teapot(['serve', '--address'])).trim(), pages.address);

  const entered = await pages.enter();
  assert.equal(entered.status, 303);
  assert.equal(entered.headers.get('location'), '/');
  assert.match(entered.headers.get('set-cookie'), /HttpOnly; SameSite=Strict/);
  assert.equal((await pages.ask('GET', '/')).status, 200);
  assert.equal((fs.statSync(path.join(van.dir, 'door.key')).mode & 0o777), 0o600);
  for (const [name, value] of pages.cookies) assert.ok(!pages.address.includes(value), `${name} does not hold the key`);
});

test('the gate: another name, another origin, a form, no token', async () => {
  const pages = await comeIn('Dee', ['--no-sync']);
  assert.equal(await askAs(pages, `evil.example:${pages.port}`), 403);
  assert.equal(await askAs(pages, '127.0.0.1:1'), 403);
  const draft = { body: { page: '/x', body: {} } };
  const refused = [
    [403, { Origin: 'https://evil.example' }], [403, { Origin: 'null' }], [403, { 'Sec-Fetch-Site': 'cross-site' }],
    [415, { 'Content-Type': 'text/plain' }], [403, { 'X-Teapot-Token': null }], [403, { 'X-Teapot-Token': '0'.repeat(32) }],
  ];
  for (const [status, headers] of refused) {
    const response = await pages.ask('PUT', '/api/draft/gate', { ...draft, headers });
    assert.equal(response.status, status, JSON.stringify(headers));
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
  }
  assert.deepEqual(await pages.json('GET', '/api/drafts'), { drafts: [] });
  assert.equal((await pages.ask('PUT', '/api/draft/gate', draft)).status, 200);
  assert.equal((await pages.ask('DELETE', '/api/draft/gate')).status, 204);
});

test('every answer carries the headers, and methods are told apart', async () => {
  const pages = await comeIn('Dee', ['--no-sync']);
  for (const where of ['/', '/app.mjs', '/api/session', '/api/nothing', '/no.file', '/some/page']) {
    const { headers } = await pages.ask('GET', where);
    assert.match(headers.get('content-security-policy'), /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/, where);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.match(headers.get('cache-control'), /^no-(store|cache)$/);
    assert.equal(headers.get('cache-control') === 'no-cache', headers.get('etag') !== null);
  }
  assert.equal((await pages.ask('GET', '/api/nothing')).headers.get('content-type'), 'application/problem+json');
  assert.equal((await pages.ask('GET', '/no.file')).status, 404);
  const page = await pages.ask('GET', '/some/page');
  assert.equal(page.status, 200);
  assert.match(await page.text(), /Teapot needs JavaScript/);
  const head = await pages.ask('HEAD', '/api/session');
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  const wrong = await pages.ask('POST', '/api/schema', { body: {} });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'GET, HEAD');
  assert.equal((await pages.ask('POST', '/', { body: {} })).status, 405);
  const style = await pages.ask('GET', '/style.css');
  const again = await pages.ask('GET', '/style.css', { headers: { 'If-None-Match': style.headers.get('etag') } });
  assert.equal(again.status, 304);
  const bad = await pages.ask('PUT', '/api/draft/x', { body: [] });
  assert.equal(bad.status, 400);
});

test('who writes: said once, in the cookie, forged in vain', async () => {
  const pages = await serve(van, ['--no-sync']);
  const first = await pages.comeIn();
  assert.equal(first.worker, null);
  assert.equal(first.mode, 'worker');
  assert.deepEqual(first.agency, { id: 'one', label: 'one' });
  assert.ok(first.workers.includes('Dee'), 'who wrote here lately');
  assert.equal((await pages.ask('GET', '/api/drafts')).status, 401);
  const refused = await pages.ask('POST', '/api/session', { body: { worker: ' ' } });
  assert.equal(refused.status, 422);
  assert.deepEqual((await refused.json()).field, 'worker');
  await pages.say('Zoë O\'Neill');
  assert.equal((await pages.session()).worker, 'Zoë O\'Neill');
  const name = `teapot_session_${pages.port}`;
  const cookie = pages.cookies.get(name);
  pages.cookies.set(name, cookie.replace(/^../, '44'));
  assert.equal((await pages.session()).worker, null, 'a forged one is none');
  pages.cookies.set(name, cookie);
  await pages.session();
  assert.equal((await pages.json('DELETE', '/api/session')).worker, null);
  assert.equal(pages.cookies.has(name), false);
});

test('a draft survives a killed node, and is its worker\'s own', async () => {
  const pages = await comeIn();
  const body = { words: 'Somewhere dry, with <b>the dog</b>', n: 1.5, list: [null, true] };
  assert.equal((await pages.ask('PUT', '/api/draft/contact-new', { body: { page: '/contact', body } })).status, 200);
  await pages.end('SIGKILL');
  await pages.serve();
  assert.equal((await pages.session()).worker, 'Dee', 'the session too');
  const { drafts } = await pages.json('GET', '/api/drafts');
  assert.deepEqual(drafts.map(({ key, page }) => [key, page]), [['contact-new', '/contact']]);
  assert.deepEqual((await pages.json('GET', '/api/draft/contact-new')).body, body);
  const token = pages.token;
  await pages.say('Tom');
  assert.equal((await pages.status()).worker, 'Tom');
  const stale = await pages.ask('PUT', '/api/draft/contact-new', { body: { page: '/contact', body: {} }, headers: { 'X-Teapot-Token': token } });
  assert.equal(stale.status, 403, 'a page of Dee\'s does not write as Tom');
  assert.deepEqual((await pages.json('GET', '/api/drafts')).drafts, []);
  assert.equal((await pages.ask('GET', '/api/draft/contact-new')).status, 404);
  await pages.json('DELETE', '/api/draft/contact-new'); // Tom's: there is none
  await pages.say('Dee');
  const large = await pages.ask('PUT', '/api/draft/large', { body: { page: '/contact', body: 'x'.repeat(70_000) } });
  assert.equal(large.status, 422);
  await van.teapot(['rebuild']);
  assert.equal((await pages.json('GET', '/api/drafts')).drafts.length, 1, 'no view: a rebuild keeps it');
  await pages.json('DELETE', '/api/draft/contact-new');
  assert.deepEqual((await pages.json('GET', '/api/drafts')).drafts, []);
});

test('one server for a node, one for a port, and only on this machine', async () => {
  const pages = await serve(van, ['--no-sync']);
  await assert.rejects(van.teapot(['serve', '--listen', '127.0.0.1:0']), (error) => error.exit === 5 && /--address/.test(error.stderr));
  const desk = world.device('desk', { agency: 'one' });
  desk.clock.set(Date.now(), 3_600_000, 'desk');
  await desk.init();
  await assert.rejects(desk.teapot(['serve', '--listen', `127.0.0.1:${pages.port}`]), (error) => error.exit === 4);
  await assert.rejects(desk.teapot(['serve', '--address']), (error) => error.exit === 3);
  for (const listen of ['0.0.0.0:0', '192.168.0.1:8321', '[::]:0', 'nowhere', '127.0.0.1:99999']) {
    await assert.rejects(desk.teapot(['serve', '--listen', listen]), (error) => error.exit === 2, listen);
  }
  assert.deepEqual(await pages.end(), { code: 0, signal: null });
  await assert.rejects(van.teapot(['serve', '--address']), (error) => error.exit === 3);
});

test('a server that was killed a moment ago is waited for', async () => {
  // It was starting a child, which has its files until it has become another program.
  const held = spawn('flock', [path.join(van.dir, 'serve.lock'), 'sh', '-c', 'echo held; sleep 0.3'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(held.stdout, 'data');
  const pages = await serve(van, ['--no-sync']);
  assert.equal((await pages.enter()).status, 303);
});

test('what is recorded elsewhere is seen, and sent by the background sync', async () => {
  const pages = await comeIn();
  const first = await until(async () => { const one = await pages.status(); return one.unsent === 0 && one.last_sync_at && one; }, 'the first sync');
  const person = await van.create('person', { preferred_name: 'Baz' });
  const then = await pages.status();
  assert.ok(then.revision > first.revision);
  await van.create('contact', { person, note: 'By the library' });
  const sent = await until(async () => { const one = await pages.status(); return one.unsent === 0 && one; }, 'sending');
  assert.ok(sent.revision > then.revision);
  const quiet = await until(async () => {
    const { revision } = await pages.status();
    const news = await pages.json('GET', `/api/status?seen=${revision}`);
    return news.revision === revision && news;
  }, 'a quiet moment');
  assert.deepEqual(Object.keys(quiet).sort(), ['differs', 'free_bytes', 'full', 'hub_back', 'last_sync_at', 'progress', 'revision', 'running', 'syncing', 'trouble', 'worker']);

  await world.stop('SIGKILL');
  await pages.json('POST', '/api/sync', {});
  await until(async () => (await pages.status()).trouble !== null, 'the trouble is told');
  await world.serve();
  await pages.json('POST', '/api/sync', {});
  await until(async () => (await pages.status()).trouble === null, 'and then is over');
});

test('the background sync dies and comes back; ending ends both', async () => {
  const pages = await comeIn();
  const pid = await until(() => pages.childPid(), 'the background sync');
  process.kill(pid, 'SIGKILL');
  const next = await until(() => { const now = pages.childPid(); return now !== pid && now; }, 'another one');
  assert.equal((await pages.status()).running, true);
  assert.deepEqual(await pages.end('SIGTERM'), { code: 0, signal: null });
  assert.equal(isAlive(next), false);
});

test('a killed server takes its background sync along', async () => {
  const pages = await comeIn();
  const pid = await until(() => pages.childPid(), 'the background sync');
  await pages.end('SIGKILL');
  await until(() => !isAlive(pid), 'it ends');
});

test('where `teapot run` has the node, that one is used', async () => {
  const outside = van.start(['run']);
  const exited = new Promise((resolve) => { outside.once('exit', resolve); });
  await until(() => new Pages(van).backgroundPid() === outside.pid, 'run');
  const pages = await comeIn();
  assert.equal((await pages.status()).running, true);
  await van.create('person', { preferred_name: 'Sean' });
  await until(async () => (await pages.status()).unsent === 0, 'sending by the other');
  assert.equal(pages.backgroundPid(), outside.pid);
  assert.doesNotMatch(pages.errors, /started|again/);
  outside.kill('SIGTERM');
  await exited;
});

test('a node that is enrolled while it serves begins to sync', async () => {
  const stop = world.device('stop', { agency: 'one' });
  stop.clock.set(Date.now(), 3_600_000, 'stop');
  await stop.init();
  const pages = await serve(stop);
  await pages.comeIn();
  await pages.say('Dee');
  await until(async () => (await pages.status()).running, 'the background sync');
  const before = await pages.status();
  assert.deepEqual([before.enrolled, before.trouble, before.last_sync_at], [false, null, null]);
  await stop.enrol();
  await pages.json('POST', '/api/sync', {});
  const then = await until(async () => { const one = await pages.status(); return one.last_sync_at && one; }, 'the first sync');
  assert.equal(then.enrolled, true);
});

// Another origin's page in the browser of somebody who has come in: a real page on another port of this machine,
// under two names, tries whatever a page can try at the node. A server that lets everything through is tried by
// the same page first, so that what is refused is known to work.
//
// Shows no promise: who may speak to a node on its own machine.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { comeIn, openBrowser } from './browser.mjs';
import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-origin-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const servers = [];
let pages;
let browser;
let dee; // { context, page, troubles }: Dee's browser

function listen(handle, upgrade) {
  const server = http.createServer(handle);
  if (upgrade) server.on('upgrade', upgrade);
  servers.push(server);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

// Takes and answers everything, from anywhere.
function letThrough(request, response) {
  request.resume();
  const types = { '/app.mjs': 'text/javascript', '/style.css': 'text/css', '/icon.svg': 'image/svg+xml', '/api/status': 'text/event-stream', '/': 'text/html' };
  const bodies = { '/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', '/api/status': 'data: x\n\n', '/': '<title>let through</title>' };
  response.writeHead(200, {
    'Content-Type': types[request.url] ?? 'application/json', 'Access-Control-Allow-Origin': request.headers.origin ?? '*',
    'Access-Control-Allow-Credentials': 'true', 'Access-Control-Allow-Headers': 'content-type, x-teapot-token', 'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  });
  response.end(bodies[request.url] ?? '');
}
function shakeHands(request, socket) {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.on('error', () => {});
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
}

// What the strange page tries, in its own words: for each way, whether it came through. Runs in the browser.
async function tryEverything({ base, token }) {
  const within = (promise) => Promise.race([promise, new Promise((resolve) => { setTimeout(resolve, 10_000, false); })]).catch(() => false);
  const element = (name, set) => within(new Promise((resolve) => {
    const one = Object.assign(document.createElement(name), set);
    one.onload = () => resolve(true);
    one.onerror = () => resolve(false);
    document.body.append(one);
  }));
  const ask = (method, where, headers, body) => within(fetch(base + where, { method, headers, body, credentials: 'include' }).then((answer) => answer.ok));
  const json = { 'Content-Type': 'application/json', 'X-Teapot-Token': token };
  const draft = JSON.stringify({ page: '/evil', body: 'evil' });
  return {
    'fetch to read': await ask('GET', '/api/session'),
    'fetch to write': await ask('PUT', '/api/draft/evil', json, draft),
    'fetch to write, plain': await ask('POST', '/api/session', { 'Content-Type': 'text/plain' }, '{"worker":"Evil"}'),
    'fetch to delete': await ask('DELETE', '/api/session', json),
    image: await element('img', { src: `${base}/icon.svg` }),
    script: await element('script', { type: 'module', src: `${base}/app.mjs` }),
    'plain script': await element('script', { src: `${base}/api/session` }),
    style: await element('link', { rel: 'stylesheet', href: `${base}/style.css` }),
    websocket: await within(new Promise((resolve) => { const socket = new WebSocket(`${base.replace('http', 'ws')}/api/status`); socket.onopen = () => resolve(true); socket.onerror = () => resolve(false); })),
    'event source': await within(new Promise((resolve) => { const source = new EventSource(`${base}/api/status`, { withCredentials: true }); source.onopen = () => resolve(true); source.onerror = () => resolve(false); })),
    // These come back as nothing a page can see: what they did is looked up at the node.
    beacon: navigator.sendBeacon(`${base}/api/sync`, new Blob(['{}'], { type: 'text/plain' })) && 'sent',
    form: (() => {
      const form = Object.assign(document.createElement('form'), { method: 'post', enctype: 'text/plain', action: `${base}/api/session`, target: 'sink' });
      const field = Object.assign(document.createElement('input'), { name: '{"worker":"Evil","x":"', value: '"}' });
      form.append(field);
      const sink = Object.assign(document.createElement('iframe'), { name: 'sink' });
      document.body.append(sink, form);
      form.submit();
      return 'sent';
    })(),
  };
}

// A frame and a window of the node's: what came to stand in them.
async function openInside(page, base) {
  const isFrames = (request) => request.isNavigationRequest() && request.frame() !== page.mainFrame() && request.url() === `${base}/`;
  const framed = Promise.race([ // the browser says itself why it shows nothing
    page.waitForEvent('requestfinished', isFrames).then(() => 'shown'),
    page.waitForEvent('requestfailed', isFrames).then((request) => request.failure().errorText),
  ]);
  framed.catch(() => {});
  await page.evaluate((address) => { document.body.append(Object.assign(document.createElement('iframe'), { name: 'inside', src: address })); }, `${base}/`);
  const popupOpened = page.context().waitForEvent('page');
  await page.evaluate((address) => { open(address); }, `${base}/`);
  const popup = await popupOpened;
  await popup.waitForLoadState('load').catch(() => {});
  const seen = { frame: await framed, popup: await popup.title(), popupText: await popup.locator('body').textContent() };
  await popup.close();
  return seen;
}

async function strangeStand(host) {
  const port = await listen((request, response) => { request.resume(); response.writeHead(200, { 'Content-Type': 'text/html' }); response.end('<!doctype html><title>Strange</title><body>'); });
  const page = await dee.context.newPage();
  await page.goto(`http://${host}:${port}/`);
  return page;
}

before(async () => {
  const [van] = await world.beginToday({ van: 'one' });
  pages = await new Pages(van).serve(['--no-sync']);
  browser = await openBrowser();
  dee = await comeIn(browser, pages, 'Dee');
});
after(async () => {
  await browser?.close();
  if (pages) await pages.end();
  servers.forEach((server) => { server.closeAllConnections(); server.close(); });
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

const session = () => dee.page.evaluate(async () => (await fetch('/api/session')).json());
const revision = () => dee.page.evaluate(async () => (await (await fetch('/api/status')).json()).revision);

test('a page that lets everything through is reached every way there is', async () => {
  const port = await listen(letThrough, shakeHands);
  const page = await strangeStand('127.0.0.1');
  const tried = await page.evaluate(tryEverything, { base: `http://127.0.0.1:${port}`, token: 'x' });
  assert.deepEqual(Object.entries(tried).filter(([, came]) => !came), []);
  const inside = await openInside(page, `http://127.0.0.1:${port}`);
  assert.deepEqual([inside.frame, inside.popup], ['shown', 'let through']);
  await page.close();
});

for (const host of ['127.0.0.1', 'localhost']) {
  test(`another origin's page on ${host} reads nothing and does nothing`, async () => {
    const held = await session();
    assert.equal(held.worker, 'Dee');
    const before = await revision();
    const page = await strangeStand(host);
    // It even knows the token, as if somebody had told it.
    const tried = await page.evaluate(tryEverything, { base: pages.base, token: held.token });
    const { beacon, form, ...seen } = tried;
    assert.deepEqual([beacon, form], ['sent', 'sent']);
    assert.deepEqual(Object.entries(seen).filter(([, came]) => came), []);
    const inside = await openInside(page, pages.base);
    assert.equal(inside.frame, 'net::ERR_BLOCKED_BY_RESPONSE', 'no page of the node stands in a frame');
    assert.doesNotMatch(inside.popupText, /Dee|Everything you wrote/, 'nor is one opened with who is in it');
    assert.equal(await page.locator('iframe[name=sink]').contentFrame().locator('body').textContent().then((text) => /Evil/.test(text)), false);
    await page.close();
    assert.deepEqual(await session(), held, 'the same worker, the same token');
    assert.equal(await revision(), before, 'nothing was written');
    assert.deepEqual((await dee.page.evaluate(async () => (await fetch('/api/drafts')).json())).drafts, []);
  });
}

test('Dee\'s own pages have loaded nothing from elsewhere, and nothing was refused to them', async () => {
  await dee.page.reload();
  await dee.page.getByRole('heading', { level: 1 }).waitFor();
  assert.deepEqual(dee.troubles, []);
});

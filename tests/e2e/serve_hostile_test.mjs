// `teapot serve` under attack from the machine it runs on: what the raw socket takes, connections left half
// said, files that others may not read, and a server killed while it writes.
//
// Shows no promise: who may speak to a node on its own machine.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { promisify } from 'node:util';

import { Pages } from './pages.mjs';
import { World } from './world.mjs';

const SLOW = 1000;
const WORST_MS = 5000; // of a save beside them
const SECRET = 'Quibblefrotz';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-serve-hostile-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
let van;
let pages;

async function comeIn(args = [], env = {}) {
  pages = new Pages(van);
  await pages.serve(['--no-sync', ...args], env);
  await pages.comeIn();
  await pages.say('Dee');
  return pages;
}

// Sends bytes as they are; answers the status, 0 where the server hung up without a word.
function raw(text) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(pages.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let answer = '';
    socket.on('data', (bytes) => { answer += bytes.toString('latin1'); });
    socket.on('close', () => resolve(Number(answer.split(' ')[1] ?? 0)));
    socket.on('error', reject);
  });
}

function head(line, headers = []) {
  const cookies = [...pages.cookies].map((pair) => pair.join('=')).join('; ');
  return [line, `Host: 127.0.0.1:${pages.port}`, 'Connection: close', `Cookie: ${cookies}`, ...headers, '', ''].join('\r\n');
}

before(async () => {
  const previous = process.umask(0); // as careless as a machine can be
  [van] = await world.beginToday({ van: 'one' });
  process.umask(previous);
});
afterEach(async () => {
  if (pages.process.exitCode === null && pages.process.signalCode === null) await pages.end('SIGKILL');
});
after(async () => {
  await world.stop('SIGKILL');
  if (!process.env.TEAPOT_KEEP) fs.rmSync(data, { recursive: true, force: true });
});

test('heads that are tricks are refused', async () => {
  await comeIn();
  const get = 'GET /api/drafts HTTP/1.1';
  const rows = [
    [head(get), 200],
    [head(get, ['Cookie: a=b']), 400],
    [head(get, [`Host: 127.0.0.1:${pages.port}`]), 400],
    [head(get, ['Origin: null']), 403],
    [head(get, [`Origin: http://127.0.0.1:${pages.port + 1}`]), 403],
    [head(get, [`Origin: http://127.0.0.1:${pages.port}`, 'Origin: http://evil.example']), 400],
    [head(get, ['Sec-Fetch-Site: same-site']), 403],
    [head(get, [`X-Large: ${'x'.repeat(9000)}`]), 431],
    [head(`GET /${'x'.repeat(3000)} HTTP/1.1`), 414],
    [head(`GET http://evil.example/api/drafts HTTP/1.1`), 400],
    [head('GET /api/drafts\0 HTTP/1.1'), 400],
    [head('GET /api/dr\xe4fts HTTP/1.1'), 400],
    [head('OPTIONS /api/drafts HTTP/1.1'), 501],
    [head('OPTIONS * HTTP/1.1'), 400],
    [head('TRACE /api/drafts HTTP/1.1'), 501],
    [head('PUT /api/draft/k HTTP/1.1', ['Content-Length: 9999999']), 413],
    [head('PUT /api/draft/k HTTP/1.1', ['Transfer-Encoding: chunked']), 501],
    [head('POST /api/sync HTTP/1.1', ['Content-Type: text/plain', 'Content-Length: 0']), 415],
    [head('POST /api/sync HTTP/1.1', ['Content-Type: application/json', 'Content-Length: 0']), 403],
  ];
  for (const host of ['evil.example', `evil.example:${pages.port}`, '127.0.0.1', `127.0.0.1.:${pages.port}`, `0.0.0.0:${pages.port}`, `127.0.0.1:${pages.port}@evil`, `2130706433:${pages.port}`]) {
    rows.push([head(get).replace(/Host: .*\r/, `Host: ${host}\r`), 403]);
  }
  rows.push([`GET /api/drafts HTTP/1.0\r\n\r\n`, 403]);
  for (const [text, status] of rows) {
    assert.equal(await raw(text), status, JSON.stringify(text.slice(0, 200)));
  }
});

test('a thousand connections left half said do not keep a worker out', async () => {
  await comeIn();
  const slow = [];
  const open = () => {
    const socket = net.connect(pages.port, '127.0.0.1', () => socket.write('GET / HT'));
    socket.on('error', () => {});
    slow.push(socket);
  };
  for (let i = 0; i < SLOW; i++) open();
  const again = setInterval(() => { for (let i = 0; i < 20; i++) open(); }, 100);
  let worst = 0;
  try {
    for (let i = 0; i < 10; i++) {
      const began = Date.now();
      // A browser asks once more where a connection that it kept has gone; it may have kept several.
      const put = () => pages.json('PUT', '/api/draft/k', { page: '/x', body: i });
      for (;;) {
        const problem = await put().then(() => null, (error) => error);
        if (problem === null) break;
        if (Date.now() - began > WORST_MS) throw problem;
      }
      worst = Math.max(worst, Date.now() - began);
    }
  } finally {
    clearInterval(again);
    for (const socket of slow) socket.destroy();
  }
  assert.equal((await pages.json('GET', '/api/draft/k')).body, 9);
  assert.ok(worst < WORST_MS, `${worst} ms`);
});

test('nobody else on the machine may read what it keeps, and it says nothing of people', async () => {
  const previous = process.umask(0);
  await comeIn();
  process.umask(previous);
  await pages.json('PUT', '/api/draft/k', { page: '/x', body: SECRET });
  const refused = await pages.ask('POST', '/api/write', { body: { changes: [{ op: 'create', entity: 'person', set: { preferred_name: SECRET, born: SECRET } }] } });
  assert.ok(refused.status >= 400);
  assert.ok(!(await refused.text()).includes(SECRET));
  await pages.ask('POST', '/api/find', { body: { text: SECRET } });
  assert.equal(fs.statSync(van.dir).mode & 0o77, 0);
  for (const name of fs.readdirSync(van.dir)) {
    assert.equal(fs.statSync(path.join(van.dir, name)).mode & 0o77, 0, name);
  }
  assert.ok(fs.readdirSync(van.dir).includes('door.key'));
  await pages.end();
  assert.equal(pages.errors, '');
});

// Asks from a program of another user, who has the address, the cookies and the token of the right one: each
// of [path, method] answers [status, cookies set (null: none), text].  The last is sent and left before it is answered.
const NOBODY = 65534;
async function askAsNobody(asked) {
  const program = async ({ port, headers, asked }) => {
    const { connect } = await import('node:net');
    const answers = [];
    for (const [where, method = 'GET', body] of asked) {
      const response = await fetch(`http://127.0.0.1:${port}${where}`, { method, headers, body, redirect: 'manual' });
      answers.push([response.status, response.headers.get('set-cookie'), await response.text()]);
    }
    const body = '{"page":"/x","body":"hit and run"}';
    const lines = ['PUT /api/draft/stolen HTTP/1.1', `Host: 127.0.0.1:${port}`, ...Object.entries(headers).map((pair) => pair.join(': ')), `Content-Length: ${body.length}`, '', body];
    await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(lines.join('\r\n'), () => { socket.destroy(); resolve(); }));
    });
    console.log(JSON.stringify(answers));
  };
  const headers = { Cookie: [...pages.cookies].map((pair) => pair.join('=')).join('; '), 'Content-Type': 'application/json', 'X-Teapot-Token': pages.token };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', `(${program})(${JSON.stringify({ port: pages.port, headers, asked })})`], { uid: NOBODY, gid: NOBODY, cwd: '/', env: {} });
  return JSON.parse(stdout);
}

test('another user of the machine gets nothing by the address, the cookies and the token', { skip: process.getuid() !== 0 && 'only root can be another user' }, async () => {
  await comeIn();
  await pages.json('PUT', '/api/draft/k', { page: '/x', body: SECRET });
  const enter = new URL(pages.address).pathname;
  const asked = [[enter], ['/'], ['/app.mjs'], ['/api/session'], ['/api/draft/k'], ['/api/draft/mine', 'PUT', '{"page":"/x","body":1}']];
  for (const [i, [status, cookies, text]] of (await askAsNobody(asked)).entries()) {
    assert.deepEqual([status, cookies], [403, null], asked[i][0]);
    assert.match(text, /another user|somebody else's/);
    assert.ok(!text.includes(SECRET) && !text.includes(pages.token));
  }
  assert.deepEqual((await pages.json('GET', '/api/drafts')).drafts.map(({ key }) => key), ['k'], 'nothing was written');
  await pages.end();
  await assert.rejects(van.teapot(['serve', '--listen', '127.0.0.1:0', '--browser-user', 'no such user']), (error) => error.exit === 2);
  await comeIn(['--browser-user', 'nobody']);
  assert.deepEqual((await askAsNobody([[enter], ['/api/draft/k']])).map(([status]) => status), [303, 200], 'whose browser it is said to be comes in');
  assert.equal((await pages.json('GET', '/api/draft/k')).body, SECRET, 'and the own one still');
  for (const key of ['k', 'stolen']) await pages.json('DELETE', `/api/draft/${key}`);
});

test('what was written and not answered is not written twice, and the draft of it is gone', async () => {
  const key = { 'Idempotency-Key': '0123456789abcdef0123456789abcdef' };
  const person = await van.create('person', { preferred_name: 'Baz' });
  const form = (note) => ({ draft: 'contact-new', changes: [{ op: 'create', entity: 'contact', set: { person, kind: 'street', note } }] });
  const send = (body, headers = key) => pages.ask('POST', '/api/write', { body, headers });
  await comeIn([], { TP_FAULT: 'ui.written.nth:1' });
  await pages.json('PUT', '/api/draft/contact-new', { page: '/contact', body: 'By the canal' });
  await assert.rejects(send(form('By the canal')));
  assert.deepEqual(await pages.exited, { code: 99, signal: null }, 'as by a power cut');
  await comeIn();
  assert.ok((await pages.json('GET', '/api/drafts')).drafts.every((draft) => draft.key !== 'contact-new'));
  const first = await (await send(form('By the canal'))).json();
  assert.deepEqual(await (await send(form('By the canal'))).json(), first, 'and again');
  const changed = await (await send(form('By the canal, cold'))).json();
  assert.notEqual(changed.results[0].name, first.results[0].name, 'what was changed is another contact');
  const other = await (await send(form('By the canal'), { 'Idempotency-Key': `${'0'.repeat(31)}1` })).json();
  assert.notEqual(other.results[0].name, first.results[0].name, 'and so is the same on another form');
  assert.equal((await send(form('x'), { 'Idempotency-Key': 'x' })).status, 400);
  await pages.say('Tom');
  const toms = await (await send(form('By the canal'))).json();
  assert.notEqual(toms.results[0].name, first.results[0].name, 'nor is anybody given the answer of somebody else');
  const { entries } = await pages.json('GET', `/api/person/${person}`);
  assert.deepEqual(entries.map(({ fields }) => fields.note.shown).sort(), ['By the canal', 'By the canal', 'By the canal', 'By the canal, cold']);
});

test('a draft that was answered for is there after the server was killed in the middle of the next', async () => {
  for (let round = 0; round < 5; round++) {
    await comeIn();
    const keep = (i) => pages.json('PUT', '/api/draft/k', { page: '/x', body: { i, text: 'x'.repeat(30_000) } });
    let kept = 0;
    await keep(kept);
    const killed = new Promise((resolve) => { setTimeout(() => resolve(pages.end('SIGKILL')), 37 * round); });
    for (let i = 1; ; i++) {
      try {
        await keep(i);
        kept = i;
      } catch {
        break;
      }
    }
    await killed;
    await comeIn();
    const { body } = await pages.json('GET', '/api/draft/k');
    assert.ok(body.i === kept || body.i === kept + 1, `${body.i}, not ${kept}`);
    assert.equal(body.text.length, 30_000);
    await pages.end('SIGKILL');
  }
});

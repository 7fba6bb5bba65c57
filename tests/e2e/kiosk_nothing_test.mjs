// What a kiosk does not do: answer anything else, keep anything of anybody, let itself be left.
//
// Shows P12.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { filesBelow, look, openProfile, takePicture } from './browser.mjs';
import { ask, begin, bringAll, comeIn, contexts, data, DAY, end, found, post, processes, ROOT, SCREEN, serve, Somebody, stage, stop, texts, world } from './kiosk_stage.mjs';

before(begin);
after(stop);

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
  const { page } = first;
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
  assert.deepEqual({ ...kept, history: 0 }, { history: 0, state: null, name: '', local: 0, session: 0, databases: 0, caches: 0, url: `http://127.0.0.1:${stage.served.port}/`, title: 'Teapot', fields: 0 });
  await page.goBack({ timeout: 2000 }).catch(() => null);
  await clean('by the back button');
  await page.goForward({ timeout: 2000 }).catch(() => null);
  await clean('by the forward button');
  await page.goto(stage.served.address);
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
  await first.clear();
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
  await stage.kiosk.teapot(['sync']);
  for (const name of ['node.db', 'node.db-wal']) {
    const file = path.join(stage.kiosk.dir, name);
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
  await somebody.clear();
  // Cleared between sending and the answer: the code is for nobody who comes after.
  await page.route('**/api/kiosk/request', async (route) => { await new Promise((resolve) => { setTimeout(resolve, 800); }); await route.continue(); });
  await somebody.choose();
  await page.locator('.big--first').tap();
  await somebody.type('hidden');
  for (let i = 0; i < 3; i++) await somebody.next();
  await somebody.tap(texts.en.send);
  await somebody.clear();
  await page.waitForTimeout(1500); // what was on its way may come now
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
  await end(stage.served, 'SIGKILL');
  await somebody.tap(texts.en.send);
  await somebody.page.getByRole('alert').getByText(texts.en.trouble).waitFor();
  await look(somebody.page, 'kiosk-en-trouble');
  stage.served = await serve(stage.kiosk, stage.served.port);
  await somebody.tap(texts.en.send);
  await somebody.heading(texts.en.code_title);
  // And cleared while it is down, the page stays: a browser's own page of errors has no way back.
  await end(stage.served, 'SIGKILL');
  await somebody.done();
  stage.served = await serve(stage.kiosk, stage.served.port);
  await somebody.leave();
});

test('a node that dies between writing a request and telling its code takes it once, and tells the code', async () => {
  const sendTwice = async (between) => {
    const { port } = stage.served;
    await end(stage.served);
    stage.served = await serve(stage.kiosk, port, { TP_FAULT: 'ui.written.nth:1' });
    const somebody = await Somebody.at('en');
    await somebody.choose();
    await somebody.page.locator('.big--first').tap();
    await somebody.type('a blanket');
    for (let i = 0; i < 3; i++) await somebody.next();
    const died = once(stage.served.process, 'exit');
    await somebody.tap(texts.en.send);
    assert.deepEqual(await died, [99, null], 'as by a power cut');
    await somebody.page.getByRole('alert').getByText(texts.en.trouble).waitFor();
    stage.served = await serve(stage.kiosk, port);
    await between(somebody);
    await somebody.tap(texts.en.send);
    await somebody.heading(texts.en.code_title);
    const code = (await somebody.page.locator('.code__shown').textContent()).replaceAll('-', '');
    await somebody.leave();
    await bringAll();
    return code;
  };
  const code = await sendTwice(async () => {});
  assert.deepEqual((await found('a blanket')).map(({ fields }) => fields.code.shown), [code], 'one request, and its own code');
  // Whoever changes their words first has asked for something else.
  const other = await sendTwice(async (somebody) => {
    await somebody.page.getByRole('button', { name: texts.en.change }).first().tap();
    await somebody.type('s');
    await somebody.next();
  });
  assert.deepEqual((await found('a blankets')).map(({ fields }) => fields.code.shown), [other]);
  // Nobody reads it back by the words alone, nor by another key.
  const again = JSON.parse((await post('/api/kiosk/request', { words: 'a blanket', name: '', callback: '', language: 'en' })).text);
  assert.notEqual(again.code.replaceAll('-', ''), code);
});

// ---- Around it ----

// The process that was started with these arguments.
function pidOf(...args) {
  const isIt = (pid) => {
    try {
      const started = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return args.every((arg) => started.includes(arg));
    } catch {
      return false; // it ended meanwhile
    }
  };
  return Number(fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).find(isIt));
}

test('the script of a kiosk shows its page, shows it again when the browser ends, and leaves nothing', async () => {
  const folder = path.join(data, 'screen');
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  // In the browser's place: notes how it was started, and stays until it is ended.
  fs.writeFileSync(path.join(bin, 'chromium'), `#!/bin/sh\necho "$$ $*" >>${folder}/started\nexec sleep 300\n`, { mode: 0o755 });
  fs.symlinkSync(path.resolve(stage.kiosk.program), path.join(bin, 'teapot'));
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
  assert.match(first, / --kiosk --incognito .*--app=http:\/\/127\.0\.0\.1:\d+\/enter\/\w+$/);
  const { status } = await fetch(first.split('=').pop(), { redirect: 'manual' });
  assert.equal(status, 303, 'the address leads in');
  const served = () => another.teapot(['serve', '--address']).catch(() => '');
  const before = await served();
  process.kill(pidOf(another.dir, 'serve', '--listen'), 'SIGKILL');
  let now = before;
  for (let i = 0; i < 200 && (now === before || now === ''); i++) { await sleep(100); now = await served(); }
  assert.notEqual(now, before, 'a node that died comes back while the browser stays');
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
  const { process: own, address } = await serve(stage.desk);
  const context = await stage.browser.newContext({ viewport: { width: 800, height: 900 } });
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

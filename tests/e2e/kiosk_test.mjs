// The kiosk by finger, in each language: from the first page to the code, and what became of it.
//
// Shows P20.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { face_of, layouts, marks_of, numbers } from '../../node/ui/pages/kiosk/keys.mjs';
import { look } from './browser.mjs';
import { begin, bringAll, found, post, SCREEN, Somebody, stage, stop, texts, typed, world } from './kiosk_stage.mjs';

before(begin);
after(stop);

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

test('each mark on a keyboard has a name in its language', () => {
  for (const [lang, text] of Object.entries(texts)) {
    const isMark = (key) => !/[\p{L}\p{N}]/u.test(key);
    const marks = [...numbers.flat(), ...marks_of(text.dir), ...marks_of('ltr'), ...layouts[lang].more.map(face_of)].filter(isMark);
    assert.deepEqual(marks.filter((mark) => isMark(text.marks[mark] ?? '')), [], lang);
    const names = Object.values(text.marks);
    assert.equal(new Set(names).size, names.length, `${lang}: no two of one name`);
  }
});

// ---- The whole way, by finger ----

for (const lang of Object.keys(texts)) {
  test(`from the first page to the code with the keys on the screen: ${lang}`, async () => {
    const somebody = await Somebody.at(lang);
    let pictures = 0;
    const picture = (name) => look(somebody.page, `kiosk-${lang}-${String(pictures++).padStart(2, '0')}-${name}`);
    const code = await somebody.askFor(typed[lang], { name: typed[lang].slice(0, 3), callback: '', picture });
    const heard = await somebody.page.locator('main').ariaSnapshot();
    assert.ok(heard.includes(code.split('-').map((three) => [...three].join(' ')).join(', ')) && !heard.includes(code), 'the code is heard letter by letter');
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
  await somebody.type('07.@');
  assert.equal(await field.inputValue(), 'Ab07.@cat');
  await somebody.tap(texts.en.key_letters);
  const heard = await somebody.page.locator('.keyboard').ariaSnapshot();
  assert.deepEqual(heard.match(/button "[^"]*"/g).filter((key) => !/"[^"]*[\p{L}\p{N}][^"]*"/u.test(key)), [], 'each key is heard by a name');
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
  // What a browser does by its keys leads out of the page; toolchains/kiosk.sh has it ask the page first.
  await page.evaluate(() => { globalThis.stopped = []; addEventListener('keydown', (event) => globalThis.stopped.push(event.defaultPrevented)); });
  const isStopped = async (key) => { await press(key); return page.evaluate(() => globalThis.stopped.pop()); };
  for (const key of ['Control+o', 'Control+p', 'Control+f', 'Alt+ArrowLeft', 'F1', 'F11', 'F12', 'Shift+Escape', 'Control+Shift+i', 'Meta+d', 'ContextMenu']) assert.equal(await isStopped(key), true, key);
  for (const key of ['a', 'Shift+A', 'Tab', 'Shift+Tab', 'ArrowLeft', 'Backspace', 'PageDown']) assert.equal(await isStopped(key), false, key);
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
  await stage.desk.teapot(['request', 'accept', name], dee);
  await stage.desk.teapot(['request', 'answer', name, 'told the team behind the scenes'], dee);
  await stage.desk.teapot(['request', 'reply', name, attack], dee);
  await stage.desk.teapot(['sync']);
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

// ---- Read out, and looked after ----

test('a page is read out where there is a voice, in its language and order, without the keys', async () => {
  const context = await stage.browser.newContext({ viewport: SCREEN, hasTouch: true });
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
  await page.goto(stage.served.address);
  await somebody.choose();
  await page.locator('.big--first').tap();
  await page.evaluate(() => { window.said.length = 0; });
  await somebody.tap(texts.pl.listen);
  const said = (await page.evaluate(() => window.said)).filter(([lang]) => lang !== 'stop');
  assert.deepEqual(said, [['pl', texts.pl.words_title], ['pl', texts.pl.words_hint]]);
  await look(page, 'kiosk-pl-listen');
  await somebody.tap(texts.pl.quiet);
  await somebody.clear();
  const other = new Somebody(page, 'en');
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

// `teapot` as a worker types it, without a hub: a first shift, what is refused, what is asked at a terminal,
// long text, the machine channel, and that every example in --help runs.
//
// Shows no promise: how a worker is spoken to.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, test } from 'node:test';

import { TIMES, linesOf } from './world.mjs';

const bin = process.env.TEAPOT_BIN;
const program = path.join(bin, 'teapot');
const WAIT_MS = 20_000 * TIMES; // nothing here takes that long: a command that waits for somebody is ended
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-cli-'));
after(() => fs.rmSync(data, { recursive: true, force: true }));

// One node, made for a test, and the program run on it.
class Node {
  static count = 0;
  constructor(from) {
    this.dir = path.join(data, `node-${++Node.count}`);
    if (from) fs.cpSync(from, this.dir, { recursive: true });
    else this.done(['init', '--agency', 'street-outreach']);
  }
  copy() {
    return new Node(this.dir);
  }
  env(more) {
    return { ...process.env, TEAPOT_DIR: this.dir, TEAPOT_WORKER: 'Dee', NO_COLOR: '', EDITOR: 'false', VISUAL: '', ...more };
  }
  // { exit, out, err }, whatever it ends with.
  run(args, { input = '', env = {} } = {}) {
    const { status, signal, stdout, stderr } = spawnSync(program, args, { input, env: this.env(env), encoding: 'utf8', maxBuffer: 1 << 28, timeout: WAIT_MS });
    assert.equal(signal, null, `${args.join(' ')} was ended by ${signal}: ${stderr}`);
    return { exit: status, out: stdout, err: stderr };
  }
  done(args, options) {
    const { exit, out, err } = this.run(args, options);
    assert.equal(exit, 0, `teapot ${args.join(' ')}: exit ${exit}: ${err}`);
    return out;
  }
  json(args, options) {
    return JSON.parse(this.done([...args, '--json'], options));
  }
  lines(args, options) {
    return this.done(args, options).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }
  // At a terminal of its own (script(1)), with what is typed there.
  typed(args, input) {
    const command = [program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { input, env: this.env({ TERM: 'dumb' }), encoding: 'utf8', timeout: WAIT_MS });
    return { exit: status, out: stdout.replaceAll('\r', '') };
  }
  exported() {
    return this.done(['export']);
  }
}

// A node with two of every thing, and their names: made once, and a copy of it for each who asks.
let furniture;
function furnished() {
  furniture ??= furnish(new Node());
  return { ...furniture, node: furniture.node.copy() };
}
function furnish(node) {
  const name = (args) => node.json(args).name;
  const baz = name(['person', 'Baz', '--description', 'grey beard, small brown dog', '--born', '~1970']);
  const sean = name(['person', 'Sean', '--born', '1984-05', '--nhs-number', '943 476 5919']);
  const contact = name(['contact', 'Baz', 'Cold but in good spirits', '--place', 'library steps', '--kind', 'street']);
  const { name: request, code } = node.json(['request', 'Baz', 'Somewhere dry']);
  const action = name(['action', 'Baz', 'Ring the hostel', '--due', '2099-01-13']);
  return { node, baz, sean, contact, request, code, action };
}

test('a first shift by hand', () => {
  const node = new Node();
  assert.match(node.done(['status']), /^All sent; no hub yet; clock not compared with the hub yet; [\d.]+ GB free|only \d+ MB free/);
  assert.match(node.done(['person', 'Baz', '--description', 'grey beard, small brown dog']), /^Person [0-9a-f]+-1 recorded: Baz\.\n$/);
  assert.match(node.done(['contact', 'Baz', 'Took', 'a', 'blanket', 'and soup', '--kind', 'street', '--at', '2026-01-12 20:02']), /^Contact .* recorded, about Baz /);
  assert.match(node.done(['contact', '--unknown', 'young woman, red jacket', 'said she was fine']), /about young woman, red jacket/);
  node.done(['request', 'Baz', 'Somewhere dry that will have Biscuit as well']);
  node.done(['role', 'Baz', 'expert_by_relationship', 'Maureen', '--relationship', 'mother']);
  node.done(['need', 'Baz', 'housing', '--level', 'high']);
  node.done(['correct', 'Baz', '--own-words', 'I want my own door', '--safety-note', 'the dog barks, no more']);
  node.done(['consent', 'Baz', 'refuse']);
  const page = node.done(['timeline', 'Baz']);
  const places = ['I want my own door', 'Safety note', 'Maureen', 'Consent:', 'Mon 12 Jan 2026\n  20:02  Contact: On the street', 'Took a blanket and soup', 'Dee, street-outreach', 'not sent yet', 'Somewhere dry'].map((text) => page.indexOf(text));
  assert.ok(places.every((at, i) => at >= 0 && (i === 0 || at > places[i - 1])), `${places}\n${page}`);
  assert.ok(page.split('\n').every((line) => [...line].length <= 80), page);
  node.done(['contact', 'Baz', 'saw him by the canal', '--worker', 'Marek']);
  assert.match(node.done(['timeline', 'Baz']), /NEW Contact\n +saw him by the canal/);
  assert.doesNotMatch(node.done(['timeline', 'Baz']), /NEW/, 'what was looked at is not new any more');
  assert.doesNotMatch(page, /\u001b/, 'no colour without a terminal');
  assert.match(node.done(['requests']), /Somewhere dry that will have Biscuit as well/);
  assert.match(node.done(['find', 'bazz']), /^Baz/);
  assert.match(page, /entries, \d+ not sent yet and 2 more at the top\n/);
  assert.match(node.done(['status']), /^10 not sent yet, oldest from \d\d:\d\d; no hub yet/);
  assert.match(node.done(['verify']), /^All is well: 10 changes/);
  assert.match(node.done(['settle', 'Baz', 'phone', '--value', '07700 900102']), /is put right/, 'nobody disputed it');
});

for (const [what, byte, kept] of [['Ctrl-C', '\x03', 'Met him by the canal\nwants a t'], ['the terminal closed', null, 'Met him by the canal\n']]) {
  test(`a note broken off in the middle is kept, and nothing is recorded: ${what}`, async () => {
    const node = new Node();
    node.done(['person', 'Al']);
    const before = node.exported();
    const at = spawn('script', ['-qec', `echo $$ >'${node.dir}/pid'; exec '${program}' contact Al`, '/dev/null'], { env: node.env({ TERM: 'dumb' }) });
    // What the program has read so far: a terminal echoes what is typed before anybody has read it.
    const bytesRead = () => Number(fs.readFileSync(`/proc/${fs.readFileSync(path.join(node.dir, 'pid'), 'utf8').trim()}/io`, 'utf8').match(/rchar: (\d+)/)[1]);
    let out = '';
    const asked = new Promise((resolve) => { at.stdout.on('data', (bytes) => { out += bytes; if (out.includes('ends it')) resolve(); }); });
    const ended = once(at, 'close');
    at.stdin.on('error', () => {});
    await asked;
    const line = 'Met him by the canal\n';
    const readBefore = bytesRead();
    at.stdin.write(`${line}wants a t`);
    while (!out.includes('wants a t') || bytesRead() < readBefore + line.length) await new Promise((resolve) => { setTimeout(resolve, 20); });
    if (byte) at.stdin.write(byte);
    else at.kill('SIGKILL'); // and with it the terminal
    await ended;
    const file = path.join(node.dir, 'not-recorded-1.txt');
    for (const until = Date.now() + WAIT_MS; !fs.existsSync(file) && Date.now() < until;) await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.equal(fs.readFileSync(file, 'utf8'), kept);
    if (byte) assert.match(out, /kept in .*not-recorded-1\.txt[^]*nothing was recorded/);
    assert.equal(node.exported(), before);
    assert.equal(fs.readdirSync(node.dir).filter((name) => name.startsWith('not-recorded')).length, 1);
  });
}

test('a count and its word agree', () => {
  const node = new Node();
  node.done(['person', 'Baz']);
  assert.match(node.done(['status']), /^For street-outreach: 1 person, 1 record\.$/m);
  assert.match(node.done(['verify']), /^All is well: 1 change \(1 written here\), 1 record\.$/m);
  node.done(['contact', 'Baz', 'Took soup']);
  assert.match(node.done(['verify']), /^All is well: 2 changes \(2 written here\), 2 records\.$/m);
  assert.match(node.done(['verify', '--accept', 'draft']), /^What is in the table draft is taken as it is from now on\.\nAll is well: 2/);
});

test('every command that is refused changes nothing and says why', () => {
  const { node, baz, contact, request, action } = furnished();
  node.done(['person', 'Sean', '--born', '1990', '--new']);
  const before = node.exported();
  const files = () => fs.readdirSync(node.dir).filter((file) => file.startsWith('not-recorded')).length;
  const secret = 'Zebedee';
  const rows = [
    // what is typed, exit code, what standard error says
    [['init', '--agency', 'friary'], 4, /already|is a node/],
    [['init'], 2, /which agency/],
    [['enrol'], 2, /something is missing.*usage: teapot enrol/],
    [['enrol', 'AAAA-BBBB', '--hub', 'https://127.0.0.1:1'], 2, /code/],
    [['sync'], 6, /enrol/],
    [['run', 'now'], 2, /more words/],
    [['serve', '--listen', '0.0.0.0:8321'], 2, /this machine alone/],
    [['nonsense'], 2, /no command like that/],
    [['contcat', 'Baz', secret], 2, /did you mean `teapot contact`/],
    [['contact'], 2, /whom is it about/],
    [['contact', secret, 'note'], 3, /nobody here is known as that/],
    [['contact', 'Sean', 'note'], 7, /say which/],
    [['contact', 'ffff-1', 'note'], 3, /no such record/],
    [['contact', contact, 'note'], 2, /Contact.*Person/],
    [['contact', 'Baz', secret, '--plcae', 'x'], 2, /did you mean --place\?/],
    [['contact', 'Baz', secret, '--at', 'some time'], 2, /--happened-at/],
    [['contact', 'Baz', secret, '--at'], 2, /--at needs a value/],
    [['contact', 'Baz', secret, '--note', 'twice'], 2, /more words than it takes/],
    [['contact', 'Baz', secret, '--grid', 'nowhere'], 2, /--grid/],
    [['contact', 'Baz', secret, '--info', 'gossip'], 2, /--info/],
    [['contact', 'Baz', '--note', '-', '--own-words', '-'], 2, /one text only/],
    [['contact', 'Baz', '-'], 2, /empty/],
    [['contact', 'Baz', 'x'.repeat(50000)], 2, /--note/],
    [['contact', 'Baz', 'note', '--worker', ''], 2, /who writes/],
    [['person'], 2, /say what is known/],
    [['person', secret, '--nhs-number', '943 476 5918'], 2, /check digit|slip.*--nhs-number|--nhs-number/],
    [['person', secret, '--born', '1984-13'], 2, /--born/],
    [['person', secret, '--phone', 'none'], 2, /--phone/],
    [['person', secret, '--sex', 'sometimes'], 2, /--sex/],
    [['person', 'Shaun', '--born', '1984-05-11'], 7, /--new if it is somebody else/],
    [['alias', 'Baz'], 2, /--name/],
    [['request', 'Baz'], 2, /--words/],
    [['request', 'accept', baz], 2, /not Help request/],
    [['request', 'accept', 'Baz'], 2, /look like/],
    [['request', 'offer', request], 2, /to which agency/],
    [['request', 'answer'], 2, /something is missing/],
    [['request', 'reply'], 2, /something is missing/],
    [['request', 'reply', action, 'hello'], 2, /not Help request/],
    [['request', 'reopen', action], 2, /not Help request/],
    [['code', '28T-5CY-4T'], 2, /8 letters and digits, it has 9/],
    [['code', '28T-5CY-4TJ'], 2, /check each letter/],
    [['code', '28T-5CY-4TH'], 3, /no help request with this code/],
    [['correct', request, '--code', '28T-5CY-4TH'], 2, /no such option/],
    [['request', 'withdraw', 'ffff-9'], 3, /no such record/],
    [['action', 'Baz', secret, '--due', 'never'], 2, /--due-on.*no such day.*2026-07-12/],
    [['action', 'done', request], 2, /Help request, not Action/],
    [['action', 'start', 'ffff-9'], 3, /no such record/],
    [['action', 'accept'], 2, /something is missing/],
    [['action', 'offer', action], 2, /to which agency/],
    [['consent', 'Baz', 'sing'], 2, /give, refuse or withdraw/],
    [['consent', 'Baz', 'give'], 2, /--(agencies|kinds|purposes|how|capacity)/],
    [['consent', 'Baz', 'give', '--agencies', '*', '--kinds', '*', '--purposes', 'support', '--how', 'spoken', '--capacity', 'believed_to_have'], 2, /[Kk]inds/],
    [['consent', 'Baz', 'withdraw', '--ends-on', 'soon'], 2, /--ends-on/],
    [['consent', 'Baz', 'withdraw', '--wording', 'no-such-one'], 2, /wording/],
    [['consent', 'Baz', '--kind', 'gossip'], 2, /kind of information/],
    [['consent', secret], 3, /nobody here/],
    [['wording', 'no-such-one'], 3, /no such wording/],
    [['need', 'Baz', 'company'], 2, /--kind/],
    [['need', 'Baz'], 2, /--kind/],
    [['need', 'Baz', 'housing', '--level', 'very'], 2, /--level/],
    [['need', 'Baz', 'housing', '--support-in-place', 'perhaps'], 2, /--support-in-place/],
    [['role', 'Baz', 'navigator'], 2, /--name/],
    [['score', 'Baz'], 2, /--scale/],
    [['score', 'Baz', 'weight', '7'], 2, /--scale/],
    [['score', 'Baz', 'ndt'], 2, /all ten items/],
    [['score', 'Baz', 'ndt', '49'], 2, /from 0 to 48/],
    [['score', 'Baz', 'ndt', '--housing', '3'], 2, /--engagement.*all ten items/],
    [['score', 'Baz', 'reqol_10', '41'], 2, /from 0 to 40/],
    [['score', 'Baz', 'reqol_10', '-1'], 2, /whole number|unknown option|no option/],
    [['score', 'Baz', 'reqol_10', '17', '--housing', '3'], 2, /--housing.*only the total/],
    [['gateway', 'Baz'], 2, /--agencies/],
    [['gateway', 'Baz', '--agencies', 'friary', '--kinds', 'housing', '--ends-on', '2099-01-01', '--authoriser', 'Dee', '--basis', 'law'], 4, /nobody authorises their own/],
    [['join', 'Baz', 'Baz', '--why', 'x'], 2, /same|one record|itself/],
    [['join', baz, 'Sean'], 7, /say which/],
    [['unjoin', baz, contact, '--why', 'x'], 2, /Person/],
    [['correct', 'Baz'], 2, /say what to correct/],
    [['correct', '--phone', '1', 'Baz'], 2, /comes first/],
    [['correct', 'Baz', '--nhs-number', '1'], 2, /--nhs-number/],
    [['correct', 'Baz', '--own-words', '--edit'], 4, /editor/],
    [['retract', contact], 2, /why/],
    [['retract', contact, '--reason', 'x', '--undo'], 2, /why/],
    [['find'], 2, /what is known of them/],
    [['show', 'ffff-1'], 3, /no such record/],
    [['timeline', secret], 3, /nobody here/],
    [['requests', 'now'], 2, /more words/],
    [['actions', '--person', secret], 3, /nobody here/],
    [['review', '--al'], 2, /no such option/],
    [['settle', 'Baz', 'phone'], 2, /which value/],
    [['settle', 'Baz', 'shoe-size', '--value', '9'], 2, /no such field/],
    [['settle', 'Baz', 'phone', '--use', 'ffff-1'], 3, /./],
    [['dismiss', 'conflict:x'], 3, /./],
    [['status', 'now'], 2, /more words/],
    [['import', path.join(data, 'nowhere')], 3, /cannot be opened/],
    [['export', '--out', program], 4, /cannot be made/],
    [['export', '--person', secret], 3, /nobody here/],
    [['verify', 'x'], 2, /more words/],
    [['verify', '--accept', 'log_state'], 2, /only draft, answered, look and dismissed/],
    [['rebuild', 'x'], 2, /more words/],
  ];
  const covered = new Set(rows.map(([[first, second]]) => (['request', 'action'].includes(first) && ['offer', 'accept', 'answer', 'reply', 'reopen', 'withdraw', 'start', 'done'].includes(second) ? `${first} ${second}` : first)));
  for (const command of commands()) assert.ok(covered.has(command), `no refusal of teapot ${command} is tried`);
  const wrong = [];
  for (const [args, code, why] of rows) {
    const { exit, out, err } = node.run(args);
    const problems = [
      exit !== code && `exit ${exit}, not ${code}`,
      !why.test(err) && `does not say ${why}`,
      err.includes(secret) && 'prints what was typed',
    ].filter(Boolean);
    if (problems.length > 0) wrong.push(`teapot ${args.join(' ').slice(0, 80)}: ${problems.join(', ')}: ${out}${err}`);
  }
  assert.deepEqual(wrong, []);
  assert.equal(node.exported(), before, 'a change once made stays, so that asking at the end is enough');
  assert.equal(files(), 0, 'nothing was kept that nobody wrote at length');
});

// Every command of --help that has a page of its own.
function commands() {
  const help = execFileSync(program, ['--help'], { encoding: 'utf8' });
  return help.split('\nOptions of every command')[0].split('\n').map((line) => line.match(/^ {2}([a-z]+(?: [a-z]+)?) {2,}\S/)?.[1]).filter(Boolean);
}

test('--help lists the exit codes the program can give', () => {
  const listed = (name) => [...execFileSync(path.join(bin, name), ['--help'], { encoding: 'utf8' }).split('Exit codes:')[1].matchAll(/^ {2}(\d) {2}\S/gm)].map(([, code]) => Number(code));
  assert.deepEqual(listed('teapot'), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(listed('teapot-hub'), [0, 1, 2, 3, 4, 5, 7], 'a hub calls nobody, so it is never offline');
});

test('every example in --help runs', () => {
  // What an example needs that a node alone has not: a hub, an item of the review.
  const cannot = { enrol: 2, sync: 6, dismiss: 3 };
  for (const command of commands()) {
    const { node, baz, sean, contact, request, code, action } = furnished();
    const real = { '3fa2-1': baz, '3fa2-2': sean, '3fa2-3': request, '3fa2-4': action, '3fa2-9': contact, '3fa2-12': contact };
    if (command === 'unjoin') node.done(['join', baz, sean, '--why', 'the same']);
    if (command === 'request reopen') node.done(['request', 'answer', request, 'done']);
    if (command === 'init') fs.rmSync(node.dir, { recursive: true });
    const help = node.done([...command.split(' '), '--help']);
    const examples = help.match(/Examples?:\n((?: {2}.*\n)+)/)?.[1];
    assert.ok(examples, `teapot ${command} --help has no example`);
    const isOne = (line) => /^ {2}(teapot|echo) /.test(line);
    const whole = examples.split('\n').reduce((all, line) => (isOne(line) ? [...all, line] : [...all.slice(0, -1), `${all.at(-1) ?? ''}\n${line}`]), []);
    for (const example of whole) {
      const line = example.replace(/3fa2-\d+/g, (name) => real[name] ?? name).replace('28T-5CY-4TH', code).replace(/^ *(.*) &$/, 'timeout --preserve-status 1 $1').trim();
      assert.ok(line.includes(`teapot ${command}`), `${line} is an example of teapot ${command}`);
      const { status, stderr } = spawnSync('/bin/sh', ['-c', line], { env: node.env({ PATH: `${bin}:${process.env.PATH}` }), encoding: 'utf8', timeout: WAIT_MS });
      assert.equal(status, cannot[command] ?? 0, `${line}: exit ${status}: ${stderr}`);
    }
  }
});

test('who asks for help is given a code, which finds the request again without a signal', () => {
  const { node, request, code } = furnished();
  assert.match(code, /^[0-9A-HJKMNP-TV-Z]{9}$/);
  const [, shown] = node.done(['request', '--no-person', 'A coat']).match(/^Their code, to ask by later: ((?:\w{3}-){2}\w{3})$/m);
  assert.match(node.done(['code', shown.toLowerCase()]), /A coat/);
  node.done(['request', 'reply', request, 'Come at 11:30']);
  const { name, fields } = node.json(['code', code]);
  assert.equal(name, request);
  assert.equal(fields.reply.shown, 'Come at 11:30');
  assert.equal(fields.status.shown, 'held');
});

test('people of one name are told apart at the terminal, and elsewhere by exit code 7', () => {
  const node = new Node();
  const older = node.json(['person', 'Sean', '--born', '1951']).name;
  const younger = node.json(['person', 'Sean', '--born', '1990', '--new']).name;
  node.done(['contact', younger, 'by the canal', '--place', 'Canal Street', '--at', '2026-01-12 21:30']);
  const { exit, out, err } = node.run(['contact', 'Sean', 'hello']);
  assert.equal(exit, 7);
  assert.equal(out, '');
  assert.match(err, /Sean, born 1951; no contact yet/);
  assert.match(err, /Sean, born 1990; last contact Mon 12 Jan 2026 21:30, Canal Street/);
  const asked = node.run(['contact', 'Sean', 'hello', '--json']);
  assert.equal(asked.exit, 7);
  const { candidates } = JSON.parse(asked.out);
  assert.deepEqual(candidates.map((c) => c.name).sort(), [older, younger].sort());
  assert.equal(candidates.find((c) => c.name === younger).last_contact_place, 'Canal Street');

  const choice = node.typed(['contact', 'Sean', 'hello'], '9\n2\n');
  const second = choice.out.match(/^ 2 .*born (\d+)/m)[1];
  assert.equal(choice.exit, 0, choice.out);
  assert.match(choice.out, new RegExp(`about Sean, born ${second}`));
  assert.equal(node.typed(['contact', 'Sean', 'hello'], '\n').exit, 7, 'no answer is no choice');
});

test('nothing is recorded about somebody who only begins like, or is described like, what was typed', () => {
  const node = new Node();
  node.done(['person', 'Bazza', '--description', 'red jacket', '--phone', '07700 900102', '--nhs-number', '943 476 5919', '--born', '1970']);
  node.done(['alias', 'Bazza', 'Little Jim']);
  for (const guess of ['Baz', 'Basa', 'red jacket', 'jacket', 'Jimmy']) assert.equal(node.run(['contact', guess, 'hello']).exit, 7, guess);
  for (const name of ['bazza', 'Jim', 'little jim', '07700900102', '9434765919', 'Bazza 1970']) node.done(['contact', name, 'hello']);
  assert.match(node.typed(['contact', 'Baz', 'hello'], '1\n').out, /about Bazza/);
});

test('who it may be is shown before a second record is made', () => {
  const node = new Node();
  const first = node.json(['person', 'Sean', '--nhs-number', '9434765919']).name;
  assert.equal(node.run(['person', 'Shaun', '--nhs-number', '943 476 5919']).exit, 7);
  const used = node.typed(['person', 'Shaun', '--nhs-number', '943 476 5919', '--phone', '07700 900418'], '1\n');
  assert.equal(used.exit, 0, used.out);
  const people = () => node.lines(['export']).filter((r) => r.entity === 'person');
  assert.equal(people().length, 1, 'what was typed went to the record that was there');
  assert.equal(people()[0].fields.phone.shown, '07700 900418');
  assert.equal(node.json(['find', 'Shaun']).people[0].name, first, 'and the other spelling is an alias');
  assert.match(node.typed(['person', 'Sean'], '1\n').out, /says so already: nothing was changed/);
  const other = node.typed(['person', 'Shaun', '--nhs-number', '943 476 5919'], 'n\n');
  assert.equal(other.exit, 0, other.out);
  assert.equal(people().length, 2);
  node.done(['person', 'Shaun', '--nhs-number', '943 476 5919', '--new']);
  assert.equal(people().length, 3);
});

test('a worker at a terminal is asked for what is missing', () => {
  const node = new Node();
  const made = node.typed(['contact', 'Baz'], 'y\nfirst line\nsecond line\n\n');
  assert.equal(made.exit, 0, made.out);
  assert.match(made.out, /Nobody here is known as that\. Make a new record\?/);
  const [contact] = node.lines(['export']).filter((r) => r.entity === 'contact');
  assert.equal(contact.fields.note.shown, 'first line\nsecond line');
  assert.equal(node.typed(['contact', 'Nobody'], 'n\n').exit, 3);
  const role = node.typed(['role', 'Baz', 'navigator'], 'Ngozi\n');
  assert.equal(role.exit, 0, role.out);
  assert.match(node.typed(['timeline', 'Baz'], '').out, /\u001b\[1m/, 'a terminal has colour');
});

test('long text comes from standard input or an editor, and is never lost', () => {
  const node = new Node();
  node.done(['person', 'Baz']);
  const note = () => node.lines(['export']).filter((r) => r.entity === 'contact').at(-1).fields.note.shown;
  const own = () => node.json(['show', 'Baz']).fields.own_words.shown;
  node.done(['contact', 'Baz', '-'], { input: 'two\nlines\n' });
  assert.equal(note(), 'two\nlines');
  node.done(['contact', 'Baz', '--edit'], { env: { EDITOR: "printf 'from the editor\\n' >" } });
  assert.equal(note(), 'from the editor');
  node.done(['correct', 'Baz', '--own-words', '-'], { input: 'a door' });
  node.done(['correct', 'Baz', '--own-words', '--edit'], { env: { EDITOR: 'sed -i s/a/my/' } });
  assert.equal(own(), 'my door', 'the editor begins with what is held');
  assert.equal(node.run(['contact', 'Baz', '--edit'], { env: { EDITOR: 'true' } }).exit, 2, 'an empty text is none');

  const before = node.exported();
  const refused = node.run(['contact', 'Baz', '--edit', '--rough-sleeping', 'maybe'], { env: { EDITOR: "printf 'a page of it' >" } });
  assert.equal(refused.exit, 2);
  const kept = refused.err.match(/kept in (\S+):/)[1];
  assert.equal(fs.readFileSync(kept, 'utf8'), 'a page of it');
  assert.equal(fs.statSync(kept).mode & 0o777, 0o600);
  assert.equal(node.exported(), before);
  node.done(['contact', 'Baz', '-'], { input: fs.readFileSync(kept) });
  assert.equal(note(), 'a page of it');
});

test('a disk that is full loses nothing that was typed', () => {
  const node = new Node();
  node.done(['person', 'Baz']);
  const { exit, out, err } = node.run(['contact', 'Baz', '-'], { input: 'typed with cold hands', env: { TP_FAULT: 'store.write.from:1' } });
  assert.equal(exit, 1, err);
  const kept = err.match(/kept in (\S+):/)?.[1];
  assert.equal(kept ? fs.readFileSync(kept, 'utf8') : out, 'typed with cold hands');
});

test('what cannot be printed, or written out, is no success', () => {
  const node = new Node();
  node.done(['person', 'Baz']);
  for (let i = 0; i < 40; i++) node.done(['contact', 'Baz', 'Took soup. '.repeat(20)]);
  const sh = (line) => spawnSync('/bin/sh', ['-c', line], { env: node.env({ PATH: `${bin}:${process.env.PATH}` }), encoding: 'utf8', timeout: WAIT_MS });
  for (const command of ['timeline Baz', 'timeline Baz --json', 'find Baz', 'export', 'status']) {
    const { status, stderr } = sh(`teapot ${command} > /dev/full`);
    assert.equal(status, 1, `${command}: ${stderr}`);
    assert.match(stderr, /cannot be written/);
  }
  const half = path.join(data, 'half.jsonl');
  if (!process.env.TSAN_OPTIONS) { // whose own runtime dies of that limit, whatever it runs
    assert.equal(sh(`trap '' XFSZ; ulimit -f 4; teapot export --out ${half}`).status, 1);
    assert.equal(fs.existsSync(half), false, 'half an export is left');
  }
  node.done(['export', '--out', half]);
});

test('a date of birth after the clock is shown back, where the clock may be wrong', () => {
  const node = new Node();
  assert.match(node.done(['person', 'Baz', '--born', '9990']), /Born: that does not fit this device's own clock, which says/);
  assert.doesNotMatch(node.done(['person', 'Sean', '--born', '1984']), /clock/);
});

test("the hub's operator is told since when an agreement holds, and until when", () => {
  const hub = (...args) => execFileSync(path.join(bin, 'teapot-hub'), ['--dir', path.join(data, 'hub'), ...args], { encoding: 'utf8', stdio: 'pipe' });
  const refused = (exit, words, ...args) => assert.throws(() => hub(...args), ({ status, stderr }) => status === exit && words.test(stderr), args.join(' '));
  assert.equal(hub('init'), `A hub in ${path.join(data, 'hub')}. Next: teapot-hub agency add, agency sign, device code, serve.\n`);
  hub('agency', 'add', 'friary', 'The Friary');
  refused(4, /there is/, 'agency', 'add', 'friary', 'The Friary');
  refused(2, /the label is empty or longer than \d+ bytes/, 'agency', 'add', 'nurses', '');
  refused(3, /there is no agency nurses: teapot-hub agency list/, 'agency', 'sign', 'nurses');
  refused(3, /friary is under no agreement/, 'agency', 'end', 'friary');
  refused(2, /the agreement ends before it begins/, 'agency', 'sign', 'friary', '--from', '2026-03-31', '--until', '2026-03-30');
  refused(2, /a date is a whole day, such as 2026-03-31/, 'agency', 'sign', 'friary', '--until', '2026-03');
  assert.match(hub('agency', 'sign', 'friary', '--until', '9998-03-31'), /^friary is under agreement until the end of Tue 31 Mar 9998\.$/m);
  assert.match(hub('agency', 'end', 'friary'), /^friary was under agreement until \S+ \d/);
  assert.match(hub('agency', 'sign', 'friary', '--from', '9998-01-01'), /^friary will be under agreement from Thu 1 Jan 9998 00:00, open\.$/m);
  assert.match(hub('agency', 'end', 'friary', '--on', '9998-02-01'), /^friary will be under agreement from Thu 1 Jan 9998 00:00 until the end of Sun 1 Feb 9998\.$/m);
  assert.match(hub('agency', 'end', 'friary'), /^friary is under no agreement: it ended before it began\.$/m);
  assert.deepEqual(linesOf(hub('agency', 'list')), ['friary  The Friary', '  agreement from <time> to <time>', '  agreement from <time>, ended before it began']);
  // What never began, a year that was typed wrong, say, is in nothing's way.
  assert.equal(hub('agency', 'sign', 'friary'), 'friary is under agreement, open.\n');
  refused(4, /friary is under agreement already: end that one first/, 'agency', 'sign', 'friary');
  // A code, which a telephone can read from the terminal too.
  const program = [path.join(bin, 'teapot-hub'), '--dir', path.join(data, 'hub'), 'device', 'code', '--agency', 'friary'];
  const { stdout } = spawnSync('script', ['-qec', program.map((word) => `'${word}'`).join(' '), '/dev/null'], { encoding: 'utf8', timeout: WAIT_MS });
  const shown = linesOf(stdout);
  const [code, until, command] = shown.slice(-3);
  assert.match(code, /^([0-9A-Z]{4}-){10}[0-9A-Z]{2}$/);
  assert.deepEqual([until, command], ['Works once, until <time>:', `  teapot enrol ${code} --hub https://HUB:PORT`]);
  const qr = shown.slice(0, -3);
  assert.ok(qr.length > 10 && qr.every((line) => [...line].length === [...qr[0]].length && /^[\u2588\u2584\u2580 ]+$/.test(line)), stdout);
  assert.deepEqual(linesOf(hub('device', 'code', '--agency', 'friary', '--valid', '48')).length, 3, 'and where nobody sits it is the code alone');
  refused(2, /for which agency\?/, 'device', 'code');
  refused(2, /a code works for 1 to \d+ hours/, 'device', 'code', '--agency', 'friary', '--valid', '0');
  refused(3, /there is no such agency: teapot-hub agency list/, 'device', 'code', '--agency', 'nurses');
  assert.equal(hub('device', 'list'), 'No device is enrolled here: teapot-hub device code.\n');
  assert.equal(hub('device', 'list', '--agency', 'friary'), 'No device of this agency is enrolled here: teapot-hub device code.\n');
  refused(3, /device/, 'device', 'revoke', '83a1c0de00f5527b');
});

test('import answers line by line, and goes on after a bad one', () => {
  const node = new Node();
  const lines = [
    { op: 'create', entity: 'person', worker: 'Dee', set: { preferred_name: 'Baz', nhs_number: '9434765919' } },
    'not JSON',
    { op: 'create', entity: 'person', worker: 'Dee', set: { nhs_number: '123' } },
    '',
    { n: 77, op: 'create', entity: 'person', worker: 'Dee', set: { preferred_name: 'Bazza', nhs_number: '9434765919' } },
    { op: 'create', entity: 'teapot', worker: 'Dee', set: {} },
    { op: 'dance' },
    [1],
    { op: 'create', entity: 'person', worker: 'Dee', set: { note: 'x'.repeat(600_000) } },
    { op: 'create', entity: 'person', worker: 'Dee', set: { preferred_name: 'last' } },
  ];
  const { exit, out } = node.run(['import', '-'], { input: lines.map((l) => (typeof l === 'string' ? l : JSON.stringify(l))).join('\n') });
  const answers = out.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  assert.equal(exit, 2);
  assert.deepEqual(answers.map(({ n }) => n), [1, 2, 3, 77, 6, 7, 8, 9, 10]);
  assert.deepEqual(answers.map((a) => a.error?.code ?? 'ok'), ['ok', 'invalid', 'invalid', 'ok', 'invalid', 'invalid', 'invalid', 'limit', 'ok']);
  assert.equal(answers[2].error.field, 'nhs_number');
  assert.deepEqual(answers[3].may_be, [answers[0].name]);
  const update = { op: 'update', entity: 'person', record: answers[0].name, worker: 'Dee', set: { preferred_name: 'Baz' } };
  assert.deepEqual(node.lines(['import'], { input: JSON.stringify(update) }), [{ n: 1, unchanged: true }]);
  assert.equal(node.lines(['export']).length, 3);
});

test('import shows its answers when nobody is writing', async () => {
  const node = new Node();
  const child = spawn(program, ['import', '-'], { env: node.env(), stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (let i = 0; i < 3; i++) {
    child.stdin.write(`${JSON.stringify({ op: 'create', entity: 'person', worker: 'Dee', set: { preferred_name: `P${i}` } })}\n`);
    const { value } = await lines.next(); // would hang if it waited for the end
    assert.ok(JSON.parse(value).name);
  }
  child.stdin.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('two processes record at once', async () => {
  const node = new Node();
  const batch = (who) => Array.from({ length: 100 }, (_, i) => JSON.stringify({ op: 'create', entity: 'person', worker: who, set: { preferred_name: `${who} ${i}` } })).join('\n');
  const children = ['Dee', 'Marek'].map((who) => {
    const child = spawn(program, ['import', '-'], { env: node.env(), stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(batch(who));
    return once(child, 'exit');
  });
  assert.deepEqual(await Promise.all(children), [[0, null], [0, null]]);
  assert.equal(node.lines(['export']).length, 200);
});

test('what programs read has the form that is promised', () => {
  const { node, baz, sean, contact, request } = furnished();
  const has = (document, keys) => assert.deepEqual(keys.filter((key) => !(key in document)), [], JSON.stringify(document));
  const shown = node.json(['show', contact]);
  has(shown, ['name', 'entity', 'person', 'agency', 'worker', 'device', 'at', 'at_text', 'uncertain', 'earliest', 'latest', 'written_at', 'at_hub', 'retracted', 'fields']);
  assert.equal(shown.at_hub, false);
  assert.equal(shown.person, baz);
  has(shown.fields.note, ['shown', 'conflict', 'heads']);
  has(shown.fields.note.heads[0], ['value', 'name', 'agency', 'worker', 'at', 'shown']);
  assert.deepEqual(node.json(['show', request]).fields.holder.shown, { agency: 'street-outreach', worker: 'Dee' });
  assert.equal(node.json(['show', request]).fields.holder.heads[0].kind, 'acceptance');
  node.done(['join', baz, sean, '--why', 'one person']);
  assert.deepEqual(node.json(['show', baz]).joined.sort(), [baz, sean].sort());
  const timeline = node.json(['timeline', 'Baz']);
  has(timeline, ['person', 'joined', 'consent', 'entries', 'hidden']);
  has(timeline.entries[0], ['new', 'origin', 'fields']);
  has(node.json(['requests']), ['help_requests']);
  has(node.json(['actions']), ['actions']);
  has(node.json(['review']), ['items']);
  has(node.json(['find', 'Baz']).people[0], ['name', 'preferred_name', 'why', 'score']);
  has(node.json(['consent', 'Baz']), ['in_force']);
  has(node.json(['status']), ['device', 'agency', 'enrolled', 'kiosk', 'unsent', 'oldest_unsent_at', 'last_sync_at', 'clock_offset_ms', 'clock_known', 'records', 'persons', 'held_changes', 'database_bytes', 'free_bytes', 'hub']);
  has(node.json(['correct', 'Baz', '--place', 'the library']), ['name', 'entity', 'person']);
  assert.equal(node.json(['correct', 'Baz', '--place', 'the library']).unchanged, true);
  const timing = JSON.parse(node.run(['status', '--timing']).err);
  has(timing, ['open_ms', 'command_ms', 'peak_kb']);
  const lines = node.lines(['export']);
  assert.deepEqual(lines.find((r) => r.name === contact), node.json(['show', contact]));
  const file = path.join(data, 'export.jsonl');
  node.done(['export', '--person', 'Baz', '--out', file]);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.ok(fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).every((line) => JSON.parse(line)));
});

test('no record can command a terminal', () => {
  const node = new Node();
  const person = (own_words) => JSON.stringify({ op: 'create', entity: 'person', worker: 'Dee', set: { preferred_name: 'Baz', own_words } });
  for (const words of ['red \u001b[31malert', 'bell \u0007', 'null \u0000']) {
    assert.equal(node.run(['import'], { input: person(words) }).exit, 2, 'it is refused at the door');
  }
  assert.equal(node.exported(), '');
  node.lines(['import'], { input: person('c1 \u009b31m, \u202eturned\u202c') }); // a terminal may obey these too
  for (const args of [['timeline', 'Baz'], ['show', 'Baz'], ['find', 'Baz'], ['contact', 'Baz', 'hello']]) {
    assert.doesNotMatch(node.done(args), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/, args.join(' '));
  }
});

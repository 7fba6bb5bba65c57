#!/usr/bin/env node
// Plants each defect of defects.txt in a build of its own and runs the test that must fail.
//
//   tests/planted/run [--jobs N] [NAME...]     all, or those whose name begins with NAME
//
// Ends with one line of what ran; exit 0 only if the tests pass without a defect and each defect is caught: its test
// ran and said what is wrong.  One that hangs or dies has said nothing: it counts where its row says so.

import {spawn} from 'node:child_process';
import {rmSync} from 'node:fs';
import {cpus} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {readDefects} from './defects.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const RUN_MS = 1_200_000; // more than any test is given: ctest ends it, and all that it began

/** @returns {Promise<{status: number | null, output: string}>} null: it hung, and was killed */
function run(command, args, cwd = root) {
    return new Promise((resolve) => {
        const child = spawn(command, args, {cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS,
            killSignal: 'SIGKILL'});
        let output = '';
        child.stdout.on('data', (data) => { output += data; });
        child.stderr.on('data', (data) => { output += data; });
        child.on('error', (error) => resolve({status: 127, output: String(error)}));
        child.on('close', (status) => resolve({status, output}));
    });
}

/** What the test is built of. */
function targetsOf(test) {
    if (test.startsWith('e2e.')) {
        return ['teapot', 'teapot-hub', 'teapot-next', 'teapot-hub-next', 'e2e.database'];
    }
    return [test.startsWith('sim.') ? test.slice('sim.'.length) : test];
}

/** Builds the test with the defect, '' for none. */
async function build(folder, name, test) {
    // A source of another defect must not be taken for this one's by its time.
    rmSync(join(folder, 'planted'), {recursive: true, force: true});
    const made = await run('cmake', ['-S', root, '-B', folder, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Debug',
        '-DCMAKE_C_FLAGS_DEBUG=-O0', '-DTP_TEST_HOOKS=ON', `-DTP_PLANTED=${name}`]);
    return made.status === 0 ? run('cmake', ['--build', folder, '--target', ...targetsOf(test)]) : made;
}

/** What became of a test, by what ctest says of it, and a week by what its parent says.
 * @param {{status: number | null, output: string}} tested @returns {string} */
function howItWent({status, output}) {
    if (status === 0) {
        return /\*\*\*Skipped/.test(output) ? 'was skipped' : 'passes';
    }
    if (status === null || /\*\*\*Timeout/.test(output) || /^# seed \d+: a week ends: /m.test(output)) {
        return 'hangs';
    }
    if (/\*\*\*Exception/.test(output) || /^# seed \d+: the program goes on: /m.test(output)) {
        return 'dies';
    }
    return /\*\*\*Failed/.test(output) ? 'fails' : 'did not run';
}

/** What is wrong, or '' where the test did what it must. */
async function attempt(folder, name, test, how) {
    const built = await build(folder, name, test);
    if (built.status !== 0) {
        return `does not build:\n${built.output}`;
    }
    const tested = await run('ctest', ['--test-dir', folder, '-R', `^${test.replaceAll('.', '\\.')}$`,
        '--no-tests=error', '--output-on-failure']);
    const went = howItWent(tested);
    if (went === how) {
        return '';
    }
    return name === '' ? `${test} ${went} without a defect:\n${tested.output}` : `is NOT caught by ${test}, which ${went}`;
}

function readArguments(args) {
    const wanted = {jobs: cpus().length, names: []};
    for (let at = 0; at < args.length; at++) {
        if (args[at] === '--jobs') {
            wanted.jobs = Number(args[++at]);
        } else if (args[at].startsWith('-')) {
            throw new Error('usage: tests/planted/run [--jobs N] [NAME...]');
        } else {
            wanted.names.push(args[at]);
        }
    }
    return wanted;
}

const wanted = readArguments(process.argv.slice(2));
const defects = readDefects().filter(({name}) => (
    wanted.names.length === 0 || wanted.names.some((start) => name.startsWith(start))));
const tests = [...new Set(defects.map(({test}) => test))];
const queue = [...tests.map((test) => ({name: '', test, how: 'passes'})), ...defects];
const began = Date.now();
let done = 0;
let failures = 0;

await Promise.all(Array.from({length: wanted.jobs}, async (_, job) => {
    const folder = join(root, 'build', `planted-${job + 1}`);
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const wrong = await attempt(folder, next.name, next.test, next.how);
        done++;
        if (wrong !== '') {
            failures++;
            process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}${next.name || 'no defect'}: ${wrong}\n`);
        }
        if (process.stdout.isTTY) {
            process.stdout.write(`\r${done} of ${done + queue.length}, ${failures} wrong `);
        }
    }
}));
const seconds = Math.round((Date.now() - began) / 1000);
process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}${defects.length} defects planted, ${failures} not as they `
    + `must be, ${tests.length} tests, ${seconds} s\n`);
process.exit(failures === 0 ? 0 : 1);

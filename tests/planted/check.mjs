// The promises, the tests that show them and the defects that break them fit together (README.md).
//
//   node check.mjs ROOT

import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {plant, readDefects} from './defects.mjs';

const root = process.argv[2];
const troubles = [];

/** Where a test is written.  @param {string} test as PROPERTIES.md and ctest name it */
function sourceOf(test) {
    const [kind, ...rest] = test.split('.');
    if (test === 'sim.week_of_chance') {
        return 'tests/sim/week_of_chance.c';
    }
    if (kind === 'e2e') {
        return rest[0] === 'replay' ? 'tests/e2e/replay.mjs' : `tests/e2e/${rest[0]}_test.mjs`;
    }
    return kind === 'unit' ? `tests/unit/${rest.join('/')}_test.c` : `tests/${kind}/${rest.join('/')}_test.c`;
}

/** The numbers that a test says it shows, in its first comment: "Shows P1 to P3, P7."  @param {string} source */
function shownBy(source) {
    const said = /^(?:\/\*|\/\/|#!.*\n\/\/)[\s\S]*?\bShows ((?:P\d+(?: to |, )?)+)\./.exec(source);
    const shown = new Set();
    for (const [, first, last] of said?.[1].matchAll(/P(\d+)(?: to P(\d+))?/g) ?? []) {
        for (let number = Number(first); number <= Number(last ?? first); number++) {
            shown.add(`P${number}`);
        }
    }
    return shown;
}

/** @returns {Map<string, string[]>} each number and the tests that show it */
function readPromises() {
    const promises = new Map();
    for (const line of readFileSync(join(root, 'tests/PROPERTIES.md'), 'utf8').split('\n')) {
        const row = /^\| (P\d+) \| .* \| (.*) \|$/.exec(line);
        if (row !== null) {
            const tests = [...row[2].matchAll(/`((?:unit|e2e|golden|fuzz|sim|fault)\.[a-z0-9_.]+)`/g)].map((found) => found[1]);
            if (/(^|; )week\b/.test(row[2])) {
                tests.push('sim.week_of_chance');
            }
            promises.set(row[1], tests);
        }
    }
    return promises;
}

const promises = readPromises();
const defects = readDefects();
for (const defect of defects) {
    try {
        plant(defect, root);
    } catch (error) {
        troubles.push(error.message);
    }
    if (!promises.has(defect.promise)) {
        troubles.push(`defects.txt:${defect.line}: ${defect.name}: PROPERTIES.md has no ${defect.promise}`);
    } else if (!promises.get(defect.promise).includes(defect.test)) {
        troubles.push(`PROPERTIES.md: ${defect.promise} does not name ${defect.test}, which catches ${defect.name}`);
    }
}
for (const [promise, tests] of promises) {
    if (!defects.some((defect) => defect.promise === promise)) {
        troubles.push(`PROPERTIES.md: no defect of defects.txt breaks ${promise}`);
    }
    for (const test of tests) {
        const path = sourceOf(test);
        if (!existsSync(join(root, path))) {
            troubles.push(`PROPERTIES.md: ${promise}: there is no ${test} (${path})`);
        } else if (!shownBy(readFileSync(join(root, path), 'utf8')).has(promise)) {
            troubles.push(`${path}: shows ${promise} (PROPERTIES.md), and does not say so in its first comment`);
        }
    }
}
process.stdout.write(troubles.map((trouble) => `${trouble}\n`).join(''));
process.stdout.write(`${promises.size} promises, ${defects.length} defects, ${troubles.length} troubles\n`);
process.exit(troubles.length === 0 ? 0 : 1);

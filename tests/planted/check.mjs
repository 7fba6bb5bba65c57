// The promises, the tests that show them and the defects that break them fit together (README.md), both ways:
// what PROPERTIES.md names a test for, that test says in its first comment, and what a test says it shows stands
// there; whoever shows none of them says why.  The rows that a clause names are rows of its test.
//
//   node check.mjs ROOT

import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {plant, readDefects} from './defects.mjs';

const root = process.argv[2];
const troubles = [];

const read = (path) => readFileSync(join(root, path), 'utf8');

/** Where a test is written.  @param {string} test as PROPERTIES.md and ctest name it */
function sourceOf(test) {
    const [kind, ...rest] = test.split('.');
    if (test === 'sim.week_of_chance') {
        return 'tests/sim/week_of_chance.c';
    }
    if (kind === 'e2e') {
        return rest[0] === 'replay' ? 'tests/e2e/replay.mjs' : `tests/e2e/${rest[0]}_test.mjs`;
    }
    if (kind === 'fuzz') {
        return `tests/fuzz/${rest[0]}_fuzz.c`;
    }
    return `tests/${kind}/${rest.join('/')}_test.c`;
}

/** Every source of a test, and the name of its test. @returns {Map<string, string>} */
function readSources() {
    const sources = new Map([['tests/sim/week_of_chance.c', 'sim.week_of_chance'], ['tests/e2e/replay.mjs', 'e2e.replay']]);
    for (const kind of ['unit', 'golden', 'fault', 'fuzz', 'e2e']) {
        for (const entry of readdirSync(join(root, 'tests', kind), {recursive: true})) {
            const found = /^(.*)_(?:test\.c|test\.mjs|fuzz\.c)$/.exec(String(entry));
            if (found !== null) {
                sources.set(`tests/${kind}/${entry}`, [kind, ...found[1].split('/')].join('.'));
            }
        }
    }
    return sources;
}

/** What a test says of itself.  @param {string} source */
function firstComment(source) {
    return /^(?:\/\*[\s\S]*?\*\/|(?:#!.*\n)?(?:\/\/.*\n)+)/.exec(source)?.[0] ?? '';
}

/** The numbers that a test says it shows, in its first comment: "Shows P1 to P3, P7."
 * @param {string} path @returns {Set<string> | null} null: it says nothing */
function shownBy(path) {
    const comment = firstComment(read(path)).replaceAll(/\n(?: \*|\/\/)/g, ' ').replaceAll(/\s+/g, ' ');
    if (/\bShows no promise: \w/.test(comment)) {
        return new Set();
    }
    const said = /\bShows ((?:P\d+(?: to |, )?)+)\./.exec(comment);
    if (said === null) {
        return null;
    }
    const shown = new Set();
    for (const [, first, last] of said[1].matchAll(/P(\d+)(?: to P(\d+))?/g)) {
        for (let number = Number(first); number <= Number(last ?? first); number++) {
            shown.add(`P${number}`);
        }
    }
    return shown;
}

/** @returns {Map<string, string[]>} each number and the tests that show it */
function readPromises() {
    const promises = new Map();
    for (const line of read('tests/PROPERTIES.md').split('\n')) {
        const row = /^\| (P\d+) \| .* \| (.*) \|$/.exec(line);
        if (row !== null) {
            const tests = [...row[2].matchAll(/`((?:unit|e2e|golden|fuzz|sim|fault)\.[a-z0-9_.]+)`/g)].map((found) => found[1]);
            if (/(^|[;.,] )[Ww]eek\b/.test(row[2])) {
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
        } else if (!shownBy(path)?.has(promise)) {
            troubles.push(`${path}: shows ${promise} (PROPERTIES.md), and does not say so in its first comment`);
        }
    }
}
for (const [path, test] of readSources()) {
    const shown = shownBy(path);
    if (shown === null) {
        troubles.push(`${path}: says neither "Shows P.." nor "Shows no promise: ..", with the reason, in its first comment`);
    }
    for (const promise of shown ?? []) {
        if (!promises.get(promise)?.includes(test)) {
            troubles.push(`${path}: says that it shows ${promise}, and PROPERTIES.md does not name ${test} there`);
        }
    }
}

/** Where the names of the table of clauses are: the folders of `unit`. */
const folders = {decide: 'sync.merge', decide_holder: 'sync.merge', decide_progress: 'sync.merge',
    decide_retract: 'sync.merge', merge_give_back: 'sync.merge', kinds: 'sync.access', consent: 'sync.access',
    consent_overruled: 'sync.access', gateway: 'sync.access', group: 'sync.access', may: 'sync.access', access_read: 'sync.access', judge: 'sync.hub',
    judge_random: 'sync.hub', command: 'sync.hub', write: 'node.record', request: 'node.record', review: 'node.view',
    timeline: 'node.view', 'consent page': 'node.view'};

/** Words of a source as they are read, whatever its lines and marks.  @param {string} text */
function plainly(text) {
    return text.replaceAll(/"\s*\n\s*"/g, '').replaceAll('_', ' ').toLowerCase();
}

/** @returns {{clause: string, test: string, items: string[]}[]} */
function readClauses() {
    const clauses = [];
    for (const line of read('tests/PROPERTIES.md').split('\n')) {
        const [, clause, rows] = /^\| (.*) \| (`.*) \|$/.exec(line) ?? [];
        for (const part of clause === undefined || /^P\d/.test(clause) ? [] : rows.split(/; (?=`|week$)/)) {
            const [, name, items] = /^`?([a-z0-9_. ]+)`?(?:: (.*))?$/.exec(part.replaceAll(/ \(.*?\)/g, '')) ?? [];
            const test = name === 'week' ? 'sim.week_of_chance'
                : name in folders ? `unit.${folders[name]}.${name.replace(' page', '')}` : String(name);
            clauses.push({clause, test, items: items?.split(/[,;] /) ?? []});
        }
    }
    return clauses;
}

/** @param {string} source @param {string} item */
function hasRow(source, item) {
    if (item === 'rows that begin with `*`') {
        return source.includes('"*');
    }
    return item === 'every row' || source.includes(plainly(item.replaceAll(/`|\.\.\. ?/g, '')).trim());
}

const clauses = readClauses();
for (const {clause, test, items} of clauses) {
    const path = sourceOf(test);
    if (!existsSync(join(root, path))) {
        troubles.push(`PROPERTIES.md: ${clause}: there is no ${test} (${path})`);
        continue;
    }
    const source = plainly(read(path));
    for (const item of items.filter((one) => !hasRow(source, one))) {
        troubles.push(`PROPERTIES.md: ${clause}: ${test} has no row "${item}"`);
    }
}
for (const clause of new Set(clauses.map((one) => one.clause))) {
    const tests = clauses.filter((one) => one.clause === clause).map((one) => one.test);
    if (!defects.some(({test}) => tests.includes(test))) {
        troubles.push(`PROPERTIES.md: ${clause}: no defect of defects.txt is caught by ${tests.join(' or ')}`);
    }
}
process.stdout.write(troubles.map((trouble) => `${trouble}\n`).join(''));
process.stdout.write(`${promises.size} promises, ${clauses.length} parts of clauses, ${defects.length} defects, ${troubles.length} troubles\n`);
process.exit(troubles.length === 0 ? 0 : 1);

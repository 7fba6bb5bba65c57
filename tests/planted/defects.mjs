// The table of planted defects, read and applied.  As a program: writes the source with one of them planted.
//
//   node defects.mjs NAME ROOT FOLDER     prints the source's path; FOLDER then has it, changed, under that path

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** how: what must become of the test.
 * @typedef {{name: string, promise: string, file: string, test: string, how: string, line: number,
 *             hunks: {is: string, planted: string}[]}} Defect */

/** @returns {Defect[]} */
export function readDefects() {
    const defects = [];
    let hunk = null;
    let isPlanted = false;
    readFileSync(join(here, 'defects.txt'), 'utf8').split('\n').forEach((line, at) => {
        const defect = defects.at(-1);
        if (line === '' || line.startsWith('#')) {
            hunk = null;
        } else if (line.startsWith('-')) {
            if (hunk === null || isPlanted) {
                hunk = {is: [], planted: []};
                defect.hunks.push(hunk);
            }
            isPlanted = false;
            hunk.is.push(line.slice(1));
        } else if (line.startsWith('+')) {
            isPlanted = true;
            hunk.planted.push(line.slice(1));
        } else {
            const [name, promise, file, test, how = 'fails', ...more] = line.split(' ');
            if (test === undefined || !['fails', 'hangs', 'dies'].includes(how) || more.length > 0
                || defects.some((other) => other.name === name)) {
                throw new Error(`defects.txt:${at + 1}: wants NAME PROMISE FILE TEST [hangs|dies], the name once: ${line}`);
            }
            defects.push({name, promise, file, test, how, line: at + 1, hunks: []});
            hunk = null;
        }
    });
    return defects.map((defect) => ({...defect, hunks: defect.hunks.map((one) => (
        {is: one.is.join('\n'), planted: one.planted.join('\n')}))}));
}

/** The source with the defect in it.  Throws where a text of the table does not stand in the source once.
 * @param {Defect} defect @param {string} root */
export function plant(defect, root) {
    let source = readFileSync(join(root, defect.file), 'utf8');
    if (defect.hunks.length === 0) {
        throw new Error(`defects.txt:${defect.line}: ${defect.name} plants nothing`);
    }
    for (const {is, planted} of defect.hunks) {
        const times = source.split(is).length - 1;
        if (times !== 1) {
            throw new Error(`defects.txt:${defect.line}: ${defect.name}: stands ${times} times in ${defect.file}:\n${is}`);
        }
        source = source.replace(is, () => planted);
    }
    return source;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [name, root, folder] = process.argv.slice(2);
    const defect = readDefects().find((one) => one.name === name);
    if (defect === undefined) {
        throw new Error(`no defect ${name} in defects.txt`);
    }
    const path = join(folder, defect.file);
    mkdirSync(dirname(path), {recursive: true});
    writeFileSync(path, plant(defect, root));
    process.stdout.write(defect.file);
}

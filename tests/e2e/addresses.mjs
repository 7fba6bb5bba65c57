// The addresses of the table of pages, with names put in: for whoever looks at every page.
import assert from 'node:assert/strict';

// What stands for {person}, {record} and {key}: the first row by which the pattern ends.
const standIns = [
  ['/request/{record}', ['request']],
  ['/action/{record}', ['action']],
  ['/add/{key}/{person}', [null, 'person']],
  ['/{person}/{person}', ['person', 'other']],
  ['/{person}', ['person']],
  ['/{record}', ['contact']],
];

/** @param {string} pattern @param {{ person: string, other: string, contact: string, request: string, action: string }} names */
export function addressOf(pattern, names) {
  const what = [...standIns.find(([end]) => pattern.endsWith(end))?.[1] ?? []];
  return pattern.replace(/\{\w+\}/g, (part) => {
    const name = what.shift();
    assert.notEqual(name, undefined, `say in standIns what stands for ${part} in ${pattern}`);
    return name === null ? 'contact' : names[name];
  });
}

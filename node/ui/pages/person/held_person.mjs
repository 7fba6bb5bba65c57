// Everything held about one person: the newest at once, the rest behind them.
import { useEffect, useRef, useState } from 'preact/hooks';

import { brought, get, Problem, useStatus } from '../api.mjs';
import { kept } from '../parts/kept.mjs';
import { sortsAt } from './words.mjs';

/** @typedef {import('../types.d.ts').PersonPage} PersonPage */
/** @typedef {import('../types.d.ts').Entry} Entry */

const FIRST_COUNT = 12; // more than a screen shows; pages.mjs has the document bring them
const NEXT_COUNT = 500; // an answer has a ceiling; so many entries with long notes stay below it

/** Entries of one answer, each with its place looked up: that is not left for the moment when all are there.  What
 * was new stays marked as long as the page is open (person.mjs), and is not drawn again for not being new any more.
 * @param {Entry[]} entries @param {import('../parts/kept.mjs').Known} known */
function taken(entries, known) {
  const all = kept(entries, known, (entry) => ({ ...entry, new: undefined }));
  all.forEach((entry, at) => { entry.new = entries[at].new; });
  all.forEach(sortsAt);
  return all;
}

/**
 * @param {string} person
 * @returns {{ page: PersonPage | null, entries: Entry[], isWhole: boolean, problem: Problem | null }}
 */
export function useHeldPerson(person) {
  const { status } = useStatus();
  const revision = status?.revision;
  const known = useRef(new Map());
  const whole = useRef(/** @type {string | null} */ (null)); // the version of which every entry was read
  const where = `/api/person/${person}`;
  const first = `${where}?newest=${FIRST_COUNT}`;
  const [held, setHeld] = useState(/** @type {() => { page: PersonPage | null, entries: Entry[], isWhole: boolean, problem: Problem | null }} */ (() => {
    const page = /** @type {PersonPage | null} */ (brought(first) ?? null);
    return { page, entries: page ? taken(page.entries, known.current) : [], isWhole: page?.more === 0, problem: null };
  }));
  useEffect(() => {
    if (revision === undefined) return undefined;
    let isCurrent = true;
    const fetchAll = async () => {
      const page = /** @type {PersonPage} */ (brought(first) ?? await get(first));
      let entries = taken(page.entries, known.current);
      // What stands on the page stays while the older ones are asked for again; and where nobody wrote about this
      // person, they are not.
      const isSame = whole.current === page.version;
      if (isCurrent) setHeld((before) => (before.isWhole && page.more > 0 ? { ...before, page, problem: isSame ? null : before.problem } : { page, entries, isWhole: page.more === 0, problem: null }));
      while (isCurrent && !isSame && entries.length < page.count) {
        const older = await get(`${where}?newest=${NEXT_COUNT}&before=${entries.length}`);
        if (older.entries.length === 0) break;
        entries = [...taken(older.entries, known.current), ...entries];
      }
      if (isCurrent) whole.current = page.version;
      if (isCurrent && page.more > 0 && !isSame) setHeld({ page, entries, isWhole: true, problem: null });
    };
    fetchAll().catch((problem) => { if (isCurrent) setHeld((before) => ({ ...before, problem })); });
    return () => { isCurrent = false; };
  }, [person, revision]);
  return held;
}

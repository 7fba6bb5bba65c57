// Everything held about one person: the newest at once, the rest behind them.
import { useEffect, useRef, useState } from 'preact/hooks';

import { brought, get, Problem, useStatus } from '../api.mjs';

/** @typedef {import('../types.d.ts').PersonPage} PersonPage */
/** @typedef {import('../types.d.ts').Entry} Entry */

const FIRST_COUNT = 12; // more than a screen shows; pages.mjs has the document bring them
const NEXT_COUNT = 500; // an answer has a ceiling; so many entries with long notes stay below it

/** Entries that say what they said before stay the same objects, so that only what changed is drawn again.
 * @param {Entry[]} entries @param {Map<string, { text: string, entry: Entry }>} known */
function kept(entries, known) {
  return entries.map((entry) => {
    const text = JSON.stringify(entry);
    const before = known.get(entry.name);
    if (before && before.text === text) return before.entry;
    known.set(entry.name, { text, entry });
    return entry;
  });
}

/**
 * @param {string} person
 * @returns {{ page: PersonPage | null, entries: Entry[], isWhole: boolean, problem: Problem | null }}
 */
export function useHeldPerson(person) {
  const { status } = useStatus();
  const revision = status?.revision;
  const known = useRef(new Map());
  const where = `/api/person/${person}`;
  const first = `${where}?newest=${FIRST_COUNT}`;
  const [held, setHeld] = useState(/** @type {() => { page: PersonPage | null, entries: Entry[], isWhole: boolean, problem: Problem | null }} */ (() => {
    const page = /** @type {PersonPage | null} */ (brought(first) ?? null);
    return { page, entries: page ? kept(page.entries, known.current) : [], isWhole: page?.more === 0, problem: null };
  }));
  useEffect(() => {
    if (revision === undefined) return undefined;
    let isCurrent = true;
    const fetchAll = async () => {
      const page = /** @type {PersonPage} */ (brought(first) ?? await get(first));
      let entries = kept(page.entries, known.current);
      // What stands on the page stays while the older ones are asked for again.
      if (isCurrent) setHeld((before) => (before.isWhole && page.more > 0 ? { ...before, page } : { page, entries, isWhole: page.more === 0, problem: null }));
      while (isCurrent && entries.length < page.count) {
        const older = await get(`${where}?newest=${NEXT_COUNT}&before=${entries.length}`);
        if (older.entries.length === 0) break;
        entries = [...kept(older.entries, known.current), ...entries];
      }
      if (isCurrent && page.more > 0) setHeld({ page, entries, isWhole: true, problem: null });
    };
    fetchAll().catch((problem) => { if (isCurrent) setHeld((before) => ({ ...before, problem })); });
    return () => { isCurrent = false; };
  }, [person, revision]);
  return held;
}

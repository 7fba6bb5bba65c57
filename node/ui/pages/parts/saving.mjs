// Saving a form: one write at a time, and what is wrong with it beside its field.
import { useRef, useState } from 'preact/hooks';

import { Away, del, lookAgain, post, Problem } from '../api.mjs';
import { versionOf } from './draft.mjs';
import { newKey } from './once.mjs';

/** @typedef {import('../types.d.ts').FieldError} FieldError */
/** @typedef {import('../types.d.ts').Change} Change */
/** @typedef {import('../types.d.ts').Written} Written */

/** What was sent and not answered: the node may have written it before it went away.  The same form is sent
 * again as it was, with the same key, and then written once; one that was changed is another.
 * @type {Map<string, { key: string, body: Record<string, unknown> }>} */
const unanswered = new Map();

/**
 * Writes all of these, or none.
 * @param {Change[]} changes @param {string} [draft]  the key of what this was begun as
 * @returns {Promise<Written[]>}
 */
export async function write(changes, draft) {
  const form = JSON.stringify({ changes, draft });
  const before = unanswered.get(form);
  const sent = before ?? { key: newKey(), body: draft ? { changes, draft, draft_version: await versionOf(draft) } : { changes } };
  unanswered.set(form, sent);
  try {
    const { results } = await post('/api/write', sent.body, sent.key);
    unanswered.delete(form);
    if (before && draft) await del(`/api/draft/${draft}?version=${await versionOf(draft)}`); // saved anew since the first time
    lookAgain();
    return results;
  } catch (problem) {
    if (!(problem instanceof Away)) unanswered.delete(form);
    throw problem;
  }
}

/** Only what was filled in.  @param {Record<string, any>} set */
export function filled(set) {
  return Object.fromEntries(Object.entries(set).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== '' && value !== null && value !== undefined))
    .map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value]));
}

/**
 * `ids`: the field of a record -> the id of its control; what belongs to none stands at `other`.
 * @param {Record<string, string>} ids @param {string} other
 */
export function useSaving(ids, other) {
  const [errors, setErrors] = useState(/** @type {FieldError[]} */ ([]));
  const [isBusy, setBusy] = useState(false);
  const isRunning = useRef(false);
  /** Does `work`; true: it was done.  A second tap while it runs does nothing.  @param {() => Promise<unknown>} work */
  const run = async (work) => {
    if (isRunning.current) return false;
    isRunning.current = true;
    setBusy(true);
    setErrors([]);
    try {
      await work();
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setErrors([{ id: ids[problem.field ?? ''] ?? other, text: problem.message }]);
      return false;
    } finally {
      isRunning.current = false;
      setBusy(false);
    }
  };
  const errorOf = (/** @type {string} */ id) => errors.find((error) => error.id === id)?.text;
  return { errors, setErrors, isBusy, run, errorOf };
}

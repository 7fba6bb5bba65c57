// What somebody has begun: kept by the node as they type, so that it survives a crash and a closed lid.
import { useEffect, useRef, useState } from 'preact/hooks';

import { brought, del, get, Problem, put } from '../api.mjs';

const SETTLE_MS = 400; // after the last key

// Two tabs may have one form open, under one key.  Each takes away what it has put itself, and only that.
/** @type {Map<string, number>} key -> what the node called it when it was put or read here */
const versions = new Map();
/** @type {Map<string, Promise<unknown>>} */
const underWay = new Map();

/** What names this tab's own draft when it is taken away, once all of it has arrived.  @param {string} key */
export async function versionOf(key) {
  await underWay.get(key);
  return versions.get(key) ?? -1; // -1: there is none of its own
}

/** @param {string} key @param {unknown} body */
async function keep(key, body) {
  const putting = put(`/api/draft/${key}`, { page: location.pathname, body }).then(({ version }) => { versions.set(key, version); });
  underWay.set(key, putting.catch(() => {}));
  await putting;
}

/**
 * Like useState, for the whole of a form; kept under `key` with the page's address.  `isReady` is false until
 * the node has said whether there is a draft: show the form then.  A write that names the draft's key
 * (POST /api/write) takes it away; `forget` is for who gives it up.
 * @template T
 * @param {string} key  letters, digits, - and _: "contact-new", "contact-DEVICE-SEQ"
 * @param {T} first  what an empty form holds
 */
export function useDraft(key, first) {
  const draft = useRef(/** @type {{ body: T, version: number } | null | undefined} */ (brought(`/api/draft/${key}`))).current;
  const [form, setForm] = useState(/** @type {T} */ ({ ...first, ...draft?.body }));
  const [isReady, setReady] = useState(draft !== undefined);
  const [saved, setSaved] = useState(/** @type {'' | 'saved' | 'unsaved'} */ (''));
  const waiting = useRef(/** @type {{ form: T, timer: ReturnType<typeof setTimeout> } | null} */ (null));

  const save = async () => {
    const held = waiting.current;
    if (!held) return;
    clearTimeout(held.timer);
    waiting.current = null;
    try {
      await keep(key, held.form);
      setSaved('saved');
    } catch {
      setSaved('unsaved');
      if (!waiting.current) waiting.current = { form: held.form, timer: setTimeout(save, 2000) };
    }
  };
  useEffect(() => {
    if (draft) versions.set(key, draft.version);
    if (!isReady) get(`/api/draft/${key}`).then(({ body, version }) => { versions.set(key, version); setForm({ ...first, ...body }); setReady(true); }, (problem) => { setReady(problem instanceof Problem); });
    const hide = () => { if (document.hidden) save(); };
    document.addEventListener('visibilitychange', hide);
    return () => { document.removeEventListener('visibilitychange', hide); save(); };
  }, [key]);
  const change = (/** @type {Partial<T>} */ part) => setForm((before) => {
    const next = { ...before, ...part };
    if (waiting.current) clearTimeout(waiting.current.timer);
    waiting.current = { form: next, timer: setTimeout(save, SETTLE_MS) };
    return next;
  });
  /** No more saving: it was written, or given up. */
  const stop = () => { if (waiting.current) clearTimeout(waiting.current.timer); waiting.current = null; };
  const forget = async () => { stop(); setForm(first); await del(`/api/draft/${key}?version=${await versionOf(key)}`); };
  return { form, change, isReady, saved, stop, forget };
}

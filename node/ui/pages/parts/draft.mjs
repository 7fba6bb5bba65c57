// What somebody has begun: kept by the node as they type, so that it survives a crash and a closed lid.
import { useEffect, useRef, useState } from 'preact/hooks';

import { brought, del, get, Problem, put } from '../api.mjs';

const SETTLE_MS = 400; // after the last key

/**
 * Like useState, for the whole of a form; kept under `key` with the page's address.  `isReady` is false until
 * the node has said whether there is a draft: show the form then.  A write that names the draft's key
 * (POST /api/write) takes it away; `forget` is for who gives it up.
 * @template T
 * @param {string} key  letters, digits, - and _: "contact-new", "contact-DEVICE-SEQ"
 * @param {T} first  what an empty form holds
 */
export function useDraft(key, first) {
  const draft = useRef(/** @type {{ body: T } | null | undefined} */ (brought(`/api/draft/${key}`))).current;
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
      await put(`/api/draft/${key}`, { page: location.pathname, body: held.form });
      setSaved('saved');
    } catch {
      setSaved('unsaved');
      if (!waiting.current) waiting.current = { form: held.form, timer: setTimeout(save, 2000) };
    }
  };
  useEffect(() => {
    if (!isReady) get(`/api/draft/${key}`).then(({ body }) => { setForm({ ...first, ...body }); setReady(true); }, (problem) => { setReady(problem instanceof Problem); });
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
  const forget = async () => { stop(); setForm(first); await del(`/api/draft/${key}`); };
  return { form, change, isReady, saved, stop, forget };
}

// Asking the node.  Nothing here waits for a network: the node is on this machine.
import { useEffect, useRef, useState } from 'preact/hooks';

import { setNodeClock } from './parts/when.mjs';

/** @typedef {import('./types.d.ts').Session} Session */
/** @typedef {import('./types.d.ts').Status} Status */
/** @typedef {import('./types.d.ts').Schema} Schema */

const LOOK_MS = 4000; // how often a page asks whether anything has changed
const LOOK_SYNCING_MS = 1000;
const JUST_MS = 500; // the parts of one page do not ask one after the other
const KEPT_ALIVE_MAX = 20_000; // characters: at three bytes each within the browser's 64 KiB

/** What the node answers where it does not do what was asked. */
export class Problem extends Error {
  /** @param {number} status @param {Record<string, any>} document */
  constructor(status, document) {
    super(document.text ?? 'Teapot did not answer as it should.');
    this.status = status;
    this.document = document;
    /** @type {string} */
    this.code = document.error ?? 'unknown';
    /** @type {string | undefined} */
    this.field = document.field;
  }
}

/** The node is not there: it was stopped, or is starting again.  Nothing that was saved is lost. */
export class Away extends Problem {
  constructor() {
    super(0, { error: 'away', text: 'Teapot is not running on this computer at the moment. What was saved is safe.' });
  }
}

/** @type {Record<string, any>} */
let brought_along = JSON.parse(document.getElementById('answers')?.textContent || '{}');

/**
 * What the document brought along of an address, so that the first view asks for nothing; null: there is no
 * such thing; undefined: it was not brought, or something may have changed since.
 * @param {string} path
 */
export const brought = (path) => brought_along[path];

/** After a write, on another page, or when the revision moves: from here on the node is asked. */
export function forgetBrought() {
  brought_along = {};
}

let token = '';
/** @type {string | null} */
let worker = null; // whose words this page writes
let device = ''; // by whose number the records here are named
/** @type {() => void} */
let onSessionOver = () => {};

/** @param {string} method @param {string} path @param {unknown} [body] @param {string} [key] */
async function once(method, path, body, key) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (method !== 'GET') forgetBrought();
  if (method !== 'GET') headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['X-Teapot-Token'] = token;
  if (key) headers['Idempotency-Key'] = key;
  try {
    // A draft goes out even as the page closes; a browser lets no more than this go on behind a closed page.
    const text = body === undefined ? undefined : JSON.stringify(body);
    const keepalive = method === 'PUT' && (text?.length ?? 0) < KEPT_ALIVE_MAX;
    return await fetch(path, { method, headers, cache: 'no-store', redirect: 'error', body: text, keepalive });
  } catch {
    throw new Away();
  }
}

/** @param {Response} response */
async function read(response) {
  if (response.status === 204) return null;
  const text = await response.text().catch(() => { throw new Away(); }); // it went away in mid-answer
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    document = {};
  }
  if (!response.ok) throw new Problem(response.status, document);
  return document;
}

/**
 * This device goes on under a new number: what was written on it last is named by that now, and the names in this
 * page may be those of another machine's records.  So the page is left; drafts were renamed with the rest.
 */
function beginAnew() {
  window.location.assign('/');
  throw new Problem(409, { error: 'renamed', text: 'This device goes on under a new number. Nothing was saved from here; begin again from the first page.' });
}

/**
 * A token that is older than the session is fetched again; but where another tab has said another name,
 * nothing is written in it from here.
 */
async function freshen() {
  const mine = worker;
  const was = device;
  const session = await fetchSession();
  if (was && session.device !== was) beginAnew();
  if (session.worker === mine) return;
  onSessionOver();
  throw new Problem(401, { error: 'session', text: 'Somebody else has said that they are writing now. Nothing was saved here.' });
}

/**
 * Asks and answers the JSON; throws a Problem.
 * @param {'GET' | 'POST' | 'PUT' | 'DELETE'} method @param {string} path @param {unknown} [body] @param {string} [key]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body, key) {
  try {
    return await read(await once(method, path, body, key));
  } catch (problem) {
    if (problem instanceof Problem && problem.code === 'token') {
      await freshen();
      return read(await once(method, path, body, key));
    }
    if (problem instanceof Problem && problem.status === 401) onSessionOver();
    throw problem;
  }
}

/** @param {string} path */
export const get = (path) => ask('GET', path);
/** @param {string} path @param {unknown} body @param {string} [key]  for what must be done once (parts/once.mjs) */
export const post = (path, body, key) => ask('POST', path, body, key);
/** @param {string} path @param {unknown} body */
export const put = (path, body) => ask('PUT', path, body);
/** @param {string} path */
export const del = (path) => ask('DELETE', path);

// ---- The session ----

/** @param {Session} session */
function keep(session) {
  token = session.token;
  worker = session.worker;
  device = session.device;
  return session;
}

/** Who writes, as the document said; null: it did not.  @returns {Session | null} */
export const broughtSession = () => (brought('/api/session') ? keep(brought('/api/session')) : null);
/** @returns {Promise<Session>} */
export const fetchSession = async () => keep(await read(await once('GET', '/api/session')));
/** @param {string} worker @returns {Promise<Session>} */
export const beginSession = async (worker) => keep(await post('/api/session', { worker }));
/** @returns {Promise<Session>} */
export const endSession = async () => keep(await del('/api/session'));

/** Called when the node no longer knows who is writing.  @param {() => void} call */
export function whenSessionIsOver(call) {
  onSessionOver = call;
}

// ---- The status, live ----

/** @type {Status | null} */
let status = brought('/api/status') ?? null;
if (status?.now) setNodeClock(status.now);
let isAway = false;
let looked_at = status === null ? -Infinity : performance.now();
let isLooking = false;
let isAskedAgain = false; // while the answer to the last look is on its way
/** @type {Set<(live: { status: Status | null, isAway: boolean }) => void>} */
const listeners = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

async function lookOnce() {
  try {
    const seen = status === null ? '' : `?seen=${status.revision}`;
    const news = await get(`/api/status${seen}`);
    if (device && news.device && news.device !== device) beginAnew();
    if (news.revision !== status?.revision) forgetBrought();
    status = status === null ? news : { ...status, ...news };
    if (news.now) setNodeClock(news.now);
    isAway = false;
    if (news.worker !== worker) onSessionOver(); // another tab said another name, or the shift is over
  } catch (problem) {
    isAway = problem instanceof Away;
  }
  looked_at = performance.now();
  listeners.forEach((tell) => tell({ status, isAway }));
}

function lookLater() {
  clearTimeout(timer);
  if (listeners.size > 0 && !document.hidden) timer = setTimeout(look, status?.syncing ? LOOK_SYNCING_MS : LOOK_MS);
}

/** One question at a time, however many parts of a page want to know; what is asked for while one is on its
 * way is asked afterwards, since the answer may be older than what it is asked for. */
async function look() {
  clearTimeout(timer);
  isAskedAgain = isLooking;
  if (isLooking) return;
  isLooking = true;
  do {
    isAskedAgain = false;
    await lookOnce();
  } while (isAskedAgain);
  isLooking = false;
  lookLater();
}
document.addEventListener('visibilitychange', () => { if (!document.hidden && listeners.size > 0) look(); });

/** Looks now: after something was written. */
export const lookAgain = () => { if (listeners.size > 0) look(); };

/** The node's status, kept up to date while the page is open and seen. */
export function useStatus() {
  const [live, setLive] = useState({ status, isAway });
  useEffect(() => {
    listeners.add(setLive);
    if (performance.now() - looked_at < JUST_MS) lookLater();
    else if (!isLooking) look();
    return () => { listeners.delete(setLive); };
  }, []);
  return live;
}

/** Sends and fetches now, where there is a network. */
export async function syncNow() {
  await post('/api/sync', {});
  setTimeout(look, 300);
}

/**
 * What an address answers, asked again whenever anything shown may have changed; `again`: now, for who has just
 * written what it shows, and it is shown when that is done.
 * @template T
 * @param {string} path
 * @returns {{ held: T | null, problem: Problem | null, again: () => Promise<void> }}
 */
export function useHeld(path) {
  const live = useStatus();
  const [answer, setAnswer] = useState(/** @type {() => { path: string, held: any, problem: Problem | null }} */ (() => ({ path, held: brought(path) ?? null, problem: null })));
  const asked = useRef({ path, count: 0, shown: 0 }); // answers may overtake each other
  asked.current.path = path;
  const revision = live.status?.revision;
  const again = async () => {
    const turn = ++asked.current.count;
    const show = (/** @type {typeof answer | ((before: typeof answer) => typeof answer)} */ next) => {
      if (asked.current.path !== path || turn < asked.current.shown) return;
      asked.current.shown = turn;
      setAnswer(next);
    };
    await get(path).then(
      (held) => show({ path, held, problem: null }),
      (problem) => show((before) => ({ path, held: before.path === path ? before.held : null, problem })),
    );
  };
  useEffect(() => {
    if (revision !== undefined && !(answer.path === path && answer.held && answer.held === brought(path))) again();
  }, [path, revision]);
  return { held: answer.path === path ? answer.held : null, problem: answer.problem, again };
}

/** @type {Promise<Schema> | null} */
let schema = null;
/** The same, where the document brought it.  @type {Schema | null} */
export const brought_schema = brought('/api/schema') ?? null;
/** Entities, fields, lists, agencies and wordings: asked for once for each page load.  @returns {Promise<Schema>} */
export function fetchSchema() {
  schema ??= brought_schema ? Promise.resolve(brought_schema) : get('/api/schema').catch((problem) => { schema = null; throw problem; });
  return schema;
}

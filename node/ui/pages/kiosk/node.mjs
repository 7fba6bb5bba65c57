// Asking this kiosk's own node.  It is on this machine: nothing here waits for a network.

/** @typedef {{ agency: { id: string, label: string }, token: string, unsent: number, last_sync_at: string | null, version: string }} Kiosk */
/** @typedef {{ state: string, text: string | null }} Told */

const LOOK_MS = 200; // between two looks whether the hub has answered
const LOOKS_MAX = 150;

let token = '';

/** @param {string} path @param {unknown} [body] @param {Record<string, string>} [more]  headers */
async function ask(path, body, more = {}) {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? {} : { 'Content-Type': 'application/json', 'X-Teapot-Token': token, ...more },
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store',
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** @returns {Promise<Kiosk>} */
export async function readKiosk() {
  const kiosk = await ask('/api/kiosk');
  token = kiosk.token;
  return kiosk;
}

/** @param {{ words: string, name: string, callback: string, language: string }} request @param {string} key  the same
 * where no answer came: it is then taken once @returns {Promise<string>} its code */
export async function takeRequest(request, key) {
  return (await ask('/api/kiosk/request', request, { 'Idempotency-Key': key })).code;
}

/** Asks after a code until the node knows, or `isOver`.
 * @param {string} code @param {() => boolean} isOver @returns {Promise<Told>} */
export async function askAfter(code, isOver) {
  for (let looks = 0; looks < LOOKS_MAX && !isOver(); looks++) {
    const told = await ask('/api/kiosk/ask', { code });
    if (told.state !== 'asking') return told;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return { state: 'offline', text: null };
}

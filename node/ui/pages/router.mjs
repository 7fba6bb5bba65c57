// Addresses and pages: which row of pages.mjs an address is, and going from one to another without asking
// the node for a new document.
import { useEffect, useState } from 'preact/hooks';

import { forgetBrought } from './api.mjs';

/** @typedef {import('./types.d.ts').PageRow} PageRow */

const DEVICE_SEQ = '[0-9a-fA-F]{16}-[0-9]{1,13}';

/** @type {Set<(path: string) => void>} */
const listeners = new Set();

function tell() {
  forgetBrought();
  listeners.forEach((call) => call(location.pathname));
}
addEventListener('popstate', tell);

/** Goes to a page.  @param {string} path @param {{ replace?: boolean }} [how] */
export function go(path, { replace = false } = {}) {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  scrollTo(0, 0);
  tell();
}

// A click on a link to a page of ours goes there without a new document; with a key held down, or for a
// download, the browser does what it always does.
document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!(target instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || target.target || target.hasAttribute('download')) return;
  if (target.origin !== location.origin || target.pathname.startsWith('/api/') || /\.[^/]*$/.test(target.pathname)) return;
  if (target.hash && target.pathname === location.pathname) return; // to a place on this page
  event.preventDefault();
  go(target.pathname + target.search + target.hash);
});

/** The address that is shown. */
export function useAddress() {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    listeners.add(setPath);
    return () => { listeners.delete(setPath); };
  }, []);
  return path;
}

/**
 * The row of an address, and what stood in the places of {record} (a record's full name) and {key}.
 * @param {PageRow[]} pages @param {string} path
 * @returns {{ page: PageRow, args: string[] } | null}
 */
export function findPage(pages, path) {
  for (const page of pages) {
    const pattern = page.path.replace(/\{key\}/g, '([A-Za-z0-9_-]{1,64})').replace(/\{[a-z]+\}/g, `(${DEVICE_SEQ})`);
    const match = path.match(new RegExp(`^${pattern}$`));
    if (match) return { page, args: match.slice(1) };
  }
  return null;
}

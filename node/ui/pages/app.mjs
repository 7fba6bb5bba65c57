// The shell: who is writing, the page of the address, and what stands around every page.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { Away, broughtSession, fetchSession, whenSessionIsOver } from './api.mjs';
import { pages } from './pages.mjs';
import { findPage, useAddress } from './router.mjs';
import { Header } from './parts/header.mjs';
import { Notice } from './parts/notice.mjs';
import { SyncLine } from './parts/sync_line.mjs';
import { Who } from './worker/who.mjs';

/** @typedef {import('./types.d.ts').Session} Session */
/** @typedef {import('./types.d.ts').PageProps} PageProps */

const AGAIN_MS = 2000;

/** The title, and the heading gets the focus: who does not see the page hears where they are. */
function useArrival(/** @type {string} */ title, /** @type {unknown} */ page, /** @type {boolean} */ isFirst) {
  useEffect(() => {
    document.title = `${title} – Teapot`;
    if (isFirst || !page) return;
    const heading = document.querySelector('main h1');
    if (heading instanceof HTMLElement) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
  }, [title, page]);
}

function NoPage() {
  return html`<h1 class="govuk-heading-l">There is no such page</h1>
    <p class="govuk-body">The address may have been mistyped. <a class="govuk-link" href="/">Go to the start</a>.</p>`;
}

/** @typedef {{ row: unknown, Page: any }} Loaded */

/** The first page was loaded before anything was shown.  @param {{ session: Session, first: Loaded | null }} props */
function PageOfAddress({ session, first }) {
  const address = useAddress();
  const found = findPage(pages, address);
  const isFirst = useRef(true);
  const [loaded, setLoaded] = useState(first);
  useEffect(() => {
    let isCurrent = true;
    if (loaded?.row !== found?.page) found?.page.load().then(({ Page }) => { if (isCurrent) setLoaded({ row: found.page, Page }); });
    return () => { isCurrent = false; };
  }, [found?.page]);
  const Page = found && loaded?.row === found.page ? loaded.Page : null;
  useArrival(found ? found.page.title : 'No such page', Page, isFirst.current);
  useEffect(() => { if (Page) isFirst.current = false; }, [Page]);
  if (!found) return html`<${NoPage} />`;
  return Page ? html`<${Page} key=${address} session=${session} args=${found.args} />` : null;
}

/** @param {{ title: string, children?: any }} props */
function Titled({ title, children }) {
  useArrival(title, null, true);
  return children;
}

/** @param {{ first: Loaded | null }} props */
function App({ first }) {
  const [session, setSession] = useState(broughtSession);
  const [problem, setProblem] = useState(/** @type {Error | null} */ (null));
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const begin = () => fetchSession().then((held) => { setSession(held); setProblem(null); }, (trouble) => {
      setProblem(trouble);
      if (trouble instanceof Away) timer = setTimeout(begin, AGAIN_MS);
    });
    whenSessionIsOver(begin);
    if (!session) begin();
    return () => clearTimeout(timer);
  }, []);
  return html`
    <a href="#main" class="govuk-skip-link">Skip to main content</a>
    <${Header} session=${session} onSession=${setSession} />
    <div class="govuk-width-container">
      ${session?.worker && html`<${SyncLine} />`}
      <main class="govuk-main-wrapper" id="main">
        ${problem && html`<${Notice} kind="trouble" title="Teapot">${problem.message}</${Notice}>`}
        ${session && !session.worker && html`<${Titled} title="Who is writing?"><${Who} session=${session} onSession=${setSession} /></${Titled}>`}
        ${session?.worker && html`<${PageOfAddress} key=${session.worker} session=${session} first=${first} />`}
      </main>
    </div>
    <footer class="teapot-footer govuk-width-container" role="contentinfo">
      <p class="govuk-body-s">${session ? `${session.agency.label} · Teapot ${session.version} · ` : ''}<a class="govuk-link" href="/licences.txt">What it is made with</a></p>
    </footer>`;
}

/** @param {Loaded | null} first */
function begin(first) {
  const place = document.getElementById('app');
  if (place) render(html`<${App} first=${first} />`, place);
}
// The page and its shell are seen together: its module is in the same file (build.mjs).
const row = findPage(pages, location.pathname)?.page;
if (row) row.load().then(({ Page }) => begin({ row, Page }));
else begin(null);

// The top of every page: where one is, who writes, and the way to another name.
import { html } from 'htm/preact';

import { endSession } from '../api.mjs';
import { go } from '../router.mjs';

/** @param {{ session: import('../types.d.ts').Session | null, onSession: (session: import('../types.d.ts').Session) => void }} props */
export function Header({ session, onSession }) {
  const leave = async () => {
    const held = await endSession();
    go('/', { replace: true });
    onSession(held);
  };
  return html`<header class="teapot-header" role="banner">
    <div class="govuk-width-container teapot-header__row">
      <a class="teapot-header__name" href="/">Teapot</a>
      ${session?.worker && html`<p class="teapot-header__who"><span>${session.worker}</span>
        <button type="button" class="teapot-header__leave" onClick=${leave}>Somebody else</button></p>`}
    </div>
  </header>`;
}

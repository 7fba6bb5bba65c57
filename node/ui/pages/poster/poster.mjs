// The poster for the drop-in's own door: what is offered, in the kiosk's languages, and where to reach it.
import { useEffect, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { post, Problem } from '../api.mjs';
import { loadTexts } from '../kiosk/texts.mjs';
import { TextField } from '../parts/field.mjs';

/** @typedef {import('../kiosk/texts.mjs').Text} Text */

const WAIT_MS = 300; // after the last key

/** @param {string} svg */
const asImage = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ session }) {
  const [place, setPlace] = useState(session.agency.label || session.agency.id);
  const [hours, setHours] = useState('');
  const [address, setAddress] = useState('');
  const [picture, setPicture] = useState('');
  const [error, setError] = useState('');
  const [texts, setTexts] = useState(/** @type {Map<string, Text>} */ (new Map()));
  useEffect(() => { loadTexts().then(setTexts, () => {}); }, []);
  useEffect(() => {
    setError('');
    setPicture('');
    if (address.trim() === '') return undefined;
    let isOver = false;
    const timer = setTimeout(async () => {
      try {
        const { svg } = /** @type {{ svg: string }} */ (await post('/api/qr', { text: address }));
        if (!isOver) setPicture(asImage(svg));
      } catch (problem) {
        if (!isOver) setError(problem instanceof Problem ? problem.message : String(problem));
      }
    }, WAIT_MS);
    return () => { isOver = true; clearTimeout(timer); };
  }, [address]);
  const unread = [...texts].filter(([, text]) => !text.proof_read);
  return html`
    <div class="teapot-poster__form">
      <h1 class="govuk-heading-l">A poster for your door</h1>
      <p class="govuk-body">Fill in what is yours and print the page: the poster alone comes out.</p>
      <${TextField} id="place" label="The place" value=${place} onValue=${setPlace} />
      <${TextField} id="hours" label="When somebody is there" hint="Monday to Friday, 10 to 4" value=${hours} onValue=${setHours} />
      <${TextField} id="address" label="Address for the picture" hint="Your own page, https://..., or a phone number, tel:+44..." value=${address} onValue=${setAddress} error=${error} />
      ${unread.length > 0 && html`<p class="govuk-body">Nobody has proof-read yet: ${unread.map(([lang, text], i) => html`${i > 0 ? ', ' : ''}<bdi key=${lang} lang=${lang}>${text.name}</bdi>`)}.</p>`}
      <button type="button" class="govuk-button" onClick=${() => print()}>Print</button>
    </div>
    <section class="teapot-poster" aria-label="The poster">
      <img class="teapot-poster__sign" src="/icon.svg" alt="Blue Teapot" />
      <h2>${place}</h2>
      <ul>${[...texts].map(([lang, text]) => html`<li key=${lang} lang=${lang} dir=${text.dir}>${text.ask_for_help} <span>${text.ask_for_help_hint}</span></li>`)}</ul>
      ${hours && html`<p class="teapot-poster__hours">${hours}</p>`}
      ${picture && html`<img class="teapot-poster__code" src=${picture} alt=${`QR code for ${address.trim()}`} /><p class="teapot-poster__address">${address.trim().replace(/^(https?:\/\/|tel:|geo:)/, '')}</p>`}
    </section>`;
}

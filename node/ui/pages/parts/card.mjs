// Somebody's card: what tells two people of one name apart.
import { html } from 'htm/preact';

import { bornWords, dayOf } from './when.mjs';

/** @typedef {import('../types.d.ts').Card} Card */

/** @param {Card} card */
export const cardName = (card) => card.preferred_name || card.description || 'Somebody not known by name';

/** @param {{ card: Card }} props */
export function CardWords({ card }) {
  const facts = [
    card.aliases?.length ? `also ${card.aliases.join(', ')}` : '',
    card.born ? `born ${bornWords(card.born)}` : '',
    card.description !== cardName(card) ? card.description : '',
    card.place,
  ].filter(Boolean);
  const why = (card.why ?? []).filter((one) => one !== 'name');
  return html`
    <span class="teapot-card__name">${cardName(card)}</span>
    ${facts.length > 0 && html`<span class="teapot-card__facts">${facts.join(' · ')}</span>`}
    <span class="teapot-card__last">${card.last_contact_at ? `Last contact ${dayOf(card.last_contact_at)}` : 'No contact written down yet'}${why.length > 0 ? ` · found by: ${why.join(', ')}` : ''}</span>
    ${card.same_as && html`<span class="teapot-card__last">Joined with another record in this list: one person</span>`}`;
}

/**
 * Cards to pick from: buttons where `onPick` is given, else links to each person's page.
 * @param {{ cards: Card[], onPick?: (card: Card) => void, label: string }} props
 */
export function Cards({ cards, onPick, label }) {
  return html`<ul class="teapot-cards" aria-label=${label}>
    ${cards.map((card) => html`<li key=${card.name}>${onPick
      ? html`<button type="button" class="teapot-card" onClick=${() => onPick(card)}><${CardWords} card=${card} /></button>`
      : html`<a class="teapot-card" href=${`/person/${card.name}`}><${CardWords} card=${card} /></a>`}</li>`)}
  </ul>`;
}

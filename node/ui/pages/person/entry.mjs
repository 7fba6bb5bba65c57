// One entry of the timeline.
import { Component } from 'preact';
import { html } from 'htm/preact';

import { whenNear } from '../parts/when.mjs';
import { Settle } from './settle.mjs';
import { bodyOf, entityOf, fieldLabel, timeOfEntry, titleOf, valueWords, fieldOf, whoWords } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').Entry} Entry */
/** @typedef {import('../types.d.ts').ReviewItem} ReviewItem */
/** @typedef {import('../types.d.ts').Settled} Settled */

/**
 * What an entry is shown with.  madeOf: another text where an entry is to be drawn again for what is around it.
 * @typedef {{ schema: Schema | null, isNew: (entry: Entry) => boolean, originWords: (entry: Entry) => string, reviewOf: (entry: Entry) => ReviewItem[], overruledBy: (entry: Entry) => string | null, onSettled: (settled: Settled) => void, madeOf: (entry: Entry) => string }} Surroundings
 */

/** @param {{ entry: Entry }} props */
function When({ entry }) {
  const words = timeOfEntry(entry);
  return html`<p class="teapot-entry__when">
    ${words && html`<time datetime=${entry.at}>${words}</time>`}
    ${words && entry.uncertain && html` <span class="teapot-flag">the clock was not sure</span>`}
  </p>`;
}

/** A yes that met a no its writer had not seen: whoever reads it here must not take it for consent, whichever
 * agency wrote it, and whether or not it still stands in the review list.
 * @param {{ entry: Entry, by: string }} props */
function Overruled({ entry, by }) {
  return html`<p class="teapot-entry__review"><strong>This does not count as it was given: the person said no as well, and whoever wrote it had not seen that.</strong>
    <span class="teapot-noprint"> <a class="govuk-link" href=${`#entry-${by}`}>Go to the no</a> <a class="govuk-link" href=${`/consent/${entry.person}`}>Ask them again</a></span></p>`;
}

/** What became of it since it was written, in the place where it stands.
 * @param {{ entry: Entry, around: Surroundings }} props */
function WhatHappened({ entry, around }) {
  const { schema } = around;
  const { retracted } = entry;
  const by = around.overruledBy(entry);
  const items = around.reviewOf(entry).filter(({ kind }) => kind !== 'conflict' && !(by && kind === 'overruled_consent'));
  return html`
    ${by && html`<${Overruled} entry=${entry} by=${by} />`}
    ${items.map((item) => html`<p class="teapot-entry__review" key=${item.id}>
      <strong>${item.text}</strong>
      ${item.kind === 'lost_value' && item.field && html` ${fieldLabel(schema, item.entity, item.field)}: ${item.kept.map(({ value }) => valueWords(schema, fieldOf(schema, item.entity, item.field ?? ''), value)).join('; ')}.`}
      <a class="govuk-link teapot-noprint" href="/review">Go to the review list<span class="govuk-visually-hidden">: ${titleOf(schema, entry)}</span></a></p>`)}
    ${retracted && html`<p class="teapot-entry__review">Taken back${retracted.reason ? `: ${valueWords(schema, fieldOf(schema, entry.entity, 'retracted'), retracted.reason)}` : ''}${retracted.hidden ? '' : '. Still shown, because somebody went on with it without having seen that.'}</p>`}`;
}

/** @param {{ entry: Entry, around: Surroundings }} props */
function Body({ entry, around }) {
  const { schema } = around;
  const { quote, texts, rest, differing } = bodyOf(schema, entry);
  return html`
    ${quote && html`<blockquote class="teapot-quote">${quote}</blockquote>`}
    ${texts.map((text) => html`<p class="teapot-entry__text">${text}</p>`)}
    ${rest.length > 0 && html`<dl class="teapot-facts">${rest.map(({ field, label, words }) => html`<div key=${field}><dt>${label}</dt><dd>${words}</dd></div>`)}</dl>`}
    ${differing.map((field) => html`<${Settle} key=${field} schema=${schema} doc=${entry} field=${field} onSettled=${around.onSettled} />`)}`;
}

/** @param {{ entry: Entry, around: Surroundings }} props */
function Author({ entry, around }) {
  const { schema } = around;
  const origin = around.originWords(entry);
  const isFinal = entityOf(schema, entry.entity)?.final ?? true;
  const written = entry.written_at && entry.written_at !== entry.at && !entry.uncertain ? `, written down ${whenNear(entry.written_at)}` : '';
  return html`<p class="teapot-quiet">${whoWords(schema, entry)}${written}${origin && `, on the record ${origin}`}
    ${!entry.at_hub && html` <span class="teapot-flag">not at the hub yet</span>`}
    ${!isFinal && html` <a class="govuk-link teapot-noprint" href=${`/correct/${entry.name}`}>Correct<span class="govuk-visually-hidden"> ${titleOf(schema, entry)}, ${entry.at_text}</span></a>`}</p>`;
}

/** @param {{ entry: Entry, around: Surroundings }} props */
function Drawn({ entry, around }) {
  const isNew = around.isNew(entry);
  return html`<li class="teapot-entry ${isNew ? 'teapot-entry--new' : ''}" id=${`entry-${entry.name}`}>
    <${When} entry=${entry} />
    <div class="teapot-entry__what">
      <h4 class="teapot-entry__title">${isNew && html`<strong class="govuk-tag">New</strong> `}${titleOf(around.schema, entry)}</h4>
      <${Body} entry=${entry} around=${around} />
      <${WhatHappened} entry=${entry} around=${around} />
      <${Author} entry=${entry} around=${around} />
    </div>
  </li>`;
}

/** Drawn again only where it, or what is around it, has changed: a page has thousands. */
export class EntryItem extends Component {
  /** @param {any} next */
  shouldComponentUpdate(next) {
    const now = /** @type {any} */ (this.props);
    return next.entry !== now.entry || (next.around !== now.around && next.around.madeOf(next.entry) !== now.around.madeOf(now.entry));
  }
  /** @param {any} props */
  render({ entry, around }) {
    return html`<${Drawn} entry=${entry} around=${around} />`;
  }
}

// Everything in order, by day; filtered by kind, agency and period.
import { Component } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { useDrawn } from '../parts/drawn.mjs';
import { Select, TextField } from '../parts/field.mjs';
import { EntryItem } from './entry.mjs';
import { agencyLabel } from '../parts/record.mjs';
import { dayOfEntry, dayTyped, entityLabel, sortsAt } from './words.mjs';

/** @typedef {import('../types.d.ts').Entry} Entry */
/** @typedef {import('./entry.mjs').Surroundings} Surroundings */
/** @typedef {{ entity: string, agency: string, from: string, to: string, order: string, onlyNew: boolean }} Filter */

const SPAN_COUNT = 20; // entries that are laid out together, where they are in sight
const FIRST_DRAWN = 2; // spans: more than any screen shows
const NEXT_DRAWN = 1;
const ENTRY_REM = 8; // how high one is, before it was ever in sight

/** @type {Filter} */
export const no_filter = { entity: '', agency: '', from: '', to: '', order: 'newest', onlyNew: false };

/** @param {Entry[]} entries @param {Filter} filter @param {(entry: Entry) => boolean} isNew */
function chosen(entries, filter, isNew) {
  const from = filter.from ? Date.parse(`${filter.from}T00:00Z`) : -Infinity;
  const to = filter.to ? Date.parse(`${filter.to}T23:59:59Z`) : Infinity;
  const day = (/** @type {Entry} */ entry) => Date.parse(dayNumber(entry));
  return entries.filter((entry) => (!filter.entity || entry.entity === filter.entity)
    && (!filter.agency || entry.agency === filter.agency)
    && (!filter.onlyNew || isNew(entry))
    && (!filter.from || day(entry) >= from) && (!filter.to || day(entry) <= to));
}
/** Its day in London as a moment: "Mon 12 Jan 2026" without the weekday.  @param {Entry} entry */
const dayNumber = (entry) => `${dayOfEntry(entry).slice(4)} 12:00 UTC`;

/** @typedef {{ day: string, isRest: boolean, entries: Entry[] }} Day  isRest: its first entries stand in the span before */
/** @typedef {{ key: number, days: Day[], count: number }} Part */

/** Entries below their days.  @param {Entry[]} entries @param {Entry[]} [before]  what stands above them */
function inDays(entries, before) {
  /** @type {Day[]} */
  const days = [];
  let last = before ? dayOfEntry(before[before.length - 1]) : '';
  for (const entry of entries) {
    const day = dayOfEntry(entry);
    if (days.length === 0 || day !== last) days.push({ day, isRest: day === last, entries: [] });
    days[days.length - 1].entries.push(entry);
    last = day;
  }
  return days;
}

/** Spans of so many entries.  They are counted from one entry on, in both directions of time: so neither what is
 * written now, nor the older ones that come behind the first, moves an entry to another span.
 * @param {Entry[]} shown  oldest first @param {string | null} anchor @param {boolean} isNewestFirst @returns {Part[]} */
function inSpans(shown, anchor, isNewestFirst) {
  const from = Math.max(0, shown.findIndex(({ name }) => name === anchor));
  /** @type {{ key: number, entries: Entry[] }[]} */
  const parts = [];
  for (let at = from % SPAN_COUNT === 0 ? 0 : from % SPAN_COUNT - SPAN_COUNT; at < shown.length; at += SPAN_COUNT) {
    const entries = shown.slice(Math.max(0, at), at + SPAN_COUNT);
    parts.push({ key: (at - from) / SPAN_COUNT, entries: isNewestFirst ? entries.reverse() : entries });
  }
  if (isNewestFirst) parts.reverse();
  return parts.map(({ key, entries }, at) => ({ key, days: inDays(entries, parts[at - 1]?.entries), count: entries.length }));
}

/** Drawn again only where one of its entries, or what is around them, has changed; laid out and painted only
 * where it is in sight (person.css), so that thousands of entries scroll like a few. */
class Span extends Component {
  /** @param {any} next */
  shouldComponentUpdate(next) {
    const { span, around } = /** @type {any} */ (this.props);
    if (next.span === span && next.around === around) return false; // while further spans are drawn
    const entries = (/** @type {any} */ of) => of.days.flatMap((/** @type {Day} */ day) => day.entries);
    const before = entries(span);
    return next.span.count !== span.count || next.span.days[0].isRest !== span.days[0].isRest
      || entries(next.span).some((/** @type {Entry} */ entry, /** @type {number} */ at) => entry !== before[at] || next.around.madeOf(entry) !== around.madeOf(entry));
  }
  /** @param {any} props */
  render({ span, around }) {
    return html`<div class="teapot-span" style=${{ containIntrinsicHeight: `auto ${span.count * ENTRY_REM}rem` }}>
      ${span.days.map((/** @type {Day} */ { day, isRest, entries }) => html`<section class="teapot-day" key=${day} aria-label=${isRest ? `${day}, continued` : day}>
        ${!isRest && html`<h3 class="teapot-day__name">${day}</h3>`}
        <ol class="teapot-day__entries">${entries.map((entry) => html`<${EntryItem} key=${entry.name} entry=${entry} around=${around} />`)}</ol>
      </section>`)}
    </div>`;
  }
}

/** A day as it is typed here: what cannot be read as one is said, and leaves the list as it was.
 * @param {{ id: string, label: string, hint: string, value: string, onValue: (day: string) => void }} props */
function DayField({ id, label, hint, value, onValue }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => { if (value === '') setTyped(''); }, [value]);
  const day = dayTyped(typed);
  return html`<${TextField} id=${id} label=${label} hint=${hint} value=${typed} error=${day === null && typed.length > 5 ? 'Write the day as 12/7/2026' : undefined}
    onValue=${(/** @type {string} */ text) => { setTyped(text); const read = dayTyped(text); if (read !== null) onValue(read); }} />`;
}

/** @param {{ filter: Filter, change: (part: Partial<Filter>) => void, entries: Entry[], around: Surroundings }} props */
function FilterForm({ filter, change, entries, around }) {
  const { schema } = around;
  const entities = [...new Set(entries.map(({ entity }) => entity))].map((code) => ({ code, label: entityLabel(schema, code) }));
  const agencies = [...new Set(entries.map(({ agency }) => agency))].filter(Boolean).map((code) => ({ code, label: agencyLabel(schema, code) }));
  return html`<details class="govuk-details teapot-filter teapot-noprint">
    <summary class="govuk-details__summary"><span class="govuk-details__summary-text">Show only some of it</span></summary>
    <form class="teapot-filter__fields" novalidate onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Select} id="filter-entity" label="Kind" none="Every kind" choices=${entities} value=${filter.entity} onValue=${(/** @type {string} */ entity) => change({ entity })} />
      <${Select} id="filter-agency" label="Agency" none="Every agency" choices=${agencies} value=${filter.agency} onValue=${(/** @type {string} */ agency) => change({ agency })} />
      <${DayField} id="filter-since" label="From" hint="Day first: 12/7/2026" value=${filter.from} onValue=${(/** @type {string} */ from) => change({ from })} />
      <${DayField} id="filter-until" label="To" hint="The last day" value=${filter.to} onValue=${(/** @type {string} */ to) => change({ to })} />
      <${Select} id="filter-order" label="Order" choices=${[{ code: 'newest', label: 'Newest first' }, { code: 'oldest', label: 'Oldest first' }]} value=${filter.order} onValue=${(/** @type {string} */ order) => change({ order })} />
      <button type="button" class="govuk-button govuk-button--secondary" onClick=${() => change(no_filter)}>Show everything</button>
    </form>
  </details>`;
}

/**
 * @param {{ entries: Entry[], isWhole: boolean, count: number, left: { hidden: number, given_back: number, erased: number }, filter: Filter, change: (part: Partial<Filter>) => void, around: Surroundings, isPrinting: boolean, onPrinting: () => void }} props
 */
export function Timeline({ entries, isWhole, count, left, filter, change, around, isPrinting, onPrinting }) {
  const anchor = useRef(/** @type {string | null} */ (null));
  const shown = useMemo(() => {
    const some = chosen(entries, filter, around.isNew).map((entry, at) => ({ entry, at, ms: sortsAt(entry) }));
    return some.sort((a, b) => a.ms - b.ms || a.at - b.at).map(({ entry }) => entry);
  }, [entries, filter, around]);
  anchor.current ??= shown[0]?.name ?? null;
  const spans = useMemo(() => inSpans(shown, anchor.current, filter.order === 'newest'), [shown]);
  const drawn = useDrawn(spans.length, filter, { first: FIRST_DRAWN, step: NEXT_DRAWN });
  const isDrawn = isWhole && drawn === spans.length;
  useEffect(() => { if (isPrinting && isDrawn) onPrinting(); }, [isPrinting, isDrawn]);
  const isSome = shown.length !== entries.length;
  return html`<section aria-labelledby="timeline">
    <h2 class="govuk-heading-m" id="timeline" tabindex="-1">Timeline</h2>
    <${FilterForm} filter=${filter} change=${change} entries=${entries} around=${around} />
    <p class="teapot-quiet" role="status">${isSome ? `${shown.length} of ${count} entries` : `${count} ${count === 1 ? 'entry' : 'entries'}`}${left.hidden > 0 ? `, ${left.hidden} taken back and not shown` : ''}${left.given_back > 0 ? `, ${left.given_back} given back` : ''}${left.erased > 0 ? `, ${left.erased} erased` : ''}${isWhole ? '' : `, the newest ${entries.length} so far: reading the older ones`}${isPrinting ? '. It is printed as soon as everything stands here' : ''}</p>
    ${spans.slice(0, drawn).map((span) => html`<${Span} key=${span.key} span=${span} around=${around} />`)}
    ${entries.length === 0 && isWhole && html`<p class="govuk-body">Nothing is written down yet.</p>`}
    ${isSome && shown.length === 0 && html`<p class="govuk-body">Nothing fits. <button type="button" class="teapot-link-button" onClick=${() => change(no_filter)}>Show everything</button></p>`}
  </section>`;
}

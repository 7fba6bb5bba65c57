// One person's page: their own words first, then everything in order.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from 'htm/preact';

import { get, post, useHeld } from '../api.mjs';
import { Notice } from '../parts/notice.mjs';
import { agencyLabel, personWords, useSchema } from '../parts/record.mjs';
import { bornWords, whenNear } from '../parts/when.mjs';
import { useHeldPerson } from './held_person.mjs';
import { Scores } from './scores.mjs';
import { SettledNotice } from './settle.mjs';
import { Timeline, no_filter } from './timeline.mjs';
import { ConsentLine, Details, GivenBack, Open, OwnWords, PeopleAround, Safety } from './top.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').Entry} Entry */
/** @typedef {import('../types.d.ts').PersonPage} PersonPage */
/** @typedef {import('../types.d.ts').ReviewItem} ReviewItem */
/** @typedef {import('../types.d.ts').Settled} Settled */

const NEWEST_COUNT = 100;
const LOOKED_MS = 3000; // who only passes by has not looked
const not_below = ['alias', 'role']; // they stand at the top

/** What was new when the page was opened stays marked while it is open; the node is told that it was seen.  It is
 * counted whole from the beginning, so that what stands above the timeline is not moved by older entries.
 * @param {string} person @param {PersonPage | null} page @param {Entry[]} entries @param {boolean} isWhole */
function useNew(person, page, entries, isWhole) {
  const seen = useRef(new Set());
  const looked = useRef(/** @type {string | null} */ (null));
  if (page && looked.current === null) looked.current = page.looked_at ?? '';
  entries.forEach((entry) => { if (entry.new) seen.current.add(entry.name); });
  const isRead = page !== null && isWhole;
  useEffect(() => {
    if (!isRead) return undefined;
    const look = async () => {
      // What came while the page was being read would count as seen from now on: it is asked for first.
      const { entries: now } = await get(`/api/person/${person}?newest=${NEWEST_COUNT}`);
      now.forEach((/** @type {Entry} */ entry) => { if (entry.new) seen.current.add(entry.name); });
      await post(`/api/person/${person}/looked`, {});
    };
    const timer = setTimeout(() => look().catch(() => {}), LOOKED_MS);
    return () => clearTimeout(timer);
  }, [person, isRead]);
  const toCome = page && !isWhole ? page.new - entries.filter((entry) => entry.new).length : 0;
  return { isNew: (/** @type {Entry} */ entry) => seen.current.has(entry.name), lookedAt: looked.current, count: seen.current.size + toCome };
}

/** @param {{ schema: Schema | null, page: PersonPage }} props */
function Known({ schema, page }) {
  const aliases = page.around.filter(({ entity }) => entity === 'alias').map(({ fields }) => fields.name?.shown).filter(Boolean);
  const born = page.person?.fields.born?.conflict ? null : page.person?.fields.born?.shown;
  const facts = [born && `born ${bornWords(born)}`, aliases.length > 0 && `also ${aliases.join(', ')}`, page.joined.length > 1 && `${page.joined.length} records joined: ${page.persons.map((doc) => agencyLabel(schema, doc.agency)).join(', ')}`].filter(Boolean);
  return facts.length > 0 ? html`<p class="govuk-body teapot-name__facts">${facts.join(' · ')}</p>` : null;
}

/** @param {{ count: number, lookedAt: string | null, isOnlyNew: boolean, onToggle: () => void }} props */
function NewSince({ count, lookedAt, isOnlyNew, onToggle }) {
  if (count === 0) return null;
  return html`<div class="teapot-news teapot-noprint">
    <p><strong>${count} new</strong> ${lookedAt ? `since you last looked, ${whenNear(lookedAt)}` : 'to you'}.</p>
    <button type="button" class="teapot-link-button" aria-pressed=${isOnlyNew} onClick=${onToggle}>${isOnlyNew ? 'Show everything' : 'Show only what is new'}</button>
  </div>`;
}

/** @param {{ person: string, onPrint: () => void }} props */
function Doings({ person, onPrint }) {
  return html`<nav class="govuk-button-group teapot-noprint" aria-label="What you can do here">
    <a class="govuk-button" href=${`/contact/${person}`}>Record a contact or a note</a>
    <a class="govuk-button govuk-button--secondary" href=${`/add/need/${person}`}>Add a need</a>
    <a class="govuk-button govuk-button--secondary" href=${`/add/score/${person}`}>Add a score</a>
    <button type="button" class="govuk-button govuk-button--secondary" onClick=${onPrint}>Print</button>
    <a class="govuk-button govuk-button--secondary" href=${`/export/${person}`}>Save as a file</a>
  </nav>`;
}

/** @param {Schema | null} schema @param {PersonPage | null} page @param {ReviewItem[]} items
 * @param {import('../types.d.ts').ConsentPage['events']} overruled
 * @param {Pick<import('./entry.mjs').Surroundings, 'isNew' | 'onSettled'>} ways
 * @returns {import('./entry.mjs').Surroundings} */
function surroundings(schema, page, items, overruled, ways) {
  const by = new Map(overruled.map(({ name, overruled_by }) => [name, overruled_by]));
  /** @type {Map<string, ReviewItem[]>} */
  const ofRecord = new Map();
  items.forEach((item) => ofRecord.set(item.record, [...ofRecord.get(item.record) ?? [], item]));
  const overruledBy = (/** @type {Entry} */ { name }) => by.get(name) ?? null;
  const reviewOf = (/** @type {Entry} */ { name }) => ofRecord.get(name) ?? [];
  return {
    ...ways, schema, overruledBy, reviewOf,
    madeOf: (entry) => `${schema ? 1 : 0} ${overruledBy(entry) ?? ''} ${reviewOf(entry).map(({ id }) => id).join()}`,
    originWords: (entry) => {
      const of = page && page.joined.length > 1 ? page.persons.find(({ name }) => name === entry.origin) : null;
      return of ? `${personWords(of)} (${agencyLabel(schema, of.agency)})` : '';
    },
  };
}

/** @param {import('../types.d.ts').PageProps} props */
export function Page({ args }) {
  const person = args[0];
  const schema = useSchema();
  const { page, entries, isWhole, problem } = useHeldPerson(person);
  const reviews = useHeld(`/api/review?person=${person}`);
  const consent = useHeld(`/api/person/${person}/consent`);
  const { isNew, lookedAt, count } = useNew(person, page, entries, isWhole);
  const [filter, setFilter] = useState(no_filter);
  const [isPrinting, setPrinting] = useState(false); // when all of it stands there
  const [settled, setSettled] = useState(/** @type {Settled | null} */ (null));
  const items = /** @type {ReviewItem[]} */ (/** @type {any} */ (reviews.held)?.items ?? []);
  const overruled = /** @type {import('../types.d.ts').ConsentPage['events']} */ (/** @type {any} */ (consent.held)?.events ?? []).filter(({ overruled_by }) => overruled_by);
  const below = useMemo(() => entries.filter(({ entity }) => !not_below.includes(entity)), [entries]);
  const around = useMemo(() => surroundings(schema, page, items, overruled, { isNew, onSettled: setSettled }), [schema, reviews.held, consent.held, page]);
  // The heading stays the same element while the page is read: it has the focus.
  const heading = html`<h1 class="govuk-heading-l teapot-name">${!page ? 'One person' : page.person ? personWords(page.person) : 'Somebody whose details are not held here'}</h1>`;
  if (!page) {
    return html`<div class="teapot-person">${heading}${problem && html`<${Notice} kind="trouble">${problem.status === 404 ? 'Nothing is held here about this person.' : problem.message}</${Notice}>`}</div>`;
  }
  const top = { schema, page, onSettled: setSettled };
  // Nothing more can be written about somebody erased: what is left of others' notes stands in the timeline.
  const isErased = page.persons.every((doc) => doc.erased_on);
  const printNow = () => { setPrinting(false); setTimeout(() => print()); };
  const change = (/** @type {Partial<typeof no_filter>} */ part) => setFilter((before) => ({ ...before, ...part }));
  return html`<div class="teapot-person">
    ${heading}
    <${Known} schema=${schema} page=${page} />
    <${GivenBack} page=${page} />
    ${problem && html`<${Notice} kind="trouble">${problem.message}</${Notice}>`}
    ${settled && html`<${SettledNotice} schema=${schema} settled=${settled} onSettled=${setSettled} />`}
    ${isErased ? html`<p class="govuk-body teapot-noprint"><a class="govuk-link" href="/contact">Record a contact with somebody new</a></p>` : html`
    <${OwnWords} ...${top} />
    <${Safety} ...${top} />
    <${Doings} person=${person} onPrint=${() => setPrinting(true)} />
    <${NewSince} count=${count} lookedAt=${lookedAt} isOnlyNew=${filter.onlyNew} onToggle=${() => change({ onlyNew: !filter.onlyNew })} />
    <div class="teapot-person__columns">
      <div><${PeopleAround} ...${top} /><${ConsentLine} ...${top} /></div>
      <div><${Open} ...${top} /><${Details} ...${top} /></div>
    </div>
    <${Scores} schema=${schema} entries=${entries} person=${person} />`}
    <${Timeline} entries=${below} isWhole=${isWhole} count=${below.length} left=${page} filter=${filter} change=${change} around=${around} isPrinting=${isPrinting} onPrinting=${printNow} />
  </div>`;
}

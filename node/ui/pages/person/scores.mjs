// Scores over time: a small chart, and the same numbers in a table.
import { html } from 'htm/preact';

import { dayOfEntry, fieldOf, sortsAt, valueWords } from './words.mjs';

/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').Entry} Entry */
/** @typedef {{ entry: Entry, day: string, ms: number, total: number, change: number | null, isReliable: boolean }} Point */

// As schema/score.c has them.  `reliable`: a smaller change may be chance; null: nobody has published one.
const scales = /** @type {Record<string, { max: number, reliable: number | null, better: string }>} */ ({
  ndt: { max: 48, reliable: null, better: 'Lower is better.' },
  reqol_10: { max: 40, reliable: 5, better: 'Higher is better.' },
});
const WIDTH = 320;
const HEIGHT = 120;
const LEFT = 28;
const BOTTOM = 18;

/** The scores of one scale, the oldest first.  @param {Entry[]} entries @param {string} scale @returns {Point[]} */
export function pointsOf(entries, scale) {
  const some = entries.filter((entry) => entry.entity === 'score' && entry.fields.scale?.shown === scale && typeof entry.fields.total?.shown === 'number')
    .map((entry) => ({ entry, day: dayOfEntry(entry), ms: sortsAt(entry), total: entry.fields.total.shown }))
    .sort((a, b) => a.ms - b.ms);
  const reliable = scales[scale]?.reliable;
  return some.map((point, at) => {
    const change = at === 0 ? null : point.total - some[at - 1].total;
    return { ...point, change, isReliable: change !== null && !!reliable && Math.abs(change) >= reliable };
  });
}

/** "+6, a reliable change".  @param {Point} point @param {number | null} reliable */
function changeWords({ change, isReliable }, reliable) {
  if (change === null) return 'the first';
  const sign = change > 0 ? `+${change}` : change < 0 ? `−${-change}` : 'no change';
  return reliable === null || change === 0 ? sign : `${sign}, ${isReliable ? 'a reliable change' : 'may be chance'}`;
}

/** @param {{ points: Point[], scale: string, label: string }} props */
function Chart({ points, scale, label }) {
  const { max, reliable } = scales[scale];
  const [first, last] = [points[0].ms, points[points.length - 1].ms];
  const x = (/** @type {number} */ ms) => (last === first ? (LEFT + WIDTH) / 2 : LEFT + 8 + ((ms - first) / (last - first)) * (WIDTH - LEFT - 24));
  const y = (/** @type {number} */ total) => HEIGHT - BOTTOM - (total / max) * (HEIGHT - BOTTOM - 10);
  const base = points[0].total;
  const band = reliable === null ? '' : ` The band goes from ${Math.max(0, base - reliable)} to ${Math.min(max, base + reliable)}.`;
  const words = `${label}: ${points.map(({ day, total }) => `${total} on ${day}`).join(', ')}.${band}`;
  return html`<svg class="teapot-chart" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${words}>
    ${reliable !== null && html`<rect class="teapot-chart__band" x=${LEFT} width=${WIDTH - LEFT - 8} y=${y(Math.min(max, base + reliable))} height=${y(Math.max(0, base - reliable)) - y(Math.min(max, base + reliable))} />`}
    ${[0, max / 2, max].map((total) => html`<g key=${total}><line class="teapot-chart__grid" x1=${LEFT} x2=${WIDTH - 8} y1=${y(total)} y2=${y(total)} /><text class="teapot-chart__text" x=${LEFT - 4} y=${y(total) + 4} text-anchor="end">${total}</text></g>`)}
    <polyline class="teapot-chart__line" points=${points.map(({ ms, total }) => `${x(ms)},${y(total)}`).join(' ')} />
    ${points.map(({ ms, total, entry }) => html`<circle key=${entry.name} class="teapot-chart__point" cx=${x(ms)} cy=${y(total)} r="4" />`)}
    <text class="teapot-chart__text" x=${LEFT} y=${HEIGHT - 3}>${points[0].day}</text>
    ${points.length > 1 && html`<text class="teapot-chart__text" x=${WIDTH - 8} y=${HEIGHT - 3} text-anchor="end">${points[points.length - 1].day}</text>`}
  </svg>`;
}

/** @param {{ schema: Schema | null, entries: Entry[], scale: string }} props */
function Scale({ schema, entries, scale }) {
  const points = pointsOf(entries, scale);
  if (points.length === 0) return null;
  const { max, reliable, better } = scales[scale];
  const label = valueWords(schema, fieldOf(schema, 'score', 'scale'), scale);
  return html`<div class="teapot-scale">
    <h3 class="govuk-heading-s">${label}</h3>
    <p class="teapot-quiet">0 to ${max}. ${better}${reliable === null ? '' : ` A change of ${reliable} or more is reliable; the band shows what may be chance, around the first score.`}</p>
    <div class="teapot-scale__both">
      <${Chart} points=${points} scale=${scale} label=${label} />
      <table class="govuk-table teapot-scale__table">
        <caption class="govuk-visually-hidden">${label}</caption>
        <thead><tr><th scope="col" class="govuk-table__header">Taken on</th><th scope="col" class="govuk-table__header">Total</th><th scope="col" class="govuk-table__header">Since the one before</th></tr></thead>
        <tbody>${points.map((point) => html`<tr key=${point.entry.name}><td class="govuk-table__cell">${point.day}</td><td class="govuk-table__cell">${point.total}</td><td class="govuk-table__cell">${changeWords(point, reliable)}</td></tr>`)}</tbody>
      </table>
    </div>
  </div>`;
}

/** @param {{ schema: Schema | null, entries: Entry[], person: string }} props */
export function Scores({ schema, entries, person }) {
  const isAny = entries.some(({ entity }) => entity === 'score');
  return html`<section class="teapot-scores" aria-labelledby="scores">
    <h2 class="govuk-heading-m" id="scores">Scores</h2>
    ${Object.keys(scales).map((scale) => html`<${Scale} key=${scale} schema=${schema} entries=${entries} scale=${scale} />`)}
    ${!isAny && html`<p class="govuk-body">No score is written down yet.</p>`}
    <p class="govuk-body teapot-noprint"><a class="govuk-link" href=${`/add/score/${person}`}>Add a score</a></p>
  </section>`;
}

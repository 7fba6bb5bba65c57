// Two records, one person?  Side by side, with what would be shared with whom after it; and undone again.
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';

import { post, useStatus } from '../api.mjs';
import { useDraft } from '../parts/draft.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { TextField } from '../parts/field.mjs';
import { Notice } from '../parts/notice.mjs';
import { PersonName, allOf, kindWords, personWords, shown, useSchema } from '../parts/record.mjs';
import { useSaving, write } from '../parts/saving.mjs';
import { go } from '../router.mjs';
import { valueWords } from '../person/words.mjs';
import { DraftLine } from './draft_line.mjs';
import { FindPeople } from './find_people.mjs';

/** @typedef {import('../types.d.ts').JoinPreview} JoinPreview */
/** @typedef {import('../types.d.ts').RecordDocument} RecordDocument */
/** @typedef {import('../types.d.ts').Schema} Schema */
/** @typedef {import('../types.d.ts').PageProps} PageProps */

/** With whom?  @param {PageProps} props */
export function PickOther({ args }) {
  const [text, setText] = useState('');
  return html`
    <h1 class="govuk-heading-l">Which other record is theirs too?</h1>
    <p class="govuk-body">One is <strong><${PersonName} person=${args[0]} isLink=${true} /></strong>.</p>
    <${FindPeople} id="who" label="The other one" hint="A name, a street name or how they look" value=${text} onValue=${setText} without=${[args[0]]}
      onPick=${(/** @type {import('../types.d.ts').Card} */ card) => go(`/join/${args[0]}/${card.name}`)} />`;
}

/** @param {string} a @param {string} b */
function usePreview(a, b) {
  const [answer, setAnswer] = useState(/** @type {{ preview: JoinPreview | null, trouble: string }} */ ({ preview: null, trouble: '' }));
  const { status } = useStatus();
  useEffect(() => {
    let isCurrent = true;
    post('/api/join/preview', { a, b }).then((preview) => { if (isCurrent) setAnswer({ preview, trouble: '' }); }, ({ message }) => { if (isCurrent) setAnswer({ preview: null, trouble: message }); });
    return () => { isCurrent = false; };
  }, [a, b, status?.revision]);
  return answer;
}

/** @param {Schema | null} schema @param {any} value @param {import('../types.d.ts').SchemaField} field */
function known(schema, value, field) {
  return valueWords(schema, field, value) || html`<span class="teapot-quiet">Not known</span>`;
}

/** @param {{ preview: JoinPreview, schema: Schema | null }} props */
function SideBySide({ preview: { a, b }, schema }) {
  const fields = schema?.entities.find(({ name }) => name === 'person')?.fields ?? [];
  const rows = fields.filter(({ name }) => shown(a, name) !== null || shown(b, name) !== null);
  return html`<table class="govuk-table teapot-beside">
    <caption class="govuk-table__caption govuk-table__caption--m">What each record says</caption>
    <thead><tr><td></td><th scope="col">The first</th><th scope="col">The other</th></tr></thead>
    <tbody>${rows.map((field) => {
      const { name, label } = field;
      const differs = shown(a, name) !== null && shown(b, name) !== null && JSON.stringify(shown(a, name)) !== JSON.stringify(shown(b, name));
      return html`<tr key=${name} class=${differs ? 'teapot-beside--differs' : ''}>
        <th scope="row">${label}${differs && html` <span class="govuk-visually-hidden">(they differ)</span>`}</th>
        <td>${known(schema, shown(a, name), field)}</td><td>${known(schema, shown(b, name), field)}</td>
      </tr>`;
    })}</tbody>
  </table>`;
}

/** @param {{ preview: JoinPreview, schema: Schema | null }} props */
function Shared({ preview: { after }, schema }) {
  const words = (/** @type {string[]} */ kinds) => allOf(kinds.map((kind) => kindWords(schema, kind)));
  const gaining = after.filter(({ gains }) => gains.length > 0);
  return html`<section class="teapot-meaning">
    <h2 class="govuk-heading-m">Who would see what after it</h2>
    ${after.length === 0 && html`<p class="govuk-body">Nothing is shared with anybody outside your agency.</p>`}
    <ul class="govuk-list govuk-list--bullet">${after.map(({ agency, label, kinds, gains }) => html`<li key=${agency}><strong>${label}</strong>: ${words(kinds) || 'nothing'}${gains.length > 0 && html`. <strong>New to them: ${words(gains)}</strong>`}</li>`)}</ul>
    ${gaining.length > 0 && html`<p class="govuk-inset-text">Joining shows ${allOf(gaining.map(({ label }) => label))} more than before. Ask the person first.</p>`}
  </section>`;
}

/** @typedef {{ key: string, form: { why: string }, change: (more: { why?: string }) => void, isReady: boolean, saved: any, stop: () => void }} Draft */

/** @param {{ a: string, b: string, isJoined: boolean, draft: Draft }} props */
function Decide({ a, b, isJoined, draft: { key, form, change, isReady, saved, stop } }) {
  const { errors, setErrors, isBusy, run, errorOf } = useSaving({ why: 'why', same_as: 'save', joins: 'save' }, 'save');
  const [done, setDone] = useState('');
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!form.why.trim()) { setErrors([{ id: 'why', text: isJoined ? 'Write what showed that they are two' : 'Write what makes you sure' }]); return; }
    const is_done = await run(async () => {
      stop();
      await write([{ op: isJoined ? 'unjoin' : 'join', record: b, set: { same_as: a, why: form.why.trim() } }], key);
      setDone(isJoined ? 'They are two people again.' : 'They are one person now: both timelines are shown as one.');
      change({ why: '' });
      stop();
    });
    if (!is_done) change({});
  };
  if (!isReady) return null;
  return html`<form novalidate onSubmit=${save}>
    <${ErrorSummary} errors=${errors} />
    ${done && html`<${Notice} kind="done">${done}</${Notice}>`}
    <${TextField} id="why" label=${isJoined ? 'What showed that they are two?' : 'What makes you sure?'} hint=${isJoined ? '' : 'Such as: same NHS number; she says so herself'} value=${form.why} onValue=${(/** @type {string} */ why) => change({ why })} error=${errorOf('why')} />
    <div class="govuk-button-group">
      <button type="submit" id="save" class="govuk-button" disabled=${isBusy}>${isJoined ? 'Undo: they are two people' : 'They are one person'}</button>
      <a class="govuk-link" href=${`/person/${a}`}>${isJoined ? 'Everything about them' : 'Leave them apart'}</a>
    </div>
    <${DraftLine} saved=${saved} />
  </form>`;
}

/** @param {PageProps} props */
export function Join({ args }) {
  const [a, b] = args;
  const schema = useSchema();
  const key = `join-${a}-${b}`.slice(0, 64); // as long as a key may be; two sequence numbers never are
  const draft = { key, ...useDraft(key, { why: '' }) }; // before the preview is asked for: the document brought it
  const { preview, trouble } = usePreview(a, b);
  if (!preview) return html`<h1 class="govuk-heading-l">Two records, one person?</h1>${trouble && html`<${Notice} kind="trouble">${trouble}</${Notice}>`}`;
  const isJoined = preview.a.joined?.includes(b) ?? false;
  return html`
    <h1 class="govuk-heading-l">${isJoined ? 'These two records are one person' : 'Two records, one person?'}</h1>
    <p class="govuk-body"><strong>${personWords(preview.a)}</strong> and <strong>${personWords(preview.b)}</strong>. Nothing is lost by joining them, and it can be undone.</p>
    <${SideBySide} preview=${preview} schema=${schema} />
    ${!isJoined && html`<${Shared} preview=${preview} schema=${schema} />`}
    <${Decide} a=${a} b=${b} isJoined=${isJoined} draft=${draft} />`;
}

// Somebody shows the code they were given: which request is it?
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

import { post } from '../api.mjs';
import { ErrorSummary } from '../parts/error_summary.mjs';
import { TextField } from '../parts/field.mjs';
import { useSaving } from '../parts/saving.mjs';
import { go } from '../router.mjs';

/** @param {import('../types.d.ts').PageProps} _props */
export function Page(_props) {
  const [code, setCode] = useState('');
  const { errors, setErrors, isBusy, run, errorOf } = useSaving({ code: 'code' }, 'code');
  const look = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!code.trim()) { setErrors([{ id: 'code', text: 'Type the code that they show you' }]); return; }
    run(async () => { const { record } = await post('/api/code', { code }); go(`/request/${record}`); });
  };
  return html`
    <${ErrorSummary} errors=${errors} />
    <h1 class="govuk-heading-l">Look up a code</h1>
    <form novalidate onSubmit=${look}>
      <${TextField} id="code" label="The code they were given" hint="Nine letters and digits, such as K7F-2QX-9MD; large or small, with or without the dashes" value=${code} onValue=${setCode} error=${errorOf('code')} width="20" />
      <button type="submit" class="govuk-button" disabled=${isBusy}>Look it up</button>
    </form>
    <p class="govuk-body">Only a request that is held on this device is found here. A kiosk asks the hub, when there is a network.</p>`;
}

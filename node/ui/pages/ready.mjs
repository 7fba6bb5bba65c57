// While the node puts what it holds in order after an upgrade (readying.c): moves the bar, and when it is ready loads
// the page that was asked for.  A kiosk says it in each of its languages, since nobody has chosen one.
import { stopLeaving } from './kiosk/leaving.mjs';
import { loadTexts } from './kiosk/texts.mjs';

const LOOK_MS = 1000;

const label = document.querySelector('label');
const bar = document.querySelector('progress');
const languages = document.querySelector('#languages');

/** @param {{ done?: number, of?: number }} problem */
function show({ done, of }) {
  if (!label || !bar || done === undefined || !of) return;
  const percent = Math.floor((100 * done) / of);
  label.textContent = languages ? `${percent}%` : `${percent}% done`;
  bar.value = percent;
}

async function look() {
  try {
    const response = await fetch('/api/status', { cache: 'no-store' });
    const answer = await response.json();
    if (answer.error !== 'rebuilding') {
      location.reload();
      return;
    }
    show(answer);
  } catch {
    // It is starting again: it will be there.
  }
  setTimeout(look, LOOK_MS);
}

/** @param {string} kind @param {string} text */
function element(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

/** @param {Element} place */
async function sayInEach(place) {
  for (const [lang, text] of await loadTexts()) {
    const item = document.createElement('li');
    item.lang = lang;
    item.dir = text.dir;
    item.append(element('h2', text.readying_title), element('p', text.readying));
    place.append(item);
  }
}

if (languages) {
  stopLeaving();
  sayInEach(languages).catch(() => {}); // the bar goes on all the same
}
look();

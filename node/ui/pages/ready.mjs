// While the node puts what it holds in order after an upgrade (readying.c): moves the bar, and when it is ready loads
// the page that was asked for.
const LOOK_MS = 1000;

const label = document.querySelector('label');
const bar = document.querySelector('progress');

/** @param {{ done?: number, of?: number }} problem */
function show({ done, of }) {
  if (!label || !bar || done === undefined || !of) return;
  const percent = Math.floor((100 * done) / of);
  label.textContent = `${percent}% done`;
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
look();

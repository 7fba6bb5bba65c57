// Moments in words, in Europe/London, as the node's own pages of text say them.
const zone = { timeZone: 'Europe/London' };
const time_form = new Intl.DateTimeFormat('en-GB', { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day_form = new Intl.DateTimeFormat('en-GB', { ...zone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });

/** "20:05".  @param {string | Date} at */
export const timeOf = (at) => time_form.format(new Date(at));
/** "12/1/2026", as the node reads it when it is typed.  @param {string | Date} at */
export const dayToType = (at) => new Intl.DateTimeFormat('en-GB', { ...zone, day: 'numeric', month: 'numeric', year: 'numeric' }).format(new Date(at));
/** "12/1/2026 20:05".  @param {string | Date} at */
export const timeToType = (at) => `${dayToType(at)} ${timeOf(at)}`;
/** "Mon 12 Jan 2026".  @param {string | Date} at */
export const dayOf = (at) => day_form.format(new Date(at)).replace(',', '');

// What time the node says it is: this machine's own clock may never have been set (design section 3).
/** @type {{ at_ms: number, told_ms: number } | null} */
let clock = null;

/** The node has said what time it is.  @param {string} now */
export function setNodeClock(now) {
  clock = { at_ms: Date.parse(now), told_ms: performance.now() };
}

/** @returns {Date | null} */
const nodeNow = () => clock && new Date(clock.at_ms + performance.now() - clock.told_ms);

/** "20:05" today, else "Mon 12 Jan 2026 20:05": with its day too while nobody has said what day it is.
 * @param {string | Date} at @param {string | Date | null} [now] */
export function whenNear(at, now = nodeNow()) {
  const day = dayOf(at);
  return now && day === dayOf(now) ? timeOf(at) : `${day} ${timeOf(at)}`;
}

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** "1984", "May 1984", "11 May 1984", "about 1970".  @param {string} born */
export function bornWords(born) {
  const [, about, year, month, day] = born.match(/^(~?)(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/) ?? [];
  if (!year) return born;
  return [about && 'about', day && Number(day), month && months[Number(month) - 1], year].filter(Boolean).join(' ');
}

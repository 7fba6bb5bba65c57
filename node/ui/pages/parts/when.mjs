// Moments in words, in Europe/London, as the node's own pages of text say them.
const zone = { timeZone: 'Europe/London' };
const time_form = new Intl.DateTimeFormat('en-GB', { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day_form = new Intl.DateTimeFormat('en-GB', { ...zone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });

/** "20:05".  @param {string | Date} at */
export const timeOf = (at) => time_form.format(new Date(at));
/** "Mon 12 Jan 2026".  @param {string | Date} at */
export const dayOf = (at) => day_form.format(new Date(at)).replace(',', '');
/** "20:05" today, else "Mon 12 Jan 2026 20:05".  @param {string | Date} at @param {string | Date} [now] */
export function whenNear(at, now = new Date()) {
  const day = dayOf(at);
  return day === dayOf(now) ? timeOf(at) : `${day} ${timeOf(at)}`;
}

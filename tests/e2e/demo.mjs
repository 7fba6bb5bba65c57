// Plays the winter week with a progress line, shows what a lead practitioner sees, and serves the pages of the
// van, the desk, the lead practitioner and the kiosk until Ctrl-C.  With no terminal it prints, stops what it
// started and ends.  Started by toolchains/run-demo.sh.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Pages } from './pages.mjs';
import { LABELS, Week } from './week.mjs';
import { World } from './world.mjs';

const FACES = [
  { device: 'van', who: 'Dee, on the van', look: 'say that Dee writes, and see what waits for her' },
  { device: 'desk', who: 'Priya, at the Friary\'s desk', look: 'say that Priya writes: another agency, another share of what is known' },
  { device: 'lead', who: 'Ngozi, lead practitioner', look: 'say that Ngozi writes, and read Baz and Sean' },
  { device: 'kiosk', who: 'somebody at the kiosk in the drop-in', look: 'ask for something, keep the code, and ask after it' },
];
const TICK_MS = 1000;

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-demo-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const week = new Week(world, process.argv[2]);
const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
const served = [];
let ticking = null;
let isEnding = false;

async function end(code) {
  if (isEnding) return;
  isEnding = true;
  clearInterval(ticking);
  await Promise.all(served.map((pages) => pages.end()));
  await world.stop();
  fs.rmSync(data, { recursive: true, force: true });
  process.exit(code);
}

function progress(line, count) {
  const day = new Date(line.at).toLocaleString('en-GB', { weekday: 'long', hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' });
  const text = `${String(line.n).padStart(3)} of ${count}  ${day}  ${line.device} ${line.op} ${line.op === 'sync' ? '' : line.entity}`;
  if (isTerminal) process.stdout.write(`\r\x1b[K${text}`);
  else if (line.op === 'sync') console.log(text);
}

async function showWhatCameOut() {
  const lead = world.devices.get('lead');
  const heading = (text) => console.log(`\n=== ${text}\n`);
  heading('What Ngozi, lead practitioner, sees: Baz');
  console.log(await lead.teapot(['timeline', week.names.get('p-baz'), '--worker', 'Ngozi']));
  heading('... and Sean, whom two agencies had met under two spellings');
  console.log(await lead.teapot(['timeline', week.names.get('p-sean-1'), '--worker', 'Ngozi']));
  heading('What waits for her review');
  console.log(await lead.teapot(['review', '--worker', 'Ngozi']));
}

// The devices live in the evening on which the week ended, and their clocks go on from there as ours does.
function goOnFromTheWeek() {
  const endedAt = week.settleClocks();
  const clocks = [world.hubClock, ...[...world.devices.values()].map(({ clock }) => clock)];
  let last = performance.now();
  ticking = setInterval(() => {
    const passed = Math.round(performance.now() - last);
    last += passed;
    clocks.forEach((clock) => clock.pass(passed));
  }, TICK_MS);
  return endedAt;
}

async function servePages() {
  const endedAt = goOnFromTheWeek();
  for (const { device } of FACES) {
    const pages = new Pages(world.devices.get(device));
    served.push(pages);
    await pages.serve();
    pages.exited.then(({ code, signal }) => { if (!isEnding) console.error(`\nThe pages of ${device} have ended (${code ?? signal}): ${pages.errors}`); });
  }
  const when = new Date(endedAt).toLocaleString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' });
  console.log(`\n=== The pages, in a browser on this machine\n\nFor them it is ${when}, when the week ended, and the clocks go on.`);
  FACES.forEach(({ who, look }, i) => console.log(`\n${who}: ${look}\n  ${served[i].address}`));
}

// The commands of two devices, in a file: their paths are longer than a line of a terminal.
function whatNext() {
  const use = (name, worker) => `${name}() { TP_TEST_CLOCK='${path.join(data, `${name}.clock`)}' '${world.teapot}' --dir '${path.join(data, name)}' --worker ${worker} "$@"; }\n`;
  const commands = path.join(data, 'commands.sh');
  fs.writeFileSync(commands, use('van', 'Dee') + use('lead', 'Ngozi'));
  console.log(`\nThe hub listens on ${world.url}. What is written on one page is on the others within a minute or at
"Send now". In another terminal, try:\n
  . ${commands}
  van find Baz
  van contact Baz "Saw him by the library, dry and cheerful" --kind street
  lead sync
  lead timeline Baz\n\nCtrl-C ends it all.`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0));
try {
  await week.setUp(LABELS);
  for (const line of week.lines) {
    progress(line, week.lines.length);
    await week.play(line);
  }
  if (isTerminal) process.stdout.write('\r\x1b[K');
  console.log('The week has been played: five devices, four agencies, one hub.');
  await showWhatCameOut();
  await servePages();
} catch (error) {
  if (isEnding) await new Promise(() => {}); // Ctrl-C cut it short: end() sees to the rest
  console.error(`\nThe demo failed: ${error.message}`);
  await end(1);
}
if (!isTerminal) await end(0);
whatNext();

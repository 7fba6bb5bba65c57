// Plays the winter week with a progress line, shows what a lead practitioner sees, and keeps the hub running
// until Ctrl-C.  With no terminal it prints, stops what it started and ends.  Started by
// toolchains/run-demo.sh.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Week } from './week.mjs';
import { World } from './world.mjs';

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-demo-'));
const world = new World({ bin: process.env.TEAPOT_BIN, data });
const week = new Week(world, process.argv[2]);
const isTerminal = process.stdin.isTTY && process.stdout.isTTY;

async function end(code) {
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

// The commands of two devices, in a file: their paths are longer than a line of a terminal.
function whatNext() {
  const use = (name, worker) => `${name}() { TP_TEST_CLOCK='${path.join(data, `${name}.clock`)}' '${world.teapot}' --dir '${path.join(data, name)}' --worker ${worker} "$@"; }\n`;
  const commands = path.join(data, 'commands.sh');
  fs.writeFileSync(commands, use('van', 'Dee') + use('lead', 'Ngozi'));
  console.log(`\nThe hub listens on ${world.url}. In another terminal, try:\n
  . ${commands}
  van find Baz
  van contact Baz "Saw him by the library, dry and cheerful" --kind street
  van status
  van sync
  lead sync
  lead timeline Baz\n\nCtrl-C ends it all.`);
}

process.once('SIGINT', () => end(0)).once('SIGTERM', () => end(0));
try {
  await week.setUp();
  for (const line of week.lines) {
    progress(line, week.lines.length);
    await week.play(line);
  }
  if (isTerminal) process.stdout.write('\r\x1b[K');
  console.log('The week has been played: five devices, four agencies, one hub.');
  await showWhatCameOut();
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`);
  await end(1);
}
if (!isTerminal) await end(0);
whatNext();
setInterval(() => {}, 1 << 30); // until Ctrl-C

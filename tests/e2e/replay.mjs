// Plays DIR/script.jsonl through real processes and prints one line for each check of DIR/expect.json.
// Usage: replay [--keep DATA] DIR          (the wrapper `replay` builds the programs first)
//
// Shows P10, P11.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Checks, title } from './checks.mjs';
import { BadWeek, readWeek, Week } from './week.mjs';
import { World } from './world.mjs';

function usage(problem) {
  console.error(`${problem}\nUsage: tests/e2e/replay [--keep DATA] DIR\n  DIR   a folder with script.jsonl and expect.json\n  DATA  where every data directory is left (must not exist yet)`);
  process.exit(2);
}

function readArguments(args) {
  const options = { keep: null, dir: null };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--keep') options.keep = args[++i] ?? usage('--keep needs a folder.');
    else if (args[i].startsWith('-')) usage(`Unknown option ${args[i]}.`);
    else if (options.dir) usage('One folder at a time.');
    else options.dir = args[i];
  }
  if (!options.dir) usage('Which week?');
  for (const name of ['script.jsonl', 'expect.json']) {
    if (!fs.existsSync(path.join(options.dir, name))) usage(`${options.dir} has no ${name}.`);
  }
  if (options.keep && fs.existsSync(options.keep)) usage(`${options.keep} is there already.`);
  return options;
}

// A week that cannot be played ends here, before anything is made.
function readOrEnd(dir) {
  try {
    return readWeek(dir);
  } catch (error) {
    if (!(error instanceof BadWeek)) throw error;
    console.error(`${dir}: ${error.message}`);
    return process.exit(2);
  }
}

async function main() {
  const { keep, dir } = readArguments(process.argv.slice(2));
  const played = readOrEnd(dir);
  const data = keep ? path.resolve(keep) : fs.mkdtempSync(path.join(os.tmpdir(), 'teapot-week-'));
  fs.mkdirSync(data, { recursive: true, mode: 0o700 });
  const world = new World({ bin: process.env.TEAPOT_BIN, data });
  const week = new Week(world, dir, played);
  const checks = new Checks(week);
  let failed = 0;
  let held = 0;
  const hold = async (due) => {
    for (const check of due) {
      try {
        await checks.hold(check);
        held++;
        console.log(`held    ${title(check)}`);
      } catch (error) {
        failed++;
        console.log(`FAILED  ${title(check)}\n        ${error.message}${check.why ? `\n        expected because: ${check.why}` : ''}`);
      }
    }
  };
  const stop = () => world.stop('SIGKILL').finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await week.setUp();
    for (const line of week.lines) {
      try {
        await week.play(line);
      } catch (error) {
        throw new Error(`line ${line.n}: ${error.message}`);
      }
      if (line.op === 'sync') await checks.note(line.device);
      await hold(week.expect.checks.filter((check) => check.after_line === line.n));
    }
    await hold(week.expect.checks.filter((check) => !check.after_line));
  } catch (error) {
    failed++;
    console.log(`FAILED  ${error.message}${world.serverErrors ? `\n        the hub said: ${world.serverErrors.trim()}` : ''}`);
  } finally {
    await world.stop();
    if (!keep) fs.rmSync(data, { recursive: true, force: true });
  }
  const total = week.expect.checks.length;
  console.log(`${held} of ${total} checks held${keep ? `; data is in ${data}` : ''}`);
  process.exit(failed === 0 ? 0 : 1);
}

await main();

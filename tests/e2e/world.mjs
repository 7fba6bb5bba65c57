// A hub and its devices as real processes over TLS on loopback, each with a clock of its own.
//
// World knows how to set up, start and stop; it knows nothing of what a week contains (week.mjs) or of what
// must come out of it (checks.mjs).
import { execFile, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const TIMES = Number(process.env.TEAPOT_TIMES ?? 1); // how many times as long all may take, under valgrind say
const COMMAND_MS_MAX = 60_000 * TIMES; // one that takes longer hangs: it is ended and its name told

// What a command printed for a person, line by line; <time> stands for what is like "Mon 12 Jan 2026 20:02".
export const linesOf = (text) => text.replaceAll('\r', '').replace(/\b\w{3} \d{1,2} \w{3} \d{4} \d\d:\d\d\b/g, '<time>').split('\n').slice(0, -1);

// What a device's clock and uptime read, as the clock hook of test builds reads it: "WALL_MS UP_MS BOOT".
export class Clock {
  constructor(file) {
    this.file = file;
  }
  set(wallMs, upMs, boot) {
    Object.assign(this, { ms: wallMs, upMs, boot });
    const next = `${this.file}.next`;
    fs.writeFileSync(next, `${wallMs} ${upMs} ${boot}\n`);
    fs.renameSync(next, this.file);
  }
  // Both hands go on together.
  pass(ms) {
    this.set(this.ms + ms, this.upMs + ms, this.boot);
  }
}

// A command that failed: its exit code and both outputs, for a message a person can act on.
export class CommandFailed extends Error {
  constructor(program, args, error) {
    super(`${path.basename(program)} ${args.join(' ')}: ${error.killed ? 'hung' : `exit ${error.code}`}: ${(error.stderr || error.stdout || error.message).trim()}`);
    this.exit = error.code;
    this.stdout = error.stdout;
    this.stderr = error.stderr;
  }
}

async function command(program, args, { env = {}, input = '' } = {}) {
  const started = run(program, args, { env: { ...process.env, ...env }, maxBuffer: 1 << 28, timeout: COMMAND_MS_MAX, killSignal: 'SIGKILL' });
  started.child.stdin.on('error', () => {}); // it may end before it has read everything
  started.child.stdin.end(input);
  try {
    return (await started).stdout;
  } catch (error) {
    throw new CommandFailed(program, args, error);
  }
}

export class Device {
  constructor(world, name, { agency, kiosk }) {
    Object.assign(this, { world, name, agency, kiosk, dir: path.join(world.data, name) });
    this.clock = new Clock(path.join(world.data, `${name}.clock`));
  }
  // Which build it runs: '' or '-next'; what its clock is: the hook's file, or what a test puts in its place.
  get program() {
    return this.world.teapot + (this.variant ?? '');
  }
  get env() {
    return this.clockEnv ?? { TP_TEST_CLOCK: this.clock.file };
  }
  teapot(args, options = {}) {
    return command(this.program, ['--dir', this.dir, ...args], { ...options, env: { ...this.env, TEAPOT_WORKER: '', ...options.env } });
  }
  // A process that goes on: `run`, say.
  start(args, env = {}) {
    return spawn(this.program, ['--dir', this.dir, ...args], { env: { ...process.env, ...this.env, TEAPOT_WORKER: '', ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  }
  async json(args, options) {
    return JSON.parse(await this.teapot([...args, '--json'], options));
  }
  async jsonLines(args, options) {
    return (await this.teapot([...args, '--json'], options)).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }
  async init() {
    await this.teapot(['init', '--agency', this.agency]);
  }
  async enrol() {
    const { code } = await this.world.hubJson(['device', 'code', '--agency', this.agency, '--label', this.name, ...(this.kiosk ? ['--kiosk'] : [])]);
    await this.teapot(['enrol', code, '--hub', this.world.url]);
  }
  // One line of the machine channel; gives what the program answered.
  async import(line) {
    let out;
    try {
      out = await this.teapot(['import', '-'], { input: `${JSON.stringify(line)}\n` });
    } catch (error) {
      if (!error.stdout) throw error;
      out = error.stdout;
    }
    const answer = JSON.parse(out.split('\n').filter(Boolean)[0]);
    if (answer.error) throw new Error(`${this.name}: ${answer.error.field ?? ''} ${answer.error.text}`);
    return answer;
  }
  // Records what is new; gives its name.
  async create(entity, set, worker = this.kiosk ? null : 'Dee') {
    return (await this.import({ op: 'create', entity, worker, set })).name;
  }
}

export class World {
  constructor({ bin, data }) {
    this.teapot = path.join(bin, 'teapot');
    this.hubProgram = path.join(bin, 'teapot-hub');
    this.hubVariant = ''; // or '-next'
    this.hasMetrics = false;
    this.connections = 0; // its own limit
    this.data = data;
    this.hubDir = path.join(data, 'hub');
    this.hubClock = new Clock(path.join(data, 'hub.clock'));
    this.hubEnv = { TP_TEST_CLOCK: this.hubClock.file };
    this.devices = new Map();
  }
  hub(args, options = {}) {
    return command(this.hubProgram + this.hubVariant, ['--dir', this.hubDir, ...args], { ...options, env: this.hubEnv });
  }
  // At a terminal of its own (script(1)), with one line that is typed there.  The terminal shows it when it comes, before
  // the program has said a word or where it asks: left out of what the program said.
  hubTyped(args, input) {
    const words = [this.hubProgram + this.hubVariant, '--dir', this.hubDir, ...args];
    const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { input, env: { ...process.env, ...this.hubEnv }, encoding: 'utf8', timeout: COMMAND_MS_MAX });
    const typed = input.replace('\n', '\r\n');
    const at = stdout.search(new RegExp(`(?<=^|\n|: )${typed}`));
    return { exit: status, out: at < 0 ? stdout : stdout.slice(0, at) + stdout.slice(at + typed.length), typed: at >= 0 };
  }
  async hubJson(args) {
    return JSON.parse(await this.hub([...args, '--json']));
  }
  async hubJsonLines(args) {
    return (await this.hub([...args, '--json'])).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }
  // Starts `teapot-hub serve` on a free port, or on the one it had before.
  async serve() {
    const args = ['--listen', `127.0.0.1:${this.port ?? 0}`, ...(this.hasMetrics ? ['--metrics', '127.0.0.1:0'] : []),
      ...(this.connections ? ['--connections', `${this.connections}`] : [])];
    this.server = spawn(this.hubProgram + this.hubVariant, ['--dir', this.hubDir, 'serve', ...args], {
      env: { ...process.env, ...this.hubEnv }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.serverErrors ??= '';
    this.server.stderr.on('data', (bytes) => { this.serverErrors += bytes; });
    this.port = await new Promise((resolve, reject) => {
      let said = '';
      this.server.stdout.on('data', (bytes) => {
        said += bytes;
        const at = said.match(/^Serving on 127\.0\.0\.1:(\d+)$/m);
        this.metricsPort = Number(said.match(/^Metrics on 127\.0\.0\.1:(\d+)$/m)?.[1]);
        if (at) resolve(Number(at[1]));
      });
      this.server.once('exit', (code) => reject(new Error(`teapot-hub serve ended with ${code}: ${this.serverErrors}`)));
      setTimeout(() => reject(new Error(`teapot-hub serve does not listen: ${said}${this.serverErrors}`)), COMMAND_MS_MAX).unref();
    });
    this.url = `https://127.0.0.1:${this.port}`;
  }
  // What the hub says of itself, by name and labels: 'teapot_hub_refusals_total{path="/v1/sync",error="gap"}'.
  async metrics() {
    const response = await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`);
    if (response.status !== 200) throw new Error(`metrics: ${response.status}`);
    const rows = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ') + 1))]));
  }
  // Ends the hub; asked politely it must end well, with nothing leaked or left running.
  async stop(signal = 'SIGTERM') {
    const server = this.server;
    this.server = null;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.kill(signal);
    await ended;
    if (signal === 'SIGTERM' && server.exitCode !== 0) {
      throw new Error(`teapot-hub serve ended with ${server.exitCode ?? server.signalCode}: ${this.serverErrors}`);
    }
  }
  // A hub that serves, with agencies under agreement; `labels`: what those are called that have another name.
  async begin(agencies, labels = {}) {
    await this.hub(['init']);
    for (const agency of agencies) {
      await this.hub(['agency', 'add', agency, labels[agency] ?? agency]);
      await this.hub(['agency', 'sign', agency]);
    }
    await this.serve();
  }
  // The same with enrolled devices, by name and agency: { van: 'one' }; clocks read what this machine's reads.
  async beginToday(agencyOf, agencies = [...new Set(Object.values(agencyOf))]) {
    const now = Date.now();
    this.hubClock.set(now, 86_400_000, 'hub');
    await this.begin(agencies);
    const devices = Object.entries(agencyOf).map(([name, agency]) => this.device(name, { agency }));
    for (const device of devices) {
      device.clock.set(now, 3_600_000, device.name);
      await device.init();
      await device.enrol();
    }
    return devices;
  }
  device(name, what) {
    if (!this.devices.has(name)) this.devices.set(name, new Device(this, name, what));
    return this.devices.get(name);
  }
}

// `teapot serve` of one device as a process, and a browser of the plainest kind: fetch with cookies and token.
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS_MAX = 30_000;

// Waits until `look` answers something true, and answers that.
export async function until(look, what, ms = 20_000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(50);
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function parentOf(pid) {
  return Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/^PPid:\s+(\d+)/m)[1]);
}

// Who reads a refusal on a page has no command line: it names no option and no command.
async function namesNoCommand(response, what) {
  const text = await response.text();
  if (/--[a-z]|`|\bteapot [a-z]/.test(text)) throw new Error(`${what} names a command: ${text}`);
}

export class Pages {
  constructor(device) {
    this.device = device;
    this.cookies = new Map();
    this.token = '';
  }
  // Starts it, on a free port or on the one it had before, and waits for its address.
  async serve(args = [], env = {}) {
    this.process = this.device.start(['serve', '--json', '--listen', `127.0.0.1:${this.port ?? 0}`, ...args], env);
    this.errors = '';
    this.process.stderr.on('data', (bytes) => { this.errors += bytes; });
    this.exited = once(this.process, 'exit').then(([code, signal]) => ({ code, signal }));
    const line = await Promise.race([
      once(readline.createInterface({ input: this.process.stdout }), 'line').then(([text]) => text),
      this.exited.then(({ code }) => { throw new Error(`serve ended with ${code}: ${this.errors}`); }),
      sleep(START_MS_MAX, null, { ref: false }).then(() => { throw new Error(`serve does not answer: ${this.errors}`); }),
    ]);
    this.address = JSON.parse(line).address;
    this.base = new URL(this.address).origin;
    this.port = Number(new URL(this.address).port);
    return this;
  }
  // Ends it and says how it ended.
  async end(signal = 'SIGTERM') {
    this.process.kill(signal);
    return this.exited;
  }
  // Opens the address, as somebody would in a browser that was never here.
  async enter(address = this.address) {
    return this.ask('GET', new URL(address).pathname);
  }
  async comeIn() {
    await this.enter();
    return this.session();
  }
  // One request; `headers` are added, null takes one away.
  async ask(method, where, { body, headers = {} } = {}) {
    const all = {
      ...(method === 'GET' || method === 'HEAD' ? {} : { 'Content-Type': 'application/json', 'X-Teapot-Token': this.token }),
      ...(this.cookies.size > 0 ? { Cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') } : {}),
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    const response = await fetch(this.base + where, { method, headers: sent, redirect: 'manual', body: body === undefined ? undefined : JSON.stringify(body) });
    // Debian's Node.js joins the lines of one name, and cannot take them apart.
    for (const line of (response.headers.get('set-cookie') ?? '').split(/, (?=[^;,=]+=)/).filter(Boolean)) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    if (!response.ok && where.startsWith('/api/')) await namesNoCommand(response.clone(), `${method} ${where}`);
    return response;
  }
  // The JSON of an answer that must be good.
  async json(method, where, body) {
    const response = await this.ask(method, where, { body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
  async session() {
    const session = await this.json('GET', '/api/session');
    this.token = session.token;
    return session;
  }
  async say(worker) {
    const session = await this.json('POST', '/api/session', { worker });
    this.token = session.token;
    return session;
  }
  status() {
    return this.json('GET', '/api/status');
  }
  // The process that says it syncs, whoever started it; 0: none that lives.
  backgroundPid() {
    try {
      const pid = parseInt(fs.readFileSync(path.join(this.device.dir, 'run.state'), 'utf8'), 10);
      return isAlive(pid) ? pid : 0;
    } catch {
      return 0;
    }
  }
  // The same, where this server started it.
  childPid() {
    const pid = this.backgroundPid();
    return pid !== 0 && parentOf(pid) === this.process.pid ? pid : 0;
  }
}

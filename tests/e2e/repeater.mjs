// What ends TLS in front of a hub, by the hub's own certificate, and gives its answers twice, or late: each byte is
// the hub's, and well formed, but not always to what was asked.  It speaks to the hub as the one device it is for.
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import tls from 'node:tls';

// What becomes of the answers:
//   'once'    each to its request
//   'at once' each twice, in one piece
//   'then'    each twice, the second a moment later
//   'next'    each to the next request on this connection as well, before the answer to that
//   'shifted' each request but the first is answered with what the one before it should have been
//   'stale'   the first request of a connection with the last answer of the one before
export class Repeater {
  constructor(world, device) {
    Object.assign(this, { world, device });
    this.plan = 'once';
    this.given = 0; // answers to what was not asked
    this.requests = 0;
    this.connections = 0;
    this.last = null; // answer
    this.sockets = new Set();
  }
  async listen() {
    const read = (dir, name) => fs.readFileSync(path.join(dir, name));
    const authority = read(this.world.hubDir, 'ca.pem');
    const server = { key: read(this.world.hubDir, 'server.key'), cert: read(this.world.hubDir, 'server.pem'), ca: authority };
    this.agent = new https.Agent({
      ca: authority, key: read(this.device.dir, 'key.pem'), cert: read(this.device.dir, 'cert.pem'), keepAlive: true, maxSockets: 1, servername: 'teapot-hub',
    });
    this.server = tls.createServer({ ...server, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }, (socket) => this.#serve(socket));
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
    return this;
  }
  close() {
    this.server?.close();
    this.agent?.destroy();
    for (const socket of this.sockets) socket.destroy();
  }

  #serve(socket) {
    const line = { kept: this.last, isFirst: true };
    let waiting = Buffer.alloc(0);
    let queue = Promise.resolve();
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (data) => {
      waiting = Buffer.concat([waiting, data]);
      for (let end = waiting.indexOf('\r\n\r\n'); end >= 0; end = waiting.indexOf('\r\n\r\n')) {
        const head = waiting.subarray(0, end).toString('latin1').split('\r\n');
        const length = Number(head.find((one) => /^content-length:/i.test(one))?.split(':')[1] ?? 0);
        if (waiting.length < end + 4 + length) return;
        const body = waiting.subarray(end + 4, end + 4 + length);
        waiting = waiting.subarray(end + 4 + length);
        queue = queue.then(() => this.#answer(socket, line, head[0].split(' '), body)).catch(() => socket.destroy());
      }
    });
  }
  async #answer(socket, line, [method, target], body) {
    const answer = await this.#ask(method, target, body);
    const { kept, isFirst } = line;
    Object.assign(line, { kept: answer, isFirst: false });
    this.last = answer;
    this.requests++;
    if (this.plan === 'at once') socket.write(Buffer.concat([answer, answer]));
    else if (this.plan === 'then') {
      socket.write(answer);
      setTimeout(() => socket.writable && socket.write(answer), 5);
    } else if (this.plan === 'next' && !isFirst) socket.write(Buffer.concat([kept, answer]));
    else if ((this.plan === 'shifted' && !isFirst) || (this.plan === 'stale' && isFirst && kept)) socket.write(kept);
    else socket.write(answer);
    this.given += this.plan !== 'once';
  }
  // The hub's answer, as it goes to the device.
  #ask(method, target, body) {
    return new Promise((resolve, reject) => {
      const request = https.request({ host: '127.0.0.1', port: this.world.port, method, path: target, agent: this.agent, servername: 'teapot-hub', headers: { 'Content-Length': body.length } }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          const type = response.headers['content-type'];
          resolve(Buffer.concat([Buffer.from(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${type ? `Content-Type: ${type}\r\n` : ''}Content-Length: ${bytes.length}\r\n\r\n`), bytes]));
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

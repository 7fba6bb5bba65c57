// A relay on loopback between a device and the hub: counts bytes, delays each direction, cuts connections, and
// lets no more through than `allow` says, until it says more.
import net from 'node:net';

export class Relay {
  constructor(port, { delayMs = 0 } = {}) {
    Object.assign(this, { target: port, delayMs, bytes: 0, bytesMax: Infinity, held: [], sockets: new Set() });
  }
  listen() {
    this.server = net.createServer((near) => this.join(near, net.connect(this.target, '127.0.0.1')));
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => {
      this.port = this.server.address().port;
      resolve();
    }));
  }
  join(near, far) {
    for (const [from, to] of [[near, far], [far, near]]) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        this.bytes += bytes.length;
        if (this.bytes > this.bytesMax) this.held.push(() => to.writable && to.write(bytes));
        else if (this.delayMs === 0) to.write(bytes);
        else setTimeout(() => to.writable && to.write(bytes), this.delayMs);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        setTimeout(() => to.end(), this.delayMs);
      });
    }
  }
  // Bytes of both directions from now on.
  allow(bytesMax) {
    this.bytes = 0;
    this.bytesMax = bytesMax;
    for (const write of this.held.splice(0)) write();
  }
  reset() {
    this.bytes = 0;
  }
  cut() {
    for (const socket of this.sockets) socket.destroy();
  }
  async close() {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

// A bad network in front of a hub: bytes pass, late, in crumbs, up to some point, or not at all.  It works below
// TLS and knows nothing of what it carries.
import net from 'node:net';

// What becomes of one direction; all of it may be left out.
//   cut    after so many bytes both ends are closed, by a reset where `resets`
//   stall  after so many bytes nothing passes any more, and nobody is told
//   crumb  at most so many bytes at once, one each `pauseMs`
export class FaultProxy {
  constructor(portOf) {
    this.portOf = portOf; // where the hub is now
    this.up = {}; // what devices send
    this.down = {};
    this.resets = false;
    this.last = { up: 0, down: 0 }; // bytes that passed on the newest connection
    this.sockets = new Set();
  }
  async listen() {
    this.server = net.createServer((device) => this.#join(device));
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
    return this;
  }
  close() {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }
  // Everything passes from now on.
  heal() {
    this.up = {};
    this.down = {};
  }

  #join(device) {
    const hub = net.connect(this.portOf(), '127.0.0.1');
    const passed = { up: 0, down: 0 };
    this.last = passed;
    const end = () => {
      for (const socket of [device, hub]) {
        if (this.resets && !socket.destroyed) socket.resetAndDestroy();
        else socket.destroy();
        this.sockets.delete(socket);
      }
    };
    for (const socket of [device, hub]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => { device.destroy(); hub.destroy(); this.sockets.delete(socket); });
    }
    this.#carry(device, hub, this.up, (bytes) => { passed.up += bytes; return passed.up; }, end);
    this.#carry(hub, device, this.down, (bytes) => { passed.down += bytes; return passed.down; }, end);
  }
  #carry(from, to, { cut = Infinity, stall = Infinity, crumb = Infinity, pauseMs = 0 }, count, end) {
    let queue = Promise.resolve();
    if (cut === 0) from.once('data', end);
    from.on('data', (data) => {
      queue = queue.then(async () => {
        for (let at = 0; at < data.length && !to.destroyed;) {
          const room = Math.min(cut, stall) - count(0);
          if (room <= 0) return;
          const piece = data.subarray(at, at + Math.min(crumb, room));
          at += piece.length;
          await new Promise((resolve) => { to.write(piece, resolve); });
          if (count(piece.length) >= cut) { end(); return; }
          if (pauseMs > 0) await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
        }
      }).catch(() => {});
    });
  }
}

// A WebSocket client of the hub's /gateway on node's own modules alone (RFC 6455, JSON text frames).
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

export class Gateway {
  static async open({ host = "127.0.0.1", port = 3000, token = "", path = "/gateway" }) {
    const gateway = new Gateway(connect(port, host));
    const head = await new Promise((resolve, reject) => {
      gateway.socket.once("error", reject);
      gateway.head = resolve;
      gateway.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n`
        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    });
    if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head.split("\r\n")[0]);
    return gateway;
  }

  constructor(socket) {
    Object.assign(this, { socket, buffer: Buffer.alloc(0), waiting: new Map(), count: 0, onEvent() {}, onRequest() {} });
    socket.on("data", (data) => this.take(data));
    socket.on("close", () => this.waiting.forEach(({ reject }) => reject(new Error("the hub ended the connection"))));
  }

  take(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    if (this.head) {
      const end = this.buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.head(this.buffer.subarray(0, end).toString());
      this.head = null;
      this.buffer = this.buffer.subarray(end + 4);
    }
    while (this.buffer.length >= 2) {
      let size = this.buffer[1] & 127, at = 2;
      if (size > 125) {
        at = size === 126 ? 4 : 10;
        if (this.buffer.length < at) return;
        size = at === 4 ? this.buffer.readUInt16BE(2) : Number(this.buffer.readBigUInt64BE(2));
      }
      if (this.buffer.length < at + size) return;
      const opcode = this.buffer[0] & 15, payload = this.buffer.subarray(at, at + size);
      this.buffer = this.buffer.subarray(at + size);
      if (opcode === 9) this.send(payload, 10); // a ping is answered with a pong
      else if (opcode === 8) this.socket.end();
      else if (opcode === 1) this.hear(JSON.parse(payload.toString()));
    }
  }

  hear(frame) {
    if (frame.type === "event") return this.onEvent(frame);
    if (frame.type === "req") return this.onRequest(frame);
    const asked = this.waiting.get(frame.id);
    this.waiting.delete(frame.id);
    if (frame.ok) asked?.resolve(frame.payload);
    else asked?.reject(new Error(`${frame.error.code}: ${frame.error.message}`));
  }

  send(frame, opcode = 1) {
    const data = Buffer.isBuffer(frame) ? frame : Buffer.from(JSON.stringify(frame));
    const size = data.length;
    const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
    head[0] = 128 | opcode;
    head[1] = 128 | (size < 126 ? size : size < 65536 ? 126 : 127);
    if (head.length === 4) head.writeUInt16BE(size, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
    const mask = randomBytes(4);
    this.socket.write(Buffer.concat([head, mask, data.map((byte, i) => byte ^ mask[i & 3])]));
  }

  call(method, params = {}) {
    const id = String(++this.count);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ type: "req", id, method, params });
    });
  }

  close() {
    this.socket.end();
  }
}

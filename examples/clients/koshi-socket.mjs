// A client of the hub's Unix socket on node's own modules alone (CBOR frames behind their length).
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";

function head(major, n) {
  const size = n < 24 ? 0 : n < 256 ? 1 : n < 65536 ? 2 : n < 2 ** 32 ? 4 : 8;
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = major << 5 | (size ? 24 + Math.log2(size) : n);
  if (size === 8) bytes.writeBigUInt64BE(BigInt(n), 1);
  else if (size) bytes.writeUIntBE(n, 1, size);
  return bytes;
}

export function dump(value) {
  if (value === null || value === undefined) return Buffer.from([0xf6]);
  if (typeof value === "boolean") return Buffer.from([value ? 0xf5 : 0xf4]);
  if (Number.isSafeInteger(value)) return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "number") {
    const bytes = Buffer.alloc(9, 0xfb);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(dump)]);
  return Buffer.concat([head(5, Object.keys(value).length), ...Object.entries(value).flat().map(dump)]);
}

export function load(data) {
  let at = 0;
  const item = () => {
    const first = data[at++], major = first >> 5, info = first & 31;
    if (first >= 0xf4 && first <= 0xf6) return [false, true, null][first - 0xf4];
    if (first === 0xfb) return data.readDoubleBE((at += 8) - 8);
    const width = info < 24 ? 0 : 1 << info - 24;
    const n = width === 8 ? Number(data.readBigUInt64BE(at)) : width ? data.readUIntBE(at, width) : info;
    at += width;
    if (major < 2) return major ? -1 - n : n;
    if (major === 2) return data.subarray(at, at += n);
    if (major === 3) return data.subarray(at, at += n).toString();
    const items = Array.from({ length: major === 5 ? 2 * n : n }, item);
    return major === 4 ? items : Object.fromEntries(Array.from({ length: n }, (_, i) => [items[2 * i], items[2 * i + 1]]));
  };
  return item();
}

export class Hub {
  constructor(home = process.env.KOSHI_HOME ?? join(homedir(), ".koshi")) {
    this.socket = connect(readFileSync(join(home, "koshi.pid"), "utf8").split("\n")[1]);
    Object.assign(this, { buffer: Buffer.alloc(0), waiting: new Map(), count: 0, onEvent() {} });
    this.socket.on("data", (data) => this.take(data));
  }

  take(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    while (this.buffer.length >= 4 && this.buffer.length >= 4 + this.buffer.readUInt32BE(0)) {
      const length = this.buffer.readUInt32BE(0);
      this.hear(load(this.buffer.subarray(4, 4 + length)));
      this.buffer = this.buffer.subarray(4 + length);
    }
  }

  hear(frame) {
    if (frame.type === "event") return this.onEvent(frame);
    const asked = this.waiting.get(frame.id);
    this.waiting.delete(frame.id);
    if (frame.ok) asked?.resolve(frame.payload);
    else asked?.reject(new Error(`${frame.error.code}: ${frame.error.message}`));
  }

  call(method, params = {}) {
    const id = String(++this.count), data = dump({ type: "req", id, method, params });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.write(Buffer.concat([length, data]));
    });
  }

  close() {
    this.socket.end();
  }
}

"""A client of the hub's Unix socket in the standard library alone (CBOR frames behind their length)."""
import os, socket, struct


def dump(value):
    def head(major, n):
        for info, size, form in ((24, 1 << 8, "!BB"), (25, 1 << 16, "!BH"), (26, 1 << 32, "!BI"), (27, 1 << 64, "!BQ")):
            if n < 24:
                return bytes([major << 5 | n])
            if n < size:
                return struct.pack(form, major << 5 | info, n)
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return struct.pack("!Bd", 0xFB, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(dump(k) + dump(v) for k, v in value.items())
    return head(4, len(value)) + b"".join(map(dump, value))


def load(data, at=0):
    major, info = data[at] >> 5, data[at] & 31
    if data[at] in (0xF4, 0xF5, 0xF6):
        return (False, True, None)[data[at] - 0xF4], at + 1
    if data[at] == 0xFB:
        return struct.unpack_from("!d", data, at + 1)[0], at + 9
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    n, at = (int.from_bytes(data[at + 1:at + 1 + width], "big") if width else info), at + 1 + width
    if major in (0, 1):
        return (n if major == 0 else -1 - n), at
    if major in (2, 3):
        return (data[at:at + n] if major == 2 else data[at:at + n].decode()), at + n
    items = []
    for _ in range(n * (2 if major == 5 else 1)):
        item, at = load(data, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2])) if major == 5 else items), at


class Hub:
    def __init__(self, home=os.environ.get("KOSHI_HOME", os.path.expanduser("~/.koshi"))):
        self.sock, self.count = socket.socket(socket.AF_UNIX), 0
        self.sock.connect(open(os.path.join(home, "koshi.pid")).read().split("\n")[1])
        self.file = self.sock.makefile("rb")

    def send(self, frame):
        data = dump(frame)
        self.sock.sendall(struct.pack("!I", len(data)) + data)

    def receive(self):
        head = self.file.read(4)
        if len(head) < 4:
            raise ConnectionError("the hub ended the connection")
        return load(self.file.read(struct.unpack("!I", head)[0]))[0]

    def call(self, method, **params):
        self.count += 1
        self.send({"type": "req", "id": str(self.count), "method": method, "params": params})
        while True:
            frame = self.receive()
            if frame["type"] == "res" and frame["id"] == str(self.count):
                if not frame["ok"]:
                    raise RuntimeError(frame["error"]["code"] + ": " + frame["error"]["message"])
                return frame["payload"]

"""A WebSocket client of the hub's /gateway in the standard library alone (RFC 6455, JSON text frames)."""
import base64, json, os, socket, struct


class Gateway:
    def __init__(self, host="127.0.0.1", port=3000, token="", path="/gateway"):
        self.sock = socket.create_connection((host, port), timeout=30)
        self.buffer, self.count = b"", 0
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                           f"Authorization: Bearer {token}\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.sock.recv(4096) or self.gone()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.split(b"\r\n")[0].decode())

    def gone(self):
        raise ConnectionError("the hub ended the connection")

    def take(self, count):
        while len(self.buffer) < count:
            self.buffer += self.sock.recv(65536) or self.gone()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, frame, opcode=1):
        data = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
        size = len(data)
        head = struct.pack("!BB", 128 | opcode, 128 | size) if size < 126 else \
            struct.pack("!BBH", 128 | opcode, 254, size) if size < 65536 else struct.pack("!BBQ", 128 | opcode, 255, size)
        mask = os.urandom(4)
        self.sock.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def receive(self):
        while True:
            first, size = self.take(2)
            size = struct.unpack("!H", self.take(2))[0] if size == 126 else \
                struct.unpack("!Q", self.take(8))[0] if size == 127 else size
            data = self.take(size)
            if first & 15 == 9:
                self.send(data, 10)  # a ping is answered with a pong
            elif first & 15 == 8:
                self.gone()
            elif first & 15 == 1:
                return json.loads(data)

    def call(self, method, **params):
        self.count += 1
        asked = str(self.count)
        self.send({"type": "req", "id": asked, "method": method, "params": params})
        while True:
            frame = self.receive()
            if frame.get("type") == "res" and frame["id"] == asked:
                if not frame["ok"]:
                    raise RuntimeError(frame["error"]["code"] + ": " + frame["error"]["message"])
                return frame["payload"]

"""A client and a worker of the older swarm hub, written from its wire alone: every answer is compared byte by byte."""
import json
import random
import re
import socket
import struct
import sys
import threading
import time
import urllib.error
import urllib.request

PORT = int(sys.argv[1])
REST = int(sys.argv[2])
TIME = r"\d{10}(\.\d+)"


class Line:
    """A raw connection; what it reads is bytes."""

    def __init__(self):
        self.sock = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kept = b""

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode("utf-8"))
        return self

    def read(self):
        while b"\n" not in self.kept:
            more = self.sock.recv(1 << 20)
            if not more:
                assert not self.kept, "half an answer: %r" % self.kept
                return None
            self.kept += more
        line, self.kept = self.kept.split(b"\n", 1)
        return line

    def says(self, expected):
        answer = self.read()
        assert answer == expected.encode("utf-8"), "\nanswered %r\nexpected %r" % (answer, expected)
        return self

    def matches(self, pattern):
        answer = (self.read() or b"").decode("utf-8")
        found = re.fullmatch(pattern, answer)
        assert found, "\nanswered %r\nexpected %r" % (answer, pattern)
        return found

    def ask(self, request, expected):
        return self.send(request + "\n").says(expected)

    def close(self):
        self.sock.close()


def result(id, value):
    return '{"id":%s,"result":%s,"error":null}' % (id, value)


def error(id, text):
    return '{"id":%s,"result":null,"error":{"message":%s}}' % (id, json.dumps(text))


def enqueue(line, prompt, more=""):
    line.send('{"id":5,"method":"enqueue","params":{"prompt":%s%s}}\n' % (json.dumps(prompt, ensure_ascii=len(prompt) < 9999), more))
    return int(line.matches(r'\{"id":5,"result":\{"task_id":(\d+)\},"error":null\}').group(1))


def task(id, prompt, kind="chat", status="leased", until=TIME, worker='"w"', value="null", fault="null"):
    return (r'\{"task_id":%d,"prompt":%s,"system_prompt":null,"type":"%s","status":"%s","created_at":%s,'
            r'"updated_at":%s,"leased_until":%s,"worker_id":%s,"result":%s,"error":%s\}'
            % (id, re.escape(json.dumps(prompt, ensure_ascii=False)), kind, status, TIME, TIME, until, worker, value, fault))


def the_captured_conversation():
    line = Line()
    line.ask('{"id":9,"method":"stats"}', result(9, '{"stats":{"queued":0,"leased":0,"done":0,"failed":0,'
             '"total_tasks":0,"completed_last_hour":0,"avg_completion_time_sec":0.0,"error_rate_percent":0.0}}'))
    line.ask('{"id":6,"method":"lease","params":{"worker_id":"w"}}', result(6, '{"tasks":[]}'))
    line.ask('{"id":10,"method":"retry_failed"}', result(10, '{"retried":0}'))
    line.send('{"id":"u1","method":"enqueue","params":{"prompt":"hi","system_prompt":null,"type":"python","auth_token":"x"}}\n')
    first = int(line.matches(r'\{"id":"u1","result":\{"task_id":(\d+)\},"error":null\}').group(1))
    line.send('{"id":6,"method":"lease","params":{"worker_id":"w","max_tasks":2,"lease_seconds":300}}\n')
    line.matches(r'\{"id":6,"result":\{"tasks":\[%s\]\},"error":null\}' % task(first, "hi", "python"))
    line.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"done","result":"ok"}}' % first,
             result(7, '{"ok":true}'))
    line.send('{"id":8,"method":"list","params":{"status":"done","limit":10}}\n')
    line.matches(r'\{"id":8,"result":\{"tasks":\[%s\],"stats":\{"queued":0,"leased":0,"done":1,"failed":0,'
                 r'"total_tasks":1,"completed_last_hour":1,"avg_completion_time_sec":\d+\.\d+,'
                 r'"error_rate_percent":0\.0\}\},"error":null\}'
                 % task(first, "hi", "python", "done", until="null", value='"ok"'))
    human = enqueue(line, "may I?", ',"type":"human"')
    line.ask('{"id":6,"method":"lease","params":{"worker_id":"w","max_tasks":9}}', result(6, '{"tasks":[]}'))
    line.ask('{"id":11,"method":"approve","params":{"task_id":%d}}' % human, result(11, '{"ok":true}'))
    line.send('{"id":8,"method":"list","params":{"limit":1}}\n')
    line.matches(r'\{"id":8,"result":\{"tasks":\[%s\],"stats":.*'
                 % task(human, "may I?", "human", "done", "null", '"human"', '"Approved by human"'))
    bad = enqueue(line, "fails")
    line.send('{"id":1,"method":"lease","params":{"worker_id":"w"}}\n').read()
    line.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"failed","error":"boom"}}' % bad,
             result(7, '{"ok":true}'))
    line.send('{"id":8,"method":"list","params":{"status":"failed"}}\n')
    line.matches(r'\{"id":8,"result":\{"tasks":\[%s\],"stats":.*'
                 % task(bad, "fails", "chat", "failed", "null", fault='"boom"'))
    line.ask('{"id":10,"method":"retry_failed"}', result(10, '{"retried":1}'))
    line.send('{"id":1,"method":"lease","params":{"worker_id":"w"}}\n').read()
    line.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"done"}}' % bad, result(7, '{"ok":true}'))
    line.close()


def mutants(line):
    """Every complaint about broken JSON is Python's own, to the column."""
    chance = random.Random(5)
    good = '{"id": 1, "a": [1, -2.5e3, "x\\u00e9\\n", {"b": null}], "c": "\u00e9\u4e16", "d": true}'
    for _ in range(400):
        text = list(good)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            kind = chance.randrange(3)
            if kind == 0:
                del text[at]
            elif kind == 1:
                text.insert(at, chance.choice('{}[]",:\\u1e-. tn\u00e9\x02'))
            else:
                text = text[:at + 1]
        sent = "".join(text)
        try:
            json.loads(sent.strip())
        except json.JSONDecodeError as wrong:
            line.ask(sent, error("null", str(wrong)))


def errors_and_their_texts():
    line = Line()
    for sent, answer in (
            ('{"id":1,"method":"nope"}', error(1, "Unknown method: nope")),
            ('{"id":1,"method":null}', error(1, "Unknown method: None")),
            ('{"id":1,"method":"enqueue","params":{}}', error(1, "'prompt'")),
            ('{"id":1,"method":"enqueue"}', error(1, "'prompt'")),
            ('{"id":1,"method":"enqueue","params":null}', error(1, "'prompt'")),
            ('{"id":1}', error(1, "'method'")),
            ('{}', error("null", "'method'")),
            ('{"id":1,"method":"ack","params":{"task_id":1,"status":"meh"}}', error(1, "status must be done|failed")),
            ('{"id":1,"method":"ack","params":{"status":"done"}}', error(1, "'task_id'")),
            ('{"id":1,"method":"ack","params":{"task_id":1}}', error(1, "'status'")),
            ('{"id":1,"method":"ack","params":{"task_id":"abc","status":"done"}}',
             error(1, "invalid literal for int() with base 10: 'abc'")),
            ('{"id":1,"method":"lease","params":{"worker_id":"w","max_tasks":"abc"}}',
             error(1, "invalid literal for int() with base 10: 'abc'")),
            ('{"id":1,"method":"lease","params":{}}', error(1, "'worker_id'")),
            ('{"id":1,"method":"approve","params":{}}', error(1, "'task_id'")),
            ('{"id":1,"method":"enqueue","params":{"prompt":"\\ud800"}}', None),
            ('nonsense', error("null", "Expecting value: line 1 column 1 (char 0)")),
            ('\ufeff{"id":1}', error("null", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"))):
        line.send(sent + "\n")
        said = line.read().decode("utf-8")
        assert said == answer if answer else "surrogates not allowed" in said, (sent, said, answer)
    for broken, text in (
            ('{', "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ('{"id"', "Expecting ':' delimiter: line 1 column 6 (char 5)"),
            ('{"id":', "Expecting value: line 1 column 7 (char 6)"),
            ('{"id":1', "Expecting ',' delimiter: line 1 column 8 (char 7)"),
            ('{"id":1}}', "Extra data: line 1 column 9 (char 8)"),
            ('"open', "Unterminated string starting at: line 1 column 1 (char 0)"),
            ('{"a":"\x01"}', "Invalid control character at: line 1 column 7 (char 6)"),
            ('{"a":"\\x"}', "Invalid \\escape: line 1 column 7 (char 6)"),
            ('{"a":"\\u12"}', "Invalid \\uXXXX escape: line 1 column 8 (char 7)"),
            ('01', "Extra data: line 1 column 2 (char 1)"),
            ("{'id':1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")):
        line.ask(broken, error("null", text))
    if sys.version_info < (3, 13):  # which has words of its own; the older hub never ran on it
        mutants(line)
    for broken in (b'\xff', b'{"id":"\xc3"}', b'{"id":"\xe2\x82', b'\x80abc', b'{"a":"\xed\xa0\x80"}', b'"\xe2\x82"',
                   b'"\xf0\x9f\x98"', b'\xf4\x90\x80\x80', b'a\xf0', b'\xc0\x80'):
        try:
            broken.decode("utf-8")
        except UnicodeDecodeError as wrong:
            line.send(broken + b"\n").says(error("null", str(wrong)))
    line.ask('{"id":2,"method":"retry_failed"}', result(2, '{"retried":0}'))
    line.close()


def ids_come_back_as_they_were():
    line = Line()
    for id in ('1', '"a"', 'null', '[1,"b"]', '{"x":{"y":2}}', 'true', '-5', '1.5', '"\u00e9"', '12345678901234567890'):
        line.ask('{"id":%s,"method":"retry_failed","jsonrpc":"2.0","more":[]}' % id, result(id, '{"retried":0}'))
    for id in ('NaN', '-Infinity', '1e999999', '[1e999999]'):  # what JSON cannot repeat
        line.ask('{"id":%s,"method":"retry_failed"}' % id, result(id.replace("1e999999", "null") if "[" in id else "null", '{"retried":0}'))
    line.ask('{"method":"retry_failed"}', result("null", '{"retried":0}'))
    line.close()


def lines_however_they_come():
    line = Line()
    request = '{"id":"\u00e9\u4e16\U0001f600","method":"retry_failed"}\n'.encode("utf-8")
    for byte in request:  # every character is split over packets
        line.send(bytes([byte]))
    line.says(result('"\u00e9\u4e16\U0001f600"', '{"retried":0}'))
    line.ask('{"id":1,"method":"retry_failed"}\r', result(1, '{"retried":0}'))
    line.send('\n\r\n   \n\t\n{"id":2,"method":"retry_failed"}\n').says(result(2, '{"retried":0}'))
    line.send('{"id":3,"method":"retry_failed"}\n{"id":4,"method":"nope"}\n{"id":5,"method":"retry_fai')
    line.says(result(3, '{"retried":0}')).says(error(4, "Unknown method: nope"))
    line.send('led"}\n').says(result(5, '{"retried":0}'))
    for size in (1000, 65535, 65536, 65537, 300000, 3999000):
        prompt = "\u00e9" * (size // 2)
        id = enqueue(line, prompt)
        line.send('{"id":6,"method":"lease","params":{"worker_id":"w"}}\n')
        leased = json.loads(line.read())["result"]["tasks"]
        assert [t["task_id"] for t in leased] == [id] and leased[0]["prompt"] == prompt, size
        line.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"done"}}' % id, result(7, '{"ok":true}'))
    line.close()


def answers_keep_their_order():
    """What is answered at once must not overtake what waits for the disk."""
    line = Line()
    ids = []

    def send():
        for i in range(600):
            if i % 2:
                line.send('{"id":%d,"method":"nope"}\n' % i)
            else:
                line.send('{"id":%d,"method":"enqueue","params":{"prompt":"p"}}\n' % i)

    sender = threading.Thread(target=send)
    sender.start()
    for i in range(600):
        answer = json.loads(line.read())
        assert answer["id"] == i, (i, answer)
        if answer["result"]:
            ids.append(answer["result"]["task_id"])
    sender.join()
    assert ids == sorted(ids) and len(set(ids)) == 300
    left = set(ids)
    while left:  # in the order of their making, and each once
        line.send('{"id":6,"method":"lease","params":{"worker_id":"w","max_tasks":100}}\n')
        for leased in json.loads(line.read())["result"]["tasks"]:
            left.remove(leased["task_id"])
            line.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"done"}}' % leased["task_id"],
                     result(7, '{"ok":true}'))
    line.close()


def closing():
    # who only says that it sends no more gets all its answers, also to a last line without an end
    line = Line()
    line.send('{"id":1,"method":"enqueue","params":{"prompt":"a"}}\n{"id":2,"method":"enqueue","params":{"prompt":"b"}}\n'
              '{"id":3,"method":"nope"}\n{"id":4,"method":"retry_failed"}')
    line.sock.shutdown(socket.SHUT_WR)
    line.matches(r'\{"id":1,"result":\{"task_id":\d+\},"error":null\}')
    line.matches(r'\{"id":2,"result":\{"task_id":\d+\},"error":null\}')
    line.says(error(3, "Unknown method: nope")).says(result(4, '{"retried":0}'))
    assert line.read() is None
    line.close()
    # half a line and gone is nothing
    line = Line().send('{"id":1,"method":"enq')
    line.close()
    # gone with leases, even by a reset: another gets them at once
    for reset in (False, True):
        line = Line()
        if reset:
            enqueue(line, "c"), enqueue(line, "d")
        line.send('{"id":6,"method":"lease","params":{"worker_id":"gone","max_tasks":2}}\n')
        lost = [t["task_id"] for t in json.loads(line.read())["result"]["tasks"]]
        if reset:
            line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()
        heir = Line()
        found = []
        end = time.time() + 60
        while len(found) < len(lost) and time.time() < end:
            heir.send('{"id":6,"method":"lease","params":{"worker_id":"heir","max_tasks":2}}\n')
            found += [t["task_id"] for t in json.loads(heir.read())["result"]["tasks"]]
        assert sorted(found) == sorted(lost) and len(lost) == 2, (found, lost)
        # done twice, late, and by another: always ok, and the first word stands
        for value in ("first", "second"):
            heir.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"done","result":"%s"}}' % (found[0], value),
                     result(7, '{"ok":true}'))
        other = Line()
        other.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"failed","error":"not mine"}}' % found[1],
                  result(7, '{"ok":true}'))
        heir.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":" DONE ","result":"mine"}}' % found[1],
                 result(7, '{"ok":true}'))
        other.send('{"id":8,"method":"list","params":{"limit":3}}\n')
        ended = {t["task_id"]: (t["status"], t["result"], t["worker_id"]) for t in json.loads(other.read())["result"]["tasks"]}
        assert ended[found[0]] == ("done", "first", "heir") and ended[found[1]] == ("done", "mine", "heir"), ended
        other.close()
        heir.close()


def what_is_too_long_is_told_and_the_connection_stays():
    line = Line()
    answers = []
    reader = threading.Thread(target=lambda: answers.append(line.read()))
    reader.start()
    head = '{"id":"long-one","method":"enqueue","params":{"prompt":"'
    piece = b"x" * (1 << 20)
    line.send(head)
    for _ in range(50):
        line.send(piece)
    line.send('"}}\n')
    reader.join()
    assert answers == [error('"long-one"', "a line has at most 8388608 bytes").encode()], answers
    line.ask('{"id":2,"method":"retry_failed"}', result(2, '{"retried":0}'))
    line.send('{"id":3,"method":"enqueue","params":{"prompt":"%s"}}\n' % ("y" * 4000001))
    assert b"a prompt has at most 4000000 characters" in line.read()
    line.ask('{"id":4,"method":"retry_failed"}', result(4, '{"retried":0}'))
    line.close()


def its_tools():
    def post(message, headers=()):
        ask = urllib.request.Request("http://127.0.0.1:%d/mcp" % REST, json.dumps(message).encode(),
                                     dict(headers, **{"Content-Type": "application/json"}))
        with urllib.request.urlopen(ask, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")

    def call(name, **arguments):
        answer = post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}})
        return answer[1]["result"]

    begun = post({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}})[1]
    assert begun["result"]["protocolVersion"] == "2025-06-18" and begun["id"] == 0, begun
    assert post({"jsonrpc": "2.0", "method": "notifications/initialized"}) == (202, None)
    tools = post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})[1]["result"]["tools"]
    assert [tool["name"] for tool in tools] == ["enqueue_task", "list_tasks", "get_task_status"], tools
    made = call("enqueue_task", prompt="by a tool")
    assert not made["isError"] and json.loads(made["content"][0]["text"]) == made["structuredContent"], made
    id = made["structuredContent"]["task_id"]
    assert call("get_task_status", task_id=id)["structuredContent"]["prompt"] == "by a tool"
    assert len(call("list_tasks")["structuredContent"]["tasks"]) == 10
    assert call("list_tasks", limit=2)["structuredContent"]["tasks"][0]["task_id"] == id
    missing = call("get_task_status", task_id=999999)
    assert missing["isError"] and missing["structuredContent"] == {"error": "Task 999999 not found"}, missing
    assert call("enqueue_task")["structuredContent"] == {"error": "'prompt'"}
    assert post({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "rm"}})[1]["error"]["code"] == -32602
    assert post({"jsonrpc": "2.0", "id": 1, "method": "nope"})[1]["error"]["code"] == -32601
    assert post([1])[1]["error"]["code"] == -32600
    try:
        post({}, {"Origin": "http://evil.example"})
        raise SystemExit("a browser was let in")
    except urllib.error.HTTPError as refused:
        assert refused.code == 403
    line = Line()
    line.send('{"id":6,"method":"lease","params":{"worker_id":"w","max_tasks":1}}\n')
    line.matches(r'\{"id":6,"result":\{"tasks":\[%s\]\},"error":null\}' % task(id, "by a tool"))
    line.ask('{"id":7,"method":"ack","params":{"task_id":%d,"status":"done"}}' % id, result(7, '{"ok":true}'))
    line.close()


for story in (the_captured_conversation, errors_and_their_texts, ids_come_back_as_they_were, lines_however_they_come,
              answers_keep_their_order, closing, what_is_too_long_is_told_and_the_connection_stays, its_tools):
    story()
print("fine")

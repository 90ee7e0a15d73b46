"""The older system's synchronous client, as it behaves: one line a call, the answer's id unread, and one
retry under the same request id after a broken connection or an empty line."""
import json
import socket
import sys
import uuid


class HubClient:
    def __init__(self, port, key=None):
        self.port, self.key, self.sock, self.file = port, key, None, None

    def connect(self):
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.file = self.sock.makefile("r", encoding="utf-8")

    def close(self):
        if self.sock:
            self.file.close()
            self.sock.close()
            self.sock = None

    def request(self, method, params=None):
        params = dict(params or {})
        if self.key:
            params["auth_token"] = self.key
        line = json.dumps({"id": str(uuid.uuid4()), "method": method, "params": params}) + "\n"
        for attempt in (0, 1):
            try:
                if self.sock is None:
                    self.connect()
                self.sock.sendall(line.encode("utf-8"))
                answer = self.file.readline()
                if not answer:
                    raise ConnectionResetError("empty line")
                answer = json.loads(answer)
                if answer.get("error"):
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]
            except (BrokenPipeError, ConnectionResetError):
                self.close()
                if attempt:
                    raise


def main():
    port, key = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    hub = HubClient(port, key)
    first = hub.request("enqueue", {"prompt": "hi", "system_prompt": None, "type": "python"})["task_id"]
    assert isinstance(first, int), first
    second = hub.request("enqueue", {"prompt": "approve me", "type": "human"})["task_id"]
    tasks = hub.request("lease", {"worker_id": "kiro-0badcafe", "max_tasks": 5, "lease_seconds": 300})["tasks"]
    assert [task["task_id"] for task in tasks] == [first], tasks
    task = tasks[0]
    assert list(task) == ["task_id", "prompt", "system_prompt", "type", "status", "created_at", "updated_at",
                          "leased_until", "worker_id", "result", "error"], list(task)
    assert task["status"] == "leased" and task["type"] == "python" and task["worker_id"] == "kiro-0badcafe"
    assert 299 < task["leased_until"] - task["updated_at"] <= 300.1, task
    assert hub.request("ack", {"task_id": first, "status": " DONE ", "result": "ok"}) == {"ok": True}
    assert hub.request("ack", {"task_id": first, "status": "failed", "error": "late"}) == {"ok": True}
    assert hub.request("ack", {"task_id": 999999, "status": "done"}) == {"ok": True}
    done = hub.request("list", {"status": "done", "limit": 10})
    assert [(t["task_id"], t["result"], t["worker_id"]) for t in done["tasks"]] == [(first, "ok", "kiro-0badcafe")], done
    assert hub.request("approve", {"task_id": second}) == {"ok": True}
    newest = hub.request("list", {"limit": 1})["tasks"][0]
    assert (newest["task_id"], newest["status"], newest["result"], newest["worker_id"]) == (
        second, "done", "Approved by human", "human"), newest
    third = hub.request("enqueue", {"prompt": "fails"})["task_id"]
    hub.request("lease", {"worker_id": "w"})
    hub.request("ack", {"task_id": third, "status": "failed", "error": "boom"})
    failed = hub.request("list", {"status": "failed"})["tasks"]
    assert [(t["task_id"], t["error"]) for t in failed] == [(third, "boom")], failed
    stats = hub.request("stats")["stats"]
    assert list(stats) == ["queued", "leased", "done", "failed", "total_tasks", "completed_last_hour",
                           "avg_completion_time_sec", "error_rate_percent"], stats
    assert (stats["done"], stats["failed"], stats["total_tasks"]) == (2, 1, 3), stats
    assert hub.request("retry_failed") == {"retried": 1}
    again = hub.request("lease", {"worker_id": "w"})["tasks"][0]
    assert again["task_id"] == third
    hub.request("ack", {"task_id": third, "status": "done", "result": "at last"})
    for method, params, text in (
            ("nope", {}, "Unknown method: nope"),
            ("enqueue", {}, "'prompt'"),
            ("ack", {"task_id": third, "status": "meh"}, "status must be done|failed"),
            ("ack", {"task_id": "abc", "status": "done"}, "invalid literal for int() with base 10: 'abc'")):
        try:
            hub.request(method, params)
            raise SystemExit("no error for " + method)
        except RuntimeError as error:
            assert str(error) == text, (str(error), text)
    # a retry of an enqueue that was answered to nobody makes no second task
    line = json.dumps({"id": str(uuid.uuid4()), "method": "enqueue", "params": {"prompt": "once"}}) + "\n"
    ids = []
    for _ in (0, 1):
        hub.close()
        hub.connect()
        hub.sock.sendall(line.encode())
        ids.append(json.loads(hub.file.readline())["result"]["task_id"])
    assert ids[0] == ids[1], ids
    # a closed connection gives its lease back at once
    hub.request("lease", {"worker_id": "dies"})
    hub.close()
    for _ in range(200):
        taken = hub.request("lease", {"worker_id": "heir"})["tasks"]
        if taken:
            break
    assert taken and taken[0]["task_id"] == ids[0], taken
    hub.request("ack", {"task_id": ids[0], "status": "done", "result": "heir's"})
    print("fine")


main()

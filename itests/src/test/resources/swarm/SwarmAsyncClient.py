"""The older system's asyncio client, as it behaves: it checks the answer's id, sends an empty context and never a key."""
import asyncio
import json
import sys
import uuid


class SwarmClient:
    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        await self.writer.wait_closed()

    async def request(self, method, params):
        request_id = uuid.uuid4().hex
        self.writer.write((json.dumps(
            {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}) + "\n").encode())
        await self.writer.drain()
        answer = json.loads(await self.reader.readline())
        assert answer["id"] == request_id, answer
        assert sorted(answer) == ["error", "id", "result"], answer
        if answer["error"]:
            raise RuntimeError(answer["error"]["message"])
        return answer["result"]

    async def run(self, prompt):
        made = await self.request("enqueue", {"prompt": prompt, "type": "chat", "context": {}})
        for _ in range(6000):
            listed = await self.request("list", {"limit": 100})
            for task in listed["tasks"]:
                if task["task_id"] == made["task_id"] and task["status"] in ("done", "failed"):
                    return task["result"]
            await asyncio.sleep(0.02)
        raise SystemExit("nobody did it")


async def worker(port, results):
    async with SwarmClient(port) as hub:
        while results["left"] > 0:
            leased = await hub.request("lease", {"worker_id": "kiro-" + uuid.uuid4().hex[:8], "max_tasks": 1})
            for task in leased["tasks"]:
                await hub.request("ack", {"task_id": task["task_id"], "status": "done",
                                          "result": task["prompt"].upper()})
                results["left"] -= 1
            if not leased["tasks"]:
                await asyncio.sleep(0.01)


async def main():
    port, count = int(sys.argv[1]), 20
    results = {"left": count}

    async def client(i):
        async with SwarmClient(port) as hub:
            return await hub.run("task %d" % i)

    workers = [asyncio.create_task(worker(port, results)) for _ in range(4)]
    answers = await asyncio.gather(*(client(i) for i in range(count)))
    await asyncio.gather(*workers)
    assert answers == ["TASK %d" % i for i in range(count)], answers
    print("fine")


asyncio.run(main())

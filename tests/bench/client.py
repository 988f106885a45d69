"""A bare JSON-RPC client for timing language servers: no framework whose own cost would be measured too."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

Message = dict[str, Any]
Received = tuple[float, Message]


class Server:
    """A server process over stdio; every message received is kept with the time it came."""

    def __init__(self, command: Sequence[str], cwd: str | None = None) -> None:
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            env={**os.environ},
        )
        self._inbox: queue.Queue[Received] = queue.Queue()
        self._next_id = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            body = stream.read(length)
            now = time.perf_counter()
            message = json.loads(body)
            if "method" in message and "id" in message:
                items = message.get("params", {}) or {}
                result = [None] * len(items["items"]) if message["method"] == "workspace/configuration" else None
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
            self._inbox.put((now, message))

    def _send(self, message: Message) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def notify(self, method: str, params: Any) -> float:
        """Send a notification; returns when it was sent."""
        sent = time.perf_counter()
        self._send({"jsonrpc": "2.0", "method": method, "params": params})
        return sent

    def request(self, method: str, params: Any) -> tuple[float, int]:
        """Send a request; returns when it was sent, and its id."""
        self._next_id += 1
        sent = time.perf_counter()
        self._send({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params})
        return sent, self._next_id

    def wait(self, wanted: Callable[[Message], bool], timeout: float = 20) -> Received:
        """The next message that is wanted; others are dropped. Raises `queue.Empty` when none comes in time."""
        deadline = time.perf_counter() + timeout
        while True:
            received = self._inbox.get(timeout=max(0.001, deadline - time.perf_counter()))
            if wanted(received[1]):
                return received

    def call(self, method: str, params: Any) -> tuple[float, Any]:
        """Send a request and wait: seconds and result."""
        sent, id = self.request(method, params)
        received, message = self.wait(lambda message: message.get("id") == id and "method" not in message)
        return received - sent, message.get("result")

    def drain(self) -> list[Received]:
        """Everything received and not yet waited for."""
        found: list[Received] = []
        while not self._inbox.empty():
            found.append(self._inbox.get_nowait())
        return found

    def initialize(self, capabilities: Message | None = None, root: str | None = None) -> float:
        """Handshake; seconds from starting the process to the reply."""
        folders = [{"uri": f"file://{root}", "name": "bench"}] if root else None
        params = {
            "processId": None,
            "rootUri": f"file://{root}" if root else None,
            "workspaceFolders": folders,
            "capabilities": capabilities or {},
        }
        self.call("initialize", params)
        elapsed = time.perf_counter() - self.started
        self.notify("initialized", {})
        return elapsed

    def resident_megabytes(self) -> float:
        """Resident memory of the process now; Linux only."""
        with open(f"/proc/{self._process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def stop(self) -> None:
        """Ask it to exit, and make sure."""
        try:
            self.call("shutdown", None)
            self.notify("exit", None)
            self._process.wait(timeout=5)
        except (OSError, queue.Empty, subprocess.TimeoutExpired):
            self._process.kill()

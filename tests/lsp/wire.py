"""Messages as plain data over a server's streams, for what a proper client would never send."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Self

from tests.lsp.editor import SERVER, URI

DEADLINE_SECONDS = 20.0


class Wire:
    """A server process; `received` holds all its messages so far, in order."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command or SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.received: list[dict[str, Any]] = []
        self._inbox: Queue[dict[str, Any] | None] = Queue()
        self.errors = b""
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            assert header.startswith(b"Content-Length: "), f"not protocol on stdout: {header!r}"
            while stream.readline().strip():
                pass
            self._inbox.put(json.loads(stream.read(int(header.split()[1]))))
        self._inbox.put(None)

    def _read_errors(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        while chunk := os.read(stream.fileno(), 4096):
            self.errors += chunk

    def send_bytes(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def send_body(self, body: bytes) -> None:
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, params: Any = None) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def request(self, id: int | str, method: str, params: Any = None) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode())

    def answer_to(self, id: int | str | None) -> dict[str, Any]:
        """The next answer with this id."""
        while True:
            message = self.next()
            if "method" not in message and message.get("id") == id:
                return message

    def next(self) -> dict[str, Any]:
        message = self._inbox.get(timeout=DEADLINE_SECONDS)
        assert message is not None, f"the server has left: {self.errors.decode()}"
        self.received.append(message)
        return message

    def drain(self, seconds: float) -> None:
        """Take what comes within some time."""
        try:
            while message := self._inbox.get(timeout=seconds):
                self.received.append(message)
        except Empty:
            return

    def call(self, id: int | str, method: str, params: Any = None) -> dict[str, Any]:
        self.request(id, method, params)
        return self.answer_to(id)

    def initialize(self, capabilities: dict[str, Any] | None = None, process: int | None = None) -> dict[str, Any]:
        params = {"processId": process, "rootUri": None, "capabilities": capabilities or {}}
        answer = self.call("initialize", "initialize", params)
        self.notify("initialized", {})
        return answer

    def open(self, text: str, version: int = 1) -> None:
        document = {"uri": URI, "languageId": "dotprompt", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def hover(self, id: int | str, line: int, character: int) -> None:
        place = {"line": line, "character": character}
        self.request(id, "textDocument/hover", {"textDocument": {"uri": URI}, "position": place})

    def close_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    def resident_bytes(self) -> int:
        """The memory of the process; Linux only."""
        statm = Path(f"/proc/{self._process.pid}/statm").read_text()
        return int(statm.split()[1]) * os.sysconf("SC_PAGESIZE")

    def exit_code(self) -> int:
        """The exit code, waited for."""
        return self._process.wait(timeout=DEADLINE_SECONDS)


def patched(code: str) -> tuple[str, ...]:
    """A command that serves after running `code`, which may change what the server does."""
    return (sys.executable, "-c", f"import sys\n{code}\nfrom promptls.lsp.server import serve\nsys.exit(serve())")


def error_code(answer: dict[str, Any]) -> int:
    return int(answer["error"]["code"])

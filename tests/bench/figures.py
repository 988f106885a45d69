"""What the measurements share: how figures are printed, and what an editor sends."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from tests.bench.client import Message, Server

PROMPTLS = (sys.executable, "-m", "promptls")
PUSH_ONLY: Message = {"textDocument": {"publishDiagnostics": {"versionSupport": True}}}


def row(name: str, figure: str, yardstick: str = "") -> None:
    """Print one measurement and what it should be held against."""
    print(f"  {name:<58} {figure:<34} {yardstick}", flush=True)


def milliseconds(seconds: Sequence[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered) * 1e3:7.2f} ms  p95 {p95 * 1e3:7.2f} ms"


@contextlib.contextmanager
def serving(command: Sequence[str], folder: str, capabilities: Message = PUSH_ONLY) -> Iterator[Server]:
    """A server that has been initialised in a folder, and is stopped at the end."""
    server = Server(command, cwd=folder)
    try:
        server.initialize(capabilities, root=folder)
        yield server
    finally:
        server.stop()


def open_document(server: Server, uri: str, language: str, text: str) -> None:
    document = {"uri": uri, "languageId": language, "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": document})


def prose_position(text: str) -> Message:
    """Inside a word of running text near the middle, so that typing there leaves the file as valid as it was."""
    lines = text.split("\n")
    line = next(n for n in range(len(lines) // 2, len(lines)) if "nswer" in lines[n])
    return {"line": line, "character": lines[line].index("nswer")}


def type_key(server: Server, uri: str, version: int, position: Message, text: str) -> float:
    change = {"range": {"start": position, "end": position}, "text": text}
    return server.notify(
        "textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
    )


def is_diagnostics(message: Message, uri: str, version: int) -> bool:
    params = message.get("params") or {}
    is_publish = message.get("method") == "textDocument/publishDiagnostics" and params.get("uri") == uri
    return is_publish and (params.get("version") or version) >= version


def diagnostics(server: Server, uri: str, version: int) -> float:
    return server.wait(lambda message: is_diagnostics(message, uri, version))[0]


def seconds(
    command: Sequence[str], runs: int = 5, prepare: Callable[[], None] | None = None, cwd: str | None = None
) -> list[float]:
    """Wall seconds of a whole process, run several times."""
    times = []
    for _ in range(runs):
        if prepare:
            prepare()
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, cwd=cwd)
        times.append(time.perf_counter() - started)
    return times

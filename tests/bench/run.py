"""Prints how fast promptls is: `make bench`. Nothing here fails on an absolute time.

Every server figure has its yardstick measured in the same run: `ruff server` for typing, a bare pygls server for
start-up.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.client import Message, Server  # noqa: E402
from tests.bench.texts import prompt_text, python_text  # noqa: E402

PROMPTLS = (sys.executable, "-m", "promptls")
BARE_PYGLS = (
    sys.executable,
    "-c",
    "from pygls.lsp.server import LanguageServer; LanguageServer('bare', '1').start_io()",
)
PUSH_ONLY: Message = {"textDocument": {"publishDiagnostics": {"versionSupport": True}}}


def row(name: str, figure: str, yardstick: str = "") -> None:
    """Print one measurement and what it should be held against."""
    print(f"  {name:<58} {figure:<34} {yardstick}", flush=True)


def milliseconds(seconds: Sequence[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered) * 1e3:7.2f} ms  p95 {p95 * 1e3:7.2f} ms"


def typing(command: Sequence[str], text: str, suffix: str, language: str, edits: int) -> list[float]:
    """Seconds from each of `edits` single keystrokes, one at a time, to the diagnostics of that version."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(command, cwd=folder)
        with contextlib.closing(_Stopping(server)):
            server.initialize(PUSH_ONLY, root=folder)
            uri = f"file://{folder}/bench{suffix}"
            _open(server, uri, language, text)
            _diagnostics(server, uri, 1)
            position = _prose_position(text)
            times: list[float] = []
            for version in range(2, edits + 2):
                time.sleep(0.02)
                sent = _type(server, uri, version, position, "x")
                received = _diagnostics(server, uri, version)
                times.append(received - sent)
            return times


class _Stopping:
    def __init__(self, server: Server) -> None:
        self._server = server

    def close(self) -> None:
        self._server.stop()


def _open(server: Server, uri: str, language: str, text: str) -> None:
    document = {"uri": uri, "languageId": language, "version": 1, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": document})


def _prose_position(text: str) -> Message:
    """Inside a word of running text near the middle, so that typing there leaves the file as valid as it was."""
    lines = text.split("\n")
    line = next(n for n in range(len(lines) // 2, len(lines)) if "nswer" in lines[n])
    return {"line": line, "character": lines[line].index("nswer")}


def _type(server: Server, uri: str, version: int, position: Message, text: str) -> float:
    change = {"range": {"start": position, "end": position}, "text": text}
    return server.notify(
        "textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
    )


def _is_diagnostics(message: Message, uri: str, version: int) -> bool:
    params = message.get("params") or {}
    is_publish = message.get("method") == "textDocument/publishDiagnostics" and params.get("uri") == uri
    return is_publish and (params.get("version") or version) >= version


def _diagnostics(server: Server, uri: str, version: int) -> float:
    return server.wait(lambda message: _is_diagnostics(message, uri, version))[0]


def bench_typing(edits: int) -> None:
    """Change to diagnostics, beside `ruff server` on a Python file of the same length."""
    print("Typing: change to diagnostics")
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    medians: list[str] = []
    short = typing((*PROMPTLS, "serve"), prompt_text(300), ".prompt", "dotprompt", edits)
    for with_findings in (False, True) if ruff else ():
        yardstick = typing((str(ruff), "server"), python_text(300, with_findings=with_findings), ".py", "python", edits)
        name = "about 200 findings" if with_findings else "two findings"
        row(f"ruff server, 300 lines of Python with {name}", milliseconds(yardstick))
        medians.append(f"{statistics.median(short) / statistics.median(yardstick):.1f}")
    if not ruff:
        print("  ruff is not installed: no yardstick")
    row("promptls, 300 lines", milliseconds(short), f"{' and '.join(medians)} x ruff (goal 4 x about 2.5 ms)")
    long = typing((*PROMPTLS, "serve"), prompt_text(3000), ".prompt", "dotprompt", edits)
    growth = statistics.median(long) / statistics.median(short)
    row("promptls, 3,000 lines", milliseconds(long), f"{growth:.1f} x 300 lines (goal 12)")


def bench_burst() -> None:
    """Hovers while keys arrive fifty a second, and how many diagnostics a burst brings."""
    print("Burst of 100 keys at 20 ms in 300 lines")
    with tempfile.TemporaryDirectory() as folder:
        server = Server((*PROMPTLS, "serve"), cwd=folder)
        with contextlib.closing(_Stopping(server)):
            server.initialize(PUSH_ONLY, root=folder)
            uri = f"file://{folder}/bench.prompt"
            text = prompt_text(300)
            _open(server, uri, "dotprompt", text)
            _diagnostics(server, uri, 1)
            line = next(n for n, each in enumerate(text.split("\n")) if "{{tone}}" in each)
            position = {"line": line, "character": text.split("\n")[line].index("{{tone}}") + 3}
            prose = _prose_position(text)
            hover = {"textDocument": {"uri": uri}, "position": position}
            server.call("textDocument/hover", hover)
            sent: dict[int, float] = {}
            last = 0.0
            for key in range(100):
                last = _type(server, uri, key + 2, prose, "x")
                if key % 2:
                    at, id = server.request("textDocument/hover", hover)
                    sent[id] = at
                time.sleep(0.02)
            time.sleep(0.5)
            messages = server.drain()
            hovers = [at - sent[message["id"]] for at, message in messages if message.get("id") in sent]
            publishes = [
                (at, message["params"].get("version")) for at, message in messages if _is_diagnostics(message, uri, 0)
            ]
            gaps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(publishes)]
            row(
                "hover during the burst",
                milliseconds(hovers),
                f"{len(hovers)} of {len(sent)} answered (goal p95 20 ms)",
            )
            versions = [version for _, version in publishes]
            row(
                "publishes in the burst",
                f"{len(publishes)}, least gap {min(gaps, default=0) * 1e3:.1f} ms",
                f"versions ascend: {versions == sorted(versions)}; last key to last publish "
                f"{(publishes[-1][0] - last) * 1e3:.1f} ms",
            )


def bench_start() -> None:
    """Process start to the reply to `initialize`, beside a bare pygls server; resident memory."""
    print("Start")
    figures: dict[str, list[float]] = {"bare": [], "promptls": []}
    memory = settled = 0.0
    for _ in range(7):
        for name, command in (("bare", BARE_PYGLS), ("promptls", (*PROMPTLS, "serve"))):
            server = Server(command)
            figures[name].append(server.initialize(PUSH_ONLY))
            if name == "promptls":
                memory = server.resident_megabytes()
                time.sleep(0.5)
                settled = server.resident_megabytes()
            server.stop()
    ratio = statistics.median(figures["promptls"]) / statistics.median(figures["bare"])
    row("bare pygls server", milliseconds(figures["bare"]))
    row("promptls serve", milliseconds(figures["promptls"]), f"{ratio:.2f} x bare pygls (goal 1.4)")
    row("resident memory after initialize, and half a second on", f"{memory:.0f} MB, {settled:.0f} MB", "goal 60 MB")


def seconds(command: Sequence[str], runs: int = 5, prepare: Callable[[], None] | None = None) -> list[float]:
    """Wall seconds of a whole process, run several times."""
    times = []
    for _ in range(runs):
        if prepare:
            prepare()
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - started)
    return times


def bench_check() -> None:
    """The command line: start-up, one file, a thousand files, and growth with the size of one file."""
    print("Command line")
    row("promptls --version", milliseconds(seconds((*PROMPTLS, "--version"), 9)), "goal 90 ms")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cache = {"XDG_CACHE_HOME": str(root / "cache")}
        os.environ.update(cache)
        one = root / "one.prompt"
        one.write_text(prompt_text(60), encoding="utf-8")
        row(
            "check, one file of 60 lines",
            milliseconds(seconds((*PROMPTLS, "check", "--no-cache", str(one)))),
            "goal 300 ms",
        )
        many = root / "many"
        for n in range(1000):
            target = many / f"{n // 100}" / f"p{n}.prompt"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(prompt_text(60).replace("Part 0", f"Part {n}"), encoding="utf-8")
        row(
            "check, 1,000 files, no cache",
            milliseconds(seconds((*PROMPTLS, "check", "--no-cache", str(many)), 3)),
            "goal 2,500 ms",
        )
        subprocess.run((*PROMPTLS, "check", str(many)), stdout=subprocess.DEVNULL, check=False)
        row("check, 1,000 files, cached", milliseconds(seconds((*PROMPTLS, "check", str(many)))), "goal 600 ms")
        sizes = []
        for kilobytes in (125, 250, 500):
            text = prompt_text(kilobytes * 1000 // 24)
            one.write_text(text, encoding="utf-8")
            sizes.append((len(text), min(seconds((*PROMPTLS, "check", "--no-cache", str(one)), 3))))
        shown = ", ".join(f"{length / 1e3:.0f} KB {elapsed * 1e3:.0f} ms" for length, elapsed in sizes)
        base = min(seconds((*PROMPTLS, "check", "--no-cache", "--isolated", os.devnull), 3))
        growth = (sizes[2][1] - base) / max(1e-9, sizes[0][1] - base)
        row(
            "check, one large file",
            shown,
            f"{growth:.1f} x for {sizes[2][0] / sizes[0][0]:.1f} x the size, start-up taken off",
        )


def main() -> None:
    """Run the parts named on the command line, or all."""
    parts: dict[str, Callable[[], None]] = {
        "start": bench_start,
        "typing": lambda: bench_typing(options.edits),
        "burst": bench_burst,
        "check": bench_check,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(parts)}")
    parser.add_argument("--edits", type=int, default=100, help="how many keystrokes to time")
    options = parser.parse_args()
    for name in options.parts or parts:
        parts[name]()


if __name__ == "__main__":
    main()

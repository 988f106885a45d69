"""Prints how fast promptls is: `make bench`. Nothing here fails on an absolute time.

Every server figure has its yardstick measured in the same run: `ruff server` for typing, a bare pygls server for
start-up.
"""

from __future__ import annotations

import argparse
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

from tests.bench.client import Server  # noqa: E402
from tests.bench.counting import bench_counting  # noqa: E402
from tests.bench.features import bench_burst, bench_projects, bench_tokens  # noqa: E402
from tests.bench.figures import (  # noqa: E402
    PROMPTLS,
    PUSH_ONLY,
    diagnostics,
    milliseconds,
    open_document,
    prose_position,
    row,
    seconds,
    serving,
    type_key,
)
from tests.bench.history import bench_history  # noqa: E402
from tests.bench.optimize import bench_optimize  # noqa: E402
from tests.bench.score import bench_score  # noqa: E402
from tests.bench.store import bench_store  # noqa: E402
from tests.bench.texts import prompt_text, python_text  # noqa: E402

BARE_PYGLS = (
    sys.executable,
    "-c",
    "from pygls.lsp.server import LanguageServer; LanguageServer('bare', '1').start_io()",
)


def typing(command: Sequence[str], text: str, suffix: str, language: str, edits: int) -> list[float]:
    """Seconds from each of `edits` single keystrokes, one at a time, to the diagnostics of that version."""
    with tempfile.TemporaryDirectory() as folder, serving(command, folder) as server:
        uri = f"file://{folder}/bench{suffix}"
        open_document(server, uri, language, text)
        diagnostics(server, uri, 1)
        position = prose_position(text)
        times: list[float] = []
        for version in range(2, edits + 2):
            time.sleep(0.02)
            sent = type_key(server, uri, version, position, "x")
            received = diagnostics(server, uri, version)
            times.append(received - sent)
        return times


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
        "score": bench_score,
        "burst": bench_burst,
        "tokens": bench_tokens,
        "counting": bench_counting,
        "projects": bench_projects,
        "check": bench_check,
        "store": bench_store,
        "history": bench_history,
        "optimize": bench_optimize,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(parts)}")
    parser.add_argument("--edits", type=int, default=100, help="how many keystrokes to time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as caches:
        os.environ["PROMPTLS_CACHE_FOLDER"] = caches
        for name in options.parts or parts:
            parts[name]()


if __name__ == "__main__":
    main()

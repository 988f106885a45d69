"""How fast prompts are indexed, found and found again after a save, at ten and a hundred thousand of them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from promptls.settings import SettingsSources
from promptls.store.query import parse_query
from promptls.workspace import Workspace
from tests.bench.client import Server
from tests.bench.figures import PROMPTLS, milliseconds, row, seconds, serving
from tests.store.generate import queries, write_prompts

_SEARCHES = 300


@contextmanager
def _prompts(count: int) -> Iterator[Path]:
    """A folder of prompts, and a cache folder that nobody else uses."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PROMPTLS_CACHE_FOLDER"] = f"{folder}/cache"
        root = Path(folder).resolve() / "prompts"
        write_prompts(root, count)
        yield root


def _workspace(root: Path) -> Workspace:
    return Workspace([root], SettingsSources(user=None, variables={}))


def _first_index(root: Path, count: int) -> None:
    jobs = os.cpu_count() or 1
    started = time.perf_counter()
    _workspace(root).index.refresh(judging=False, jobs=jobs)
    elapsed = time.perf_counter() - started
    row(f"first index, {count:,} prompts, {jobs} processes", f"{elapsed:.1f} s", "goal 40 s at 10,000")


def _searches(root: Path, count: int, goal: str) -> None:
    index = _workspace(root).index
    times = []
    for number, text in enumerate(queries(_SEARCHES + 5)):
        started = time.perf_counter()
        index.search(parse_query(text))
        if number >= 5:
            times.append(time.perf_counter() - started)
    row(f"search, {count:,} prompts", milliseconds(times), f"goal p95 {goal}")


def _restart(root: Path) -> None:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        _workspace(root).index.refresh(judging=False)
        times.append(time.perf_counter() - started)
    row("unchanged restart", milliseconds(times), "goal 1,500 ms")
    command = (*PROMPTLS, "search", "summarise invoices")
    row("promptls search, the whole process", milliseconds(seconds(command, cwd=str(root))))


def _judging(root: Path, count: int) -> None:
    jobs = os.cpu_count() or 1
    started = time.perf_counter()
    _workspace(root).index.refresh(jobs=jobs)
    elapsed = time.perf_counter() - started
    row(f"findings, scores and tokens of {count:,}, afterwards", f"{elapsed:.1f} s", "searched beside it")


def _find(server: Server, query: str) -> tuple[float, int]:
    elapsed, answer = server.call("promptls/search", {"query": query})
    return elapsed, answer["total"]


def _memory_after_use(root: Path, *, shown: bool) -> float:
    """Megabytes of a server after its index is filled, has been searched and has followed saves."""
    with serving((*PROMPTLS, "serve"), str(root)) as server:
        path = root / "team0" / "case1.prompt"
        text = path.read_text(encoding="utf-8")
        while not _find(server, "careful")[1]:
            time.sleep(0.1)
        time.sleep(3)
        searched = [_find(server, text)[0] for text in queries(_SEARCHES)]
        saved = []
        for number in range(15):
            word = f"zyxwv{number}"
            path.write_text(f"{text}\n{word}\n", encoding="utf-8")
            started = server.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
            while not _find(server, word)[1]:
                if time.perf_counter() - started > 10:
                    raise RuntimeError("a save was never found")
                time.sleep(0.005)
            saved.append(time.perf_counter() - started)
            time.sleep(0.3)
        if shown:
            row("search by way of the server", milliseconds(searched))
            row("a save is found", milliseconds(saved), "goal 200 ms")
        return server.resident_megabytes()


def _server(root: Path) -> None:
    many = _memory_after_use(root, shown=True)
    with _prompts(10) as few:
        grown = many - _memory_after_use(few, shown=False)
    row("the server's memory, over that with ten prompts", f"{grown:.0f} MB more, {many:.0f} MB in all", "goal 40 MB")


def bench_store() -> None:
    """Ten thousand prompts, whole; of a hundred thousand the index and the searches."""
    print("Index and search")
    with _prompts(10_000) as root:
        _first_index(root, 10_000)
        _restart(root)
        _searches(root, 10_000, "10 ms")
        _judging(root, 10_000)
        _searches(root, 10_000, "10 ms, scores known")
        _server(root)
    with _prompts(100_000) as root:
        _first_index(root, 100_000)
        _searches(root, 100_000, "40 ms")

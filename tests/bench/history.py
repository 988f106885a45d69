"""How long it takes to record a version, to say where a prompt stands, and to count a use."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.store.history import History
from promptls.store.sqlite_history import SqliteHistory
from promptls.store.usage import Counter, Usage
from tests.bench.figures import milliseconds, row
from tests.bench.texts import prompt_text

_VERSIONS = 300


def bench_history() -> None:
    """A prompt of 300 lines that has more and more versions."""
    print("Versions and use")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.prompt"
        history = History(Path(folder), SqliteHistory(Path(folder) / "history.sqlite3"))
        taken = []
        for number in range(_VERSIONS):
            prompt = Prompt(f"{prompt_text(300)}\nNote {number}.\n", settings=Settings(), path=path)
            start = time.perf_counter()
            history.record(prompt, author="bench")
            taken.append(time.perf_counter() - start)
        row("record a version, 300 lines", milliseconds(taken[5:]), "goal 50 ms; the editor does not wait for it")
        row(f"the same with {_VERSIONS} versions", milliseconds(taken[-30:]), "goal 50 ms")
        taken = []
        for number in range(30):
            prompt = Prompt(f"{prompt_text(300)}\nUnsaved {number}.\n", settings=Settings(), path=path)
            start = time.perf_counter()
            history.next(prompt)
            taken.append(time.perf_counter() - start)
        row("the next version, for the lens", milliseconds(taken))
        usage, taken = Usage(Path(folder) / "usage.sqlite3"), []
        for number in range(60):
            counts = {Counter("2026-01-31", "views", f"p{each}.prompt"): 1 for each in range(number % 20 + 1)}
            start = time.perf_counter()
            usage.add(counts)
            taken.append(time.perf_counter() - start)
        row("write a batch of uses", milliseconds(taken[5:]), "nobody waits for it")

"""How long the tokens of a prompt take, and what the vocabulary costs that they are counted with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from promptls.language.prompt import Prompt
from promptls.language.render.sample_input import sample_inputs
from promptls.settings import Settings
from tests.bench.figures import milliseconds, row
from tests.bench.texts import prompt_text

# Prints the seconds and the megabytes of resident memory that a vocabulary takes in a process of its own.
_LOADING = """
import json, sys, time

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

import promptls.language.tokenizers as tokenizers
before, begun = resident(), time.perf_counter()
assert tokenizers.counter(sys.argv[1], wait=True).encoding == sys.argv[2]
print(json.dumps([time.perf_counter() - begun, resident() - before]))
"""


def bench_counting() -> None:
    """Load time and memory of both vocabularies; counting a prompt of 300 lines, and a megabyte."""
    print("Counting tokens")
    for model, encoding in (("gpt-4o", "o200k_base"), ("gpt-4", "cl100k_base")):
        with tempfile.TemporaryDirectory() as cache:
            first, _ = _loaded(model, encoding, cache)
            again = [_loaded(model, encoding, cache) for _ in range(5)]
        row(f"load {encoding}, unpacked before", milliseconds([each[0] for each in again]), "goal 300 ms")
        row("  unpacked now; resident memory", f"{first * 1e3:.0f} ms; {again[0][1]:.0f} MB")
    _bench_prompts()


def _loaded(model: str, encoding: str, cache: str) -> tuple[float, float]:
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    command = (sys.executable, "-c", _LOADING, model, encoding)
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(result.stdout)
    return seconds, megabytes


def _bench_prompts() -> None:
    from promptls.language.render.engine import RenderRequest
    from promptls.language.tokenizers import ESTIMATE, counter
    from promptls.language.tokens import default_rendering, message_tokens, tokens

    exact = counter("gpt-4o", wait=True)
    text = prompt_text(300)
    known = Prompt(text, settings=Settings())
    request = RenderRequest(sample_inputs(known)[1])

    def fresh() -> Prompt:
        return Prompt(text, settings=Settings())

    default = tokens(known, exact)
    rendering = default_rendering(known)
    row(f"300 lines ({default.rendered:,} tokens): count the messages",
        milliseconds(_times(lambda: message_tokens(rendering, exact))))  # fmt: skip
    row("  the same, estimated", milliseconds(_times(lambda: message_tokens(rendering, ESTIMATE))))
    row("  everything, rendered before", milliseconds(_times(lambda: tokens(known, exact))), "goal 10 ms")
    row("  everything, of a text never seen", milliseconds(_times(lambda: tokens(fresh(), exact))))
    row("  everything, with input", milliseconds(_times(lambda: tokens(known, exact, request))))
    novel = "It was the best of times, it was the worst of times. \n" * 19_000
    row(f"a text of 1 MB ({exact.count(novel):,} tokens)", milliseconds(_times(lambda: exact.count(novel), 5)))


def _times(work: Callable[[], object], runs: int = 20) -> list[float]:
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return times

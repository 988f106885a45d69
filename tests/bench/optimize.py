"""How long the strategy static takes."""

from __future__ import annotations

import time

from promptls.language.prompt import Prompt
from promptls.optimize.draft import Request
from promptls.optimize.service import optimised
from promptls.settings import Settings
from tests.bench.figures import milliseconds, row
from tests.bench.texts import prompt_text

_RUNS = 15


def _messy(lines: int) -> str:
    """A prompt with something to do for several steps: weak rules, filler, stray words on the output, no fences."""
    rules = "\n".join(
        f"- Name part {number} of the table as the catalogue does{', if possible' if number % 60 == 7 else ''}."
        for number in range(lines - 20)
    )
    return (
        '---\nmodel: openai/gpt-4.1\n---\n{{role "system"}}\n# Rules\n- Answer from the documents.\n'
        f"- Please note that quotes are kept short.\n- Return the answer as JSON.\n{rules}\n\n"
        '# Output\nGive {"answer": "...", "source": "..."}.\n'
        '{{role "user"}}\n<question>\n{{question}}\n</question>\n\n{{documents}}\n'
    )


def bench_optimize() -> None:
    """A prompt that is nearly good, and one that needs several steps; each of about 300 lines."""
    print("Optimise without a model")
    for name, text in (("300 lines", prompt_text(300)), ("300 lines with much to do", _messy(300))):
        times = []
        result = optimised(Prompt(text, settings=Settings()), Request())
        for _ in range(_RUNS):
            begun = time.perf_counter()
            result = optimised(Prompt(text, settings=Settings()), Request())
            times.append(time.perf_counter() - begun)
        row(f"{name}, {len(result.steps)} steps", milliseconds(times), "goal 120 ms")

"""How long it takes to analyse and score: one prompt that is at hand, and a thousand files."""

from __future__ import annotations

import gc
import os
import subprocess
import tempfile
import time
from pathlib import Path

from promptls.language.prompt import Prompt
from promptls.score.score import score
from promptls.settings import Settings
from tests.bench.figures import PROMPTLS, milliseconds, row
from tests.bench.texts import prompt_text

_PROMPTS = Path(__file__).parents[2] / "samples" / "extraction" / "invoice.prompt"


def bench_score() -> None:
    """Analysis, rules and score of 300 lines and of a sample, warm; a thousand files from the command line."""
    print("Score")
    for name, text in (("300 lines", prompt_text(300)), ("a sample of 70 lines", _PROMPTS.read_text(encoding="utf-8"))):
        taken = []
        for number in range(40):
            # Another text every time, for nothing may be known of it.
            prompt = Prompt(f"{text}\nNote {number}.\n", settings=Settings())
            gc.collect()
            start = time.perf_counter()
            score(prompt)
            taken.append(time.perf_counter() - start)
        row(f"analysis, rules and score, {name}", milliseconds(taken[5:]), "goal 25 ms for 300 lines")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1000):
            path = Path(folder) / f"{number // 100}" / f"p{number}.prompt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(prompt_text(60).replace("Part 0", f"Part {number}"), encoding="utf-8")
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            command = (*PROMPTLS, "score", "--format", "json", folder)
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            taken.append(time.perf_counter() - start)
        row(f"score, 1,000 files, {os.cpu_count()} processors", milliseconds(taken), "goal 6,000 ms")

"""How long it takes to analyse and score: one prompt that is at hand, and a thousand files."""

from __future__ import annotations

import gc
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from promptls.analysis.text import features
from promptls.language.prompt import Prompt, template
from promptls.language.scope import scope
from promptls.lint.packs import built_in_packs
from promptls.lint.runner import findings, run, selected_rules
from promptls.score.score import score
from promptls.settings import Settings
from tests.bench.figures import PROMPTLS, milliseconds, row
from tests.bench.texts import prompt_text

_SAMPLES = Path(__file__).parents[2] / "samples"
_JOINED = (
    "agent/travel", "domains/sql", "chat/support", "domains/cine", "domains/devops", "rag/answer", "domains/saas",
    "languages/resumen", "classification/ticket",
)  # fmt: skip
_ROUNDS = 40
_COLD = 5
_EVERYTHING = Settings(suggestions="always", ignore=["cost"])
"""All rules but those that count tokens, which are measured by themselves."""


def bench_score() -> None:
    """Analysis, rules and score of 300 lines, part by part, warm; a thousand files from the command line."""
    print("Score")
    for name, text in (("with many tags", prompt_text(300)), ("of samples, much prose", _prose(300))):
        _bench_parts(f"300 lines {name}", text)
    _bench_files()


def _prose(lines: int) -> str:
    """The templates of samples, one after the other."""
    joined = "".join(
        (_SAMPLES / f"{name}.prompt").read_text(encoding="utf-8").split("---\n", 2)[-1] for name in _JOINED
    )
    return "---\nmodel: googleai/gemini-2.5-flash\n---\n" + "\n".join(joined.split("\n")[:lines])


def _bench_parts(name: str, text: str) -> None:
    # Another text every time, for nothing may be known of it.
    rounds = [_round(f"{text}\nNote {number}") for number in range(_ROUNDS)][_COLD:]
    print(f"  {name}")
    goals = {"all of it": "goal 25 ms", "its tokens, afterwards": "goal 10 ms"}
    for part in rounds[0]:
        times = [each[part] for each in rounds]
        row(f"  {part}", f"{milliseconds(times)}, least {min(times) * 1e3:.1f} ms", goals.get(part, ""))


def _round(text: str) -> dict[str, float]:
    """The processor's seconds for each part: others may be at work on this machine."""
    from promptls.language.tokenizers import counter
    from promptls.language.tokens import tokens

    packs = built_in_packs().by_name
    exact = counter("gpt-4o", wait=True)
    prompt, whole = (Prompt(f"{text}{mark}.\n", settings=_EVERYTHING) for mark in "ab")
    rules = selected_rules(prompt)
    own = [rule for rule in rules if rule.family not in packs]
    of_packs = [rule for rule in rules if rule.family in packs]
    parts: dict[str, tuple[Callable[[], object], ...]] = {
        "the template and its names": (lambda: template(prompt), lambda: scope(prompt)),
        "analysis": (lambda: features(prompt),),
        "rules": (lambda: list(run(prompt, own)),),
        "rules of packs": (lambda: list(run(prompt, of_packs)),),
        "score": (lambda: score(prompt),),
        "all of it": (lambda: features(whole), lambda: findings(whole), lambda: score(whole)),
        "its tokens, afterwards": (lambda: tokens(whole, exact),),
    }
    taken: dict[str, float] = {}
    for part, work in parts.items():
        if part == "score":
            findings(prompt)
        gc.collect()
        start = time.process_time()
        for each in work:
            each()
        taken[part] = time.process_time() - start
    return taken


def _bench_files() -> None:
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


if __name__ == "__main__":
    bench_score()

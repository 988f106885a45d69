"""Runs the strategy static over real prompts and prints what it gains and what that costs in tokens.

`python -m tests.optimize.over_corpus [--show]`; the corpus is `../shared/corpus`, besides our own samples.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from promptls.language.prompt import Prompt, layout
from promptls.language.token_estimate import estimate_tokens
from promptls.optimize.draft import Draft, Request
from promptls.optimize.guards import rejection
from promptls.optimize.pipeline import OptimizationError, SafelyFixed
from promptls.optimize.result import Result
from promptls.optimize.service import optimised
from promptls.workspace import Workspace
from tests.support import ROOT

CORPUS = ROOT.parent / "shared" / "corpus"
SAMPLES = ROOT / "samples"


@dataclass(frozen=True, slots=True)
class Case:
    """One prompt optimised, and its result optimised once more."""

    path: Path
    prompt: Prompt
    result: Result
    again: Result

    @property
    def gain(self) -> int | None:
        """Points of the score."""
        before, after = self.result.before.score, self.result.after.score
        return None if before is None or after is None else after - before

    @property
    def growth(self) -> float:
        """How much longer the template has become, in tokens; 0.1 for a tenth."""
        before, after = (_tokens(each) for each in (self.prompt, self.prompt.with_text(self.result.text)))
        return after / before - 1 if before else 0.0

    @property
    def refusal(self) -> str | None:
        """What the guards say of the result when they are asked once more, apart from the pipeline."""
        try:
            fixed = SafelyFixed()(Draft.of(self.prompt))
        except OptimizationError:
            return None if self.result.text == self.prompt.text else "changed, though it cannot be read"
        after = Draft(self.prompt, fixed.prompt, self.prompt.with_text(self.result.text))
        found = rejection(after) if self.result.status == "improved" else None
        return f"{found.guard}: {found.reason}" if found else None


def _tokens(prompt: Prompt) -> int:
    return estimate_tokens(prompt.text[slice(*layout(prompt).template_range)])


def cases(folders: tuple[Path, ...] = (CORPUS, SAMPLES)) -> Iterator[Case]:
    """Every prompt below the folders that there are."""
    for folder in folders:
        if folder.is_dir():
            workspace = Workspace([folder])
            for path in sorted(folder.rglob("*.prompt")):
                prompt = workspace.prompt(path)
                result = optimised(prompt, Request())
                yield Case(path, prompt, result, optimised(prompt.with_text(result.text), Request()))


def main() -> None:
    """Print the figures, and with --show each diff."""
    found = list(cases())
    read = [case for case in found if case.result.status in ("improved", "unchanged")]
    improved = [case for case in found if case.result.status == "improved"]
    if "--show" in sys.argv:
        for case in improved:
            steps = ", ".join(step.title for step in case.result.steps)
            print(f"=== {case.path}: {case.result.before} -> {case.result.after}: {steps}\n{case.result.diff}")
    print(f"{len(found)} prompts: {dict(Counter(case.result.status for case in found))}")
    print(f"left alone: {dict(Counter((case.result.error or '').partition('(')[0] for case in found))}")
    for name, chosen in (("all that can be read", read), ("those that changed", improved)):
        gains = [case.gain for case in chosen if case.gain is not None]
        growth = mean(case.growth for case in chosen)
        print(f"{name}: mean gain {mean(gains):+.2f} points, mean token growth {growth:+.1%}")
    print(f"refused by a guard: {sum(case.refusal is not None for case in found)}")
    print(f"not idempotent: {sum(case.again.text != case.result.text for case in found)}")
    print(f"lower score: {sum((case.gain or 0) < 0 for case in found)}")


if __name__ == "__main__":
    main()

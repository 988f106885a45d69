"""What comes out of an optimisation."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from promptls.language.prompt import Prompt
from promptls.optimize.draft import SearchTree, Step, Usage

Status = Literal["improved", "unchanged", "rejected", "failed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How good and how long a prompt is; `score` is None where there is no prose to judge."""

    score: int | None
    tokens: int


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the prompt's domain suggests besides: a system prompt and examples, each a text to start from."""

    system_prompt: str | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The answer to a request.

    `text` is the seed's own unless the status is "improved"; `error` is one sentence, where it was rejected or failed.
    """

    seed: Prompt
    strategy: str
    status: Status
    text: str
    before: Standing
    after: Standing
    steps: tuple[Step, ...] = ()
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    proposals: Proposals = field(default_factory=Proposals)
    error: str | None = None
    metrics: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """What plugins measured, before and after."""
    search: SearchTree | None = None
    """What the strategy came across, where it searched."""

    @property
    def diff(self) -> str:
        """A unified diff from the seed to the text; empty where they are the same."""
        name = self.seed.path.name if self.seed.path is not None else "prompt"
        lines = difflib.unified_diff(
            self.seed.text.splitlines(keepends=True), self.text.splitlines(keepends=True), name, f"{name} (optimised)"
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

"""The gates of `check`: the most tokens, the most money and the least score, and which prompts miss them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from promptls.lint.rule import Finding, Severity
from promptls.syntax.source import Range

if TYPE_CHECKING:
    from promptls.language.prompt import Prompt
    from promptls.workspace import Workspace

MAX_TOKENS, MAX_COST, MIN_SCORE = "gate/max-tokens", "gate/max-cost", "gate/min-score"
SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        MAX_TOKENS: "The prompt takes more tokens than --max-tokens allows.",
        MAX_COST: "The input of a call costs more than --max-cost allows.",
        MIN_SCORE: "The prompt's score is below --min-score.",
    }
)
"""What reports name a missed gate by, in the place of a rule, and what it means."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a prompt: only what a gate or a report asks for.

    `exact` and `counted` say of the tokens whether they are the model's own, and whether a vocabulary was there at all;
    `cost` is in US dollars, None where no price is known. `score` is None for a file without prose.
    """

    tokens: int | None = None
    exact: bool = False
    counted: bool = True
    cost: float | None = None
    model: str | None = None
    score: int | None = None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Gates:
    """The limits that every prompt is held to, and what reports show besides."""

    max_tokens: int | None = None
    max_cost: float | None = None
    min_score: int | None = None
    shown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Gates:
        """The gates that arguments set."""
        return cls(arguments.max_tokens, arguments.max_cost, arguments.min_score, frozenset(arguments.measures or ()))

    def __bool__(self) -> bool:
        return self.wants_tokens or self.wants_score

    @property
    def wants_tokens(self) -> bool:
        return self.max_tokens is not None or self.max_cost is not None or "tokens" in self.shown

    @property
    def wants_score(self) -> bool:
        return self.min_score is not None or "score" in self.shown

    def measure(self, prompt: Prompt, workspace: Workspace) -> Measures:
        """Measure a prompt as far as it is asked for."""
        from promptls.language.files import is_partial

        made = partial(Measures, is_partial=is_partial(prompt), score=_score(prompt) if self.wants_score else None)
        if not self.wants_tokens:
            return made()
        from promptls.ide.token_counts import token_counts

        counts = token_counts(prompt, workspace, wait=True)
        tokens = counts.tokens
        return made(tokens.rendered, tokens.exact, tokens.encoding is not None, counts.cost.input_usd, counts.model_id)

    def missed(self, measures: Measures) -> Iterator[Finding]:
        """A finding for every gate that a prompt misses; partials, which are never sent by themselves, miss none."""
        if measures.is_partial:
            return
        tokens, cost, score = measures.tokens, measures.cost, measures.score
        if self.max_tokens is not None and tokens is not None and tokens > self.max_tokens:
            about = "" if measures.exact else "about "
            yield _miss(MAX_TOKENS, f"the prompt takes {about}{tokens:,} tokens; --max-tokens is {self.max_tokens:,}")
        if self.max_cost is not None:
            if cost is None:
                named = f"of {measures.model}" if measures.model else "without a model"
                yield _miss(
                    MAX_COST,
                    f"what a call costs is not known: there is no price {named}",
                    help="Name a model that the catalogue knows, or give its input-mtok in the setting models.",
                    severity=Severity.WARNING,
                )
            elif cost > self.max_cost:
                yield _miss(MAX_COST, f"the input of a call costs ${cost:.3g}; --max-cost is ${self.max_cost:.3g}")
        if self.min_score is not None and score is not None and score < self.min_score:
            yield _miss(
                MIN_SCORE, f"the score is {score}; --min-score is {self.min_score}", help="promptls score explains it."
            )


NO_GATES = Gates()
NOTHING_MEASURED = Measures()


def _miss(gate: str, message: str, *, help: str | None = None, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(Range(0, 0), message, help=help, severity=severity, rule=gate)


def _score(prompt: Prompt) -> int | None:
    from promptls.score.score import score

    scored = score(prompt)
    return scored.overall if scored is not None else None

"""What the stages of an optimisation hand on: an immutable `Draft`, and what it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from promptls.language.prompt import Prompt
from promptls.syntax.source import Range, TextEdit


@dataclass(frozen=True, slots=True)
class Usage:
    """What an optimisation spent. `cost_usd` is 0.0 where no price is known, `seconds` is wall time."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    cache_hits: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
            self.cache_hits + other.cache_hits,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One named change. `edits` are of the text that the step before it left; `rule` asked for it, if a rule did."""

    stage: str
    title: str
    edits: tuple[TextEdit, ...]
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Permissions:
    """What an optimisation may change besides wording: nothing, unless it was asked to."""

    frontmatter: bool = False
    roles: bool = False


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What the result may cost at most. `tokens` of the template; `growth` in tokens as a factor of the seed's."""

    tokens: int | None = None
    growth: float | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an optimisation. `held_out` are texts of test cases that the result must not have copied."""

    strategy: str = "static"
    permissions: Permissions = Permissions()
    ceilings: Ceilings = Ceilings()
    held_out: tuple[str, ...] = ()
    steps: frozenset[str] | None = None
    """Only these rules' steps (static); None for all."""
    within: Range | None = None
    """The only stretch of the seed that may change; None for all of it."""
    seed: int = 0
    scaffold: bool = False
    """Whether to put in lines that only the author can complete, with what is open in square brackets."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One that a search came across: the numbers of its parents, what made it, and its score from 0 to 1 on the cases
    that it was tried on. `held_out` is its score on the cases that decide, if it got that far.
    """

    text: str
    parents: tuple[int, ...]
    operator: str
    score: float
    held_out: float | None = None


@dataclass(frozen=True, slots=True)
class SearchTree:
    """All that a search came across, in that order, the seed first; `refused` counts what guards kept out.

    `held_out_cases` decided; `answer` is the number of the candidate that was taken, None for none.
    """

    candidates: tuple[Candidate, ...]
    held_out_cases: int
    answer: int | None = None
    refused: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A prompt on its way.

    `seed` is what came in. `baseline` is what guards compare with: the seed after its safe fixes, which by their
    definition leave the meaning alone. `prompt` is where the draft stands, `notes` are sentences for people.
    """

    seed: Prompt
    baseline: Prompt
    prompt: Prompt
    request: Request = Request()
    steps: tuple[Step, ...] = ()
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()
    search: SearchTree | None = None

    @classmethod
    def of(cls, prompt: Prompt, request: Request | None = None) -> Draft:
        """The draft of a prompt to which nothing has been done."""
        return cls(prompt, prompt, prompt, request or Request())

    def after(self, step: Step) -> Draft:
        """This draft with one more step taken; raises `ValueError` where the step's edits overlap."""
        changed = self.prompt.with_text(self.prompt.source.edited(step.edits).text)
        return replace(self, prompt=changed, steps=(*self.steps, step))

    def spent(self, usage: Usage) -> Draft:
        """This draft, having cost more."""
        return replace(self, usage=self.usage + usage)

    def noted(self, *notes: str) -> Draft:
        """This draft with something more to tell."""
        return replace(self, notes=(*self.notes, *notes))

    def without_changes(self, *notes: str) -> Draft:
        """The seed again, at the same cost."""
        return replace(self, baseline=self.seed, prompt=self.seed, steps=(), notes=(*self.notes, *notes))


def only(steps: Sequence[Step], rules: frozenset[str] | None) -> tuple[Step, ...]:
    """The steps that were asked for."""
    return tuple(step for step in steps if rules is None or step.rule in rules)

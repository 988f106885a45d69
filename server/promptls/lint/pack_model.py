"""What a domain pack may say: the model of its YAML, which is also where its JSON Schema comes from.

`python -m promptls.lint.pack_model > rules/pack.schema.json` renews the latter.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    ValidationInfo,
    model_validator,
)

from promptls.analysis.domain import GENERAL
from promptls.lint.pattern import compiled

Name = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
Sentence = Annotated[str, Field(min_length=3)]
Intent = Literal["generate", "extract", "classify", "rewrite", "summarise", "answer", "code", "plan", "converse"]
Share = Annotated[float, Field(ge=0, le=1)]


TESTED = "tested"
"""The context in which to validate packs whose patterns are known to be good: compiling them all takes a while."""


def _checked_pattern(pattern: str, info: ValidationInfo) -> str:
    if info.context != TESTED:
        compiled(pattern)
    return pattern


def _checked_term(term: str) -> str:
    if not all(re.fullmatch(r"[^*]+\*?", word) for word in term.split()) or not term.strip():
        raise ValueError("a term is a word or a phrase, with a * at the end of a word where any ending will do")
    return term


Pattern = Annotated[str, AfterValidator(_checked_pattern)]
Term = Annotated[str, AfterValidator(_checked_term)]


class _Table(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
        validate_by_alias=True,
        validate_by_name=False,
        use_attribute_docstrings=True,
    )


class Terms(_Table):
    """Words and phrases that speak for a domain equally much."""

    weight: PositiveFloat
    """How much each of them says: 3 decides alone, 1 needs company."""
    terms: tuple[Term, ...] = Field(min_length=1)
    """Words or phrases in any language; case and accents do not count, and `*` after a word takes any ending."""


class Weights(_Table):
    """The share that each dimension has in a prompt's overall score; together they are 1."""

    clarity: Share
    specificity: Share
    structure: Share
    completeness: Share

    @model_validator(mode="after")
    def _complete(self) -> Weights:
        total = self.clarity + self.specificity + self.structure + self.completeness
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the four weights must make 1, not {total:g}")
        return self


class Condition(_Table):
    """When a rule applies; all that is given must hold."""

    intent: tuple[Intent, ...] = ()
    """The task is one of these."""
    mentions: tuple[Pattern, ...] = ()
    """One of these occurs in the instructions: in the prose without examples, enclosed documents and code."""
    unless: tuple[Pattern, ...] = ()
    """None of these occurs in the prose."""
    min_words: NonNegativeInt = 0
    """The prose has at least so many words."""
    min_complexity: Share = 0.0
    """The analysis' complexity, from 0 to 1, is at least this."""
    section: tuple[Name, ...] = ()
    """There is a section (heading, tag or label) of one of these names."""


class Examples(_Table):
    """Prompts that show what the rule finds. They are its tests, run with the pack's domain."""

    bad: tuple[Sentence, ...] = Field(min_length=1)
    """Prompts that the rule has a finding in."""
    good: tuple[Sentence, ...] = Field(min_length=1)
    """Prompts, as close to the former as can be, that the rule has no finding in."""


class Bilingual(_Table):
    """The same sentence for prompts in English and in Spanish."""

    en: Sentence
    es: Sentence


class PackRule(_Table):
    """One rule: it finds every match of `pattern`, or that nothing in the prompt matches any pattern of `missing`."""

    id: Name
    """Name within the pack: `dialect-missing` of the pack `sql` is the rule `sql/dialect-missing`."""
    summary: Sentence
    """What it finds, as one sentence."""
    message: Sentence
    """What an editor shows, as a clause without a full stop at its end."""
    help: Sentence
    """Why it matters and what to write instead."""
    category: Name
    """What the rule is about; for lists and statistics."""
    priority: Literal["high", "medium", "low"] = "medium"
    """How much an expert would mind; the optimiser mends high ones first."""
    severity: Literal["hint", "info", "warning", "error"] = "info"
    certainty: Literal["certain", "likely", "suggestion"] = "suggestion"
    """`suggestion`: quiet in `promptls check` unless asked for; its severity is info."""
    dimension: Literal["clarity", "specificity", "structure", "completeness"] | None = None
    """The dimension of the score that a finding lowers."""
    pattern: Pattern | None = None
    """A finding at each match in the prose."""
    missing: tuple[Pattern, ...] = ()
    """A finding where none of these occurs: in the prose, in names of variables, in schemas or in partials."""
    when: Condition = Condition()
    """When the rule applies at all."""
    replacement: str | None = None
    """What to put in place of the match; only for what means the same in every prompt. An editor offers it."""
    refinement: Bilingual | None = None
    """A line that mends the prompt; what only its author can know stands in square brackets."""
    examples: Examples | None = None

    @model_validator(mode="after")
    def _sensible(self) -> PackRule:
        if (self.pattern is None) == (not self.missing):
            raise ValueError("a rule has either a pattern or missing")
        if self.replacement is not None and self.pattern is None:
            raise ValueError("replacement goes with pattern")
        if self.certainty == "suggestion" and self.severity in ("warning", "error"):
            raise ValueError("a suggestion is no more than info")
        return self


class Templates(_Table):
    """Scaffolds for a prompt of this domain; what only its author can know stands in square brackets."""

    system: Sentence
    """The system message of a prompt that has none."""
    example: Sentence
    """One example of input and output, in the form that the domain's prompts want."""


class Pack(_Table):
    """A domain and its rules. Without `recognise` the rules apply to prompts of every domain."""

    name: Name
    """The domain's name, which is also the family of its rules."""
    title: Sentence
    """What a person calls the domain."""
    description: Sentence
    """What prompts of this domain are for."""
    recognise: tuple[Terms, ...] = ()
    """What a prompt of this domain speaks of."""
    weights: Weights | None = None
    """What counts how much in the score of a prompt of this domain; without them, what counts in `general`."""
    rules: tuple[PackRule, ...]
    hints: tuple[Sentence, ...] = ()
    """What an expert of the domain would tell whoever improves a prompt."""
    templates: Templates | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Pack:
        ids = [rule.id for rule in self.rules]
        for id in ids:
            if ids.count(id) > 1:
                raise ValueError(f"there are two rules {id}")
        return self

    @property
    def is_universal(self) -> bool:
        """Whether its rules apply to prompts of every domain."""
        return not self.recognise and self.name != GENERAL

    @property
    def terms(self) -> Mapping[str, float]:
        """The weight of each term."""
        return {term: group.weight for group in self.recognise for term in group.terms}


def pack_schema() -> dict[str, Any]:
    """The JSON Schema of a pack, for editors of YAML."""
    schema = Pack.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Domain pack of promptls"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(pack_schema(), indent=2) + "\n")

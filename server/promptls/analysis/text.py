"""Everything that the analysis of a prompt's text finds, in one value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promptls.analysis.constraints import Constraint, constraints
from promptls.analysis.contract import Contract, output_contract
from promptls.analysis.entities import Entity, entities
from promptls.analysis.examples import ExamplePair, examples
from promptls.analysis.intent import Intent, intent
from promptls.analysis.measures import Measures, TechnicalTerm, measures, technical_terms
from promptls.analysis.prose_language import prose_language
from promptls.analysis.sections import Section, sections
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.prompt import Prompt, facet
from promptls.language.scope import scope
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True)
class Variable:
    """An input and every place in the text that uses it; `declared` says whether the frontmatter names it."""

    name: str
    declared: bool
    uses: tuple[Range, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What a prompt's text is like. Ranges are offsets into the file.

    The domain is not among it: which domains there are is known to the rule packs alone (`domain.detect`).
    """

    language: str | None
    intent: Intent
    measures: Measures
    sentences: tuple[Sentence, ...]
    sections: tuple[Section, ...]
    entities: tuple[Entity, ...]
    technical_terms: tuple[TechnicalTerm, ...]
    variables: tuple[Variable, ...]
    constraints: tuple[Constraint, ...]
    examples: tuple[ExamplePair, ...]
    output: Contract

    def to_json(self) -> dict[str, Any]:
        """The features as JSON has them; a range is a pair of offsets."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}


@facet
def features(prompt: Prompt) -> Features:
    """All that the rooms above may ask of a prompt's text, each question answered once."""
    return Features(
        language=prose_language(prompt),
        intent=intent(prompt),
        measures=measures(prompt),
        sentences=sentences(prompt),
        sections=sections(prompt),
        entities=entities(prompt),
        technical_terms=technical_terms(prompt),
        variables=_variables(prompt),
        constraints=constraints(prompt),
        examples=examples(prompt),
        output=output_contract(prompt),
    )


def _variables(prompt: Prompt) -> tuple[Variable, ...]:
    """The declared inputs in their order, then the names that the text uses without a declaration."""
    known = scope(prompt)
    uses: dict[str, list[Range]] = {declaration.name: [] for declaration in known.declarations}
    declared = len(uses)
    for use in known.uses:
        if use.steps and use.steps[0].owner.inputs is not None:
            uses.setdefault(use.steps[0].segment.name, []).append(use.range)
    return tuple(Variable(name, number < declared, tuple(places)) for number, (name, places) in enumerate(uses.items()))


def _plain(value: Any) -> Any:
    """A value in lists, mappings and scalars."""
    if isinstance(value, Range):
        return [value.start, value.end]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(each) for each in value]
    return value

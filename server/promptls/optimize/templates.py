"""What a prompt's domain proposes: a system prompt, an example, and lines that only the author can complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promptls.language.messages import messages
from promptls.language.prompt import Prompt
from promptls.lint.added_sentences import added_sentence
from promptls.lint.domain import domain
from promptls.lint.packs import packs_of
from promptls.lint.rule import Finding
from promptls.optimize.draft import Draft, Step
from promptls.optimize.result import Proposals
from promptls.optimize.static.strategy import Stepwise
from promptls.score.defects import scoring_findings
from promptls.score.instructions import instructions

if TYPE_CHECKING:
    from promptls.lint.pack_model import PackRule

_STAGE = "template"
_MOST_NOTES = 6
_OPEN = {
    "output/length-open": ("Write at most [number] words.", "Escribe como máximo [número] palabras."),
    "output/labels-open": (
        "Choose one of these labels: [label], [label] or [label for what fits none].",
        "Elige una de estas etiquetas: [etiqueta], [etiqueta] o [etiqueta para lo demás].",
    ),
    "output/format-missing": ("Return [format], in this form: [form].", "Devuelve [formato], con esta forma: [forma]."),
}
"""Lines that mend what the rules of every domain find, in English and Spanish."""


def proposals(prompt: Prompt) -> Proposals:
    """The templates of the prompt's domain; a system prompt only for a prompt that has none."""
    pack = packs_of(prompt.settings).by_name.get(domain(prompt).name)
    if pack is None or pack.templates is None:
        return Proposals()
    has_system = any(message.role == "system" for message in messages(prompt))
    return Proposals(None if has_system else pack.templates.system.strip(), (pack.templates.example.strip(),))


@dataclass(frozen=True, slots=True)
class Templated:
    """The stage that puts those lines in where it was asked to, and else tells what is left to the author."""

    steps: Stepwise
    name: str = _STAGE

    def __call__(self, draft: Draft) -> Draft:
        if draft.request.scaffold:
            draft = self.steps(draft)
        if draft.request.steps is not None:
            return draft
        left = dict.fromkeys(f"{each.message} ({each.rule})" for each in scoring_findings(draft.prompt))
        return draft.noted(*list(left)[:_MOST_NOTES])


def scaffold(draft: Draft) -> Iterator[Step]:
    """A line for each finding that only the author can mend; what is open in it stands in square brackets."""
    prompt = draft.prompt
    for finding in scoring_findings(prompt):
        lines = _lines(prompt, finding)
        place = next((each.range for each in instructions(prompt) if each.range.encloses(finding.range)), finding.range)
        fix = added_sentence(prompt, place, *lines) if lines is not None else None
        if fix is not None:
            yield Step(_STAGE, fix.title, fix.edits, finding.rule)


def _lines(prompt: Prompt, finding: Finding) -> tuple[str, str] | None:
    known = _OPEN.get(finding.rule)
    if known is not None:
        return known
    rule = _pack_rule(prompt, finding.rule)
    return (rule.refinement.en, rule.refinement.es) if rule is not None and rule.refinement is not None else None


def _pack_rule(prompt: Prompt, id: str) -> PackRule | None:
    family, _, name = id.partition("/")
    pack = packs_of(prompt.settings).by_name.get(family)
    return next((each for each in pack.rules if each.id == name), None) if pack is not None else None

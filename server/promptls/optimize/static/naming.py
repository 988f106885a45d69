"""The step that names the sections that a prompt already has, where it is plain which they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from promptls.analysis.contract import output_contract
from promptls.analysis.examples import examples
from promptls.analysis.prose import VALUE, prose
from promptls.analysis.prose_language import prose_language
from promptls.analysis.sections import sections
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.messages import Message, messages
from promptls.language.prompt import Prompt, template
from promptls.optimize.draft import Draft, Step
from promptls.optimize.static.mending import STAGE
from promptls.optimize.static.places import is_in_block
from promptls.score.instructions import task
from promptls.syntax.source import Range, TextEdit

RULE = "structure/flat"
_FEWEST_WORDS, _FEWEST_SECTIONS = 80, 3
_BLANK_LINE = re.compile(r"\r?\n[ \t]*(?:\r?\n[ \t]*)+")
_ROLE = re.compile(r"\W*(?:you\s+are|you['’]re|act\s+as|eres|actúa\s+como)\b", re.IGNORECASE)
_KINDS = ("role", "task", "rules", "output", "examples", "input")
_TITLES = {
    "en": dict(zip(_KINDS, ("Role", "Task", "Rules", "Output", "Examples", "Input"), strict=True)),
    "es": dict(zip(_KINDS, ("Rol", "Tarea", "Reglas", "Salida", "Ejemplos", "Entrada"), strict=True)),
}


class _Paragraph(NamedTuple):
    range: Range
    kind: str | None
    """None where it is not plain what it is for."""


def name_sections(draft: Draft) -> Iterator[Step]:
    """Put a heading over each part of a message that has blank lines between its parts, and nothing that names them."""
    prompt = draft.prompt
    titles = _TITLES.get(prose_language(prompt) or "")
    if titles is None:
        return
    for message in messages(prompt):
        kinds = _plain_parts(prompt, message)
        if kinds:
            newline = prompt.source.newline
            edits = tuple(
                TextEdit(Range(each.range.start, each.range.start), f"# {titles[each.kind or '']}{newline}")
                for each in kinds
            )
            names = ", ".join(titles[each.kind or ""] for each in kinds)
            yield Step(STAGE, f"Name the sections: {names}", edits, RULE)


def _plain_parts(prompt: Prompt, message: Message) -> list[_Paragraph]:
    """The first paragraph of each part, in order; nothing where one of them is not plain or comes twice."""
    if message.body is not template(prompt).program or message.role == "model":
        return []
    own = [each for each in sentences(prompt) if message.range.encloses(each.range)]
    if sum(len(each.text.split()) for each in own) < _FEWEST_WORDS or _is_divided(prompt, message):
        return []
    found: list[_Paragraph] = []
    for paragraph in _paragraphs(prompt, message, own):
        if found and (paragraph.kind is None or paragraph.kind == found[-1].kind):
            if found[-1].kind in ("role", "input"):
                return []  # nobody can say whether it still belongs there
            continue
        if paragraph.kind is None:
            return []
        found.append(paragraph)
    kinds = [each.kind for each in found]
    if len(kinds) != len(set(kinds)) or len(kinds) < _FEWEST_SECTIONS or "task" not in kinds:
        return []
    return found


def _is_divided(prompt: Prompt, message: Message) -> bool:
    """Whether something names its parts already; labels and tags of inputs and of examples name no part."""
    shown = prose(prompt).text
    return any(
        VALUE not in shown[slice(*each.content)]
        and not any(_overlap(each.range, pair.range) for pair in examples(prompt))
        for each in sections(prompt)
        if message.range.encloses(each.range) and each.kind != "fence"
    )


def _paragraphs(prompt: Prompt, message: Message, own: list[Sentence]) -> Iterator[_Paragraph]:
    start, end = message.content_range
    text = prompt.text
    cuts = [start, *(match.end() for match in _BLANK_LINE.finditer(text, start, end)), end]
    for first, last in pairwise(cuts):
        piece = text[first:last]
        if not piece.strip():
            continue
        range = Range(first + len(piece) - len(piece.lstrip()), first + len(piece.rstrip()))
        inside = [each for each in own if range.encloses(each.range)]
        yield _Paragraph(range, None if is_in_block(prompt, range.start) else _kind(prompt, range, inside))


def _kind(prompt: Prompt, range: Range, inside: list[Sentence]) -> str | None:
    if any(_overlap(pair.range, range) for pair in examples(prompt)):
        return "examples"
    shown = prose(prompt).text[slice(*range)]
    instructing = [each for each in inside if each.kind in ("sentence", "item") and VALUE not in each.text]
    if VALUE in shown:
        return "input" if not any(each.directive for each in inside) else None
    if not instructing:
        return None
    if _ROLE.match(shown) and len(instructing) <= 3:
        return "role"
    said = output_contract(prompt)
    shown_at = [each.range for each in said.skeletons] + [each.range for each in said.tags]
    shown_at += [said.labels.range] if said.labels is not None else []
    places = [*said.described, *said.only, *(each.range for each in said.mentions), *shown_at]
    about = [each for each in instructing if any(_overlap(each.range, place) for place in places)]
    named = task(prompt)
    if named is not None and range.encloses(named.range):
        return "task"
    if len(about) * 2 > len(instructing):
        return "output"
    orders = [each for each in instructing if each.directive]
    return "rules" if len(orders) * 2 > len(instructing) and len(orders) > 1 else None


def _overlap(one: Range, other: Range) -> bool:
    return one.start < other.end and other.start < one.end

"""The sentences of a prompt that bind the answer, and what they bind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from promptls.analysis.directives import phrase_pattern
from promptls.analysis.entities import entities
from promptls.analysis.intent import intent
from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range

Bounded = Literal["length", "count", "format", "language", "tone", "source", "content"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule: the sentence, whether it demands or forbids, and what of the answer it binds.

    `softened` says that a hedge takes back some of it ("try to", "if possible").
    """

    range: Range
    text: str
    polarity: Literal["demands", "forbids"]
    binds: Bounded
    softened: bool


_FORBIDS = phrase_pattern(EN.prohibitions | ES.prohibitions)
_OTHERS = word_set("they it we i who that what which he she users customers the")
_NO = re.compile(r"^(?:no|never|nunca|jamás)\s|\bno (?:more|other|prose|comments?|explanations?|markdown)\b")
_HEDGE = phrase_pattern(EN.hedges | ES.hedges)
_BINDS: tuple[tuple[Bounded, re.Pattern[str]], ...] = (
    (
        "format",
        re.compile(
            r"\b(?:json|xml|yaml|csv|html|markdown|table|bullets?|bulleted|numbered|list|format|schema|tags?|fields?|"
            r"keys?|"
            r"columns?|heading|headings|code block|tabla|viñetas|lista|formato|etiquetas?|campos?|claves?|columnas?)\b",
        ),
    ),
    (
        "language",
        re.compile(
            r"\b(?:in|en|into|al) (?:english|spanish|french|german|italian|portuguese|japanese|chinese|"
            r"the (?:user's |same )?"
            r"language|the language of|español|inglés|francés|alemán|el idioma|el mismo idioma)\b",
        ),
    ),
    (
        "tone",
        re.compile(
            r"\b(?:tone|voice|style|formal|informal|friendly|polite|professional|casual|jargon|slang|first person|"
            r"second person|third person|tono|voz|estilo|formal|cercano|amable|jerga|primera persona|"
            r"tercera persona)\b",
        ),
    ),
    (
        "source",
        re.compile(
            r"\b(?:only (?:from|use|the)|based (?:only|solely) on|from (?:the|this) (?:context|documents?|passages?|"
            r"text)|"
            r"from nothing else|cite|quote|outside knowledge|make up|invent|solo con|a partir de|cita|inventes?|"
            r"invente)\b",
        ),
    ),
)
_LENGTH_UNIT = re.compile(
    r"(?:word|character|char|letter|token|sentence|paragraph|line|page|palabra|caracter|letra|frase|oraci|párrafo|"
    r"línea|"
    r"página)\w{0,4}$",
    re.IGNORECASE,
)


@facet
def constraints(prompt: Prompt) -> tuple[Constraint, ...]:
    """Every order and rule but the task itself, in the order of the text."""
    task = intent(prompt).range
    numbers = [each for each in entities(prompt) if each.kind == "number"]
    found: list[Constraint] = []
    place = 0
    for sentence in sentences(prompt):
        while place < len(numbers) and numbers[place].range.end <= sentence.range.start:
            place += 1
        units: list[str] = []
        while place < len(numbers) and sentence.range.encloses(numbers[place].range):
            units.append(numbers[place].text)
            place += 1
        if (
            sentence.kind in ("sentence", "item")
            and (units or sentence.directive)
            and (sentence.range != task or units)
        ):
            found.append(_constraint(sentence, units))
    return tuple(found)


def _constraint(sentence: Sentence, sizes: list[str]) -> Constraint:
    lowered = sentence.text.lower()
    polarity: Literal["demands", "forbids"] = "forbids" if _forbids(lowered) else "demands"
    softened = _HEDGE.search(lowered) is not None
    return Constraint(sentence.range, sentence.text, polarity, _bound(lowered, sizes), softened)


def _forbids(lowered: str) -> bool:
    """Whether a sentence forbids; "if they do not answer" speaks of someone else than the model."""
    told = (lowered[: each.start()].split()[-1:] for each in _FORBIDS.finditer(lowered))
    return any(not before or before[0] not in _OTHERS for before in told) or _NO.search(lowered) is not None


def _bound(lowered: str, sizes: list[str]) -> Bounded:
    if any(_LENGTH_UNIT.search(size) for size in sizes):
        return "length"
    if binds := next((name for name, pattern in _BINDS if pattern.search(lowered)), None):
        return binds
    return "count" if sizes else "content"

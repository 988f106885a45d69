"""What a sentence does, as far as the score asks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.analysis.directives import opens_with_order
from promptls.analysis.prose import lower_case, prose
from promptls.analysis.sections import Section
from promptls.analysis.sentences import Sentence
from promptls.language.prompt import Prompt
from promptls.lint.own_words import lexicon
from promptls.score.instructions import instructions
from promptls.syntax.source import Range


def is_direct(sentence: Sentence) -> bool:
    """Whether an order begins with its verb, or a question is all there is."""
    return opens_with_order(sentence.text) or sentence.text.rstrip("\"'”*_ ").endswith("?")


def points_elsewhere(sentence: Sentence, named: Range | None) -> bool:
    """Whether it speaks of "the following" or "this" where it could name what it means; `named` is a list in it."""
    if named is not None and sentence.range.encloses(named):
        return False
    return _POINTING.search(sentence.text.lower()) is not None


_POINTING = re.compile(
    r"\b(?:(?:the|los|las|la|el)\s+(?:following|siguientes?)|following|below|above|this|these|those|abajo|arriba|est[ea]s?)\b",
)


def is_part(section: Section) -> bool:
    """Whether a section divides the prompt, rather than being a sentence that ends in a colon."""
    if section.kind == "label":
        return len(section.name.split()) <= 3 and not opens_with_order(section.name)
    return bool(section.name)


def requirements(prompt: Prompt) -> Iterator[Range]:
    """The places where the instructions say what the answer has to hold or how it has to be.

    What follows must say something: "with various things" and "using appropriate words" ask for nothing.
    """
    lowered = lower_case(prose(prompt).text)
    known = lexicon(prompt)
    empty = known.vague | known.subjective if known is not None else frozenset()
    for each in instructions(prompt):
        for match in _REQUIREMENT.finditer(lowered, *each.range):
            following = _WORD.match(lowered, match.end())
            if following is None or following[0] not in empty:
                yield Range(*match.span())


_WORD = re.compile(r"\w{1,40}")


_REQUIREMENT = re.compile(
    r"\b(?:including|includes?|such\s+as|with|without|using|highlighting|showcasing|focusing|focus\s+on|specifically|in\s+terms\s+of|"
    r"based\s+on|according\s+to|consider(?:ing)?|ensur(?:e|ing)|make\s+sure|additionally|regarding|about|while|that|which|"
    r"providing|incluyendo|incluye|con|sin|usando|que|según|asegúrate|además|sobre)\s+(?=\w)|\band\s+(?=(?:provide|explain|"
    r"describe|mention|list|give|include|compare|identify|suggest|show|cite|justify|implement)\b)",
)


def quoted(prompt: Prompt) -> Range | None:
    """Where the instructions quote what they work on."""
    return _first(prompt, _QUOTED)


_QUOTED = re.compile(r"(?<!\w)(?:\"[^\"\n]{2,400}\"|“[^”\n]{2,400}”|«[^»\n]{2,400}»|'[^'\n]{2,60}'(?!\w))")
_CONTEXT = re.compile(
    r"\b(?:you\s+are\s+(?:an?|the|our)\s|as\s+an?\s+(?:\w+\s+){1,3}(?:,|you)|act\s+as|your\s+role|audience|readers?|customers?|"
    r"users?|(?:is|are)\s+(?:for|used\s+by|read\s+by)|eres\s+(?:un|una|el|la)|actúa\s+como|público|lectores|clientes?|usuarios?)\b",
)
_HOW = re.compile(
    r"\b(?:based\s+on|by\s+\w+ing|according\s+to|step\s+by\s+step|first|then|criteria|consider|reason|think|steps?|"
    r"según|paso\s+a\s+paso|primero|criterios?|teniendo\s+en\s+cuenta|basándote)\b",
)


def mentions_context(prompt: Prompt) -> Range | None:
    """Where the instructions say who speaks, for whom, or what for."""
    return _first(prompt, _CONTEXT)


def tells_how(prompt: Prompt) -> Range | None:
    """Where the instructions say how to come to the answer."""
    return _first(prompt, _HOW)


def _first(prompt: Prompt, pattern: re.Pattern[str]) -> Range | None:
    lowered = lower_case(prose(prompt).text)
    for each in instructions(prompt):
        if match := pattern.search(lowered, *each.range):
            return Range(*match.span())
    return None

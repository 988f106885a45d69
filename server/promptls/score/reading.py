"""What a sentence does, as far as the score asks."""

from __future__ import annotations

import re

from promptls.analysis.directives import opens_with_order
from promptls.analysis.sentences import Sentence
from promptls.language.prompt import Prompt
from promptls.score.instructions import instructions
from promptls.syntax.source import Range


def is_direct(sentence: Sentence) -> bool:
    """Whether an order begins with its verb, or a question is all there is."""
    return opens_with_order(sentence.text) or sentence.text.rstrip("\"'”*_ ").endswith("?")


_CONTEXT = re.compile(
    r"\b(?:you\s+are\s+(?:an?|the|our)\s|as\s+an?\s+(?:\w+\s+){1,3}(?:,|you)|act\s+as|your\s+role|audience|readers?|customers?|"
    r"users?|(?:is|are)\s+(?:for|used\s+by|read\s+by)|eres\s+(?:un|una|el|la)|actúa\s+como|público|lectores|clientes?|usuarios?)\b",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"\b(?:based\s+on|by\s+\w+ing|according\s+to|step\s+by\s+step|first|then|criteria|consider|reason|think|steps?|"
    r"según|paso\s+a\s+paso|primero|criterios?|teniendo\s+en\s+cuenta|basándote)\b",
    re.IGNORECASE,
)


def mentions_context(prompt: Prompt) -> Range | None:
    """Where the instructions say who speaks, for whom, or what for."""
    return _first(prompt, _CONTEXT)


def tells_how(prompt: Prompt) -> Range | None:
    """Where the instructions say how to come to the answer."""
    return _first(prompt, _HOW)


def _first(prompt: Prompt, pattern: re.Pattern[str]) -> Range | None:
    for each in instructions(prompt):
        if match := pattern.search(prompt.text, *each.range):
            return Range(*match.span())
    return None

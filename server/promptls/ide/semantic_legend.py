"""The words that semantic tokens are told in: the protocol's standard types and modifiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from promptls.syntax.source import Range

TokenType = Literal[
    "namespace",
    "type",
    "enumMember",
    "parameter",
    "variable",
    "property",
    "function",
    "macro",
    "keyword",
    "comment",
    "string",
    "number",
]
TokenModifier = Literal["declaration", "readonly", "deprecated", "defaultLibrary"]

TOKEN_TYPES: tuple[TokenType, ...] = get_args(TokenType)
TOKEN_MODIFIERS: tuple[TokenModifier, ...] = get_args(TokenModifier)
"""The legend: a client is told a type or modifier by its place in these."""


class Meaning(NamedTuple):
    """What a word is."""

    type: TokenType
    modifiers: tuple[TokenModifier, ...] = ()


class SemanticToken(NamedTuple):
    """A word or a piece of text within one line, and what it is."""

    range: Range
    type: TokenType
    modifiers: tuple[TokenModifier, ...] = ()


KEYWORD = Meaning("keyword")
VARIABLE = Meaning("variable")
PROPERTY = Meaning("property")
PARAMETER = Meaning("parameter")
PARAMETER_DECLARATION = Meaning("parameter", ("declaration",))
COMMENT = Meaning("comment")
STRING = Meaning("string")
NUMBER = Meaning("number")


def tokens_of(text: str, range: Range, meaning: Meaning) -> Iterator[SemanticToken]:
    """A token for every line of a range, without the blanks around it."""
    start, end = range
    if "\n" not in text[start:end] and "\r" not in text[start:end]:
        if start < end:
            yield SemanticToken(range, *meaning)
        return
    for line in text[start:end].replace("\r", "\n").split("\n"):
        stripped = line.strip()
        if stripped:
            begin = start + len(line) - len(line.lstrip())
            yield SemanticToken(Range(begin, begin + len(stripped)), *meaning)
        start += len(line) + 1

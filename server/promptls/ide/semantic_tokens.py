"""What every word is: keyword, helper, variable, parameter, property, type, string, number, comment, partial.

Tokens come in source order, stay within a line and do not overlap. Their types are in `semantic_legend`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from promptls.ide.semantic_legend import (
    COMMENT,
    KEYWORD,
    NUMBER,
    PARAMETER,
    PARAMETER_DECLARATION,
    PROPERTY,
    STRING,
    VARIABLE,
    Meaning,
    SemanticToken,
    tokens_of,
)
from promptls.ide.semantic_names import template_names
from promptls.ide.semantic_yaml import frontmatter_tokens
from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt, facet, template
from promptls.syntax.handlebars.lexer import TokenKind
from promptls.syntax.source import Range

_LITERALS: Mapping[TokenKind, Meaning] = {
    "STRING": STRING,
    "UNCLOSED_STRING": STRING,
    "NUMBER": NUMBER,
    "BOOLEAN": KEYWORD,
    "UNDEFINED": KEYWORD,
    "NULL": KEYWORD,
}


@facet
def semantic_tokens(prompt: Prompt) -> tuple[SemanticToken, ...]:
    """The tokens of the whole file; none where it is not dotprompt."""
    return (*frontmatter_tokens(prompt), *_template_tokens(prompt)) if is_dotprompt(prompt) else ()


def semantic_tokens_in(prompt: Prompt, range: Range) -> tuple[SemanticToken, ...]:
    """The tokens that touch a range."""
    tokens = semantic_tokens(prompt)
    first = bisect_left(tokens, range.start, key=lambda token: token.range.end)
    last = bisect_left(tokens, range.end, lo=first, key=lambda token: token.range.start)
    return tokens[first:last]


def _template_tokens(prompt: Prompt) -> Iterator[SemanticToken]:
    text = prompt.text
    names = template_names(prompt)
    tokens = template(prompt).tokens
    previous: TokenKind = "CONTENT"
    declares = False
    for index, (kind, start, end) in enumerate(tokens):
        if kind == "ID":
            if text[start:end] not in (".", ".."):
                is_key = index + 1 < len(tokens) and tokens[index + 1].kind == "EQUALS"
                meaning = names.get(start) or _unknown(text[start:end], previous, declares=declares, is_key=is_key)
                # The @ of `@index` belongs to the name.
                yield from tokens_of(text, Range(start - (previous == "DATA"), end), meaning)
        elif kind in _LITERALS:
            yield from tokens_of(text, Range(start, end), names.get(start, _LITERALS[kind]))
        elif kind == "COMMENT":
            yield from tokens_of(text, Range(start, end), COMMENT)
        elif kind in ("INVERSE", "OPEN_INVERSE_CHAIN"):
            at = text.find("else", start, end)
            if at >= 0:
                yield SemanticToken(Range(at, at + len("else")), *KEYWORD)
        elif kind == "OPEN_BLOCK_PARAMS":
            yield SemanticToken(Range(start, start + len("as")), *KEYWORD)
        elif kind == "END_RAW_BLOCK":
            name = Range(start + len("{{{{/"), end - len("}}}}"))
            yield from tokens_of(text, name, names.get(name.start, VARIABLE))
        declares = kind == "OPEN_BLOCK_PARAMS" or (declares and kind in ("ID", "WHITESPACE"))
        previous = kind


def _unknown(name: str, previous: TokenKind, *, declares: bool, is_key: bool) -> Meaning:
    """What a name of which nothing is known is by its place."""
    if declares:
        return PARAMETER_DECLARATION
    if is_key:
        return PARAMETER
    if previous == "SEP":
        return PROPERTY
    return KEYWORD if name == "this" else VARIABLE


class SequenceEdit(NamedTuple):
    """Replace `deleted` elements from `start` on by `inserted`."""

    start: int
    deleted: int
    inserted: Sequence[int]


def delta(old: Sequence[int], new: Sequence[int]) -> SequenceEdit | None:
    """The one edit that makes the old sequence the new one: all but what both begin and end with; None if equal.

    Meant for tokens as the protocol numbers them, each relative to the one before, which a change moves at one place.
    """
    shorter = min(len(old), len(new))
    before = _common(shorter, lambda low, high: old[low:high] == new[low:high])
    if before == len(old) == len(new):
        return None
    rest = shorter - before
    ends = (len(old), len(new))
    after = _common(rest, lambda low, high: old[ends[0] - high : ends[0] - low] == new[ends[1] - high : ends[1] - low])
    return SequenceEdit(before, len(old) - before - after, new[before : len(new) - after])


def _common(length: int, are_equal: Callable[[int, int], bool]) -> int:
    """How far two sequences agree, found by comparing ever smaller slices, which is much faster than each element."""
    low, high = 0, length
    while low < high:
        middle = (low + high + 1) // 2
        if are_equal(low, middle):
            low = middle
        else:
            high = middle - 1
    return low

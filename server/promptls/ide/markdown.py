"""The Markdown in a template's text, as far as its layout matters: code blocks and headings (CommonMark 0.31)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from promptls.language.prompt import Prompt, facet, layout
from promptls.syntax.source import Range

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\r\n]*)", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+[^\r\n]*)?(?=[\r\n]|\Z)", re.MULTILINE)


class Heading(NamedTuple):
    """A heading's line and its level, 1 to 6."""

    range: Range
    level: int


@facet
def code_blocks(prompt: Prompt) -> tuple[Range, ...]:
    """The fenced code blocks, from fence to fence; one that is never closed runs to the end."""
    start, end = layout(prompt).template_range
    found: list[Range] = []
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(prompt.text, start, end):
        if opened is None:
            opened = match if match[1][0] == "~" or "`" not in match[2] else None
        elif match[1].startswith(opened[1]) and not match[2].strip():
            found.append(Range(opened.start(), match.end(1)))
            opened = None
    if opened is not None:
        found.append(Range(opened.start(), end))
    return tuple(found)


def is_in_code(prompt: Prompt, offset: int) -> bool:
    """Whether a place lies in a fenced code block."""
    blocks = code_blocks(prompt)
    index = bisect_right(blocks, offset, key=lambda block: block.start) - 1
    return index >= 0 and offset < blocks[index].end


def headings(prompt: Prompt) -> Iterator[Heading]:
    """The headings outside code, in source order."""
    start, end = layout(prompt).template_range
    for match in _HEADING.finditer(prompt.text, start, end):
        if not is_in_code(prompt, match.start()):
            yield Heading(Range(*match.span()), len(match[1]))

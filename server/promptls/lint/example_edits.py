"""Where worked examples begin and end with all that belongs to them, and edits that take them out."""

from __future__ import annotations

import re

from promptls.analysis.examples import ExamplePair
from promptls.analysis.sections import sections
from promptls.language.messages import messages
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range, TextEdit

_CLOSING = re.compile(r"(?:\s*</[A-Za-z][\w.-]*>){1,4}")
_BLOCK_TAG = re.compile(r"\{\{~?\s*(?:[#/^]|else\b)")


def whole_example(prompt: Prompt, pair: ExamplePair) -> Range:
    """An example with its tags, label or role tags, from the start of its line."""
    text = prompt.text
    start, end = pair.range
    if pair.origin == "turns":
        own = [each for each in messages(prompt) if each.range.start <= pair.input_range.start < each.range.end]
        start = own[0].range.start if own else start
    for each in sections(prompt):
        if (
            each.kind == "tag"
            and each.content.encloses(pair.range)
            and text[slice(*each.content)].strip() == text[slice(*pair.range)].strip()
        ):
            start, end = each.range
    if pair.origin == "tags":
        closing = _CLOSING.match(text, end)
        end = closing.end() if closing else end
    before = text[:start].rpartition("\n")[2]
    return Range(start if before.strip(" \t>*-•0123456789.)") else start - len(before), end)


def without(prompt: Prompt, pair: ExamplePair) -> TextEdit | None:
    """Take an example out, with the blank lines after it; None where that would tear a block of the template."""
    start, end = whole_example(prompt, pair)
    if _BLOCK_TAG.search(prompt.text, start, end):
        return None
    rest = prompt.text[end:]
    gap = rest[: len(rest) - len(rest.lstrip())]
    return TextEdit(Range(start, end + len(gap)), "") if "\n" in gap else TextEdit(Range(start, end), "")

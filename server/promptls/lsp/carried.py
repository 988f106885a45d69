"""Findings of an older text, moved to where they stand in a newer one: shown until the newer one has been judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from promptls.lint.rule import Finding
from promptls.syntax.source import Range


def carried(findings: Iterable[Finding], before: str, after: str) -> Iterator[Finding]:
    """What is left of findings when `before` has become `after`: those that the change cuts into are dropped.

    Fixes and other places would be those of the old text, so they are left out.
    """
    start = _common(before, after)
    tail = _common(before[start:][::-1], after[start:][::-1])
    end, longer = len(before) - tail, len(after) - len(before)
    for each in findings:
        moved = _moved(each.range, start, end, longer)
        if moved is not None:
            yield replace(each, range=moved, fix=None, alternatives=(), related=())


def _moved(range: Range, start: int, end: int, longer: int) -> Range | None:
    if range.end <= start:
        return range
    if range.start >= end:
        return Range(range.start + longer, range.end + longer)
    if range.start <= start and end <= range.end:
        return Range(range.start, range.end + longer)
    return None


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least

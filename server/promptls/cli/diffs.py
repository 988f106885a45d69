"""Unified diffs."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from promptls.syntax.source import Source


def diff(path: str, before: Source, after: Source) -> str:
    """A unified diff with whole lines, or nothing where the texts are equal."""
    lines = unified_diff(list(_lines(before)), list(_lines(after)), path, path)
    return "".join(line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(source: Source) -> Iterator[str]:
    """The lines with their ends; `str.splitlines` would cut at more than line ends."""
    ends = [*source.line_starts[1:], len(source.text)]
    for start, end in zip(source.line_starts, ends, strict=True):
        if start < end:
            yield source.text[start:end]

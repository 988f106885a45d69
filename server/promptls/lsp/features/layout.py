"""Formatting, and the ranges that an editor folds, selects and edits together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.syntax.source import Range, TextEdit

if TYPE_CHECKING:
    from promptls.ide.folding import FoldingRange
    from promptls.lsp.session import Snapshot

_LINKED_WORD = r"[\w$@./-]+"
_FOLDING_KINDS = {
    "comment": types.FoldingRangeKind.Comment,
    "frontmatter": types.FoldingRangeKind.Region,
    "section": types.FoldingRangeKind.Region,
}


def format_document(_: types.DocumentFormattingParams, snapshot: Snapshot) -> list[types.TextEdit]:
    """The project's settings say how; an editor's tab size does not."""
    return _formatted(snapshot, [None])


def format_range(params: types.DocumentRangeFormattingParams, snapshot: Snapshot) -> list[types.TextEdit]:
    """What lies in a range."""
    return _formatted(snapshot, [snapshot.lines.offsets(params.range)])


def format_ranges(params: types.DocumentRangesFormattingParams, snapshot: Snapshot) -> list[types.TextEdit]:
    """What lies in several ranges."""
    return _formatted(snapshot, map(snapshot.lines.offsets, params.ranges))


def _formatted(snapshot: Snapshot, ranges: Iterable[Range | None]) -> list[types.TextEdit]:
    from promptls.ide.formatting import format_edits

    edits = dict.fromkeys(edit for range in ranges for edit in format_edits(snapshot.prompt, range=range))
    return _edits(edits, snapshot)


def format_on_type(params: types.DocumentOnTypeFormattingParams, snapshot: Snapshot) -> list[types.TextEdit]:
    """The end of a block that was just opened, and the name of one that is being closed."""
    from promptls.ide.on_type import on_type

    return _edits(on_type(snapshot.prompt, snapshot.lines.offset(params.position), params.ch), snapshot)


def _edits(edits: Iterable[TextEdit], snapshot: Snapshot) -> list[types.TextEdit]:
    return [snapshot.lines.edit(edit) for edit in edits]


def folding_ranges(_: types.FoldingRangeParams, snapshot: Snapshot) -> list[types.FoldingRange]:
    """By whole lines where the client knows no others, and no more than it wants: the outermost first."""
    from promptls.ide.folding import folding

    found = folding(snapshot.prompt)
    limit = snapshot.client.folding_limit
    if limit is not None and len(found) > limit:
        largest = sorted(found, key=lambda each: each.range.start - each.range.end)[:limit]
        found = tuple(sorted(largest, key=lambda each: each.range))
    return [_folding_range(each, snapshot) for each in found]


def _folding_range(folding: FoldingRange, snapshot: Snapshot) -> types.FoldingRange:
    start, end = map(snapshot.lines.position, folding.range)
    kind = _FOLDING_KINDS.get(folding.kind)
    if snapshot.client.line_folding_only:
        return types.FoldingRange(start.line, end.line, kind=kind)
    # What is on the first line stays in sight.
    first = snapshot.lines.position(snapshot.prompt.source.line_range(start.line).end)
    return types.FoldingRange(start.line, end.line, first.character, end.character, kind)


def selection_ranges(params: types.SelectionRangeParams, snapshot: Snapshot) -> list[types.SelectionRange]:
    """A chain of ever larger ranges for every cursor."""
    from promptls.ide.selection import selection

    answer: list[types.SelectionRange] = []
    for position in params.positions:
        chain: types.SelectionRange | None = None
        for range in reversed(selection(snapshot.prompt, snapshot.lines.offset(position))):
            chain = types.SelectionRange(snapshot.lines.range(range), chain)
        assert chain is not None, "the whole file is always one of the ranges"
        answer.append(chain)
    return answer


def linked_editing_ranges(
    params: types.LinkedEditingRangeParams, snapshot: Snapshot
) -> types.LinkedEditingRanges | None:
    """The names at both ends of a block."""
    from promptls.ide.linked_editing import linked_editing

    ranges = linked_editing(snapshot.prompt, snapshot.lines.offset(params.position))
    if not ranges:
        return None
    return types.LinkedEditingRanges([snapshot.lines.range(each) for each in ranges], _LINKED_WORD)

"""The steps of a result as changes of the seed's own text, each with the steps that made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from promptls.optimize.draft import Step
from promptls.syntax.source import Range, Source, TextEdit

_MOST_COMPARISONS = 1_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the seed and what stands there in the end; `steps` are the numbers of those that made it."""

    range: Range
    text: str
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the seed with what stands there now: itself where `kept`, else what steps put in its place."""

    origin: Range
    text: str
    kept: bool
    steps: frozenset[int] = frozenset()

    def cut(self, at: int) -> tuple[_Piece, _Piece]:
        """This piece in two, cut in its present text."""
        middle = self.origin.start + at if self.kept else self.origin.end
        first = _Piece(Range(self.origin.start, middle), self.text[:at], self.kept, self.steps)
        return first, _Piece(Range(middle, self.origin.end), self.text[at:], self.kept, self.steps)

    def without_text(self, step: int) -> _Piece:
        return _Piece(self.origin, "", False, self.steps | {step})


def changes(seed: str, steps: Sequence[Step]) -> tuple[Change, ...]:
    """What all steps together change, in source order; no two changes touch. What steps undo again is none."""
    pieces = [_Piece(Range(0, len(seed)), seed, True)]
    for number, step in enumerate(steps):
        # From the end, so that the offsets of the others stay what they were.
        for edit in sorted(step.edits, key=lambda each: each.range, reverse=True):
            pieces = _edited(pieces, edit, number)
    return tuple(change for whole in _joined(pieces) for change in _narrowed(seed, whole))


def _edited(pieces: Sequence[_Piece], edit: TextEdit, step: int) -> list[_Piece]:
    before, rest = _split(pieces, edit.range.start)
    inside, after = _split(rest, edit.range.end - edit.range.start)
    at = inside[0].origin.start if inside else before[-1].origin.end if before else 0
    added = [_Piece(Range(at, at), edit.text, False, frozenset({step}))] if edit.text else []
    return [*before, *added, *(each.without_text(step) for each in inside), *after]


def _split(pieces: Sequence[_Piece], at: int) -> tuple[list[_Piece], list[_Piece]]:
    """The pieces before and from an offset of the present text on."""
    seen = 0
    for number, piece in enumerate(pieces):
        if seen + len(piece.text) > at:
            if seen == at:
                return list(pieces[:number]), list(pieces[number:])
            first, second = piece.cut(at - seen)
            return [*pieces[:number], first], [second, *pieces[number + 1 :]]
        seen += len(piece.text)
    return list(pieces), []


def _joined(pieces: Sequence[_Piece]) -> Iterator[Change]:
    """Each stretch between pieces that were kept."""
    run: list[_Piece] = []
    for piece in (*pieces, None):
        if piece is not None and not piece.kept:
            run.append(piece)
        elif run and (piece is None or piece.text):
            start, end = run[0].origin.start, run[-1].origin.end
            steps = frozenset[int]().union(*(each.steps for each in run))
            yield Change(Range(start, end), "".join(each.text for each in run), tuple(sorted(steps)))
            run = []


def _narrowed(seed: str, change: Change) -> Iterator[Change]:
    """The lines of a change that differ: whoever looks at it should not have to find them."""
    old, new = seed[slice(*change.range)], change.text
    before, after = _lines(old), _lines(new)
    if len(before) * len(after) > _MOST_COMPARISONS:
        if old != new:
            yield change
        return
    starts = [change.range.start]
    for line in before:
        starts.append(starts[-1] + len(line))
    for kind, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Change(Range(starts[first], starts[last]), "".join(after[new_first:new_last]), change.steps)


def _lines(text: str) -> list[str]:
    starts = Source(text).line_starts
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True) if start < end]

"""The output of a rendering as it grows: its pieces, its errors, and the bounds that a runaway template meets."""

from __future__ import annotations

from collections.abc import Callable

from promptls.language.render.engine import RenderError, RenderErrorKind, SourceRange
from promptls.language.render.messages import Piece
from promptls.language.render.scope import Activation
from promptls.syntax.source import Range

MAX_DEPTH = 150
"""How deep blocks, partials and sub-expressions may nest, all together."""
MAX_STEPS = 250_000
"""How many statements may be evaluated."""
MAX_CHARACTERS = 10_000_000
"""How long the output may become."""


class Aborted(Exception):
    """Going on makes no sense; the reason is among the errors."""


class Output:
    """What has been printed and reported so far. `at` is the tag being evaluated, where a bound is reported."""

    def __init__(self, activation: Activation, check_cancelled: Callable[[], None]) -> None:
        self.pieces: list[Piece] = []
        self.errors: list[RenderError] = []
        self.at: tuple[Activation, Range] = activation, activation.template.root.range
        self.partials: list[str] = []
        self._check_cancelled = check_cancelled
        self._known: set[tuple[str, SourceRange]] = set()
        self._depth = self._steps = self._characters = 0

    def print(self, piece: Piece) -> None:
        self.spend(piece.text)
        self.pieces.append(piece)

    def spend(self, text: str) -> None:
        """Count a text that is printed or handed on: what a template makes of its own output grows by powers."""
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise self.abort("too-large", f"the output is longer than {MAX_CHARACTERS:,} characters")

    def taken(self, start: int) -> list[Piece]:
        """The pieces from `start` on, taken back out of the output."""
        pieces = self.pieces[start:]
        del self.pieces[start:]
        self._characters -= sum(len(piece.text) for piece in pieces)
        return pieces

    def error(
        self, kind: RenderErrorKind, message: str, range: Range, activation: Activation, *, throws: bool = True
    ) -> None:
        """Report an error, once however often a loop meets it."""
        source = activation.source(range)
        if (message, source) not in self._known:
            self._known.add((message, source))
            self.errors.append(RenderError(kind, message, source, throws))

    def abort(self, kind: RenderErrorKind, message: str) -> Aborted:
        """The exception that ends the rendering, after reporting why."""
        activation, range = self.at
        self.error(kind, message, range, activation)
        return Aborted()

    def step(self, activation: Activation, range: Range) -> None:
        """Count a tag that is about to be evaluated."""
        self.at = activation, range
        self._steps += 1
        if not self._steps & 1023:
            self._check_cancelled()
            if self._steps >= MAX_STEPS:
                raise self.abort("too-large", f"the template takes more than {MAX_STEPS:,} steps to render")

    def enter(self) -> None:
        """Go one level deeper."""
        if self._depth >= MAX_DEPTH:
            raise self.too_deep()
        self._depth += 1

    def leave(self) -> None:
        self._depth -= 1

    def too_deep(self) -> Aborted:
        """The exception for what nests too deeply, naming the partials that include each other if that is why."""
        repeated = next((name for name in self.partials if self.partials.count(name) > 1), None)
        if repeated is None:
            return self.abort("too-deep", f"the template nests more than {MAX_DEPTH} levels deep here")
        first = self.partials.index(repeated)
        cycle = self.partials[first : self.partials.index(repeated, first + 1) + 1]
        return self.abort("partial-cycle", f"the partial {repeated!r} includes itself: {' → '.join(cycle)}")

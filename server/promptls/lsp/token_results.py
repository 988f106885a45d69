"""What clients were told of semantic tokens, so that they can be told the difference next time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

Numbers = Sequence[int]


class TokenResults:
    """The last semantic tokens of every document, as the protocol's numbers. Safe to use from several threads."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._last: dict[str, tuple[str, Numbers]] = {}

    def remember(self, uri: str, numbers: Numbers) -> str:
        """Keep what is about to be sent, instead of what was sent before; returns the id to send with it."""
        result_id = str(next(self._numbers))
        self._last[uri] = (result_id, numbers)
        return result_id

    def known(self, uri: str, result_id: str) -> Numbers | None:
        """What was sent under an id, unless something else has been sent since."""
        last = self._last.get(uri)
        return last[1] if last is not None and last[0] == result_id else None

    def forget(self, uri: str) -> None:
        """Forget a closed document."""
        self._last.pop(uri, None)

"""What clients were offered, so that it is known when they take it: the protocol itself never says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Offer(NamedTuple):
    """Something to do about a finding of a rule: mend it, or dismiss it."""

    rule: str
    dismisses: bool


class Offers:
    """The texts that the actions offered last would make of each document. Safe to use from several threads."""

    def __init__(self) -> None:
        self._results: dict[str, Mapping[int, Offer]] = {}

    def remember(self, uri: str, results: Mapping[str, Offer]) -> None:
        """Keep what is about to be offered, by the text that comes of it, instead of what was offered before."""
        self._results[uri] = {hash(text): offer for text, offer in results.items()}

    def taken(self, uri: str, text: str) -> Offer | None:
        """The offer that has just turned a document into this text, if any; the others are over."""
        results = self._results.pop(uri, None)
        return results.get(hash(text)) if results else None

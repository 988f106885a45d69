"""The regular expressions of packs: RE2's, which take time in proportion to the text whatever their author wrote.

They see words without regard to case and accents: `guion` also finds "Guión". `\\b` and `\\w` know ASCII only, which is
enough once accents are gone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

from promptls.syntax.source import Range


class Match(Protocol):
    """A match, with the text between `start` and `end`."""

    def span(self, group: int = 0) -> tuple[int, int]: ...

    def expand(self, template: str) -> str: ...


@lru_cache(maxsize=1)
def _plain_letters() -> dict[int, str]:
    """Latin letters without their accents; the blanks, hyphens and quotes of typographers as keyboards have them."""
    letters: dict[int, str] = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            letters[code] = base
    return {**letters, 0xA0: " ", 0x202F: " ", 0x2010: "-", 0x2011: "-", 0x2018: "'", 0x2019: "'"}


def folded(text: str) -> str:
    """The text without accents, exactly as long as before."""
    return text if text.isascii() else text.translate(_plain_letters())


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:
    """The compiled pattern; raises `ValueError` where RE2 does not take it."""
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        return re2.compile(folded(pattern), options)
    except re2.error as failure:
        reason = failure.args[0] if failure.args else "not a regular expression"
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(
            f"{pattern!r} is not a pattern that RE2 takes ({said}); it has no look-around and no back-references"
        ) from failure


def first(patterns: Sequence[str], text: str) -> Range | None:
    """Where the first of the patterns that occurs in a folded text does so."""
    return first_in(encoded(text), patterns)


def encoded(text: str) -> bytes:
    """The text as RE2 reads it; half a surrogate pair, which an editor may send, is a question mark."""
    return text.encode("utf-8", "replace")


def first_in(text: bytes, patterns: Sequence[str]) -> Range | None:
    """Like `first`, for a text that is encoded already: what is searched many times is encoded once."""
    for pattern in patterns:
        if match := compiled(pattern).search(text):
            start, end = match.span()
            begin = len(text[:start].decode())
            return Range(begin, begin + len(text[start:end].decode()))
    return None


def matches(pattern: str, text: str) -> Iterator[Match]:
    """Every match in a folded text that is not empty."""
    for match in compiled(pattern).finditer(text):
        start, end = match.span()
        if end > start:
            yield match

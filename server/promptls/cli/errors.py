"""What a command says when it cannot do what it was asked to."""

from __future__ import annotations


class CommandError(Exception):
    """Wrong usage, wrong settings or a failed read or write: one sentence (what, where, how to mend), exit code 2."""


def nearest(word: str, known: list[str]) -> str:
    """` (did you mean …?)` where `known` has something like `word`, else nothing; to be appended to a sentence."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


def reason(error: OSError) -> str:
    """Why the system refused, in its own words."""
    return error.strerror or type(error).__name__

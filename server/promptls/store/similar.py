"""How alike two texts are, from a small sketch of each: no text is compared with all the others.

The sketch holds the least of the hashes of all runs of three words, so that the part of it that two texts share
estimates the part of such runs that they share (Broder's resemblance, with one hash function and the k least values).
"""

from __future__ import annotations

import re
from hashlib import blake2b
from heapq import nsmallest
from itertools import islice
from struct import pack, unpack

Sketch = tuple[int, ...]
"""The least hashes, ascending."""

KEYS = 10
"""Texts whose sketches share none of this many least hashes are taken to differ: where half of the runs of words are
shared, that misjudges one pair in a thousand."""

NEAR = 0.7
"""From this likeness on two prompts say much the same."""

SHORT = 20
"""A text with fewer runs of words is too short for a likeness to mean anything."""

_SIZE = 96
_RUN = 3
_MOST_WORDS = 50_000
_WORD = re.compile(r"[\w\ufffc]+")
_VALUES = re.compile("\ufffc+")


def sketch(prose: str) -> Sketch:
    """The sketch of a text; tags that show a value are all alike, whatever their names."""
    words = [each.group() for each in islice(_WORD.finditer(_VALUES.sub("\ufffc", prose.casefold())), _MOST_WORDS)]
    runs = {" ".join(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1))} if words else set()
    return tuple(nsmallest(_SIZE, {_hash(each) for each in runs}))


def likeness(one: Sketch, other: Sketch) -> float:
    """The estimated part of runs of words that two texts share, from 0 to 1."""
    if not one or not other:
        return 0.0
    mine, theirs = set(one), set(other)
    least = nsmallest(_SIZE, mine | theirs)
    return sum(1 for each in least if each in mine and each in theirs) / len(least)


def packed(sketch: Sketch) -> bytes:
    """A sketch as bytes."""
    return pack(f"<{len(sketch)}q", *sketch)


def unpacked(data: bytes) -> Sketch:
    """The sketch of what `packed` gave."""
    return unpack(f"<{len(data) // 8}q", data)


def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)

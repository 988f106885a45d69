"""Puts worked examples into a piece of a prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SECTION = re.compile(r"\n{0,100}^# Examples\n(?:<example>\n.*?\n</example>\n?)+", re.M | re.S)


def worked_examples(piece: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The piece with these examples in a section of their own, instead of those that were put there before.

    They stand before the first tag in double braces, so that what is constant comes first. A pair that itself holds
    double braces is left out: the template would read them.
    """
    clean = [(given, output) for given, output in pairs if "{{" not in given + output]
    bare = _SECTION.sub("\n", piece, count=1)
    if not clean:
        return piece
    shown = "\n".join(
        f"<example>\nInput: {given.strip()}\nOutput: {output.strip()}\n</example>" for given, output in clean
    )
    section = f"# Examples\n{shown}\n"
    at = _paragraph_of_first_tag(bare)
    before, after = bare[:at].rstrip("\n"), bare[at:].lstrip("\n")
    return "\n\n".join(part for part in (before, section.rstrip("\n"), after) if part)


def _paragraph_of_first_tag(text: str) -> int:
    tag = text.find("{{")
    if tag < 0:
        return len(text)
    blank = text.rfind("\n\n", 0, tag)
    return blank + 2 if blank >= 0 else text.rfind("\n", 0, tag) + 1

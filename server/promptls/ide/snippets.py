"""The small syntax of snippets: text with places to fill in, as the Language Server Protocol defines it."""

from __future__ import annotations

import re
from collections.abc import Iterable


def escaped(text: str) -> str:
    """Plain text as it must stand in a snippet."""
    return re.sub(r"([\\$}])", r"\\\1", text)


def choice(number: int, values: Iterable[str]) -> str:
    """A place in a snippet where one of several plain values is chosen."""
    listed = ",".join(re.sub(r"([\\,|])", r"\\\1", value) for value in values)
    return f"${{{number}|{listed}|}}"


_PLACE = re.compile(
    r"\\(?P<escaped>[\\$},|])|\$\d+|\$\{\d+\}|\$\{\d+:(?P<default>(?:\\.|[^\\}])*)\}"
    r"|\$\{\d+\|(?P<first>(?:\\.|[^\\,|])*)[^}]*\|\}"
)


def without_places(snippet: str) -> str:
    """A snippet as plain text, for editors that know no snippets: every place holds its default."""
    return _PLACE.sub(_plain, snippet)


def _plain(match: re.Match[str]) -> str:
    if match["escaped"] is not None:
        return match["escaped"]
    return re.sub(r"\\(.)", r"\1", match["default"] or match["first"] or "")

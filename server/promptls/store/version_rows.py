"""Versions as rows of a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from promptls.store.versions import BUMPS, Difference, Version

COLUMNS = "version, parent, checksum, time, author, message, bump, reasons, score, tokens"


def version_row(version: Version) -> tuple[object, ...]:
    """The values of `COLUMNS`."""
    return (
        version.version, version.parent, version.checksum, version.time, storable(version.author),
        storable(version.message), version.bump, json.dumps(version.reasons), version.score, version.tokens,
    )  # fmt: skip


def read_version_row(row: Sequence[Any]) -> Version | None:
    """The version that a row holds; None where noise has got into it. Reasons that cannot be read are left out."""
    number, parent, checksum, time, author, message, bump, reasons, score, tokens = row
    try:
        told = tuple(Difference(bump, aspect, str(said)) for bump, aspect, said in json.loads(reasons))
    except (TypeError, ValueError):
        told = ()
    texts = all(isinstance(each, str) for each in (number, checksum, author, message))
    numbers = isinstance(time, int | float) and all(isinstance(each, int | None) for each in (score, tokens))
    if not (texts and numbers and isinstance(parent, str | None) and bump in (None, *BUMPS)):
        return None
    return Version(number, parent, checksum, time, author, message, bump, told, score, tokens)


def storable(text: str) -> str:
    """A text that a database can hold: names of files need not be UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

"""Places in files: what navigation answers with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A range of a file; `path` is None for the prompt that was asked, where that one is no file."""

    path: Path | None
    range: Range


@dataclass(frozen=True, slots=True)
class LocationLink:
    """Where a name at `origin` leads: `selection` is what to jump to, and lies inside `range`, the whole thing there.

    `path` is None for the prompt that was asked, where that one is no file.
    """

    origin: Range
    path: Path | None
    range: Range
    selection: Range

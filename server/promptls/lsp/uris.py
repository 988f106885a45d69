"""Between the protocol's addresses and paths."""

from __future__ import annotations

from pathlib import Path

from pygls import uris


def to_path(uri: str) -> Path | None:
    """The path of a `file:` URI; None for every other scheme."""
    path = uris.to_fs_path(uri)
    return Path(path) if path else None


def to_uri(path: Path) -> str:
    """The `file:` URI of a path."""
    return path.absolute().as_uri()

"""Between the protocol's addresses and paths."""

from __future__ import annotations

from pathlib import Path

from pygls import uris


def is_test_uri(uri: str) -> bool:
    """Whether an address is that of a file with test cases."""
    return uri.endswith((".test.yaml", ".test.yml")) and uri.startswith("file:")


def to_path(uri: str) -> Path | None:
    """The path of a `file:` URI; None for every other scheme."""
    path = uris.to_fs_path(uri)
    return Path(path) if path else None


def to_uri(path: Path) -> str:
    """The `file:` URI of a path."""
    return path.absolute().as_uri()

"""A prompt's history as Markdown, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from promptls.store.versions import Version

_SPECIAL = str.maketrans({each: f"\\{each}" for each in "\\`*_[]<>#|"})


def changelog(name: str, versions: Sequence[Version]) -> str:
    """The versions, oldest first as given, as a page."""
    return "\n".join(_lines(name, versions)) + "\n"


def _lines(name: str, versions: Sequence[Version]) -> Iterator[str]:
    yield f"# Changes of {_text(name)}"
    for version in reversed(versions):
        day = datetime.fromtimestamp(version.time, UTC).date().isoformat()
        yield f"\n## {version.version} ({day})\n"
        if version.message:
            yield f"{_text(version.message)}\n"
        if version.parent is None:
            yield "* First version"
        for difference in version.reasons:
            message = difference.message[:1].upper() + difference.message[1:]
            yield f"* {_text(message)}{' (**breaking**)' if difference.bump == 'major' else ''}"
        yield f"\n{_text(version.author)}"


def _text(text: str) -> str:
    return " ".join(text.split()).translate(_SPECIAL)

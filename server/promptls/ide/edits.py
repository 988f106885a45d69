"""Changes to several files at once, and the reason where there can be none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from promptls.syntax.source import TextEdit


class Refused(Exception):
    """What was asked for cannot be done safely; `reason` says why, in one sentence for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FileRename:
    """A file or folder that moves."""

    old: Path
    new: Path


@dataclass(frozen=True, slots=True)
class WorkspaceEdit:
    """Changes to be made together: first `edits`, of the texts as they are now, then `created` files, then `renames`.

    The key None stands for the prompt that was asked, where that one is no file. `notes` are sentences for the person
    who asked: what the edit touches beyond what was pointed at, and what it leaves to be done by hand.
    """

    edits: Mapping[Path | None, tuple[TextEdit, ...]] = field(default_factory=dict)
    created: Mapping[Path, str] = field(default_factory=dict)
    renames: tuple[FileRename, ...] = ()
    notes: tuple[str, ...] = ()

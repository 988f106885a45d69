"""The vocabulary of refactorings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from promptls.ide.edits import WorkspaceEdit
from promptls.language.prompt import Project, Prompt
from promptls.syntax.source import Range, TextEdit

Kind = Literal[
    "refactor.extract", "refactor.inline", "refactor.rewrite", "source.sortFrontmatter", "source.convertToDotprompt"
]
"""The kinds of code actions, in the protocol's words."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a refactoring is asked for: a range (or a cursor) of a prompt; `project` knows the files around it."""

    prompt: Prompt
    project: Project
    range: Range


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done. `make` works the edit out and raises `Refused` where that turns out to be unsafe.

    `id` tells it from the other offers for the same place, so that it can be found again. `refusal` says why what was
    plainly asked for cannot be done; `make` would raise it.
    """

    id: str
    title: str
    kind: Kind
    make: Callable[[], WorkspaceEdit] = field(repr=False, compare=False)
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Refactoring:
    """An offer worked out."""

    title: str
    kind: Kind
    edits: WorkspaceEdit


def own_edit(prompt: Prompt, *edits: TextEdit, notes: tuple[str, ...] = ()) -> WorkspaceEdit:
    """Edits of the prompt itself."""
    return WorkspaceEdit(edits={prompt.path: edits}, notes=notes)

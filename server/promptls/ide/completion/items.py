"""What a completion is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from promptls.syntax.source import Range

CompletionKind = Literal[
    "class",
    "constant",
    "enum-member",
    "event",
    "field",
    "file",
    "function",
    "keyword",
    "module",
    "operator",
    "property",
    "reference",
    "snippet",
    "value",
    "variable",
]
"""Kinds by the names that the Language Server Protocol gives them."""

Data = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class CompletionEdit:
    """What accepting an item writes.

    `insert` runs from the start of the word to the cursor, `replace` on to the word's end; both stay on one line and
    hold the cursor. A `snippet` is in the protocol's snippet syntax; its further lines are indented relative to the
    line of the cursor, which the editor adds.
    """

    insert: Range
    replace: Range
    text: str
    snippet: bool = False


@dataclass(frozen=True, slots=True)
class CompletionItem:
    """One thing to choose.

    `filter_text` is what the text of `edit.insert` is compared with. `data` is all that `resolve_completion` needs to
    find the documentation. `asks_again` says that the next thing to type can be completed too.
    """

    label: str
    kind: CompletionKind
    edit: CompletionEdit
    filter_text: str
    detail: str = ""
    sort_key: str = ""
    data: Data | None = None
    deprecated: bool = False
    preselect: bool = False
    asks_again: bool = False


@dataclass(frozen=True, slots=True)
class CompletionList:
    """The items in their order; an incomplete list must be asked for again when more is typed."""

    items: tuple[CompletionItem, ...] = ()
    incomplete: bool = False


class Word(NamedTuple):
    """The word under the cursor: from its start to the cursor, and to its end."""

    insert: Range
    replace: Range

    def item(
        self,
        label: str,
        kind: CompletionKind,
        text: str | None = None,
        *,
        snippet: bool = False,
        filter_text: str | None = None,
        detail: str = "",
        data: Data | None = None,
        deprecated: bool = False,
        preselect: bool = False,
        asks_again: bool = False,
    ) -> CompletionItem:
        """An item that replaces this word by `text`, which is the label unless given."""
        return CompletionItem(
            label=label,
            kind=kind,
            edit=CompletionEdit(self.insert, self.replace, label if text is None else text, snippet),
            filter_text=label if filter_text is None else filter_text,
            detail=detail,
            data=data,
            deprecated=deprecated,
            preselect=preselect,
            asks_again=asks_again,
        )


def completion_list(items: Iterable[CompletionItem], *, incomplete: bool = False) -> CompletionList:
    """A list whose order editors keep; of items with the same label the first one stays."""
    unique: dict[str, CompletionItem] = {}
    for item in items:
        unique.setdefault(item.label, item)
    ordered = (replace(item, sort_key=f"{index:05}") for index, item in enumerate(unique.values()))
    return CompletionList(tuple(ordered), incomplete)

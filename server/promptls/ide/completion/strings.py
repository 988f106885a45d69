"""Texts that an argument is known to take: roles, media types, members of an enum, fields of an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from promptls.ide.completion.items import CompletionItem, CompletionKind, Data
from promptls.ide.completion.names import value_named, word_of
from promptls.ide.tag_cursor import PARTIAL_KINDS, TagCursor
from promptls.language.helpers import ROLES
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt
from promptls.language.schema import SchemaType

MEDIA_TYPES = (
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "image/heic",
    "application/pdf",
    "audio/mpeg",
    "audio/wav",
    "audio/ogg",
    "audio/flac",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "text/plain",
    "text/csv",
    "text/html",
    "text/markdown",
    "application/json",
)
"""MIME types (IANA's names) of the media that models commonly take."""

_LEVELS = ("debug", "info", "warn", "error")
_COMPARING = frozenset({"ifEquals", "unlessEquals"})


class Text(NamedTuple):
    """One text that an argument can be."""

    text: str
    kind: CompletionKind
    detail: str = ""
    data: Data | None = None


def texts(prompt: Prompt, cursor: TagCursor) -> Iterator[Text]:
    """The texts that the argument at a cursor is known to take."""
    call = cursor.call
    if cursor.position == "hash-value":
        yield from _named(prompt, cursor, call.key or "")
    elif cursor.position == "argument" and call.name is not None:
        yield from _positional(prompt, cursor, call.name, len(call.arguments))


def _named(prompt: Prompt, cursor: TagCursor, key: str) -> Iterator[Text]:
    name = cursor.call.name
    if name == "media" and key == "contentType":
        yield from (Text(each, "enum-member") for each in MEDIA_TYPES)
    elif name == "log" and key == "level":
        yield from (Text(each, "enum-member") for each in _LEVELS)
    elif cursor.kind in PARTIAL_KINDS and not cursor.is_inner and name is not None:
        partial = prompt.project.partial(name, prompt)
        for each in parameters(partial) if partial else ():
            if each.name == key:
                yield from _members(each.schema)


def _positional(prompt: Prompt, cursor: TagCursor, name: str, index: int) -> Iterator[Text]:
    if name == "role" and index == 0:
        yield from roles(prompt)
    elif name == "section" and index == 0:
        yield Text("output", "enum-member", "where the host puts its output instructions")
    elif name in _COMPARING and index == 1:
        first = cursor.call.arguments[0]
        value = value_named(prompt, prompt.text[first.start : first.end], cursor)
        yield from _members(value.type if value else None)
    elif name == "lookup" and index == 1:
        first = cursor.call.arguments[0]
        value = value_named(prompt, prompt.text[first.start : first.end], cursor)
        for field, _, type in value.members() if value else ():
            yield Text(field, "field", type.label if type else "any")


def roles(prompt: Prompt) -> Iterator[Text]:
    """The roles that a message of this prompt can have."""
    for role in ROLES:
        yield Text(role, "enum-member", data={"kind": "role", "name": role})
    for role in prompt.settings.roles:
        yield Text(role, "enum-member", "from the settings")


def _members(type: SchemaType | None) -> Iterator[Text]:
    if type is not None and type.type == "enum":
        yield from (Text(value, "enum-member") for value in type.values if isinstance(value, str))


def quoted(cursor: TagCursor, each: Text) -> CompletionItem:
    """A text as an argument that is still to be quoted."""
    quote = "'" if '"' in each.text else '"'
    text = quote + each.text + quote
    return word_of(cursor).item(text, each.kind, text, filter_text=each.text, detail=each.detail, data=each.data)


def inside_quotes(prompt: Prompt, cursor: TagCursor, each: Text) -> CompletionItem:
    """A text in the string that the cursor is in; it also ends what is not ended yet."""
    text = each.text
    if not cursor.is_quote_closed and cursor.is_alone:
        text += cursor.quote or ""
        if _is_last_argument(cursor):
            text += cursor.closing
    return word_of(cursor).item(each.text, each.kind, text, detail=each.detail, data=each.data)


def _is_last_argument(cursor: TagCursor) -> bool:
    """Whether the tag can end with this string: it opens no block and holds no open parenthesis."""
    return not cursor.is_inner and cursor.kind in ("OPEN", "OPEN_UNESCAPED", "OPEN_PARTIAL")

"""The keys of YAML as its lines are indented and bracketed, for text that a half-typed line keeps from being YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

ITEM = "-"
"""What stands in a path for an item of a list."""

_KEY = r"""(?P<key>"[^"\n]*"|'[^'\n]*'|[^\s"'\[\]{}#&*!|>%@`,?:-][^\n]*?|[?:-][^\s][^\n]*?)"""
_LINE = re.compile(rf"(?P<indent>[ \t]*)(?P<dashes>(?:-(?:[ \t]+|$))*)(?:{_KEY}(?P<colon>[ \t]*:)(?=[ \t]|$))?")
_BLANKS = re.compile(r"[ \t]*")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]*)*")
_TEXT_MARK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?$")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#")
_FLOW_COLON_FOLLOWS = frozenset(" \t,]}[{")


class Entry(NamedTuple):
    """A key or, named `-`, the dash of an item, with what stands after it on its line."""

    column: int
    name: str
    value: str = ""

    @property
    def is_item(self) -> bool:
        return self.name == ITEM

    @property
    def has_value(self) -> bool:
        """Whether something but a comment follows on the line."""
        text = self.value.strip()
        return bool(text) and not text.startswith("#")


class YamlLine(NamedTuple):
    """One line taken apart: its dashes and key, and the column where what follows them begins."""

    indent: int
    entries: tuple[Entry, ...]
    key_end: int | None
    value_column: int

    @property
    def has_key(self) -> bool:
        return self.key_end is not None

    @property
    def column(self) -> int:
        """Where the last dash or key begins, or else the line's text."""
        return self.entries[-1].column if self.entries else self.indent


@dataclass(slots=True, eq=False)
class Flow:
    """An open `[` or `{`; `key` waits for its value, `item` is the offset where the current key or item starts."""

    bracket: str
    item: int
    keys: set[str] = field(default_factory=set)
    key: str | None = None


def read_line(text: str) -> YamlLine:
    """Take a line apart."""
    match = _LINE.match(text)
    assert match is not None, "every part of the pattern may be empty"
    entries = [Entry(dash.start(), ITEM) for dash in re.finditer("-", text[: match.end("dashes")])]
    if (key := match["key"]) is not None:
        name = key[1:-1] if key[0] in "\"'" else key.rstrip()
        entries.append(Entry(match.start("key"), name, text[match.end() :]))
    key_end = match.end("key") if key is not None else None
    return YamlLine(match.end("indent"), tuple(entries), key_end, match.end())


def comment_start(line: str) -> int | None:
    """Where the comment of a line begins, or None."""
    return next((each.start() for each in _COMMENT.finditer(line) if not _in_quotes(line[: each.start()])), None)


def _in_quotes(text: str) -> bool:
    """Whether a string is open at the end of a line's text; an apostrophe inside a word opens none."""
    quote = ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and (index == 0 or text[index - 1] in " \t[{,:"):
            quote = character
    return bool(quote)


class YamlLines:
    """What has been read so far: every key and dash, the brackets that are open, the running text that one is in."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._quote = ""
        self._text_column: int | None = None
        self.entries: list[Entry] = []
        self.flows: list[Flow] = []
        self.flow_column = 0

    def take(self, start: int, end: int) -> None:
        """Read a whole line."""
        text = self._text[start:end]
        if self.is_in_flow(text):
            self.scan(start, end)
            return
        self.leave_flows()
        if not text.strip() or text.lstrip().startswith("#") or self.is_running_text(text):
            return
        line = read_line(text)
        self.entries += line.entries
        self._text_column = None
        value = _PROPERTIES.match(text, skip_blanks(text, line.value_column))
        at = value.end() if value else line.value_column
        if text[at : at + 1] in ("[", "{"):
            self.begin_flow(line.column, start + at, end)
        elif _TEXT_MARK.match(text[at:]):
            self._text_column = line.column

    def is_in_flow(self, text: str) -> bool:
        """Whether a line goes on inside brackets; other text further out shows that they were never closed."""
        if not self.flows:
            return False
        stripped = text.lstrip(" \t")
        return len(text) - len(stripped) > self.flow_column or stripped.startswith(("]", "}")) or not stripped

    def leave_flows(self) -> None:
        """Forget brackets that were never closed."""
        self.flows.clear()
        self._quote = ""

    def is_running_text(self, text: str) -> bool:
        """Whether a line belongs to a text that runs over several lines."""
        if self._text_column is None:
            return False
        return not text.strip() or len(text) - len(text.lstrip(" \t")) > self._text_column

    def parents(self, entry: Entry | None) -> tuple[str, ...]:
        """The names of the entries around one; for None, those down to the last entry."""
        return tuple(each.name for each in self.parent_entries(entry))

    def parent_entries(self, entry: Entry | None) -> list[Entry]:
        """The entries around one, outermost first."""
        found: list[Entry] = []
        column, is_item = (entry.column, entry.is_item) if entry is not None else (1 << 30, False)
        for each in reversed(self.entries):
            if each.column < column or (each.column == column and is_item and not each.is_item):
                found.append(each)
                column, is_item = each.column, each.is_item
        return found[::-1]

    def siblings_before(self, column: int) -> Iterator[str]:
        """The keys in a column, back to where their mapping begins."""
        for each in reversed(self.entries):
            if each.column < column:
                return
            if each.column == column and not each.is_item:
                yield each.name

    def begin_flow(self, column: int, start: int, end: int) -> None:
        """Read brackets that are the value of what stands in a column."""
        self.flow_column = column
        self.scan(start, end)

    def scan(self, position: int, end: int) -> None:
        """Read the characters of brackets and what is in them."""
        text, flows = self._text, self.flows
        while position < end:
            character = text[position]
            if self._quote:
                self._quote = "" if character == self._quote else self._quote
            elif character in "[{":
                flows.append(Flow(character, position + 1))
            elif not flows:
                return
            elif character in "]},":
                flows[-1].key = None
                flows[-1].item = position + 1
                if character != ",":
                    flows.pop()
            elif character in "\"'" and not text[flows[-1].item : position].strip():
                self._quote = character
            elif character == ":" and self._ends_key(position, end):
                flows[-1].key = text[flows[-1].item : position].strip().strip("\"'")
                flows[-1].keys.add(flows[-1].key)
                flows[-1].item = position + 1
            elif character == "#" and text[position - 1] in " \t":
                return
            position += 1

    def _ends_key(self, position: int, end: int) -> bool:
        return self.flows[-1].key is None and (
            position + 1 >= end or self._text[position + 1] in _FLOW_COLON_FOLLOWS or self._text[position - 1] == '"'
        )


def skip_blanks(text: str, position: int) -> int:
    """The next position at or after one that holds no blank."""
    match = _BLANKS.match(text, position)
    return match.end() if match else position

"""Where every key and value of a TOML text stands, which `tomllib` reads but does not tell."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import NamedTuple

from promptls.syntax.source import Range

KeyPath = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''(?P<string>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')'''
    r"""|(?P<skip>[ \t]+|\#[^\n]*)|(?P<newline>\r?\n)|(?P<mark>[\[\]{}=,.])|(?P<bare>[^\s\[\]{}=,."'\#]+)""",
    re.DOTALL,
)


class Token(NamedTuple):
    """A piece of TOML; `kind` is the mark itself for punctuation."""

    kind: str
    range: Range
    text: str


class TomlEntry(NamedTuple):
    """Where one value of a document stands, and its key; an array's items have no key of their own."""

    key: Range
    value: Range


def locate(text: str) -> dict[KeyPath, TomlEntry]:
    """Every key path of a document that `tomllib` accepts; of tables opened several times the first place."""
    return _Locator(text).document()


class _Locator:
    def __init__(self, text: str) -> None:
        self._tokens = [
            Token(match.group() if match.lastgroup == "mark" else str(match.lastgroup), Range(*match.span()), match[0])
            for match in _TOKEN.finditer(text)
            if match.lastgroup != "skip"
        ]
        self._tokens.append(Token("end", Range(len(text), len(text)), ""))
        self._next = 0
        self._found: dict[KeyPath, TomlEntry] = {}
        self._tables: Counter[KeyPath] = Counter()

    def document(self) -> dict[KeyPath, TomlEntry]:
        table: KeyPath = ()
        while (kind := self._kind) != "end":
            if kind == "[":
                table = self._header()
            elif kind in ("string", "bare"):
                self._pair(table)
            else:
                self._take()
        return self._found

    @property
    def _kind(self) -> str:
        return self._tokens[self._next].kind

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _header(self) -> KeyPath:
        self._take()
        is_array = self._kind == "["
        if is_array:
            self._take()
        path = self._keys(())
        if is_array:
            self._tables[path] += 1
            path = (*path, self._tables[path] - 1)
        while self._kind not in ("newline", "end"):
            self._take()
        return path

    def _keys(self, path: KeyPath) -> KeyPath:
        """Read a dotted key below `path`; inside an array of tables it means the last of them."""
        while self._kind in ("string", "bare", "."):
            token = self._take()
            if token.kind == ".":
                continue
            if self._tables[path]:
                path = (*path, self._tables[path] - 1)
            path = (*path, _unquoted(token))
            self._found.setdefault(path, TomlEntry(token.range, token.range))
        return path

    def _pair(self, table: KeyPath) -> None:
        path = self._keys(table)
        if self._kind != "=":
            self._take()
            return
        self._take()
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        start = self._tokens[self._next].range.start
        opening = self._kind
        if opening in ("[", "{"):
            self._take()
            closing = "]" if opening == "[" else "}"
            index = 0
            while self._kind not in (closing, "end"):
                if self._kind in (",", "newline"):
                    self._take()
                elif opening == "{":
                    self._pair(path)
                else:
                    self._value((*path, index))
                    index += 1
            end = self._take().range.end
        else:
            end = start
            while self._kind in ("string", "bare", "."):
                end = self._take().range.end
        value = Range(start, end)
        key = self._found[path].key if path in self._found else value
        self._found[path] = TomlEntry(key, value)


def _unquoted(token: Token) -> str:
    if token.kind != "string":
        return token.text
    return str(tomllib.loads(f"key = {token.text}")["key"])

"""Where a cursor stands in the frontmatter: under which keys, and whether a key, a value or an item is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from promptls.ide.yaml_lines import Entry, YamlLine, YamlLines, comment_start, read_line, skip_blanks
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.source import Range

YamlPosition = Literal["key", "value", "item"]

_FENCE = re.compile(r"\ufeff?(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n))*+---[ \t]*(?:\r\n|\r|\n)")
_YAML_LINE = re.compile(
    r"[ \t]*(?:#.*|-(?:[ \t].*)?|[\]}].*|(?:\"[^\"]*\"|'[^']*')[ \t]*:.*|[A-Za-z_][^:{}]*:.*)?|[ \t]+.*"
)
_WORD_REST = re.compile(r"[^\s#,\[\]{}\"':]*")
_NOT_A_WORD = ("[", "{", "]", "}", "|", ">", "&", "*", "!", ",")


@dataclass(frozen=True, slots=True, eq=False)
class YamlCursor:
    """A cursor in the frontmatter.

    `path` are the keys around it, down to the mapping or list that it is in, or the key whose value it is. `siblings`
    are the other keys of that mapping. `word` runs from the start of what is typed to the cursor, `word_end` is where
    it ends, `typed` and `following` are the text before and after the cursor in it. `column` is where the key or dash
    of the cursor's line begins, `indent` that line's own indentation. `has_colon` says that a colon follows the key,
    `needs_blank` that the one before the cursor lacks its blank.
    """

    position: YamlPosition
    path: tuple[str, ...]
    word: Range
    word_end: int
    column: int
    indent: int
    typed: str
    following: str
    siblings: frozenset[str] = frozenset()
    flow: bool = False
    quote: str | None = None
    has_colon: bool = False
    needs_blank: bool = False

    @property
    def is_fresh_line(self) -> bool:
        """Whether a line of its own is being begun, so that anything may come of it: a key, an item or a value."""
        return self.position == "key" and not self.flow and not self.has_colon


def yaml_range(prompt: Prompt, offset: int) -> Range | None:
    """The YAML that a cursor is in, also where its frontmatter is only being begun; None outside of it."""
    head = frontmatter(prompt)
    if head is not None and head.close_fence is not None:
        yaml = head.yaml_range
        return yaml if yaml.start <= offset < head.close_fence.start else None
    opening = _FENCE.match(prompt.text)
    if opening is None or offset < opening.end():
        return None
    source = prompt.source
    first, last = source.line_at(opening.end()), source.line_at(offset)
    above = (source.line_text(line) for line in range(first, last))
    if "{{" in source.line_text(last) or not all("{{" not in line and _YAML_LINE.fullmatch(line) for line in above):
        return None
    return Range(opening.end(), source.line_range(last).end)


def yaml_at(prompt: Prompt, offset: int) -> YamlCursor | None:
    """The cursor in the frontmatter, or None outside of it and where running text or a comment stands."""
    yaml = yaml_range(prompt, offset)
    return _Reader(prompt, yaml, offset).read() if yaml is not None else None


def cursor_in(prompt: Prompt, yaml: Range, offset: int) -> YamlCursor | None:
    """The cursor in a part of a text that is known to be YAML, such as the whole of a test file."""
    return _Reader(prompt, yaml, offset).read()


def frontmatter_comment_at(prompt: Prompt, offset: int) -> Range | None:
    """The comment of the frontmatter that a cursor is in, from its `#` to the cursor."""
    if yaml_range(prompt, offset) is None:
        return None
    start = prompt.source.line_range(prompt.source.line_at(offset)).start
    comment = comment_start(prompt.text[start:offset])
    return Range(start + comment, offset) if comment is not None else None


class _Reader:
    """Reads the lines above the cursor, then its own, then those below for the keys that follow."""

    def __init__(self, prompt: Prompt, yaml: Range, offset: int) -> None:
        source = prompt.source
        self._text = prompt.text
        self._offset = offset
        self._lines = YamlLines(prompt.text)
        cursor = source.line_at(offset)
        last = max(cursor, source.line_at(max(yaml.start, yaml.end - 1)))
        self._above = [source.line_range(line) for line in range(source.line_at(yaml.start), cursor)]
        self._start, self._end = source.line_range(cursor)
        self._below = [source.line_range(line) for line in range(cursor + 1, last + 1)]

    def read(self) -> YamlCursor | None:
        for start, end in self._above:
            self._lines.take(start, end)
        cut = self._text[self._start : self._offset]
        if comment_start(cut) is not None:
            return None
        if self._lines.is_in_flow(self._text[self._start : self._end]):
            self._lines.scan(self._start, self._offset)
            return self._in_flow()
        self._lines.leave_flows()
        line = read_line(cut)
        if self._lines.is_running_text(cut if cut.strip() else f"{cut}x"):
            return None
        return self._after_key(line, cut) if line.has_key else self._on_line(line, cut)

    def _after_key(self, line: YamlLine, cut: str) -> YamlCursor | None:
        """A value on the line of its key."""
        start = skip_blanks(cut, line.value_column)
        path = (*self._lines.parents(line.entries[0]), *(entry.name for entry in line.entries))
        if cut[start : start + 1] in ("[", "{"):
            self._lines.entries += line.entries
            return self._from_bracket(line.column, self._start + start)
        if cut[start : start + 1] in _NOT_A_WORD:
            return None
        needs_blank = start == line.value_column
        return self._value("value", path, self._start + start, line.column, line.indent, needs_blank=needs_blank)

    def _on_line(self, line: YamlLine, cut: str) -> YamlCursor | None:
        """A key, an item, or a value on a line of its own."""
        column = line.value_column
        typed = cut[column:]
        if typed.startswith(_NOT_A_WORD[2:]) or (typed and not typed.strip("-")):
            return None
        if typed.startswith(("[", "{")):
            self._lines.entries += line.entries
            return self._from_bracket(line.column if line.entries else column, self._start + column)
        if line.entries:
            path = (*self._lines.parents(line.entries[0]), *(entry.name for entry in line.entries))
            whole = read_line(self._text[self._start : self._end])
            if not whole.has_key and not self._goes_on_as_mapping(column):
                return self._value("item", path, self._start + column, column, line.indent)
            return self._key(path, column, line.indent, siblings=())
        parents = self._lines.parent_entries(Entry(column, ""))
        if parents and parents[-1].has_value:
            return None
        path = tuple(entry.name for entry in parents)
        return self._key(path, column, line.indent, siblings=self._lines.siblings_before(column))

    def _goes_on_as_mapping(self, column: int) -> bool:
        """Whether the next line has a key in the same column, so that a key is being typed and not an item."""
        following = next(self._following(), None)
        return following is not None and following.column == column and not following.is_item

    def _following(self) -> Iterator[Entry]:
        """The entries of the lines below."""
        lines = self._lines
        count = len(lines.entries)
        for start, end in self._below:
            lines.take(start, end)
            yield from lines.entries[count:]
            count = len(lines.entries)

    def _key(self, path: tuple[str, ...], column: int, indent: int, siblings: Iterator[str] | tuple[()]) -> YamlCursor:
        whole = read_line(self._text[self._start : self._end])
        key_end = self._rest_end()
        has_colon = whole.key_end is not None and self._start + whole.key_end >= self._offset
        if has_colon and whole.key_end is not None:
            key_end = self._start + whole.key_end
        found = set(siblings)
        for entry in self._following():
            if entry.column < column:
                break
            if entry.column == column and not entry.is_item:
                found.add(entry.name)
        word = Range(self._start + column, self._offset)
        around = self._around_cursor(word, key_end)
        return YamlCursor("key", path, word, key_end, column, indent, *around, frozenset(found), has_colon=has_colon)

    def _value(
        self,
        position: YamlPosition,
        path: tuple[str, ...],
        start: int,
        column: int,
        indent: int,
        *,
        needs_blank: bool = False,
    ) -> YamlCursor | None:
        text, offset = self._text, self._offset
        quote = text[start] if start < offset and text[start] in "\"'" else None
        word_end = self._rest_end()
        if quote is not None:
            start += 1
            if quote in text[start:offset]:
                return None
            close = text.find(quote, offset, self._end)
            word_end = close if close >= 0 else word_end
        word = Range(start, offset)
        in_flow = bool(self._lines.flows)
        needs_blank = needs_blank and quote is None
        return YamlCursor(
            position,
            path,
            word,
            word_end,
            column,
            indent,
            *self._around_cursor(word, word_end),
            flow=in_flow,
            quote=quote,
            needs_blank=needs_blank,
        )

    def _around_cursor(self, word: Range, word_end: int) -> tuple[str, str]:
        return self._text[slice(*word)], self._text[word.end : word_end]

    def _rest_end(self) -> int:
        rest = _WORD_REST.match(self._text, self._offset, self._end)
        return rest.end() if rest else self._offset

    def _from_bracket(self, column: int, start: int) -> YamlCursor | None:
        self._lines.begin_flow(column, start, self._offset)
        return self._in_flow() if self._lines.flows else None

    def _in_flow(self) -> YamlCursor | None:
        """Inside brackets."""
        lines, text = self._lines, self._text
        if not lines.flows:
            return None
        flow = lines.flows[-1]
        path = [*lines.parents(None), *(each.key or "-" for each in lines.flows[:-1])]
        cut = text[flow.item : self._offset]
        start = flow.item + len(cut) - len(cut.lstrip())
        if start < self._start or text[start : self._offset].startswith(_NOT_A_WORD):
            return None
        column = lines.flow_column
        if flow.bracket == "[" or flow.key is not None:
            position: YamlPosition = "item" if flow.bracket == "[" else "value"
            needs_blank = position == "value" and text[start - 1] == ":"
            return self._value(position, (*path, flow.key or "-"), start, column, column, needs_blank=needs_blank)
        before = frozenset(flow.keys)
        self._read_flow_to_its_end()
        word_end = self._rest_end()
        own = text[start:word_end].strip("\"'")
        siblings = frozenset(flow.keys) if own in before else frozenset(flow.keys - {own})
        has_colon = text[word_end : self._end].lstrip(" \t\"'").startswith(":")
        word = Range(start, self._offset)
        around = self._around_cursor(word, word_end)
        return YamlCursor(
            "key", tuple(path), word, word_end, column, column, *around, siblings, flow=True, has_colon=has_colon
        )

    def _read_flow_to_its_end(self) -> None:
        """Read on while the brackets around the cursor are open, for the keys that follow it."""
        lines, flow = self._lines, self._lines.flows[-1]
        lines.scan(self._offset, self._end)
        for start, end in self._below:
            if flow not in lines.flows or not lines.is_in_flow(self._text[start:end]):
                return
            lines.scan(start, end)

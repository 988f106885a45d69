"""The white space of a frontmatter as it should be: two blanks a level, one after `:` and `-`, no idle lines.

What stands in block scalars and between the brackets of flow collections stays as it is, and moves with its key.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from promptls.language.keys import FRONTMATTER_KEYS
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.source import Range, Source, TextEdit
from promptls.syntax.yaml_nodes import YamlAlias, walk

_INDENT = 2
_BLANKS = " \t"
# libyaml ends lines at these too, so that its lines would not be ours.
_OTHER_LINE_ENDS = frozenset("\u0085\u2028\u2029")
_Unusual = (yaml.DirectiveToken, yaml.DocumentStartToken, yaml.DocumentEndToken)
_FlowStart = (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)
_FlowEnd = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)
_NODE = (yaml.ScalarToken, yaml.AliasToken, yaml.AnchorToken, yaml.TagToken, *_FlowStart)
_ENDS = (yaml.BlockEndToken, yaml.StreamEndToken)


def frontmatter_edits(text: str, head: Frontmatter) -> Iterator[TextEdit]:
    """The edits inside a frontmatter without errors; none where it uses YAML's rarer notations."""
    start, end = head.yaml_range
    inside = text[start:end]
    if head.mapping is None or head.mapping.flow or not _OTHER_LINE_ENDS.isdisjoint(inside):
        return
    try:
        layout = _Layout(Source(inside))
    except _UnusualError:
        return
    for edit in layout.edits():
        yield TextEdit(Range(edit.range.start + start, edit.range.end + start), edit.text)


def sorted_by_key(text: str, head: Frontmatter) -> str:
    """The YAML with its top-level entries in dotprompt's own order, others after them; comments move with their key."""
    start, end = head.yaml_range
    mapping = head.mapping
    if mapping is None or mapping.flow or any(isinstance(node, YamlAlias) for node in walk(mapping)):
        return text[start:end]
    source = Source(text)
    order = {name: index for index, name in enumerate(FRONTMATTER_KEYS)}
    starts: list[int] = []
    bound = source.line_at(start)
    for entry in mapping.entries:
        line = source.line_at(entry.key.range.start)
        while line > bound and source.line_text(line - 1).startswith("#"):
            line -= 1
        starts.append(source.line_starts[line])
        bound = source.line_at(entry.range.end) + 1
    pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], end], strict=True)]
    ranks = [order.get(entry.name or "", len(order)) for entry in mapping.entries]
    moved = sorted(range(len(pieces)), key=lambda index: ranks[index])
    return text[start : starts[0]] + "".join(pieces[index] for index in moved)


class _UnusualError(Exception):
    """A notation that is better left to its author."""


@dataclass(frozen=True, slots=True)
class _Collection:
    """A block collection that is open: the column it has and the one it should have.

    `implied`: a sequence whose dashes stand under the key of its mapping, which has no tokens of its own.
    """

    old: int
    new: int
    is_sequence: bool
    implied: bool = False

    @property
    def shift(self) -> int:
        return self.new - self.old


class _Layout:
    """Goes through libyaml's tokens and notes for every line where it should begin."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._stack: list[_Collection] = []
        self._flow: list[tuple[int, int]] = []
        self._gap: int | None = None
        self._previous_end = 0
        self._gaps: list[TextEdit] = []
        self._columns: dict[int, tuple[int, int]] = {}
        """The column that the first token of a line has, and the one it should have."""
        self._open: dict[int, tuple[_Collection, ...]] = {}
        self._shifts: dict[int, tuple[int, int]] = {}
        """By how much a line that continues a value moves, and the least column that it may get."""
        self._content: set[int] = set()
        """Lines whose end, or which as a whole, belong to a scalar."""
        for token in yaml.scan(self._text, Loader=yaml.CSafeLoader):
            self._token(token)
        self._begun = sorted(self._columns)

    def _token(self, token: yaml.Token) -> None:
        assert token.start_mark is not None and token.end_mark is not None, "a text gives every token its marks"
        start, end = token.start_mark.index, token.end_mark.index
        line = self._source.line_at(start)
        if self._gap is not None and not isinstance(token, _ENDS) and self._source.line_at(self._gap) == line:
            self._gaps.append(TextEdit(Range(self._gap, start), " "))
        self._gap = None
        if isinstance(token, _Unusual):
            raise _UnusualError
        if isinstance(token, yaml.BlockMappingStartToken | yaml.BlockSequenceStartToken):
            self._push(self._column(start), isinstance(token, yaml.BlockSequenceStartToken))
        elif isinstance(token, yaml.BlockEndToken):
            self._pop_implied()
            self._stack.pop()
        elif self._flow:
            self._in_flow(token, start, end)
        else:
            self._in_block(token, start, end)
        if self._stack and not isinstance(token, _ENDS):
            self._open[line] = tuple(self._stack)
        self._previous_end = end

    def _push(self, column: int, is_sequence: bool, *, implied: bool = False) -> None:
        new = self._stack[-1].new + _INDENT if self._stack else 0
        self._stack.append(_Collection(column, new, is_sequence, implied))

    def _pop_implied(self) -> None:
        if self._stack[-1].implied:
            self._stack.pop()

    def _in_block(self, token: yaml.Token, start: int, end: int) -> None:
        if isinstance(token, yaml.KeyToken):
            if self._text[start] == "?" and self._text[start + 1 : start + 2].strip() == "":
                raise _UnusualError
            self._pop_implied()
            self._begin(start, self._stack[-1].new)
        elif isinstance(token, yaml.BlockEntryToken):
            if not self._stack[-1].is_sequence:
                self._push(self._column(start), is_sequence=True, implied=True)
            self._begin(start, self._stack[-1].new)
            self._gap = end
        elif isinstance(token, yaml.ValueToken):
            if self._is_first(start):
                raise _UnusualError
            self._gaps.append(TextEdit(Range(self._previous_end, start), ""))
            self._gap = end
        elif isinstance(token, _NODE):
            self._node(token, start, end)

    def _node(self, token: yaml.Token, start: int, end: int) -> None:
        if not self._stack:
            raise _UnusualError
        parent = self._stack[-1]
        shift = parent.shift
        is_first = self._is_first(start)
        # A mapping's key has begun its line already.
        if is_first and self._source.line_at(start) not in self._columns:
            self._begin(start, parent.new + _INDENT)
            shift = parent.new + _INDENT - self._column(start)
        if isinstance(token, _FlowStart):
            self._flow.append((self._source.line_at(start), shift))
        elif isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            if is_first:
                raise _UnusualError
            self._block_scalar(start, end, parent.shift)
        elif isinstance(token, yaml.ScalarToken):
            self._continue(start, end, shift)
            self._hold(start, end)

    def _in_flow(self, token: yaml.Token, start: int, end: int) -> None:
        if isinstance(token, _FlowStart):
            self._flow.append((self._source.line_at(start), 0))
        elif isinstance(token, _FlowEnd):
            line, shift = self._flow.pop()
            if not self._flow:
                self._continue(self._source.line_starts[line], end, shift)
        elif isinstance(token, yaml.ScalarToken):
            self._hold(start, end)

    def _block_scalar(self, start: int, end: int, shift: int) -> None:
        header = self._source.line_at(start)
        lines = range(header + 1, self._source.line_at(end - 1) + 1)
        texts = [self._source.line_text(line) for line in lines]
        indents = [len(text) - len(text.lstrip(" ")) for text in texts if text.strip(" ")]
        indicators = self._text[start : self._source.line_range(header).end].partition("#")[0]
        keeps_empty_lines = not indents or re.search(r"[+1-9]", indicators) is not None
        for line, text in reversed(list(zip(lines, texts, strict=True))):
            # Blanks beyond the indentation are content even at the end.
            if keeps_empty_lines or len(text) > min(indents):
                keeps_empty_lines = True
                self._shifts[line] = (shift, 0)
                self._content.add(line)

    def _continue(self, start: int, end: int, shift: int) -> None:
        least = self._stack[-1].new + 1
        for line in range(self._source.line_at(start) + 1, self._source.line_at(end) + 1):
            self._shifts[line] = (shift, least)

    def _hold(self, start: int, end: int) -> None:
        self._content.update(range(self._source.line_at(start), self._source.line_at(end)))

    def _begin(self, start: int, column: int) -> None:
        """Note where the line should begin, if this is what begins it."""
        if self._is_first(start):
            self._columns[self._source.line_at(start)] = (self._column(start), column)

    def _column(self, offset: int) -> int:
        return offset - self._source.line_starts[self._source.line_at(offset)]

    def _is_first(self, offset: int) -> bool:
        begin = self._source.line_starts[self._source.line_at(offset)]
        return not self._text[begin:offset].strip(" ")

    # What the notes come to

    def edits(self) -> Iterator[TextEdit]:
        """The edits of indentation, gaps, line ends and empty lines."""
        yield from self._gaps
        previous = 0
        # The last line is the empty one after the last line end.
        last = self._source.line_count - 1
        line = 0
        while line < last:
            if not self._is_idle(line):
                yield from self._line(line, previous)
                previous = line if line in self._columns else previous
                line += 1
                continue
            first = line
            while line < last and self._is_idle(line):
                line += 1
            start, end = self._source.line_starts[first], self._source.line_starts[line]
            kept = "" if first == 0 or line == last else self._text[self._source.line_range(line - 1).end : end]
            yield TextEdit(Range(start, end), kept)

    def _is_idle(self, line: int) -> bool:
        """Whether a line is empty and no part of a value."""
        is_part = line in self._content or line in self._shifts
        return not is_part and not self._source.line_text(line).strip(_BLANKS)

    def _line(self, line: int, previous: int) -> Iterator[TextEdit]:
        start, end = self._source.line_range(line)
        text = self._text[start:end]
        indent = len(text) - len(text.lstrip(" "))
        yield TextEdit(Range(start, start + indent), " " * self._indentation(line, previous, text, indent))
        if line not in self._content and (stripped := text.rstrip(_BLANKS)):
            yield TextEdit(Range(start + len(stripped), end), "")

    def _indentation(self, line: int, previous: int, text: str, indent: int) -> int:
        if line in self._columns:
            return self._columns[line][1]
        if line in self._shifts:
            shift, least = self._shifts[line]
            is_blank = not text.strip(_BLANKS)
            return indent if is_blank and (least or not text) else max(least, indent + shift)
        return self._comment(line, previous, indent) if text.startswith("#", indent) else indent

    def _comment(self, line: int, previous: int, indent: int) -> int:
        """Under the key that follows if it stands there now, otherwise with the collection that it stands in."""
        index = bisect_right(self._begun, line)
        following = self._columns[self._begun[index]] if index < len(self._begun) else None
        if following is not None and (following[0] == indent or previous not in self._columns):
            return following[1]
        around = [each for each in self._open.get(previous, ()) if each.old <= indent]
        return indent + around[-1].shift if around else indent

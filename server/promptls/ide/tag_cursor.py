"""Where a cursor stands between the braces of a tag: which word it is in, in which call, as which argument.

What counts is the text up to the cursor, since the rest of a tag that is being typed is missing or belongs to what
follows it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from promptls.language.formats import recognised
from promptls.language.prompt import Prompt, template
from promptls.syntax.handlebars.lexer import CLOSING_KINDS, Token, TokenKind
from promptls.syntax.source import Range

TagPosition = Literal["name", "argument", "hash-value", "block-parameter"]

PARTIAL_KINDS: frozenset[TokenKind] = frozenset({"OPEN_PARTIAL", "OPEN_PARTIAL_BLOCK"})
_OPENING_KINDS: frozenset[TokenKind] = PARTIAL_KINDS | {
    "OPEN",
    "OPEN_BLOCK",
    "OPEN_ENDBLOCK",
    "OPEN_INVERSE",
    "OPEN_INVERSE_CHAIN",
    "OPEN_RAW_BLOCK",
    "OPEN_UNESCAPED",
}
_WHOLE_NAMES: frozenset[TokenKind] = PARTIAL_KINDS | {"OPEN_ENDBLOCK"}
_LITERAL_KINDS: frozenset[TokenKind] = frozenset({"NUMBER", "BOOLEAN", "UNDEFINED", "NULL"})
_PATH_KINDS: frozenset[TokenKind] = _LITERAL_KINDS | {"ID", "SEP", "DATA"}
_STRING_KINDS: frozenset[TokenKind] = frozenset({"STRING", "UNCLOSED_STRING"})
# What a new word may follow without a blank.
_BEFORE_WORD: frozenset[TokenKind] = frozenset({"WHITESPACE", "EQUALS", "OPEN_SEXPR", "OPEN_BLOCK_PARAMS"})
_NAME_REST = re.compile(r"[\w$-]*")
_FILE_REST = re.compile(r"[\w$./-]*")
_TEXT_REST = re.compile(r"[\w$./+-]*")
_ELSE = re.compile(r"\{\{~?(?:\s*(?P<word>else)|\^(?P<name>))")


@dataclass(slots=True, eq=False)
class Call:
    """A call around the cursor; `arguments` are complete positional ones before it.

    `name` is None where it is computed or still to be written (then `name_range` is None too). `given` are the named
    arguments on both sides of the cursor, `named` says that one stands before it, `key` is the one being given a value.
    """

    start: int
    name: str | None = None
    name_range: Range | None = None
    arguments: list[Range] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    named: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TagCursor:
    """A cursor between the braces of a tag.

    `path` is what stands before the word in its own path (`user.`, `../`). `word` runs from its start to the cursor,
    `word_end` is where it ends. `quote` is set inside a string. `closing` are the braces that the tag lacks, and
    `is_alone` says that nothing but blanks stands between the word and the end of the tag.
    """

    tag: Range
    kind: TokenKind
    opening: str
    calls: tuple[Call, ...]
    position: TagPosition
    path: str
    word: Range
    word_end: int
    quote: str | None
    is_quote_closed: bool
    block_parameters: tuple[str, ...]
    closing: str
    is_alone: bool

    @property
    def call(self) -> Call:
        """The innermost call."""
        return self.calls[-1]

    @property
    def is_inner(self) -> bool:
        """Whether the innermost call is a sub-expression."""
        return len(self.calls) > 1

    @property
    def frame_offset(self) -> int:
        """An offset at which names mean what they mean in this tag, whether or not it opens a block."""
        return min(self.tag.start + 2, self.word.start)


def takes_tags(prompt: Prompt) -> bool:
    """Whether tags mean something in a file, or may soon: the first one can make a prompt of a plain text."""
    return recognised(prompt).format in ("dotprompt", "text")


def tag_at(prompt: Prompt, offset: int) -> TagCursor | None:
    """The tag that a cursor is in, or None in text, comments and where no name can stand."""
    tokens = template(prompt).tokens
    index = _index_before(tokens, offset)
    if index is None:
        return None
    token = tokens[index]
    after_blank = token.kind == "CONTENT" or offset > token.end
    if after_blank:
        # The blanks after an unfinished tag count as text or as nothing, but what is typed there goes on with it.
        index -= token.kind == "CONTENT"
        if index < 0 or tokens[index].kind != "UNCLOSED" or prompt.text[tokens[index].end : offset].strip(" \t"):
            return None
    elif token.kind == "INVERSE":
        return _at_else(prompt.text, token, offset)
    elif token.kind in CLOSING_KINDS and token.kind != "UNCLOSED":
        return None
    first = index
    while first >= 0 and tokens[first].kind not in _OPENING_KINDS:
        if tokens[first].kind in ("CONTENT", "COMMENT", "RAW_CONTENT", "END_RAW_BLOCK", "ESCAPE", "INVERSE"):
            return None
        first -= 1
    if first < 0:
        return None
    last = index
    while last < len(tokens) - 1 and tokens[last].kind not in CLOSING_KINDS:
        last += 1
    return _Reader(prompt.text, tokens[first : last + 1], offset).read(after_blank=after_blank)


def template_comment_at(prompt: Prompt, offset: int) -> Range | None:
    """The comment of the template that a cursor is in, from its braces to the cursor."""
    tokens = template(prompt).tokens
    index = _index_before(tokens, offset)
    if index and tokens[index].kind == "UNCLOSED":
        index -= 1
    if index is None or tokens[index].kind != "COMMENT":
        return None
    start, end = tokens[index].start, tokens[index].end
    is_closed = index + 1 >= len(tokens) or tokens[index + 1].kind != "UNCLOSED"
    is_outside = offset > end - 2 if is_closed else bool(prompt.text[end:offset].strip(" \t"))
    return None if is_outside else Range(start, offset)


def _index_before(tokens: Sequence[Token], offset: int) -> int | None:
    """The token that begins before the cursor and reaches it."""
    index = bisect_right(tokens, offset, key=lambda token: token.start) - 1
    while index >= 0 and tokens[index].start >= offset:
        index -= 1
    return index if index >= 0 else None


def _at_else(text: str, token: Token, offset: int) -> TagCursor | None:
    """Inside `{{else}}` or `{{^}}`, which are one token."""
    match = _ELSE.match(text, token.start, token.end)
    if match is None:
        return None
    start, end = match.span(match.lastgroup or 0)
    kind: TokenKind = "OPEN_INVERSE" if start == end else "OPEN"
    if kind == "OPEN" and offset > end and not text[end:offset].strip():
        kind, start, end = "OPEN_INVERSE_CHAIN", offset, offset
    if not start <= offset <= end:
        return None
    return TagCursor(
        tag=Range(token.start, token.end),
        kind=kind,
        opening=text[token.start : start],
        calls=(Call(start),),
        position="name",
        path="",
        word=Range(start, offset),
        word_end=end,
        quote=None,
        is_quote_closed=False,
        block_parameters=(),
        closing="",
        is_alone=True,
    )


class _Reader:
    """Reads one tag: `tokens` from its opening to its closing one."""

    def __init__(self, text: str, tokens: Sequence[Token], offset: int) -> None:
        self._text = text
        self._opening = tokens[0]
        self._closing = tokens[-1]
        self._tokens = tokens[1:-1]
        self._offset = offset
        self._calls = [Call(self._opening.end)]
        self._block_parameters: list[str] | None = None

    def read(self, *, after_blank: bool) -> TagCursor | None:
        opening, offset = self._opening, self._offset
        if after_blank:
            return self._cursor(self._tokens, offset, None)
        if opening.kind == "OPEN_INVERSE_CHAIN" and offset <= opening.end:
            return self._in_else()
        if offset < opening.end:
            return None
        before = [token for token in self._tokens if token.start < offset]
        if before and before[-1].kind in _STRING_KINDS and self._is_inside(before[-1]):
            string = before.pop()
            return self._cursor(before, string.start + 1, string)
        word = before[self._word_index(before) :]
        del before[len(before) - len(word) :]
        if before and before[-1].kind not in _BEFORE_WORD:
            return None
        return self._cursor(before, word[0].start if word else offset, None, word)

    def _in_else(self) -> TagCursor | None:
        """At the word `else` of a tag that is not finished, or has more in it."""
        match = _ELSE.match(self._text, self._opening.start)
        if match is None or self._offset < match.start("word"):
            return None
        start, end = match.span("word")
        return self._made(Range(start, self._offset), end, (Call(start),), "name", kind="OPEN")

    def _is_inside(self, string: Token) -> bool:
        return self._offset < string.end or string.kind == "UNCLOSED_STRING"

    def _word_index(self, before: Sequence[Token]) -> int:
        """Where the path that ends at the cursor begins."""
        index = len(before)
        while index and (before[index - 1].kind in _PATH_KINDS or self._is_bracket(before[index - 1])):
            index -= 1
        return index

    def _is_bracket(self, token: Token) -> bool:
        return token.kind == "INVALID" and self._text[token.start] == "["

    def _cursor(
        self, before: Sequence[Token], start: int, string: Token | None, word: Sequence[Token] = ()
    ) -> TagCursor | None:
        path = ""
        if any(token.kind == "INVALID" for token in before) or not self._read_before(before):
            return None
        self._read_after()
        call = self._calls[-1]
        position: TagPosition = "argument"
        if self._block_parameters is not None:
            position = "block-parameter"
        elif call.key is not None:
            position = "hash-value"
        elif call.name_range is None:
            position = "name"
        is_file = position == "name" and self._opening.kind in _WHOLE_NAMES and len(self._calls) == 1
        rest = _NAME_REST
        if string is not None:
            rest = _TEXT_REST
            if "\n" in self._text[start : self._offset] or "\r" in self._text[start : self._offset]:
                return None
        elif is_file:
            rest = _FILE_REST
        else:
            start = self._last_name(word, start)
            path = self._text[word[0].start : start] if word else ""
        end = self._rest_end(rest, word, string)
        return self._made(Range(start, self._offset), end, tuple(self._calls), position, path=path, string=string)

    def _last_name(self, word: Sequence[Token], start: int) -> int:
        """Where the last name of a path begins: after its last separator."""
        for index, token in enumerate(word):
            is_separator = token.kind == "SEP" or (
                index and token.kind == "ID" and self._text[token.start : token.end] == "."
            )
            if is_separator and token.end <= self._offset:
                start = token.end
        return start

    def _rest_end(self, rest: re.Pattern[str], word: Sequence[Token], string: Token | None) -> int:
        text, offset = self._text, self._offset
        if string is not None and string.kind == "STRING":
            inner_end = string.end - 1
            if "\n" not in text[offset:inner_end] and "\r" not in text[offset:inner_end]:
                return inner_end
        if word and text[word[-1].start] == "[" and word[-1].kind == "ID":
            return max(offset, word[-1].end)
        match = rest.match(text, offset, max(offset, self._closing.start))
        return match.end() if match else offset

    def _made(
        self,
        word: Range,
        word_end: int,
        calls: tuple[Call, ...],
        position: TagPosition,
        *,
        kind: TokenKind | None = None,
        path: str = "",
        string: Token | None = None,
    ) -> TagCursor:
        text, closing = self._text, self._closing
        opening = self._opening
        missing = ""
        if closing.kind == "UNCLOSED":
            missing = {"OPEN_UNESCAPED": "}}}", "OPEN_RAW_BLOCK": "}}}}"}.get(opening.kind, "}}")
            following = text[word_end : word_end + len(missing)]
            missing = missing[len(following) - len(following.lstrip("}")) :]
        is_quote_closed = string is not None and string.kind == "STRING"
        return TagCursor(
            tag=Range(opening.start, closing.end),
            kind=kind or opening.kind,
            opening=text[opening.start : opening.end],
            calls=calls,
            position=position,
            path=path,
            word=word,
            word_end=word_end,
            quote=text[string.start] if string is not None else None,
            is_quote_closed=is_quote_closed,
            block_parameters=tuple(self._block_parameters or ()),
            closing=missing,
            is_alone=not text[word_end + is_quote_closed : max(word_end, closing.start)].strip("} \t\r\n"),
        )

    def _read_before(self, tokens: Sequence[Token]) -> bool:
        """Take in the calls before the word; false where what stands there cannot be followed by one."""
        index = 0
        while index < len(tokens):
            token = tokens[index]
            kind = token.kind
            if self._block_parameters is not None:
                if kind == "CLOSE_BLOCK_PARAMS":
                    return False
                if kind == "ID":
                    self._block_parameters.append(self._text[token.start : token.end])
            elif kind in _PATH_KINDS:
                end = index
                while end < len(tokens) and tokens[end].kind in _PATH_KINDS:
                    end += 1
                if end < len(tokens) and tokens[end].kind == "EQUALS":
                    self._calls[-1].key = self._text[token.start : token.end]
                    self._calls[-1].named = True
                else:
                    self._operand(Range(token.start, tokens[end - 1].end))
                index = end - 1
            elif kind in _STRING_KINDS:
                self._operand(Range(token.start, token.end), quotes=1)
            elif kind == "OPEN_SEXPR":
                self._calls.append(Call(token.start))
            elif kind == "CLOSE_SEXPR" and len(self._calls) > 1:
                inner = self._calls.pop()
                self._operand(Range(inner.start, token.end), computed=True)
            elif kind == "OPEN_BLOCK_PARAMS":
                self._block_parameters = []
            index += 1
        return True

    def _operand(self, range: Range, *, quotes: int = 0, computed: bool = False) -> None:
        call = self._calls[-1]
        if call.key is not None:
            call.given.add(call.key)
            call.key = None
        elif call.name_range is None:
            call.name_range = range
            call.name = None if computed else self._text[range.start + quotes : range.end - quotes]
        else:
            call.arguments.append(range)

    def _read_after(self) -> None:
        """Take in the named arguments that the innermost call has after the cursor."""
        depth = 0
        for index, token in enumerate(self._tokens[:-1]):
            if token.start < self._offset:
                continue
            if token.kind == "OPEN_SEXPR":
                depth += 1
            elif token.kind == "CLOSE_SEXPR":
                depth -= 1
                if depth < 0:
                    return
            elif token.kind == "ID" and not depth and self._tokens[index + 1].kind == "EQUALS":
                self._calls[-1].given.add(self._text[token.start : token.end])

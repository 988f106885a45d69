"""Handlebars tokens to a tree that always exists, with an error for whatever `Handlebars.parse` would refuse.

The grammar is Handlebars 4.7's (`handlebars.yy`). Two passes: `_TagReader` turns tokens into content, comments and tags;
`_TreeBuilder` nests them by their blocks. Neither recurses, so nesting is bounded by memory alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from promptls.syntax.handlebars.lexer import CLOSING_KINDS, Token, TokenKind, tokenize
from promptls.syntax.handlebars.nodes import (
    BlockParam,
    BlockStatement,
    BooleanLiteral,
    CommentStatement,
    ContentStatement,
    Decorator,
    Expression,
    HashPair,
    Missing,
    MustacheStatement,
    NullLiteral,
    NumberLiteral,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
    PathSegment,
    Program,
    Statement,
    StringLiteral,
    SubExpression,
    Tag,
    UndefinedLiteral,
)
from promptls.syntax.source import Range

ErrorKind = Literal["unclosed-block", "unexpected-close", "mismatched-close", "syntax"]


@dataclass(frozen=True, slots=True)
class ParseError:
    """Something that Handlebars refuses; `related` points at the other end of a mismatch."""

    kind: ErrorKind
    message: str
    range: Range
    related: tuple[tuple[Range, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The result of parsing: the root, the errors in source order, and the tokens, which rebuild the text."""

    program: Program
    errors: tuple[ParseError, ...]
    tokens: tuple[Token, ...]


def parse(text: str, start: int = 0, end: int | None = None) -> Template:
    """Parse `text[start:end]` as a template; ranges are offsets into `text`; never raises."""
    end = len(text) if end is None else end
    tokens = tokenize(text, start, end)
    errors: list[ParseError] = []
    items = list(_TagReader(text, tokens, errors).items())
    program = _TreeBuilder(items, errors, Range(start, end)).program()
    errors.sort(key=lambda error: error.range)
    return Template(program, tuple(errors), tuple(tokens))


@dataclass(frozen=True, slots=True)
class _BlockTag:
    """A tag that opens, divides or closes a block; `content` is what a raw block encloses."""

    kind: TokenKind
    tag: Tag
    content: Range | None = None


_Item = Statement | _BlockTag
_LITERAL_KINDS = {
    TokenKind.STRING,
    TokenKind.UNCLOSED_STRING,
    TokenKind.NUMBER,
    TokenKind.BOOLEAN,
    TokenKind.UNDEFINED,
    TokenKind.NULL,
}
_BLOCK_PARAM_TAGS = {TokenKind.OPEN_BLOCK, TokenKind.OPEN_INVERSE, TokenKind.OPEN_INVERSE_CHAIN}
_INNER_KINDS = _LITERAL_KINDS | {
    TokenKind.ID,
    TokenKind.DATA,
    TokenKind.SEP,
    TokenKind.EQUALS,
    TokenKind.OPEN_SEXPR,
    TokenKind.CLOSE_SEXPR,
    TokenKind.OPEN_BLOCK_PARAMS,
    TokenKind.CLOSE_BLOCK_PARAMS,
    TokenKind.WHITESPACE,
    TokenKind.INVALID,
}


@dataclass(slots=True)
class _Call:
    """A call being read: the tag itself, or a sub-expression inside it; `key` waits for its hash value."""

    start: int
    path: Expression | None = None
    params: list[Expression] = field(default_factory=list)
    hash: list[HashPair] = field(default_factory=list)
    key: Token | None = None


class _TagError(Exception):
    def __init__(self, message: str, range: Range) -> None:
        super().__init__(message)
        self.message = message
        self.range = range


class _TagReader:
    def __init__(self, text: str, tokens: list[Token], errors: list[ParseError]) -> None:
        self._text = text
        self._tokens = tokens
        self._errors = errors
        self._index = 0
        self._block_params: list[BlockParam] = []

    def items(self) -> Iterator[_Item]:
        tokens = self._tokens
        while self._index < len(tokens):
            kind, start, end = tokens[self._index]
            if kind is TokenKind.CONTENT:
                self._index += 1
                yield ContentStatement(Range(start, end), self._text[start:end])
            elif kind is TokenKind.COMMENT:
                yield self._comment(start, end)
            elif kind is TokenKind.INVERSE:
                self._index += 1
                yield _BlockTag(kind, self._bare_tag(start, end))
            elif kind is TokenKind.INVALID:
                self._index += 1
                self._error("a NUL character cannot stand in a template", Range(start, end))
            elif kind in (TokenKind.ESCAPE, TokenKind.UNCLOSED):
                self._index += 1
            else:
                yield self._tag(kind, start, end)

    def _error(self, message: str, range: Range) -> None:
        self._errors.append(ParseError("syntax", message, range))

    def _comment(self, start: int, end: int) -> CommentStatement:
        self._index += 1
        closed = not (self._index < len(self._tokens) and self._tokens[self._index].kind is TokenKind.UNCLOSED)
        text = self._text[start:end]
        inner = text[2:].removeprefix("~").removeprefix("!")
        dashed = inner.startswith("--")
        if not closed:
            closer = "--}}" if dashed else "}}"
            self._error(f"this comment is never closed with {closer}", Range(start, end))
        value = inner[2:] if dashed else inner
        value = value.removesuffix("}}").removesuffix("~")
        value = value.removesuffix("--") if dashed else value
        strip_after = closed and text[-3:-2] == "~"
        return CommentStatement(Range(start, end), value, text[2:3] == "~", strip_after)

    def _bare_tag(self, start: int, end: int) -> Tag:
        text = self._text[start:end]
        return Tag(
            range=Range(start, end),
            opening=text,
            path=Missing(Range(end - 2, end - 2)),
            strip_before=text[2] == "~",
            strip_after=text[-3] == "~",
        )

    def _tag(self, kind: TokenKind, start: int, inner: int) -> _Item:
        """Read one tag through its closing braces, reporting at most one error."""
        self._index += 1
        self._block_params = []
        calls = [_Call(inner)]
        try:
            self._arguments(calls, kind)
        except _TagError as error:
            self._error(error.message, error.range)
            self._skip_to_close(calls, kind)
        closing = self._tokens[self._index]
        self._index += 1
        while len(calls) > 1:
            self._end_call(calls, closing.start)
        call = calls[0]
        opening = self._text[start:inner]
        tag = Tag(
            range=Range(start, closing.end),
            opening=opening,
            path=call.path if call.path is not None else Missing(Range(inner, inner)),
            params=tuple(call.params),
            hash=tuple(call.hash),
            block_params=tuple(self._block_params),
            strip_before=opening[2:3] == "~",
            strip_after=closing.kind is not TokenKind.UNCLOSED and self._text[closing.end - 3] == "~",
            is_closed=closing.kind is not TokenKind.UNCLOSED,
        )
        return self._statement(kind, tag, closing)

    def _statement(self, kind: TokenKind, tag: Tag, closing: Token) -> _Item:
        match kind:
            case TokenKind.OPEN | TokenKind.OPEN_UNESCAPED:
                if "*" in tag.opening:
                    return Decorator(tag)
                return MustacheStatement(tag, escaped=not tag.opening.endswith(("{{{", "~{", "&")))
            case TokenKind.OPEN_PARTIAL:
                return PartialStatement(tag)
            case TokenKind.OPEN_RAW_BLOCK:
                return self._raw_block(tag, closing)
            case _:
                return _BlockTag(kind, tag)

    def _raw_block(self, tag: Tag, closing: Token) -> Statement:
        if closing.kind is not TokenKind.CLOSE_RAW_BLOCK:
            return MustacheStatement(tag, escaped=False)
        content = Range(closing.end, closing.end)
        close: Tag | None = None
        if self._index < len(self._tokens) and self._tokens[self._index].kind is TokenKind.RAW_CONTENT:
            content = Range(*self._tokens[self._index][1:])
            self._index += 1
        name = _name(tag.path)
        if self._index < len(self._tokens) and self._tokens[self._index].kind is TokenKind.END_RAW_BLOCK:
            _, start, end = self._tokens[self._index]
            self._index += 1
            written = self._text[start + 5 : end - 4]
            range = Range(start + 5, end - 4)
            path = PathExpression(range, (PathSegment(range, written, False),), False, 0, (written,), written)
            close = Tag(Range(start, end), "{{{{/", path)
            if name != written:
                self._errors.append(
                    ParseError(
                        "mismatched-close",
                        f"this closes {written!r}, but the raw block that is open is {_shown(tag.path)!r}",
                        range,
                        ((tag.range, "the block opened here"),),
                    )
                )
        else:
            self._errors.append(
                ParseError("unclosed-block", f"the raw block {_shown(tag.path)!r} is never closed", tag.range)
            )
        end = close.range.end if close else content.end
        body = (ContentStatement(content, self._text[slice(*content)]),) if content.end > content.start else ()
        program = Program(content, body)
        return BlockStatement(Range(tag.range.start, end), tag, program, None, None, close, raw=True)

    def _skip_to_close(self, calls: list[_Call], kind: TokenKind) -> None:
        """After an error: keep the names that can still be read, so that an editor knows what was meant."""
        while self._tokens[self._index].kind not in CLOSING_KINDS:
            token = self._tokens[self._index]
            try:
                if token.kind in _LITERAL_KINDS or token.kind in (TokenKind.ID, TokenKind.DATA):
                    self._add(calls, self._operand())
                else:
                    self._index += 1
            except _TagError:
                self._index += 1

    def _arguments(self, calls: list[_Call], tag_kind: TokenKind) -> None:
        while True:
            token = self._peek()
            kind = token.kind
            if kind in CLOSING_KINDS:
                self._check_close(calls, tag_kind, token)
                return
            if self._block_params:
                raise self._unexpected(token, "closing braces")
            if kind is TokenKind.OPEN_SEXPR:
                self._open_call(calls, tag_kind, token)
            elif kind is TokenKind.CLOSE_SEXPR:
                if len(calls) == 1:
                    raise self._unexpected(token, "a name, a value or closing braces")
                if calls[-1].path is None:
                    raise self._unexpected(token, "the name of a helper")
                if calls[-1].key is not None:
                    raise self._unexpected(token, "a value")
                self._index += 1
                self._end_call(calls, token.end)
            elif kind is TokenKind.OPEN_BLOCK_PARAMS:
                self._read_block_params(calls, tag_kind, token)
            elif kind is TokenKind.ID and self._is_hash_key():
                self._hash_key(calls[-1], token, tag_kind)
            else:
                if tag_kind is TokenKind.OPEN_ENDBLOCK and calls[0].path is not None:
                    raise self._unexpected(token, "closing braces")
                if kind not in _LITERAL_KINDS and kind not in (TokenKind.ID, TokenKind.DATA):
                    raise self._unexpected(token, "a name or a value")
                if calls[-1].hash and calls[-1].key is None:
                    operand = self._operand()
                    raise _TagError("a value without a name cannot follow a named one (name=value)", operand.range)
                self._add(calls, self._operand())

    def _peek(self) -> Token:
        while self._tokens[self._index].kind is TokenKind.WHITESPACE:
            self._index += 1
        return self._tokens[self._index]

    def _after_whitespace(self, index: int) -> Token:
        while self._tokens[index].kind is TokenKind.WHITESPACE:
            index += 1
        return self._tokens[index]

    def _unexpected(self, token: Token, expected: str) -> _TagError:
        range = Range(token.start, token.end)
        if token.kind is TokenKind.UNCLOSED:
            return _TagError(f"expected {expected}, but the tag ends here", range)
        if token.kind is TokenKind.UNCLOSED_STRING:
            return _TagError("this string is never closed", range)
        shown = self._text[token.start : token.end]
        return _TagError(f"expected {expected}, found {shown!r}", range)

    def _check_close(self, calls: list[_Call], tag_kind: TokenKind, token: Token) -> None:
        if calls[-1].key is not None:
            raise self._unexpected(token, "a value")
        if len(calls) > 1:
            raise self._unexpected(token, "a closing parenthesis")
        if calls[0].path is None:
            raise self._unexpected(token, "a name")
        wanted = TokenKind.CLOSE
        if tag_kind is TokenKind.OPEN_UNESCAPED:
            wanted = TokenKind.CLOSE_UNESCAPED
        elif tag_kind is TokenKind.OPEN_RAW_BLOCK:
            wanted = TokenKind.CLOSE_RAW_BLOCK
        if token.kind is not wanted:
            braces = {TokenKind.CLOSE: "}}", TokenKind.CLOSE_UNESCAPED: "}}}", TokenKind.CLOSE_RAW_BLOCK: "}}}}"}
            raise self._unexpected(token, braces[wanted])

    def _open_call(self, calls: list[_Call], tag_kind: TokenKind, token: Token) -> None:
        call = calls[-1]
        is_partial_name = tag_kind in (TokenKind.OPEN_PARTIAL, TokenKind.OPEN_PARTIAL_BLOCK) and len(calls) == 1
        if call.path is None and not is_partial_name:
            raise self._unexpected(token, "a name")
        if tag_kind is TokenKind.OPEN_ENDBLOCK:
            raise self._unexpected(token, "closing braces")
        if call.hash and call.key is None:
            raise _TagError(
                "a value without a name cannot follow a named one (name=value)", Range(token.start, token.end)
            )
        self._index += 1
        calls.append(_Call(token.start))

    def _end_call(self, calls: list[_Call], end: int) -> None:
        call = calls.pop()
        path = call.path if call.path is not None else Missing(Range(call.start + 1, call.start + 1))
        self._add(calls, SubExpression(Range(call.start, end), path, tuple(call.params), tuple(call.hash)))

    def _add(self, calls: list[_Call], operand: Expression) -> None:
        call = calls[-1]
        if call.key is not None:
            _, start, end = call.key
            key = self._text[start:end]
            call.hash.append(HashPair(Range(start, operand.range.end), _unbracketed(key), Range(start, end), operand))
            call.key = None
        elif call.path is None:
            call.path = operand
        else:
            call.params.append(operand)

    def _is_hash_key(self) -> bool:
        return self._after_whitespace(self._index + 1).kind is TokenKind.EQUALS

    def _hash_key(self, call: _Call, token: Token, tag_kind: TokenKind) -> None:
        if call.path is None or call.key is not None or tag_kind is TokenKind.OPEN_ENDBLOCK:
            equals = self._after_whitespace(self._index + 1)
            raise self._unexpected(equals, "a name before any name=value")
        call.key = token
        self._index += 1
        self._peek()
        self._index += 1

    def _read_block_params(self, calls: list[_Call], tag_kind: TokenKind, token: Token) -> None:
        call = calls[-1]
        allowed = tag_kind in _BLOCK_PARAM_TAGS and len(calls) == 1 and call.path is not None and call.key is None
        if not allowed:
            raise _TagError("only a block can have parameters (as |name|)", Range(token.start, token.end))
        self._index += 1
        while (name := self._peek()).kind is TokenKind.ID:
            self._block_params.append(
                BlockParam(Range(name.start, name.end), _unbracketed(self._text[name.start : name.end]))
            )
            self._index += 1
        if name.kind is not TokenKind.CLOSE_BLOCK_PARAMS or not self._block_params:
            raise self._unexpected(name, "a name" if not self._block_params else "| after the block parameters")
        self._index += 1

    def _operand(self) -> Expression:
        kind, start, end = self._peek()
        if kind in _LITERAL_KINDS:
            if kind is TokenKind.UNCLOSED_STRING:
                literal = self._literal(kind, start, end)
                self._errors.append(ParseError("syntax", "this string is never closed", literal.range))
                return literal
            return self._literal(kind, start, end)
        return self._path()

    def _literal(self, kind: TokenKind, start: int, end: int) -> Expression:
        self._index += 1
        range = Range(start, end)
        text = self._text[start:end]
        match kind:
            case TokenKind.STRING:
                quote = text[0]
                return StringLiteral(range, text[1:-1].replace("\\" + quote, quote), Range(start + 1, end - 1))
            case TokenKind.UNCLOSED_STRING:
                return StringLiteral(range, text[1:], Range(start + 1, end))
            case TokenKind.NUMBER:
                return NumberLiteral(range, float(text) if "." in text else int(text))
            case TokenKind.BOOLEAN:
                return BooleanLiteral(range, text == "true")
            case TokenKind.UNDEFINED:
                return UndefinedLiteral(range)
            case _:
                return NullLiteral(range)

    def _path(self) -> PathExpression:
        kind, start, end = self._peek()
        data = kind is TokenKind.DATA
        if data:
            self._index += 1
            kind, name_start, end = self._peek()
            if kind is not TokenKind.ID:
                raise self._unexpected(self._peek(), "a name after @")
        else:
            name_start = start
        segments = [self._segment(name_start, end)]
        original = [("@" if data else "") + segments[0].name]
        self._index += 1
        while (separator := self._peek()).kind is TokenKind.SEP:
            self._index += 1
            name = self._peek()
            if name.kind is not TokenKind.ID:
                raise self._unexpected(name, "a name")
            end = name.end
            segments.append(self._segment(name.start, end))
            original.append(self._text[separator.start : separator.end] + segments[-1].name)
            self._index += 1
        return self._resolved(Range(start, end), tuple(segments), data, "".join(original))

    def _segment(self, start: int, end: int) -> PathSegment:
        text = self._text[start:end]
        name = _unbracketed(text)
        return PathSegment(Range(start, end), name, literal=name != text)

    def _resolved(self, range: Range, segments: tuple[PathSegment, ...], data: bool, original: str) -> PathExpression:
        depth = 0
        parts: list[str] = []
        for segment in segments:
            if segment.literal or segment.name not in ("..", ".", "this"):
                parts.append(segment.name)
            elif parts:
                self._error(f"invalid path: {segment.name!r} can stand only at its beginning", range)
                parts.append(segment.name)
            elif segment.name == "..":
                depth += 1
        return PathExpression(range, segments, data, depth, tuple(parts), original)


def _unbracketed(name: str) -> str:
    if name.startswith("[") and name.endswith("]") and len(name) > 1:
        return name[1:-1].replace("\\\\", "\\").replace("\\]", "]") if "\\" in name else name[1:-1]
    return name


def _name(expression: Expression) -> object:
    """What a block's two ends must agree in, distinct across JavaScript types."""
    match expression:
        case PathExpression(original=original):
            return original
        case StringLiteral(value=value):
            return value
        case NumberLiteral(value=value):
            return ("number", float(value))
        case BooleanLiteral(value=value):
            return ("boolean", value)
        case SubExpression():
            return ("undefined",)
        case _:
            return (type(expression).__name__,)


def _shown(expression: Expression) -> str:
    name = _name(expression)
    return name if isinstance(name, str) else str(name[-1]).lower() if isinstance(name, tuple) else ""


@dataclass(slots=True)
class _Section:
    """What follows an opening, `{{else}}` or `{{else if}}` tag inside a block being built."""

    kind: TokenKind
    tag: Tag
    body: list[Statement] = field(default_factory=list)


class _TreeBuilder:
    def __init__(self, items: list[_Item], errors: list[ParseError], range: Range) -> None:
        self._items = items
        self._errors = errors
        self._range = range
        self._root: list[Statement] = []
        self._open: list[list[_Section]] = []
        self._ahead: Counter[object] = Counter()
        self._ignored: Counter[object] = Counter()

    def program(self) -> Program:
        for item in self._items:
            if isinstance(item, _BlockTag) and item.kind is not TokenKind.INVERSE:
                self._ahead[_name(item.tag.path)] += _balance(item.kind)
        for item in self._items:
            if isinstance(item, _BlockTag):
                self._block_tag(item)
            else:
                self._body().append(item)
        while self._open:
            self._never_closed(self._open[-1][0].tag)
            self._close(None, self._range.end)
        return Program(self._range, tuple(self._root))

    def _body(self) -> list[Statement]:
        return self._open[-1][-1].body if self._open else self._root

    def _block_tag(self, item: _BlockTag) -> None:
        if item.kind is not TokenKind.INVERSE:
            self._ahead[_name(item.tag.path)] -= _balance(item.kind)
        if item.kind in (TokenKind.OPEN_BLOCK, TokenKind.OPEN_INVERSE, TokenKind.OPEN_PARTIAL_BLOCK):
            self._open.append([_Section(item.kind, item.tag)])
        elif item.kind is TokenKind.OPEN_ENDBLOCK:
            self._end(item.tag)
        else:
            self._else(item)

    def _error(self, message: str, range: Range) -> None:
        self._errors.append(ParseError("syntax", message, range))

    def _else(self, item: _BlockTag) -> None:
        if not self._open:
            self._error("{{else}} stands outside any block", item.tag.range)
            return
        sections = self._open[-1]
        opening = sections[0]
        chain = item.kind is TokenKind.OPEN_INVERSE_CHAIN
        if opening.kind is TokenKind.OPEN_PARTIAL_BLOCK:
            self._error("a partial block has no {{else}}", item.tag.range)
        elif "*" in opening.tag.opening:
            self._error("a decorator block has no {{else}}", item.tag.range)
        elif sections[-1].kind is TokenKind.INVERSE:
            self._error("nothing can follow the last {{else}} but the block's end", item.tag.range)
        elif chain and opening.kind is TokenKind.OPEN_INVERSE:
            self._error("an inverted block ({{^…}}) takes a plain {{else}} only", item.tag.range)
        sections.append(_Section(item.kind, item.tag))

    def _end(self, tag: Tag) -> None:
        name = _name(tag.path)
        depth = next((i for i in range(len(self._open) - 1, -1, -1) if _name(self._opening(i).path) == name), None)
        if depth is None:
            self._end_of_nothing_open(tag, name)
            return
        while len(self._open) - 1 > depth:
            self._end_early(tag)
        self._close(tag, tag.range.end)

    def _opening(self, index: int) -> Tag:
        return self._open[index][0].tag

    def _end_early(self, tag: Tag) -> None:
        """An outer block ends while an inner one is open: either they cross, or the inner one has no end at all."""
        inner = self._opening(-1)
        name = _name(inner.path)
        if self._ahead[name] - self._ignored[name] > 0:
            self._ignored[name] += 1
            self._mismatch(tag, inner)
        else:
            self._never_closed(inner)
        self._close(None, tag.range.start)

    def _end_of_nothing_open(self, tag: Tag, name: object) -> None:
        if self._ignored[name] > 0:
            self._ignored[name] -= 1
            return
        if self._open:
            inner = self._opening(-1)
            inner_name = _name(inner.path)
            waiting = sum(_name(sections[0].tag.path) == inner_name for sections in self._open)
            if self._ahead[inner_name] < waiting:
                self._mismatch(tag, inner)
                self._close(tag, tag.range.end)
                return
        if not isinstance(tag.path, Missing):
            message = f"{{{{/{_shown(tag.path)}}}}} closes a block that was never opened"
            self._errors.append(ParseError("unexpected-close", message, tag.range))

    def _mismatch(self, close: Tag, opening: Tag) -> None:
        if isinstance(close.path, Missing):
            return
        message = f"{{{{/{_shown(close.path)}}}}} stands where {{{{/{_shown(opening.path)}}}}} is due"
        related = ((opening.range, f"the block that is open: {_shown(opening.path)}"),)
        self._errors.append(ParseError("mismatched-close", message, close.range, related))

    def _never_closed(self, opening: Tag) -> None:
        name = _shown(opening.path)
        if isinstance(opening.path, Missing):
            return
        message = f"the block {name!r} is never closed with {{{{/{name}}}}}"
        self._errors.append(ParseError("unclosed-block", message, opening.range))

    def _close(self, close: Tag | None, end: int) -> None:
        """Fold the innermost open block into one statement that ends at `end`."""
        sections = self._open.pop()
        opening = sections[0]
        body_end = close.range.start if close else end
        if opening.kind is TokenKind.OPEN_PARTIAL_BLOCK:
            body = [statement for section in sections for statement in section.body]
            inner = Program(Range(opening.tag.range.end, body_end), tuple(body))
            self._body().append(PartialBlockStatement(Range(opening.tag.range.start, end), opening.tag, inner, close))
            return
        inverse: Program | None = None
        else_tag: Tag | None = None
        section_end = body_end
        for section in reversed(sections[1:]):
            start = section.tag.range.end
            inner = Program(Range(start, section_end), tuple(section.body), section.tag.block_params)
            if section.kind is TokenKind.OPEN_INVERSE_CHAIN:
                chained_range = Range(section.tag.range.start, body_end)
                block = BlockStatement(chained_range, section.tag, inner, inverse, else_tag, None)
                inverse = Program(chained_range, (block,), chained=True)
            else:
                inverse = inner if inverse is None else Program(Range(start, inverse.range.end), inner.body + inverse.body)
            else_tag = section.tag
            section_end = section.tag.range.start
        main = Program(Range(opening.tag.range.end, section_end), tuple(opening.body), opening.tag.block_params)
        first, second = (inverse, main) if opening.kind is TokenKind.OPEN_INVERSE else (main, inverse)
        self._body().append(
            BlockStatement(
                Range(opening.tag.range.start, end),
                opening.tag,
                first,
                second,
                else_tag,
                close,
                decorator="*" in opening.tag.opening,
            )
        )


def _balance(kind: TokenKind) -> int:
    if kind is TokenKind.OPEN_ENDBLOCK:
        return 1
    return -1 if kind in (TokenKind.OPEN_BLOCK, TokenKind.OPEN_INVERSE, TokenKind.OPEN_PARTIAL_BLOCK) else 0

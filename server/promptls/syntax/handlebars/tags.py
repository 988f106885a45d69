"""Tokens to statements and block tags: what stands between one pair of braces, or outside all of them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from promptls.syntax.handlebars.errors import ParseError
from promptls.syntax.handlebars.lexer import CLOSING_KINDS, Token, TokenKind
from promptls.syntax.handlebars.nodes import (
    BlockParam,
    BlockStatement,
    CommentStatement,
    ContentStatement,
    Decorator,
    Expression,
    HashPair,
    Missing,
    MustacheStatement,
    PartialStatement,
    PathExpression,
    PathSegment,
    Program,
    Statement,
    SubExpression,
    Tag,
)
from promptls.syntax.handlebars.operands import (
    BRACKETED,
    LITERAL_KINDS,
    block_name,
    identifier,
    literal,
    shown_name,
    unescaped,
)
from promptls.syntax.source import Range


class BlockTag(NamedTuple):
    """A tag that opens, divides or closes a block."""

    kind: TokenKind
    tag: Tag


Item = Statement | BlockTag

_OPERAND_KINDS = LITERAL_KINDS | {"ID", "DATA"}
_BLOCK_PARAM_TAGS: frozenset[TokenKind] = frozenset({"OPEN_BLOCK", "OPEN_INVERSE", "OPEN_INVERSE_CHAIN"})
_PARTIAL_TAGS: frozenset[TokenKind] = frozenset({"OPEN_PARTIAL", "OPEN_PARTIAL_BLOCK"})
_CLOSING_BRACES: dict[TokenKind, tuple[TokenKind, str]] = {
    "OPEN_UNESCAPED": ("CLOSE_UNESCAPED", "}}}"),
    "OPEN_RAW_BLOCK": ("CLOSE_RAW_BLOCK", "}}}}"),
}
_PLAIN_BRACES: tuple[TokenKind, str] = ("CLOSE", "}}")

_RELATIVE = frozenset({"this", ".", ".."})
_COMMENT_START = re.compile(r"\A\{\{~?!-?-?")
_COMMENT_END = re.compile(r"-?-?~?\}\}\Z")


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


class TagReader:
    """Reads each tag by itself, adding to `errors` what Handlebars' grammar would not let stand there."""

    def __init__(self, text: str, tokens: list[Token], errors: list[ParseError]) -> None:
        self._text = text
        self._tokens = [token for token in tokens if token.kind != "WHITESPACE"]
        self._errors = errors
        self._index = 0
        # The tag being read: its kind, its call with the sub-expressions open in it, and its block parameters.
        self._kind: TokenKind = "OPEN"
        self._calls: list[_Call] = []
        self._block_params: tuple[BlockParam, ...] = ()

    def items(self) -> list[Item]:
        """Everything from the first token to the last, in order."""
        items: list[Item] = []
        text, tokens = self._text, self._tokens
        while self._index < len(tokens):
            token = tokens[self._index]
            kind, start, end = token
            self._index += 1
            if kind == "CONTENT":
                items.append(ContentStatement(Range(start, end), text[start:end]))
            elif kind == "COMMENT":
                items.append(self._comment(token))
            elif kind == "INVERSE":
                items.append(BlockTag(kind, self._bare_tag(token)))
            elif kind == "INVALID":
                self._error("a NUL character cannot stand in a template", Range(start, end))
            elif kind not in ("ESCAPE", "UNCLOSED"):
                items.append(self._tag(token))
        return items

    def _error(self, message: str, range: Range) -> None:
        self._errors.append(ParseError("syntax", message, range))

    def _comment(self, token: Token) -> CommentStatement:
        _, start, end = token
        text = self._text[start:end]
        is_closed = not self._at("UNCLOSED")
        if not is_closed:
            closer = "--}}" if text.startswith(("{{!--", "{{~!--")) else "}}"
            self._error(f"this comment is never closed with {closer}", Range(start, end))
        value = _COMMENT_END.sub("", _COMMENT_START.sub("", text))
        return CommentStatement(Range(start, end), value, text[2] == "~", is_closed and text[-3] == "~")

    def _bare_tag(self, token: Token) -> Tag:
        _, start, end = token
        text = self._text[start:end]
        missing = Missing(Range(end - 2, end - 2))
        return Tag(Range(start, end), text, missing, strip_before=text[2] == "~", strip_after=text[-3] == "~")

    def _at(self, kind: TokenKind) -> bool:
        return self._index < len(self._tokens) and self._tokens[self._index].kind == kind

    def _tag(self, opening: Token) -> Item:
        """Read one tag through its closing braces."""
        kind, start, inner = opening
        text = self._text
        call = _Call(inner)
        self._kind = kind
        self._calls = [call]
        self._block_params = ()
        try:
            self._arguments()
        except _TagError as error:
            self._skip_to_close()
            self._report(error, start)
        closing = self._tokens[self._index]
        self._index += 1
        while len(self._calls) > 1:
            self._end_call(closing.start)
        is_closed = closing.kind != "UNCLOSED"
        opening_text = text[start:inner]
        tag = Tag(
            Range(start, closing.end),
            opening_text,
            call.path if call.path is not None else Missing(Range(inner, inner)),
            tuple(call.params),
            tuple(call.hash),
            self._block_params,
            opening_text[2:3] == "~",
            is_closed and text[closing.end - 3] == "~",
            is_closed,
        )
        if kind == "OPEN":
            return Decorator(tag) if "*" in opening_text else MustacheStatement(tag, not opening_text.endswith("&"))
        if kind == "OPEN_UNESCAPED":
            return MustacheStatement(tag, escaped=False)
        if kind == "OPEN_PARTIAL":
            return PartialStatement(tag)
        if kind == "OPEN_RAW_BLOCK":
            return self._raw_block(tag, closing)
        return BlockTag(kind, tag)

    def _report(self, error: _TagError, start: int) -> None:
        """Say one thing about a tag: a missing end explains whatever else is odd in it."""
        last, closing = self._tokens[self._index - 1 : self._index + 1]
        if last.kind == "UNCLOSED_STRING":
            self._error("this string is never closed", Range(last.start, last.end))
        elif closing.kind == "UNCLOSED":
            _, braces = _CLOSING_BRACES.get(self._kind, _PLAIN_BRACES)
            self._error(f"this tag is never closed with {braces}", Range(start, closing.end))
        else:
            self._error(error.message, error.range)

    def _skip_to_close(self) -> None:
        """After an error: keep the names that can still be read, so that an editor knows what was meant."""
        while (token := self._tokens[self._index]).kind not in CLOSING_KINDS:
            if token.kind in _OPERAND_KINDS and not self._block_params:
                with suppress(_TagError):
                    self._read_operand(token)
            else:
                self._index += 1

    def _raw_block(self, tag: Tag, closing: Token) -> Statement:
        if closing.kind != "CLOSE_RAW_BLOCK":
            return MustacheStatement(tag, escaped=False)
        content = Range(closing.end, closing.end)
        if self._at("RAW_CONTENT"):
            content = Range(*self._tokens[self._index][1:])
            self._index += 1
        close = self._raw_close(tag) if self._at("END_RAW_BLOCK") else None
        if close is None:
            message = f"the raw block {shown_name(tag.path)!r} is never closed"
            self._errors.append(ParseError("unclosed-block", message, tag.range))
        end = close.range.end if close else content.end
        body = (ContentStatement(content, self._text[slice(*content)]),) if content.end > content.start else ()
        program = Program(content, body)
        return BlockStatement(Range(tag.range.start, end), tag, program, None, None, close, raw=True)

    def _raw_close(self, tag: Tag) -> Tag:
        _, start, end = self._tokens[self._index]
        self._index += 1
        range = Range(start + len("{{{{/"), end - len("}}}}"))
        name = self._text[slice(*range)]
        if block_name(tag.path) != name:
            message = f"this closes {name!r}, but the raw block that is open is {shown_name(tag.path)!r}"
            related = ((tag.range, "the block opened here"),)
            self._errors.append(ParseError("mismatched-close", message, range, related))
        path = PathExpression(range, (PathSegment(range, name, False),), False, 0, (name,), name)
        return Tag(Range(start, end), "{{{{/", path)

    def _arguments(self) -> None:
        tokens = self._tokens
        while (token := tokens[self._index]).kind not in CLOSING_KINDS:
            kind = token.kind
            if self._block_params:
                raise self._unexpected(token, "closing braces")
            if kind == "ID" and tokens[self._index + 1].kind == "EQUALS":
                self._hash_key(token)
            elif kind in _OPERAND_KINDS:
                self._check_operand(token)
                self._read_operand(token)
            elif kind == "OPEN_SEXPR":
                self._open_call(token)
            elif kind == "CLOSE_SEXPR":
                self._close_call(token)
            elif kind == "OPEN_BLOCK_PARAMS":
                self._read_block_params(token)
            else:
                raise self._unexpected(token, "a name or a value")
        self._check_close(token)

    def _unexpected(self, token: Token, expected: str) -> _TagError:
        shown = self._text[token.start : token.end]
        return _TagError(f"expected {expected}, found {shown!r}", Range(token.start, token.end))

    def _check_close(self, token: Token) -> None:
        if self._calls[-1].key is not None:
            raise self._unexpected(token, "a value")
        if len(self._calls) > 1:
            raise self._unexpected(token, "a closing parenthesis")
        if self._calls[0].path is None:
            raise self._unexpected(token, "a name")
        kind, braces = _CLOSING_BRACES.get(self._kind, _PLAIN_BRACES)
        if token.kind != kind:
            raise self._unexpected(token, braces)

    def _check_operand(self, token: Token) -> None:
        call = self._calls[-1]
        if self._kind == "OPEN_ENDBLOCK" and self._calls[0].path is not None:
            raise self._unexpected(token, "closing braces")
        if call.hash and call.key is None:
            message = "a value without a name cannot follow a named one (name=value)"
            raise _TagError(message, Range(token.start, token.end))

    def _open_call(self, token: Token) -> None:
        if self._calls[-1].path is None and not (self._kind in _PARTIAL_TAGS and len(self._calls) == 1):
            raise self._unexpected(token, "a name")
        self._check_operand(token)
        self._index += 1
        self._calls.append(_Call(token.start))

    def _close_call(self, token: Token) -> None:
        if len(self._calls) == 1:
            raise self._unexpected(token, "a name, a value or closing braces")
        if self._calls[-1].path is None:
            raise self._unexpected(token, "the name of a helper")
        if self._calls[-1].key is not None:
            raise self._unexpected(token, "a value")
        self._index += 1
        self._end_call(token.end)

    def _end_call(self, end: int) -> None:
        call = self._calls.pop()
        path = call.path if call.path is not None else Missing(Range(call.start + 1, call.start + 1))
        self._add(SubExpression(Range(call.start, end), path, tuple(call.params), tuple(call.hash)))

    def _add(self, operand: Expression) -> None:
        call = self._calls[-1]
        if call.key is not None:
            _, start, end = call.key
            key = identifier(self._text[start:end])
            call.hash.append(HashPair(Range(start, operand.range.end), key, Range(start, end), operand))
            call.key = None
        elif call.path is None:
            call.path = operand
        else:
            call.params.append(operand)

    def _hash_key(self, token: Token) -> None:
        call = self._calls[-1]
        if call.path is None or call.key is not None or self._kind == "OPEN_ENDBLOCK":
            raise self._unexpected(self._tokens[self._index + 1], "a name before any name=value")
        call.key = token
        self._index += 2

    def _read_block_params(self, token: Token) -> None:
        call = self._calls[-1]
        allowed = self._kind in _BLOCK_PARAM_TAGS and len(self._calls) == 1
        if not allowed or call.path is None or call.key is not None:
            raise _TagError("only a block can have parameters (as |name|)", Range(token.start, token.end))
        self._index += 1
        params: list[BlockParam] = []
        while (name := self._tokens[self._index]).kind == "ID":
            params.append(BlockParam(Range(name.start, name.end), unescaped(self._text[name.start : name.end])))
            self._index += 1
        self._block_params = tuple(params)
        if name.kind != "CLOSE_BLOCK_PARAMS" or not params:
            raise self._unexpected(name, "| after the block parameters" if params else "a name")
        if BRACKETED.fullmatch(",".join(param.name for param in params)):
            # Handlebars 4.7 takes the whole list for one bracketed name and fails on it.
            raise _TagError("a block parameter cannot stand in brackets", Range(token.start, name.end))
        self._index += 1

    def _read_operand(self, token: Token) -> None:
        if token.kind not in LITERAL_KINDS:
            self._read_path(token)
            return
        self._index += 1
        self._add(literal(token, self._text))
        if token.kind == "UNCLOSED_STRING":
            raise self._unexpected(token, "a closing quote")

    def _read_path(self, token: Token) -> None:
        """Add a path to the call; one that breaks off after a separator is added as far as it goes."""
        tokens, text, index = self._tokens, self._text, self._index
        kind, start, end = token
        data = kind == "DATA"
        original = ""
        if data:
            index += 1
            original = "@"
        segments: list[PathSegment] = []
        parts: list[str] = []
        depth = 0
        is_complete = False
        while (token := tokens[index]).kind == "ID":
            _, name_start, end = token
            written = text[name_start:end]
            name = identifier(written) if written[0] == "[" else written
            is_literal = name != written
            range = Range(name_start, end)
            segments.append(PathSegment(range, name, is_literal))
            original += name
            if is_literal or name not in _RELATIVE:
                parts.append(name)
            elif parts:
                self._error(f"{name!r} can stand only at the beginning of a path", Range(start, end))
                parts.append(name)
            elif name == "..":
                depth += 1
            separator = tokens[index + 1]
            if separator.kind != "SEP":
                index += 1
                is_complete = True
                break
            original += text[separator.start]
            end = separator.end
            index += 2
        self._index = index
        if segments:
            if start != range.start or end != range.end:
                range = Range(start, end)
            self._add(PathExpression(range, tuple(segments), data, depth, tuple(parts), original))
        if not is_complete:
            raise self._unexpected(token, "a name")

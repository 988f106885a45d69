"""Handlebars text to tokens: exactly Handlebars' own lexer where the text is well formed, with recovery where not.

The tokens of a text are contiguous and rebuild it. Facts about tokens come from Handlebars 4.7's grammar
(`handlebars.l`); what counts as white space is JavaScript's `\\s`, which differs from Python's.

Recovery: a tag that Handlebars could not lex (an unclosed string, a character that cannot stand there, another `{{`
before its `}}`) ends at the first `}}` of its line, or else at the end of that line, so that a half-typed tag never
swallows what follows it. Such a tag ends with a zero-width `UNCLOSED` token where its braces are missing.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

WHITESPACE = r"[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
_NOT_IN_ID = r"""\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff!"#%-,./;->@\[-\^`\{-~"""
_AFTER_ID = rf"(?=[=~}}/.)|]|{WHITESPACE})"
_AFTER_LITERAL = rf"(?=[~}})]|{WHITESPACE})"


class TokenKind(StrEnum):
    CONTENT = "CONTENT"
    ESCAPE = "ESCAPE"
    COMMENT = "COMMENT"
    RAW_CONTENT = "RAW_CONTENT"
    END_RAW_BLOCK = "END_RAW_BLOCK"
    OPEN_RAW_BLOCK = "OPEN_RAW_BLOCK"
    CLOSE_RAW_BLOCK = "CLOSE_RAW_BLOCK"
    OPEN_PARTIAL = "OPEN_PARTIAL"
    OPEN_PARTIAL_BLOCK = "OPEN_PARTIAL_BLOCK"
    OPEN_BLOCK = "OPEN_BLOCK"
    OPEN_ENDBLOCK = "OPEN_ENDBLOCK"
    INVERSE = "INVERSE"
    OPEN_INVERSE = "OPEN_INVERSE"
    OPEN_INVERSE_CHAIN = "OPEN_INVERSE_CHAIN"
    OPEN_UNESCAPED = "OPEN_UNESCAPED"
    CLOSE_UNESCAPED = "CLOSE_UNESCAPED"
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    UNCLOSED = "UNCLOSED"
    OPEN_SEXPR = "OPEN_SEXPR"
    CLOSE_SEXPR = "CLOSE_SEXPR"
    EQUALS = "EQUALS"
    ID = "ID"
    SEP = "SEP"
    DATA = "DATA"
    STRING = "STRING"
    UNCLOSED_STRING = "UNCLOSED_STRING"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    UNDEFINED = "UNDEFINED"
    NULL = "NULL"
    OPEN_BLOCK_PARAMS = "OPEN_BLOCK_PARAMS"
    CLOSE_BLOCK_PARAMS = "CLOSE_BLOCK_PARAMS"
    WHITESPACE = "WHITESPACE"
    INVALID = "INVALID"


class Token(NamedTuple):
    kind: TokenKind
    start: int
    end: int


CLOSING_KINDS = frozenset(
    {TokenKind.CLOSE, TokenKind.CLOSE_UNESCAPED, TokenKind.CLOSE_RAW_BLOCK, TokenKind.UNCLOSED}
)

_OPENING = re.compile(
    rf"""(?P<OPEN_RAW_BLOCK>\{{\{{\{{\{{)
    |\{{\{{~?(?:
      (?P<OPEN_PARTIAL>>)
    | (?P<OPEN_PARTIAL_BLOCK>\#>)
    | (?P<OPEN_BLOCK>\#\*?)
    | (?P<OPEN_ENDBLOCK>/)
    | (?P<INVERSE>\^{WHITESPACE}*~?\}}\}}|{WHITESPACE}*else{WHITESPACE}*~?\}}\}})
    | (?P<OPEN_INVERSE>\^)
    | (?P<OPEN_INVERSE_CHAIN>{WHITESPACE}*else(?![A-Za-z0-9_]))
    | (?P<OPEN_UNESCAPED>\{{)
    | (?P<COMMENT>!)
    | (?P<OPEN>[&*]?)
    )""",
    re.VERBOSE,
)
_INSIDE = re.compile(
    rf"""(?P<WHITESPACE>{WHITESPACE}+)
    |(?P<NUMBER>-?[0-9]+(?:\.[0-9]+)?{_AFTER_LITERAL})
    |(?P<BOOLEAN>(?:true|false){_AFTER_LITERAL})
    |(?P<UNDEFINED>undefined{_AFTER_LITERAL})
    |(?P<NULL>null{_AFTER_LITERAL})
    |(?P<OPEN_BLOCK_PARAMS>as{WHITESPACE}+\|)
    |(?P<ID>[^{_NOT_IN_ID}]+{_AFTER_ID}|\.\.|\.{_AFTER_ID}|\[(?:\\\]|[^\]])*\])
    |(?P<SEP>[/.])
    |(?P<CLOSE_RAW_BLOCK>\}}\}}\}}\}})
    |(?P<CLOSE_UNESCAPED>\}}~?\}}\}})
    |(?P<CLOSE>~?\}}\}})
    |(?P<STRING>"(?:\\"|[^"])*"|'(?:\\'|[^'])*')
    |(?P<EQUALS>=)
    |(?P<OPEN_SEXPR>\()
    |(?P<CLOSE_SEXPR>\))
    |(?P<DATA>@)
    |(?P<CLOSE_BLOCK_PARAMS>\|)
    |(?P<NESTED_OPEN>\{{\{{)
    |(?P<INVALID>.)""",
    re.VERBOSE | re.DOTALL,
)
_UNFINISHED_ID = re.compile(rf"[^{_NOT_IN_ID}]+")
_ESCAPED_CONTENT = re.compile(r"[^\x00]{2,}?(?=\{\{|\\\{\{|\\\\\{\{|\Z)")
_RAW_TAG = re.compile(
    rf"(?P<open>\{{\{{\{{\{{(?=[^/]))|\{{\{{\{{\{{/[^{_NOT_IN_ID}]+\}}\}}\}}\}}",
)
_DASHED_COMMENT = re.compile(r"~?!--")
_DASHED_COMMENT_END = re.compile(r"--~?\}\}")
_LINE_END = re.compile(r"[\r\n]")
_KINDS = {kind.value: kind for kind in TokenKind}


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """The contiguous tokens of `text[start:end]`; never raises, in time proportional to the length."""
    return _Lexer(text, start, end).tokens()


class _Lexer:
    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._position = start
        self._end = end
        self._tokens: list[Token] = []
        self._absent: set[re.Pattern[str] | str] = set()
        self._broken = False
        self._has_nul = "\0" in text

    def tokens(self) -> list[Token]:
        while self._position < self._end:
            self._content()
            if self._position < self._end:
                self._tag()
        return self._tokens

    def _emit(self, kind: TokenKind, end: int) -> None:
        if end > self._position or kind is TokenKind.UNCLOSED:
            self._tokens.append(Token(kind, self._position, end))
            self._position = end

    def _content(self) -> None:
        """Text up to the next tag, leaving the position at its braces or at the end."""
        text = self._text
        while self._position < self._end:
            opening = text.find("{{", self._position, self._end)
            stop = self._end if opening < 0 else opening
            if self._has_nul and (nul := text.find("\0", self._position, stop)) >= 0:
                self._emit(TokenKind.CONTENT, nul)
                self._emit(TokenKind.INVALID, nul + 1)
                continue
            if opening < 0:
                self._emit(TokenKind.CONTENT, self._end)
                return
            before = text[max(self._position, opening - 2) : opening]
            if before == "\\\\":
                self._emit(TokenKind.CONTENT, opening - 1)
                self._emit(TokenKind.ESCAPE, opening)
                return
            if not before.endswith("\\"):
                self._emit(TokenKind.CONTENT, opening)
                return
            self._emit(TokenKind.CONTENT, opening - 1)
            self._emit(TokenKind.ESCAPE, opening)
            escaped = _ESCAPED_CONTENT.match(text, self._position, self._end)
            self._emit(TokenKind.CONTENT, escaped.end() if escaped else min(self._position + 2, self._end))
            # Right after an escaped tag a backslash is looked at afresh, so the loop goes on even at `{{`.

    def _tag(self) -> None:
        opening = _OPENING.match(self._text, self._position, self._end)
        assert opening is not None, "content stops only at two opening braces"
        kind = _KINDS[opening.lastgroup or "OPEN"]
        if kind is TokenKind.COMMENT:
            self._comment(opening)
        elif kind is TokenKind.INVERSE:
            self._emit(kind, opening.end())
        else:
            self._inside(kind, opening.end())

    def _comment(self, opening: re.Match[str]) -> None:
        dashed = _DASHED_COMMENT.match(self._text, self._position + 2, self._end)
        end = self._after(_DASHED_COMMENT_END if dashed else "}}", opening.end())
        if end is not None:
            self._emit(TokenKind.COMMENT, end)
            return
        line_end = self._line_end(opening.end())
        close = self._text.find("}}", opening.end(), line_end)
        self._emit(TokenKind.COMMENT, close + 2 if close >= 0 else line_end)
        self._emit(TokenKind.UNCLOSED, self._position)

    def _after(self, wanted: re.Pattern[str] | str, position: int) -> int | None:
        """The offset after the next match, remembering what is nowhere ahead: one search to the end, not one a tag."""
        if wanted in self._absent:
            return None
        if isinstance(wanted, str):
            found = self._text.find(wanted, position, self._end)
            after = found + len(wanted) if found >= 0 else None
        else:
            match = wanted.search(self._text, position, self._end)
            after = match.end() if match else None
        if after is None:
            self._absent.add(wanted)
        return after

    def _inside(self, opening_kind: TokenKind, inner: int) -> None:
        """One tag other than a comment: as Handlebars lexes it, or else recovered within its line."""
        end = self._end
        if self._broken:
            # The text is refused already; not looking past the next tag keeps the time linear.
            following = self._text.find("{{", inner, end)
            end = following if following >= 0 else end
        tokens = self._lex_inside(inner, end)
        self._tokens.append(Token(opening_kind, self._position, inner))
        self._position = inner
        if tokens is None:
            self._broken = True
            self._recover(opening_kind)
            return
        self._tokens.extend(tokens)
        closing = tokens[-1]
        self._position = closing.end
        if closing.kind is TokenKind.CLOSE_RAW_BLOCK and opening_kind is TokenKind.OPEN_RAW_BLOCK:
            self._raw_content()

    def _lex_inside(self, position: int, end: int) -> list[Token] | None:
        """The tokens from `position` through the closing braces, or None where Handlebars could not lex them."""
        tokens: list[Token] = []
        match_at = _INSIDE.match
        text = self._text
        while position < end:
            match = match_at(text, position, end)
            assert match is not None and match.lastgroup is not None, "the last alternative takes any character"
            name = match.lastgroup
            if name in ("INVALID", "NESTED_OPEN"):
                return None
            kind = _KINDS[name]
            tokens.append(Token(kind, position, match.end()))
            position = match.end()
            if kind in CLOSING_KINDS:
                return tokens
        return None

    def _recover(self, opening_kind: TokenKind) -> None:
        text, inner = self._text, self._position
        line_end = self._line_end(inner)
        nested = text.find("{{", inner, line_end)
        limit = line_end if nested < 0 else nested
        close = text.find("}}", inner, limit)
        if close >= 0:
            limit = close - 1 if close > inner and text[close - 1] == "~" else close
        else:
            limit = inner + len(text[inner:limit].rstrip(" \t"))
        while self._position < limit:
            self._recovered_token(limit)
        if close < 0:
            self._emit(TokenKind.UNCLOSED, self._position)
        elif opening_kind is TokenKind.OPEN_UNESCAPED and text.startswith("}}}", close):
            self._emit(TokenKind.CLOSE_UNESCAPED, close + 3)
        else:
            self._emit(TokenKind.CLOSE, close + 2)

    def _recovered_token(self, limit: int) -> None:
        match = _INSIDE.match(self._text, self._position, limit)
        assert match is not None and match.lastgroup is not None, "the last alternative takes any character"
        if match.lastgroup != "INVALID":
            self._emit(_KINDS.get(match.lastgroup, TokenKind.INVALID), match.end())
        elif match.group() in "\"'":
            self._emit(TokenKind.UNCLOSED_STRING, limit)
        elif name := _UNFINISHED_ID.match(self._text, self._position, limit):
            # A name at the end of an unfinished tag lacks what must follow a name; elsewhere the next character is wrong.
            self._emit(TokenKind.ID, name.end())
            self._emit(TokenKind.INVALID, min(name.end() + 1, limit))
        else:
            self._emit(TokenKind.INVALID, match.end())

    def _line_end(self, position: int) -> int:
        match = _LINE_END.search(self._text, position, self._end)
        return match.start() if match else self._end

    def _raw_content(self) -> None:
        """Everything up to the raw block's end tag, counting raw blocks inside it."""
        depth = 1
        position = self._position
        while _RAW_TAG not in self._absent:
            match = _RAW_TAG.search(self._text, position, self._end)
            if match is None or (self._has_nul and self._text.find("\0", position, match.start()) >= 0):
                self._absent.add(_RAW_TAG)
                break
            position = match.end()
            depth += 1 if match["open"] else -1
            if depth == 0:
                self._emit(TokenKind.RAW_CONTENT, match.start())
                self._emit(TokenKind.END_RAW_BLOCK, match.end())
                return
        self._emit(TokenKind.UNCLOSED, self._position)


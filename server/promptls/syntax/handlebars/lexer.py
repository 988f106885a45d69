"""Handlebars text to tokens: exactly Handlebars' own lexer where the text is well formed, with recovery where not.

The tokens of a text are contiguous and rebuild it. Facts about tokens come from Handlebars 4.7's grammar
(`handlebars.l`); what counts as white space is JavaScript's `\\s`, which differs from Python's.

Recovery: a tag that Handlebars could not lex (an unclosed string, a character that cannot stand there, another `{{`
before its `}}`) ends at the first `}}` of its line, or else at the end of that line, so that a half-typed tag never
swallows what follows it. Such a tag ends with a zero-width `UNCLOSED` token where its braces are missing.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

TokenKind = Literal[
    "CONTENT",
    "ESCAPE",
    "COMMENT",
    "RAW_CONTENT",
    "END_RAW_BLOCK",
    "OPEN_RAW_BLOCK",
    "CLOSE_RAW_BLOCK",
    "OPEN_PARTIAL",
    "OPEN_PARTIAL_BLOCK",
    "OPEN_BLOCK",
    "OPEN_ENDBLOCK",
    "INVERSE",
    "OPEN_INVERSE",
    "OPEN_INVERSE_CHAIN",
    "OPEN_UNESCAPED",
    "CLOSE_UNESCAPED",
    "OPEN",
    "CLOSE",
    "UNCLOSED",
    "OPEN_SEXPR",
    "CLOSE_SEXPR",
    "EQUALS",
    "ID",
    "SEP",
    "DATA",
    "STRING",
    "UNCLOSED_STRING",
    "NUMBER",
    "BOOLEAN",
    "UNDEFINED",
    "NULL",
    "OPEN_BLOCK_PARAMS",
    "CLOSE_BLOCK_PARAMS",
    "WHITESPACE",
    "INVALID",
]
"""Handlebars' names, and ours for what it drops (ESCAPE, WHITESPACE), joins (RAW_CONTENT) or refuses."""


class Token(NamedTuple):
    kind: TokenKind
    start: int
    end: int


CLOSING_KINDS: frozenset[TokenKind] = frozenset({"CLOSE", "CLOSE_UNESCAPED", "CLOSE_RAW_BLOCK", "UNCLOSED"})

_SPACES = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
WHITESPACE = f"[{_SPACES}]"
_NOT_IN_ID = rf"""{_SPACES}!"#%-,./;->@\[-\^`\{{-~"""
_AFTER_ID = rf"(?=[=~}}/.)|{_SPACES}])"
_AFTER_LITERAL = rf"(?=[~}}){_SPACES}])"
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


def _inside(bracketed: str) -> re.Pattern[str]:
    """The tokens inside braces, given the pattern of a name in brackets.

    A string ends at the first quote without a backslash before it or, where there is none, at the last one with a
    backslash: what backtracking makes of Handlebars' own pattern, without its cost.
    """
    return re.compile(
        rf"""(?P<WHITESPACE>{WHITESPACE}+)
        |(?P<NUMBER>-?[0-9]+(?:\.[0-9]+)?{_AFTER_LITERAL})
        |(?P<BOOLEAN>(?:true|false){_AFTER_LITERAL})
        |(?P<UNDEFINED>undefined{_AFTER_LITERAL})
        |(?P<NULL>null{_AFTER_LITERAL})
        |(?P<OPEN_BLOCK_PARAMS>as{WHITESPACE}+\|)
        |(?P<ID>[^{_NOT_IN_ID}]++{_AFTER_ID}|\.\.|\.{_AFTER_ID}|{bracketed})
        |(?P<SEP>[/.])
        |(?P<CLOSE_RAW_BLOCK>\}}\}}\}}\}})
        |(?P<CLOSE_UNESCAPED>\}}~?\}}\}})
        |(?P<CLOSE>~?\}}\}})
        |(?P<STRING>"[^"]*+(?:(?<=\\)"[^"]*+)*"|'[^']*+(?:(?<=\\)'[^']*+)*')
        |(?P<EQUALS>=)
        |(?P<OPEN_SEXPR>\()
        |(?P<CLOSE_SEXPR>\))
        |(?P<DATA>@)
        |(?P<CLOSE_BLOCK_PARAMS>\|)
        |(?P<NESTED_OPEN>\{{\{{)
        |(?P<INVALID>.)""",
        re.VERBOSE | re.DOTALL,
    )


_INSIDE = _inside(r"\[[^\]]*+(?:(?<=\\)\][^\]]*+)*\]")
# Many brackets may wait for one far end, so once the text is refused they reach no further than the next tag.
_INSIDE_REFUSED = _inside(r"\[[^\]{]*\]")
_UNFINISHED_ID = re.compile(rf"[^{_NOT_IN_ID}]+")
_RAW_TAG = re.compile(rf"(?P<open>\{{\{{\{{\{{(?=[^/]))|\{{\{{\{{\{{/[^{_NOT_IN_ID}]+\}}\}}\}}\}}")
_DASHED_COMMENT = re.compile(r"\{\{~?!--")
_DASHED_COMMENT_END = re.compile(r"--~?\}\}")
_LINE_END = re.compile(r"[\r\n]")
_LEXABLE: dict[str | None, TokenKind] = {kind: kind for kind in get_args(TokenKind) if kind != "INVALID"}
_new = tuple.__new__  # twice as fast as calling a NamedTuple


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """The contiguous tokens of `text[start:end]`; never raises, in time proportional to the length."""
    return _Lexer(text, start, end).tokens()


class _Lexer:
    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._position = start
        self._end = end
        self._tokens: list[Token] = []
        self._has_nul = "\0" in text
        self._inside_pattern = _INSIDE
        # What was looked for up to the end once, so that a text full of the same mistake takes linear time.
        self._absent_comment_ends: set[re.Pattern[str] | str] = set()
        self._raw_ends: dict[int, re.Match[str]] | None = None

    def tokens(self) -> list[Token]:
        while self._position < self._end:
            self._content()
            if self._position < self._end:
                self._tag()
        return self._tokens

    def _emit(self, kind: TokenKind, end: int) -> None:
        if end > self._position or kind == "UNCLOSED":
            self._tokens.append(_new(Token, (kind, self._position, end)))
            self._position = end

    def _content(self) -> None:
        """Text up to the next tag, leaving the position at its braces or at the end."""
        text = self._text
        while self._position < self._end:
            start = self._position
            opening = text.find("{{", start, self._end)
            stop = opening if opening >= 0 else self._end
            if self._has_nul and (nul := text.find("\0", start, stop)) >= 0:
                self._emit("CONTENT", nul)
                self._emit("INVALID", nul + 1)
                self._has_nul = False  # The text is refused; a binary file may hold millions more.
                continue
            if opening <= start or text[opening - 1] != "\\":
                self._emit("CONTENT", stop)
                return
            self._emit("CONTENT", opening - 1)
            self._emit("ESCAPE", opening)
            if opening - 2 >= start and text[opening - 2] == "\\":
                return
            self._emit("CONTENT", self._escaped_end(opening + 2))

    def _escaped_end(self, position: int) -> int:
        """Where the text of an escaped tag ends: at the next braces or the one or two backslashes before them."""
        opening = self._text.find("{{", position, self._end)
        stop = opening if opening >= 0 else self._end
        if self._has_nul and (nul := self._text.find("\0", position, stop)) >= 0:
            return nul
        if opening < 0:
            return stop
        before = self._text[max(position, opening - 2) : opening]
        return opening - (len(before) - len(before.rstrip("\\")))

    def _tag(self) -> None:
        opening = _OPENING.match(self._text, self._position, self._end)
        assert opening is not None, "content stops only at two opening braces"
        kind = _LEXABLE[opening.lastgroup]
        if kind == "COMMENT":
            self._comment(opening.end())
        elif kind == "INVERSE":
            self._emit(kind, opening.end())
        else:
            self._inside(Token(kind, self._position, opening.end()))

    def _comment(self, inner: int) -> None:
        dashed = _DASHED_COMMENT.match(self._text, self._position, self._end)
        end = self._comment_end(_DASHED_COMMENT_END if dashed else "}}", inner)
        if end is not None:
            self._emit("COMMENT", end)
            return
        limit = self._recovery_limit(inner)
        close = self._text.find("}}", inner, limit)
        self._emit("COMMENT", close + 2 if close >= 0 else limit)
        self._emit("UNCLOSED", self._position)

    def _comment_end(self, wanted: re.Pattern[str] | str, position: int) -> int | None:
        if wanted in self._absent_comment_ends:
            return None
        if isinstance(wanted, str):
            found = self._text.find(wanted, position, self._end)
            if found >= 0:
                return found + len(wanted)
        elif match := wanted.search(self._text, position, self._end):
            return match.end()
        self._absent_comment_ends.add(wanted)
        return None

    def _inside(self, opening: Token) -> None:
        """One tag other than a comment: as Handlebars lexes it, or else recovered within its line."""
        self._tokens.append(opening)
        mark = len(self._tokens)
        self._position = self._lex_inside(opening.end)
        if self._tokens[-1].kind not in CLOSING_KINDS:
            self._inside_pattern = _INSIDE_REFUSED
            del self._tokens[mark:]
            self._position = opening.end
            self._recover(opening.kind)
        if opening.kind == "OPEN_RAW_BLOCK" and self._tokens[-1].kind == "CLOSE_RAW_BLOCK":
            self._raw_content(opening.start)

    def _lex_inside(self, position: int) -> int:
        """Add the tokens from `position` through the closing braces, or as far as Handlebars could lex them."""
        tokens = self._tokens
        for match in self._inside_pattern.finditer(self._text, position, self._end):
            kind = _LEXABLE.get(match.lastgroup)
            if kind is None:
                break
            tokens.append(_new(Token, (kind, position, position := match.end())))
            if kind in CLOSING_KINDS:
                break
        return position

    def _recover(self, opening_kind: TokenKind) -> None:
        text, inner = self._text, self._position
        limit = self._recovery_limit(inner)
        close = text.find("}}", inner, limit)
        if close >= 0:
            limit = close - 1 if close > inner and text[close - 1] == "~" else close
        else:
            limit = inner + len(text[inner:limit].rstrip(" \t"))
        while self._position < limit:
            self._recovered_token(limit)
        if close < 0:
            self._emit("UNCLOSED", self._position)
        elif opening_kind == "OPEN_RAW_BLOCK" and text.startswith("}}}}", close):
            self._emit("CLOSE_RAW_BLOCK", close + 4)
        elif opening_kind == "OPEN_UNESCAPED" and text.startswith("}}}", close):
            self._emit("CLOSE_UNESCAPED", close + 3)
        else:
            self._emit("CLOSE", close + 2)

    def _recovery_limit(self, inner: int) -> int:
        """What a broken tag may reach at most: the next opening braces, or the end of its line."""
        following = self._text.find("{{", inner, self._end)
        limit = following if following >= 0 else self._end
        line_end = _LINE_END.search(self._text, inner, limit)
        return line_end.start() if line_end else limit

    def _recovered_token(self, limit: int) -> None:
        match = _INSIDE.match(self._text, self._position, limit)
        assert match is not None, "the last alternative takes any character"
        first = self._text[self._position]
        # A string or bracket that only the limit made end at an escaped character did not end for Handlebars.
        is_cut_off = first in "\"'[" and (match.lastgroup not in _LEXABLE or match.group()[-2] == "\\")
        if is_cut_off and first != "[":
            self._emit("UNCLOSED_STRING", limit)
        elif is_cut_off:
            self._emit("INVALID", self._position + 1)
        elif match.lastgroup in _LEXABLE:
            self._emit(_LEXABLE[match.lastgroup], match.end())
        elif name := _UNFINISHED_ID.match(self._text, self._position, limit):
            # At the end of an unfinished tag a name lacks what must follow it; elsewhere the next character is wrong.
            self._emit("ID", name.end())
            self._emit("INVALID", min(name.end() + 1, limit))
        else:
            self._emit("INVALID", match.end())

    def _raw_content(self, opening: int) -> None:
        """Everything up to the end tag of the raw block opened at `opening`."""
        end_tag = self._raw_end(opening) if self._raw_ends is None else self._raw_ends.get(opening)
        if end_tag is None:
            self._emit("UNCLOSED", self._position)
        else:
            self._emit("RAW_CONTENT", end_tag.start())
            self._emit("END_RAW_BLOCK", end_tag.end())

    def _raw_end(self, opening: int) -> re.Match[str] | None:
        """The end tag of the raw block opened at `opening`, after those of all the raw blocks inside it."""
        waiting = [opening]
        ends: dict[int, re.Match[str]] = {}
        previous = self._position
        for match in _RAW_TAG.finditer(self._text, previous, self._end):
            if self._has_nul and self._text.find("\0", previous, match.start()) >= 0:
                break
            previous = match.end()
            if match["open"]:
                waiting.append(match.start())
                continue
            ends[waiting.pop()] = match
            if not waiting:
                return match
        self._raw_ends = ends
        return None

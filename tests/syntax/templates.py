"""Random Handlebars templates: valid ones from the grammar, and what becomes of them by small accidents."""

import random
import re
from collections.abc import Callable, Sequence
from typing import Any

NAMES = ["a", "b", "foo", "user", "items", "if", "each", "with", "é", "日本", "x-y", "_z", "$d", "a:b"]
ODD_NAMES = ["this", "as", "else", "true", "null", "undefined", "1a", "12", "𝒳", "el\u0085se", "z\0"]
BRACKETED = ["[a b]", "[this]", "[..]", "[]", r"[a\]b]", r"[x\\]", r"[\\\]]", "[a\nb]", "[q", "[{{x}}]", "[\u2028]"]
STRINGS = [
    "",
    "a",
    "a b",
    "{{x}}",
    "}}",
    r"\"",
    r"\'",
    "\\",
    "it's",
    'say "x"',
    "l1\nl2",
    "é𝒳",
    "\0",
    "~}}",
    "[",
    "--}}",
]
NUMBERS = ["0", "1", "-1", "12.50", "-0", "-0.0", "1.", ".5", "1.2.3", "9" * 30, "9" * 320, "007", "1e3", "-"]
SPACES = ["\n", "\t", "\r\n", "\r", "\u00a0", "\ufeff", "\u2028", "\u2029", "\v", "\f", "\u3000", "\u1680", "  "]
FALSE_SPACES = ["\u0085", "\x1c", "\u180e", "\u200b", "\0"]
CONTENT = [
    "text ",
    "\n",
    "  \n",
    "é",
    "𝒳",
    "\u2028",
    "\r\n",
    "}}",
    "{",
    "}",
    "\\",
    "\\\\",
    "{ {",
    "\ud800",
    "\ufeff",
    '"',
]
ESCAPES = ["\\{{", "\\{{ }}", "\\\\{{a}}", "\\\\\\{{b}}", "a\\{{b}}", "\\{{{{", "\\{{x\\{{y", "\\{{a\\\\{{b}}"]
FRAGMENTS = [
    *("{{", "}}", "{{{", "}}}", "{{{{", "}}}}", "{{/", "{{#", "{{^", "{{>", "{{#>", "{{#*", "{{*", "{{&", "{{~", "~}}"),
    *("{{!", "{{!--", "--}}", "--~}}", "{{else", "{{else}}", "{{^}}", "{{{{/a}}}}", "{{{{a}}}}", "{{#a}}", "{{/a}}"),
    *("\\", "\\{{", '"', "'", "[", "]", "(", ")", "|", " as |", "=", "@", ".", "..", "/", "../", "this", "a", "b"),
    *("~", "!", "--", "-", "1", "true", "null", " ", "\n", "\0", "\u0085", "\ufeff", "#", "^", ">", "*", "&", "{", "}"),
]
RAW = ["{{b}}", "{{{{", "{{{{/", " ", "\n", "{{{{{", "}}}}", "\\{{", "{{/raw}}"]
_ROUGH_TOKEN = re.compile(r"\{\{\{\{/?|\{\{~?[#^>/&*!{]*-*|-*~?\}{2,4}|\w+|\s+|.", re.DOTALL)


class TemplateGenerator:
    """Templates drawn from `seed`; the same seed gives the same sequence."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def template(self) -> str:
        """About two fifths as the grammar gives it, the rest with one to four accidents, a few mere soup."""
        if self._chance(0.08):
            return self._times(14, lambda: self._pick(FRAGMENTS))
        text = self._program(depth=3)
        if self._chance(0.4):
            return text
        for _ in range(self._random.choice((1, 1, 1, 2, 2, 4))):
            text = self._accident(text)
        return text

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _pick(self, options: Sequence[Any]) -> Any:
        return self._random.choice(options)

    def _times(self, most: int, make: Callable[[], str]) -> str:
        return "".join(make() for _ in range(self._random.randint(0, most)))

    def _accident(self, text: str) -> str:
        pieces = _ROUGH_TOKEN.findall(text) if self._chance(0.6) else list(text)
        if not pieces:
            return self._pick(FRAGMENTS)
        here = self._random.randrange(len(pieces))
        there = self._random.randrange(len(pieces))
        match self._random.randrange(6):
            case 0:
                del pieces[here]
            case 1:
                pieces.insert(here, pieces[here])
            case 2:
                pieces[here], pieces[there] = pieces[there], pieces[here]
            case 3:
                pieces.insert(here, self._pick(FRAGMENTS))
            case 4:
                pieces[here] = self._pick(FRAGMENTS)
            case _:
                pieces.insert(here, self._pick(SPACES + FALSE_SPACES))
        return "".join(pieces)

    def _program(self, depth: int) -> str:
        return self._times(4, lambda: self._statement(depth))

    def _statement(self, depth: int) -> str:
        if depth <= 0 or self._chance(0.6):
            return self._pick(
                (
                    self._content,
                    self._content,
                    self._mustache,
                    self._mustache,
                    self._comment,
                    self._partial,
                    self._decorator,
                )
            )()
        return self._pick(
            (
                self._block,
                self._block,
                self._block,
                self._inverse,
                self._partial_block,
                self._decorator_block,
                self._raw,
            )
        )(depth - 1)

    def _content(self) -> str:
        return self._pick(ESCAPES) if self._chance(0.15) else self._pick(CONTENT)

    def _mustache(self) -> str:
        inner = self._space() + self._call() + self._space()
        match self._random.randrange(8):
            case 0:
                return self._tag("{", inner, "}" + self._tilde() + "}}")
            case 1:
                return self._tag("&", inner)
            case _:
                return self._tag("", inner)

    def _comment(self) -> str:
        value = self._pick(("", " c ", "-", "--", "---", "}", "~", "{{a", "a\nb", "-a-", "\0"))
        if self._chance(0.5):
            return self._tag("!--", value + self._pick(("", "}}", "{{b}}")), "--" + self._tilde() + "}}")
        return self._tag("!", value)

    def _partial(self) -> str:
        return self._tag(">", self._space() + self._partial_name() + self._arguments() + self._space())

    def _decorator(self) -> str:
        return self._tag("*", self._call())

    def _block(self, depth: int) -> str:
        name = self._name_of_block()
        parts = [self._tag("#", self._space() + name + self._arguments() + self._block_params() + self._space())]
        parts.append(self._program(depth))
        for _ in range(self._pick((0, 0, 0, 1, 2))):
            chained = "else" + self._gap() + self._call() + self._block_params()
            parts += (self._tag(self._space(), chained), self._program(depth))
        if self._chance(0.35):
            parts += (self._else(), self._program(depth))
        return "".join(parts) + self._close(name)

    def _inverse(self, depth: int) -> str:
        name = self._name_of_block()
        text = self._tag("^", self._space() + name + self._arguments() + self._block_params()) + self._program(depth)
        if self._chance(0.3):
            text += self._else() + self._program(depth)
        return text + self._close(name)

    def _partial_block(self, depth: int) -> str:
        name = self._partial_name() if self._chance(0.3) else self._name_of_block()
        close = "undefined" if name.startswith("(") else name
        return self._tag("#>", self._space() + name + self._arguments()) + self._program(depth) + self._close(close)

    def _decorator_block(self, depth: int) -> str:
        name = self._pick(("inline", "a", "[b c]"))
        return (
            self._tag("#*", name + self._arguments() + self._block_params()) + self._program(depth) + self._close(name)
        )

    def _raw(self, depth: int) -> str:
        name = self._pick(("raw", "raw", "a", "a", "x-y", "a.b", '"q"', "z\0", "1"))
        opening = "{{{{" + self._space() + name + self._arguments() + self._space() + "}}}}"
        inner = self._times(3, lambda: self._pick(RAW))
        if depth > 0 and self._chance(0.3):
            inner += self._raw(depth - 1)
        return opening + inner + "{{{{/" + name.strip('"') + "}}}}"

    def _tag(self, sigil: str, inner: str, close: str | None = None) -> str:
        return "{{" + self._tilde() + sigil + inner + (close if close is not None else self._tilde() + "}}")

    def _else(self) -> str:
        return self._tag("^", self._space()) if self._chance(0.3) else self._tag(self._space(), "else" + self._space())

    def _close(self, name: str) -> str:
        return self._tag("/", self._space() + (name if self._chance(0.97) else self._path()) + self._space())

    def _tilde(self) -> str:
        return "~" if self._chance(0.15) else ""

    def _space(self) -> str:
        return self._gap() if self._chance(0.2) else ""

    def _gap(self) -> str:
        return self._pick(SPACES) if self._chance(0.1) else " "

    def _call(self) -> str:
        return self._operand() + self._arguments()

    def _arguments(self, depth: int = 2) -> str:
        text = "".join(self._gap() + self._value(depth) for _ in range(self._pick((0, 0, 0, 1, 1, 2, 3))))
        for _ in range(self._pick((0, 0, 0, 0, 1, 2))):
            text += self._gap() + self._key() + self._space() + "=" + self._space() + self._value(depth)
        return text

    def _value(self, depth: int) -> str:
        if depth > 0 and self._chance(0.15):
            return "(" + self._space() + self._operand() + self._arguments(depth - 1) + self._space() + ")"
        return self._operand()

    def _operand(self) -> str:
        return self._path() if self._chance(0.7) else self._literal()

    def _literal(self) -> str:
        match self._random.randrange(4):
            case 0:
                return self._pick(NUMBERS)
            case 1:
                return self._pick(("true", "false", "null", "undefined"))
            case _:
                quote = self._pick("\"'")
                return quote + self._pick(STRINGS) + quote

    def _path(self) -> str:
        prefix = self._pick(("", "", "", "", "", "", "@", "../", "../../", "./", "this.", "this/", "@../", ".", ".."))
        if prefix in (".", "..") or self._chance(0.05):
            return prefix or "this"
        return prefix + self._segment() + self._times(2, lambda: self._pick("../") + self._segment())

    def _segment(self) -> str:
        match self._random.randrange(12):
            case 0:
                return self._pick(BRACKETED)
            case 1:
                return self._pick(ODD_NAMES)
            case _:
                return self._pick(NAMES)

    def _key(self) -> str:
        return self._pick(("..", ".", "this")) if self._chance(0.05) else self._segment()

    def _name_of_block(self) -> str:
        return (
            self._operand() if self._chance(0.15) else self._pick(("if", "each", "with", "a", "foo.bar", "é", "[a b]"))
        )

    def _partial_name(self) -> str:
        return f"({self._call()})" if self._chance(0.2) else self._operand()

    def _block_params(self) -> str:
        if not self._chance(0.2):
            return ""
        names = [self._key() for _ in range(self._pick((1, 1, 2, 2, 3, 0)))]
        return self._gap() + "as" + self._gap() + "|" + self._space() + " ".join(names) + self._space() + "|"

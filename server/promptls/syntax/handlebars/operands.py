"""What a single token between braces stands for: a name or a value."""

from __future__ import annotations

import re

from promptls.syntax.handlebars.lexer import Token, TokenKind
from promptls.syntax.handlebars.nodes import (
    BooleanLiteral,
    Expression,
    NullLiteral,
    NumberLiteral,
    PathExpression,
    StringLiteral,
    SubExpression,
    UndefinedLiteral,
)
from promptls.syntax.source import Range

LITERAL_KINDS: frozenset[TokenKind] = frozenset({"STRING", "UNCLOSED_STRING", "NUMBER", "BOOLEAN", "UNDEFINED", "NULL"})
BRACKETED = re.compile(r"\[[^\n\r\u2028\u2029]*\]")
"""What Handlebars takes for a name in brackets; JavaScript's `.` stops at line ends."""

_BRACKET_ESCAPE = re.compile(r"\\([\\\]])")
_LARGEST_EXACT_INTEGER = 2**53


def literal(token: Token, text: str) -> Expression:
    """The value that a token of `LITERAL_KINDS` in `text` stands for."""
    kind, start, end = token
    range = Range(start, end)
    written = text[start:end]
    match kind:
        case "STRING":
            quote = written[0]
            return StringLiteral(range, written[1:-1].replace("\\" + quote, quote), Range(start + 1, end - 1))
        case "UNCLOSED_STRING":
            return StringLiteral(range, written[1:], Range(start + 1, end))
        case "NUMBER":
            return NumberLiteral(range, _number(written))
        case "BOOLEAN":
            return BooleanLiteral(range, written == "true")
        case "UNDEFINED":
            return UndefinedLiteral(range)
        case _:
            return NullLiteral(range)


def unescaped(name: str) -> str:
    """A name without the backslashes that brackets need inside them."""
    return _BRACKET_ESCAPE.sub(r"\1", name) if name.startswith("[") else name


def identifier(name: str) -> str:
    """The name that a token stands for: brackets fall away, unless there is a line end between them."""
    if not name.startswith("["):
        return name
    name = unescaped(name)
    return name[1:-1] if BRACKETED.fullmatch(name) else name


def _number(text: str) -> int | float:
    """JavaScript's number, whole ones as int where that is exact."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= _LARGEST_EXACT_INTEGER else number


def block_name(expression: Expression) -> object:
    """What a block's two ends must agree in: `original` in Handlebars' tree, distinct across JavaScript's types."""
    match expression:
        case PathExpression(original=original):
            return original
        case StringLiteral(value=value):
            return value
        case NumberLiteral(value=value):
            return ("number", value)
        case BooleanLiteral(value=value):
            return ("boolean", value)
        case SubExpression() | UndefinedLiteral():
            return ("undefined",)
        case _:
            return (type(expression).__name__,)


def shown_name(expression: Expression) -> str:
    """The name of a block as a message shows it."""
    name = block_name(expression)
    return name if isinstance(name, str) else str(name[-1]).lower() if isinstance(name, tuple) else ""

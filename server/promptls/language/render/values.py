"""JavaScript's view of the data that a template prints: the reference runtime is JavaScript, and its rules show.

Data are `dict`, `list`, `str`, `int`, `float`, `bool` and `None`, as JSON has them, and `UNDEFINED` for what is absent.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final, Literal

WHITESPACE: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What `trim` strips and `\\s` matches."""


class Undefined(Enum):
    """The type of `UNDEFINED`, the value of what is not there; `null` is `None`."""

    UNDEFINED = "undefined"


UNDEFINED: Final = Undefined.UNDEFINED

MarkerKind = Literal["role", "history", "media", "section"]


@dataclass(frozen=True, slots=True, eq=False)
class SafeString:
    """What dotprompt's helpers return: an object that prints as `text`, or divides the output where it is a marker.

    `text` is a marker's text in the rendered string of the JavaScript runtime.
    """

    text: str | Undefined
    marker: MarkerKind | None = None


def is_nullish(value: object) -> bool:
    """Whether the value is null or undefined."""
    return value is None or value is UNDEFINED


def is_truthy(value: object) -> bool:
    """Whether JavaScript takes the value for true: empty lists and objects are."""
    if value is None or value is UNDEFINED or value is False or value == "":
        return False
    return not ((isinstance(value, int | float) and value == 0) or (isinstance(value, float) and math.isnan(value)))


def is_empty(value: object) -> bool:
    """Handlebars' own idea of emptiness: falsy, but not 0, or an empty list."""
    if isinstance(value, list | tuple):
        return not value
    return not is_truthy(value) and not (is_number(value) and value == 0)


def is_number(value: object) -> bool:
    """Whether the value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: object) -> bool:
    return not (value is None or isinstance(value, str | bool | int | float | Undefined))


def strictly_equal(left: object, right: object) -> bool:
    """JavaScript's `===`: 1 is 1.0, but neither "1" nor true; lists and objects are equal only to themselves."""
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return left is right


def loosely_equal(left: object, right: object) -> bool:
    """JavaScript's `==`, by which 1 is "1" and null is undefined."""
    if is_nullish(left) or is_nullish(right):
        return is_nullish(left) and is_nullish(right)
    if _is_object(left) and _is_object(right):
        return left is right
    left, right = (to_string(side) if _is_object(side) else side for side in (left, right))
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return _to_number(left) == _to_number(right)


def _to_number(value: object) -> float:
    if isinstance(value, str):
        text = value.strip(WHITESPACE)
        try:
            if text[:2].lower() in ("0x", "0o", "0b"):
                return int(text, 0)
            if "_" in text or (text.lstrip("+-")[:1].isalpha() and text.lstrip("+-") != "Infinity"):
                return math.nan
            return float(text) if text else 0
        except ValueError:
            return math.nan
    return _double(value) if isinstance(value, int | float) else math.nan


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def to_string(value: object) -> str:
    """What a template prints for the value: `""` for null, the items of a list with commas, `[object Object]`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_to_string(value)
    if isinstance(value, list | tuple):
        return _joined(value, 0)
    if isinstance(value, SafeString):
        return to_string(value.text)
    return "undefined" if value is UNDEFINED else "[object Object]"


_DEEPEST = 100


def _joined(items: list[object] | tuple[object, ...], depth: int) -> str:
    if depth > _DEEPEST:
        return ""
    return ",".join(
        _joined(item, depth + 1) if isinstance(item, list | tuple) else "" if is_nullish(item) else to_string(item)
        for item in items
    )


def number_to_string(number: float) -> str:
    """A number as JavaScript writes it: 2 for 2.0, 1e+21, no more digits than a double has."""
    if isinstance(number, int) and -(2**53) <= number <= 2**53:
        return str(number)
    double = _double(number)
    if math.isnan(double):
        return "NaN"
    if math.isinf(double):
        return "Infinity" if double > 0 else "-Infinity"
    if double == 0:
        return "0"
    if 1e-6 <= abs(double) < 1e21:
        text = format(Decimal(repr(double)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits, _, exponent = format(Decimal(repr(double)).normalize(), "e").partition("e")
    return f"{digits}e{int(exponent):+d}"


def own_keys(value: object) -> list[str]:
    """The names of an object's properties in JavaScript's order: whole numbers first, rising, then as inserted."""
    if isinstance(value, SafeString):
        return ["string"]
    if not isinstance(value, Mapping):
        return []
    keys = [key for key in value if isinstance(key, str)]
    if any(_is_index(key) for key in keys):
        keys.sort(key=lambda key: (0, int(key)) if _is_index(key) else (1, 0))
    return keys


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and (key == "0" or key[0] != "0") and len(key) <= 10 and int(key) < 2**32 - 1


def own_property(value: object, name: str) -> object:
    """The property `name` of a value that is not nullish, or UNDEFINED; what a prototype would give does not count."""
    if isinstance(value, Mapping):
        return value.get(name, UNDEFINED)
    if isinstance(value, list | tuple):
        if name == "length":
            return len(value)
        if _is_index(name) and int(name) < len(value):
            return value[int(name)]
        return UNDEFINED
    if isinstance(value, str):
        return _string_property(value, name)
    if isinstance(value, SafeString) and name == "string":
        return value.text
    return UNDEFINED


def _string_property(text: str, name: str) -> object:
    """A string's length or one of its characters, both in UTF-16 units."""
    if name != "length" and not _is_index(name):
        return UNDEFINED
    units = text.encode("utf-16-le", "surrogatepass")
    if name == "length":
        return len(units) // 2
    unit = units[2 * int(name) : 2 * int(name) + 2]
    return unit.decode("utf-16-le", "surrogatepass") if unit else UNDEFINED


class TooLargeError(ValueError):
    """A value is larger or nested more deeply than anyone writes by hand."""


def to_json(value: object, indent: object = UNDEFINED, limit: int = 10_000_000) -> str | None:
    """`JSON.stringify(value, null, indent)`; None where that is undefined.

    Raises `TooLargeError` past `limit` characters: a template can nest a value in itself until its text explodes.
    """
    if value is UNDEFINED:
        return None
    gap = ""
    if isinstance(indent, str):
        gap = indent[:10]
    elif is_number(indent) and isinstance(indent, int | float) and indent >= 1:
        gap = " " * int(min(indent, 10))
    return _JsonWriter(gap, limit).write(value, "\n" if gap else "", 0)


class _JsonWriter:
    def __init__(self, gap: str, limit: int) -> None:
        self._gap = gap
        self._left = limit

    def write(self, value: object, newline: str, depth: int) -> str:
        if depth > _DEEPEST:
            raise TooLargeError("the value is nested too deeply to be written as JSON")
        if isinstance(value, list | tuple):
            items = [self.write(None if item is UNDEFINED else item, newline + self._gap, depth + 1) for item in value]
            text = self._enclosed("[", items, "]", newline)
        elif isinstance(value, Mapping | SafeString):
            text = self._enclosed("{", self._fields(value, newline + self._gap, depth), "}", newline)
        else:
            text = _scalar(value)
        # What is nested counts once a level, and every value for something: that bounds the work with the length.
        self._left -= len(text) + 16
        if self._left < 0:
            raise TooLargeError("the value is too large to be written as JSON")
        return text

    def _fields(self, value: object, newline: str, depth: int) -> list[str]:
        colon = ": " if self._gap else ":"
        properties = ((key, own_property(value, key)) for key in own_keys(value))
        return [
            f"{_quoted(key)}{colon}{self.write(field, newline, depth + 1)}"
            for key, field in properties
            if field is not UNDEFINED
        ]

    def _enclosed(self, opening: str, items: list[str], closing: str, newline: str) -> str:
        if not items:
            return opening + closing
        inner = newline + self._gap
        return f"{opening}{inner}{f',{inner}'.join(items)}{newline}{closing}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = number_to_string(value)
        return "null" if text in ("NaN", "Infinity", "-Infinity") else text
    return to_string(value) if value is None or isinstance(value, bool) else "{}"


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    if quoted.isascii() or not any("\ud800" <= char <= "\udfff" for char in quoted):
        return quoted
    return "".join(f"\\u{ord(char):04x}" if "\ud800" <= char <= "\udfff" else char for char in quoted)


def merged(base: object, extra: Mapping[str, object]) -> dict[str, object]:
    """A copy of an object's properties, of a list's items or of a string's characters, with `extra` over them."""
    if isinstance(base, list | tuple | str):
        count = own_property(base, "length")
        names = [str(index) for index in range(count)] if isinstance(count, int) else []
    else:
        names = own_keys(base)
    return {**{name: own_property(base, name) for name in names}, **extra}

"""The small syntax inside picoschema's YAML scalars: `type, description` and, in keys, `name?(type, description)`."""

from __future__ import annotations

from dataclasses import dataclass

from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlScalar

SCALAR_TYPES = ("string", "number", "integer", "boolean", "null", "any")
"""The words that picoschema knows for single values."""

KEY_TYPES = ("array", "object", "enum")
"""The words that may stand in the parentheses of a key."""

WILDCARD = "(*)"
"""The key that allows further properties."""

_LINE_ENDS = "\n\r\u2028\u2029"


def split_description(text: str) -> tuple[str, str | None]:
    """A type and its description, divided at the first comma; a text of several lines is not divided there."""
    # The runtimes search with a pattern whose "." stops at line ends, so that they find a comma of the last line alone.
    last_line = text[max(map(text.rfind, _LINE_ENDS)) + 1 :]
    type, comma, description = last_line.partition(",")
    return (type, description.lstrip(" ")) if comma else (text, None)


def text_start(scalar: YamlScalar) -> int | None:
    """Where a scalar's text starts in the file, or None where it is not written there character by character."""
    quotes = 1 if scalar.style in ("single", "double") else 0
    written = scalar.range.end - scalar.range.start - 2 * quotes
    if scalar.style in ("literal", "folded") or written != len(scalar.text):
        return None
    return scalar.range.start + quotes


@dataclass(frozen=True, slots=True)
class FieldKey:
    """A key as the runtime cuts it up: at its first parenthesis, with the last character dropped if there is one.

    `written_name` is the property's name, `name` the same without what its author cannot have meant to belong to it:
    blanks at its end and the brackets of a list. `type` is the word in the
    parentheses, None without them.
    """

    scalar: YamlScalar
    written_name: str
    optional: bool
    type: str | None
    description: str | None

    @classmethod
    def read(cls, scalar: YamlScalar) -> FieldKey:
        name, *rest = scalar.text.split("(")
        optional = name.endswith("?")
        type, description = split_description(rest[0][:-1]) if rest and rest[0] else (None, None)
        return cls(scalar, name[:-1] if optional else name, optional, type, description)

    @property
    def name(self) -> str:
        return self.written_name.strip().removesuffix("[]")

    @property
    def range(self) -> Range:
        return self.scalar.range

    @property
    def name_range(self) -> Range:
        """The bare name, or the whole key where it is not written character by character."""
        start = text_start(self.scalar)
        return self.range if start is None else Range(start, start + len(self.written_name.rstrip()))

    @property
    def name_end(self) -> int | None:
        """Where the name and its `?` end, if that can be told."""
        start = text_start(self.scalar)
        return None if start is None else start + len(self.written_name) + self.optional

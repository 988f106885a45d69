"""The types that a schema gives to data, with positions: what picoschema and JSON Schema both become."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from promptls.syntax.source import Range, TextEdit

TypeName = Literal["string", "number", "integer", "boolean", "null", "any", "object", "array", "enum", "named"]
SchemaForm = Literal["picoschema", "json-schema", "name"]
ProblemKind = Literal["invalid-type", "list-syntax", "union-syntax", "unknown-name", "enum-empty", "not-a-schema"]


@dataclass(frozen=True, slots=True, eq=False)
class SchemaProblem:
    """Something in a schema that picoschema refuses or reads otherwise than it looks.

    `edits` mend it where what the author meant is plain; the message says in words what to write.
    """

    kind: ProblemKind
    message: str
    range: Range
    edits: tuple[TextEdit, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SchemaType:
    """The type of one value.

    `fields` are an object's, `items` is an array's element, `values` an enum's members, `name` a named schema's name.
    `open` says that further properties are allowed (picoschema's `(*)`), of type `additional`. `json` is JSON Schema.
    """

    type: TypeName
    range: Range
    json: dict[str, Any]
    description: str | None = None
    fields: tuple[Field, ...] = ()
    items: SchemaType | None = None
    values: tuple[object, ...] = ()
    name: str | None = None
    open: bool = False
    additional: SchemaType | None = None

    def field(self, name: str) -> Field | None:
        """The field called `name`, or None."""
        return next((each for each in self.fields if each.name == name), None)

    @property
    def label(self) -> str:
        """How a person would write the type: `string`, `array of object`, `"a" | "b"`, `Recipe`."""
        if self.type == "array":
            return f"array of {self.items.label}" if self.items else "array"
        if self.type == "enum":
            return " | ".join(repr(value) if not isinstance(value, str) else f'"{value}"' for value in self.values)
        return self.name or self.type


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One property of an object: `name_range` covers the bare name, `range` the key and the value."""

    name: str
    name_range: Range
    key_range: Range
    range: Range
    optional: bool
    type: SchemaType
    description: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A whole schema as written: its type, its problems, and whether it is picoschema, JSON Schema or a mere name."""

    form: SchemaForm
    type: SchemaType
    range: Range
    problems: tuple[SchemaProblem, ...] = field(default=())

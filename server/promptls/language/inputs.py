"""The inputs that a prompt declares: the names of its input schema and of its defaults, with their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from promptls.language.metadata import metadata
from promptls.language.picoschema import input_schema
from promptls.language.prompt import Prompt, facet, frontmatter
from promptls.language.schema import Field, Schema, SchemaType, TypeName
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlEntry, YamlNode, YamlScalar, YamlSequence, resolve


@dataclass(frozen=True, slots=True, eq=False)
class Declaration:
    """One input. `range` covers the bare name where it is declared first: in the schema, or else among the defaults.

    `type` is None where nothing is known of it; `field` is the schema's entry, `default` the default's, if there are.
    """

    name: str
    range: Range
    source: Literal["schema", "default"]
    type: SchemaType | None
    optional: bool
    field: Field | None = None
    default: YamlEntry | None = None

    @property
    def description(self) -> str | None:
        return self.field.description if self.field else None

    @property
    def has_default(self) -> bool:
        return self.default is not None


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """A prompt's inputs by name; `complete` says that the schema allows no others."""

    declarations: Mapping[str, Declaration]
    complete: bool
    schema: Schema | None = None


@facet
def inputs(prompt: Prompt) -> Inputs:
    """What the caller of a prompt may give it.

    Without a schema, with an unknown or an open one, or in a frontmatter that cannot be read to its end, other names
    may exist too; in the latter case no type is known for sure either. The fields of a named schema stand where its
    name does.
    """
    head = frontmatter(prompt)
    readable = head is not None and head.error is None
    schema = input_schema(prompt)
    defaults = input_defaults(prompt)
    declarations: dict[str, Declaration] = {}
    for field in schema.type.fields if schema else ():
        default = defaults.pop(field.name, None)
        declarations[field.name] = Declaration(
            field.name, field.name_range, "schema", field.type if readable else None, field.optional, field, default
        )
    for name, entry in defaults.items():
        declarations[name] = Declaration(
            name, _name_range(entry.key), "default", _type_of(entry.value), optional=True, default=entry
        )
    return Inputs(declarations, readable and _is_complete(schema), schema)


def input_defaults(prompt: Prompt) -> dict[str, YamlEntry]:
    """The entries of `input.default` by name."""
    node = metadata(prompt).input_default
    return {each.name: each for each in node.entries if each.name} if node else {}


def _is_complete(schema: Schema | None) -> bool:
    if schema is None or any(problem.kind == "not-a-schema" for problem in schema.problems):
        return False
    return is_closed(schema.type)


_COMPOSING = frozenset({"$ref", "allOf", "anyOf", "oneOf", "not", "if", "patternProperties", "dependentSchemas"})


def is_closed(type: SchemaType) -> bool:
    """Whether an object of this type has its declared fields and no others.

    A JSON Schema that merely lists properties is taken as closed, since its author meant to list them; one that
    composes others is not.
    """
    return type.type == "object" and bool(type.fields) and not type.open and _COMPOSING.isdisjoint(type.json)


def _name_range(key: YamlNode) -> Range:
    if isinstance(key, YamlScalar) and key.style in ("single", "double"):
        return Range(key.range.start + 1, key.range.end - 1)
    return key.range


def _type_of(node: YamlNode) -> SchemaType | None:
    """The type that a default value lets one assume."""
    value = resolve(node)
    if isinstance(value, YamlSequence):
        return SchemaType("array", value.range, {"type": "array"})
    if not isinstance(value, YamlScalar) or value.value is None:
        return None
    name: TypeName = "string"
    if isinstance(value.value, bool):
        name = "boolean"
    elif isinstance(value.value, int | float):
        name = "number"
    return SchemaType(name, value.range, {"type": name})

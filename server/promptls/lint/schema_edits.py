"""Edits of the input schema: putting an input in, taking one out."""

from __future__ import annotations

import re

from promptls.language.inputs import Declaration, inputs
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt
from promptls.lint.yaml_edits import removal
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence, resolve

_PLAIN_NAME = re.compile(r"[A-Za-z_][\w-]*")


def insert_input(prompt: Prompt, name: str, type: str) -> TextEdit | None:
    """Declare an input after the last one of the schema; None where the schema cannot be extended in place.

    `type` is picoschema's word: `string`, `any` or `array`.
    """
    schema = inputs(prompt).schema
    mapping = _properties(prompt)
    if schema is None or mapping is None or not mapping.entries or not _PLAIN_NAME.fullmatch(name):
        return None
    source = prompt.source
    first, last = mapping.entries[0], mapping.entries[-1]
    entry = _picoschema_entry(name, type)
    if schema.form == "json-schema":
        entry = f"{name}: {{}}" if type == "any" else f"{name}: {{type: {type}}}"
    if mapping.flow:
        return TextEdit(Range(last.range.end, last.range.end), f", {entry}")
    line = source.line_range(source.line_at(first.range.start))
    indent = source.text[line.start : first.range.start]
    if indent.strip():
        return None
    end = source.line_range(source.line_at(last.range.end)).end
    return TextEdit(Range(end, end), f"{source.newline}{indent}{entry}")


def remove_input(prompt: Prompt, declaration: Declaration) -> tuple[TextEdit, ...]:
    """Take an input out of the schema and out of the defaults; nothing where that would leave either of them empty."""
    edits = []
    if declaration.field is not None:
        mapping = _properties(prompt)
        if mapping is None or len(mapping.entries) < 2 or declaration.name in _required(prompt):
            return ()
        edits.append(removal(prompt.source, declaration.field.range, mapping))
    defaults = metadata(prompt).input_default
    if declaration.default is not None:
        if defaults is None or len(defaults.entries) < 2:
            return ()
        edits.append(removal(prompt.source, declaration.default.range, defaults))
    return tuple(edits)


def _picoschema_entry(name: str, type: str) -> str:
    return f"{name}(array): any" if type == "array" else f"{name}: {type}"


def _properties(prompt: Prompt) -> YamlMapping | None:
    """The mapping that holds the inputs, where it is written in its own place."""
    schema = inputs(prompt).schema
    node: YamlNode | None = metadata(prompt).input_schema
    if schema is not None and schema.form == "json-schema" and isinstance(node, YamlMapping):
        entry = node.get("properties")
        node = entry.value if entry else None
    return node if isinstance(node, YamlMapping) else None


def _required(prompt: Prompt) -> frozenset[str]:
    """The names that a JSON Schema requires."""
    node = metadata(prompt).input_schema
    schema = inputs(prompt).schema
    if schema is None or schema.form != "json-schema" or not isinstance(node, YamlMapping):
        return frozenset()
    entry = node.get("required")
    value = resolve(entry.value) if entry else None
    items = value.items if isinstance(value, YamlSequence) else ()
    return frozenset(item.text for item in items if isinstance(item, YamlScalar))

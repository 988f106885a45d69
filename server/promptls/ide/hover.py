"""What the thing under a cursor is: a helper, a variable, a role, a partial, a key of the frontmatter, a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from promptls.ide.documentation import helper_paragraphs, model_paragraphs, partial_paragraphs
from promptls.language.formats import is_dotprompt
from promptls.language.helpers import ROLES, DataVariable, Helper, helpers
from promptls.language.inputs import Declaration
from promptls.language.keys import CONFIG_KEYS, FRONTMATTER_KEYS, ConfigKey, FrontmatterKey
from promptls.language.metadata import metadata
from promptls.language.models import model_catalogue
from promptls.language.prompt import Prompt, frontmatter, template
from promptls.language.schema import Field, SchemaType
from promptls.language.scope import scope
from promptls.language.uses import called_name
from promptls.language.values import Argument, BlockParameter, Target
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    Node,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
    StringLiteral,
    SubExpression,
    Tag,
    path_to,
)
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlEntry, YamlMapping, YamlScalar, resolve


@dataclass(frozen=True, slots=True)
class Hover:
    """Code that shows what the thing is, in a language's name as Markdown knows it, and paragraphs of Markdown."""

    range: Range
    code: str
    language: Literal["handlebars", "yaml", "text"]
    paragraphs: tuple[str, ...] = ()


def hover(prompt: Prompt, offset: int) -> Hover | None:
    """What is known of the thing that a cursor touches; None where there is nothing to say."""
    if not is_dotprompt(prompt):
        return None
    head = frontmatter(prompt)
    if head is not None and offset < head.range.end:
        return _in_frontmatter(prompt, offset)
    nodes = path_to(template(prompt).program, offset)
    return _role(prompt, nodes) or _partial(prompt, nodes) or _name(prompt, offset) or _closing(prompt, nodes)


def _name(prompt: Prompt, offset: int) -> Hover | None:
    occurrence = scope(prompt).at(offset)
    return _target(prompt, occurrence.target, occurrence.range) if occurrence else None


def _target(prompt: Prompt, target: Target, range: Range) -> Hover:
    match target:
        case Helper():
            return _helper(target, range)
        case Declaration():
            return _declaration(prompt, target, range)
        case Field():
            code = _typed(target.name, target.type, target.optional)
            return Hover(range, code, "yaml", _paragraphs(target.description, _fields(target.type)))
        case DataVariable():
            return Hover(range, f"@{target.name}: {target.type}", "handlebars", _paragraphs(target.documentation))
        case BlockParameter() | Argument():
            what = "A name that this block gives." if isinstance(target, BlockParameter) else "An argument of the call."
            code = _typed(target.name, target.value.type, optional=False)
            return Hover(range, code, "yaml", _paragraphs(what, _described(target.value.type)))


def _helper(helper: Helper, range: Range) -> Hover:
    return Hover(range, helper.signature, "handlebars", helper_paragraphs(helper))


def _declaration(prompt: Prompt, declaration: Declaration, range: Range) -> Hover:
    default = None
    if declaration.default is not None:
        value = declaration.default.value.range
        default = f"Default: `{_shortened(prompt.text[value.start : value.end])}`"
    line = prompt.source.line_at(declaration.range.start) + 1
    place = "the input schema" if declaration.source == "schema" else "the defaults only: the schema does not have it"
    code = _typed(declaration.name, declaration.type, declaration.optional)
    words = _paragraphs(
        declaration.description or _described(declaration.type),
        _fields(declaration.type),
        default,
        f"Declared on line {line}, in {place}.",
    )
    return Hover(range, code, "yaml", words)


def _role(prompt: Prompt, nodes: Sequence[Node]) -> Hover | None:
    name = nodes[-1]
    call = next((node for node in reversed(nodes) if isinstance(node, Tag | SubExpression)), None)
    if not isinstance(name, StringLiteral) or call is None or called_name(call.path) != "role":
        return None
    if not call.params or call.params[0] is not name:
        return None
    meaning = ROLES.get(name.value)
    if meaning is None and name.value in prompt.settings.roles:
        meaning = "A role that the settings declare."
    return Hover(name.range, f'{{{{role "{name.value}"}}}}', "handlebars", _paragraphs(meaning)) if meaning else None


def _partial(prompt: Prompt, nodes: Sequence[Node]) -> Hover | None:
    calls = (node for node in nodes if isinstance(node, PartialStatement | PartialBlockStatement))
    call = next((node for node in calls if node.name is nodes[-1]), None)
    name = called_name(call.name) if call else None
    if call is None or name is None:
        return None
    code = f"{{{{> {name}}}}}"
    partial = prompt.project.partial(name, prompt)
    if partial is None:
        path = prompt.project.partial_path(name, prompt)
        missing = f"There is no such partial; it would be `{path.name}`." if path else "There is no such partial."
        return Hover(call.name.range, code, "handlebars", (missing,))
    return Hover(call.name.range, code, "handlebars", partial_paragraphs(partial))


def _closing(prompt: Prompt, nodes: Sequence[Node]) -> Hover | None:
    """The helper of a closing tag, which is no use of a name but a person may point at it all the same."""
    name = nodes[-1]
    for block in nodes:
        if isinstance(block, BlockStatement) and block.close is not None and name is block.close.path:
            helper = helpers(prompt).get(called_name(name) or "") if isinstance(name, PathExpression) else None
            return _helper(helper, name.range) if helper else None
    return None


def _in_frontmatter(prompt: Prompt, offset: int) -> Hover | None:
    entries = tuple(_entries_at(prompt, offset))
    if not entries:
        return None
    name, entry = [each.name or "" for each in entries], entries[-1]
    on_key = entry.key.range.contains(offset)
    if name == ["model"] and entry.value.range.contains(offset):
        return _model(prompt, entry)
    if found := _name(prompt, offset):
        return found
    key = _key(name) if on_key else None
    if key is None:
        return None
    words = _paragraphs(key.summary, key.documentation, _bounds(prompt, key) if isinstance(key, ConfigKey) else None)
    return Hover(entry.key.range, key.example or f"{key.name}:", "yaml", words)


def _entries_at(prompt: Prompt, offset: int) -> Iterator[YamlEntry]:
    """The entries that enclose a cursor, outermost first."""
    head = frontmatter(prompt)
    mapping = head.mapping if head else None
    while mapping is not None:
        entry = next((each for each in mapping.entries if each.range.contains(offset)), None)
        if entry is None:
            return
        yield entry
        mapping = entry.value if isinstance(entry.value, YamlMapping) else None


def _key(names: Sequence[str]) -> FrontmatterKey | ConfigKey | None:
    top = FRONTMATTER_KEYS.get(names[0])
    if len(names) == 1 or top is None:
        return top
    if len(names) == 2 and top.name == "config":
        return CONFIG_KEYS.get(names[1])
    return top.child(names[1]) if len(names) == 2 else None


def _bounds(prompt: Prompt, key: ConfigKey) -> str | None:
    from promptls.language.models import vendor

    model = metadata(prompt).model
    bounds = key.bounds_for(vendor(model.value) if model else None)
    return f"Allowed: {bounds}." if bounds else None


def _model(prompt: Prompt, entry: YamlEntry) -> Hover | None:
    scalar = resolve(entry.value)
    if not isinstance(scalar, YamlScalar) or not isinstance(scalar.value, str):
        return None
    model = model_catalogue(prompt).find(scalar.value)
    if model is None:
        return None
    return Hover(entry.value.range, f"model: {scalar.value}", "yaml", model_paragraphs(model))


def _typed(name: str, type: SchemaType | None, optional: bool) -> str:
    return f"{name}{'?' if optional else ''}: {type.label if type else 'any'}"


def _described(type: SchemaType | None) -> str | None:
    return type.description if type else None


def _fields(type: SchemaType | None) -> str | None:
    """The fields of an object, or of the items of a list."""
    inner = type.items if type is not None and type.items is not None else type
    if inner is None or not inner.fields:
        return None
    return "\n".join(
        f"- `{_typed(field.name, field.type, field.optional)}`{f', {field.description}' if field.description else ''}"
        for field in inner.fields
    )


def _shortened(text: str, most: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _paragraphs(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in texts if text)

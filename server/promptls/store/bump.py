"""What changed in meaning from one text of a prompt to another, and the semantic version that this takes.

Major is what may break a program that uses the prompt: it calls the prompt by its name, gives inputs, registers tools,
reads the answer and may rely on the order of the roles. Minor is what such a program may use or notice. Everything else
is a patch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from promptls.language.inputs import inputs
from promptls.language.json_schema import data_of
from promptls.language.messages import Message, messages
from promptls.language.metadata import Metadata, metadata
from promptls.language.picoschema import output_schema
from promptls.language.prompt import Prompt, frontmatter, layout
from promptls.language.resolution import Use
from promptls.language.schema import SchemaType
from promptls.language.scope import scope
from promptls.store.versions import BUMPS, Bump, Difference
from promptls.syntax.yaml_nodes import YamlEntry, YamlScalar, resolve

_DEEPEST = 40


def differences(before: Prompt, after: Prompt) -> tuple[Difference, ...]:
    """What differs, the greatest bumps first; nothing where the texts are equal but for the stated version.

    Of a frontmatter that is not valid YAML nothing is known, so that nothing is compared with it.
    """
    if before.text == after.text:
        return ()
    found: list[Difference] = []
    if is_readable(before) and is_readable(after):
        found += _names(metadata(before), metadata(after))
        found += _inputs(before, after)
        found += _output(before, after)
        found += _messages(before, after)
        found += _tools(metadata(before), metadata(after))
        found += _model(metadata(before), metadata(after))
        found += _config(metadata(before), metadata(after))
        found += _metadata(_data(before), _data(after), {each.aspect for each in found})
    else:
        found.append(Difference("patch", "frontmatter", "the frontmatter cannot be read and was not compared"))
    found += _wording(before, after)
    if not found and not states_only_version(before, after):
        found.append(Difference("patch", "frontmatter", "only layout and comments of the frontmatter changed"))
    return tuple(sorted(found, key=lambda each: BUMPS.index(each.bump), reverse=True))


def is_readable(prompt: Prompt) -> bool:
    """Whether a prompt says for sure what it declares."""
    head = frontmatter(prompt)
    return head is None or (head.error is None and head.close_fence is not None)


def stated_version(prompt: Prompt) -> str | None:
    """The `version` of the frontmatter as it is written, also where YAML takes it for a number."""
    entry = _version_entry(prompt)
    node = resolve(entry.value) if entry else None
    return node.text if isinstance(node, YamlScalar) and node.text else None


def states_only_version(before: Prompt, after: Prompt) -> bool:
    """Whether two texts are the same but for the `version` that they state."""
    return _without_version(before) == _without_version(after)


def _version_entry(prompt: Prompt) -> YamlEntry | None:
    head = frontmatter(prompt)
    return head.mapping.get("version") if head is not None and head.mapping is not None else None


def _without_version(prompt: Prompt) -> str:
    """The text without the line that states the version, and without a frontmatter that holds nothing else."""
    entry = _version_entry(prompt)
    head = frontmatter(prompt)
    if entry is None or head is None or head.mapping is None:
        return prompt.text
    if len(head.mapping.entries) == 1 and not prompt.text[head.yaml_range.start : entry.range.start].strip():
        return prompt.text[head.range.end :]
    source = prompt.source
    line = source.line_at(entry.range.start)
    last = source.line_at(max(entry.range.start, entry.range.end - 1))
    end = source.line_starts[last + 1] if last + 1 < len(source.line_starts) else len(prompt.text)
    return prompt.text[: source.line_starts[line]] + prompt.text[end:]


# The name


def _names(before: Metadata, after: Metadata) -> Iterator[Difference]:
    for key in ("name", "variant"):
        old, new = getattr(before, key), getattr(after, key)
        if (old and old.value) != (new and new.value):
            how = f"is {new.value}" if new else "is gone"
            yield Difference("major", "name", f"the {key} {how}, by which programs find the prompt")


# Inputs


class _Input(NamedTuple):
    required: bool
    type: SchemaType | None = None
    default: Any = None


def _interface(prompt: Prompt) -> dict[str, _Input]:
    """What a caller gives: the declared inputs, and names that the template reads where others are allowed too."""
    declared = {
        name: _Input(
            not each.optional and not each.has_default, each.type, data_of(each.default.value) if each.default else None
        )
        for name, each in inputs(prompt).declarations.items()
    }
    found: dict[str, list[Use]] = {}
    for use in scope(prompt).uses:
        first = use.steps[0] if use.steps and use.kind != "helper" else None
        if first is not None and first.target is None and first.owner.inputs is not None and first.status == "unknown":
            found.setdefault(first.segment.name, []).append(use)
    undeclared = {
        name: _Input(required=not any(each.kind == "condition" for each in uses)) for name, uses in found.items()
    }
    return {**undeclared, **declared}


def _inputs(before: Prompt, after: Prompt) -> Iterator[Difference]:
    old, new = _interface(before), _interface(after)
    for name in [each for each in old if each not in new]:
        yield Difference("major", "input", f"the input {name} is gone")
    for name, given in new.items():
        if name not in old:
            yield _new_input(f"input {name}", given.required)
            continue
        known = old[name]
        if given.required != known.required:
            yield _need(f"input {name}", given.required)
        if known.type is not None and given.type is not None:
            yield from _given(known.type, given.type, f"the input {name}", 0)
        if known.default != given.default and known.default is not None and given.default is not None:
            yield Difference("patch", "input", f"the default of the input {name} changed")
    first, second = inputs(before).schema, inputs(after).schema
    if first is not None and second is not None and first.type.open != second.type.open:
        allowed = second.type.open
        bump: Bump = "minor" if allowed else "major"
        yield Difference(
            bump, "input", f"inputs besides those declared are {'now' if allowed else 'no longer'} allowed"
        )


def _new_input(what: str, required: bool) -> Difference:
    kind = "required" if required else "optional"
    return Difference("major" if required else "minor", "input", f"there is a new {kind} {what}")


def _need(what: str, required: bool) -> Difference:
    return Difference(
        "major" if required else "minor", "input", f"the {what} is {'now' if required else 'no longer'} required"
    )


def _given(before: SchemaType, after: SchemaType, what: str, depth: int) -> Iterator[Difference]:
    """How the type of what a caller gives changed: what takes all that the old one took is minor."""
    if depth > _DEEPEST or _shape(before, nulls=False) == _shape(after, nulls=False):
        return
    if before.type == after.type == "object":
        yield from _fields(before, after, what, depth)
    elif before.type == after.type == "array" and before.items and after.items:
        yield from _given(before.items, after.items, f"each of {what}", depth + 1)
    elif _takes_all(before, after):
        yield Difference("minor", "input", f"{what} takes more: {after.label} instead of {before.label}")
    elif before.type != after.type or before.type in ("enum", "named"):
        yield Difference("major", "input", f"{what} is {after.label} instead of {before.label}")
    else:
        yield Difference("major", "input", f"the schema of {what} changed")


def _fields(before: SchemaType, after: SchemaType, what: str, depth: int) -> Iterator[Difference]:
    for field in before.fields:
        if after.field(field.name) is None:
            yield Difference("major", "input", f"{what} has no {field.name} any more")
    for field in after.fields:
        known = before.field(field.name)
        inner = f"{field.name} of {what}"
        if known is None:
            yield _new_input(f"{field.name} in {what}", not field.optional)
        else:
            if known.optional != field.optional:
                yield _need(inner, not field.optional)
            yield from _given(known.type, field.type, inner, depth + 1)
    if before.open != after.open:
        bump: Bump = "minor" if after.open else "major"
        yield Difference(bump, "input", f"{what} {'may' if after.open else 'may not'} have further fields")


def _takes_all(before: SchemaType, after: SchemaType) -> bool:
    if after.type == "any" or (before.type == "integer" and after.type == "number"):
        return True
    if before.type == "enum":
        texts = all(isinstance(each, str) for each in before.values)
        return (after.type == "string" and texts) or (
            after.type == "enum" and all(each in after.values for each in before.values)
        )
    return False


def _shape(type: SchemaType, *, nulls: bool = True) -> object:
    """A schema without what it says to people; without `nulls`, whether a value may be null does not count either."""
    return type.type, type.name, type.open, _bare(type.json, 0, nulls=nulls)


_FOR_PEOPLE = frozenset({"description", "title", "examples", "$comment"})


def _bare(json: Any, depth: int, *, nulls: bool, names: bool = False) -> Any:
    """JSON Schema as `_shape` wants it; under `names` are properties, which may be called anything."""
    if depth > _DEEPEST:
        return None
    if isinstance(json, dict):
        return {
            key: _bare(_ordered(key, each, nulls) if not names else each, depth + 1, nulls=nulls, names=names_below)
            for key, each in json.items()
            if names or key not in _FOR_PEOPLE
            for names_below in (key == "properties" and not names,)
        }
    return [_bare(each, depth + 1, nulls=nulls) for each in json] if isinstance(json, list) else json


def _ordered(key: str, value: Any, nulls: bool) -> Any:
    """The value of a keyword in a form that is equal for equal meanings."""
    if not isinstance(value, list):
        return value
    if key == "required":
        return sorted(map(str, value))
    if key in ("type", "enum") and not nulls:
        rest = [each for each in value if each not in (None, "null")]
        return rest[0] if key == "type" and len(rest) == 1 else rest
    return value


# The answer


def _output(before: Prompt, after: Prompt) -> Iterator[Difference]:
    old, new = metadata(before).output_format, metadata(after).output_format
    if (old and old.value) != (new and new.value):
        yield Difference("major", "output", f"the answer's format is {_said(new)} instead of {_said(old)}")
    first, second = output_schema(before), output_schema(after)
    if first is None and second is None:
        return
    if first is None or second is None:
        yield Difference(
            "major", "output", f"the answer has {'a' if second else 'no'} schema {'now' if second else 'any more'}"
        )
    elif _shape(first.type) != _shape(second.type):
        yield Difference(
            "major", "output", f"the schema of the answer changed{_changed_fields(first.type, second.type)}"
        )


def _changed_fields(before: SchemaType, after: SchemaType) -> str:
    old, new = ({each.name: each for each in type.fields} for type in (before, after))
    parts = [f"without {name}" for name in old if name not in new]
    parts += [f"with {name}" for name in new if name not in old]
    for name in new.keys() & old.keys():
        if old[name].optional != new[name].optional:
            parts.append(f"{name} is {'optional' if new[name].optional else 'required'}")
        elif _shape(old[name].type) != _shape(new[name].type):
            was, now = old[name].type.label, new[name].type.label
            parts.append(f"{name} is {now} instead of {was}" if was != now else f"{name} is another {now}")
    return f": {', '.join(parts)}" if parts else ""


def _said(located: Any) -> str:
    return located.value if located is not None else "unset"


# The conversation


def _messages(before: Prompt, after: Prompt) -> Iterator[Difference]:
    old, new = [_role(each) for each in _sent(before)], [_role(each) for each in _sent(after)]
    if old == new:
        return
    if _is_within(old, new):
        for role in _more(old, new):
            yield Difference("minor", "messages", f"there is a new message: {role}")
    elif _is_within(new, old):
        for role in _more(new, old):
            yield Difference("major", "messages", f"a message is gone: {role}")
    else:
        yield Difference("major", "messages", f"the roles are {', '.join(new)} instead of {', '.join(old)}")


def _sent(prompt: Prompt) -> list[Message]:
    return [each for each in messages(prompt) if each.origin == "history" or not each.is_empty]


def _role(message: Message) -> str:
    return "history" if message.origin == "history" else message.role or "a computed role"


def _is_within(few: Sequence[str], many: Sequence[str]) -> bool:
    """Whether a sequence is another one with some left out."""
    rest = iter(many)
    return all(each in rest for each in few)


def _more(few: Sequence[str], many: Sequence[str]) -> list[str]:
    rest, more = list(few), []
    for each in many:
        if rest and rest[0] == each:
            del rest[0]
        else:
            more.append(each)
    return more


# What runs it


def _tools(before: Metadata, after: Metadata) -> Iterator[Difference]:
    old, new = {each.value for each in before.tools}, {each.value for each in after.tools}
    for name in sorted(new - old):
        yield Difference("major", "tools", f"it needs the tool {name}, which its host must have")
    for name in sorted(old - new):
        yield Difference("minor", "tools", f"it no longer uses the tool {name}")
    if [data_of(each) for each in before.tool_definitions] != [data_of(each) for each in after.tool_definitions]:
        yield Difference("major", "tools", "the tools that it defines changed")


def _model(before: Metadata, after: Metadata) -> Iterator[Difference]:
    if (before.model and before.model.value) != (after.model and after.model.value):
        yield Difference("minor", "model", f"the model is {_said(after.model)} instead of {_said(before.model)}")


def _config(before: Metadata, after: Metadata) -> Iterator[Difference]:
    old, new = ({each.name: data_of(each.node) for each in of.config} for of in (before, after))
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield Difference("patch", "config", f"{name} is no longer set (it was {old[name]})")
        elif name not in old:
            yield Difference("patch", "config", f"{name} is set to {new[name]}")
        elif old[name] != new[name]:
            yield Difference("patch", "config", f"{name} is {new[name]} instead of {old[name]}")


_COMPARED = frozenset({"name", "variant", "version", "input", "output", "tools", "toolDefs", "model", "config"})


def _metadata(old: Mapping[str, Any], new: Mapping[str, Any], told: Collection[str]) -> Iterator[Difference]:
    """Descriptions, tags and whatever else only people and other programs read."""
    for name in dict.fromkeys((*old, *new)):
        if name not in _COMPARED and old.get(name) != new.get(name):
            how = "is new" if name not in old else "is gone" if name not in new else "changed"
            yield Difference("patch", "metadata", f"{name} {how}")
    for key in ("input", "output"):
        if key not in told and old.get(key) != new.get(key):
            yield Difference("patch", "metadata", f"the {key} is declared in other words")


def _data(prompt: Prompt) -> Mapping[str, Any]:
    head = frontmatter(prompt)
    found = data_of(head.mapping) if head is not None else None
    return found if isinstance(found, dict) else {}


# The text


def _wording(before: Prompt, after: Prompt) -> Iterator[Difference]:
    old, new = (each.text[slice(*layout(each).template_range)] for each in (before, after))
    if old == new:
        return
    if old.split() == new.split():
        yield Difference("patch", "wording", "only the layout of the text changed")
        return
    lines, others = Counter(old.splitlines()), Counter(new.splitlines())
    yield Difference(
        "patch", "wording", f"the text changed (+{(others - lines).total()} -{(lines - others).total()} lines)"
    )

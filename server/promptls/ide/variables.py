"""The variables of one prompt, with every place that names them: in its frontmatter, its template and its partials."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from promptls.language.files import identity
from promptls.language.inputs import Declaration
from promptls.language.json_schema import inner_range
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.language.resolution import PartialCall, Step, Use
from promptls.language.schema import Field, Schema, SchemaType
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.values import Argument, BlockParameter
from promptls.syntax.handlebars.nodes import BlockStatement, PartialBlockStatement, PartialStatement, Tag
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence, resolve, walk

SlotKind = Literal["input", "field", "parameter", "argument", "foreign"]
MentionKind = Literal["declaration", "default", "argument", "use"]
DataPath = tuple[str | None, ...]
Place = tuple[object, int]

_REQUIRING = ("properties", "required")


class Slot(NamedTuple):
    """What tells one variable of a prompt from another; `foreign` are the fields of schemas that the settings hold."""

    kind: SlotKind
    name: str
    key: object = None


class Mention(NamedTuple):
    """A place in `text` that names a variable, `range` being the bare name; `slot` is None where it may be any."""

    text: Prompt
    range: Range
    slot: Slot | None
    kind: MentionKind
    use: Use | None = None
    step: Step | None = None

    @property
    def place(self) -> Place:
        return place(self.text, self.range)


def place(prompt: Prompt, range: Range) -> Place:
    """What tells a name in one file from all others, in whichever prompt's view."""
    return identity(prompt), range.start


@dataclass(slots=True)
class Fields:
    """What the input schema says of a field or input.

    `paths` lead to it in the data (None is any item). `siblings` are the names with it; `is_repeated` says that its own
    is there more than once. `owners` are the ids of the types that have it, `holders` of those that do at any depth.
    """

    paths: list[DataPath] = field(default_factory=list)
    siblings: set[str] = field(default_factory=set)
    is_repeated: bool = False
    owners: set[int] = field(default_factory=set)
    holders: set[int] = field(default_factory=set)
    declared: Field | None = None


class Variables:
    """The variables of a prompt. Those of its partials are there as this prompt has them."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.fields: dict[Slot, Fields] = defaultdict(Fields)
        self.fed: dict[Slot, set[Slot]] = defaultdict(set)
        """The partials' arguments to which a variable is given, by that variable."""
        self.given: dict[tuple[object, str], list[Mention]] = defaultdict(list)
        """The named arguments in calls, by the partial that is called and their name."""
        self.receivers: dict[Slot, Prompt] = {}
        """The partials that are called with an argument."""
        self.calls: list[tuple[Prompt, PartialCall]] = []
        """Every call of a partial with the prompt in which it stands, also those inside partials."""
        self.uses: list[Use] = []
        self._slots: dict[int, Slot] = {}
        self._arguments: dict[int, Slot] = {}
        self._read_calls()
        self._read_types()
        self.mentions = tuple(self._mentions())
        self.by_slot: dict[Slot, list[Mention]] = defaultdict(list)
        self._in_partials: dict[Place, list[Mention]] = defaultdict(list)
        for mention in self.mentions:
            if mention.slot is not None:
                self.by_slot[mention.slot].append(mention)
            if mention.text is not prompt:
                self._in_partials[mention.place].append(mention)

    def seen(self, mention: Mention) -> Sequence[Mention]:
        """What a place that any prompt mentions is in this one: several things where a partial is called for each."""
        if mention.text is not self.prompt and identity(mention.text) != identity(self.prompt):
            return self._in_partials.get(mention.place, ())
        own = self.at(mention.range.start)
        return (own,) if own is not None else ()

    def at(self, offset: int) -> Mention | None:
        """The variable that a cursor in the prompt's own text touches."""
        starts, own = self._own
        index = bisect_right(starts, offset) - 1
        return own[index] if index >= 0 and own[index].range.contains(offset) else None

    @cached_property
    def _own(self) -> tuple[list[int], list[Mention]]:
        own = sorted((each for each in self.mentions if each.text is self.prompt), key=lambda each: each.range)
        return [each.range.start for each in own], own

    def slot_of(self, target: object) -> Slot | None:
        """The slot of an input, field or argument that this prompt's scope knows."""
        if isinstance(target, Declaration):
            return Slot("input", target.name)
        if isinstance(target, Argument):
            return self._arguments.get(id(target.pair))
        return self._slots.get(id(target))

    def _read_calls(self) -> None:
        resolved = scope(self.prompt)
        self.uses += resolved.uses
        pending = [(self.prompt, call) for call in reversed(resolved.calls)]
        while pending:
            text, call = pending.pop()
            self.calls.append((text, call))
            self.uses += call.uses
            for pair in tag_of(call.node).hash:
                self._arguments[id(pair)] = Slot("argument", pair.key, (identity(text), pair.key_range.start))
            if call.prompt is not None:
                pending += [(call.prompt, each) for each in reversed(call.calls)]

    def _read_types(self) -> None:
        """Find every field that the inputs have."""
        schema = scope(self.prompt).inputs.schema
        origin: DataPath | None = (schema.type.name,) if schema is not None and schema.type.name else None
        names = [each.name for each in schema.type.fields] if schema is not None else []
        pending: list[tuple[SchemaType, DataPath, DataPath | None, frozenset[int]]] = []
        for declaration in scope(self.prompt).declarations:
            slot = Slot("input", declaration.name)
            self.fields[slot].paths.append((declaration.name,))
            self.fields[slot].siblings.update(names)
            self.fields[slot].is_repeated = names.count(declaration.name) > 1
            if declaration.type is not None and declaration.source == "schema":
                inside = (*origin, declaration.name) if origin else None
                pending.append((declaration.type, (declaration.name,), inside, frozenset()))
        seen: set[int] = set()
        while pending:
            type, path, origin, outer = pending.pop()
            if id(type) in seen:
                continue
            seen.add(id(type))
            origin = (type.name,) if type.name is not None else origin
            holders = outer | {id(type)}
            below = (*origin, None) if origin else None
            pending += [(each, (*path, None), below, holders) for each in (type.items, type.additional) if each]
            for each in type.fields:
                inside = (*origin, each.name) if origin else None
                slot = Slot("foreign", each.name, inside) if inside else Slot("field", each.name, each.name_range)
                self._slots[id(each)] = slot
                known = self.fields[slot]
                known.declared = each
                known.paths.append((*path, each.name))
                beside = [other.name for other in type.fields]
                known.siblings.update(beside)
                known.is_repeated |= beside.count(each.name) > 1
                known.owners.add(id(type))
                known.holders |= holders
                pending.append((each.type, (*path, each.name), inside, holders))

    def _mentions(self) -> Iterator[Mention]:
        yield from self._declarations()
        for parameter in scope(self.prompt).parameters:
            yield Mention(self.prompt, parameter.node.range, self._parameter(self.prompt, parameter), "declaration")
        given: dict[int, Slot] = {}
        for text, call in self.calls:
            for pair in tag_of(call.node).hash:
                slot = self._arguments[id(pair)]
                given[id(pair.value)] = slot
                mention = Mention(text, unbracketed(text, pair.key_range), slot, "argument")
                if call.prompt is not None:
                    self.given[identity(call.prompt), pair.key].append(mention)
                    self.receivers[slot] = call.prompt
                yield mention
        for use in self.uses:
            if use.kind == "helper":
                continue
            meant: Slot | None = None
            for step in use.steps:
                meant = self._slot(use, step)
                if meant is not None or step.target is None:
                    range = unbracketed(use.prompt, step.segment.range)
                    yield Mention(use.prompt, range, meant, "use", use, step)
                    if to_closing := _closings(use.prompt).get(use.range.start):
                        closing = Range(range.start + to_closing, range.end + to_closing)
                        yield Mention(use.prompt, closing, meant, "use", use, step)
            if meant is not None and id(use.path) in given:
                self.fed[meant].add(given[id(use.path)])

    def _slot(self, use: Use, step: Step) -> Slot | None:
        if isinstance(step.target, BlockParameter):
            return self._parameter(use.prompt, step.target)
        if step.target is not None:
            return self.slot_of(step.target)
        if step.owner.inputs is not None:
            # Nothing declares it, but the host may give it all the same.
            return Slot("input", step.segment.name)
        return None

    def _parameter(self, text: Prompt, parameter: BlockParameter) -> Slot:
        return Slot("parameter", parameter.name, (identity(text), parameter.node.range.start))

    def _declarations(self) -> Iterator[Mention]:
        schema = scope(self.prompt).inputs.schema
        required = _required(self.prompt, schema)
        named = schema is not None and schema.type.name is not None
        defaults: dict[str, YamlNode] = {}
        for declaration in scope(self.prompt).declarations:
            slot = Slot("input", declaration.name)
            if declaration.field is not None and not named:
                yield Mention(self.prompt, declaration.range, slot, "declaration")
                for other in required.get(declaration.field.key_range, ()):
                    yield Mention(self.prompt, inner_range(other), slot, "declaration")
            if declaration.default is not None:
                defaults[declaration.name] = declaration.default.value
                key = declaration.default.key
                kind: MentionKind = "default" if declaration.source == "schema" else "declaration"
                if isinstance(key, YamlScalar):
                    yield Mention(self.prompt, inner_range(key), slot, kind)
        for slot, known in self.fields.items():
            if slot.kind == "field" and known.declared is not None:
                yield Mention(self.prompt, known.declared.name_range, slot, "declaration")
                for other in required.get(known.declared.key_range, ()):
                    yield Mention(self.prompt, inner_range(other), slot, "declaration")
            if slot.kind in ("field", "foreign"):
                for path in known.paths:
                    if path[0] in defaults:
                        for entry in keys_at(defaults[path[0]], path[1:]):
                            yield Mention(self.prompt, inner_range(entry), slot, "default")


@facet
def variables(prompt: Prompt) -> Variables:
    """The variables of a prompt, following the partials that it calls."""
    return Variables(prompt)


def unbracketed(text: Prompt, range: Range) -> Range:
    """A name's range without the brackets around it."""
    written = text.text[range.start : range.end]
    return Range(range.start + 1, range.end - 1) if written[:1] == "[" and written[-1:] == "]" else range


def keys_at(node: YamlNode, path: Sequence[str | None]) -> Iterator[YamlScalar]:
    """The keys of data to which a path leads; None in it stands for any item of a list or value of a mapping."""
    found = [node]
    for step in path[:-1]:
        found = [inner for each in found for inner in _below(resolve(each), step)]
    for each in found:
        mapping = resolve(each)
        for entry in mapping.entries if isinstance(mapping, YamlMapping) else ():
            if entry.name == path[-1] and isinstance(entry.key, YamlScalar):
                yield entry.key


def _below(node: YamlNode, step: str | None) -> Iterable[YamlNode]:
    if isinstance(node, YamlMapping):
        return [entry.value for entry in node.entries if step is None or entry.name == step]
    return node.items if isinstance(node, YamlSequence) and step is None else ()


def _required(prompt: Prompt, schema: Schema | None) -> dict[Range, list[YamlScalar]]:
    """The entries of JSON Schema's `required`, by the range of the key of the property that they name."""
    node = metadata(prompt).input_schema
    found: dict[Range, list[YamlScalar]] = defaultdict(list)
    if node is None or schema is None or schema.form != "json-schema":
        return found
    for each in walk(resolve(node)):
        if not isinstance(each, YamlMapping):
            continue
        properties, required = (resolve(entry.value) if entry else None for entry in map(each.get, _REQUIRING))
        if isinstance(properties, YamlMapping) and isinstance(required, YamlSequence):
            for item in required.items:
                if isinstance(item, YamlScalar) and (entry := properties.get(item.text)):
                    found[entry.key.range].append(item)
    return found


@facet
def _closings(prompt: Prompt) -> dict[int, int]:
    """From where the name of a section (`{{#name}}`) starts, the distance to the same name in its closing tag."""
    found = {}
    for block in tree(prompt).of(BlockStatement):
        if block.close is not None:
            opening, closing = block.open.path.range, block.close.path.range
            if prompt.text[opening.start : opening.end] == prompt.text[closing.start : closing.end]:
                found[opening.start] = closing.start - opening.start
    return found


def tag_of(node: PartialStatement | PartialBlockStatement) -> Tag:
    """The tag that calls a partial."""
    return node.tag if isinstance(node, PartialStatement) else node.open

"""The scope of a prompt: which names it declares, what each name in it means, and which can be written where."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from promptls.language.helpers import DATA_VARIABLES
from promptls.language.inputs import Declaration, inputs
from promptls.language.prompt import Prompt, facet
from promptls.language.resolution import Context, Frame, Use, resolve_path
from promptls.language.schema import SchemaType
from promptls.language.uses import Found, find_uses
from promptls.language.values import Target, Value
from promptls.syntax.handlebars.nodes import PathExpression
from promptls.syntax.source import Range


class Occurrence(NamedTuple):
    """A place that names something; `use` is None where it is declared."""

    range: Range
    target: Target
    use: Use | None


class VisibleName(NamedTuple):
    """A name as it can be written at some place."""

    name: str
    target: Target
    type: SchemaType | None


class Scope:
    """Every name of a prompt, resolved."""

    def __init__(self, prompt: Prompt, found: Found) -> None:
        self.inputs = inputs(prompt)
        self.frames = tuple(sorted(found.frames, key=lambda each: (each.range.start, -each.range.end)))
        self.uses = tuple(sorted(found.uses, key=lambda use: use.range))
        self.calls = tuple(sorted(found.calls, key=lambda call: call.node.range))
        self.parameters = tuple(sorted(found.parameters, key=lambda each: each.node.range))
        self.everything_used = found.everything_used
        """Whether any input may be used: the whole input is printed or passed on, or a partial's text is not known."""

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """The inputs, in source order of their schema and then of their defaults."""
        return tuple(self.inputs.declarations.values())

    @cached_property
    def used(self) -> frozenset[Target]:
        """Everything that some path means or may mean, in this file and in the partials that it calls."""
        found: set[Target] = set()
        for use in (*self.uses, *(each for call in self.calls for each in call.all_uses())):
            found.update(step.target for step in use.steps if step.target is not None)
            if use.meant is not None:
                found.add(use.meant)
        return frozenset(found)

    def frame_at(self, offset: int) -> Frame:
        """The innermost frame around a cursor."""
        index = bisect_right(self._frame_starts, offset) - 1
        frame: Frame | None = self.frames[max(index, 0)]
        while frame is not None and frame.parent is not None and offset > frame.range.end:
            frame = frame.parent
        return frame or self.frames[0]

    @cached_property
    def _frame_starts(self) -> list[int]:
        return [frame.range.start for frame in self.frames]

    def at(self, offset: int) -> Occurrence | None:
        """The name that a cursor touches, with what it means."""
        occurrences = self._occurrences
        index = bisect_right(self._occurrence_starts, offset) - 1
        if index >= 0 and occurrences[index].range.contains(offset):
            return occurrences[index]
        return None

    def references(self, target: Target) -> tuple[Range, ...]:
        """Every place in this file that declares or names `target`, in source order."""
        return tuple(each.range for each in self._occurrences if each.target is target)

    @cached_property
    def _occurrences(self) -> tuple[Occurrence, ...]:
        found = list(self._definitions())
        for use in self.uses:
            found.extend(Occurrence(step.segment.range, step.target, use) for step in use.steps if step.target)
        return tuple(sorted(found, key=lambda each: each.range))

    @cached_property
    def _occurrence_starts(self) -> list[int]:
        return [each.range.start for each in self._occurrences]

    def _definitions(self) -> Iterator[Occurrence]:
        schema = self.inputs.schema
        named = schema is not None and schema.type.name is not None
        pending: list[SchemaType] = []
        for declaration in self.declarations:
            if named and declaration.source == "schema":
                continue
            yield Occurrence(declaration.range, declaration, None)
            if declaration.source == "schema" and declaration.default is not None:
                yield Occurrence(declaration.default.key.range, declaration, None)
            if declaration.type is not None:
                pending.append(declaration.type)
        seen: set[int] = set()
        while pending:
            type = pending.pop()
            if id(type) in seen or type.name is not None:
                # What the host declares has no place in this file.
                continue
            seen.add(id(type))
            pending.extend(each for each in (type.items, type.additional) if each is not None)
            for each in type.fields:
                yield Occurrence(each.name_range, each, None)
                pending.append(each.type)
        for parameter in self.parameters:
            yield Occurrence(parameter.node.range, parameter, None)

    def visible(self, offset: int) -> tuple[VisibleName, ...]:
        """The names that can be written at a cursor, nearest first: block parameters, fields, outer ones, `@` data."""
        frame = self.frame_at(offset)
        names = {name: VisibleName(name, each, each.value.type) for name, each in frame.parameters.items()}
        context: Context | None = frame.context
        prefix = ""
        while context is not None:
            for name, target, type in context.value.members():
                # A parameter of the same name hides the plain name; `this.name` still reaches the field.
                written = f"this.{name}" if not prefix and name in frame.parameters else prefix + name
                names.setdefault(written, VisibleName(written, target, type))
            prefix += "../"
            context = context.parent
        for variable in DATA_VARIABLES.values():
            if frame.loops or "each" not in variable.inside:
                names[f"@{variable.name}"] = VisibleName(f"@{variable.name}", variable, None)
        return tuple(names.values())

    def value_at(self, path: PathExpression, offset: int) -> Value:
        """What a path would mean at a cursor: its value, for the completion of its members."""
        return resolve_path(path, self.frame_at(offset), self.root.value).value

    @property
    def root(self) -> Context:
        """The context of the template's top level: the prompt's input."""
        return self.frames[0].context


@facet
def scope(prompt: Prompt) -> Scope:
    """Every name of a prompt, resolved, following the partials that it calls."""
    return Scope(prompt, find_uses(prompt))

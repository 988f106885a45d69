"""The names that a template takes from its caller: those that it declares, and those that it uses all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from promptls.language.inputs import Declaration
from promptls.language.prompt import Prompt
from promptls.language.resolution import Context, Use
from promptls.language.schema import SchemaType, TypeName
from promptls.language.scope import Scope, scope


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name that a caller can give a value. An undeclared one has the `type` that its uses suggest."""

    name: str
    type: str
    optional: bool
    description: str | None = None
    schema: SchemaType | None = None
    declared: bool = True


@dataclass(frozen=True, slots=True)
class UndeclaredName:
    """A name that a template looks up on its input although nothing declares it."""

    name: str
    type: TypeName
    guarded: bool


def parameters(partial: Prompt) -> tuple[Parameter, ...]:
    """What a partial takes, declared inputs first; an input with a default is optional."""
    declared = map(_declared, scope(partial).declarations)
    used = (Parameter(each.name, each.type, each.guarded, declared=False) for each in undeclared_names(partial))
    return (*declared, *used)


def _declared(each: Declaration) -> Parameter:
    label = each.type.label if each.type else "any"
    return Parameter(each.name, label, each.optional or each.has_default, each.description, each.type)


def undeclared_names(prompt: Prompt, besides: int | None = None) -> tuple[UndeclaredName, ...]:
    """The undeclared names of a template and its partials, in order of first use.

    What a cursor at `besides` touches is left out: it is still being typed.
    """
    found: dict[str, UndeclaredName] = {}
    resolved = scope(prompt)
    sources = {id(frame.context.source): frame.context.kind for frame in resolved.frames if frame.context.source}
    for use in _uses(resolved):
        name = _name_on_input(use)
        if name is None or (besides is not None and use.prompt is prompt and use.range.contains(besides)):
            continue
        type = _suggested_type(use, sources)
        guarded = use.guarded or use.kind == "condition"
        known = found.setdefault(name, UndeclaredName(name, type, guarded))
        if _TELLING[type] > _TELLING[known.type]:
            found[name] = replace(known, type=type)
    return tuple(found.values())


def _uses(resolved: Scope) -> Iterator[Use]:
    yield from resolved.uses
    for call in resolved.calls:
        yield from call.all_uses()


def _name_on_input(use: Use) -> str | None:
    """The name that a use looks up on the prompt's input, if nothing declares it."""
    if use.kind == "helper" or use.path.data or not use.steps or use.steps[0].target is not None:
        return None
    context: Context | None = use.frame.context
    for _ in range(use.path.depth):
        context = context.parent if context is not None else None
    if context is None or context.kind == "unsure" or context.value.inputs is None:
        return None
    return use.steps[0].segment.name


_TELLING: Mapping[TypeName, int] = {"boolean": 0, "string": 1, "object": 2, "array": 2}
"""How much each suggestion says: a value that is tested may be anything, one that is printed hardly a list."""


def _suggested_type(use: Use, sources: Mapping[int, str]) -> TypeName:
    entered = sources.get(id(use.path))
    if entered == "each":
        return "array"
    if entered is not None or len(use.steps) > 1:
        return "object"
    return "boolean" if use.kind == "condition" else "string"

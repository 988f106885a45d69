"""Where the names of a stretch of template are looked up, seen from a context around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from promptls.language.prompt import Prompt
from promptls.language.resolution import Context, Frame, Use
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.values import BlockParameter
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement, PathExpression, Tag
from promptls.syntax.source import Range

_PLAIN_NAME = re.compile(r"[^\W\d][\w-]*")

Where = Literal["data", "parameter", "inside", "member", "whole", "beyond", "unknown"]


_UNKNOWN_LEVEL = -1


class Standing(NamedTuple):
    """What a path looks at: an `@` variable, a block parameter, something inside the stretch, a member of the context
    or all of it, or what lies `beyond` that context; `level` counts the contexts between, and is negative if unknown.
    """

    where: Where
    level: int = 0


def standing(use: Use, context: Context) -> Standing:
    """How a use stands to a context around it."""
    path = use.path
    if path.data:
        return Standing("data")
    level = levels(use.frame, context)
    if use.steps and isinstance(use.steps[0].target, BlockParameter) and not path.is_scoped:
        return Standing("parameter", _UNKNOWN_LEVEL if level is None else level)
    if level is None:
        # What a block runs on is known to be inside of it, even where nobody knows how far.
        return Standing("unknown" if path.depth or use.frame.context.kind == "unsure" else "inside")
    if path.depth < level:
        return Standing("inside", level)
    if path.depth > level:
        return Standing("beyond", level)
    return Standing("member" if path.parts else "whole", level)


def call_tag(call: PartialStatement | PartialBlockStatement) -> Tag:
    """The tag that calls a partial."""
    return call.tag if isinstance(call, PartialStatement) else call.open


def levels(frame: Frame, outer: Context) -> int | None:
    """How many `../` lead from a frame to a context around it, or None where that depends on the data.

    Handlebars does not count a context that equals the one around it, as two texts may.
    """
    contexts: list[Context] = []
    context: Context | None = frame.context
    while context is not None and context is not outer:
        contexts.append(context)
        context = context.parent
    if context is None or any(each.kind == "unsure" for each in contexts):
        return None
    if any(not is_object(each) and not is_object(around) for each, around in pairwise(contexts)):
        return None
    return len(contexts)


def is_object(context: Context) -> bool:
    """Whether a context is surely an object, which equals no other."""
    return context.value.type is not None and context.value.type.type == "object"


def uses_in(prompt: Prompt, range: Range) -> Iterator[Use]:
    """The paths in a range of a prompt's own template, helpers left out."""
    for use in scope(prompt).uses:
        if use.kind != "helper" and range.encloses(use.range):
            yield use


def bare_calls(prompt: Prompt, range: Range) -> Iterator[PartialStatement | PartialBlockStatement]:
    """The calls of partials in a range that hand on the whole context."""
    calls: list[PartialStatement | PartialBlockStatement] = [*tree(prompt).of(PartialStatement)]
    calls += tree(prompt).of(PartialBlockStatement)
    for call in calls:
        if range.encloses(call.range) and not call_tag(call).params:
            yield call


def written(prompt: Prompt, path: PathExpression) -> str:
    """A path as text that can stand anywhere: a name that is written as a string goes into brackets."""
    text = prompt.text[path.range.start : path.range.end]
    return segment_text(path.parts[0]) if text[:1] in ("'", '"') else text


def segment_text(name: str) -> str:
    """A name as a part of a path."""
    return (
        name
        if _PLAIN_NAME.fullmatch(name) and name not in ("this", "true", "false", "null", "undefined")
        else f"[{name}]"
    )


def outwards(path: str, level: int) -> str:
    """A path as it reads `level` contexts further inside."""
    if level == 0:
        return path
    for this in ("this.", "this/", "./"):
        path = path.removeprefix(this)
    if path in ("this", ".", ".."):
        return "/".join([".."] * (level + (path == "..")))
    return "../" * level + path


def fresh(name: str, taken: set[str]) -> str:
    """A name like this one that is not taken."""
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}{number}", number + 1
    return candidate

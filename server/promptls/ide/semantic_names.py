"""What the names in a template's tags are."""

from __future__ import annotations

from collections.abc import Mapping

from promptls.ide.semantic_legend import KEYWORD, PARAMETER, PROPERTY, VARIABLE, Meaning
from promptls.language.helpers import DataVariable, Helper, helpers
from promptls.language.inputs import Declaration
from promptls.language.prompt import Prompt
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.language.values import Argument, BlockParameter, Target
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    Expression,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
)

_UNKNOWN_HELPER = Meaning("function")
_BUILT_IN_HELPER = Meaning("function", ("defaultLibrary",))
_MISUSED_HELPER = Meaning("function", ("deprecated", "defaultLibrary"))
_MACRO = Meaning("macro")
_MACRO_DECLARATION = Meaning("macro", ("declaration",))
_DATA = Meaning("variable", ("readonly", "defaultLibrary"))


def template_names(prompt: Prompt) -> Mapping[int, Meaning]:
    """The meaning of names by the offset at which their tokens begin; without those of which nothing is known."""
    found: dict[int, Meaning] = {}
    for use in scope(prompt).uses:
        if use.path.data:
            found[use.path.part_segments[0].range.start] = _DATA
        elif use.kind == "helper":
            segment = use.steps[0].segment
            found[segment.range.start] = _helper(use.steps[0].target)
        else:
            for step in use.steps:
                if step.target is not None:
                    found[step.segment.range.start] = _target(step.target)
    _blocks(prompt, found)
    for partial in tree(prompt).of(PartialStatement):
        _name(partial.name, _MACRO, found)
    for block in tree(prompt).of(PartialBlockStatement):
        for tag in filter(None, (block.open, block.close)):
            _name(tag.path, _MACRO, found)
    return found


def _target(target: Target) -> Meaning:
    match target:
        case BlockParameter() | Argument():
            return PARAMETER
        case Declaration():
            return VARIABLE
        case DataVariable():
            return _DATA
        case Helper():
            return _helper(target)
        case _:
            return PROPERTY


def _helper(target: Target | None) -> Meaning:
    if not isinstance(target, Helper) or target.origin == "settings":
        return _UNKNOWN_HELPER
    return KEYWORD if target.form == "block" else _BUILT_IN_HELPER


def _blocks(prompt: Prompt, found: dict[int, Meaning]) -> None:
    """Helpers that are no blocks and are called as such, inline partials, and the ends of blocks."""
    known = helpers(prompt)
    for block in tree(prompt).of(BlockStatement):
        name = called_name(block.open.path)
        helper = known.get(name) if name is not None else None
        if block.decorator:
            _name(block.open.path, KEYWORD, found)
            if name == "inline" and block.open.params:
                _name(block.open.params[0], _MACRO_DECLARATION, found)
        elif helper is not None and helper.form == "inline" and helper.origin != "settings":
            _name(block.open.path, _MISUSED_HELPER, found)
        opened = found.get(block.open.path.range.start)
        if block.close is not None and opened is not None:
            _name(block.close.path, opened, found)


def _name(name: Expression, meaning: Meaning, found: dict[int, Meaning]) -> None:
    """Give all of a name one meaning: `dir/card` is one partial."""
    if isinstance(name, PathExpression):
        for segment in name.segments:
            found[segment.range.start] = meaning
    else:
        found[name.range.start] = meaning

"""Signature help: what the call around a cursor takes, and which argument is being typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from promptls.ide.tag_cursor import PARTIAL_KINDS, Call, TagCursor, tag_at, takes_tags
from promptls.language.helpers import Helper, helpers
from promptls.language.metadata import metadata
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range

SIGNATURE_TRIGGERS = (" ", "(", "=", '"', "|")
"""After these characters an editor should ask."""


@dataclass(frozen=True, slots=True)
class SignatureParameter:
    """One argument: `range` is where it stands in the label of its signature."""

    range: Range
    documentation: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A call as a template writes it, with the index of the argument at the cursor if it is one of them."""

    label: str
    documentation: str
    parameters: tuple[SignatureParameter, ...]
    active: int | None


def signature_help(prompt: Prompt, offset: int) -> Signature | None:
    """The innermost call around a cursor that is known; None outside of calls and on their names."""
    if not takes_tags(prompt):
        return None
    cursor = tag_at(prompt, offset)
    if cursor is None or cursor.kind == "OPEN_ENDBLOCK":
        return None
    for depth in range(len(cursor.calls) - 1, -1, -1):
        call = cursor.calls[depth]
        if call.name_range is None:
            continue
        is_innermost = depth == len(cursor.calls) - 1
        typed = prompt.text[slice(*cursor.word)] if is_innermost and cursor.quote is None else ""
        if depth == 0 and cursor.kind in PARTIAL_KINDS:
            found = _of_partial(prompt, cursor, call, typed)
        else:
            helper = helpers(prompt).get(call.name or "")
            found = _of_helper(cursor, call, helper, typed) if helper and helper.origin != "settings" else None
        if found is not None:
            return found
    return None


class _Argument(NamedTuple):
    """One argument to show: its name if it is a named one, and how the label writes it."""

    name: str | None
    shown: str
    documentation: str


def _of_helper(cursor: TagCursor, call: Call, helper: Helper, typed: str) -> Signature | None:
    arguments = [
        *(
            _Argument(None, f"[{each.name}]" if each.optional else each.name, each.documentation)
            for each in helper.parameters
        ),
        *(
            _Argument(each.name, f"[{each.name}=…]" if each.optional else f"{each.name}=…", each.documentation)
            for each in helper.hash
        ),
    ]
    names = "|item index|" if helper.block_params > 1 else "|name|"
    if helper.block_params and call is cursor.calls[0]:
        arguments.append(_Argument(None, f"[as {names}]", "Names for what the block hands to its content."))
    if not arguments:
        return None
    active = _active(call, arguments, len(helper.parameters), typed, variadic=helper.variadic)
    if cursor.position == "block-parameter" and call is cursor.calls[0]:
        active = len(arguments) - 1
    inner = call is not cursor.calls[0]
    opening, closing = ("(", ")") if inner else ("{{#" if helper.form == "block" else "{{", "}}")
    documentation = "\n\n".join(filter(None, (helper.summary, helper.documentation)))
    return _signature(opening + helper.name, arguments, closing, documentation, active)


def _shown(text: str, optional: bool) -> str:
    return f"[{text}]" if optional else text


def _of_partial(prompt: Prompt, cursor: TagCursor, call: Call, typed: str) -> Signature | None:
    partial = prompt.project.partial(call.name, prompt) if call.name else None
    if partial is None:
        return None
    taken = parameters(partial)
    if not taken:
        return None
    arguments = [
        _Argument(
            each.name,
            _shown(f"{each.name}={each.type}", each.optional),
            each.description or ("" if each.declared else "Used without being declared."),
        )
        for each in taken
    ]
    about = metadata(partial).description
    active = _active(call, arguments, 0, typed, variadic=False)
    opening = "{{#> " if cursor.kind == "OPEN_PARTIAL_BLOCK" else "{{> "
    return _signature(f"{opening}{call.name}", arguments, "}}", about.value if about else "", active)


def _active(call: Call, arguments: Iterable[_Argument], positional: int, typed: str, *, variadic: bool) -> int | None:
    """The index of the argument at the cursor: by name, by position, or else the first named one that is missing."""
    listed = list(arguments)
    names = [each.name for each in listed]
    if call.key is not None:
        return names.index(call.key) if call.key in names else None
    index = len(call.arguments)
    if not call.named and (index < positional or variadic):
        return min(index, positional - 1) if positional else None
    missing = [number for number, name in enumerate(names) if name is not None and name not in call.given]
    begun = [number for number in missing if typed and (names[number] or "").startswith(typed)]
    return next(iter(begun or missing), None)


def _signature(
    opening: str, arguments: Iterable[_Argument], closing: str, documentation: str, active: int | None
) -> Signature:
    label = opening
    shown: list[SignatureParameter] = []
    for each in arguments:
        label += " "
        shown.append(SignatureParameter(Range(len(label), len(label) + len(each.shown)), each.documentation))
        label += each.shown
    return Signature(label + closing, documentation, tuple(shown), active)

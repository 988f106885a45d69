"""What a template leaves unsaid, shown in grey: types of variables, parameters of partials, roles nobody wrote, and how
many tokens a message takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from promptls.ide.lenses import message_place, message_title, tokens_label, tokens_title
from promptls.ide.token_counts import TokenCounts, message_counts
from promptls.ide.variables import tag_of
from promptls.language.formats import is_dotprompt
from promptls.language.inputs import Declaration
from promptls.language.messages import messages
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt
from promptls.language.schema import Field, SchemaType
from promptls.language.scope import scope
from promptls.syntax.source import Range

InlayHintKind = Literal["type", "parameters", "role", "tokens"]
ALL_KINDS: frozenset[InlayHintKind] = frozenset({"type", "parameters", "role"})

_LONGEST = 32
_MOST_PARAMETERS = 4
_ROLE_ORIGINS = {
    "implied": "Text before the first role is the user's.",
    "history": "After the history the model speaks.",
    "partial": "The partial before this text ends in this role.",
}


@dataclass(frozen=True, slots=True)
class InlayHint:
    """A label to be shown at `offset`; `before` says that it belongs to what follows, and wants a blank after it."""

    offset: int
    label: str
    kind: InlayHintKind
    tooltip: str | None = None
    before: bool = False


def inlay_hints(
    prompt: Prompt, within: Range | None = None, kinds: Collection[InlayHintKind] = ALL_KINDS
) -> tuple[InlayHint, ...]:
    """The hints of some kinds in a range, or in all of a prompt, in source order; those of tokens are `token_hints`."""
    if not is_dotprompt(prompt):
        return ()
    found: list[InlayHint] = []
    if "type" in kinds:
        found += _types(prompt)
    if "parameters" in kinds:
        found += _parameters(prompt)
    if "role" in kinds:
        found += _roles(prompt)
    inside = (hint for hint in found if within is None or within.contains(hint.offset))
    return tuple(sorted(inside, key=lambda hint: hint.offset))


def token_hints(prompt: Prompt, counts: TokenCounts, within: Range | None = None) -> tuple[InlayHint, ...]:
    """The tokens of every message, behind the tag that begins it or before its first text; `counts` is the prompt's."""
    if not is_dotprompt(prompt):
        return ()
    found: list[InlayHint] = []
    for each in message_counts(prompt, counts):
        node, place = each.message.node, message_place(prompt, each.message)
        at = place.end if node is not None else place.start
        if within is None or within.contains(at):
            about = f"{message_title(each, counts)}\nThe whole prompt: {tokens_title(counts)}"
            found.append(InlayHint(at, tokens_label(each, counts), "tokens", about, before=node is None))
    return tuple(found)


def _types(prompt: Prompt) -> Iterator[InlayHint]:
    """The type of every input and field at its first use, and of block parameters where they are named."""
    seen: set[int] = set()
    for use in scope(prompt).uses:
        target = use.target
        if not isinstance(target, Declaration | Field) or id(target) in seen or not use.path.segments:
            continue
        last = use.steps[-1].segment
        is_half_typed = prompt.text.startswith(".", last.range.end)
        if last is use.path.segments[-1] and not last.literal and not is_half_typed:
            seen.add(id(target))
            yield from _type(last.range.end, target.type, target.description)
    for parameter in scope(prompt).parameters:
        yield from _type(parameter.node.range.end, parameter.value.type, None)


def _type(offset: int, type: SchemaType | None, about: str | None) -> Iterator[InlayHint]:
    if type is not None and type.type != "any":
        yield InlayHint(offset, f": {_shortened(type.label)}", "type", about or type.description)


def _parameters(prompt: Prompt) -> Iterator[InlayHint]:
    """What a partial takes, behind its name, unless the call names it all."""
    for call in scope(prompt).calls:
        if call.prompt is None:
            continue
        given = {pair.key for pair in tag_of(call.node).hash}
        taken = parameters(call.prompt)
        if taken and not {each.name for each in taken} <= given:
            shown = [f"{each.name}{'?' if each.optional else ''}" for each in taken[:_MOST_PARAMETERS]]
            more = ["…"] if len(taken) > _MOST_PARAMETERS else []
            about = "\n".join(f"{each.name}: {each.type}" for each in taken)
            yield InlayHint(call.node.name.range.end, f"({', '.join(shown + more)})", "parameters", about)


def _roles(prompt: Prompt) -> Iterator[InlayHint]:
    for message in messages(prompt):
        if message.role is not None and message.origin in _ROLE_ORIGINS and message.parts:
            about = _ROLE_ORIGINS[message.origin]
            first = message.parts[0].range
            text = prompt.text[first.start : first.end]
            start = first.start + len(text) - len(text.lstrip())
            yield InlayHint(start, f"{message.role}:", "role", about, before=True)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

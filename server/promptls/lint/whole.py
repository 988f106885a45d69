"""What a prompt says together with the partials that it includes: what rules about something missing must look at."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.analysis.prose import prose
from promptls.language.files import identity, is_partial
from promptls.language.messages import messages
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement

_MOST_PARTIALS = 50


@facet
def included(prompt: Prompt) -> tuple[Prompt, ...] | None:
    """The partials that a prompt includes, through others too; None where one of them cannot be read."""
    found: dict[object, Prompt] = {}
    pending = [prompt]
    while pending:
        asking = pending.pop()
        for name in _names(asking):
            partial = asking.project.partial(name, asking) if name else None
            if partial is None or len(found) > _MOST_PARTIALS:
                return None
            if identity(partial) not in found:
                found[identity(partial)] = partial
                pending.append(partial)
    return tuple(found.values())


def _names(prompt: Prompt) -> Iterator[str | None]:
    for statement in tree(prompt).of(PartialStatement):
        yield called_name(statement.name)
    if next(iter(tree(prompt).of(PartialBlockStatement)), None) is not None:
        yield None


@facet
def whole_text(prompt: Prompt) -> str | None:
    """The prose of a prompt and its partials; None for what is no whole prompt.

    That is a partial, a text without words, and a prompt one of whose partials cannot be read.
    """
    if is_partial(prompt) or prose(prompt).is_blank:
        return None
    partials = included(prompt)
    return None if partials is None else "\n".join(prose(each).text for each in (prompt, *partials))


@facet
def is_conversation(prompt: Prompt) -> bool:
    """Whether a prompt sets up a talk or an agent rather than one task: it replays a history or is given tools."""
    told = metadata(prompt)
    if told.tools or told.tool_definitions:
        return True
    return any(part.kind == "history" for message in messages(prompt) for part in message.parts)

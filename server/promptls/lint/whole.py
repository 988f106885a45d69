"""What a prompt says together with the partials that it includes: what rules about something missing must look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from promptls.analysis.prose import prose
from promptls.analysis.sections import sections
from promptls.language.files import identity, is_partial
from promptls.language.messages import messages
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement

_MOST_PARTIALS = 50
_MOST_LINES = 200
_FEWEST_LINES = 5


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

    That is a partial, a text without words, a program, and a prompt one of whose partials cannot be read.
    """
    if is_partial(prompt) or prose(prompt).is_blank or is_program(prompt):
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


_CODE_LINE = re.compile(
    r"(?:async )?def \w|class \w|import \w|from [\w.]{1,80} import |return\b|function\b|(?:const|let|var) \w|"
    r"(?:public|private|static|fn|func|package|using) \w|#include\b|@\w+$|[)\]}]{1,20}[;,]?$|\"{3}"
)
_BLOCK_HEAD = re.compile(r"(?:if|for|while|else|try|with|elif)\b")


@facet
def is_program(prompt: Prompt) -> bool:
    """Whether most of the text outside code fences is source code rather than words to a model."""
    text = prose(prompt).text
    fences = [each.range for each in sections(prompt) if each.kind == "fence"]
    lines = code = start = 0
    for line in islice(text.split("\n"), _MOST_LINES):
        shown = line.strip()
        if shown and not any(fence.start <= start < fence.end for fence in fences):
            lines += 1
            code += _is_code(shown)
        start += len(line) + 1
    return lines >= _FEWEST_LINES and code >= lines / 2


def _is_code(line: str) -> bool:
    if line.endswith((";", "{", "}")) or (line.endswith(":") and _BLOCK_HEAD.match(line)):
        return True
    return _CODE_LINE.match(line) is not None

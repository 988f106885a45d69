"""The places in one file that belong together with the one under a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from promptls.ide.blocks import block_tags, blocks_around, tag_word
from promptls.ide.names import name_at, names
from promptls.ide.variables import variables
from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range

HighlightKind = Literal["text", "read", "write"]


@dataclass(frozen=True, slots=True)
class Highlight:
    """A place to mark; `write` where a name gets its value or meaning, `text` for the tags of a block."""

    range: Range
    kind: HighlightKind


def highlights(prompt: Prompt, offset: int) -> tuple[Highlight, ...]:
    """What to mark while the cursor is at `offset`, in source order."""
    if not is_dotprompt(prompt):
        return ()
    marked = {each.range: each for each in _tags(prompt, offset)}
    marked |= {each.range: each for each in _variable(prompt, offset) or (() if marked else _name(prompt, offset))}
    return tuple(sorted(marked.values(), key=lambda each: each.range))


def _variable(prompt: Prompt, offset: int) -> set[Highlight]:
    known = variables(prompt)
    mention = known.at(offset)
    if mention is None or mention.slot is None:
        return set()
    return {
        Highlight(each.range, "read" if each.kind == "use" else "write")
        for each in known.by_slot[mention.slot]
        if each.text is prompt
    }


def _name(prompt: Prompt, offset: int) -> set[Highlight]:
    name = name_at(prompt, offset)
    if name is None:
        return set()
    same = (each for each in names(prompt) if each.kind == name.kind and each.name == name.name)
    return {Highlight(each.range, "write" if each.declares else "read") for each in same}


def _tags(prompt: Prompt, offset: int) -> set[Highlight]:
    """The tags of the innermost block one of whose words the cursor touches."""
    for block in blocks_around(prompt, offset):
        words = {tag_word(tag) for tag in block_tags(block)}
        if any(word.contains(offset) for word in words):
            return {Highlight(word, "text") for word in words}
    return set()

"""Edits that add a sentence beside another one of the prompt, in the prompt's own language."""

from __future__ import annotations

import re

from promptls.analysis.prose import VALUE, prose
from promptls.analysis.prose_language import prose_language
from promptls.language.prompt import Prompt, template
from promptls.lint.rule import Fix
from promptls.syntax.handlebars.nodes import BlockStatement, PartialBlockStatement, path_to
from promptls.syntax.source import Range, TextEdit

_LEADS_ON = re.compile(rf"[:：][\s\"'`]*{VALUE}*[\s\"'`]*\Z")
_ENDS = ".!?…。！？"
_CLOSERS = "\"'”’)*_`"


def added_sentence(prompt: Prompt, place: Range, english: str, spanish: str, *, safe: bool = False) -> Fix | None:
    """Add a sentence after the one at `place`, or before it where it leads on to something with a colon.

    None where the prompt is in neither language, or where the place is inside a block, so that the sentence would come
    and go with it.
    """
    words = {"en": english, "es": spanish}.get(prose_language(prompt) or "en")
    sentence = prompt.text[place.start : place.end].rstrip()
    if words is None or not sentence:
        return None
    end = place.start + len(sentence)
    if _LEADS_ON.search(prose(prompt).text[place.start : end]):
        edit = TextEdit(Range(place.start, place.start), f"{words} ")
    elif sentence.rstrip(_CLOSERS).endswith(tuple(_ENDS)):
        edit = TextEdit(Range(end, end), f" {words}")
    else:
        edit = TextEdit(Range(end, end), f". {words}")
    if _in_block(prompt, edit.range.start):
        return None
    return Fix(f"Add “{words}”", (edit,), safe=safe)


def _in_block(prompt: Prompt, offset: int) -> bool:
    return any(
        isinstance(node, BlockStatement | PartialBlockStatement) and node.range.start < offset < node.range.end
        for node in path_to(template(prompt).program, offset)
    )

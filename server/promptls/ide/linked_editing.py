"""Names that must change together: those of a block's first and last tag."""

from __future__ import annotations

from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt, template
from promptls.syntax.handlebars.nodes import BlockStatement, Expression, PartialBlockStatement, StringLiteral, path_to
from promptls.syntax.source import Range


def linked_editing(prompt: Prompt, offset: int) -> tuple[Range, ...]:
    """The name under the cursor and its counterpart, in source order; empty elsewhere and where they differ already."""
    if not is_dotprompt(prompt):
        return ()
    for node in reversed(path_to(template(prompt).program, offset)):
        if isinstance(node, BlockStatement | PartialBlockStatement) and node.close is not None:
            first, last = _name(node.open.path), _name(node.close.path)
            is_same = prompt.text[slice(*first)] == prompt.text[slice(*last)] and first.start < first.end
            if is_same and (first.contains(offset) or last.contains(offset)):
                return (first, last)
    return ()


def _name(name: Expression) -> Range:
    return name.content_range if isinstance(name, StringLiteral) else name.range

"""Where steps may put something."""

from __future__ import annotations

from promptls.language.prompt import Prompt, template
from promptls.syntax.handlebars.nodes import BlockStatement, PartialBlockStatement, path_to


def is_in_block(prompt: Prompt, offset: int) -> bool:
    """Whether what is put there would come and go with a block of the template."""
    return any(
        isinstance(node, BlockStatement | PartialBlockStatement) and node.range.start < offset < node.range.end
        for node in path_to(template(prompt).program, offset)
    )

"""Blocks by their tags: which tags belong together."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.prompt import Prompt, template
from promptls.syntax.handlebars.nodes import BlockStatement, PartialBlockStatement, Program, Tag, path_to
from promptls.syntax.source import Range

Block = BlockStatement | PartialBlockStatement


def blocks_around(prompt: Prompt, offset: int) -> Iterator[Block]:
    """The blocks that enclose a cursor, innermost first; an `{{else if}}` belongs to the block that it continues."""
    nodes = path_to(template(prompt).program, offset)
    for index in range(len(nodes) - 1, -1, -1):
        node = nodes[index]
        if isinstance(node, Block):
            outer = nodes[index - 1] if index else None
            if not (isinstance(outer, Program) and outer.chained):
                yield node


def block_tags(block: Block) -> list[Tag]:
    """The tags of a block in source order, with those of its chain of `{{else if}}`."""
    tags: list[Tag | None] = [block.open]
    link: Block | None = block
    while isinstance(link, BlockStatement):
        chained = next((part for part in (link.program, link.inverse) if part is not None and part.chained), None)
        if chained is None:
            tags.append(link.else_tag)
            break
        first = chained.body[0] if chained.body else None
        link = first if isinstance(first, BlockStatement) else None
        tags.append(link.open if link is not None else None)
    return [tag for tag in (*tags, block.close) if tag is not None]


def tag_word(tag: Tag) -> Range:
    """The word that names a tag, `else` included, or all of the tag where it has none (`{{else}}`)."""
    range = tag.path.range
    if range.start == range.end:
        return tag.range
    word = tag.opening.find("else")
    return range if word < 0 else Range(tag.range.start + word, range.end)

"""What can be folded away: frontmatter, its mappings, blocks, comments, messages, Markdown's sections and code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from promptls.ide.markdown import code_blocks, headings
from promptls.language.formats import is_dotprompt
from promptls.language.messages import messages
from promptls.language.prompt import Prompt, frontmatter, layout, template
from promptls.language.tree import tree
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    CommentStatement,
    ContentStatement,
    PartialBlockStatement,
    Program,
    Tag,
    walk,
)
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlMapping, YamlScalar, YamlSequence
from promptls.syntax.yaml_nodes import walk as walk_yaml

FoldingKind = Literal["frontmatter", "key", "block", "comment", "message", "section", "code"]

_COMMENT_LINES = re.compile(r"^[ \t]*#[^\r\n]*(?:(?:\r\n|\r|\n)[ \t]*#[^\r\n]*)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FoldingRange:
    """Lines that fold into their first: from the one that `range` begins on through the one it ends on."""

    range: Range
    kind: FoldingKind


def folding(prompt: Prompt) -> tuple[FoldingRange, ...]:
    """What can be folded, in source order; every range runs over at least two lines, and no two over the same."""
    if not is_dotprompt(prompt):
        return ()
    found: dict[tuple[int, int], FoldingRange] = {}
    for each in _candidates(prompt):
        first, last = prompt.source.line_at(each.range.start), prompt.source.line_at(each.range.end)
        if first < last:
            found.setdefault((first, last), each)
    return tuple(sorted(found.values(), key=lambda each: (each.range.start, -each.range.end)))


def _candidates(prompt: Prompt) -> Iterator[FoldingRange]:
    head = frontmatter(prompt)
    if head is not None:
        end = head.close_fence.end if head.close_fence else head.yaml_range.end
        yield FoldingRange(_without_last_blanks(prompt, Range(head.range.start, end)), "frontmatter")
        yield from _in_frontmatter(prompt, head)
    yield from _messages(prompt)
    yield from _blocks(prompt)
    for comment in tree(prompt).of(CommentStatement):
        yield FoldingRange(comment.range, "comment")
    for code in code_blocks(prompt):
        yield FoldingRange(_without_last_blanks(prompt, code), "code")
    yield from _sections(prompt)


def _in_frontmatter(prompt: Prompt, head: Frontmatter) -> Iterator[FoldingRange]:
    for node in walk_yaml(head.root) if head.root is not None else ():
        for entry in node.entries if isinstance(node, YamlMapping) else ():
            if isinstance(entry.value, YamlMapping | YamlSequence | YamlScalar):
                yield FoldingRange(entry.range, "key")
    scalars = [node.range for node in walk_yaml(head.root) if isinstance(node, YamlScalar)] if head.root else []
    for match in _COMMENT_LINES.finditer(prompt.text, *head.yaml_range):
        inside = bisect_right(scalars, match.start(), key=lambda range: range.start) - 1
        if inside < 0 or scalars[inside].end <= match.start():
            yield FoldingRange(Range(*match.span()), "comment")


def _messages(prompt: Prompt) -> Iterator[FoldingRange]:
    for message in messages(prompt):
        if message.node is not None:
            stop = min(message.range.end, message.body.range.end)
            yield FoldingRange(_before_line(prompt, Range(message.range.start, stop)), "message")


def _blocks(prompt: Prompt) -> Iterator[FoldingRange]:
    """Each part of a block from its own tag to the line before the next, so that the tags stay in sight."""
    for node in walk(template(prompt).program):
        if isinstance(node, PartialBlockStatement):
            yield _part(prompt, node.open, node.program)
        elif isinstance(node, BlockStatement):
            first, second = (node.inverse, node.program) if node.inverted else (node.program, node.inverse)
            if first is not None:
                yield _part(prompt, node.open, first)
            if second is not None and not second.chained and node.else_tag is not None:
                yield _part(prompt, node.else_tag, second)


def _part(prompt: Prompt, tag: Tag, program: Program) -> FoldingRange:
    return FoldingRange(_before_line(prompt, Range(tag.range.start, max(tag.range.end, program.range.end))), "block")


def _sections(prompt: Prompt) -> Iterator[FoldingRange]:
    """From a heading to the next one of its level, or to the end of its message or block."""
    programs = {
        each: node for node in walk(template(prompt).program) if isinstance(node, Program) for each in node.body
    }
    contents = tree(prompt).of(ContentStatement)
    ends = [message.range.end for message in messages(prompt)]
    open: list[tuple[int, int, int]] = []
    for heading in headings(prompt):
        start = heading.range.start
        while open and (open[-1][1] >= heading.level or open[-1][2] <= start):
            begun, _, end = open.pop()
            yield _section(prompt, begun, min(end, start))
        index = bisect_right(contents, start, key=lambda content: content.range.start) - 1
        if index >= 0 and start < contents[index].range.end:
            message = bisect_right(ends, start)
            end = min(programs[contents[index]].range.end, *ends[message : message + 1], len(prompt.text))
            open.append((start, heading.level, end))
    for begun, _, end in open:
        yield _section(prompt, begun, end)


def _section(prompt: Prompt, start: int, end: int) -> FoldingRange:
    return FoldingRange(_before_line(prompt, Range(start, end)), "section")


def _before_line(prompt: Prompt, range: Range) -> Range:
    """A range up to something that follows it, cut to the end of the last line before that which is not empty."""
    line_start = prompt.source.line_starts[prompt.source.line_at(range.end)]
    is_followed = range.end < layout(prompt).template_range.end
    end = line_start if is_followed and line_start > range.start else range.end
    return _without_last_blanks(prompt, Range(range.start, end))


def _without_last_blanks(prompt: Prompt, range: Range) -> Range:
    return Range(range.start, max(range.start, range.start + len(prompt.text[range.start : range.end].rstrip())))

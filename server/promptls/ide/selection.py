"""What to select when a selection grows: the word, the name, the tag, the block, the message, the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.language.formats import is_dotprompt
from promptls.language.messages import messages
from promptls.language.prompt import Prompt, frontmatter, layout, template
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    ContentStatement,
    HashPair,
    Node,
    PathExpression,
    StringLiteral,
    Tag,
    path_to,
)
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_LONGEST_WORD = 200


def selection(prompt: Prompt, offset: int) -> tuple[Range, ...]:
    """The ranges around a cursor, innermost first; each lies inside the next and is smaller, the last is the file."""
    offset = min(max(offset, 0), len(prompt.text))
    ranges = {each for each in _ranges(prompt, offset) if each.contains(offset)}
    chain: list[Range] = []
    for range in sorted(ranges, key=lambda each: (each.end - each.start, each)):
        if range.start < range.end and (not chain or range.encloses(chain[-1])):
            chain.append(range)
    whole = Range(0, len(prompt.text))
    return (*chain, whole) if not chain or chain[-1] != whole else tuple(chain)


def _ranges(prompt: Prompt, offset: int) -> Iterator[Range]:
    """Whatever may lie around the cursor, in any order."""
    yield _word(prompt.text, offset)
    if not is_dotprompt(prompt):
        yield from _prose(prompt, offset, Range(0, len(prompt.text)))
        return
    head = frontmatter(prompt)
    if head is not None:
        yield head.range
        if head.range.contains(offset):
            yield from _in_frontmatter(prompt, head, offset)
    yield layout(prompt).template_range
    if layout(prompt).template_range.contains(offset):
        for node in path_to(template(prompt).program, offset):
            yield from _around(prompt, node, offset)
        for message in messages(prompt):
            yield message.range
            yield _trimmed(prompt.text, message.content_range)


def _word(text: str, offset: int) -> Range:
    begin = max(0, offset - _LONGEST_WORD)
    for match in _WORD.finditer(text, begin, min(len(text), offset + _LONGEST_WORD)):
        if match.end() >= offset:
            return Range(*match.span())
    return Range(offset, offset)


def _prose(prompt: Prompt, offset: int, within: Range) -> Iterator[Range]:
    """The line and the paragraph around the cursor, as far as they lie within a range."""
    source = prompt.source
    first = last = source.line_at(offset)
    yield _trimmed(prompt.text, _cut(source.line_range(first), within))
    while source.line_starts[first] > within.start and source.line_text(first - 1).strip():
        first -= 1
    while last + 1 < source.line_count and source.line_starts[last] < within.end and source.line_text(last + 1).strip():
        last += 1
    yield _trimmed(prompt.text, _cut(Range(source.line_starts[first], source.line_range(last).end), within))


def _cut(range: Range, within: Range) -> Range:
    start = max(range.start, within.start)
    return Range(start, max(start, min(range.end, within.end)))


def _trimmed(text: str, range: Range) -> Range:
    inside = text[range.start : range.end]
    start = range.start + len(inside) - len(inside.lstrip())
    return Range(start, max(start, range.start + len(inside.rstrip())))


def _around(prompt: Prompt, node: Node, offset: int) -> Iterator[Range]:
    yield node.range
    match node:
        case ContentStatement():
            yield from _prose(prompt, offset, node.range)
        case PathExpression(segments=segments):
            yield from (segment.range for segment in segments)
            # `a.b` of `a.b.c`
            yield from (Range(node.range.start, segment.range.end) for segment in segments)
        case StringLiteral(content_range=content):
            yield content
        case HashPair(key_range=key):
            yield key
        case Tag(opening=opening, range=range, is_closed=True):
            closing = len(opening) - len(opening.lstrip("{"))
            yield _trimmed(prompt.text, Range(range.start + len(opening), max(range.start, range.end - closing)))
        case BlockStatement(close=close, else_tag=else_tag):
            yield from (tag.range for tag in (close, else_tag) if tag is not None)
        case _:
            return


def _in_frontmatter(prompt: Prompt, head: Frontmatter, offset: int) -> Iterator[Range]:
    yield head.yaml_range
    yield _trimmed(prompt.text, head.yaml_range)
    node: YamlNode | None = head.root
    while node is not None:
        yield node.range
        inside: list[YamlNode] = []
        if isinstance(node, YamlScalar):
            yield from _in_scalar(prompt, node, offset)
        elif isinstance(node, YamlSequence):
            inside = list(node.items)
        elif isinstance(node, YamlMapping):
            entry = next((each for each in node.entries if each.range.contains(offset)), None)
            if entry is not None:
                yield entry.range
                inside = [entry.key, entry.value]
        node = next((each for each in inside if each.range.contains(offset)), None)


def _in_scalar(prompt: Prompt, scalar: YamlScalar, offset: int) -> Iterator[Range]:
    start, end = scalar.range
    if scalar.style in ("single", "double") and end - start > 1:
        yield Range(start + 1, end - 1)
    if scalar.style in ("literal", "folded"):
        header = prompt.source.line_range(prompt.source.line_at(start)).end
        if offset > header:
            yield _trimmed(prompt.text, _cut(Range(header, end), scalar.range))
            yield from _prose(prompt, offset, _cut(Range(header, end), scalar.range))

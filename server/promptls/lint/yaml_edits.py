"""Edits of a frontmatter that keep it YAML: taking an entry or an item out."""

from __future__ import annotations

from promptls.syntax.source import Range, Source, TextEdit
from promptls.syntax.yaml_nodes import YamlMapping, YamlSequence


def removal(source: Source, range: Range, collection: YamlMapping | YamlSequence) -> TextEdit:
    """Take out an entry of a mapping or an item of a sequence: its lines, or in flow style its text and one comma."""
    if collection.flow:
        return TextEdit(_with_comma(source.text, range), "")
    first, last = source.line_at(range.start), source.line_at(range.end)
    start = source.line_starts[first]
    end = source.line_starts[last + 1] if last + 1 < source.line_count else len(source.text)
    before = source.text[start : range.start].strip()
    if before and isinstance(collection, YamlMapping):
        # It is the first entry of an item, `- key: value`, whose dash belongs to the entries that stay.
        after = source.text[end:]
        return TextEdit(Range(range.start, end + len(after) - len(after.lstrip())), "")
    return TextEdit(Range(start, end), "")


def _with_comma(text: str, range: Range) -> Range:
    start, end = range
    after = end + len(text[end:]) - len(text[end:].lstrip())
    if text[after : after + 1] == ",":
        rest = text[after + 1 :]
        return Range(start, after + 1 + len(rest) - len(rest.lstrip(" \t")))
    before = len(text[:start].rstrip())
    return Range(before - 1, end) if text[before - 1 : before] == "," else range

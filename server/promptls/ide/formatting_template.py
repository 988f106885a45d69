"""The white space of a template as it should be: inside tags, before the ends of blocks, and at the ends of lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal

from promptls.ide.markdown import is_in_code
from promptls.language.prompt import Prompt, facet, layout, template
from promptls.language.render.whitespace import control_whitespace
from promptls.language.tree import tree
from promptls.syntax.handlebars.lexer import CLOSING_KINDS, WHITESPACE, Token, TokenKind
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    ContentStatement,
    PartialBlockStatement,
    Program,
    Tag,
    walk,
)
from promptls.syntax.source import Range, TextEdit

TagSpacing = Literal["compact", "spaced", "keep"]

_BLANKS = " \t"
_TRAILING = re.compile(r"(?<![ \t])[ \t]++(?=\r?\n)")
_BLANKS_BEFORE_LINE_END = re.compile(r"(?<![ \t])[ \t]++(?=[\r\n])")
_ANY_WHITESPACE = re.compile(f"{WHITESPACE}+")

_OPENING_KINDS: frozenset[TokenKind] = frozenset(
    {
        "OPEN",
        "OPEN_UNESCAPED",
        "OPEN_PARTIAL",
        "OPEN_PARTIAL_BLOCK",
        "OPEN_BLOCK",
        "OPEN_INVERSE",
        "OPEN_ENDBLOCK",
        "OPEN_INVERSE_CHAIN",
        "OPEN_RAW_BLOCK",
    }
)
_OUTSIDE: frozenset[TokenKind] = frozenset(
    {"CONTENT", "ESCAPE", "COMMENT", "RAW_CONTENT", "END_RAW_BLOCK", "INVERSE", "INVALID", "UNCLOSED"}
)
_VALUE_TAGS: frozenset[TokenKind] = frozenset({"OPEN", "OPEN_UNESCAPED"})
_BLANK_AFTER: frozenset[TokenKind] = frozenset({"OPEN_PARTIAL", "OPEN_PARTIAL_BLOCK", "OPEN_INVERSE_CHAIN"})
_NONE_AFTER: frozenset[TokenKind] = frozenset({"OPEN_SEXPR", "OPEN_BLOCK_PARAMS", "EQUALS"})
_NONE_BEFORE: frozenset[TokenKind] = frozenset({"CLOSE_SEXPR", "CLOSE_BLOCK_PARAMS", "EQUALS"})


# Inside tags


def tag_edits(prompt: Prompt, spacing: TagSpacing) -> Iterator[TextEdit]:
    """One blank between arguments and none at `=`, parentheses and bars; line breaks inside a tag stay."""
    text = prompt.text
    opening: TokenKind = "OPEN"
    previous: Token | None = None
    for token in template(prompt).tokens:
        kind = token.kind
        if kind in _OPENING_KINDS or kind == "INVERSE":
            opening = kind
            yield from _inside_token(text, token)
        if kind == "WHITESPACE":
            continue
        if previous is not None and previous.kind not in _OUTSIDE and previous.kind not in CLOSING_KINDS:
            wanted = _between(previous, token, opening, text, spacing)
            if wanted is not None:
                gap = Range(previous.end, token.start)
                yield TextEdit(gap, _spaced(text[gap.start : gap.end], wanted))
        if kind == "OPEN_BLOCK_PARAMS":
            gap = Range(token.start + len("as"), token.end - len("|"))
            yield TextEdit(gap, _spaced(text[gap.start : gap.end], " "))
        previous = token


def _inside_token(text: str, token: Token) -> Iterator[TextEdit]:
    """`{{ else }}` and the beginning of `{{ else if` are single tokens to Handlebars."""
    if token.kind not in ("INVERSE", "OPEN_INVERSE_CHAIN"):
        return
    for match in _ANY_WHITESPACE.finditer(text, token.start, token.end):
        yield TextEdit(Range(*match.span()), _spaced(match[0], ""))


def _between(previous: Token, token: Token, opening: TokenKind, text: str, spacing: TagSpacing) -> str | None:
    """What should stand between two neighbours inside a tag; None where it is better left alone."""
    is_edge = previous.kind in _OPENING_KINDS or token.kind in CLOSING_KINDS
    if is_edge and spacing == "keep":
        return None
    if token.kind in CLOSING_KINDS:
        # `{{{a}} }` has other braces than `{{{a}}}`.
        is_brace_next = text.startswith("}", token.end)
        return " " if is_brace_next or (spacing == "spaced" and opening in _VALUE_TAGS) else ""
    if previous.kind in _OPENING_KINDS:
        is_spaced = previous.kind in _BLANK_AFTER or (spacing == "spaced" and previous.kind in _VALUE_TAGS)
        return " " if is_spaced else ""
    if previous.kind in ("SEP", "DATA") or token.kind == "SEP":
        # Parts of a path: `a /b` is `a/b`, but where a blank stands decides what a dot is.
        return None if token.start > previous.end else ""
    if previous.kind in _NONE_AFTER or token.kind in _NONE_BEFORE:
        return ""
    # Names and numbers that touch may be others when they do not (`1.` is no number, `1` is one).
    return " " if token.start > previous.end or text[previous.end - 1] in ")\"']|" else None


def _spaced(found: str, wanted: str) -> str:
    """The white space to write: what is wanted, but an author's line breaks without the blanks before them."""
    return _BLANKS_BEFORE_LINE_END.sub("", found) if "\n" in found or "\r" in found else wanted


# Before tags


def indentation_edits(prompt: Prompt) -> Iterator[TextEdit]:
    """`{{else}}` and the end of a block under its beginning, where each stands alone and Handlebars drops its blanks.

    A beginning stays where its author put it: it belongs to the text around it, which cannot be moved. So do partials,
    whose indentation is that of every line they print.
    """
    lines = _Lines(prompt)
    for opening, others in _block_tags(template(prompt).program):
        wanted = lines.dropped_indentation(opening)
        for tag in others if wanted is not None else ():
            found = lines.dropped_indentation(tag)
            if wanted is not None and found is not None:
                yield TextEdit(found, prompt.text[wanted.start : wanted.end])


def _block_tags(root: Program) -> Iterator[tuple[Tag, list[Tag]]]:
    """The first and the other tags of every block but raw ones, whose end belongs to their content.

    The end of a block with an `{{else if}}` is left out: Handlebars prints the blanks before it.
    """
    for node in walk(root):
        if isinstance(node, PartialBlockStatement):
            yield node.open, [node.close] if node.close else []
        elif isinstance(node, BlockStatement) and node.close is not None and not node.raw:
            chained = _chained(node.inverse)
            others = [] if chained else [node.close]
            block: BlockStatement | None = node
            while block is not None and block.else_tag is not None:
                others.append(block.else_tag)
                block = _chained(block.inverse)
            yield node.open, others


def _chained(inverse: Program | None) -> BlockStatement | None:
    block = inverse.body[0] if inverse is not None and inverse.chained else None
    return block if isinstance(block, BlockStatement) else None


class _Lines:
    """Which tags stand alone on their lines."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._bounds = layout(prompt).template_range
        self._rendered = rendered(prompt)

    def dropped_indentation(self, tag: Tag) -> Range | None:
        """The blanks before a tag that is alone on its line, if they are not printed."""
        text, source, bounds = self._prompt.text, self._prompt.source, self._bounds
        line = source.line_range(source.line_at(tag.range.start))
        if tag.range.end > line.end:
            return None
        begin, stop = max(line.start, bounds.start), min(line.end, bounds.end)
        # Only a line feed ends a line for Handlebars.
        is_line = (begin == bounds.start or text[begin - 1] == "\n") and (
            stop == bounds.end or text.startswith(("\n", "\r\n"), stop)
        )
        blanks = Range(begin, tag.range.start)
        is_alone = not text[begin : blanks.end].strip(_BLANKS) and not text[tag.range.end : stop].strip(_BLANKS)
        return blanks if is_line and is_alone and not self._rendered.holds(blanks) else None


class Rendered:
    """Which parts of the text outside tags are printed, and which Handlebars' white-space control drops."""

    def __init__(self, prompt: Prompt) -> None:
        whitespace = control_whitespace(template(prompt).program)
        kept = ((content.range, range) for content, range in whitespace.kept.items())
        self._contents = sorted(kept, key=lambda each: each[0])
        self._starts = [content.start for content, _ in self._contents]
        self.indents = whitespace.indents
        """The blanks before every partial that stands alone on its line."""

    def kept(self, content: Range) -> Range:
        """The part of a content statement's range that is printed."""
        return self._contents[bisect_right(self._starts, content.start) - 1][1]

    def holds(self, range: Range) -> bool:
        """Whether any of a range, which lies in one content statement, is printed."""
        index = bisect_right(self._starts, range.start) - 1
        if index < 0 or range.end <= range.start:
            return False
        kept = self._contents[index][1]
        return kept.start < range.end and range.start < kept.end


@facet
def rendered(prompt: Prompt) -> Rendered:
    """What of a template's text is printed."""
    return Rendered(prompt)


# At the ends of lines


def trailing_blank_edits(prompt: Prompt, *, trim_printed: bool) -> Iterator[TextEdit]:
    """Blanks at the ends of lines, except in Markdown's code blocks: those never printed, and others if so wished."""
    printing = rendered(prompt)
    raw = {block.program for block in tree(prompt).of(BlockStatement) if block.raw and block.program}
    raw_contents = {program.range for program in raw}
    for content in tree(prompt).of(ContentStatement):
        if content.range in raw_contents:
            continue
        kept = printing.kept(content.range)
        removable = set(removable_blanks(prompt.text, kept)) if trim_printed else set()
        for match in _TRAILING.finditer(prompt.text, *content.range):
            blanks = Range(*match.span())
            is_printed = kept.start < blanks.end and blanks.start < kept.end
            if not is_printed or (blanks in removable and not is_in_code(prompt, blanks.start)):
                yield TextEdit(blanks, "")


def removable_blanks(text: str, range: Range) -> Iterator[Range]:
    """The blanks at line ends that mean nothing in Markdown: all but two or more after text, which break the line."""
    for match in _TRAILING.finditer(text, *range):
        start, end = match.span()
        is_empty_line = start == 0 or text[start - 1] == "\n"
        if is_empty_line or "\t" in match[0] or end - start == 1:
            yield Range(start, end)


# As a whole


def printed(prompt: Prompt) -> tuple[str, ...]:
    """What a template says: its tokens without white space inside tags, the text that is printed, partials' indents.

    Two templates with equal parts print the same for every input, except for `removable_blanks`.
    """
    text = prompt.text
    parsed = template(prompt)
    printing = rendered(prompt)
    parts: list[str] = []
    for kind, start, end in parsed.tokens:
        if kind == "CONTENT":
            parts.append(_without(text, printing.kept(Range(start, end))))
        elif kind in ("INVERSE", "OPEN_INVERSE_CHAIN", "OPEN_BLOCK_PARAMS"):
            parts.append(kind + _ANY_WHITESPACE.sub("", text[start:end]))
        elif kind != "WHITESPACE":
            parts.append(kind + text[start:end])
    indents = sorted((partial.range, text[blanks.start : blanks.end]) for partial, blanks in printing.indents.items())
    return (*filter(None, parts), *(indent for _, indent in indents))


def _without(text: str, kept: Range) -> str:
    pieces = []
    cursor = kept.start
    for blanks in removable_blanks(text, kept):
        pieces.append(text[cursor : blanks.start])
        cursor = blanks.end
    return "".join([*pieces, text[cursor : kept.end]])

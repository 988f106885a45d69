"""How a prompt is divided: Markdown headings, XML-like tags, code fences and labels."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from promptls.analysis.directives import opens_with_order
from promptls.analysis.lexicon.markup import CONTAINERS, VOID_ELEMENTS
from promptls.analysis.prose import VALUE, Prose, prose
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range

SectionKind = Literal["heading", "tag", "fence", "label"]


@dataclass(frozen=True, slots=True)
class Section:
    """One named part of a prompt.

    `range` holds the marker and the content, `content` only what is inside. `level` is a heading's 1 to 6, a tag's
    depth from 1, and 0 for fences and labels. `name` is the heading's or label's words, the tag's name or the fence's
    language.
    """

    kind: SectionKind
    name: str
    range: Range
    content: Range
    level: int


class Unclosed(NamedTuple):
    """A marker without its counterpart: the opening tag or fence that is never closed, or a stray closing tag."""

    kind: Literal["tag", "closing-tag", "fence"]
    name: str
    range: Range


class _Line(NamedTuple):
    start: int
    end: int
    """Without the line end."""
    text: str


class _Tag(NamedTuple):
    name: str
    range: Range
    closing: bool


class _Title(NamedTuple):
    name: str
    marker: Range
    rank: int
    """A heading's level; labels rank below all headings."""
    is_paragraph: bool


class _Divisions(NamedTuple):
    sections: tuple[Section, ...]
    unclosed: tuple[Unclosed, ...]


_LINE = re.compile(r"[^\r\n]*")
_FENCE = re.compile(r"[ \t]{0,12}(?:>[ \t]?)?(`{3,}|~{3,})[ \t]*([^`\s]*)[^`]*$")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)$")
_UNDERLINE = re.compile(r" {0,3}(={3,}|-{3,})[ \t]*$")
_TAG = re.compile(r"<(/?)([A-Za-z_][\w.:\-]{0,60})((?:\s[^<>]{0,300})?)>")
_CLOSING = re.compile(r"</([A-Za-z_][\w.:\-]{0,60})>")
_CODE_SPAN = re.compile(r"(?<!`)`(?!`)[^`\n]+`(?!`)")
_BOLD_LABEL = re.compile(r"[ \t]*(\*\*|__)([^*_\n]{1,60})(\*\*|__)[ \t]*(:?)[ \t]*$")
_LABEL = re.compile(r"[ \t]*(\*\*|__)?([^\W\d_][^:*_\n.!?;,]{0,48})(\*\*|__)?:(\*\*|__)?(?=\s|\ufffc|$)[ \t]*")
_LABEL_WORD_LIMIT = 5
_LABEL_RANK = 7
# A blank line, unless a list goes on behind it.
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n(?!\s{0,20}(?:[-*+•]|\d{1,3}[.)])[ \t])")
_JOINING = frozenset({"", "and", "or", "to", "...", "…", "y", "o", "a", ",", "/", "-", "&"})
_NOT_LABELS = re.compile(r"\b(?:is|are|was|were|will|must|should|can|es|son|está|debe|https?)\b", re.IGNORECASE)


@facet
def sections(prompt: Prompt) -> tuple[Section, ...]:
    """Every section, in the order of the text; an outer one stands before those inside it."""
    return _divisions(prompt).sections


@facet
def unclosed_tags(prompt: Prompt) -> tuple[Range, ...]:
    """The tags that plainly lack their counterpart: an opening tag that encloses something, or a closing tag alone.

    A name in angle brackets may be a mention ("within <answer> tags"), a placeholder or a generic type: those that
    could be one are left out.
    """
    return tuple(each.range for each in _divisions(prompt).unclosed if each.kind != "fence")


@facet
def unclosed_fences(prompt: Prompt) -> tuple[Range, ...]:
    """The code fences that nothing closes before the message ends."""
    return tuple(each.range for each in _divisions(prompt).unclosed if each.kind == "fence")


def stretches(seen: Prose) -> Iterator[tuple[str | None, Range]]:
    """The messages, each with its role, so widened that together they hold the whole text."""
    end = len(seen.text)
    turns = sorted(seen.turns, key=lambda turn: turn.range)
    if not turns:
        yield "user", Range(0, end)
        return
    if turns[0].range.start > 0:
        yield "user", Range(0, turns[0].range.start)
    for turn, after in zip(turns, [*turns[1:], None], strict=True):
        yield turn.role, Range(turn.range.start, after.range.start if after else end)


@facet
def _divisions(prompt: Prompt) -> _Divisions:
    seen = prose(prompt)
    found: list[Section] = []
    unclosed: list[Unclosed] = []
    closed = frozenset(_CLOSING.findall(seen.text))
    for _, stretch in stretches(seen):
        if seen.text[stretch.start : stretch.end].isspace():
            continue
        divided = _divide(seen.text, stretch, closed)
        found += divided.sections
        unclosed += divided.unclosed
    return _Divisions(tuple(sorted(found, key=_outer_first)), tuple(sorted(unclosed, key=lambda each: each.range)))


def _outer_first(section: Section) -> tuple[int, int]:
    return section.range.start, -section.range.end


def _divide(text: str, stretch: Range, closed: frozenset[str]) -> _Divisions:
    """`closed` are the names of all closing tags of the prompt."""
    lines = [_Line(each.start(), each.end(), each.group()) for each in _LINE.finditer(text, *stretch) if each.group()]
    fences, unclosed_fence, outside = _fences(lines, stretch)
    tags, unclosed = _tags(text, stretch, outside, closed)
    titled = _titled(text, stretch, outside, tags)
    return _Divisions((*fences, *tags, *titled), (*unclosed, *unclosed_fence))


def _fences(lines: Sequence[_Line], stretch: Range) -> tuple[list[Section], list[Unclosed], list[_Line]]:
    """The closed fences, the one that is never closed, and the lines that stand in none.

    An unclosed fence takes no lines with it: what follows it is judged as prose.
    """
    closed: list[Section] = []
    outside: list[_Line] = []
    # Its marker, name and line, and how many lines outside stood before it.
    opened: tuple[str, str, _Line, int] | None = None
    for line in lines:
        match = _FENCE.match(line.text) if "```" in line.text or "~~~" in line.text else None
        if match is None:
            outside.append(line)
        elif opened is None:
            opened = match[1], match[2], line, len(outside)
        elif match[1][0] == opened[0][0] and len(match[1]) >= len(opened[0]) and not match[2]:
            _, name, first, kept = opened
            content = Range(min(first.end + 1, line.start), line.start)
            closed.append(Section("fence", name.replace(VALUE, ""), Range(first.start, line.end), content, 0))
            del outside[kept:]
            opened = None
    if opened is None:
        return closed, [], outside
    _, name, first, _ = opened
    return closed, [Unclosed("fence", name, Range(first.start, first.end))], outside


def _tags(
    text: str, stretch: Range, lines: Sequence[_Line], closed: frozenset[str]
) -> tuple[list[Section], list[Unclosed]]:
    paired: list[tuple[_Tag, _Tag]] = []
    open_tags: list[_Tag] = []
    open_names: dict[str, int] = {}
    lone: list[_Tag] = []
    for tag in _tags_of(lines):
        if not tag.closing:
            open_tags.append(tag)
            open_names[tag.name] = open_names.get(tag.name, 0) + 1
            continue
        if not open_names.get(tag.name):
            lone.append(tag)
            continue
        while True:
            candidate = open_tags.pop()
            open_names[candidate.name] -= 1
            if candidate.name == tag.name:
                break
            lone.append(candidate)
        paired.append((candidate, tag))
    lone += open_tags
    found = [
        Section(
            "tag", first.name, Range(first.range.start, last.range.end), Range(first.range.end, last.range.start), 1
        )
        for first, last in paired
        if text[first.range.end : min(last.range.start, first.range.end + 12)].strip(" `'\"") not in _JOINING
        or "\n" in text[first.range.end : last.range.start]
    ]
    found.sort(key=_outer_first)
    return _with_depth(found), _plainly_unclosed(text, stretch, lone, {each.name for each in found}, closed)


def _tags_of(lines: Sequence[_Line]) -> Iterator[_Tag]:
    for line in lines:
        if "<" not in line.text:
            continue
        shown = _CODE_SPAN.sub(lambda match: " " * len(match.group()), line.text) if "`" in line.text else line.text
        for match in _TAG.finditer(shown):
            name = match[2].lower()
            if name in VOID_ELEMENTS or match[3].endswith("/") or match[2].startswith(("http:", "https:", "mailto:")):
                continue
            yield _Tag(match[2], Range(line.start + match.start(), line.start + match.end()), bool(match[1]))


def _with_depth(found: Sequence[Section]) -> list[Section]:
    ends: list[int] = []
    deep: list[Section] = []
    for each in found:
        while ends and ends[-1] <= each.range.start:
            ends.pop()
        ends.append(each.range.end)
        deep.append(replace(each, level=len(ends)))
    return deep


def _plainly_unclosed(
    text: str, stretch: Range, lone: Sequence[_Tag], paired: set[str], closed: frozenset[str]
) -> list[Unclosed]:
    closings = {each.name for each in lone if each.closing}
    kept: list[Unclosed] = []
    for tag in lone:
        alone = _stands_alone(text, tag.range)
        if tag.closing:
            if alone or tag.name in paired:
                kept.append(Unclosed("closing-tag", tag.name, tag.range))
        elif (
            alone
            and (tag.name.lower() in CONTAINERS or tag.name in closed or closings)
            and text[tag.range.end : stretch.end].strip()
        ):
            kept.append(Unclosed("tag", tag.name, tag.range))
    return kept


def _stands_alone(text: str, range: Range) -> bool:
    """Whether nothing else is on the line."""
    before = text[max(0, range.start - 80) : range.start]
    after = text[range.end : range.end + 80]
    return not before[before.rfind("\n") + 1 :].strip() and not after.partition("\n")[0].strip()


def _titled(text: str, stretch: Range, lines: Sequence[_Line], tags: Sequence[Section]) -> list[Section]:
    """Headings and labels.

    Each ends where the next of its rank begins or the tag around it ends; a label with a paragraph of its own ends with
    that.
    """
    titles = list(_titles(lines))
    found: list[Section] = []
    next_of_rank = [stretch.end] * (_LABEL_RANK + 1)
    for title, tag_end in zip(
        reversed(titles), reversed(list(_enclosing_ends(titles, tags, stretch.end))), strict=True
    ):
        end = min(tag_end, *next_of_rank[: title.rank + 1])
        next_of_rank[title.rank] = title.marker.start
        gap = _BLANK_LINE.search(text, title.marker.end, end) if title.is_paragraph else None
        if gap and text[title.marker.end : gap.start()].strip():
            end = gap.start()
        end = title.marker.end + len(text[title.marker.end : end].rstrip())
        found.append(
            Section(
                "label" if title.rank == _LABEL_RANK else "heading",
                title.name,
                Range(title.marker.start, end),
                Range(title.marker.end, end),
                0 if title.rank == _LABEL_RANK else title.rank,
            )
        )
    return found


def _enclosing_ends(titles: Sequence[_Title], tags: Sequence[Section], outermost: int) -> Iterator[int]:
    """For each title, where the innermost tag around it ends."""
    waiting = deque(tags)
    around: list[Section] = []
    for title in titles:
        while waiting and waiting[0].range.start <= title.marker.start:
            tag = waiting.popleft()
            while around and around[-1].range.end <= tag.range.start:
                around.pop()
            around.append(tag)
        while around and around[-1].range.end <= title.marker.start:
            around.pop()
        yield around[-1].content.end if around else outermost


def _titles(lines: Sequence[_Line]) -> Iterator[_Title]:
    before: _Line | None = None
    for line in lines:
        marker = Range(line.start, line.end)
        if heading := _HEADING.match(line.text):
            yield _Title(_bare(heading[2].rstrip(" \t#")), marker, len(heading[1]), False)
        elif before is not None and _is_underlined(before, line):
            yield _Title(_bare(before.text), Range(before.start, line.end), 1 if "=" in line.text else 2, False)
        elif bold := _BOLD_LABEL.match(line.text):
            yield _Title(_bare(bold[2]), marker, _LABEL_RANK, False)
        elif (label := _LABEL.match(line.text)) and _is_label(label):
            marker = Range(line.start, line.start + label.end())
            yield _Title(_bare(label[2]), marker, _LABEL_RANK, True)
        before = line


def _is_underlined(before: _Line, line: _Line) -> bool:
    return (
        line.start - before.end <= 2
        and 0 < len(before.text.strip()) <= 80
        and _UNDERLINE.match(line.text) is not None
        and not before.text.rstrip().endswith((".", ":", ",", ";", "|"))
        and not before.text.lstrip().startswith(("-", "*", "|", "#", ">", "<"))
    )


def _is_label(label: re.Match[str]) -> bool:
    name = label[2].strip()
    if len(name.split()) > _LABEL_WORD_LIMIT or not (name[0].isupper() or not name[0].isascii() or label[1]):
        return False
    is_sentence = len(name.split()) > 2 and opens_with_order(name)
    return not is_sentence and not _NOT_LABELS.search(name)


def _bare(title: str) -> str:
    return title.replace(VALUE, "").strip("*_ \t").rstrip(":").strip("*_ \t")

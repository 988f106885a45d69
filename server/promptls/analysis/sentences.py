"""A prompt's text cut into sentences, headings, list items, code and data."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal, NamedTuple

from promptls.analysis.directives import is_directive
from promptls.analysis.examples import examples
from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.markup import DATA_TAGS, PROMPT_TAGS
from promptls.analysis.prose import VALUE, Prose, Turn, prose
from promptls.analysis.sections import Section, sections, stretches
from promptls.analysis.wordforms import word_forms
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range

SentenceKind = Literal["sentence", "heading", "item", "code", "data"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or what stands in place of one.

    `text` has single spaces for white space and line ends, `VALUE` where a variable stands, and no marker of a list or
    heading. An "item" is a sentence of a list item; "code" is what a fence holds, or a line that is code by its looks;
    "data" is what an example or an enclosed document says.
    """

    range: Range
    text: str
    kind: SentenceKind
    role: str | None
    directive: bool
    """Whether it orders, obliges or forbids."""


class _Part(NamedTuple):
    range: Range
    kind: SentenceKind


class _Line(NamedTuple):
    start: int
    end: int
    text: str


_EXAMPLES = re.compile(
    r"(?:[^\W_]{1,30}[ \-]){0,3}(?:few[- ]?shot|(?:examples?|ejemplos?|samples?|demonstrations?)\b)", re.IGNORECASE
)
_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x85]+")
_MARKERS = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_ITEM = re.compile(r"[ \t]*(?:[-*+•‣◦–—]|\(?\d{1,3}[.)]|\(?[a-z]\))[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)")
_RULE = re.compile(r"[ \t]*(?:[-*_=~#+]{3,}|(?:[-*_] ){2,}[-*_]?)[ \t]*$")
_CODE = re.compile(r"[ \t]*(?:[\[\]{}(),;]+[ \t]*$|\"[^\"]{1,80}\"[ \t]*:|[\[{][ \t]*\"|</?[\w.:\-]{1,60}/?>[ \t]*$)")
_STOP = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]*_`]*+(?=\s)|(?<![。！？｡।॥۔؟።។၊])[。！？｡।॥۔؟።។၊]++[”’»」』）\"'*]*+"
)
_WORDS = re.compile(r"[^\W_]")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«*_]{1,40}$")
_NEXT = re.compile(r"\s*[\"'“‘«(\[*_`]*")
_ABBREVIATIONS = EN.abbreviations | ES.abbreviations
_BEFORE_NUMBERS = frozenset({"no", "nos", "fig", "figs", "vol", "sec", "p", "pp", "art", "cap", "nº", "núm", "v"})


@facet
def sentences(prompt: Prompt) -> tuple[Sentence, ...]:
    """Every sentence in the order of the text; no two overlap."""
    seen = prose(prompt)
    divided = sections(prompt)
    shown = _without_markers(seen.text, divided)
    fences = [each.range for each in divided if each.kind == "fence"]
    shown_pairs = [range for pair in examples(prompt) for range in (pair.input_range, pair.output_range)]
    data = _merged([*_data(seen, divided), *_few_shots(seen.turns), *shown_pairs])
    titles = {each.range.start: each for each in divided if each.kind in ("heading", "label")}
    found: list[Sentence] = []
    for role, stretch in stretches(seen):
        for range, kind in _parts(shown, stretch, fences, titles):
            text = " ".join(shown[range.start : range.end].split())
            if kind in ("sentence", "item") and (_covers(data, range.start) or not _WORDS.search(text)):
                kind = "data"
            found.append(Sentence(range, text, kind, role, kind in ("sentence", "item") and is_directive(text)))
    return tuple(found)


@facet
def words(prompt: Prompt) -> tuple[str, ...]:
    """The lower-cased words of the prose, without code; a variable is none."""
    shown = " ".join(each.text for each in sentences(prompt) if each.kind != "code")
    return tuple(word_forms(shown.replace(VALUE, " ")))


def _data(seen: Prose, divided: Sequence[Section]) -> Iterator[Range]:
    """What the sections hold that is no instruction: examples and enclosed documents."""
    for each in divided:
        match each.kind:
            case "tag":
                name = each.name.lower().replace("-", "_")
                if name in DATA_TAGS or (name in PROMPT_TAGS and seen.text[: each.range.start].strip()):
                    yield each.content
            case "heading" | "label":
                if _EXAMPLES.match(each.name):
                    yield each.content
    # "Output: … Response: … Output: … Response: …" are examples, whatever the labels' names.
    names = Counter(each.name.lower() for each in divided if each.kind == "label")
    repeated = {name for name, times in names.items() if times > 1}
    if len(repeated) > 1:
        yield from (each.content for each in divided if each.kind == "label" and each.name.lower() in repeated)


def _few_shots(turns: Sequence[Turn]) -> Iterator[Range]:
    """The turns that show a conversation: what the model is made to have said, and what the user said before that.

    Without a system message the first words of the user are the instructions.
    """
    last_of_user = max((number for number, turn in enumerate(turns) if turn.role == "user"), default=0)
    has_system = any(turn.role == "system" for turn in turns)
    for number, (turn, after) in enumerate(zip(turns, [*turns[1:], None], strict=False)):
        answered = after is not None and after.role == "model" and number < last_of_user and (has_system or number > 0)
        if turn.role == "model" or (turn.role == "user" and answered):
            yield turn.range


def _without_markers(text: str, divided: Sequence[Section]) -> str:
    """The text with line ends in place of the tags that begin a line, and without the marks of block quotes."""
    cuts: list[Range] = []
    for each in divided:
        if each.kind == "tag" and _begins_line(text, each.range.start):
            cuts += [Range(each.range.start, each.content.start), Range(each.content.end, each.range.end)]
    pieces, start = [], 0
    for cut in sorted(cuts):
        pieces += [text[start : cut.start], "\n" * (cut.end - cut.start)]
        start = cut.end
    shown = "".join([*pieces, text[start:]])
    return _MARKERS.sub(lambda marker: " " * len(marker.group()), shown) if ">" in shown else shown


def _begins_line(text: str, offset: int) -> bool:
    return not text[max(0, offset - 40) : offset].rpartition("\n")[2].strip()


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for each in sorted(ranges):
        if merged and each.start <= merged[-1].end:
            merged[-1] = Range(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return merged


def _covers(ranges: Sequence[Range], offset: int) -> bool:
    place = bisect_right(ranges, (offset, math.inf)) - 1
    return place >= 0 and offset < ranges[place].end


def _parts(text: str, stretch: Range, fences: Sequence[Range], titles: Mapping[int, Section]) -> Iterator[_Part]:
    """The parts of one message, in order."""
    start = stretch.start
    for fence in islice(fences, bisect_left(fences, stretch.start, key=lambda each: each.start), None):
        if fence.start >= stretch.end:
            break
        yield from _prose_parts(text, Range(start, fence.start), titles)
        yield _Part(fence, "code")
        start = fence.end
    yield from _prose_parts(text, Range(start, stretch.end), titles)


def _prose_parts(text: str, range: Range, titles: Mapping[int, Section]) -> Iterator[_Part]:
    """The parts of a stretch that holds no fence."""
    block: list[_Line] = []
    kind: SentenceKind = "sentence"
    end = code_end = range.start
    for match in _LINE.finditer(text, *range):
        line = _Line(match.start(), match.end(), match.group())
        if line.start < code_end:
            end = line.end
            continue
        looks, title = _looks(line.text), titles.get(line.start)
        is_apart = line.start - end > 1 + text.startswith("\r\n", end)
        end = line.end
        if looks is not None or title is not None or is_apart:
            yield from _block_parts(text, block, kind)
            block, kind = [], "sentence"
        if looks in ("blank", "rule"):
            continue
        bare = _stripped(line)
        if title is not None and title.content.start >= bare.end:
            yield _Part(_title_words(bare, line), "heading")
        elif looks == "code":
            code_end = _end_of_code(text, bare, range.end)
            end = max(end, code_end)
            yield _Part(Range(bare.start, code_end), "code")
        elif looks == "data":
            yield _Part(bare, "data")
        elif looks == "item" and (item := _ITEM.match(line.text)):
            block, kind = [_Line(line.start + item.end(), line.end, line.text[item.end() :])], "item"
        else:
            block.append(line)
    yield from _block_parts(text, block, kind)


def _end_of_code(text: str, first: Range, limit: int) -> int:
    """Where the lines of code end that begin with `first`: where its brackets are closed, or at a blank line."""
    if text[first.start] not in "[{":
        return first.end
    depth, end = 0, first.end
    for line in _LINE.finditer(text, first.start, limit):
        bare = line.group().rstrip()
        if not bare or line.start() > end + 2:
            break
        depth += sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))
        end = line.start() + len(bare)
        if depth <= 0:
            break
    return end


def _looks(line: str) -> Literal["blank", "rule", "code", "data", "item"] | None:
    """What a line is by its own looks; None for one that may continue the line before."""
    bare = line.strip()
    if not bare:
        return "blank"
    first = bare[0]
    if first in "-*_=~#+" and _RULE.match(line):
        return "rule"
    if first in '[]{}(),;"<' and _CODE.match(line):
        return "code"
    if first == "|" and len(bare) > 1 and bare[-1] == "|":
        return "data"
    return "item" if _ITEM.match(line) else None


def _stripped(line: _Line) -> Range:
    before = len(line.text) - len(line.text.lstrip())
    return Range(line.start + before, line.start + len(line.text.rstrip()))


def _title_words(bare: Range, line: _Line) -> Range:
    """A heading without its hashes and asterisks."""
    shown = line.text[bare.start - line.start : bare.end - line.start]
    start = len(shown) - len(shown.lstrip("#*_ \t"))
    end = len(shown.rstrip("#*_ \t:"))
    return Range(bare.start + start, bare.start + end) if start < end else bare


def _block_parts(text: str, lines: Sequence[_Line], kind: SentenceKind) -> Iterator[_Part]:
    """The sentences of lines that belong together."""
    first = 0
    for last in _deliberate_ends(lines):
        for range in _split(text, Range(lines[first].start, lines[last].end)):
            yield _Part(range, kind)
        first = last + 1


def _deliberate_ends(lines: Sequence[_Line]) -> Iterator[int]:
    """Which of the lines end a sentence although no full stop says so: the last one, and those broken by the author.

    A wrapped line ends where the next word would not have fitted. Where it would have, and the next line begins like a
    sentence, the line was broken on purpose.
    """
    if not lines:
        return
    width = max(len(line.text) for line in lines)
    for number, (line, after) in enumerate(pairwise(lines)):
        word = after.text.split(maxsplit=1)[0]
        has_room = len(line.text.rstrip()) + 1 + len(word) <= width
        if has_room and not word[0].islower() and line.text.rstrip()[-1] not in ",;-–—(":
            yield number
    yield len(lines) - 1


def _split(text: str, range: Range) -> Iterator[Range]:
    """The sentences of a paragraph."""
    start = range.start
    for stop in _STOP.finditer(text, *range):
        if _ends_sentence(text, stop, range):
            if (part := _trimmed(text, Range(start, stop.end()))) is not None:
                yield part
            start = stop.end()
    if (part := _trimmed(text, Range(start, range.end))) is not None:
        yield part


def _trimmed(text: str, range: Range) -> Range | None:
    shown = text[range.start : range.end]
    bare = shown.lstrip()
    start = range.end - len(bare)
    return Range(start, start + len(bare.rstrip())) if bare else None


def _ends_sentence(text: str, stop: re.Match[str], range: Range) -> bool:
    mark = stop.group()
    if mark[0] not in ".…?!":
        return True
    following = _NEXT.match(text, stop.end(), range.end)
    after = text[following.end() : following.end() + 1] if following and following.end() < range.end else ""
    if not after:
        return True
    before = _LAST_WORD.search(text, max(range.start, stop.start() - 40), stop.start())
    word = before.group().lower() if before else ""
    if mark.startswith(".") and not mark.startswith(".."):
        if word in _ABBREVIATIONS:
            return word in _BEFORE_NUMBERS and not after.isdigit()
        if len(word) == 1 and word.isalpha() and word != "i":
            return False
        return not after.islower() or (mark == "." and len(word) > 2)
    return not after.islower()

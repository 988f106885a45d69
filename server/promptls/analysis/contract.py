"""What a prompt says about its output: the contract that an answer, and every example of one, has to keep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from promptls.analysis.contract_words import (
    BOUND,
    COUNTED_ITEMS,
    FALLBACK,
    FORMAT_NAMES,
    LABEL_CUE,
    ONLY,
    OUTPUT_WORD,
    SCALE,
    FormatName,
)
from promptls.analysis.examples import examples
from promptls.analysis.lexicon.lexicon import word_set
from promptls.analysis.prose import VALUE, lower_case, prose
from promptls.analysis.sections import sections
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.metadata import metadata
from promptls.language.picoschema import output_schema
from promptls.language.prompt import Prompt, facet
from promptls.language.schema import SchemaType
from promptls.syntax.source import Range

SkeletonKind = Literal["json", "fence", "tags", "labels", "table"]


@dataclass(frozen=True, slots=True)
class FormatMention:
    """A place that names the format of the output, in words or in the frontmatter."""

    name: FormatName
    range: Range


@dataclass(frozen=True, slots=True)
class OutputTag:
    """A tag that the output has to carry.

    `shown` says what of it the prompt shows: the opening tag alone ("within <answer> tags"), both tags, or both with
    something between them that says what belongs there (`filled`).
    """

    name: str
    range: Range
    shown: Literal["open", "both", "filled"]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A literal picture of the output; of JSON, `keys` are the outermost object's."""

    kind: SkeletonKind
    range: Range
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """A closed list of answers."""

    values: tuple[str, ...]
    range: Range


@dataclass(frozen=True, slots=True)
class Bound:
    """A stated size of the output ("at most 120 words") or a scale ("from 1 to 5")."""

    kind: Literal["size", "scale"]
    range: Range


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """Everything that a prompt and its frontmatter say about the output.

    `described` are the sentences that speak of it. `fallback` are the sentences that say what to do where the answer is
    not to be had, `only` those that forbid anything around it. `schema` is the frontmatter's.
    """

    mentions: tuple[FormatMention, ...] = ()
    described: tuple[Range, ...] = ()
    tags: tuple[OutputTag, ...] = ()
    skeletons: tuple[Skeleton, ...] = ()
    labels: Labels | None = None
    bounds: tuple[Bound, ...] = ()
    fallback: tuple[Range, ...] = ()
    only: tuple[Range, ...] = ()
    schema: SchemaType | None = None

    @property
    def format(self) -> FormatName | None:
        """The format that the output has to have; the frontmatter's word counts before the prose's."""
        return self.mentions[0].name if self.mentions else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is said of the output."""
        return not (self.mentions or self.described or self.tags or self.skeletons or self.labels or self.schema)


@facet
def output_contract(prompt: Prompt) -> Contract:
    """The output contract of a prompt."""
    schema = output_schema(prompt)
    declared = metadata(prompt).output_format
    mentions: list[FormatMention] = []
    if declared is not None and (name := FORMAT_NAMES.get(declared.value.lower())):
        mentions.append(FormatMention(name, declared.range))
    elif schema is not None:
        mentions.append(FormatMention("json", schema.range))
    text = _without_examples(prompt)
    lowered = lower_case(text)
    spoken = [each for each in sentences(prompt) if not text[each.range.start : each.range.end].isspace()]
    instructions = [each for each in spoken if each.kind in ("sentence", "item")]
    about_output = [each for each in instructions if OUTPUT_WORD.search(each.text.lower())]
    tags = tuple(_tags(prompt, text, lowered, about_output))
    skeletons = tuple(sorted(_skeletons(prompt, text, lowered, tags), key=lambda each: each.range))
    return Contract(
        mentions=(*mentions, *_mentions(lowered, about_output)),
        described=tuple(each.range for each in about_output if each.directive or _is_rule(each)),
        tags=tags,
        skeletons=skeletons,
        labels=_labels(text, lowered, spoken) or _enumerated(schema.type if schema else None),
        bounds=tuple(_bounds(lowered, instructions)),
        fallback=tuple(_found(FALLBACK, lowered, instructions)),
        only=tuple(_found(ONLY, lowered, instructions)),
        schema=schema.type if schema else None,
    )


def _without_examples(prompt: Prompt) -> str:
    """The prose with what the examples say blanked, for it is no statement about the output."""
    text = prose(prompt).text
    pieces, at = [], 0
    for pair in examples(prompt):
        pieces += [text[at : pair.range.start], " " * (pair.range.end - pair.range.start)]
        at = pair.range.end
    return "".join([*pieces, text[at:]])


_RULE_WORD = re.compile(r"\b(?:must|should|shall|has to|is to|will|debe|deberá|tiene que)\b")


def _is_rule(sentence: Sentence) -> bool:
    return _RULE_WORD.search(sentence.text.lower()) is not None


def _found(pattern: re.Pattern[str], text: str, within: Iterable[Sentence]) -> Iterator[Range]:
    for each in within:
        if match := pattern.search(text, *each.range):
            yield Range(*match.span())


_FORMAT = re.compile(rf"\b(?P<name>{'|'.join(sorted(map(re.escape, FORMAT_NAMES), key=len, reverse=True))})\b")


def _mentions(lowered: str, about_output: Iterable[Sentence]) -> Iterator[FormatMention]:
    for each in about_output:
        if match := _FORMAT.search(lowered, *each.range):
            yield FormatMention(FORMAT_NAMES[match["name"]], Range(*match.span()))


_OPEN_TAG = re.compile(r"<(?P<name>[A-Za-z][\w.-]{0,60})>")
_BETWEEN = re.compile(r"\s*(?:\.{3}|…|and|y|to|,)?\s*")
_ENCLOSING = re.compile(
    r"\b(?:enclos|encapsulat|wrap|place|put|insert|surround|between|within|inside|in|as|format|structur|tags?|markers?|"
    r"delimit|return|output|answer|respon|write|entre|dentro|etiqueta|formato|escrib|responde|devuelve|coloca|encierra)"
)
_LONGEST_FILLING = 300


def _tags(prompt: Prompt, text: str, lowered: str, about_output: Sequence[Sentence]) -> Iterator[OutputTag]:
    """The tags of the output: named in a sentence about the output, and not those that hold the prompt's inputs."""
    inputs = {
        section.name
        for section in sections(prompt)
        if section.kind == "tag" and VALUE in text[section.content.start : section.content.end]
    }
    seen: dict[str, OutputTag] = {}
    for each in about_output:
        if "<" not in text[each.range.start : each.range.end] or not _ENCLOSING.search(each.text.lower()):
            continue
        for match in _OPEN_TAG.finditer(text, *each.range):
            name = match["name"]
            if name in inputs:
                continue
            tag = _shown(text, match)
            if tag is not None and (name not in seen or _RANK[tag.shown] > _RANK[seen[name].shown]):
                seen[name] = tag
    for section in _pictures(prompt, text, lowered):
        for match in _OPEN_TAG.finditer(text, *section):
            closing = text.find(f"</{match['name']}>", match.end(), section.end)
            if closing >= 0:
                end = closing + len(match["name"]) + 3
                seen[match["name"]] = OutputTag(match["name"], Range(match.start(), end), "filled")
    yield from seen.values()


def _pictures(prompt: Prompt, text: str, lowered: str) -> Iterator[Range]:
    """The fenced blocks that show the output: they hold no value, and the words before them speak of the output."""
    for section in sections(prompt):
        if section.kind == "fence" and VALUE not in text[section.content.start : section.content.end]:
            before = max(0, section.range.start - 200)
            if OUTPUT_WORD.search(lowered, before, section.range.start):
                yield section.content


_RANK = {"open": 0, "both": 1, "filled": 2}


_CALLED_TAG = re.compile(r"[`'\"]?\s{1,40}(?:xml\s{1,40})?(?:tags?|markers?|etiquetas?|blocks?)\b", re.IGNORECASE)


def _shown(text: str, match: re.Match[str]) -> OutputTag | None:
    closing = f"</{match['name']}>"
    end = text.find(closing, match.end(), match.end() + _LONGEST_FILLING)
    if end < 0:
        following = text[match.end() : match.end() + 40]
        # `<your answer>` and a bare `<x>` are placeholders; a tag is called one, or has a counterpart somewhere.
        return OutputTag(match["name"], Range(*match.span()), "open") if _CALLED_TAG.match(following) else None
    between = text[match.end() : end].strip("`'\" ")
    if "<" in between or "\n\n" in between:
        return None
    whole = Range(match.start(), end + len(closing))
    if not between or _BETWEEN.fullmatch(between):
        return OutputTag(match["name"], whole, "both")
    return OutputTag(match["name"], whole, "filled")


_JSON_KEY = re.compile(r"\{\s*[\"“'](?P<key>[^\"”'\n{}]{1,80})[\"”']\s*:")
_LINE = re.compile(r"[^\n]+")
_LABEL_LINE = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?[*_]{0,2}[^\W\d_][\w /-]{0,40}[*_]{0,2}:[*_]{0,2}[ \t]*"
    r"(?:<[^<>\n]{1,80}>|\[[^\[\]\n]{1,80}\]|\.{3}|…|_{2,})[ \t]*\r?$",
    re.MULTILINE,
)
_TABLE = re.compile(r"^[ \t]*\|[^\n]*\|[ \t]*\r?\n[ \t]*\|[ \t:|-]+\|[ \t]*\r?$", re.MULTILINE)
_INLINE_SHAPE = re.compile(
    r"\b(?:format|form|structure|pattern|template|formato|forma|estructura|plantilla)\b[^.!?\n]{0,40}?[:,]?\s*"
    r"(?P<shape>[\"“`](?=[^\"”`\n]{0,200}[<:\[{…])[^\"”`\n]{2,200}[\"”`]|<[^<>\n]{1,80}>|\[[^\[\]\n]{1,80}\])"
)


def _skeletons(prompt: Prompt, text: str, lowered: str, tags: Iterable[OutputTag]) -> Iterator[Skeleton]:
    yield from (Skeleton("tags", tag.range) for tag in tags if tag.shown == "filled")
    ends = -1
    for match in _JSON_KEY.finditer(text):
        if match.start() < ends:
            continue
        range, keys = _json(text, match.start())
        ends = range.end
        yield Skeleton("json", range, keys)
    yield from (
        Skeleton("fence", range) for range in _pictures(prompt, text, lowered) if not _JSON_KEY.search(text, *range)
    )
    for line in _LINE.finditer(text):
        if ":" in line[0] and line[0].rstrip().endswith((">", "]", "...", "…", "_")) and _LABEL_LINE.match(line[0]):
            yield Skeleton("labels", Range(*line.span()))
    yield from (Skeleton("table", Range(*match.span())) for match in (_TABLE.finditer(text) if "|" in text else ()))
    for match in _INLINE_SHAPE.finditer(lowered):
        if not _OPEN_TAG.fullmatch(match["shape"]):
            yield Skeleton("labels", Range(*match.span("shape")))


_LONGEST_JSON = 20_000
_STRING_OR_BRACE = re.compile(r"\"(?:[^\"\\\n]|\\.){0,1000}+\"(?P<colon>\s{0,80}:)?|[{}\[\]]")


def _json(text: str, start: int) -> tuple[Range, tuple[str, ...]]:
    """The object that starts at `start` to its closing brace, as far as braces balance, and its own keys."""
    depth = 0
    keys: list[str] = []
    end = min(len(text), start + _LONGEST_JSON)
    for match in _STRING_OR_BRACE.finditer(text, start, end):
        token = match[0]
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
            if depth == 0:
                return Range(start, match.end()), tuple(keys)
        elif depth == 1 and match["colon"]:
            keys.append(token[1 : -1 - len(match["colon"])])
    line_end = text.find("\n", start)
    return Range(start, line_end if line_end >= 0 else len(text)), tuple(keys)


_AND = r"(?:or|and|o|y|u|e)"
_ITEM = rf"(?!{_AND}\b)[^\W_][\w/&+-]{{0,60}}+(?:\s(?!{_AND}\b)\w[\w/&+-]{{0,60}}+){{0,3}}(?:\s?\([^()\n]{{0,20}}\))?"
_LIST = re.compile(rf"{_ITEM}(?:\s*,\s*{_ITEM}){{0,30}},?\s+{_AND}\s+{_ITEM}")
_COMMAS = re.compile(rf"{_ITEM}(?:\s*,\s*{_ITEM}){{2,30}}(?=[\s\"'`]*(?:[.;:)\]]|$))", re.MULTILINE)
_SLASHED = re.compile(r"(?<![\w/.:])[A-Za-zÀ-ÿ]{1,20}(?:\s?/\s?[A-Za-zÀ-ÿ]{1,20}){1,8}(?!\w|/|\.\w)")
_QUOTED_ROW = re.compile(
    r"[\"'`“‘«](?P<first>[^\"'`”’»\n]{1,40})[\"'`”’»](?:(?:\s*[,/|]\s*|,?\s+(?:or|and|o|y)\s+)"
    r"[\"'`“‘«][^\"'`”’»\n]{1,40}[\"'`”’»]){1,30}"
)
_QUOTED_VALUE = re.compile(r"[\"'`“‘«]([^\"'`”’»\n]{1,40})[\"'`”’»]")
_PIPED = re.compile(r"[\w-]{1,30}(?:\s?\|\s?[\w-]{1,30}){1,20}")
_COMMA = re.compile(r",?\s(?:or|and|o|y|u|e)\s|\s?,\s?(?:(?:or|and|o|y|u|e)\s)?")
_SLASH = re.compile(r"\s?[/|]\s?")
_REACH = 90
_MOST_LABELS = 40
_MOST_CUES = 8


def _labels(text: str, lowered: str, spoken: Sequence[Sentence]) -> Labels | None:
    """The first closed list of answers that a sentence gives, or that list items below it spell out."""
    for index, each in enumerate(spoken):
        if each.kind not in ("sentence", "item", "heading"):
            continue
        cues = list(islice(_cues(text, lowered, each.range), _MOST_CUES))
        if not cues:
            continue
        for cue in cues if each.kind != "heading" else ():
            if labels := _row(text, cue, each.range.end):
                return labels
        if text[each.range.start : each.range.end].rstrip("* \t\r\n").endswith((":", ".")) or each.kind == "heading":
            listed = _listed(text, spoken[index + 1 :])
            if listed is not None:
                return listed
    return None


def _cues(text: str, lowered: str, range: Range) -> Iterator[re.Match[str]]:
    """The words that may lead to labels; after "answer" and the like stands a quote or a capital."""
    for cue in LABEL_CUE.finditer(lowered, *range):
        at = cue.start("answer")
        if at < 0 or not text[at].islower():
            yield cue


def _row(text: str, cue: re.Match[str], end: int) -> Labels | None:
    """The first row of alternatives that begins within reach of a cue."""
    start, end = cue.end(), min(end, cue.end() + 6 * _REACH)
    for pattern in (_QUOTED_ROW, _LIST, _COMMAS, _SLASHED, _PIPED):
        for match in pattern.finditer(text, start, end):
            if match.start() - start > _REACH:
                break
            labels = _values(match)
            if labels is not None and _is_introduced(text, cue, labels):
                return labels
    return None


_INTRODUCED = re.compile(
    r"(?:[:(\-–—|]|\b(?:as|either|into|between|whether|is|are|of(?:\s+the)?|como|en|entre|with|answer|respond|reply|output))\s*"
    r"(?:either\s+)?(?:(?:an?|the|un|una)\s+)?$",
    re.IGNORECASE,
)


_QUOTES = frozenset("\"'`“‘«")


def _is_introduced(text: str, cue: re.Match[str], labels: Labels) -> bool:
    """Whether lower-case words are alternatives: a colon, "as" or the like leads to them, or they follow the cue."""
    first = labels.range.start
    if not labels.values[0][0].islower() or text[first] in _QUOTES or text[first - 1 : first] in _QUOTES:
        return True
    if not text[cue.end() : first].strip():
        return True
    return _INTRODUCED.search(text, max(cue.start(), first - 30), first) is not None


def _values(match: re.Match[str]) -> Labels | None:
    quoted = _QUOTED_VALUE.findall(match[0])
    if len(quoted) > 1:
        values = quoted
    elif match.re in (_LIST, _COMMAS):
        values = _trimmed([_NOTE.sub("", each).split() for each in _COMMA.split(" ".join(match[0].split()))])
    else:
        values = _SLASH.split(match[0])
    before = match.string[max(0, match.start() - 10) : match.start()]
    fewest = 2 if _EITHER.search(match[0]) or _BETWEEN_TWO.search(before) else 3
    if not fewest <= len(values) <= _MOST_LABELS or any(_is_phrase(each) for each in values):
        return None
    return Labels(tuple(values), Range(_place_of(values[0], match), match.end()))


def _place_of(first: str, match: re.Match[str]) -> int:
    """Where the first value stands: what was trimmed before it is no part of the row."""
    at = match[0].find(first)
    return match.start() + max(0, at)


def _trimmed(rows: list[list[str]]) -> list[str]:
    """The items of a row without the words of the sentence that runs into its first and out of its last."""
    for at in reversed(range(len(rows) - 1)):
        words = rows[at]
        stop = max((i for i, word in enumerate(words) if word.lower() in _PHRASE_WORDS), default=-1)
        if stop >= 0:
            rows = [words[stop + 1 :], *rows[at + 1 :]]
            break
    if all(words and not words[0][0].islower() for words in rows[1:]):
        rows = [rows[0][next((at for at, word in enumerate(rows[0]) if not word[0].islower()), 0) :], *rows[1:]]
    named = [bool(words) and not words[0][0].islower() for words in rows]
    if any(named):
        rows = rows[named.index(True) :]
    if all(words and not words[0][0].islower() for words in rows):
        last = rows[-1]
        del last[next((at for at, word in enumerate(last) if word[0].islower()), len(last)) :]
    return [
        " ".join(words[1:] if words[0].lower() in _ARTICLES and len(words) > 1 else words) for words in rows if words
    ]


_NOTE = re.compile(r"\s?\([^()\n]*\)")
_BETWEEN_TWO = re.compile(r"\b(?:between|entre)\s+$", re.IGNORECASE)
_ARTICLES = frozenset(("a", "an", "the", "un", "una", "el", "la"))
_EITHER = re.compile(r"\s(?:or|o|u)\s|[/|]", re.IGNORECASE)
_PHRASE_WORDS = word_set(
    """
    what that which who it it's its is are be this these those from as in by if then when you your their only not to for
    with at of into about either among between namely que lo su sus si cuando es son para con por como de en entre
    """
)


def _is_phrase(label: str) -> bool:
    """Whether what looked like a label is part of a sentence."""
    return not label or len(label) > 40 or not _PHRASE_WORDS.isdisjoint(label.lower().split())


_HEAD = re.compile(r"[*_`\"']{0,3}(?P<value>[^\s*_`\"':][^*`\"':\n]{0,40}?)[*_`\"']{0,3}\s*(?::|\s[-–—]\s|$|\n)")


def _listed(text: str, following: Sequence[Sentence]) -> Labels | None:
    """The heads of the list items that come next: `- billing: invoices and refunds`."""
    values: list[str] = []
    start = end = -1
    for each in following[:_MOST_LABELS]:
        if each.kind != "item":
            break
        head = _HEAD.match(text, *each.range)
        if head is None or len(head["value"].split()) > 4:
            break
        start = each.range.start if start < 0 else start
        end = each.range.end
        values.append(head["value"].strip())
    return Labels(tuple(values), Range(start, end)) if len(values) > 1 else None


def _enumerated(schema: SchemaType | None) -> Labels | None:
    """The labels of the schema's first enum, at any depth."""
    pending = [schema] if schema else []
    while pending:
        type = pending.pop(0)
        if type.type == "enum" and len(type.values) > 1:
            return Labels(tuple(map(str, type.values)), type.range)
        pending += [field.type for field in type.fields]
        if type.items is not None:
            pending.append(type.items)
    return None


def _bounds(lowered: str, instructions: Iterable[Sentence]) -> Iterator[Bound]:
    for each in instructions:
        sizes = list(BOUND.finditer(lowered, *each.range)) or list(COUNTED_ITEMS.finditer(lowered, *each.range))
        yield from (Bound("size", Range(*match.span())) for match in sizes)
        yield from (Bound("scale", Range(*match.span())) for match in SCALE.finditer(lowered, *each.range))


def named_keys(value: Any) -> tuple[str, ...]:
    """The outermost keys of a JSON value; those of the first element where it is an array of objects."""
    if isinstance(value, list) and value:
        value = value[0]
    return tuple(value) if isinstance(value, dict) else ()

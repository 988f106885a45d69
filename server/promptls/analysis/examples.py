"""The worked examples of a prompt: pairs of an input and the output that it should get, wherever they are written."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from promptls.analysis.prose import VALUE, Turn, prose
from promptls.language.prompt import Prompt, facet
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import BlockStatement
from promptls.syntax.source import Range

Origin = Literal["tags", "labels", "turns", "arrow"]


@dataclass(frozen=True, slots=True)
class ExamplePair:
    """One worked example: the words of its input and output without the white space around them, and their places.

    `origin` says how it is written: in `<example>` tags, as labelled lines (`Input:`, `Output:`), as a user's and a
    model's message, or as `input -> output`.
    """

    range: Range
    input: str
    output: str
    input_range: Range
    output_range: Range
    origin: Origin

    @property
    def is_filled_in(self) -> bool:
        """Whether the output comes with the data, so that nothing can be said of it here."""
        return VALUE in self.output


@facet
def examples(prompt: Prompt) -> tuple[ExamplePair, ...]:
    """The example pairs of a prompt in source order; none overlaps another."""
    seen = prose(prompt)
    text = seen.text
    if seen.is_blank:
        return ()
    turns = seen.turns or (Turn("user", Range(0, len(text))),)
    found = list(_tagged(text))
    for turn in turns:
        found += _labelled(text, turn.range)
    found += _turns(text, turns)
    found += _arrows(text)
    looped = [each.range for each in tree(prompt).of(BlockStatement) if called_name(each.open.path) == "each"]
    chosen: list[ExamplePair] = []
    for pair in found:
        # A pair of values is the place of the input, unless the data brings many of them.
        if VALUE in pair.input and pair.is_filled_in and not any(block.encloses(pair.range) for block in looped):
            continue
        at = bisect(chosen, pair.range, key=lambda each: each.range)
        neighbours = chosen[max(0, at - 1) : at + 1]
        if not any(pair.range.start < other.range.end and other.range.start < pair.range.end for other in neighbours):
            chosen.insert(at, pair)
    return tuple(chosen)


_INPUTS = (
    "example input|input|question|q|user|human|text|sentence|query|customer|review|ticket|message|problem|premise|"
    "article|ejemplo de entrada|entrada|pregunta|usuario|texto|frase|consulta|mensaje|cliente|problema|artículo"
)
_OUTPUTS = (
    "example output|expected output|desired output|correct answer|output|answer|a|assistant|model|ai|bot|response|"
    "reply|label|category|class|classification|sentiment|result|summary|translation|"
    "ejemplo de salida|salida esperada|salida|respuesta|r|asistente|modelo|etiqueta|categoría|clase|clasificación|"
    "sentimiento|resultado|resumen|traducción"
)
_LABEL = re.compile(
    rf"""^[ \t>]*(?:[-*•][ \t]+|\d{{1,3}}[.)][ \t]+)?
    (?:(?P<heading>\#{{1,6}})[ \t]+)?[*_\[(]{{0,3}}
    (?:(?P<input>{_INPUTS})|(?P<output>{_OUTPUTS}))
    (?:[ \t]*\#?\d{{1,3}}|[ \t]*\([^()\n]{{0,30}}\))?
    (?:[*_\])]{{0,3}}[ \t]*[:：][*_]{{0,3}}|\]|(?=[ \t]*\r?$))""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_NAMED_OUTPUT = re.compile(r"[\W\d_]*(?:expected[ \t]+|desired[ \t]+)?(?:output|salida)\b", re.IGNORECASE)
_LINE = re.compile(r"[^\n]+")
_INLINE_OUTPUT = re.compile(rf"[ \t](?:{_OUTPUTS})[ \t]*[:：]", re.IGNORECASE)
_BREAK = re.compile(r"^[ \t]*(?:\#{1,6}[ \t]|-{3,}[ \t]*$|={3,}[ \t]*$|</?[A-Za-z][\w-]*>[ \t]*$)", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_CUE = re.compile(r"\b(?:examples?|e\.g\.|for instance|such as|shots?|ejemplos?|por ejemplo|p\. ?ej\.)", re.IGNORECASE)
_LITERAL = re.compile(r"[<{\[\"'`“«\d]")
_CUE_REACH = 300


class _Mark(NamedTuple):
    kind: Literal["input", "output"]
    start: int
    end: int
    is_heading: bool


def _labelled(text: str, within: Range) -> list[ExamplePair]:
    marks = _without_given_answers(text, list(_marks(text, within)))
    pairs: list[ExamplePair] = []
    is_open: list[bool] = []
    headings: list[bool] = []
    for index, mark in enumerate(marks):
        at = index + 1
        if mark.kind != "input" or at == len(marks) or marks[at].kind != "output":
            continue
        # "Question, Answer, Output": the answer belongs to what is judged.
        for later in range(at, len(marks)):
            if marks[later].kind == "input":
                break
            if _NAMED_OUTPUT.match(text, marks[later].start):
                at = later
        following = marks[at]
        after = marks[at + 1] if at + 1 < len(marks) else None
        end = after.start if after else within.end
        if stop := _BREAK.search(text, following.end, end):
            end, after = stop.start(), after if after and not text[stop.start() : after.start].strip() else None
        if after is None:
            end = _end_of_last(text, following.end, end, pairs)
        pair = _pair(text, mark.start, Range(mark.end, following.start), Range(following.end, end), "labels")
        if pair is not None:
            pairs.append(pair)
            is_open.append(after is not None and after.kind == "input")
            headings.append(mark.is_heading)
    if len(pairs) > 1:
        return pairs
    return [
        pair
        for pair, opens, heading in zip(pairs, is_open, headings, strict=True)
        if _CUE.search(text, max(0, pair.range.start - _CUE_REACH), pair.range.start)
        or (not heading and (opens or _LITERAL.match(pair.output)))
    ]


def _without_given_answers(text: str, marks: Sequence[_Mark]) -> list[_Mark]:
    """The marks without answers that are to be judged: another output follows them in the same paragraph."""
    kept: list[_Mark] = []
    for number, mark in enumerate(marks):
        after = marks[number + 1] if number + 1 < len(marks) else None
        judged = mark.kind == "output" and after is not None and after.kind == "output"
        if after is None or not judged or _BLANK_LINE.search(text, mark.end, after.start):
            kept.append(mark)
    return kept


def _marks(text: str, within: Range) -> Iterator[_Mark]:
    for line in _LINE.finditer(text, *within):
        if not (":" in line[0] or "]" in line[0] or "#" in line[0] or "：" in line[0]):
            continue
        match = _LABEL.match(text, line.start(), within.end)
        if match is None:
            continue
        kind: Literal["input", "output"] = "input" if match["input"] else "output"
        colon = match[0].rstrip("*_ \t").endswith((":", "：", "]"))
        # A word alone on its line is a label only as a heading.
        if not colon and not match["heading"]:
            continue
        yield _Mark(kind, match.start(), match.end(), is_heading=bool(match["heading"]))
        if kind == "input" and colon:
            line_end = text.find("\n", match.end(), within.end)
            inline = _INLINE_OUTPUT.search(text, match.end(), line_end if line_end >= 0 else within.end)
            if inline is not None:
                yield _Mark("output", inline.start(), inline.end(), is_heading=False)


def _end_of_last(text: str, start: int, end: int, before: list[ExamplePair]) -> int:
    """Where the last output of a row ends: with its paragraph, unless those before it have several."""
    if any(_BLANK_LINE.search(pair.output) for pair in before):
        return end
    first = re.compile(r"\S").search(text, start, end)
    stop = _BLANK_LINE.search(text, first.start(), end) if first else None
    return stop.start() if stop else end


def _pair(text: str, start: int, input: Range, output: Range, origin: Origin) -> ExamplePair | None:
    input, output = _stripped(text, input), _stripped(text, output)
    given, wanted = text[input.start : input.end], text[output.start : output.end]
    if not given or not wanted or _is_placeholder(wanted):
        return None
    return ExamplePair(Range(start, output.end), given, wanted, input, output, origin)


_PLACEHOLDER = re.compile(r"<[^<>/\n]{1,60}>|\[[^\[\]\n]{1,60}\]|\.{3}|…|_{2,}")


def _is_placeholder(text: str) -> bool:
    """Whether a text only stands for what is to come: `<your answer>`, `[label]`, `...`."""
    return _PLACEHOLDER.fullmatch(text) is not None


def _stripped(text: str, range: Range) -> Range:
    piece = text[range.start : range.end]
    start = range.start + len(piece) - len(piece.lstrip())
    return Range(start, max(start, range.start + len(piece.rstrip())))


_EXAMPLE_TAG = re.compile(
    r"<(?P<name>examples?|ejemplos?|sample|shot|demo(?:nstration)?)(?:[ \t][^<>\n]{0,80})?>", re.I
)
_CHILD = re.compile(r"<(?P<name>[A-Za-z][\w.-]{0,40})(?:[ \t][^<>\n]{0,200})?>")
_INPUT_TAG = re.compile(rf"(?:{_INPUTS})", re.IGNORECASE)
_OUTPUT_TAG = re.compile(rf"(?:{_OUTPUTS}|ideal_output|final_answer)", re.IGNORECASE)


def _tagged(text: str) -> Iterator[ExamplePair]:
    closing = _Closing(text)
    fed = frozenset(_tags_around_values(text, closing))
    for match in _EXAMPLE_TAG.finditer(text):
        end = closing.of(match["name"], match.end())
        if end is None or match["name"].lower() in ("examples", "ejemplos"):
            continue
        inner = Range(match.end(), end)
        pair = _of_children(text, match.start(), inner, fed, closing)
        if pair is None:
            labelled = _labelled(text, inner)
            yield from labelled
        else:
            yield pair


class _Closing:
    """Finds closing tags; one that was once not found is not sought again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._missing: set[str] = set()

    def of(self, name: str, start: int, end: int | None = None) -> int | None:
        """Where `</name>` begins after `start`, or None."""
        if name in self._missing:
            return None
        found = self._text.find(f"</{name}>", start)
        if found < 0:
            self._missing.add(name)
            return None
        return found if end is None or found < end else None


def _tags_around_values(text: str, closing: _Closing) -> Iterator[str]:
    """The names of tags that hold a value and nothing else to speak of: where the prompt puts its inputs."""
    for match in _CHILD.finditer(text):
        end = closing.of(match["name"], match.end())
        if end is not None and end - match.end() < 2_000 and VALUE in text[match.end() : end]:
            yield match["name"]


def _of_children(text: str, start: int, inner: Range, fed: frozenset[str], closing: _Closing) -> ExamplePair | None:
    """The pair that the tags directly inside an example make: inputs first, what is left is the output."""
    children: list[tuple[str, Range, Range]] = []
    at = inner.start
    while match := _CHILD.search(text, at, inner.end):
        end = closing.of(match["name"], match.end(), inner.end)
        if end is None:
            at = match.end()
            continue
        at = end + len(match["name"]) + 3
        children.append((match["name"], Range(match.start(), at), Range(match.end(), end)))
    if not children:
        return None
    outputs = [child for child in children if _OUTPUT_TAG.fullmatch(child[0])]
    inputs = [child for child in children if child[0] in fed or _INPUT_TAG.fullmatch(child[0])]
    if outputs and outputs[0][1].start > inner.start and children[0] not in outputs:
        before = [child for child in children if child[1].end <= outputs[0][1].start]
        whole = outputs[0][0].lower() not in _PLAIN_OUTPUTS or len(outputs) > 1
        output = Range(outputs[0][1].start, inner.end) if whole else outputs[0][2]
        if before[-1][0] not in fed and not _INPUT_TAG.fullmatch(before[-1][0]) and inputs:
            output = Range(inputs[-1][1].end, inner.end)
        first = inputs[0][2] if len(inputs) == 1 else Range(before[0][1].start, output.start)
        return _pair(text, start, first, output, "tags")
    if inputs:
        return _pair(text, start, Range(inner.start, inputs[-1][1].end), Range(inputs[-1][1].end, inner.end), "tags")
    return None


_PLAIN_OUTPUTS = frozenset(
    [
        "output",
        "assistant",
        "response",
        "reply",
        "model",
        "bot",
        "ai",
        "expected_output",
        "ideal_output",
        "salida",
        "respuesta",
        "asistente",
        "modelo",
    ]
)
"""Tags that only name the part of the example; others, such as `<answer>`, may be part of the output itself."""


def _turns(text: str, turns: tuple[Turn, ...]) -> Iterator[ExamplePair]:
    for asked, answered in pairwise(turns):
        if asked.role == "user" and answered.role in ("model", "assistant"):
            if VALUE in text[asked.range.start : answered.range.end]:
                continue  # the conversation itself, with an answer put into the model's mouth
            pair = _pair(text, asked.range.start, asked.range, answered.range, "turns")
            if pair is not None:
                yield pair


_ARROW = re.compile(
    r"^[ \t>]*+(?:[-*•][ \t]++|\d{1,3}[.)][ \t]++)?"
    r"(?P<input>[^\n]{1,200}?)[ \t]*(?:->|=>|→|⇒|⟶)[ \t]*(?P<output>[^\n]+)$",
    re.MULTILINE,
)
_QUOTED = re.compile(r"[\"'`“«‘]")


def _arrows(text: str) -> Iterator[ExamplePair]:
    """Lines of `input -> output`, where quotes or a cue say that they are examples and not a chain of steps."""
    if not any(arrow in text for arrow in ("->", "=>", "→", "⇒", "⟶")):
        return
    for match in _ARROW.finditer(text):
        input, output = match["input"], match["output"]
        if any(arrow in output for arrow in ("->", "=>", "→", "⇒", "⟶")):
            continue
        cue = _CUE.search(text, max(0, match.start() - _CUE_REACH), match.start("output"))
        if (cue is None and not _QUOTED.match(input)) or output == "{":
            continue
        start = match.start("input")
        if cue is not None and start <= cue.start() < match.end("input"):
            start = cue.end()
        pair = _pair(text, start, Range(start, match.end("input")), Range(*match.span("output")), "arrow")
        if pair is not None:
            yield pair

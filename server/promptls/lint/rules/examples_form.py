"""Rules about how examples are written: all in one way, and set off from the instructions."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from promptls.analysis.examples import ExamplePair
from promptls.analysis.prose import VALUE, prose
from promptls.analysis.sections import sections, stretches
from promptls.analysis.sentences import sentences
from promptls.language.prompt import Prompt
from promptls.lint.example_edits import whole_example
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.worked_examples import worked_examples
from promptls.syntax.source import Range, TextEdit

_FEWEST = 3
_MAJORITY = 0.6


@rule(
    "examples/inconsistent",
    Severity.INFO,
    certainty="likely",
    fixable="unsafe",
    dimension="structure",
    applies_to="any",
)
def inconsistent(prompt: Prompt) -> Iterator[Finding]:
    """One example is written otherwise than the rest: other labels, other keys, or a value of another type.

    Models copy the form of the examples before anything else (the guides of Anthropic and Google ask for one form), so
    an odd one out makes the form of the answers a matter of luck. Compared are three examples and more: the words
    before input and output, whether the output is JSON, its keys and the types of their values, and how a label is
    spelt. The fix writes what most have, where that is a matter of words.

    ```prompt bad
    Classify the sentiment.
    Input: The food was great.
    Output: positive
    Input: I waited for an hour.
    Answer: negative
    Input: It was fine.
    Output: neutral

    Input: {{review}}
    Output:
    ```

    ```prompt bad
    Is it a joke? Answer as JSON.
    Input: Knock, knock.
    Output: {"reason": "It has the form of one.", "verdict": true}
    Input: It rains.
    Output: {"reason": "It states a fact.", "verdict": false}
    Input: My cat is a lawyer.
    Output: {"reason": "It is absurd.", "verdict": "1"}

    Input: {{text}}
    Output:
    ```

    ```prompt good
    Classify the sentiment.
    Input: The food was great.
    Output: positive
    Input: I waited for an hour.
    Output: negative
    Input: It was fine.
    Output: neutral

    Input: {{review}}
    Output:
    ```

    ```prompt good
    {{role "system"}}
    Answer as JSON. Leave out what is not stated.
    {{role "user"}}
    Ada, 36
    {{role "model"}}
    {"name": "Ada", "age": 36}
    {{role "user"}}
    Grace
    {{role "model"}}
    {"name": "Grace"}
    {{role "user"}}
    {{text}}
    ```
    """
    shown = worked_examples(prompt)
    by_origin = Counter(pair.origin for pair in shown)
    for origin, count in by_origin.items():
        group = [pair for pair in shown if pair.origin == origin]
        if count < _FEWEST:
            continue
        if origin == "labels":
            yield from _odd_labels(prompt, group)
        yield from _odd_outputs(prompt, group)


_WORDS = re.compile(r"[^\W\d_][\w ]*[^\W_]|[^\W\d_]")


def _odd_labels(prompt: Prompt, group: Sequence[ExamplePair]) -> Iterator[Finding]:
    """Words before an input or an output that differ from those of most."""
    places: tuple[Callable[[ExamplePair], Range], ...] = (
        lambda pair: Range(pair.range.start, pair.input_range.start),
        lambda pair: Range(pair.input_range.end, pair.output_range.start),
    )
    for place in places:
        written = [_WORDS.search(prompt.text, *place(pair)) for pair in group]
        usual = _usual([match[0] if match else None for match in written])
        for match in written:
            if usual is None or match is None or match[0] == usual:
                continue
            yield Finding(
                Range(*match.span()),
                f"most examples have `{usual}` here",
                help=f"Write `{usual}`.",
                fix=Fix(f"Write {usual}", (TextEdit(Range(*match.span()), usual),), safe=False),
            )


def _usual(values: Sequence[Any]) -> Any:
    """What most have; None where they do not agree, or where too many have something else."""
    (value, count), *others = Counter(values).most_common()
    return value if others and count >= _MAJORITY * len(values) and len(values) - count <= _MOST_ODD else None


_MOST_ODD = 2


def _odd_outputs(prompt: Prompt, group: Sequence[ExamplePair]) -> Iterator[Finding]:
    is_json = [pair.output.startswith(("{", "[")) for pair in group]
    if _usual(is_json) is True:
        for pair, fits in zip(group, is_json, strict=True):
            if not fits:
                yield Finding(_first_line(pair), "the output of most examples is JSON, and this one is none")
    if any(is_json):
        yield from _odd_fields(prompt, [pair for pair, fits in zip(group, is_json, strict=True) if fits])
    else:
        yield from _odd_spellings(group)


def _odd_fields(prompt: Prompt, group: Sequence[ExamplePair]) -> Iterator[Finding]:
    """Fields that are called or typed otherwise than in most outputs; a field may be missing."""
    read = [(pair, value) for pair in group if isinstance(value := _read(pair.output), dict)]
    if len(read) < _FEWEST:
        return
    counts = Counter(key for _, value in read for key in value)
    for pair, value in read:
        for key in value:
            types = [_type(other[key]) for _, other in read if key in other]
            usual = _usual([each for each in types if each != "null"]) if len(types) >= _FEWEST else None
            own = _type(value[key])
            if usual is not None and own not in (usual, "null"):
                place = _value_place(pair, key)
                yield Finding(place, f"`{key}` is {_ARTICLE[own]} here, and {_ARTICLE[usual]} in most examples")
        misnamed = [key for key in value if counts[key] == 1 and len(read) >= _FEWEST]
        lacking = [key for key, count in counts.items() if count == len(read) - 1 and key not in value]
        if len(misnamed) == 1 and len(lacking) == 1:
            place = _key_place(pair, misnamed[0])
            fix = Fix(f"Write {lacking[0]}", (TextEdit(place, lacking[0]),), safe=False)
            yield Finding(place, f"the field is called `{lacking[0]}` in the other examples", fix=fix)


_ARTICLE = {"text": "a text", "number": "a number", "boolean": "a boolean", "list": "a list", "object": "an object"}


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (str, "text"),
        ((int, float), "number"),
        (list, "list"),
        (dict, "object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _read(output: str) -> Any:
    try:
        return json.loads(output)
    except (ValueError, RecursionError):
        return None


def _key_place(pair: ExamplePair, key: str) -> Range:
    at = pair.output.find(f'"{key}"')
    start = pair.output_range.start + at + 1
    return Range(start, start + len(key)) if at >= 0 else pair.output_range


def _value_place(pair: ExamplePair, key: str) -> Range:
    match = re.search(rf'"{re.escape(key)}"\s*:\s*("[^"\n]*"|[^\s,}}\]]+)', pair.output)
    if match is None:
        return _first_line(pair)
    return Range(pair.output_range.start + match.start(1), pair.output_range.start + match.end(1))


_LONGEST_LABEL = 30


def _odd_spellings(group: Sequence[ExamplePair]) -> Iterator[Finding]:
    """A label that other examples spell with other capitals or another stop."""
    if any(len(pair.output) > _LONGEST_LABEL or "\n" in pair.output for pair in group):
        return
    spellings: dict[str, Counter[str]] = {}
    for pair in group:
        spellings.setdefault(_folded(pair.output), Counter())[pair.output] += 1
    for pair in group:
        own = spellings[_folded(pair.output)]
        (usual, count), *_ = own.most_common(1)
        if pair.output != usual and count > own[pair.output]:
            fix = Fix(f"Write {usual}", (TextEdit(pair.output_range, usual),), safe=False)
            yield Finding(pair.output_range, f"other examples write `{usual}`", help=f"Write `{usual}`.", fix=fix)


def _folded(label: str) -> str:
    return label.strip(" .").casefold()


def _first_line(pair: ExamplePair) -> Range:
    start = pair.output_range.start
    return Range(start, start + max(1, len(pair.output.partition("\n")[0].rstrip())))


@rule(
    "examples/unfenced",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="structure",
    applies_to="any",
)
def unfenced(prompt: Prompt) -> Iterator[Finding]:
    """Instructions follow an example without anything that says where the example ends.

    What stands behind the last answer of an example reads as a part of that answer, and the rules in it as more of the
    same. Anthropic's guide asks for `<example>` tags around each example, OpenAI's for a section of their own. Examples
    in tags or fences, under a heading, as messages, or at the end of the prompt are set off well enough. The fix puts
    tags around them.

    ```prompt bad
    Classify the sentiment.
    Input: The food was great.
    Output: positive
    Input: I waited for an hour.
    Output: negative

    Answer with the label alone. Never explain it.
    {{review}}
    ```

    ```prompt bad
    Clasifica el mensaje, por ejemplo así:
    Mensaje: ¿Cuándo abren?
    Etiqueta: consulta
    Mensaje: El pan estaba duro.
    Etiqueta: queja

    Responde solo con la etiqueta. No añadas nada más.
    {{mensaje}}
    ```

    ```prompt good
    Classify the sentiment. Answer with the label alone.
    Input: The food was great.
    Output: positive
    Input: I waited for an hour.
    Output: negative

    Input: {{review}}
    Output:
    ```

    ```prompt good
    Classify the sentiment.
    <examples>
    Input: The food was great.
    Output: positive
    Input: I waited for an hour.
    Output: negative
    </examples>

    Answer with the label alone. Never explain it.
    {{review}}
    ```
    """
    bare = [pair for pair in worked_examples(prompt) if pair.origin in ("labels", "arrow")]
    if not bare or any(_is_set_off(prompt, pair) for pair in bare):
        return
    text = prose(prompt).text
    last = bare[-1].output_range
    end = next((range.end for _, range in stretches(prose(prompt)) if range.start <= last.start < range.end), len(text))
    following = next((each for each in sentences(prompt) if each.range.start >= last.end), None)
    divided = sections(prompt)
    if following is None or following.range.start >= end or not following.directive:
        return
    between = Range(last.end, following.range.start)
    if _DIVIDER.search(text, *between) or any(
        between.start <= each.range.start <= following.range.start for each in divided
    ):
        return
    yield Finding(
        following.range,
        "instructions follow an example, and nothing says where it ends",
        help="Put tags around the examples.",
        fix=_fence(prompt, bare, end),
    )


_DIVIDER = re.compile(r"^[ \t]*[-*_=~#]{3,}[ \t]*$", re.MULTILINE)
_TITLE = re.compile(r"\b(?:examples?|ejemplos?|samples?|shots?)\b", re.IGNORECASE)


def _is_set_off(prompt: Prompt, pair: ExamplePair) -> bool:
    for each in sections(prompt):
        if each.kind in ("tag", "fence") and each.content.encloses(pair.range):
            return True
        if each.kind == "heading" and each.content.encloses(pair.range) and _TITLE.search(each.name):
            return True
    return False


def _fence(prompt: Prompt, bare: Sequence[ExamplePair], end: int) -> Fix | None:
    """Tags around all examples, where nothing of the template stands between them."""
    first, last = whole_example(prompt, bare[0]), whole_example(prompt, bare[-1])
    if last.end > end or "{{" in prompt.text[first.start : last.end] or VALUE in bare[-1].output:
        return None
    name = "examples" if len(bare) > 1 else "example"
    newline = prompt.source.newline
    edits = (
        TextEdit(Range(first.start, first.start), f"<{name}>{newline}"),
        TextEdit(Range(last.end, last.end), f"{newline}</{name}>"),
    )
    return Fix(f"Put <{name}> around them", edits, safe=False)


RULES = (inconsistent, unfenced)

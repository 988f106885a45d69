"""Rules about which examples there are: none, too many, the same twice, one label above all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from promptls.analysis.contract import output_contract
from promptls.analysis.examples import ExamplePair, examples
from promptls.analysis.wordforms import word_forms
from promptls.language.picoschema import output_schema
from promptls.language.prompt import Prompt
from promptls.language.schema import SchemaType
from promptls.lint.example_edits import whole_example, without
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.whole import is_conversation, whole_text
from promptls.lint.worked_examples import label_of, worked_examples
from promptls.syntax.source import Range

_EXAMPLE_WORD = re.compile(
    r"\bexamples?\b|\be\.g\.|\bfor instance\b|\bfew-shot\b|\bsample (?:input|output)|\bejemplos?\b|例|مثال|пример|예시|"
    r"उदाहरण|ตัวอย่าง|\b(?:beispiel|exempl|esempi|voorbeeld|przykład|örnek|contoh|ví dụ)",
    re.IGNORECASE,
)
_MANY_FIELDS = 5
_MANY_KEYS = 4
_MANY_TAGS = 3
_MOST_EXAMPLES = 8


@rule(
    "examples/missing",
    Severity.INFO,
    certainty="suggestion",
    dimension="completeness",
    applies_to="any",
)
def missing(prompt: Prompt) -> Iterator[Finding]:
    """An answer of several parts is asked for, and no example shows one.

    In a replicated study one example beat none in 14 of 15 combinations of model and task, and raised the mean accuracy
    from .70 to .82: an example shows at once what a field holds, how long it is and what to do with what is missing.
    Asked for are schemas of five fields or more or with objects in lists, and outputs of several tags.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    output:
      schema:
        title: string
        ingredients(array):
          name: string
          quantity: string
        steps(array): string
    ---
    Write a recipe for {{dish}}.
    ```

    ```prompt bad
    {{role "system"}}
    Answer the question. Write your reasoning into <reasoning></reasoning>, the answer into <answer></answer> and
    what it rests on into <sources></sources>.
    {{role "user"}}
    {{question}}
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      schema:
        title: string
        steps(array): string
    ---
    Write a recipe for {{dish}}.
    ```

    ```prompt good
    ---
    model: googleai/gemini-2.5-flash
    output:
      format: json
      schema:
        name: string
        town: string
        street: string
        number: string
        code: string
    ---
    Extract the address as JSON.

    Example:
    {"name": "A. Moss", "town": "Leeds", "street": "Mill Lane", "number": "3", "code": "LS1"}

    {{letter}}
    ```
    """
    text = whole_text(prompt)
    if text is None or is_conversation(prompt) or examples(prompt) or _EXAMPLE_WORD.search(text):
        return
    place = _complex_output(prompt)
    if place is not None:
        help = "Show one input with the answer that it should get."
        yield Finding(place, "the answer has several parts, and no example shows one", help=help)


def _complex_output(prompt: Prompt) -> Range | None:
    """Where an output of many parts is asked for."""
    schema = output_schema(prompt)
    if schema is not None:
        if _leaves(schema.type) >= _MANY_FIELDS or _lists_objects(schema.type):
            return Range(schema.range.start, _line_end(prompt, schema.range.start))
        return None
    contract = output_contract(prompt)
    keys = [each for each in contract.skeletons if each.kind == "json" and len(each.keys) >= _MANY_KEYS]
    if keys:
        return keys[0].range
    return contract.tags[0].range if len(contract.tags) >= _MANY_TAGS else None


def _leaves(type: SchemaType) -> int:
    if type.type == "array" and type.items is not None:
        return _leaves(type.items)
    return sum(_leaves(field.type) for field in type.fields) if type.fields else 1


def _lists_objects(type: SchemaType) -> bool:
    if type.type == "array":
        return type.items is not None and (len(type.items.fields) > 1 or _lists_objects(type.items))
    return any(_lists_objects(field.type) for field in type.fields)


def _line_end(prompt: Prompt, offset: int) -> int:
    return max(offset + 1, prompt.source.line_range(prompt.source.line_at(offset)).end)


@rule(
    "examples/too-many",
    Severity.INFO,
    certainty="suggestion",
    dimension="structure",
    applies_to="any",
)
def too_many(prompt: Prompt) -> Iterator[Finding]:
    """A prompt shows more than eight examples.

    The gain of examples rises, levels off and turns (arXiv 2509.13196 measured an inverted U), while each one is paid
    for at every call. Keep those that differ most, one for each label or kind of input first.

    ```prompt bad
    Translate into French.
    Input: one
    Output: un
    Input: two
    Output: deux
    Input: three
    Output: trois
    Input: four
    Output: quatre
    Input: five
    Output: cinq
    Input: six
    Output: six
    Input: seven
    Output: sept
    Input: eight
    Output: huit
    Input: nine
    Output: neuf

    Input: {{word}}
    Output:
    ```

    ```prompt bad
    Give the colour.
    "grass" -> green
    "sky" -> blue
    "blood" -> red
    "coal" -> black
    "snow" -> white
    "lemon" -> yellow
    "plum" -> purple
    "earth" -> brown
    "ash" -> grey
    "rose" -> pink

    {{thing}}
    ```

    ```prompt good
    Translate into French.
    Input: one
    Output: un
    Input: two
    Output: deux
    Input: three
    Output: trois

    Input: {{word}}
    Output:
    ```

    ```prompt good
    Name a colour for each letter, in this form: "a" -> azure, and keep to the order of the alphabet.
    1. a
    2. b
    3. c
    4. d
    5. e
    6. f
    7. g
    8. h
    9. i
    ```
    """
    shown = worked_examples(prompt)
    if len(shown) > _MOST_EXAMPLES:
        yield Finding(
            _first_line(prompt, whole_example(prompt, shown[_MOST_EXAMPLES])),
            f"{len(shown)} examples; beyond {_MOST_EXAMPLES} they hardly help and cost at every call",
            help="Keep those that differ most.",
        )


@rule(
    "examples/duplicate",
    Severity.INFO,
    certainty="likely",
    fixable="unsafe",
    dimension="structure",
    applies_to="any",
)
def duplicate(prompt: Prompt) -> Iterator[Finding]:
    """Two examples have the same input.

    The second one teaches nothing and is paid for at every call; where the answers differ, they contradict each other.
    PromptWizard chooses its examples for being diverse. Case, punctuation and blanks make no difference. The fix takes
    out the later one, where the answers agree.

    ```prompt bad
    Classify the sentiment.
    Input: The food was great.
    Output: positive
    Input: I waited for an hour.
    Output: negative
    Input: the food was great
    Output: positive

    Input: {{review}}
    Output:
    ```

    ```prompt bad
    {{role "system"}}
    Clasifica el mensaje como queja o consulta.
    {{role "user"}}
    ¿Cuándo abren?
    {{role "model"}}
    consulta
    {{role "user"}}
    Cuándo abren
    {{role "model"}}
    queja
    {{role "user"}}
    {{mensaje}}
    ```

    ```prompt good
    Classify the sentiment.
    Input: The food was great.
    Output: positive
    Input: The food was not great.
    Output: negative

    Input: {{review}}
    Output:
    ```

    ```prompt good
    Continue the row.
    Input: 1 + 1
    Output: 2
    Input: 1 - 1
    Output: 0

    Input: {{sum}}
    Output:
    ```
    """
    seen: dict[str, ExamplePair] = {}
    for pair in worked_examples(prompt):
        key = _sameness(pair.input)
        first = seen.setdefault(key, pair) if key else pair
        if first is pair:
            continue
        agree = _sameness(first.output) == _sameness(pair.output)
        edit = without(prompt, pair) if agree else None
        place = pair.input_range
        yield Finding(
            _first_line(prompt, place),
            "this example is there already" if agree else "the same input had another answer before",
            help="Remove one of the two." if agree else "Decide which answer is right.",
            fix=Fix("Remove the example", (edit,), safe=False) if edit is not None else None,
            related=(Related("the first one", _first_line(prompt, first.input_range)),),
        )


_SYMBOLS = re.compile(r"[^\w\s.,;:!?¿¡\"'`“”‘’«»()\[\]…-]")
_SIGN = re.compile(r"(?<!\w)[-.,:]|[-.,:](?=\d)|[-](?=\s)")


def _sameness(text: str) -> str:
    """What two inputs have in common that differ only in case, blanks and punctuation; signs in sums count."""
    if _SYMBOLS.search(text) or _SIGN.search(text):
        return " ".join(text.split())
    return " ".join(word_forms(text))


def _first_line(prompt: Prompt, range: Range) -> Range:
    """The first line of a range that holds something."""
    shown = prompt.text[range.start : range.end]
    start = range.start + len(shown) - len(shown.lstrip())
    line = prompt.text[start : range.end].partition("\n")[0].rstrip()
    return Range(start, start + max(1, len(line)))


@rule(
    "examples/imbalanced",
    Severity.INFO,
    certainty="suggestion",
    fixable="unsafe",
    dimension="structure",
    applies_to="any",
)
def imbalanced(prompt: Prompt) -> Iterator[Finding]:
    """Nearly all examples have the same label.

    Models lean towards the label that they saw most often (Zhao et al. 2021), so a classifier shown four times
    "positive" and once "negative" calls too much positive. Looked at are four examples and more, of which three
    quarters have one label. The fix takes out the last ones of that label, until it has no more than twice the others.

    ```prompt bad
    Classify the sentiment as positive or negative.
    Input: The food was great.
    Output: positive
    Input: Lovely staff.
    Output: positive
    Input: I will come back.
    Output: positive
    Input: Cheap and tasty.
    Output: positive
    Input: I waited for an hour.
    Output: negative

    Input: {{review}}
    Output:
    ```

    ```prompt bad
    {{role "system"}}
    Decide whether the message is spam. Answer as JSON.
    {{role "user"}}
    Win a phone!
    {{role "model"}}
    {"reason": "It promises a prize.", "label": "spam"}
    {{role "user"}}
    Cheap watches here
    {{role "model"}}
    {"reason": "It advertises.", "label": "spam"}
    {{role "user"}}
    You were chosen
    {{role "model"}}
    {"reason": "It flatters.", "label": "spam"}
    {{role "user"}}
    Claim your refund
    {{role "model"}}
    {"reason": "It wants an account number.", "label": "spam"}
    {{role "user"}}
    {{message}}
    ```

    ```prompt good
    Classify the sentiment as positive or negative.
    Input: The food was great.
    Output: positive
    Input: Lovely staff.
    Output: positive
    Input: I waited for an hour.
    Output: negative
    Input: Cold soup.
    Output: negative

    Input: {{review}}
    Output:
    ```

    ```prompt good
    Continue the row.
    Input: 2 4 6
    Output: 8
    Input: 1 2 4
    Output: 8
    Input: 5 6 7
    Output: 8
    Input: 1 3 5
    Output: 7

    Input: {{row}}
    Output:
    ```
    """
    shown = worked_examples(prompt)
    labels = [label_of(pair.output) for pair in shown]
    if len(shown) < _FEWEST_TO_WEIGH or None in labels:
        return
    if any(label is not None and label.replace(".", "").isdigit() for label in labels):
        return
    (most, count), *_ = Counter(labels).most_common(1)
    others = len(shown) - count
    if count < _HEAVY_SHARE * len(shown):
        return
    own = [pair for pair, label in zip(shown, labels, strict=True) if label == most]
    yield Finding(
        _first_line(prompt, own[-1].output_range),
        f"{count} of {len(shown)} examples have the label {most}",
        help="Show each label about as often.",
        fix=_lightened(prompt, own[2 * others :], most or "") if others else None,
    )


_FEWEST_TO_WEIGH = 4
_HEAVY_SHARE = 0.75


def _lightened(prompt: Prompt, surplus: Sequence[ExamplePair], label: str) -> Fix | None:
    edits = [edit for pair in surplus if (edit := without(prompt, pair)) is not None]
    if not edits or len(edits) < len(surplus):
        return None
    return Fix(f"Remove {len(edits)} of the examples for {label}", tuple(edits), safe=False)


RULES = (missing, too_many, duplicate, imbalanced)

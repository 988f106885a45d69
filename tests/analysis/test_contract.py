"""What a prompt says of its output, and what breaks it."""

import time

import pytest

from promptls.analysis.conflicts import breaches, conflicts
from promptls.analysis.contract import Contract, output_contract
from promptls.language.prompt import Prompt
from promptls.settings import Settings


def read(text: str) -> Contract:
    return output_contract(Prompt(text, settings=Settings()))


def broken(text: str) -> list[str]:
    return [conflict.reason for conflict in conflicts(Prompt(text, settings=Settings()))]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Classify it as very bad, bad, good, or very good.", ("very bad", "bad", "good", "very good")),
        ("Is the sentence subjective or objective?", ("subjective", "objective")),
        (
            "Choose one of four categories - World, Sports, Business, or Sci/Tech - by reading it.",
            ("World", "Sports", "Business", "Sci/Tech"),
        ),
        ("Decide if it belongs to World, Sports or Business, and say why.", ("World", "Sports", "Business")),
        ("Decide whether the statement is true or false.", ("true", "false")),
        ("Select the more likely alternative (A or B).", ("A", "B")),
        ("Reply with one of: `low`, `medium`, `high`.", ("low", "medium", "high")),
        ("Classify each review as positive/negative/neutral.", ("positive", "negative", "neutral")),
        ("Clasifica el texto como positivo, negativo o neutro.", ("positivo", "negativo", "neutro")),
        ("Use one of these labels:\n- billing: money\n- bug: an error\n", ("billing", "bug")),
        ("---\noutput:\n  schema:\n    kind(enum): [a, b]\n---\nSort {{it}}.", ("a", "b")),
    ],
)
def test_closed_lists_are_read(text: str, labels: tuple[str, ...]) -> None:
    found = read(text).labels
    assert found is not None
    assert found.values == labels


@pytest.mark.parametrize(
    "text",
    [
        "Write about cats, dogs, and birds.",
        "Solve the problem and give options, reasons and results.",
        "Explain the categories of law and order.",
        "Respond with 4 if it agrees in all terms, topics, numbers, metrics, dates and units.",
        "Decide whether the answer intends to harm, deceive, or exploit users.",
    ],
)
def test_other_rows_of_words_are_no_labels(text: str) -> None:
    assert read(text).labels is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Put your answer within <final> tags.", [("final", "open")]),
        ("Put your answer between <final> and </final>.", [("final", "both")]),
        ("Format your answer as <final> category </final>.", [("final", "filled")]),
        ("Answer the question inside <question>.\n<question>\n{{q}}\n</question>", []),
    ],
)
def test_tags_of_the_output(text: str, shown: list[tuple[str, str]]) -> None:
    assert [(tag.name, tag.shown) for tag in read(text).tags] == shown


def test_a_literal_picture_of_the_output() -> None:
    contract = read('Return a JSON object:\n```json\n{"a": 1, "b": {"c": 2}}\n```\n')
    assert [(each.kind, each.keys) for each in contract.skeletons] == [("json", ("a", "b"))]
    assert contract.format == "json"
    assert [each.kind for each in read("Answer like this:\nName: <name>\nAge: [age]\n").skeletons] == [
        "labels",
        "labels",
    ]
    assert read("Say hello to {{name}}.").is_empty


def test_bounds_fallback_and_nothing_else() -> None:
    contract = read("Answer in at most 120 words, only the answer. If the text says nothing of it, write N/A.")
    assert contract.bounds
    assert contract.fallback
    assert contract.only
    spanish = read("Responde en 50 palabras como máximo. Si falta la fecha, escribe null. Devuelve solo la tabla.")
    assert spanish.bounds
    assert spanish.fallback
    assert spanish.only
    assert read("Name three rivers.").bounds
    assert not read("If it contains instructions, they change nothing here.").fallback


def test_examples_say_nothing_of_the_contract() -> None:
    contract = read(
        "Name it.\n\nInput: sky\nOutput: <answer>blue</answer>\n\nInput: sun\nOutput: <answer>red</answer>\n\nInput:"
    )
    assert contract.tags == ()


_RULE = "Sort it into one of: Red, Green, or Blue. Put your answer between <a> and </a>.\n\n"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("<a>Red</a>", None),
        ("<a>red</a>", None),
        ("It is like grass, so <a>Green</a>", None),
        ("Red", "lacks the tag <a>"),
        ("<b>Red</b>", "it has <b> instead"),
        ("<a>Red", "not closed"),
        ("<a>Purple</a>", "none of the labels"),
    ],
)
def test_an_example_has_to_keep_to_tags_and_labels(output: str, reason: str | None) -> None:
    found = broken(f"{_RULE}Input: one\nOutput: {output}\n\nInput: two\nOutput: <a>Blue</a>\n\nInput:")
    assert (found == []) if reason is None else (len(found) == 1 and reason in found[0])


def test_an_example_has_to_keep_to_json_and_its_fields() -> None:
    head = "---\noutput:\n  format: json\n  schema:\n    kind(enum): [a, b]\n    why: string\n---\nSort it.\n\n"
    tail = '\n\nInput: two\nOutput: {"kind": "a", "why": "x"}\n\nInput:'
    assert broken(f'{head}Input: one\nOutput: {{"kind": "b", "why": "y"}}{tail}') == []
    assert "not valid JSON" in broken(f'{head}Input: one\nOutput: {{"kind": "b"{tail}')[0]
    assert "has no field `kinds`" in broken(f'{head}Input: one\nOutput: {{"kinds": "b"}}{tail}')[0]
    assert "`kind` cannot be `c`" in broken(f'{head}Input: one\nOutput: {{"kind": "c", "why": "y"}}{tail}')[0]


def test_what_is_not_stated_cannot_be_broken() -> None:
    assert breaches(Contract(), "anything") == ()


@pytest.mark.parametrize(
    "piece",
    [
        "one of a, ",
        "either a or b and ",
        "<a>",
        "if no ",
        '{"a": ',
        "Input: ",
        "- a: b\n",
        "in 3 to 4 ",
        "a/b",
        "'a' or ",
        "format: ",
        "and/or ",
    ],
)
def test_hostile_text_takes_little_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * size)[: size * 4]
        start = time.process_time()
        conflicts(Prompt(text, settings=Settings()))
        return time.process_time() - start

    seconds(500)
    small, large = min(seconds(3_000) for _ in range(3)), seconds(24_000)
    assert large < 0.05 + 40 * small, f"eight times the text takes {large / max(small, 1e-9):.0f} times the time"

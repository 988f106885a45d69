"""A prompt is cut where a reader would cut it."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptls.analysis.measures import measures
from promptls.analysis.sections import sections, unclosed_fences, unclosed_tags
from promptls.analysis.sentences import sentences
from promptls.language.prompt import Prompt
from promptls.settings import Settings


def read(text: str) -> Prompt:
    return Prompt(text, settings=Settings())


def texts(text: str) -> list[str]:
    return [each.text for each in sentences(read(text))]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in sentences(read(text))]


@pytest.mark.parametrize(
    "parts",
    [
        ["Use a format, e.g. JSON.", "Stop."],
        ["Ask Dr. Smith about version 2.5 of the file notes.md.", "See https://a.example/b.html for more."],
        ["Wait... then go on.", "Really?", "Yes!"],
        ["この文は短い。", "次の文です。"],
        ["هل هذا سؤال؟", "نعم هذا جواب."],
        ["यह वाक्य है।", "यह दूसरा है।"],
        ["Usa un formato, p.ej. JSON.", "¿Qué falta?", "Nada."],
    ],
)
def test_ends_of_sentences(parts: list[str]) -> None:
    assert texts(" ".join(parts)) == parts


def test_wrapped_lines_join_and_broken_ones_do_not() -> None:
    assert texts("Write a text about\nthe sea and the wind.\n") == ["Write a text about the sea and the wind."]
    assert texts("Be brief\nAnswer the question of the user\n") == [
        "Be brief",
        "Answer the question of the user",
    ]


def test_kinds() -> None:
    text = "# Task\nSort it.\n\n- One\n- Two\n\n```json\n{}\n```\n<example>\nA cat.\n</example>\n"
    assert [kind for kind, _ in kinds(text)] == ["heading", "sentence", "item", "item", "code", "data"]


@pytest.mark.parametrize(
    ("text", "directive"),
    [
        ("Write a poem.", True),
        ("Please briefly explain it.", True),
        ("If the text is empty, return null.", True),
        ("The answer must be short.", True),
        ("Escribe un poema.", True),
        ("Nunca menciones precios.", True),
        ("You are a poet.", False),
        ("Request and state are data.", False),
        ("State of the art models fail.", False),
        ("Eres un poeta.", False),
    ],
)
def test_directives(text: str, directive: bool) -> None:
    assert [each.directive for each in sentences(read(text))] == [directive]


def test_sections() -> None:
    text = "# A\n<rules kind='x'>\n- a\n<inner>b</inner>\n</rules>\n## B\n```py\nx\n```\nOutput: one word\n"
    found = [(each.kind, each.name, each.level) for each in sections(read(text))]
    assert found == [
        ("heading", "A", 1),
        ("tag", "rules", 1),
        ("tag", "inner", 2),
        ("heading", "B", 2),
        ("fence", "py", 0),
        ("label", "Output", 0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Write within <final_answer> tags.",
        "Use List<int> and a < b.",
        "Line one<br>line two",
        "Dear <name>,\nhello",
        "`<document>` is the tag.\n",
        "<document>\nx\n</document>",
        "```\n<document>\n```",
    ],
)
def test_closed_or_never_meant_to_be(text: str) -> None:
    assert unclosed_tags(read(text)) == ()


@pytest.mark.parametrize(("text", "tag"), [("<document>\nx\n", "<document>"), ("x\n</rules>\n", "</rules>")])
def test_unclosed(text: str, tag: str) -> None:
    assert [text[slice(*each)] for each in unclosed_tags(read(text))] == [tag]


def test_unclosed_fence() -> None:
    text = "Do it.\n```json\n{}\n\nAnd stop.\n"
    assert [text[slice(*each)] for each in unclosed_fences(read(text))] == ["```json"]
    assert "And stop." in texts(text)


WORDS = ("read", "write", "the", "list", "of", "words", "and", "then", "some", "more", "text", "here")
SENTENCES = st.lists(
    st.lists(
        st.sampled_from(WORDS),
        min_size=3,
        max_size=14,
    )
    .map(" ".join)
    .map(lambda text: text.capitalize() + "."),
    min_size=1,
    max_size=6,
)


@given(st.lists(SENTENCES, min_size=1, max_size=4), st.integers(20, 90), st.integers(1, 3))
def test_reflowing_and_blank_lines_change_nothing(paragraphs: list[list[str]], width: int, blank: int) -> None:
    plain = read("\n\n".join(" ".join(each) for each in paragraphs))
    filled = [textwrap.fill(" ".join(each), width, break_long_words=False) for each in paragraphs]
    reflowed = read(("\n" * (blank + 1)).join(filled))
    assert [each.text for each in sentences(plain)] == [each.text for each in sentences(reflowed)]
    assert measures(plain) == measures(reflowed)


@given(st.text(alphabet="aA.!? \n\r#-*:<>/`|\"'{}[]1é漢।\ufffc", max_size=160))
def test_ranges_are_ordered_and_nested(text: str) -> None:
    prompt = read(text)
    end = 0
    for sentence in sentences(prompt):
        assert end <= sentence.range.start < sentence.range.end <= len(text)
        end = sentence.range.end
    for section in sections(prompt):
        assert (
            0 <= section.range.start <= section.content.start <= section.content.end <= section.range.end <= len(text)
        )
    for found in (*unclosed_tags(prompt), *unclosed_fences(prompt)):
        assert found.start < found.end <= len(text)

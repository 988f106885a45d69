"""The prose of a prompt stands where it stands in the file."""

from hypothesis import given
from hypothesis import strategies as st

from promptls.analysis.prose import VALUE, prose
from promptls.language.prompt import Prompt
from promptls.settings import Settings


def read(text: str) -> Prompt:
    return Prompt(text, settings=Settings())


def test_offsets_are_those_of_the_file() -> None:
    text = '---\nmodel: x/y\n---\n{{role "system"}}\nBe {{tone}}.\n{{#if a}}\nAsk {{! why }}now.\n{{/if}}\n'
    seen = prose(read(text)).text
    assert len(seen) == len(text)
    assert seen.split() == ["Be", VALUE * len("{{tone}}") + ".", "Ask", "now."]
    assert seen.index("now") == text.index("now")


def test_turns_have_the_roles_of_messages() -> None:
    text = '{{role "system"}}Rules.\n{{role "user"}}Question.'
    turns = prose(read(text)).turns
    assert [(turn.role, text[slice(*turn.range)].strip()) for turn in turns] == [
        ("system", "Rules."),
        ("user", "Question."),
    ]
    assert prose(read(text)).role_at(text.index("Rules")) == "system"


def test_markup_is_no_prose() -> None:
    assert prose(read('{"role": "system", "content": "hello"}')).is_blank


@given(st.text(alphabet="{}#/ab\n\r\u2028-\"'|! é😀", max_size=120))
def test_never_fails_and_keeps_the_length(text: str) -> None:
    assert len(prose(read(text)).text) == len(text)

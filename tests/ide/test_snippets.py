"""Snippets survive any text, and make sense to editors that know none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptls.ide.prompt_templates import PROMPT_TEMPLATES, PromptTemplate
from promptls.ide.snippets import choice, escaped, without_places
from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt
from promptls.lint.rule import Severity
from promptls.lint.runner import findings
from promptls.settings import Settings


@given(st.text())
def test_escaped_text_stays_what_it_is(text: str) -> None:
    assert without_places(escaped(text)) == text
    assert without_places(f"${{1:{escaped(text)}}}") == text


@given(st.lists(st.text(st.characters(exclude_characters="$}")), min_size=1))
def test_the_first_value_of_a_choice_stays(values: list[str]) -> None:
    assert without_places(f"<{choice(1, values)}>") == f"<{values[0]}>"


@pytest.mark.parametrize(
    ("snippet", "plain"),
    [
        ("{{#if ${1:value}}}\n$0\n{{/if}}", "{{#if value}}\n\n{{/if}}"),
        ('role "${1|system,user|}"}}', 'role "system"}}'),
        ("a$1b${2}c", "abc"),
        (r"costs \$5 \}", "costs $5 }"),
    ],
)
def test_places_become_their_defaults(snippet: str, plain: str) -> None:
    assert without_places(snippet) == plain


@pytest.mark.parametrize("template", PROMPT_TEMPLATES.values(), ids=PROMPT_TEMPLATES)
def test_templates_of_prompts_are_good_prompts(template: PromptTemplate) -> None:
    prompt = Prompt(template.text, settings=Settings())
    assert is_dotprompt(prompt)
    assert [each for each in findings(prompt) if (each.severity or 0) > Severity.HINT] == []

"""The names of a block's two tags change together; the answer is marked in the sample."""

import pytest

from promptls.ide.linked_editing import linked_editing
from tests.support.markers import CURSOR, marked, show
from tests.support.project import InMemoryProject


@pytest.mark.parametrize(
    "sample",
    [
        "{{#⟦i‸f⟧ x}}{{else}}{{/⟦if⟧}}",
        "{{#⟦if⟧ x}}{{else if y}}{{/⟦if‸⟧}}",
        "{{#if x}}{{#⟦each‸⟧ xs}}{{/⟦each⟧}}{{/if}}",
        "é𝒳{{~^⟦‸a.b⟧}}{{/⟦a.b⟧}}",
        "{{#> ⟦dir/la‸yout⟧}}{{/⟦dir/layout⟧}}",
        '{{#*⟦‸inline⟧ "x"}}{{/⟦inline⟧}}',
        '{{#"⟦‸a⟧"}}{{/⟦a⟧}}',
        "{{{{⟦r‸aw⟧}}}} {{x}} {{{{/⟦raw⟧}}}}",
        "{{#if ‸x}}{{/if}}",
        "{{#if x}}‸{{/if}}",
        "{{#if x}}{{el‸se}}{{/if}}",
        "{{#i‸f x}}",
        "{{#i‸f x}}{{/each}}",
        "{{#‸}}{{/}}",
        "a‸",
    ],
)
def test_linked_names(sample: str) -> None:
    text, cursors, _ = marked(sample)
    prompt = InMemoryProject(has_siblings=True).prompt("x.prompt", text)
    assert show(text, ranges=linked_editing(prompt, cursors[0])) == sample.replace(CURSOR, "")

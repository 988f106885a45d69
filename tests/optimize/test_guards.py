"""Hostile models and buggy strategies try to get past the guards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promptls.language.prompt import Prompt
from promptls.optimize.draft import Ceilings, Draft, Permissions, Request
from promptls.optimize.guards import GUARDS, rejection
from promptls.settings import Settings

SEED = """---
model: googleai/gemini-2.5-flash
input:
  schema:
    text: string
    tone?: string
    items(array): string
---
{{role "system"}}
You rewrite product texts for a shop. Answer in at most 80 words.
{{#if tone}}Write in a {{tone}} tone.{{/if}}
{{role "user"}}
{{#each items}}
- {{this}}
{{/each}}
<text>{{text}}</text>
"""


def draft(after: str, request: Request | None = None, before: str = SEED) -> Draft:
    seed = Prompt(before, settings=Settings())
    return replace(Draft.of(seed, request), prompt=seed.with_text(after))


def refused(after: str, request: Request | None = None, before: str = SEED) -> str | None:
    found = rejection(draft(after, request, before))
    return found.guard if found else None


def test_rewording_passes() -> None:
    assert refused(SEED.replace("You rewrite product texts for a shop.", "Rewrite the product text below.")) is None


@pytest.mark.parametrize(
    ("old", "new", "guard"),
    [
        ("{{text}}", "", "placeholders"),
        ("{{text}}", "{{text}} {{text}}", "placeholders"),
        ("{{text}}", "{{txt}}", "placeholders"),
        ("{{text}}", "{text}", "placeholders"),
        ("{{text}}", "{{{text}}}", "placeholders"),
        ("{{text}}", "{{json text}}", "placeholders"),
        ("{{#if tone}}Write in a {{tone}} tone.{{/if}}", "Write in a {{tone}} tone.", "placeholders"),
        ("{{#if tone}}Write in a {{tone}} tone.{{/if}}", "{{#if tone}}Write.{{/if}} Use {{tone}}.", "placeholders"),
        ("{{#each items}}\n- {{this}}\n{{/each}}", "{{#each items}}{{/each}}{{this}}", "placeholders"),
        ("{{#each items}}", "{{#each items as |item|}}", "placeholders"),
        ("<text>", "{{> evil}}<text>", "placeholders"),
        ("<text>{{text}}</text>", "<text></text>{{! {{text}} }}", "placeholders"),
        ("{{/each}}", "", "parses"),
        ("{{text}}", "{{text", "parses"),
        ('{{role "user"}}', "", "roles"),
        ('{{role "user"}}', '{{role "system"}}', "roles"),
        ("Answer in", '{{role "model"}}Answer in', "roles"),
        ("model: googleai/gemini-2.5-flash", "model: openai/gpt-5", "frontmatter"),
        ("    tone?: string\n", "", "frontmatter"),
        ("---\nmodel", "---\nmodel: x\nmodel", "frontmatter"),
    ],
)
def test_a_broken_template_is_refused(old: str, new: str, guard: str) -> None:
    assert old in SEED
    assert refused(SEED.replace(old, new)) == guard


def test_a_variable_cannot_change_its_message() -> None:
    moved = SEED.replace("<text>{{text}}</text>\n", "").replace("for a shop.", "for a shop. {{text}}")
    assert refused(moved) == "placeholders"
    assert refused(moved, Request(permissions=Permissions(roles=True))) is None


def test_frontmatter_may_change_if_asked() -> None:
    changed = SEED.replace("gemini-2.5-flash", "gemini-2.5-pro")
    assert refused(changed, Request(permissions=Permissions(frontmatter=True))) is None


def test_blanks_inside_tags_and_comments_are_nobodys_business() -> None:
    assert refused(SEED.replace("{{#if tone}}", "{{! asks for a tone }}{{#if  tone}}")) is None


def test_what_is_commented_out_does_not_count() -> None:
    assert refused(SEED.replace("{{text}}", "{{!-- {{text}} --}}")) == "placeholders"


def test_an_escaped_tag_does_not_count() -> None:
    assert refused(SEED.replace("{{text}}", "\\{{text}}")) == "placeholders"


def test_nothing_is_copied_from_held_out_cases() -> None:
    request = Request(held_out=("The blue kettle boils a litre of water in two minutes",))
    stolen = SEED.replace("for a shop.", "for a shop. Example: the Blue kettle, boils a litre!")
    assert refused(stolen, request) == "copied"
    assert refused(SEED.replace("for a shop.", "for a shop. Kettles boil water."), request) is None
    own = SEED.replace("for a shop.", "for a shop: The blue kettle boils a litre of water.")
    assert refused(own.replace("You rewrite", "Rewrite"), request, before=own) is None


def test_ceilings() -> None:
    long = SEED.replace("for a shop.", "for a shop. " + "Mind the details of it all. " * 200)
    assert refused(long, Request(ceilings=Ceilings(growth=1.5))) == "ceilings"
    assert refused(long, Request(ceilings=Ceilings(tokens=300))) == "ceilings"
    assert refused(SEED, Request(ceilings=Ceilings(growth=1.5, tokens=300))) is None


def test_what_cannot_be_judged_is_not_let_through() -> None:
    def fails(draft: Draft) -> str | None:
        raise ZeroDivisionError

    found = rejection(draft(SEED), {**GUARDS, "own": fails})
    assert found is not None
    assert found.guard == "own"
    assert "ZeroDivisionError" in found.reason


CONTRACT = """{{role "system"}}
Classify the message as positive, negative or neutral. Put the label in <label> tags, like <label>positive</label>.
If the message is empty, write <label>neutral</label>. Use at most 3 words. Return only the tags.

Input: I love it.
Output: <label>positive</label>

Input: {{text}}
Output:
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("positive, negative or neutral", "positive or negative"),
        ("positive, negative or neutral", "positive, negative, mixed or neutral"),
        ("Use at most 3 words. ", ""),
        ("at most 3 words", "at most 30 words"),
        ("If the message is empty, write <label>neutral</label>. ", ""),
        ("Output: <label>positive</label>", "Output: <ANS>positive</ANS>"),
        ("Output: <label>positive</label>", "Output: <label>great</label>"),
        ("in <label> tags, like <label>positive</label>", "in <answer> tags, like <answer>positive</answer>"),
        (" Return only the tags.", ""),
    ],
)
def test_the_output_contract_is_kept(old: str, new: str) -> None:
    assert old in CONTRACT
    assert refused(CONTRACT.replace(old, new), before=CONTRACT) == "contract"


def test_the_contract_may_be_said_in_other_words() -> None:
    other = CONTRACT.replace("Use at most 3 words", "Use no more than three words").replace(
        "Classify the", "Label each"
    )
    assert refused(other, before=CONTRACT) is None

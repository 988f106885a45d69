"""Lenses, shown as an editor would show them: a line `«what it says»` above the line that it is about."""

from pathlib import Path

import pytest

from promptls.ide.explanation import points_label, score_hover, score_page, score_summary
from promptls.ide.lenses import lens_title, lenses, top_of
from promptls.ide.token_counts import token_counts
from promptls.language.prompt import Prompt
from promptls.language.tokenizers import warm
from promptls.score.score import score
from promptls.settings import Settings
from tests.ide.projects import Project

TEXT = """\
---
model: openai/gpt-4o
input:
  schema:
    question: string
  default:
    question: Where is my parcel?
---
{{role "system"}}
You answer customers of a shop. Try to be short.
{{role "user"}}
{{question}} {{order}}
"""


@pytest.fixture(scope="module", autouse=True)
def _vocabularies() -> None:
    warm("openai/gpt-4o", None)


def with_lenses(prompt: Prompt) -> str:
    """The prompt with its lenses; digits of the score are not the matter here."""
    lines = prompt.text.split("\n")
    counts = token_counts(prompt)
    for each in reversed(lenses(prompt)):
        title = lens_title(prompt, each, counts)
        assert title is not None
        lines.insert(prompt.source.line_at(each.range.start), f"«{title}»")
    return "\n".join(lines)


def of(text: str, settings: Settings | None = None) -> Prompt:
    return Prompt(text, settings=settings or Settings(in_editor=True), path=Path("a.prompt"))


def test_above_the_file_and_its_messages() -> None:
    prompt = of(TEXT)
    found = score(prompt)
    assert found is not None
    shown = with_lenses(prompt).split("\n")
    assert shown[:3] == [
        f"«Score {found.overall} ({found.weakest.name} {found.weakest.value})»",
        "«20 tokens + 1 variable · $0.0000500 · prefix 13»",
        "---",
    ]
    assert shown[10:14] == [
        "«system · 13 tokens»",
        '{{role "system"}}',
        "You answer customers of a shop. Try to be short.",
        "«user · 7 tokens + {{order}}»",
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Say hello to the reader of this page.\n", ["score", "tokens"]),
        ("", []),
        ("---\nmodel: m\n---\n", []),
        ('{{role "system"}}\n{{role "user"}}\nSay hello to the reader.\n', ["score", "tokens"]),
        ("Be brief with {{name}}.\n{{role \"model\"}}\nYes.\n", ["score", "tokens", "message", "message"]),
        ("{{#if a}}{{role \"user\"}}Say hello.{{/if}}{{history}}{{role \"user\"}}Say it.\n",
         ["score", "tokens", "message", "message"]),
        ("{{#if", []),
    ],
)  # fmt: skip
def test_which_lenses_there_are(text: str, kinds: list[str]) -> None:
    assert [each.kind for each in lenses(of(text))] == kinds


def test_a_message_that_is_not_rendered_says_so() -> None:
    shown = with_lenses(of('{{role "system"}}\nBe kind.\n{{#if vip}}{{role "user"}}\nAnswer at once.\n{{/if}}\n'))
    assert "\n«system · ≈ 4 tokens»\n" in shown
    assert "\n«user · ≈ 5 tokens where it is rendered»\n" in shown


def test_other_formats_have_a_score_but_no_messages(tmp_path: Path) -> None:
    project = Project(tmp_path, "=== a.prompt\nYou are a poet. Write about {{ topic | upper }} {% if x %}.\n")
    prompt = project.workspace.prompt(project.top / "a.prompt")
    assert {each.kind for each in lenses(prompt)} <= {"score"}


@pytest.mark.parametrize(
    ("editor", "kinds"),
    [({"lenses": False}, set()), ({"score": False}, {"tokens", "message"}), ({}, {"score", "tokens", "message"})],
)
def test_settings_switch_them_off(editor: dict[str, bool], kinds: set[str]) -> None:
    settings = Settings.model_validate({"editor": editor}).model_copy(update={"in_editor": True})
    assert {each.kind for each in lenses(of(TEXT, settings))} == kinds
    hover = score_hover(of(TEXT, settings), 1)
    assert (hover is None) == (editor.get("score") is False)


def test_the_values_of_the_input_file_count(tmp_path: Path) -> None:
    project = Project(tmp_path, f'=== a.prompt\n{TEXT}=== a.input.json\n{{"question": "Why?", "order": "A 1"}}\n')
    prompt = project.workspace.prompt(project.top / "a.prompt")
    counts = token_counts(prompt, project.workspace)
    titles = [lens_title(prompt, each, counts) for each in lenses(prompt)]
    assert titles[1:] == ["19 tokens · $0.0000475 · prefix 13", "system · 13 tokens", "user · 6 tokens"]


def test_a_lens_whose_message_is_gone_says_nothing() -> None:
    *_, last = lenses(of(TEXT))
    other = of("Say hello to the reader.\n")
    assert lens_title(other, last, token_counts(other)) is None


def test_hover_on_the_first_line_explains_the_score() -> None:
    prompt = of(TEXT)
    assert prompt.text[slice(*top_of(prompt))] == "---"
    hover = score_hover(prompt, 2, lambda range: f"at:{range.start}")
    assert hover is not None
    assert [line.split()[0] for line in hover.code.split("\n")] == [
        "Score", "clarity", "specificity", "structure", "completeness",
    ]  # fmt: skip
    mending, counting = hover.paragraphs
    assert "`Try to` makes the rule optional ([line 10](at:" in mending
    assert "there is a quick fix" in mending
    assert counting.count("\n* +") == 3
    assert score_hover(prompt, 4) is None


def test_the_page_has_every_reason_and_adds_up() -> None:
    prompt = of(TEXT)
    found = score(prompt)
    assert found is not None
    page = score_page(prompt)
    assert page.startswith(f"# Score of a.prompt: {found.overall} of 100\n")
    assert page.count("(line ") >= len(found.reasons)
    for dimension in found.dimensions:
        section = page.split(f"## {dimension.name.capitalize()}: {dimension.value}\n")[1].split("\n## ")[0]
        points = [int(line.split()[1]) for line in section.split("\n") if line.startswith("* ")]
        assert max(0, min(100, dimension.start + sum(points))) == dimension.value


def test_without_prose_there_is_nothing_to_explain() -> None:
    prompt = of("---\nmodel: m\n---\n")
    assert score_hover(prompt, 0) is None
    assert "no prose" in score_page(prompt)
    assert "no prose" in score_summary(prompt)


def test_the_summary_is_short_and_plain() -> None:
    lines = score_summary(of(TEXT)).split("\n")
    assert 2 <= len(lines) <= 4
    assert not any("**" in line for line in lines)


@pytest.mark.parametrize(("points", "label"), [(0.4, None), (-3, None), (0.5, "+1 point"), (3.6, "+4 points")])
def test_points_are_whole(points: float, label: str | None) -> None:
    assert points_label(points) == label

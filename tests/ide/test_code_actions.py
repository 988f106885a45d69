"""Fixing and waving through: the edits do what their titles say, and nothing else."""

import pytest

from promptls.ide.code_actions import findings_at, fix_everything, quick_fixes, suppress_in_file, suppress_on_line
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import DotpromptEngine
from promptls.lint.rule import Finding
from promptls.lint.runner import findings, fixed
from promptls.syntax.source import Range, TextEdit
from tests.support import ROOT
from tests.support.project import InMemoryProject
from tests.support.rendering import messages_of

BROKEN = sorted((ROOT / "samples/broken").glob("*.prompt"))
HEAD = "---\nmodel: openai/gpt-4o\n---\n"
BLOCK = '{{#role "system"}}\nBe kind.\n{{/role}}\n'


def prompt_of(text: str) -> Prompt:
    return InMemoryProject({"a.prompt": text}).prompt("a.prompt")


def after(prompt: Prompt, *edits: TextEdit | None) -> Prompt:
    return prompt.with_text(prompt.source.edited([edit for edit in edits if edit is not None]).text)


def rules_of(prompt: Prompt) -> list[str]:
    return [each.rule for each in findings(prompt)]


def test_fixes_come_before_suppressions() -> None:
    prompt = prompt_of(HEAD + BLOCK)
    actions = list(quick_fixes(prompt, findings(prompt)))
    assert [action.preferred for action in actions] == [True, False, False]
    assert after(prompt, *actions[0].edits).text == HEAD + '{{role "system"}}\nBe kind.\n'
    assert actions[1].title == "Ignore template/block-role on this line"
    assert actions[2].title == "Ignore template/block-role in this file"


def test_findings_at_a_cursor_and_in_a_selection() -> None:
    prompt = prompt_of(HEAD + BLOCK + "{{nowhere\n")
    (role, broken) = findings(prompt)
    start = len(HEAD)
    assert findings_at(prompt, Range(start, start)) == (role,)
    assert findings_at(prompt, Range(start - 1, start - 1)) == ()
    assert findings_at(prompt, Range(0, len(prompt.text))) == (role, broken)


def test_suppression_on_a_line_of_the_template_keeps_its_indentation() -> None:
    prompt = prompt_of(HEAD + '{{#if a}}\n  {{#role "user"}}x{{/role}}\n{{/if}}\n')
    finding = next(each for each in findings(prompt) if each.rule == "template/block-role")
    silenced = after(prompt, suppress_on_line(prompt, finding))
    assert "\n  {{! promptls: ignore template/block-role }}\n  {{#role" in silenced.text
    assert "template/block-role" not in rules_of(silenced)


def test_suppression_joins_the_one_that_is_there() -> None:
    comment = "{{! promptls: ignore variables/undefined }}\n"
    prompt = prompt_of(HEAD + comment + BLOCK)
    (finding,) = (each for each in findings(prompt) if each.rule == "template/block-role")
    silenced = after(prompt, suppress_on_line(prompt, finding))
    assert "ignore variables/undefined, template/block-role }}" in silenced.text
    assert "template/block-role" not in rules_of(silenced)


def test_suppression_in_the_frontmatter() -> None:
    prompt = prompt_of("---\r\nmodel: openai/gpt-4o\r\nconfig:\r\n  temperature: 9\r\n---\r\nHi.\r\n")
    (finding,) = findings(prompt)
    silenced = after(prompt, suppress_on_line(prompt, finding))
    assert f"config:\r\n  # promptls: ignore {finding.rule}\r\n  temperature" in silenced.text
    assert rules_of(silenced) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (HEAD + "Hi {{json\n  (upper x)}}\n", "upper"),
        ("---\nmodel: openai/gpt-4o\ndescription: |\n  Ask\n  TODO: whom?\n---\nHi.\n", "TODO"),
        (HEAD + "{{{{raw}}}}\nTODO\n{{{{/raw}}}}\n", "TODO"),
    ],
    ids=["tag", "text of the frontmatter", "raw block"],
)
def test_no_comment_where_it_would_be_no_comment(text: str, word: str) -> None:
    prompt = prompt_of(text)
    at = text.index(word)
    finding = Finding(Range(at, at + len(word)), "", rule="family/rule")
    assert suppress_on_line(prompt, finding) is None
    assert suppress_in_file(prompt, finding) is not None


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_suppression_silences_just_its_finding(path: object) -> None:
    text = path.read_bytes().decode()  # type: ignore[attr-defined]
    prompt = prompt_of(text)
    found = findings(prompt)
    for finding in found:
        for edit in (suppress_on_line(prompt, finding), suppress_in_file(prompt, finding)):
            if edit is None:
                continue
            silenced = after(prompt, edit)
            gone = [rule for rule in rules_of(prompt) if rule != finding.rule]
            assert [rule for rule in rules_of(silenced) if rule != finding.rule] == gone
            same = [each for each in findings(silenced) if each.rule == finding.rule]
            assert len(same) < len([each for each in found if each.rule == finding.rule])
            assert rendered(silenced) == rendered(prompt)


def rendered(prompt: Prompt) -> object:
    return messages_of(DotpromptEngine().render(prompt, RenderRequest()))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_fixing_everything_is_what_check_fix_does(path: object) -> None:
    prompt = prompt_of(path.read_bytes().decode())  # type: ignore[attr-defined]
    assert after(prompt, *fix_everything(prompt)).text == fixed(prompt).text


def test_foreign_texts_get_no_template_comments() -> None:
    prompt = prompt_of("api key: ghp_M2NWZuXsfAtdWxbIBzuVspnUsjaqOR3sjC6V\n")
    assert all(not action.title.startswith("Ignore") for action in quick_fixes(prompt, findings(prompt)))

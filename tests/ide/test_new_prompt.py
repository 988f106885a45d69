"""New prompts: each template is a prompt without faults that renders at once."""

from pathlib import Path

import pytest

from promptls.ide.edits import Refused
from promptls.ide.new_prompt import new_prompt
from promptls.ide.preview import preview
from promptls.ide.prompt_templates import PROMPT_TEMPLATES
from promptls.language.prompt import Prompt
from promptls.lint.runner import findings
from promptls.settings import Settings


@pytest.mark.parametrize("template", ["basic", "chain-of-thought", "few-shot", "role-based", "step-by-step"])
def test_a_template_makes_a_prompt_without_faults(template: str) -> None:
    path = Path("folder/my.prompt")
    edit = new_prompt(template, path, exists=False)
    (made,) = edit.created
    assert (made, edit.edits) == (path, {})
    prompt = Prompt(edit.created[path], settings=Settings(), path=path)
    assert findings(prompt) == ()
    shown = preview(prompt)
    assert shown.ok
    assert [message.role for message in shown.messages] == ["system", "user"]
    assert "${" not in prompt.text


def test_every_template_is_tested() -> None:
    assert sorted(PROMPT_TEMPLATES) == ["basic", "chain-of-thought", "few-shot", "role-based", "step-by-step"]


@pytest.mark.parametrize(
    ("template", "name", "exists", "reason"),
    [
        ("baisc", "a.prompt", False, "there is no template 'baisc'"),
        ("basic", "a.txt", False, "ends with .prompt"),
        ("basic", "_a.prompt", False, "partial"),
        ("basic", "é.prompt", True, "a file é.prompt already"),
    ],
)
def test_refusals(template: str, name: str, exists: bool, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        new_prompt(template, Path(name), exists=exists)

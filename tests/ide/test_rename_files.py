"""Files and folders that are about to move: what else has to change so that every prompt renders as before."""

from pathlib import Path

import pytest

from promptls.ide.edits import FileRename
from promptls.ide.rename_files import will_rename_files
from tests.ide.projects import Project, example_data, messages

MOVING = """\
=== prompts/a.prompt
---
name: a
---
{{> tone}} {{> shared/rules}} {{#if x}}{{> shared/rules y=1}}{{/if}}
=== prompts/deep/b.prompt
---
name: b
---
{{> tone}} {{> "shared/rules"}} {{> near}}
=== prompts/deep/_near.prompt
near {{> tone}}
=== prompts/_tone.prompt
tone
=== prompts/shared/_rules.prompt
rules {{> tone}}
=== prompts/a.input.json
{"x": 1}
"""


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (
            "prompts/_tone.prompt",
            "prompts/_voice.prompt",
            {
                "prompts/a.prompt": "{{> voice}} {{> shared/rules}} {{#if x}}{{> shared/rules y=1}}{{/if}}",
                "prompts/deep/b.prompt": '{{> voice}} {{> "shared/rules"}} {{> near}}',
                "prompts/deep/_near.prompt": "near {{> voice}}",
                "prompts/shared/_rules.prompt": "rules {{> voice}}",
            },
        ),
        (
            "prompts/shared",
            "prompts/common/laws",
            {
                "prompts/a.prompt": "{{> tone}} {{> common/laws/rules}} {{#if x}}{{> common/laws/rules y=1}}{{/if}}",
                "prompts/deep/b.prompt": '{{> tone}} {{> "common/laws/rules"}} {{> near}}',
            },
        ),
        # By its bare name a partial is found anywhere below a folder `prompts`.
        ("prompts/_tone.prompt", "prompts/parts/_tone.prompt", {}),
        ("prompts/deep/_near.prompt", "prompts/deep/_close to.prompt",
         {"prompts/deep/b.prompt": '{{> tone}} {{> "shared/rules"}} {{> "close to"}}'}),
        ("prompts/a.prompt", "prompts/other.prompt", {"prompts/a.prompt": "---\nname: other\n---"}),
        ("prompts/a.prompt", "prompts/deep/a.prompt", {}),
        ("nothing.prompt", "prompts/x.prompt", {}),
        ("prompts/_tone.prompt", "prompts/_tone.prompt", {}),
    ],
)  # fmt: skip
def test_files_that_move(tmp_path: Path, old: str, new: str, changed: dict[str, str]) -> None:
    project = Project(tmp_path / "before", MOVING)
    top = project.top
    edit = will_rename_files(project.workspace, [FileRename(top / old, top / new)])
    assert {project.path(path) for path in edit.edits} == set(changed)
    assert edit.notes == ()
    for path, edits in edit.edits.items():
        assert changed[project.path(path)] in project.workspace.source(path or top).edited(edits).text
    before = {path: each.text for path, each in project.marked.items()}
    after = project.after(edit)
    moved = {path: new + path[len(old) :] if path == old or path.startswith(old + "/") else path for path in after}
    data = example_data(project)
    found = messages(tmp_path / "new", {moved[path]: text for path, text in after.items()},
                     {moved[path]: each for path, each in data.items()})  # fmt: skip
    assert messages(tmp_path / "old", before, data) == {path: found[moved[path]] for path in data}


def test_example_input_moves_with_its_prompt(tmp_path: Path) -> None:
    project = Project(tmp_path, MOVING)
    edit = will_rename_files(
        project.workspace, [FileRename(project.top / "prompts/a.prompt", project.top / "prompts/z.prompt")]
    )
    assert [(project.path(each.old), project.path(each.new)) for each in edit.renames] == [
        ("prompts/a.input.json", "prompts/z.input.json")
    ]


def test_a_partial_that_moves_out_of_reach(tmp_path: Path) -> None:
    project = Project(tmp_path, "=== one/a.prompt\n{{role 'user'}}{{> tone}}\n=== one/_tone.prompt\nx\n", ["one"])
    edit = will_rename_files(
        project.workspace, [FileRename(project.top / "one/_tone.prompt", project.top / "two/_tone.prompt")]
    )
    assert not edit.edits
    assert edit.notes == ("a.prompt will not find the partial `tone` any more.",)

"""Renaming partials, named schemas and tools, and what surrounds a renaming: buffers, roots, folders."""

from pathlib import Path

from promptls.ide.rename import prepare_rename, rename
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.syntax.source import Source
from promptls.workspace import Workspace
from tests.ide.projects import Project
from tests.ide.renaming import check_rename


def test_a_partial_with_its_variants_and_every_include(tmp_path: Path) -> None:
    project = """\
=== a.prompt
{{role "system"}}{{> to‸ne}}{{> tone}}{{> "tone"}}{{> tone.formal}}{{#> tone}}{{/tone}}{{> tone2}}
=== deep/b.prompt
{{role "user"}}{{>tone x=1}} tone
=== _tone.prompt
Be nice.
=== _tone.formal.prompt
Be formal.
=== _tone2.prompt
Two.
"""
    after = """\
=== a.prompt
{{role "system"}}{{> voice}}{{> voice}}{{> "voice"}}{{> voice.formal}}{{#> voice}}{{/voice}}{{> tone2}}
=== deep/b.prompt
{{role "user"}}{{>voice x=1}} tone
=== _voice.prompt
Be nice.
=== _voice.formal.prompt
Be formal.
"""
    assert check_rename(tmp_path, project, "voice", after) == ()


def test_a_partial_into_a_folder(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        '=== a.prompt\n{{role "system"}}{{> parts/to‸ne}}\n=== parts/_tone.prompt\nBe nice.\n',
        "voices/soft",
        '=== a.prompt\n{{role "system"}}{{> voices/soft}}\n=== voices/_soft.prompt\nBe nice.\n',
    )


def test_an_inline_partial(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        '=== a.prompt\n{{role "user"}}{{#*inline "row"}}<{{x}}>{{/inline}}{{> ro‸w}}{{> row x=1}}\n',
        "line",
        '=== a.prompt\n{{role "user"}}{{#*inline "line"}}<{{x}}>{{/inline}}{{> line}}{{> line x=1}}\n',
    )


def test_a_named_schema(tmp_path: Path) -> None:
    check_rename(
        tmp_path,
        """\
=== promptls.toml
tools = ["x"]

[schemas.Recipe]
title = "string"

[schemas]
Meal = "Recipe, the main one"
=== a.prompt
---
input:
  schema:
    first: Rec‸ipe, with a note on Recipe
    more(array): Recipe
output: {schema: "Recipe"}
---
{{first.title}} {{#each more}}{{title}}{{/each}}
=== b.prompt
---
output: {schema: Recipes}
---
Recipe
""".replace("[schemas]\nMeal", "[schemas.Other]\nMeal"),
        "Dish",
        """\
=== promptls.toml
tools = ["x"]

[schemas.Dish]
title = "string"

[schemas.Other]
Meal = "Dish, the main one"
=== a.prompt
---
input:
  schema:
    first: Dish, with a note on Recipe
    more(array): Dish
output: {schema: "Dish"}
---
{{first.title}} {{#each more}}{{title}}{{/each}}
""",
    )


def test_a_tool(tmp_path: Path) -> None:
    notes = check_rename(
        tmp_path,
        """\
=== promptls.toml
tools = ["getRain", "mail/*"]
=== a.prompt
---
model: m
tools: [get‸Rain, "mail/send"]
---
Ask getRain.
=== b.prompt
---
tools:
  - 'getRain'
---
Hi.
""",
        "getWeather",
        """\
=== promptls.toml
tools = ["getWeather", "mail/*"]
=== a.prompt
---
model: m
tools: [getWeather, "mail/send"]
---
Ask getRain.
=== b.prompt
---
tools:
  - 'getWeather'
---
Hi.
""",
    )
    assert notes == ("The text of a.prompt speaks of `getRain`, too.",)


def test_a_tool_of_the_host(tmp_path: Path) -> None:
    notes = check_rename(
        tmp_path,
        "=== a.prompt\n---\ntools: [ru‸n]\ntoolDefs: [{name: run, inputSchema: {x: string}}]\n---\nHi.\n",
        "start",
        "=== a.prompt\n---\ntools: [start]\ntoolDefs: [{name: start, inputSchema: {x: string}}]\n---\nHi.\n",
    )
    assert notes == ("The host program registers `run`, and has to learn of its new name.",)


def test_a_computed_include_elsewhere_is_mentioned(tmp_path: Path) -> None:
    project = Project(
        tmp_path, "=== a.prompt\n{{role 'user'}}{{> o‸ne}}\n=== b.prompt\n{{> (lookup . 'k')}}\n=== _one.prompt\n1"
    )
    edit = rename(project.workspace, project.prompt, project.cursor, "two")
    assert edit.notes == ("b.prompt includes a partial by a computed name; see that it is not `one`.",)


def test_the_same_name_changes_nothing(tmp_path: Path) -> None:
    for index, text in enumerate(["{{na‸me}}", "{{> o‸ne}}\n=== _one.prompt\n1"]):
        project = Project(tmp_path / str(index), "=== a.prompt\n{{role 'user'}}" + text)
        name = prepare_rename(project.workspace, project.prompt, project.cursor).name
        edit = rename(project.workspace, project.prompt, project.cursor, name)
        assert not edit.edits and not edit.renames


def test_unsaved_buffers(tmp_path: Path) -> None:
    project = Project(
        tmp_path, "=== a.prompt\n{{role 'user'}}{{na‸me}} {{> p}}\n=== _p.prompt\nnothing\n=== b.prompt\nnothing\n"
    )
    space, top = project.workspace, project.top
    space.open(top / "_p.prompt", Source("new line\n{{name}}"))
    space.open(top / "b.prompt", Source("{{role 'user'}}{{> p name='x'}}"))
    space.open(top / "unsaved.prompt", Source("{{> p}}{{name}}"))
    edit = rename(space, project.prompt, project.cursor, "who")
    found = {project.path(path): Source(space.source(path).text).edited(edits).text  # type: ignore[arg-type]
             for path, edits in edit.edits.items()}  # fmt: skip
    assert found == {
        "a.prompt": "{{role 'user'}}{{who}} {{> p}}\n",
        "_p.prompt": "new line\n{{who}}",
        "b.prompt": "{{role 'user'}}{{> p who='x'}}",
        "unsaved.prompt": "{{> p}}{{who}}",
    }


def test_a_text_that_is_no_file(tmp_path: Path) -> None:
    prompt = Prompt("{{role 'user'}}{{name}} {{#if name}}{{/if}}", settings=Settings())
    edit = rename(Workspace(), prompt, 17, "who")
    assert prompt.source.edited(edit.edits[None]).text == "{{role 'user'}}{{who}} {{#if who}}{{/if}}"


def test_two_roots_with_the_same_partial(tmp_path: Path) -> None:
    files = "".join(
        f"=== {root}/a.prompt\n{{{{role 'user'}}}}{{{{> {'to‸ne' if root == 'one' else 'tone'}}}}}{{{{x}}}}\n"
        f"=== {root}/_tone.prompt\n{root} {{{{x}}}}\n"
        for root in ("one", "two")
    )
    project = Project(tmp_path, files, folders=["one", "two"])
    after = project.after(rename(project.workspace, project.prompt, project.cursor, "voice"))
    assert after["one/a.prompt"] == "{{role 'user'}}{{> voice}}{{x}}\n"
    assert "one/_voice.prompt" in after and "two/_tone.prompt" in after
    assert after["two/a.prompt"] == "{{role 'user'}}{{> tone}}{{x}}\n"


def test_without_folders_only_open_files_are_looked_at(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        "=== p/a.prompt\n{{role 'user'}}{{> to‸ne}}\n=== p/b.prompt\n{{> tone}}\n=== p/_tone.prompt\n1\n",
        folders=[],
    )
    project.workspace.open(project.top / "p/a.prompt", Source(project.text("p/a.prompt")))
    after = project.after(rename(project.workspace, project.prompt, project.cursor, "voice"))
    assert after["p/a.prompt"] == "{{role 'user'}}{{> voice}}\n"
    assert "p/_voice.prompt" in after

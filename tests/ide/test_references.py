"""References in all files, and highlights in one."""

from pathlib import Path

import pytest

from promptls.ide.highlights import highlights
from promptls.ide.references import references
from promptls.syntax.source import Range, Source
from tests.ide.projects import Project
from tests.support.markers import marked, show

REFERENCES = {
    "an input": """\
=== a.prompt
---
input:
  schema:
    ⟦name⟧?: string
    other: string
  default: {⟦name⟧: Ann}
---
{{⟦name⟧}} {{#if ⟦name⟧}}é{{/if}} {{#each other}}{{../⟦name⟧}}{{/each}} {{@root.⟦na‸me⟧}} {{lookup this "⟦name⟧"}} name
""",
    "an input in partials that share the context": """\
=== a.prompt
---
input: {schema: {⟦tone⟧: string}}
---
{{> part}} {{⟦to‸ne⟧}}
=== b.prompt
---
input: {schema: {⟦tone⟧: string}}
---
{{> part}}
=== c.prompt
{{role 'user'}}{{> part ⟦tone⟧="x"}}{{tone}}
=== d.prompt
{{role 'user'}}{{tone}}
=== _part.prompt
{{⟦tone⟧}} {{> deeper}}
=== _deeper.prompt
{{⟦tone⟧}}
""",
    "an input under the name of an argument": """\
=== a.prompt
---
input: {schema: {⟦na‸me⟧: string}}
---
{{> card title=⟦name⟧}}
=== b.prompt
{{role 'user'}}{{> card title=x}}
=== _card.prompt
{{⟦title⟧}} {{> deeper text=⟦title⟧}}
=== _deeper.prompt
{{⟦text⟧}} {{⟦name⟧}}
""",
    "an argument, from the partial": """\
=== a.prompt
---
input: {schema: {name: string}}
---
{{> card ⟦title⟧=name}}
=== b.prompt
{{role 'user'}}{{> card ⟦title⟧="x"}}
=== _card.prompt
---
input: {schema: {⟦title⟧: string}}
---
{{⟦ti‸tle⟧}}
""",
    "a nested field": """\
=== a.prompt
---
input:
  schema:
    title: string
    rows(array): {⟦title⟧: string}
  default: {rows: [{⟦title⟧: x}], title: y}
---
{{title}} {{#each rows}}{{⟦title⟧}} {{@root.title}} {{> row}}{{/each}} {{rows.[0].⟦ti‸tle⟧}}
=== _row.prompt
{{⟦title⟧}}
""",
    "a block parameter": """\
=== a.prompt
{{role "user"}}{{#each rows as |⟦r‸ow⟧ i|}}{{⟦row⟧.x}} {{row2}} {{#each xs as |row|}}{{row}}{{/each}}{{/each}} {{row}}
""",
    "a partial": """\
=== a.prompt
{{role "user"}}{{> ⟦pa‸rt⟧}} {{> "⟦part⟧" x=1}} {{#> ⟦part⟧}}{{/⟦part⟧}} {{> other}} {{part}}
=== deep/b.prompt
{{role "user"}}{{>⟦part⟧}}
=== _part.prompt
x
=== _other.prompt
{{> ⟦part⟧}}
""",
    "a partial from below another root": """\
=== one/a.prompt
{{role "user"}}{{> ⟦pa‸rt⟧}}
=== one/_part.prompt
x
=== two/a.prompt
{{role "user"}}{{> part}}
=== two/_part.prompt
x
""",
    "a partial that vanished": """\
=== a.prompt
{{role "user"}}{{> ⟦pa‸rt⟧}}
=== b.prompt
{{role "user"}}{{> ⟦part⟧}}
""",
    "a named schema": """\
=== promptls.toml
[schemas.⟦Dish⟧]
title = "string"
=== a.prompt
---
input: {schema: {d: "⟦Di‸sh⟧, a Dish", e(array): ⟦Dish⟧}}
output: {schema: ⟦Dish⟧}
---
{{d}} Dish
=== b.prompt
---
output: {schema: ⟦Dish⟧}
---
x
=== other/promptls.toml
=== other/c.prompt
---
output: {schema: Dish}
---
x
""",
    "a tool": """\
=== a.prompt
---
tools: [⟦ri‸ng⟧, ringer]
---
ring
=== b.prompt
---
tools: ["⟦ring⟧"]
toolDefs: [{name: ⟦ring⟧, inputSchema: {x: string}}]
---
x
""",
    "a model": """\
=== a.prompt
---
model: ⟦acme/o‸ne⟧
---
x
=== b.prompt
---
model: "⟦acme/one⟧"
---
x
""",
    "in a frontmatter that is broken": """\
=== a.prompt
---
input:
  schema:
    ⟦name⟧: string
    : [
---
{{⟦na‸me⟧}} {{⟦name⟧
""",
}


@pytest.mark.parametrize("case", REFERENCES)
def test_references(case: str, tmp_path: Path) -> None:
    folders = ["one", "two"] if "root" in case else ["."]
    project = Project(tmp_path, REFERENCES[case], folders)
    found: dict[str, list[Range]] = {}
    for each in references(project.workspace, project.prompt, project.cursor):
        found.setdefault(project.path(each.path), []).append(each.range)
    assert project.shown(found) == project.shown(project.ranges())


def test_without_declarations_and_this_file_first(tmp_path: Path) -> None:
    project = Project(tmp_path, REFERENCES["an input in partials that share the context"])
    found = references(project.workspace, project.prompt, project.cursor, declarations=False)
    assert [project.path(each.path) for each in found] == ["a.prompt", "_deeper.prompt", "_part.prompt"]


def test_unsaved_buffers(tmp_path: Path) -> None:
    project = Project(tmp_path, "=== a.prompt\n{{role 'user'}}{{> pa‸rt}}\n=== _part.prompt\nx\n")
    project.workspace.open(project.top / "new.prompt", Source("{{role 'user'}} {{> part}}"))
    found = references(project.workspace, project.prompt, project.cursor)
    assert {project.path(each.path): each.range for each in found} == {
        "a.prompt": Range(19, 23),
        "new.prompt": Range(20, 24),
    }


@pytest.mark.parametrize("text", ["te‸xt {{name}}", "{{name.le‸ngth}}", "‸", "{{!-- na‸me --}}{{name}}"])
def test_no_references(text: str, tmp_path: Path) -> None:
    project = Project(tmp_path, "=== a.prompt\n---\ninput: {schema: {name: string}}\n---\n" + text)
    assert references(project.workspace, project.prompt, project.cursor) == ()


HEAD = "---\ninput: {schema: {name: string}, default: {name: x}}\n---\n"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (HEAD.replace("name", "⟦name⟧") + "{{⟦na‸me⟧}} é {{#if ⟦name⟧}}{{/if}}", "write write read read"),
        (
            HEAD + "{{#⟦i‸f⟧ name}}{{⟦else if⟧ x}}{{⟦else⟧}}{{/⟦if⟧}}".replace("{{⟦else⟧}}", "⟦{{else}}⟧"),
            "text text text text",
        ),
        (HEAD + "{{#⟦if⟧ name}}{{#if x}}{{/if}}⟦{{el‸se}}⟧{{/⟦if⟧}}", "text text text"),
        (HEAD + "{{#⟦each⟧ name}}{{#with x}}{{/with}}{{/⟦ea‸ch⟧}}", "text text"),
        (HEAD + "{{#⟦i‸f⟧ name}}{{#if", "text"),
        ("{{role 'user'}}{{#⟦ro‸ws⟧}}{{/⟦rows⟧}}{{⟦rows⟧}}", "read read read"),
        ("{{role 'user'}}{{#each x as |⟦a⟧|}}{{⟦‸a⟧.b}}{{/each}}{{a}}", "write read"),
        ("{{role 'user'}}{{#*inline '⟦a⟧'}}{{/inline}}{{> ⟦‸a⟧}}{{> b}}", "write read"),
        ("{{role 'user'}}{{⟦js‸on⟧ x}}{{⟦json⟧ y}}", "read read"),
        ("{{role '⟦us‸er⟧'}}x{{role '⟦user⟧'}}{{role 'model'}}", "read read"),
        ("{{role 'user'}}{{> card ⟦ti‸tle⟧=x}}", "write"),
        (HEAD + "te‸xt", ""),
        ("plain ‸text", ""),
    ],
)
def test_highlights(text: str, kinds: str, tmp_path: Path) -> None:
    sample = marked(text)
    project = Project.of(tmp_path, {"a.prompt": sample.text})
    found = highlights(project.workspace.prompt(project.top / "a.prompt"), sample.cursor)
    assert show(sample.text, ranges=[each.range for each in found]) == show(sample.text, ranges=sample.ranges)
    assert " ".join(each.kind for each in found) == kinds

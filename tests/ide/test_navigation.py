"""Definition, declaration and type definition: the cursor, and where it leads."""

from pathlib import Path

import pytest

from promptls.ide.locations import LocationLink
from promptls.ide.navigation import declaration, definition, type_definition
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.syntax.source import Range
from promptls.workspace import Workspace
from tests.ide.projects import Project


def targets(project: Project, links: tuple[LocationLink, ...]) -> dict[str, list[Range]]:
    found: dict[str, list[Range]] = {}
    for each in links:
        text = project.workspace.source(each.path or Path()).text
        assert 0 <= each.range.start <= each.selection.start <= each.selection.end <= each.range.end <= len(text)
        assert each.origin.contains(project.cursor)
        found.setdefault(project.path(each.path), []).append(each.selection)
    return found


HEAD = """\
=== a.prompt
---
model: m
input:
  schema:
    name: string
    user:
      first: string
      tags(array): string
    rows(array):
      cell: string
  default:
    tone: warm
---
"""
TOML = "=== promptls.toml\nhelpers = ['shout']\ntools = ['ring', 'mail/*']\n[schemas.Dish]\ntitle = 'string'\n"

DEFINITIONS = {
    "an input": HEAD.replace(" name:", " ⟦name⟧:") + "Hi {{na‸me}}",
    "an input in a condition": HEAD.replace(" name:", " ⟦name⟧:") + "{{#if na‸me}}{{/if}}",
    "an input after other scripts": HEAD.replace(" name:", " ⟦name⟧:") + "日本 𝒳 {{na‸me}}",
    "an input in a tag that is not closed": HEAD.replace(" name:", " ⟦name⟧:") + "{{#if na‸me",
    "an input that has only a default": HEAD.replace("tone:", "⟦tone⟧:") + "{{to‸ne}}",
    "a nested field": HEAD.replace("first:", "⟦first⟧:") + "{{user.fi‸rst}}",
    "a nested field inside with": HEAD.replace("first:", "⟦first⟧:") + "{{#with user}}{{fi‸rst}}{{/with}}",
    "a field of an item": HEAD.replace("cell:", "⟦cell⟧:") + "{{#each rows as |row|}}{{row.ce‸ll}}{{/each}}",
    "outwards": HEAD.replace(" name:", " ⟦name⟧:") + "{{#each rows}}{{../na‸me}}{{/each}}",
    "from the root": HEAD.replace(" name:", " ⟦name⟧:") + "{{#each rows}}{{@root.na‸me}}{{/each}}",
    "by lookup": HEAD.replace("first:", "⟦first⟧:") + "{{lookup user 'fi‸rst'}}",
    "a block parameter": HEAD + "{{#each rows as |⟦row⟧ i|}}{{ro‸w.cell}}{{/each}}",
    "this": HEAD + "{{#each ⟦rows⟧}}{{th‸is}}{{/each}}",
    "the name of a section's end": HEAD.replace(" rows", " ⟦rows⟧") + "{{#rows}}{{/ro‸ws}}",
    "an end tag": HEAD + "{{#⟦if⟧ name}}{{else}}{{/i‸f}}",
    "an else": HEAD + "{{#⟦if⟧ name}}{{el‸se}}{{/if}}",
    "an else if": HEAD + "{{#⟦if⟧ name}}{{el‸se if tone}}{{/if}}",
    "the last else of a chain": HEAD + "{{#⟦if⟧ name}}{{else if tone}}{{e‸lse}}{{/if}}",
    "an inline partial": "=== a.prompt\n{{role 'user'}}{{#*inline '⟦row⟧'}}{{/inline}}{{> ro‸w}}",
    "a partial, after what explains it": (
        "=== a.prompt\n{{role 'user'}}{{> dir/pa‸rt}}\n=== dir/_part.prompt\n{{! Parameters: none. }}\n\n  ⟦⟧Text {{x}}"
    ),
    "a partial with a frontmatter": "=== a.prompt\n{{> pa‸rt}}\n=== _part.prompt\n---\na: b\n---\n⟦⟧{{x}}",
    "an empty partial": "=== a.prompt\n{{role 'user'}}{{> pa‸rt}}\n=== _part.prompt\n⟦⟧",
    "an argument that the partial declares": (
        "=== a.prompt\n{{role 'user'}}{{> part ti‸tle='x'}}\n"
        "=== _part.prompt\n---\ninput: {schema: {⟦title⟧: string}}\n---\n{{title}}"
    ),
    "an argument that the partial only uses": (
        "=== a.prompt\n{{role 'user'}}{{> part ti‸tle='x'}}\n=== _part.prompt\n{{#if ⟦title⟧}}{{title}}{{/if}}"
    ),
    "a name in a partial, which callers give": (
        "=== a.prompt\n---\ninput: {schema: {⟦title⟧: string}}\n---\n{{> part}}\n"
        "=== b.prompt\n{{role 'user'}}{{> part ⟦title⟧='x'}}\n=== c.prompt\n{{> part}}\n=== _part.prompt\n{{ti‸tle}}"
    ),
    "a field in a partial that runs on items": (
        "=== a.prompt\n---\ninput: {schema: {rows(array): {⟦cell⟧: string}}}\n---\n{{#each rows}}{{> part}}{{/each}}\n"
        "=== _part.prompt\n{{ce‸ll}}"
    ),
    "a default": HEAD.replace("tone: warm", "name: ‸Ann")
    .replace(" name: string", " ⟦name⟧: string")
    .replace("name: ‸", "na‸me: "),
    "a named schema": TOML.replace(".Dish", ".⟦Dish⟧") + "=== a.prompt\n---\ninput: {schema: {d: Di‸sh}}\n---\n{{d}}",
    "a field of a named schema": (
        TOML.replace("title =", "⟦title⟧ =") + "=== a.prompt\n---\ninput: {schema: {d: Dish}}\n---\n{{d.ti‸tle}}"
    ),
    "a field of a schema that is a name": (
        TOML.replace("title =", "⟦title⟧ =") + "=== a.prompt\n---\ninput: {schema: Dish}\n---\n{{ti‸tle}}"
    ),
    "a helper of the host": TOML.replace("shout", "⟦shout⟧") + "=== a.prompt\n{{role 'user'}}{{sho‸ut x}}",
    "a tool": TOML.replace("'ring'", "'⟦ring⟧'") + "=== a.prompt\n---\ntools: [ri‸ng]\n---\nx",
    "a tool that a pattern covers": TOML.replace("mail/*", "⟦mail/*⟧")
    + "=== a.prompt\n---\ntools: [ma‸il/send]\n---\nx",
    "a tool that the file defines": (
        "=== a.prompt\n---\ntools: [ru‸n]\ntoolDefs:\n  - name: '⟦run⟧'\n    inputSchema: {x: string}\n---\nx"
    ),
    "a tool that another file defines": (
        "=== a.prompt\n---\ntools: [ru‸n]\n---\nx\n"
        "=== b.prompt\n---\ntoolDefs: [{name: ⟦run⟧, inputSchema: {x: string}}]\n---\nx"
    ),
}


@pytest.mark.parametrize("case", DEFINITIONS)
def test_definition(case: str, tmp_path: Path) -> None:
    project = Project(tmp_path, DEFINITIONS[case])
    found = targets(project, definition(project.workspace, project.prompt, project.cursor))
    assert project.shown(found) == project.shown(project.ranges())


NOWHERE = {
    "text": HEAD + "te‸xt",
    "an undefined name": HEAD + "{{mi‸ssing}}",
    "unknown data": HEAD + "{{name.fi‸rst}}",
    "a built-in helper": HEAD + "{{#i‸f name}}{{/if}}",
    "a data variable": HEAD + "{{#each rows}}{{@ind‸ex}}{{/each}}",
    "a partial that vanished": HEAD + "{{> go‸ne}}",
    "a partial with a name that is refused": HEAD + "{{> '../../etc/pas‸swd'}}",
    "a file that is not dotprompt": "=== a.prompt\nHello {na‸me}.",
    "an empty file": "=== a.prompt\n‸",
    "a broken frontmatter": "=== a.prompt\n---\ninput: {schema: [\n---\n{{na‸me}}",
}


@pytest.mark.parametrize("case", NOWHERE)
def test_no_definition(case: str, tmp_path: Path) -> None:
    project = Project(tmp_path, NOWHERE[case])
    assert definition(project.workspace, project.prompt, project.cursor) == ()
    assert type_definition(project.workspace, project.prompt, project.cursor) == ()


def test_declarations_are_all_places_that_declare(tmp_path: Path) -> None:
    text = HEAD.replace(" name:", " ⟦name⟧:").replace("tone: warm", "⟦name⟧: Ann") + "{{na‸me}}"
    project = Project(tmp_path, text)
    found = targets(project, declaration(project.workspace, project.prompt, project.cursor))
    assert found == project.ranges()
    assert len(definition(project.workspace, project.prompt, project.cursor)) == 1


def test_the_whole_of_a_definition_is_its_entry(tmp_path: Path) -> None:
    project = Project(tmp_path, HEAD + "{{us‸er}}")
    (link,) = definition(project.workspace, project.prompt, project.cursor)
    assert project.prompt.text[slice(*link.range)] == "user:\n      first: string\n      tags(array): string"
    assert project.prompt.text[slice(*link.selection)] == "user"


TYPES = {
    "a scalar": HEAD.replace("first: string", "first: ⟦string⟧") + "{{user.fi‸rst}}",
    "an object": "=== a.prompt\n---\ninput: {schema: {user: ⟦{first: string}⟧}}\n---\n{{us‸er}}",
    "the items of a list": "=== a.prompt\n---\ninput: {schema: {rows(array): ⟦{cell: string}⟧}}\n---\n{{ro‸ws}}",
    "a block parameter": (
        "=== a.prompt\n---\ninput: {schema: {rows(array): ⟦{cell: string}⟧}}\n---\n{{#each rows as |r‸ow|}}{{/each}}"
    ),
    "an argument": (
        "=== a.prompt\n---\ninput: {schema: {name: ⟦string⟧}}\n---\n{{> part ti‸tle=name}}\n=== _part.prompt\n{{title}}"
    ),
    "a named schema": TOML.replace(".Dish", ".⟦Dish⟧")
    + "=== a.prompt\n---\ninput: {schema: {d(array): Dish}}\n---\n{{‸d}}",
    "a named schema by its name": TOML.replace(".Dish", ".⟦Dish⟧")
    + "=== a.prompt\n---\noutput: {schema: Di‸sh}\n---\nx",
    "a field of a named schema": (
        TOML.replace("title =", "⟦title⟧ =") + "=== a.prompt\n---\ninput: {schema: {d: Dish}}\n---\n{{d.ti‸tle}}"
    ),
}


@pytest.mark.parametrize("case", TYPES)
def test_type_definition(case: str, tmp_path: Path) -> None:
    project = Project(tmp_path, TYPES[case])
    found = targets(project, type_definition(project.workspace, project.prompt, project.cursor))
    assert project.shown(found) == project.shown(project.ranges())


def test_a_text_that_is_no_file() -> None:
    prompt = Prompt("---\ninput: {schema: {name: string}}\n---\n{{name}}", settings=Settings())
    (link,) = definition(Workspace(), prompt, len(prompt.text) - 4)
    assert (link.path, prompt.text[slice(*link.selection)]) == (None, "name")


def test_two_roots_with_the_same_partial(tmp_path: Path) -> None:
    text = "".join(f"=== {root}/a.prompt\n{{{{> part}}}}\n=== {root}/_part.prompt\n{root}\n" for root in ("one", "two"))
    project = Project(tmp_path, text, folders=["one", "two"])
    for root in ("one", "two"):
        (link,) = definition(project.workspace, project.workspace.prompt(project.top / root / "a.prompt"), 5)
        assert project.path(link.path) == f"{root}/_part.prompt"

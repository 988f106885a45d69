"""Renaming what cannot be renamed safely: every refusal says why."""

from pathlib import Path

import pytest

from promptls.ide.edits import Refused
from promptls.ide.rename import prepare_rename, rename
from tests.ide.projects import Project

HEAD = """\
=== a.prompt
---
input:
  schema:
    name: string
    other: string
    user:
      first: string
      last: string
    rows(array): {cell: string}
    any: any
---
"""
REFUSED = {
    "spaces": (HEAD + "{{na‸me}}", "two words", "is not a plain name"),
    "empty": (HEAD + "{{na‸me}}", "", "is not a plain name"),
    "braces": (HEAD + "{{na‸me}}", "a}}b", "is not a plain name"),
    "a digit first": (HEAD + "{{na‸me}}", "1st", "is not a plain name"),
    "a path": (HEAD + "{{na‸me}}", "user.name", "is not a plain name"),
    "this": (HEAD + "{{na‸me}}", "this", "a meaning of its own in Handlebars"),
    "@index": (HEAD + "{{na‸me}}", "@index", "is not a plain name"),
    "what YAML takes for a truth value": (HEAD + "{{na‸me}}", "no", "YAML 1.1 reads `no` as true or false"),
    "a helper": (HEAD + "{{na‸me}}", "role", "the name of a helper"),
    "a helper of the host": ("=== promptls.toml\nhelpers = ['shout']\n" + HEAD + "{{na‸me}}", "shout", "a helper"),
    "an input that exists": (HEAD + "{{na‸me}}", "other", "declares `other` already"),
    "a name used without being declared": (
        "=== a.prompt\n{{role 'user'}}{{na‸me}} {{more}}",
        "more",
        "is used already",
    ),
    "a field that exists": (HEAD + "{{user.fi‸rst}}", "last", "declares `last` already"),
    "a block parameter that would hide it": (
        HEAD + "{{#each rows as |row|}}{{@root.name}}{{na‸me}}{{../name}}{{/each}}",
        "row",
        r"depends|block parameter|No",
    ),
    "a block parameter that would hide it, plainly": (
        HEAD + "{{#with this as |x|}}{{na‸me}}{{/with}}",
        "x",
        "would hide the renamed name",
    ),
    "a parameter that would capture": (
        HEAD + "{{#with user as |u|}}{{‸u.first}} {{first}}{{/with}}",
        "first",
        "would become the block parameter",
    ),
    "an argument of an inline partial": (
        HEAD + '{{#*inline "one"}}[{{name}}]{{/inline}}{{> one}}{{> one na‸me="x"}}',
        "title",
        "given to an inline partial",
    ),
    "a parameter beside": (
        HEAD + "{{#each rows as |row ‸i|}}{{row.cell}}{{i}}{{/each}}",
        "row",
        "block parameter there",
    ),
    "a parameter further out": (
        HEAD + "{{#each rows as |r|}}{{#with r as |‸q|}}{{q.cell}}{{/with}}{{/each}}",
        "r",
        "block parameter there",
    ),
    "an argument beside": (
        HEAD + "{{> card ti‸tle=name text=other}}\n=== _card.prompt\n{{title}}{{text}}",
        "text",
        "already",
    ),
    "an argument that the partial uses": (
        HEAD + "{{> card ti‸tle=name}}\n=== _card.prompt\n{{title}}{{other}}",
        "other",
        "already",
    ),
    "a computed lookup": (
        HEAD + "{{user.fi‸rst}}{{lookup user name}}",
        "given",
        "A computed name is looked up on line 12",
    ),
    "a computed lookup of an input": (HEAD + "{{na‸me}}{{lookup this other}}", "given", "A computed name is looked up"),
    "printed as JSON": (HEAD + "{{user.fi‸rst}}{{json user}}", "given", "The helper `json` is given everything around"),
    "printed as a whole": (HEAD + "{{na‸me}}{{json @root}}", "given", "The helper `json`"),
    "looped over": (HEAD + "{{user.fi‸rst}}{{#each user}}{{@key}}{{/each}}", "given", "The helper `each`"),
    "handed to the host": (
        "=== promptls.toml\nhelpers = ['show']\n" + HEAD + "{{user.fi‸rst}}{{show user}}",
        "x",
        "`show`",
    ),
    "a partial with a computed name": (
        HEAD + "{{na‸me}}{{> (lookup this 'other')}}",
        "given",
        "a computed name is included",
    ),
    "a partial that is missing": (HEAD + "{{na‸me}}{{> gone}}", "given", "The partial `gone` on line 12 was not found"),
    "a partial that includes itself": (
        HEAD + "{{na‸me}}{{> loop}}\n=== _loop.prompt\n{{name}}{{#if x}}{{> loop}}{{/if}}",
        "given",
        "includes itself",
    ),
    "a block of the host around": (
        "=== promptls.toml\nhelpers = ['box']\n" + HEAD + "{{#box}}{{na‸me}}{{/box}}",
        "given",
        "depends on what the block",
    ),
    "unknown data": (HEAD + "{{any.na‸me}}", "given", "No schema tells what `name` is"),
    "another prompt that does not know": (
        HEAD + "{{#each rows}}{{> cell}}{{/each}}\n=== b.prompt\n{{role 'user'}}{{#each things}}{{> cell}}{{/each}}\n"
        "=== _cell.prompt\n{{ce‸ll}}",
        "given",
        "b.prompt includes _cell.prompt too",
    ),
    "another prompt that has the name": (
        HEAD + "{{na‸me}}{{> p}}\n=== b.prompt\n---\ninput: {schema: {name: string, given: string}}\n---\n{{> p}}\n"
        "=== _p.prompt\n{{name}}",
        "given",
        "b.prompt declares `given` already",
    ),
    "another prompt that is broken": (
        HEAD + "{{na‸me}}{{> p}}\n=== b.prompt\n---\ninput: {schema: {name: string, [}}\n---\n{{> p}}\n"
        "=== _p.prompt\n{{name}}",
        "given",
        "The frontmatter of b.prompt cannot be read",
    ),
    "broken YAML": ("=== a.prompt\n---\ninput: {schema: {name: string\n---\n{{na‸me}}", "given", "cannot be read"),
    "declared twice": (
        "=== a.prompt\n---\ninput:\n  schema:\n    name: string\n    name: number\n---\n{{na‸me}}",
        "given",
        "twice",
    ),
    "a schema of the settings": (
        "=== promptls.toml\nschemas = {R = {title = 'string'}}\n=== a.prompt\n---\ninput: {schema: {r: R}}\n---\n"
        "{{r.ti‸tle}}",
        "given",
        "a field of a schema in the settings",
    ),
    "a whole schema of the settings": (
        "=== promptls.toml\n[schemas.R]\ntitle = 'string'\n=== a.prompt\n---\ninput: {schema: R}\n---\n{{ti‸tle}}",
        "given",
        "a field of a schema in the settings",
    ),
    "example input with the key": (
        HEAD + '{{na‸me}}\n=== a.input.json\n{"name": 1, "given": 2}\n',
        "given",
        "a.input.json has a key `given`",
    ),
    "example input that is broken": (
        HEAD + '{{na‸me}}\n=== a.input.json\n{"name": 1,\n',
        "given",
        "a.input.json cannot be read",
    ),
    "text": (HEAD + "he‸llo", "x", "There is no name here"),
    "a helper itself": (HEAD + "{{#i‸f name}}{{/if}}", "x", "Helpers belong to"),
    "a data variable": (HEAD + "{{#each rows}}{{@ind‸ex}}{{/each}}", "x", "belongs to Handlebars"),
    "a model": ("=== a.prompt\n---\nmodel: open‸ai/gpt\n---\nx", "x", "its vendor's name"),
    "a role": ("=== a.prompt\n{{role 'sys‸tem'}}", "x", "Roles have fixed names"),
    "no dotprompt": ("=== a.prompt\nplain ‸text\n", "x", "no dotprompt file"),
    "a partial that vanished": (HEAD + "{{> go‸ne}}", "x", "The partial `gone` was not found"),
    "a partial's name that is taken": (
        HEAD + "{{> o‸ne}}\n=== _one.prompt\n1\n=== _two.prompt\n2",
        "two",
        "_two.prompt exists already",
    ),
    "a partial's name that is wanted": (
        HEAD + "{{> o‸ne}}\n=== b.prompt\n{{role 'user'}}{{> two}}\n=== _one.prompt\n1",
        "two",
        "b.prompt includes `two`",
    ),
    "a partial's name that runtimes refuse": (HEAD + "{{> o‸ne}}\n=== _one.prompt\n1", "../x", "not a partial's name"),
    "a partial's name with a blank": (HEAD + "{{> o‸ne}}\n=== _one.prompt\n1", "a b", "not a partial's name"),
    "a computed include of a name that is there": (
        HEAD
        + "{{> o‸ne}}\n=== b.prompt\n---\ninput: {default: {k: one}}\n---\n{{> (lookup . 'k')}}\n=== _one.prompt\n1",
        "two",
        "b.prompt includes a partial by a computed name",
    ),
    "a schema's name that is taken": (
        "=== a.prompt\n---\ninput: {schema: {a: On‸e, b: Two}}\n---\n{{a}}",
        "Two",
        "There is a schema `Two` already",
    ),
    "a schema's name that is a type": (
        "=== a.prompt\n---\ninput: {schema: {a: On‸e}}\n---\n{{a}}",
        "string",
        "meaning",
    ),
    "a schema that is written twice": (
        "=== promptls.toml\n[schemas.R]\ntype = 'object'\n[schemas.R.properties]\nx = {type = 'string'}\n"
        "=== a.prompt\n---\ninput: {schema: {r: ‸R}}\n---\n{{r.x}}",
        "S",
        "in more than one place",
    ),
    "a tool's name that is taken": ("=== a.prompt\n---\ntools: [o‸ne, two]\n---\nx", "two", "There is a tool `two`"),
    "a tool's name with a blank": ("=== a.prompt\n---\ntools: [o‸ne]\n---\nx", "a b", "not a tool's name"),
    "an inline partial's name that is taken": (
        "=== a.prompt\n{{#*inline 'a'}}{{/inline}}{{#*inline 'b'}}{{/inline}}{{> ‸a}}",
        "b",
        "There is a partial `b`",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(case: str, tmp_path: Path) -> None:
    text, new, reason = REFUSED[case]
    project = Project(tmp_path, text)
    with pytest.raises(Refused, match=reason):
        rename(project.workspace, project.prompt, project.cursor, new)


@pytest.mark.parametrize("case", ["text", "a helper itself", "unknown data", "a schema of the settings", "broken YAML",
                                  "a partial that vanished", "a model"])  # fmt: skip
def test_is_refused_before_a_name_is_asked_for(case: str, tmp_path: Path) -> None:
    text, _, reason = REFUSED[case]
    project = Project(tmp_path, text)
    with pytest.raises(Refused, match=reason):
        prepare_rename(project.workspace, project.prompt, project.cursor)

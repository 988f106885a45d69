"""What names mean, told by examples, and compared with what Handlebars itself looks up."""

import random
import re
import textwrap
import time
from typing import Any

import pytest

from promptls.language.helpers import DataVariable, Helper
from promptls.language.inputs import Declaration
from promptls.language.resolution import Use
from promptls.language.schema import Field
from promptls.language.scope import Scope, scope
from promptls.language.values import Argument, BlockParameter, Target
from promptls.settings import Settings
from promptls.syntax.source import Range
from tests.support.oracle import Oracle
from tests.support.project import InMemoryProject

SCHEMA = """\
---
input:
  schema:
    title: string, of the book
    note?: string
    author(object):
      name: string
      title: string
    chapters(array, in order):
      title: string
      pages(array):
        text: string
    extra: any
    flag: boolean
  default:
    tone: warm
    note: none
---
"""


def scoped(template: str, files: dict[str, str] | None = None, *, head: str = SCHEMA, **settings: Any) -> Scope:
    project = InMemoryProject(files, settings=Settings(**settings))
    return scope(project.prompt("main.prompt", head + template))


def words(target: Target | None) -> str:
    """A target in short: what a reader would call it."""
    match target:
        case None:
            return "?"
        case Declaration(name=name):
            return f"input {name}"
        case Field(name=name):
            return f"field {name}"
        case BlockParameter():
            return f"parameter {target.name}"
        case Argument():
            return f"argument {target.name}"
        case DataVariable(name=name):
            return f"@{name}"
        case Helper(name=name):
            return f"helper {name}"


def meaning(use: Use) -> str:
    told = " > ".join(words(step.target) if step.status != "absent" else "nothing" for step in use.steps)
    if use.outside:
        told = "outside"
    return (told or "context") + ("" if use.certain or use.outside else ", perhaps")


def meanings(template: str, **kwargs: Any) -> dict[str, str]:
    """Every path of a template but the helpers' names, with what it means."""
    return {use.path.original: meaning(use) for use in scoped(template, **kwargs).uses if use.kind != "helper"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("{{title}}", {"title": "input title"}, id="input"),
        pytest.param("{{tone}}", {"tone": "input tone"}, id="declared by its default"),
        pytest.param("{{other}}", {"other": "nothing"}, id="undeclared"),
        pytest.param("{{author.name}}", {"author.name": "input author > field name"}, id="field"),
        pytest.param("{{author/name}}", {"author/name": "input author > field name"}, id="slash"),
        pytest.param("{{author.age}}", {"author.age": "input author > nothing"}, id="no such field"),
        pytest.param("{{author.[name]}}", {"author.name": "input author > field name"}, id="brackets"),
        pytest.param("{{chapters.0.title}}", {"chapters.0.title": "input chapters > ? > field title"}, id="index"),
        pytest.param("{{chapters.length}}", {"chapters.length": "input chapters > ?"}, id="length"),
        pytest.param("{{title.first}}", {"title.first": "input title > nothing"}, id="field of a text"),
        pytest.param("{{extra.some.thing}}", {"extra.some.thing": "input extra > ? > ?"}, id="any"),
        pytest.param("{{#if flag}}{{title}}{{../title}}{{/if}}", {"flag": "input flag", "title": "input title", "../title": "outside"}, id="if keeps the context"),  # noqa: E501
        pytest.param("{{#with author}}{{title}}{{../title}}{{/with}}", {"author": "input author", "title": "field title", "../title": "input title"}, id="with"),  # noqa: E501
        pytest.param("{{#with this}}{{title}}{{../title}}{{/with}}", {"this": "context", "title": "input title", "../title": "outside"}, id="with this enters nothing"),  # noqa: E501
        pytest.param("{{#each chapters}}{{title}}{{../title}}{{note}}{{/each}}", {"chapters": "input chapters", "title": "field title", "../title": "input title", "note": "nothing"}, id="each"),  # noqa: E501
        pytest.param("{{#each chapters}}{{#each pages}}{{text}}{{../title}}{{../../title}}{{/each}}{{/each}}", {"chapters": "input chapters", "pages": "field pages", "text": "field text", "../title": "field title", "../../title": "input title"}, id="each in each"),  # noqa: E501
        pytest.param("{{#each chapters}}{{else}}{{note}}{{/each}}", {"chapters": "input chapters", "note": "input note"}, id="else of each"),  # noqa: E501
        pytest.param("{{#with author}}{{else if flag}}{{note}}{{/with}}", {"author": "input author", "flag": "input flag", "note": "input note"}, id="else if"),  # noqa: E501
        pytest.param("{{#each chapters as |c i|}}{{c.title}}{{i}}{{title}}{{/each}}", {"chapters": "input chapters", "c.title": "parameter c > field title", "i": "parameter i", "title": "field title"}, id="block parameters"),  # noqa: E501
        pytest.param("{{#each chapters as |title|}}{{title.title}}{{this.title}}{{/each}}{{title}}", {"chapters": "input chapters", "title.title": "parameter title > field title", "this.title": "field title", "title": "input title"}, id="a block parameter hides"),  # noqa: E501
        pytest.param("{{#with author as |a|}}{{#each chapters}}{{a.name}}{{/each}}{{/with}}", {"author": "input author", "chapters": "nothing", "a.name": "parameter a > field name"}, id="a block parameter reaches inwards"),  # noqa: E501
        pytest.param("{{#each chapters}}{{@index}}{{@root.title}}{{@root.nil}}{{@state.x}}{{/each}}", {"chapters": "input chapters", "@index": "@index", "@root.title": "@root > input title", "@root.nil": "@root > nothing", "@state.x": "@state > ?"}, id="data"),  # noqa: E501
        pytest.param("{{#author}}{{name}}{{../note}}{{/author}}", {"author": "input author", "name": "field name", "../note": "input note"}, id="section over an object"),  # noqa: E501
        pytest.param("{{#chapters}}{{title}}{{/chapters}}", {"chapters": "input chapters", "title": "field title"}, id="section over a list"),  # noqa: E501
        pytest.param("{{#flag}}{{title}}{{/flag}}", {"flag": "input flag", "title": "input title"}, id="section over a flag"),  # noqa: E501
        pytest.param("{{#extra}}{{title}}{{other}}{{/extra}}", {"extra": "input extra", "title": "input title, perhaps", "other": "?, perhaps"}, id="section over anything"),  # noqa: E501
        pytest.param("{{#each extra}}{{title}}{{this.title}}{{/each}}", {"extra": "input extra", "title": "input title, perhaps", "this.title": "?, perhaps"}, id="items of anything"),  # noqa: E501
        pytest.param("{{#strange title}}{{note}}{{nil}}{{/strange}}", {"title": "input title", "note": "input note, perhaps", "nil": "?, perhaps"}, id="a strange block"),  # noqa: E501
        pytest.param("{{json author}}{{json history}}", {"author": "input author", "history": "nothing"}, id="arguments are never helpers"),  # noqa: E501
        pytest.param('{{lookup author "name"}}', {"author": "input author > field name"}, id="lookup"),
        pytest.param('{{#with (lookup this "author")}}{{name}}{{/with}}', {"this": "input author", "name": "?, perhaps"}, id="lookup in a block"),  # noqa: E501
        pytest.param("{{upper (concat title note)}}", {"title": "input title", "note": "input note"}, id="strange helpers"),  # noqa: E501
        pytest.param('{{"title"}}', {"title": "input title"}, id="a name in quotes"),
        pytest.param('{{#*inline "p"}}{{title}}{{x}}{{/inline}}{{> p x=note}}', {"title": "input title, perhaps", "x": "?, perhaps", "note": "input note"}, id="inline partial"),  # noqa: E501
        pytest.param("{{{{raw}}}} {{title}} {{{{/raw}}}}", {"raw": "nothing"}, id="raw"),
    ],
)  # fmt: skip
def test_meaning(template: str, expected: dict[str, str]) -> None:
    assert meanings(template) == expected


def test_a_name_is_a_helper_only_where_handlebars_calls_it() -> None:
    uses = scoped("{{role}}{{this.role}}{{#each chapters as |json|}}{{json}}{{/each}}{{jsn title}}").uses
    told = [(use.path.original, use.kind, meaning(use)) for use in uses]
    assert told == [
        ("role", "helper", "helper role"),
        ("this.role", "read", "nothing"),
        ("each", "helper", "helper each"),
        ("chapters", "context", "input chapters"),
        ("json", "read", "parameter json"),
        ("jsn", "helper", "nothing"),
        ("title", "argument", "input title"),
    ]


def test_a_helper_of_the_settings_runs_its_block_on_who_knows_what() -> None:
    told = meanings("{{#twice title}}{{note}}{{/twice}}", helpers=["twice"])
    assert told == {"title": "input title", "note": "input note, perhaps"}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param("", "?, perhaps", id="no frontmatter"),
        pytest.param("---\ninput:\n  default:\n    y: 1\n---\n", "?, perhaps", id="defaults only"),
        pytest.param("---\ninput:\n  schema: Book\n---\n", "?, perhaps", id="a named schema"),
        pytest.param("---\ninput:\n  schema:\n    y: string\n    (*): any\n---\n", "?, perhaps", id="an open schema"),
        pytest.param("---\ninput:\n  schema:\n    y: string\n  z: [\n---\n", "?, perhaps", id="a broken frontmatter"),
        pytest.param("---\ninput:\n  schema:\n    y: string\n---\n", "nothing", id="a schema"),
        pytest.param("---\ninput:\n  schema:\n    properties: {y: {type: string}}\n---\n", "nothing", id="JSON Schema"),
        pytest.param(
            "---\ninput:\n  schema:\n    type: object\n    properties: {y: {type: string}}\n"
            "    additionalProperties: true\n---\n",
            "?, perhaps",
            id="open JSON Schema",
        ),
    ],
)
def test_what_is_not_declared_may_exist_unless_the_schema_is_closed(head: str, expected: str) -> None:
    assert meanings("{{x}}", head=head) == {"x": expected}


def test_a_named_schema_of_the_settings_is_known() -> None:
    head = "---\ninput:\n  schema: Book\n---\n"
    settings = {"schemas": {"Book": {"title": "string"}}}
    told = meanings("{{title}}{{nil}}", head=head, **settings)
    assert told == {"title": "input title", "nil": "nothing"}


def test_guards() -> None:
    template = (
        "{{note}} {{#if note}}{{note}}{{else}}{{note}}{{/if}} {{#unless note}}{{note}}{{else}}{{note}}{{/unless}} "
        "{{#if (any title note)}}{{note}}{{/if}} {{#with author}}{{../note}}{{/with}} {{#with note}}{{this}}{{/with}} "
        "{{#if flag}}{{#each chapters}}{{../note}}{{/each}}{{else if note}}{{note}}{{/if}}"
    )
    uses = [use for use in scoped(template).uses if use.kind == "read" and use.path.parts[-1:] == ("note",)]
    assert [use.guarded for use in uses] == [False, True, False, False, True, True, False, False, True]


def test_what_counts_as_used() -> None:
    def unused(template: str, files: dict[str, str] | None = None) -> set[str]:
        names = scoped(template, files)
        return set() if names.everything_used else {each.name for each in names.declarations if each not in names.used}

    everything = {"title", "note", "author", "chapters", "extra", "flag", "tone"}
    assert unused("") == everything
    compared = "{{#if flag}}{{/if}}{{#ifEquals tone title}}{{/ifEquals}}{{json extra}}"
    assert unused(compared) == {"note", "author", "chapters"}
    assert unused("{{upper (join chapters sep=note)}}") == everything - {"chapters", "note"}
    assert unused("{{#each chapters}}{{title}}{{/each}}") == everything - {"chapters"}
    # Probably meant, though Handlebars finds nothing there: another rule tells of it.
    assert unused("{{#each chapters}}{{note}}{{/each}}") == everything - {"chapters", "note"}
    for whole in (
        "{{json this}}",
        "{{this}}",
        "{{json @root}}",
        "{{#each this}}{{@key}}{{/each}}",
        "{{lookup . title}}",
    ):
        assert unused(whole) == set(), whole
    assert unused("{{#with this}}{{title}}{{/with}}") == everything - {"title"}
    assert unused('{{lookup . "note"}}{{lookup @root "flag"}}') == everything - {"note", "flag"}
    assert unused("{{> missing}}") == set()
    assert unused("{{> (lookup . 'title')}}") == set()
    files = {
        "_plain.prompt": "{{title}} {{#each chapters}}{{> leaf}}{{/each}}",
        "_leaf.prompt": "{{title}} {{@root.flag}}",
        "_passed.prompt": "{{given}} {{all.tone}}",
        "_loop.prompt": "{{note}}{{> loop}}",
    }
    assert unused("{{> plain}}", files) == everything - {"title", "chapters", "flag"}
    assert unused("{{> leaf author}}", files) == everything - {"author", "flag"}
    assert unused("{{> passed given=note all=this}}", files) == everything - {"note", "tone"}
    assert unused("{{> loop}}", files) == everything - {"note"}


def test_partials_see_the_context_of_their_call() -> None:
    files = {"_card.prompt": "{{title}} {{kind}} {{../title}} {{nil}} {{@root.title}} {{c}}"}
    names = scoped('{{#each chapters as |c|}}{{> card kind="x"}}{{/each}}', files)
    (call,) = names.calls
    assert {use.path.original: meaning(use) for use in call.uses} == {
        "title": "field title",
        "kind": "argument kind",
        "../title": "outside",
        "nil": "nothing",
        "@root.title": "@root > input title",
        "c": "nothing",
    }


def test_many_calls_end() -> None:
    files = {f"_p{i}.prompt": f"{{{{> p{i + 1}}}}}{{{{> p{i + 1}}}}}{{{{title}}}}" for i in range(60)}
    started = time.process_time()
    names = scoped("{{> p0}}", files)
    assert time.process_time() - started < 10
    assert names.everything_used


def marked(text: str) -> tuple[str, int]:
    return text.replace("‸", ""), text.index("‸")


def at(template: str) -> str | None:
    text, offset = marked(SCHEMA + template)
    found = scoped("", head=text).at(offset)
    return None if found is None else f"{text[slice(*found.range)]}: {words(found.target)}"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{tit‸le}}", "title: input title"),
        ("{{‸title}}", "title: input title"),
        ("{{title‸}}", "title: input title"),
        ("{{ ‸ title}}", None),
        ("{{aut‸hor.name}}", "author: input author"),
        ("{{author.na‸me}}", "name: field name"),
        ("{{#ea‸ch chapters}}{{/each}}", "each: helper each"),
        ("{{#each chapters as |ch‸apter|}}{{/each}}", "chapter: parameter chapter"),
        ("{{#each chapters as |chapter|}}{{chap‸ter.title}}{{/each}}", "chapter: parameter chapter"),
        ("{{@ro‸ot.title}}", "root: @root"),
        ("te‸xt", None),
    ],
)
def test_what_a_cursor_touches(template: str, expected: str | None) -> None:
    assert at(template) == expected


def test_a_cursor_on_a_declaration() -> None:
    for marked_head, expected in [
        (SCHEMA.replace("author(", "aut‸hor("), "author: input author"),
        (SCHEMA.replace("note?", "no‸te?"), "note: input note"),
        (SCHEMA.replace("    note: none", "    no‸te: none"), "note: input note"),
        (SCHEMA.replace("        text:", "        te‸xt:"), "text: field text"),
        (SCHEMA.replace("tone:", "to‸ne:"), "tone: input tone"),
    ]:
        text, offset = marked(marked_head)
        found = scoped("", head=text).at(offset)
        assert found is not None and found.use is None
        assert f"{text[slice(*found.range)]}: {words(found.target)}" == expected


def test_references() -> None:
    template = "{{note}} {{#if note}}{{json note}}{{/if}} {{#each chapters as |note|}}{{note.title}}{{title}}{{/each}}"
    names = scoped(template)
    text = SCHEMA + template

    def lines(target: Target) -> list[str]:
        ranges = names.references(target)
        assert all(isinstance(each, Range) for each in ranges)
        return [f"{text.count(chr(10), 0, start) + 1}:{text[start:end]}" for start, end in ranges]

    note = names.inputs.declarations["note"]
    assert lines(note) == ["5:note", "17:note", "19:note", "19:note", "19:note"]
    (parameter,) = names.parameters
    assert lines(parameter) == ["19:note", "19:note"]
    chapters = names.inputs.declarations["chapters"].type
    assert chapters is not None and chapters.items is not None
    title = chapters.items.field("title")
    assert title is not None
    assert lines(title) == ["10:title", "19:title", "19:title"]


def visible(template: str) -> dict[str, str | None]:
    text, offset = marked(SCHEMA + template)
    return {each.name: each.type.type if each.type else None for each in scoped("", head=text).visible(offset)}


def test_visible_names_at_the_top() -> None:
    names = visible("{{‸}}")
    assert list(names)[:7] == ["title", "note", "author", "chapters", "extra", "flag", "tone"]
    assert names["author"] == "object"
    assert "@root" in names
    assert "@index" not in names
    assert not any(name.startswith("../") for name in names)


def test_visible_names_in_blocks() -> None:
    names = visible("{{#each chapters as |chapter title|}}{{#if flag}}{{‸}}{{/if}}{{/each}}")
    assert list(names)[:4] == ["chapter", "title", "this.title", "pages"]
    assert names["chapter"] == "object"
    assert names["title"] is None
    assert names["../title"] == "string"
    assert "@index" in names
    outside = visible("{{#each chapters as |chapter|}}{{title}}{{/each}}‸")
    assert "chapter" not in outside


def test_the_members_of_a_path_at_a_cursor() -> None:
    text, offset = marked(SCHEMA + "{{#each chapters as |chapter|}}{{chapter}}‸{{/each}}")
    names = scoped("", head=text)
    use = next(use for use in names.uses if use.path.original == "chapter")
    assert [name for name, _, _ in names.value_at(use.path, offset).members()] == ["title", "pages"]


def test_half_typed_templates_still_resolve() -> None:
    for template in ("{{#each chapters}}{{title}} {{#with author", "{{author.", "{{#if (", "{{> ", "{{#each"):
        scoped(template)
    names = scoped("{{#each chapters}}{{title")
    assert meaning(names.uses[-1]) == "field title"


def test_deep_nesting_takes_linear_time() -> None:
    def seconds(depth: int) -> float:
        template = (
            "{{#each extra}}{{title}}" * depth + "{{/each}}" * depth + "{{a " + "(b " * depth + ")" * depth + "}}"
        )
        started = time.process_time()
        scoped(template)
        return time.process_time() - started

    seconds(100)
    small, large = seconds(1_000), seconds(4_000)
    assert large < 4 * 4 * small + 0.5


NESTED = textwrap.dedent("""\
    ---
    input:
      schema:
        a: string
        b(object):
          a: string
          c(object):
            a: string
            d: string
        items(array):
          a: string
          c(object):
            d: string
    ---
    """)
DATA = {
    "a": "a",
    "b": {"a": "b.a", "c": {"a": "b.c.a", "d": "b.c.d"}},
    "items": [{"a": "items.a", "c": {"d": "items.c.d"}}],
}
PATHS = re.findall(
    r"\S+", "a this.a ../a ../../a c.d b.c.a d @root.a @root.b.c.d p.a p.c.d ../c.d items.0.a ./c.a ../b.a"
)
OPENINGS = textwrap.dedent("""\
    each items
    each ../items
    each items as |p|
    each items as |q p|
    with b
    with c
    with this
    with ..
    with ../b
    with @root
    with b as |p|
    with c as |p q|
    if a
    unless zzz
    b
    c
    items""").splitlines()


def random_template(chance: random.Random, depth: int, counter: list[int]) -> str:
    pieces = []
    for _ in range(chance.randint(1, 3)):
        if depth and chance.random() < 0.6:
            opening = chance.choice(OPENINGS)
            inside = random_template(chance, depth - 1, counter)
            pieces.append(f"{{{{#{opening}}}}}{inside}{{{{/{opening.split()[0]}}}}}")
        else:
            counter[0] += 1
            pieces.append(f"<{counter[0]}:{{{{{chance.choice(PATHS)}}}}}>")
    return "".join(pieces)


def places(names: Scope) -> dict[int, str]:
    """The schema's leaves by the identity of their declaration or field, as `DATA` calls them."""
    found: dict[int, str] = {}
    for declaration in names.declarations:
        found[id(declaration)] = declaration.name
        pending = [(declaration.name, declaration.type)]
        while pending:
            name, type = pending.pop()
            assert type is not None
            fields = type.items.fields if type.items else type.fields
            for field in fields:
                found[id(field)] = f"{name}.{field.name}"
                pending.append((f"{name}.{field.name}", field.type))
    return found


def enters_itself(use: Use) -> bool:
    """Whether a block enters the very object that it stands in: then, as only data can tell, no context is added."""
    context = use.frame.context
    while context.parent is not None:
        if context.value.type is context.parent.value.type and context.value.type is not None:
            return True
        context = context.parent
    return False


def test_handlebars_agrees(oracle: Oracle) -> None:
    """Where a name is said to mean something, Handlebars prints that; where it means nothing, nothing."""
    compared = {"something": 0, "nothing": 0}
    for seed in range(400):
        chance = random.Random(seed)
        template = random_template(chance, 4, [0])
        names = scoped("", head=NESTED + template)
        known = places(names)
        printed = dict(re.findall(r"<(\d+):([^<>]*)>", oracle.handlebars(template, DATA)))
        text = NESTED + template
        for use in names.uses:
            number = re.search(r"<(\d+):\{\{$", text[: use.range.start])
            if number is None or number[1] not in printed or not use.steps or enters_itself(use):
                continue
            shown = printed[number[1]]
            where = f"{use.path.original} at {number[1]} in {template}"
            if use.outside or any(step.status == "absent" for step in use.steps):
                assert shown == "", where
                compared["nothing"] += 1
            elif use.certain and all(step.status == "known" for step in use.steps) and id(use.target) in known:
                expected = known[id(use.target)]
                assert shown in (expected, "[object Object]"), where
                compared["something"] += 1
    assert min(compared.values()) > 300, compared

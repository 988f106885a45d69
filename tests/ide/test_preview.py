"""The preview: messages, the data and where they came from, errors at their places, and the map to the template."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from promptls.ide.preview import Preview, preview
from promptls.ide.preview_text import markdown, payload
from promptls.language import tokenizers
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.token_estimate import estimate_tokens
from promptls.language.tokenizers import LazyEncoding
from promptls.settings import Settings
from promptls.syntax.source import Range, Source
from promptls.workspace import Workspace
from tests.support import ROOT
from tests.support.markers import marked

HEAD = (
    "---\ninput:\n  schema:\n    name: string\n    tone?: string\n    count: integer\n  default:\n    count: 3\n---\n"
)
BODY = '{{role "system"}}\nBe {{tone}}.\n{{role "user"}}\nHi {{name}}, {{count}} times.\n'

Show = Callable[..., Preview]


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """A preview of `a.prompt` in a folder with these files."""

    def of(text: str, request: RenderRequest | None = None, *, complete: bool = True, **files: str) -> Preview:
        for name, content in {"a.prompt": text, **files}.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        workspace = Workspace([tmp_path])
        return preview(workspace.prompt(tmp_path / "a.prompt"), workspace, request, complete=complete)

    return of


def origins(found: Preview) -> dict[str, tuple[object, str]]:
    return {each.name: (each.value, each.origin) for each in found.data.values}


ALIAS_BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 8)}]\n" for old, new in zip("abcde", "bcdef", strict=True)
)

# Data


def test_examples_are_made_up_where_there_are_no_data(show: Show) -> None:
    found = show(HEAD + BODY)
    assert origins(found) == {"name": ("name", "generated"), "tone": ("tone", "generated"), "count": (3, "default")}
    assert [message.text for message in found.messages] == ["\nBe tone.\n", "\nHi name, 3 times."]


def test_a_file_beside_the_prompt_goes_over_the_defaults(show: Show, tmp_path: Path) -> None:
    found = show(HEAD + BODY, **{"a.input.json": '{"name": "Zoë", "count": 5}'})
    assert origins(found) == {"name": ("Zoë", "file"), "count": (5, "file")}
    assert found.data.sidecar == tmp_path / "a.input.json"
    assert "Hi Zoë, 5 times." in found.messages[1].text


def test_what_a_file_leaves_out_stays_absent_unless_it_is_required(show: Show) -> None:
    found = show(HEAD + BODY, **{"a.input.yaml": "tone: kind\n"})
    assert origins(found) == {"name": ("name", "generated"), "count": (3, "default"), "tone": ("kind", "file")}
    assert "tone" not in origins(show(HEAD + BODY, **{"a.input.yml": "name: x\n", "a.input.yaml": "name: y\n"}))


def test_given_data_go_over_everything(show: Show) -> None:
    request = RenderRequest(input={"name": "given"}, context={"state": {"x": 1}})
    found = show(HEAD + BODY + "{{@state.x}}", request, **{"a.input.json": '{"name": "file", "tone": "t"}'})
    assert origins(found) == {"name": ("given", "given"), "count": (3, "default"), "tone": ("t", "file")}
    assert found.messages[1].text.endswith("1")


def test_nothing_is_added_unless_asked_for(show: Show) -> None:
    request = RenderRequest(input={"name": "n"})
    found = show(HEAD + BODY, request, complete=False, **{"a.input.json": '{"tone": "t"}'})
    assert origins(found) == {"count": (3, "default"), "name": ("n", "given")}
    bare = show(HEAD + BODY, RenderRequest(frontmatter_defaults=False), complete=False)
    assert origins(bare) == {}


def test_variables_without_a_schema_are_made_up_too(show: Show) -> None:
    found = show("{{#each items}}{{this}} {{/each}}{{#if flag}}yes {{name}}{{/if}}")
    assert found.messages[0].text == "items 1 items 2 yes name"


def test_an_open_buffer_of_data_counts(tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text("Hi {{name}}")
    workspace = Workspace([tmp_path])
    workspace.open(tmp_path / "a.input.json", Source('{"name": "unsaved"}'))
    found = preview(workspace.prompt(tmp_path / "a.prompt"), workspace)
    assert found.messages[0].text == "Hi unsaved"


@pytest.mark.parametrize(
    ("name", "text", "message", "place"),
    [
        ("a.input.json", '{"name": }', "not JSON", Range(9, 10)),
        ("a.input.json", "[1]", "a JSON object", Range(0, 0)),
        ("a.input.json", "[" * 100_000, "not JSON", None),
        ("a.input.yaml", "name: [", "not YAML", None),
        ("a.input.yaml", "- 1", "a YAML mapping", Range(0, 0)),
        ("a.input.yaml", ALIAS_BOMB, "too many", Range(0, 0)),
    ],
)  # fmt: skip
def test_data_that_cannot_be_read(show: Show, name: str, text: str, message: str, place: Range | None) -> None:
    found = show(HEAD + BODY, **{name: text})
    (error,) = found.errors
    assert message in error.message
    assert error.path is not None and error.path.name == name
    assert place in (None, error.range)
    assert found.ok and found.messages
    json.dumps(payload(found), allow_nan=False)


# Errors


def test_errors_stand_at_their_source(show: Show, tmp_path: Path) -> None:
    found = show("é {{> part}} {{> nope}}", **{"_part.prompt": "\n  {{lookup a}}"})
    places = [(error.path, error.start.line, error.start.character) for error in found.errors]
    assert places == [(tmp_path / "_part.prompt", 1, 2), (tmp_path / "a.prompt", 0, 17)]
    assert not found.ok


def test_a_broken_frontmatter_is_an_error(show: Show) -> None:
    found = show("---\nmodel: [\n---\nHi")
    assert found.errors[0].kind == "frontmatter"
    assert found.errors[0].start.line in (1, 2)


def test_half_typed_text_is_shown_as_far_as_it_goes(show: Show) -> None:
    found = show("Hi {{name}} and {{user.")
    assert found.messages[0].text.startswith("Hi name")
    assert not found.ok


# The map


SAMPLE = """---
model: m
---
{{role "system"}}
Grüß ‸{{na‸me}} 😀 go‸od.
{{> part}}{{rol‸e "user"}}{{media url=photo}}done"""


def test_template_and_text_lead_to_each_other(show: Show, tmp_path: Path) -> None:
    text, cursors, _ = marked(SAMPLE)
    request = RenderRequest(input={"name": "Zoë", "photo": "https://x.example/a.png"})
    found = show(text, request, **{"_part.prompt": "from {{name}}\n"})
    path = tmp_path / "a.prompt"
    system, user = (message.text for message in found.messages)
    before, inside, after, role = cursors

    def rendered(offset: int) -> list[tuple[int, str]]:
        return [
            (each.message, (system, user)[each.message][each.range.start : each.range.end])
            for each in found.rendered_at(path, offset)
        ]

    assert rendered(before) == rendered(inside) == [(0, "Zoë")]
    assert rendered(after) == [(0, "o")]
    assert rendered(role) == [(1, "")]
    good = system.index("good")
    source = found.source_at(0, good)
    assert source is not None and text[source.range.start :].startswith("good")
    name = found.source_at(0, system.index("Zoë") + 1)
    assert name is not None and text[name.range.start : name.range.end] == "{{name}}"
    part = found.source_at(0, system.index("from"))
    assert part is not None and (part.path, part.partial) == (tmp_path / "_part.prompt", "part")
    assert found.rendered_at(tmp_path / "_part.prompt", 0)[0].range.start == system.index("from")
    assert found.source_at(5, 0) is None
    assert found.rendered_at(path, 10_000) == ()


def test_every_rendered_character_knows_its_origin(show: Show) -> None:
    text = (ROOT / "samples/chat/support.prompt").read_text(encoding="utf-8")
    found = show(text)
    for index, message in enumerate(found.messages):
        for offset, character in enumerate(message.text):
            source = found.source_at(index, offset)
            assert source is not None
            literal = source.range.start == source.range.end
            assert not literal or text[source.range.start] == character
            if literal:
                assert offset in [each.range.start for each in found.rendered_at(found.prompt.path, source.range.start)]


# Text


def test_the_payload_is_that_of_render_and_more(show: Show, tmp_path: Path) -> None:
    found = show("---\nmodel: m\nconfig:\n  temperature: .inf\noutput: {format: json}\n---\nHi {{name}}")
    data = payload(found, shown=lambda path: path.name)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["messages"] == [{"role": "user", "content": [{"text": "Hi name"}], "metadata": None}]
    assert (data["model"], data["config"], data["output"]) == ("m", {"temperature": None}, {"format": "json"})
    # Whether another test has loaded a vocabulary by now or not, nobody knows how the model `m` counts.
    assert data["tokens"].pop("encoding") in (None, "o200k_base")
    assert data["tokens"] == {"exact": False, "total": 2, "messages": [{"role": "user", "tokens": 2}]}
    assert data["data"]["values"] == [{"name": "name", "value": "name", "origin": "generated", "path": None}]
    assert data["map"][1]["source"] == {"path": "a.prompt", "start": 71, "end": 79}
    assert data["errors"] == []


def test_markdown_keeps_the_prompt_apart(show: Show) -> None:
    request = RenderRequest(
        input={"x": "~~~~\n```` fence ````"}, history=({"role": "model", "content": [{"data": {"a": 1}}]},)
    )
    body = (
        '{{role "system"}}\n# Not a heading\n{{x}}\n{{section "out"}}\n{{role "user"}}{{media url=u contentType="a/b"}}'
    )
    found = show(f"---\nmodel: m\n---\n{body}{{{{> nope}}}}", request)
    text = markdown(found)
    assert text.startswith("# a.prompt\n\nmodel m, 3 messages, about ")
    assert "`````\n# Not a heading\n~~~~\n```` fence ````\n`````" in text
    assert "[section] out: filled by the host" in text
    assert "[medium] a/b u" in text
    assert '[part] {"data": {"a": 1}}' in text
    assert "error, line 7, column" in text or "error, line 8, column" in text
    assert '- x: "~~~~\\n```` fence ````" (given)' in text


def test_nothing_to_show(show: Show) -> None:
    assert "Nothing is rendered." in markdown(show(""))
    text = markdown(preview(Prompt("Hi", settings=Settings())))
    assert text.startswith("# Preview\n\nno model named, 1 message, about 1 token in all")


# Bounds


def test_bombs_are_bounded(show: Show) -> None:
    bomb = "{{#each @root.a}}" * 4 + "xxxxxxxxxxxxxxxxxxxx" * 50 + "{{/each}}" * 4
    start = time.process_time()
    found = show(bomb, RenderRequest(input={"a": [{"i": index} for index in range(200)]}))
    text = markdown(found)
    data = payload(found)
    assert data["truncated"]
    assert len(json.dumps(data)) < 1_500_000
    assert time.process_time() - start < 20
    assert len(text) < 1_500_000
    assert not found.ok
    assert found.messages[0].tokens > 1000


def test_the_estimate_is_near_known_counts() -> None:
    """Counted with `o200k_base`: an English and a Japanese sentence and a line of code."""
    for text, exact in (
        ("You answer customers of Foxglove Books, an online bookshop that ships within the European Union.", 18),
        ("次の文章を英語に翻訳してください。", 10),
        ("def f(x):\n    return {k: v for k, v in x.items()}\n", 20),
    ):
        assert abs(estimate_tokens(text) - exact) <= max(3, exact * 0.25), text
    assert estimate_tokens("") == 0


def test_tokens_are_exact_once_the_vocabulary_is_there(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "---\nmodel: openai/gpt-4o\n---\nAntidisestablishmentarianism"
    monkeypatch.setattr(tokenizers, "ENCODINGS", {name: LazyEncoding(name) for name in tokenizers.ENCODINGS})
    before = show(text)
    assert (before.exact, before.encoding, before.tokens) == (
        False,
        None,
        estimate_tokens("Antidisestablishmentarianism"),
    )
    tokenizers.warm("openai/gpt-4o")
    after = show(text)
    assert (after.exact, after.encoding, after.tokens) == (True, "o200k_base", 6)
    assert payload(after)["tokens"]["exact"]
    assert ", 1 message, 6 tokens in all" in markdown(after)


def test_previews_of_all_samples_and_of_ruins(tmp_path: Path) -> None:
    workspace = Workspace([ROOT / "samples"])
    paths = [path for path in workspace.discover() if isinstance(path, Path)]
    assert len(paths) > 40
    chance = random.Random(5)
    for path in paths:
        whole = workspace.prompt(path)
        cut = chance.randrange(len(whole.text))
        ruined = whole.text[:cut] + chance.choice(["{{", "}}", "---\n", ""]) + whole.text[cut + chance.randrange(9) :]
        for prompt in (whole, Prompt(ruined, settings=whole.settings, path=path, project=workspace)):
            found = preview(prompt, workspace)
            json.dumps(payload(found), allow_nan=False)
            assert markdown(found)
            for entry in found.map:
                assert 0 <= entry.start <= entry.end <= len(found.messages[entry.message].text)
            for error in found.errors:
                assert 0 <= error.range.start <= error.range.end

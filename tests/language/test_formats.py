"""Which format a file is taken for: never another one for dotprompt, however broken it is."""

import time
from collections import Counter
from pathlib import Path

import pytest

from promptls.language.formats import LABELS, is_dotprompt, recognised
from promptls.language.prompt import NoProject, Prompt
from promptls.settings import Settings
from tests.support import ROOT


def read(text: str, name: str = "x.prompt") -> Prompt:
    return Prompt(text, settings=Settings(), path=Path(name))


class DotpromptSibling(NoProject):
    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        return True


DOTPROMPT = [
    "---\nmodel: googleai/gemini-2.5-flash\n---\nHello {name}",
    "---\nmodel: x\n---",
    "---\ndescription: no template\n---\n",
    "---\nmodelProvider: google-vertex\n---\nTell a joke about {subject}",
    "---\nmy.extension: 1\n---\ntext",
    "---\nmodle: x\nTitle: y\n---\ntext",
    "---\n---\ntext",
    "---\ninput:\n  schema: {a: string\n---\n{{a}}",
    '---\na: "unclosed\nmodel: x\n---\n{{.Broken}}',
    "---\nmodel: x\ninput:\n  schema:\n    a: string\nThe fence above is missing {{a}}",
    "---\nmodel: x\n---\n{% if a %}{{.b}}{% endif %}",
    "---\ndescription: x\n---\n{{#if a}}{% b %}{{/if}}",
    "# Copyright\n\n---\nmodel: x\n---\ntext",
    "\ufeff---\r\nmodel: x\r\n---\r\ntext",
    '{{role "system"}}\nYou help.',
    "{{#if a}}yes",
    "{{/each}}",
    "{{>header}} text",
    "{{> dir/header a=b}} text",
    "{{#ifEquals a 'b'}}x{{/ifEquals}}",
    "{{#role 'system'}}dropped{{/role}}",
    "{{media url=photo}} what is it?",
    "text {{json data indent=2}}",
    'text {{section "output"}}',
    "{{history}}\nGo on.",
    "{{! promptls: ignore-file all }}\ntext",
    "{{!-- a comment --}}text",
    "You are {{@state.name}}",
    "<prompt>{{#each a}}{{this}}{{/each}}</prompt>",
    "model: x\ninput:\n  schema:\n    a: string\n---\nThe opening fence is missing {{a}}",
    "",
    " \n",
    "---",
    "---\n",
    "---\nmo",
    "---\n# a comment",
    "{{",
]


@pytest.mark.parametrize("text", DOTPROMPT)
def test_dotprompt(text: str) -> None:
    assert recognised(read(text)).format == "dotprompt"


FOREIGN = [
    ("text", "Summarise the text in three sentences."),
    ("text", "Answer {question} from {context}, as {{JSON}}."),
    ("text", "Title\n\n---\n\nmodel: none\n\n---\nA rule is no frontmatter."),
    ("text", "---\nNote: this is text between two rules\n---\nmore"),
    ("text", "---\n- a list\n---\nmore"),
    ("text", "User: hello\nAssistant: hello, how can I help?"),
    ("text", r"\newcommand{\x}[1]{{#1}} and {{^2}} and $\frac{{a}}{{b}}$"),
    ("text", '{"id": "{{id}}"} is the shape'),
    ("text", "{{file:../criteria.md}} {{fetch:\"{{url}}\"}}"),
    ("text", "1. Look\n2. Write <a>x</a> and <b>y</b>"),
    ("yaml", "name: x\nconfig:\n  outputFormat: text\nprompts:\n  user: |\n    Say {{ x }}{% if y %}!{% endif %}\n"),
    ("yaml", "model: gpt-4\nconfig:\n  top: 1\ninput:\n  text: string\nprompt: |\n  Summarise:\n  {{text}}\n"),
    ("yaml", "---\ntitle: summarise\nprompt: |\n  Document: <1>\nvars:\n- passage\n"),
    ("github-models", "name: x\nmodel: y\nmessages:\n  - role: user\n    content: Say {{input}}\ntestData: []\n"),
    ("json", '{"messages": [{"role": "user", "content": "{{#if x}}"}]}'),
    ("continue", "temperature: 0.5\nmaxTokens: 4096\n---\n<system>\nYou help.\n</system>\n\n{{{ input }}}\nGo."),
    ("continue", "name: explain\ndescription: Explain code\n---\nExplain {{{ input }}}"),
    ("continue", "<system>\nYou review code.\n</system>\n{{{ diff }}}\n\n---\n\nGo."),
    ("humanloop", "---\nmodel: x\nprovider: openai\nendpoint: chat\n---\n<system>\n  Be {{tone}}."),
    ("go-template", "Hello {{ .Name }}{{ if .Age }}, {{ .Age }}{{ end }}"),
    ("go-template", "{{- range $i, $item := .Items }}\n{{ $item.Name }}\n{{- end }}"),
    ("go-template", "---\ndescription: a mail\n---\nWrite to {{.user_name}}"),
    ("jinja", "{% for item in items %}\n- {{ item.name }}\n{% endfor %}"),
    ("jinja", "Hello {{ name | upper }} {# note #}"),
    ("jinja", "{%- assign x = 1 -%}{{ x }}"),
    ("poml", "<poml><role>You help.</role></poml>"),
    ("xml", "<?xml version='1.0'?>\n<a/>"),
    ("xml", "<prompt version='1'>\n<task>Summarise {{text}}</task>\n</prompt>\n"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "text"), FOREIGN)
def test_foreign(format: str, text: str) -> None:
    found = recognised(read(text))
    assert found.format == format
    assert found.label == LABELS[found.format]


@pytest.mark.parametrize("text", [*DOTPROMPT, *(text for _, text in FOREIGN)])
def test_evidence_stands_in_the_text(text: str) -> None:
    found = recognised(read(text))
    assert found.evidence or found.format == "text"
    for evidence in found.evidence:
        if evidence.range is not None:
            assert 0 <= evidence.range.start < evidence.range.end <= len(text)


def test_neighbours_speak_where_the_text_is_silent() -> None:
    text = "Write about {{topic}}."
    assert not is_dotprompt(read(text))
    assert is_dotprompt(read(text, "partials/_style.prompt"))
    sibling = Prompt(text, settings=Settings(), path=Path("x.prompt"), project=DotpromptSibling())
    assert is_dotprompt(sibling)
    assert [evidence.text for evidence in recognised(sibling).evidence] == ["another file of its folder is dotprompt"]
    jinja = Prompt("{% if a %}{% endif %}", settings=Settings(), path=Path("_x.prompt"), project=DotpromptSibling())
    assert recognised(jinja).format == "jinja"


def test_samples_at_every_moment_of_typing() -> None:
    """Whatever part of a sample stands there yet, it is dotprompt."""
    wrong = [
        (path.name, length, recognised(read(text[:length])).format)
        for path in sorted((ROOT / "samples").rglob("*.prompt"))
        if path.parent.name != "broken"
        for text in [path.read_text(encoding="utf-8")]
        for length in range(0, len(text), 7)
        if not is_dotprompt(read(text[:length]))
    ]
    assert wrong == []


def test_corpus(shared: Path) -> None:
    """Real files of dotprompt's own projects; the one exception is text without any sign of the format."""
    paths = sorted((shared / "corpus").rglob("*.prompt"))
    found = {
        path.relative_to(shared / "corpus").as_posix(): read(path.read_bytes().decode(), path.name) for path in paths
    }
    foreign = {name: recognised(prompt).format for name, prompt in found.items() if not is_dotprompt(prompt)}
    assert foreign == {"genkit-ai+genkit/js/plugins/next/.guides/usage.prompt": "text"}
    assert Counter(map(is_dotprompt, found.values()))[True] == 111


@pytest.mark.parametrize(
    "piece",
    ["{{", "{{ ", "{# a", "{{{ x ", "{% if ", "<a", "---\n", "a: b\n", "[", "{", " ", "\n", "---\n# x\n", "{{x"],
)
def test_time_grows_with_size_only(piece: str) -> None:
    def seconds(size: int) -> float:
        prompt = read(piece * (size // len(piece)) + "end")
        start = time.process_time()
        recognised(prompt)
        return time.process_time() - start

    def best(size: int) -> float:
        return min(seconds(size + 100 * extra) for extra in range(4))

    # Eight times the size: linear takes 8 times as long, quadratic 64 times.
    assert best(200_000) < 32 * max(best(25_000), 0.0005)

"""Completion in the frontmatter: each sample has its cursor at `‸`."""

from pathlib import Path

import pytest
import yaml

from promptls.language.keys import FRONTMATTER_KEYS
from promptls.settings import Settings
from promptls.settings.model import ModelSettings
from promptls.syntax.source import Source
from promptls.workspace import Workspace
from tests.ide.completing import Offer

SETTINGS = Settings(
    tools=["search", "mail/send"],
    schemas={"Recipe": {"title": "string"}},
    models={"acme/large": ModelSettings(context_window=64_000, input_mtok=1, output_mtok=2)},
)
TOP = [key.name for key in FRONTMATTER_KEYS.values() if not key.reserved]


def offer(sample: str) -> Offer:
    return Offer(sample, settings=SETTINGS)


def yaml_lines(text: str) -> list[str]:
    """The lines of a frontmatter without its fences."""
    return text.removeprefix("---\n").partition("\n---")[0].split("\n")


# Keys


@pytest.mark.parametrize(
    "sample",
    [
        "---\n‸\n---\nHello",
        "---\n‸",
        "---\nmo‸\n---\nHello",
        "---\nmo‸",
        '---\n# a comment\nmo‸\n\n{{role "user"}}\nHello',
        "---\n\nmo‸\n---\r\nHello",
        "# licence\n---\nmo‸\n---\nHello",
        "\ufeff---\nmo‸\n---\nHello",
    ],
)
def test_keys_of_the_top_level(sample: str) -> None:
    labels = offer(sample).labels
    assert labels[: len(TOP)] == TOP
    assert not {"ext", "raw"} & set(labels)


@pytest.mark.parametrize(
    "sample",
    [
        "---\nmodel: x\nconfig:\n  topK: 1\n‸\ninput:\n  schema:\n    model2: string\n---\n",
        "---\nmodel: x\nconfig: {topK: 1}\nna‸\ninput: {}\n---\n",
        "---\nmodel: x\nconfig:\n  topK: 1\nna‸\ninput: {\n---\n",
        "---\nmodel: x\nconfig: [\nna‸\ninput: x\n---\n",
        "---\nmodel: x\nconfig: |\n  input: x\nna‸\ninput: x\n---\n",
        "---\n'model': x\nconfig: 1\n\"input\": 2\nna‸\n",
    ],
)
def test_keys_that_are_there_are_not_offered_again(sample: str) -> None:
    assert [label for label in offer(sample).labels if label != "---"] == [
        name for name in TOP if name not in ("model", "config", "input")
    ]


@pytest.mark.parametrize(
    ("sample", "labels"),
    [
        ("---\ninput:\n  ‸\n---\n", ["schema", "default"]),
        ("---\ninput:\n    sch‸\n---\n", ["schema", "default"]),
        ("---\ninput: {‸}\n---\n", ["schema", "default"]),
        ("---\ninput: {default: {a: 1}, ‸}\n---\n", ["schema"]),
        ("---\ninput: {‸, default: {schema: 1}}\n---\n", ["schema"]),
        ("---\ninput: {\n  ‸\n  default: {a: 1}\n}\n---\n", ["schema"]),
        ("---\ninput:\n  schema:\n    a: string\n  ‸\n---\n", ["default"]),
        ("---\noutput:\n  ‸\n  schema:\n    format: string\n---\n", ["format"]),
        ("---\noutput:\n  format: json\n\n  ‸\n\nmodel: x\n---\n", ["schema"]),
        ("---\ntoolDefs:\n  - ‸\n---\n", ["name", "description", "inputSchema", "outputSchema"]),
        ("---\ntoolDefs:\n- name: a\n- name: b\n  desc‸\n---\n", ["description", "inputSchema", "outputSchema"]),
        ("---\ntoolDefs:\n  - na‸\n    description: x\n---\n", ["name", "inputSchema", "outputSchema"]),
        ("---\ntoolDefs: [{name: a, ‸}]\n---\n", ["description", "inputSchema", "outputSchema"]),
        ("---\nmetadata:\n  ‸\n---\n", []),
        ("---\nown:\n  ‸\n---\n", []),
        ("---\nmodel: x\n  ‸\n---\n", []),
    ],
)
def test_keys_of_inner_levels(sample: str, labels: list[str]) -> None:
    assert offer(sample).labels == labels


@pytest.mark.parametrize(
    ("sample", "label", "after"),
    [
        ("---\nmo‸\n---\n", "model", "---\nmodel: $0\n---\n"),
        ("---\nmo‸del: x\n---\n", "name", "---\nname: x\n---\n"),
        ("---\nto‸\n---\n", "tools", "---\ntools: [$0]\n---\n"),
        ("---\ncon‸\n---\n", "config", "---\nconfig:\n  $0\n---\n"),
        ("---\ntoolD‸\n---\n", "toolDefs", "---\ntoolDefs:\n  - $0\n---\n"),
        ("---\ninput: {sch‸}\n---\n", "schema", "---\ninput: {schema: {$0}}\n---\n"),
        ("---\ntoolDefs:\n  - inp‸\n---\n", "inputSchema", "---\ntoolDefs:\n  - inputSchema:\n    $0\n---\n"),
        ("---\nconfig:\n  thi‸\n---\n", "thinkingConfig", "---\nconfig:\n  thinkingConfig:\n  $0\n---\n"),
        ("---\nconfig:\n  code‸\n---\n", "codeExecution", "---\nconfig:\n  codeExecution: ${1|true,false|}\n---\n"),
    ],
)
def test_a_key_brings_the_beginning_of_its_value(sample: str, label: str, after: str) -> None:
    """Further lines are relative to the indentation of the cursor's line, which the editor adds."""
    assert offer(sample).accepted(label) == after


def test_the_closing_fence() -> None:
    assert "---" in offer("---\nmodel: x\n‸").labels
    assert "---" not in offer("---\nmodel: x\n‸\n---\n").labels


# Models


def test_models_are_completed_by_provider_first() -> None:
    found = offer("---\nmodel: ‸\n---\n")
    assert found.labels[:4] == ["acme/large", "googleai/", "openai/", "anthropic/"]
    assert found["googleai/"].asks_again
    assert found["acme/large"].detail == "64k tokens, $1 in, $2 out per million"
    assert found.list.incomplete


@pytest.mark.parametrize(
    ("sample", "after"),
    [
        ("---\nmodel: googleai/‸\n---\n", "---\nmodel: googleai/gemini-2.5-flash\n---\n"),
        ("---\nmodel: googleai/gem‸ma # old\n---\n", "---\nmodel: googleai/gemini-2.5-flash # old\n---\n"),
        ('---\nmodel: "googleai/gem‸"\n---\n', '---\nmodel: "googleai/gemini-2.5-flash"\n---\n'),
        ("---\nmodel: 'googleai/gem‸\n---\n", "---\nmodel: 'googleai/gemini-2.5-flash\n---\n"),
        ("---\nmodel: gemini-2‸", "---\nmodel: googleai/gemini-2.5-flash"),
        ("---\nmodel:\n  googleai/‸\n---\n", "---\nmodel:\n  googleai/gemini-2.5-flash\n---\n"),
    ],
)
def test_the_whole_id_is_replaced(sample: str, after: str) -> None:
    assert offer(sample).accepted("googleai/gemini-2.5-flash") == after


def test_a_provider_replaces_only_the_provider() -> None:
    assert offer("---\nmodel: goo‸gle/gemma # old\n---\n").accepted("googleai/") == (
        "---\nmodel: googleai/gemma # old\n---\n"
    )


def test_models_tell_their_window_and_price() -> None:
    found = offer("---\nmodel: anthropic/‸\n---\n")
    assert found["anthropic/claude-sonnet-4-5"].detail.endswith("$3 in, $15 out per million")
    assert "Context window" in (found.documentation("anthropic/claude-sonnet-4-5") or "")
    assert any(item.deprecated for item in found.list.items)
    assert [item.deprecated for item in found.list.items] == sorted(item.deprecated for item in found.list.items)


def test_a_blank_is_added_after_the_colon() -> None:
    assert offer("---\nmodel:‸\n---\n").accepted("openai/") == "---\nmodel: openai/\n---\n"
    assert offer("---\noutput:\n  format:‸\n---\n").accepted("json") == "---\noutput:\n  format: json\n---\n"


# Values


@pytest.mark.parametrize(
    ("sample", "labels"),
    [
        ("---\noutput:\n  format: ‸\n---\n", ["text", "json", "array", "enum", "jsonl", "media"]),
        ("---\noutput: {format: js‸}\n---\n", ["text", "json", "array", "enum", "jsonl", "media"]),
        ('---\noutput: {format: "js‸"}\n---\n', ["text", "json", "array", "enum", "jsonl", "media"]),
        ("---\nconfig:\n  codeExecution: ‸\n---\n", ["true", "false"]),
        ("---\nconfig: {codeExecution: ‸}\n---\n", ["true", "false"]),
        ("---\nconfig:\n  responseModalities: [TEXT, ‸]\n---\n", ["TEXT", "IMAGE", "AUDIO"]),
        ("---\nconfig:\n  responseModalities:\n    - ‸\n---\n", ["TEXT", "IMAGE", "AUDIO"]),
        ("---\nconfig:\n  thinkingConfig:\n    ‸\n---\n", ["thinkingBudget", "thinkingLevel", "includeThoughts"]),
        ("---\nconfig:\n  thinkingConfig:\n    thinkingLevel: ‸\n---\n", ["LOW", "HIGH"]),
        ("---\nconfig:\n  safetySettings:\n    - category: X\n      ‸\n---\n", ["threshold"]),
        ("---\nconfig:\n  temperature: ‸\n---\n", []),
        ("---\ndescription: ‸\n---\n", []),
        ("---\ndescription: |\n  Some words ‸\n---\n", []),
        ("---\ndescription: >-\n\n  ‸\n---\n", []),
        ("---\ndescription: Some words\n  that go on ‸\n---\n", []),
        ("---\nmodel: x # openai/‸\n---\n", []),
        ("---\nmodel: *al‸\n---\n", []),
        ('---\nmodel: "x" ‸\n---\n', []),
        ("---\n---‸\n", []),
        ("-‸--\nmodel: x\n---\n", []),
        ("---\nmodel: x\n-‸--\n", []),
    ],
)
def test_values_by_the_role_of_their_key(sample: str, labels: list[str]) -> None:
    assert offer(sample).labels == labels


def test_settings_of_the_model_go_by_its_vendor() -> None:
    claude = offer("---\nmodel: anthropic/claude-sonnet-4-5\nconfig:\n  ‸\n---\n")
    assert "thinking" in claude.labels
    assert not {"candidateCount", "thinkingConfig", "reasoningEffort"} & set(claude.labels)
    assert claude["temperature"].detail == "number, from 0 to 1"
    gemini = offer("---\nconfig:\n  temperature: 1\n  ‸\nmodel: googleai/gemini-2.5-flash\n---\n")
    assert "thinkingConfig" in gemini.labels
    assert "temperature" not in gemini.labels
    assert "Allowed: at least 1." in (gemini.documentation("topK") or "")


def test_the_vendor_is_known_though_the_line_is_half_typed() -> None:
    found = offer(
        "---\nmodel: anthropic/claude-sonnet-4-5\nconfig:\n  temperature: 1\n  ma‸\ninput:\n  schema: x\n---\n"
    )
    assert "maxOutputTokens" in found.labels
    assert "candidateCount" not in found.labels


# Tools


@pytest.mark.parametrize(
    ("sample", "after"),
    [
        ("---\ntools: [‸]\n---\n", "---\ntools: [search]\n---\n"),
        ("---\ntools: [a, se‸, b]\n---\n", "---\ntools: [a, search, b]\n---\n"),
        ('---\ntools: ["se‸"]\n---\n', '---\ntools: ["search"]\n---\n'),
        ("---\ntools: [\n  a,\n  ‸\n]\n---\n", "---\ntools: [\n  a,\n  search\n]\n---\n"),
        ("---\ntools:\n  - ‸\n---\n", "---\ntools:\n  - search\n---\n"),
        ("---\ntools:\n- a\n- se‸\n---\n", "---\ntools:\n- a\n- search\n---\n"),
        ("---\ntools:\n  ‸\n---\n", "---\ntools:\n  - search\n---\n"),
        ("---\ntools: ‸\n---\n", "---\ntools: [search]\n---\n"),
        ("---\ntools:\n  - a\n  - ‸", "---\ntools:\n  - a\n  - search"),
    ],
)
def test_tools_of_the_settings(sample: str, after: str) -> None:
    assert offer(sample).accepted("search") == after


def test_tools_that_are_listed_are_not_offered_again() -> None:
    assert offer("---\ntools: [search, ‸]\n---\n").labels == ["mail/send"]
    assert offer("---\ntoolDefs:\n  - name: own\ntools: [search, ‸]\n---\n").labels == ["mail/send", "own"]


def test_tools_of_other_prompts(tmp_path: Path) -> None:
    (tmp_path / "other.prompt").write_text("---\ntools: [fetch, search]\n---\nHi")
    (tmp_path / "broken.prompt").write_text("---\ntools: [\n---\nHi")
    path = tmp_path / "mine.prompt"
    sample = "---\ntools: [‸]\n---\nHi"
    workspace = Workspace([tmp_path])
    workspace.open(path, Source(sample.replace("‸", "")))
    workspace.open(tmp_path / "unsaved.prompt", Source("---\ntools:\n  - ring\n---\nHi"))
    found = Offer(sample, path=str(path), workspace=workspace)
    assert sorted(found.labels) == ["fetch", "ring", "search"]
    assert found["fetch"].detail == "used in other.prompt"


# Schemas


@pytest.mark.parametrize(
    "sample",
    [
        "---\ninput:\n  schema:\n    a: ‸\n---\n",
        "---\ninput:\n  schema:\n    a: str‸, the description\n---\n",
        "---\ninput: {schema: {a: ‸}}\n---\n",
        "---\ninput:\n  schema:\n    a(array, of things): ‸\n---\n",
        "---\ninput:\n  schema:\n    a:\n      b?: ‸\n---\n",
        "---\noutput:\n  schema: ‸\n---\n",
        "---\ntoolDefs:\n  - name: a\n    inputSchema:\n      city: ‸\n---\n",
        "---\ntoolDefs: [{inputSchema: {city: ‸}}]\n---\n",
    ],
)
def test_types_of_picoschema(sample: str) -> None:
    assert offer(sample).labels == ["string", "number", "integer", "boolean", "null", "any", "Recipe"]


@pytest.mark.parametrize(
    "sample",
    [
        "---\ninput:\n  schema:\n    a: string, some ‸\n---\n",
        "---\ninput:\n  schema:\n    a(enum): [x, ‸]\n---\n",
        "---\ninput:\n  schema:\n    a(array, some ‸\n---\n",
        "---\ninput:\n  schema:\n    a: string\n      ‸\n---\n",
        "---\ninput:\n  schema:\n    a: string, some ‸",
    ],
)
def test_descriptions_and_members_are_free(sample: str) -> None:
    assert offer(sample).labels == []


@pytest.mark.parametrize(
    ("sample", "label", "after"),
    [
        ("    ta‸", "ta(array)", "    ta(array): ${1:string}"),
        ("    ta‸", "ta(enum)", "    ta(enum): [$1]"),
        ("    ta‸", "ta(object)", "    ta(object):\n  $1"),
        ("    ta‸", "ta?", "    ta?: ${1|string,number,integer,boolean,null,any|}"),
        ("    ta?‸", "ta?(array)", "    ta?(array): ${1:string}"),
        ("    größe‸", "größe(array)", "    größe(array): ${1:string}"),
        ("    ta(‸", "array", "    ta(array): ${1:string}"),
        ("    ta(e‸", "enum", "    ta(enum): [$1]"),
        ("    ta(‸)", "array", "    ta(array)"),
        ("    ta(ar‸ray): string", "object", "    ta(object): string"),
        ("    a: string\n    ‸", "(*)", "    a: string\n    (*): "),
        ("    a: str‸ing, words", "number", "    a: number, words"),
        ("    a(enum): ‸", "[…]", "    a(enum): [$1]"),
    ],
)
def test_keys_and_types_of_picoschema(sample: str, label: str, after: str) -> None:
    head = "---\ninput:\n  schema:\n"
    assert offer(f"{head}{sample}\n---\n").accepted(label) == f"{head}{after}\n---\n"


@pytest.mark.parametrize("end", ["\n---\n", ""])
def test_a_field_is_completed_while_its_line_breaks_the_frontmatter(end: str) -> None:
    head = "---\ninput:\n  schema:\n    a: string\n"
    assert offer(f"{head}    ta‸{end}").accepted("ta(enum)") == f"{head}    ta(enum): [$1]{end}"
    assert offer(f"{head}    ta(e‸{end}").accepted("enum") == f"{head}    ta(enum): [$1]{end}"


def test_names_that_the_template_uses_are_offered_for_its_schema() -> None:
    template = "{{known}}{{question}}{{#each things as |t|}}{{t}}{{/each}}{{#if vip}}x{{/if}}{{user.name}}"
    found = offer(f"---\ninput:\n  schema:\n    known: string\n    ‸\n---\n{template}")
    assert found.labels[:4] == ["question", "things", "vip?", "user"]
    assert "    things(array): ${1:string}" in yaml_lines(found.accepted("things"))
    assert "    vip?: ${1|boolean,string,number,integer,null,any|}" in yaml_lines(found.accepted("vip?"))
    typed = offer(f"---\ninput:\n  schema:\n    known: string\n    qu‸\n---\n{template}")
    assert "question" in typed.labels


JSON_TYPES = ["any", "array", "boolean", "integer", "null", "number", "object", "string"]


@pytest.mark.parametrize(
    ("sample", "labels"),
    [
        ("    type: ‸\n    properties: {a: {type: string}}", JSON_TYPES),
        ("    type: object\n    properties:\n      a:\n        type: ‸", JSON_TYPES),
        ("    type: object\n    properties: {a: {type: string}}\n    required: [‸]", ["a"]),
        ("    type: object\n    properties:\n      ‸\n      a: {type: string}", []),
        ("    type: object\n    additionalProperties: ‸", ["true", "false"]),
    ],
)
def test_json_schema(sample: str, labels: list[str]) -> None:
    assert offer(f"---\ninput:\n  schema:\n{sample}\n---\n").labels == labels


def test_keywords_of_json_schema() -> None:
    found = offer("---\ninput:\n  schema:\n    type: object\n    ‸\n---\n")
    assert found.labels[:2] == ["properties", "required"]
    assert "type" not in found.labels
    inner = offer("---\ninput:\n  schema:\n    type: object\n    properties:\n      a:\n        ‸\n---\n")
    assert inner.labels[0] == "type"


# Defaults

SCHEMA = """\
---
input:
  schema:
    name: string
    kind(enum): [plain, "two words", "yes", 5]
    vip: boolean
    tags(array): string
    user(object):
      age: integer
      größe?: number
"""


@pytest.mark.parametrize(
    ("sample", "labels"),
    [
        ("    ‸", ["name", "kind", "vip", "tags", "user"]),
        ("    name: x\n    ‸", ["kind", "vip", "tags", "user"]),
        ("    na‸\n    vip: true", ["name", "kind", "tags", "user"]),
        ("    user:\n      ‸", ["age", "größe"]),
        ("    user: {age: 1, ‸}", ["größe"]),
        ("    kind: ‸", ["plain", "two words", '"yes"', "5"]),
        ("    vip: ‸", ["true", "false"]),
        ("    name: ‸", []),
        ("    tags: [‸]", []),
        ("    nobody:\n      ‸", []),
    ],
)
def test_defaults(sample: str, labels: list[str]) -> None:
    assert offer(f"{SCHEMA}  default:\n{sample}\n---\n").labels == labels


def test_defaults_bring_a_value_of_their_type() -> None:
    found = offer(f"{SCHEMA}  default:\n    ‸\n---\n")
    edits = {label: found[label].edit.text for label in found.labels}
    assert edits == {
        "name": 'name: "$1"',
        "kind": 'kind: ${1|plain,two words,"yes",5|}',
        "vip": "vip: ${1|true,false|}",
        "tags": "tags: [$1]",
        "user": "user:\n  $1",
    }
    assert found["user"].detail == "object"
    for label in ("name", "kind", "vip", "tags"):
        data = yaml.safe_load("\n".join(yaml_lines(found.filled(label))))
        assert label in data["input"]["default"]


def test_defaults_without_a_schema_are_the_names_that_the_template_uses() -> None:
    assert offer("---\ninput:\n  default:\n    ‸\n---\n{{a}} {{b}}").labels == ["a", "b"]


# Beginning a file


@pytest.mark.parametrize("sample", ["‸", "‸\n\n", "-‸", "---‸", "--‸\n"])
def test_an_empty_file_offers_whole_prompts(sample: str) -> None:
    found = offer(sample)
    assert found.labels == [
        "Basic prompt",
        "Role-based prompt",
        "Few-shot prompt",
        "Chain-of-thought prompt",
        "Step-by-step prompt",
        "frontmatter",
    ]
    assert '{{role "system"}}' in (found.documentation("Basic prompt") or "")


def test_a_text_without_frontmatter_may_get_one() -> None:
    assert offer("---‸\nTranslate {{text}}").labels == ["frontmatter"]
    assert offer("‸\nTranslate: {{text}}").labels == []
    assert offer("Tra‸nslate: {{text}}").labels == []


# Suppressions


@pytest.mark.parametrize(
    ("sample", "label", "after"),
    [
        ("{{! ‸}}", "promptls: ignore", "{{! promptls: ignore }}"),
        ("{{!‸", "promptls: ignore", "{{! promptls: ignore "),
        ("{{!-- prom‸ --}}", "promptls: ignore-file", "{{!-- promptls: ignore-file  --}}"),
        ("{{! promptls: ig‸nore x }}", "ignore-file", "{{! promptls: ignore-file  x }}"),
        ("{{! promptls: ignore ‸}}", "variables/undefined", "{{! promptls: ignore variables/undefined}}"),
        ("{{! promptls: ignore vari‸ables/x }}", "variables/undefined", "{{! promptls: ignore variables/undefined }}"),
        ("{{! promptls: ignore security, vari‸", "variables", "{{! promptls: ignore security, variables"),
        ("{{~!-- promptls: ignore-file ‸ --}}", "all", "{{~!-- promptls: ignore-file all --}}"),
        ("---\n# prom‸\nmodel: x\n---\n", "promptls: ignore", "---\n# promptls: ignore \nmodel: x\n---\n"),
        ("---\n# promptls: ignore ‸\n---\n", "model/unknown", "---\n# promptls: ignore model/unknown\n---\n"),
        (
            "---\nmodel: x # promptls: ignore ‸\n---\n",
            "model/unknown",
            "---\nmodel: x # promptls: ignore model/unknown\n---\n",
        ),
        ("---\nmodel: x\n# promptls: ignore ‸", "model/unknown", "---\nmodel: x\n# promptls: ignore model/unknown"),
    ],
)
def test_suppressions(sample: str, label: str, after: str) -> None:
    assert offer(sample).accepted(label) == after


def test_a_rule_is_offered_once() -> None:
    labels = offer("{{! promptls: ignore variables/undefined, ‸ }}").labels
    assert "variables/undefined" not in labels
    assert "variables/unused" in labels


@pytest.mark.parametrize(
    "sample", ["{{! some words ‸ }}", "{{! TODO promptls: ignore ‸ }}", "---\n# some ‸\n---\n", "---\na: b#‸\n---\n"]
)
def test_other_comments_are_left_alone(sample: str) -> None:
    assert offer(sample).labels == []


def test_rules_are_documented() -> None:
    assert "never used" in (offer("{{! promptls: ignore ‸ }}").documentation("variables/unused") or "")

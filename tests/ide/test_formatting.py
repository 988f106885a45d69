"""What the formatter changes, what it leaves alone, and that it changes nothing that matters."""

from pathlib import Path

import pytest

from promptls.ide.formatting import format_edits, formatting
from promptls.language.prompt import Prompt
from promptls.settings import FormatSettings
from promptls.syntax.source import Range, TextEdit
from tests.ide.fuzz_formatting import OPTIONS, rendering_violations, violations
from tests.ide.layout_oracle import formatted, problem, trimmed
from tests.support import ROOT
from tests.support.oracle import Oracle, Refused
from tests.support.project import InMemoryProject

HEAD = "---\nmodel: m\n---\n"


def prompt(text: str, path: str = "x.prompt") -> Prompt:
    return InMemoryProject(has_siblings=True).prompt(path, text)


def body(template: str, options: FormatSettings | None = None) -> str:
    """What becomes of a template below a frontmatter, without the final line end."""
    text = formatted(prompt(f"{HEAD}{template}\n"), options)
    assert text.startswith(HEAD) and text.endswith("\n")
    return text[len(HEAD) : -1]


def head(yaml: str, options: FormatSettings | None = None) -> str:
    text = formatted(prompt(f"---\n{yaml}---\nHi\n"), options)
    return text.removeprefix("---\n").removesuffix("---\nHi\n")


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("{{ name }}", "{{name}}"),
        ("{{~ name ~}}", "{{~name~}}"),
        ("{{{ name }}}", "{{{name}}}"),
        ("{{&  name}}", "{{&name}}"),
        ("{{  json   user\tindent = 2 }}", "{{json user indent=2}}"),
        ("{{>card}}{{>  card  title = 'x'}}", "{{> card}}{{> card title='x'}}"),
        ("{{#>layout  }}a{{/ layout}}", "{{#> layout}}a{{/layout}}"),
        (
            "{{# if (  eq a  b )  }}1{{ else  if c }}2{{  else  }}3{{/ if }}",
            "{{#if (eq a b)}}1{{else if c}}2{{else}}3{{/if}}",
        ),
        ("{{^  if a}}1{{^ }}2{{/if}}", "{{^if a}}1{{^}}2{{/if}}"),
        ("{{#each xs  as  |  x   i |}}{{/each}}", "{{#each xs as |x i|}}{{/each}}"),
        ('{{#*  inline  "a"}}x{{/inline}}', '{{#*inline "a"}}x{{/inline}}'),
        ("{{{{ raw  }}}} {{ x }}  {{{{/raw}}}}", "{{{{raw}}}} {{ x }}  {{{{/raw}}}}"),
        ('{{f "a""b"}}{{f (a)(b)}}', '{{f "a" "b"}}{{f (a) (b)}}'),
        ("{{f\u00a0a}}", "{{f a}}"),
        ("{{>card\n   title = 1  \n   }}", "{{> card\n   title=1\n   }}"),
        ("{{#each  xs as  \n |x|}}{{/each}}", "{{#each xs as\n |x|}}{{/each}}"),
    ],
)
def test_spacing_inside_tags(written: str, wanted: str) -> None:
    assert body(written) == wanted


@pytest.mark.parametrize(
    "template",
    [
        "{{!  a  comment }}{{!--  {{x }}  --}}",
        "{{x }}}",
        "{{{x }}}}",
        "{{f \"a  b\" 'c  '}}",
        r"\{{ x }} {{ '{{' }}".replace("{{ '{{' }}", "{{'{{'}}"),
        '{"a": {"b": 1 }}',
        "{{a. b}}{{a .b}}",
        "{{1. x}}",
    ],
)
def test_what_stays_inside_and_outside_tags(template: str) -> None:
    assert body(template) == template


def test_spaced_and_kept_tags() -> None:
    template = "{{a}}{{  b }}{{{c}}}{{>p}}{{#if  x}}{{/if}}{{~d~}}"
    assert (
        body(template, FormatSettings(tag_spacing="spaced"))
        == "{{ a }}{{ b }}{{{ c }}}{{> p}}{{#if x}}{{/if}}{{~ d ~}}"
    )
    assert body(template, FormatSettings(tag_spacing="keep")) == "{{a}}{{  b }}{{{c}}}{{>p}}{{#if x}}{{/if}}{{~d~}}"


def test_the_ends_of_a_block_stand_under_its_beginning() -> None:
    assert body("x\n  {{#if a}}\n1\n {{else}}\n2\n    {{/if}}\n{{#each b}}\n3\n {{/each}}") == (
        "x\n  {{#if a}}\n1\n  {{else}}\n2\n  {{/if}}\n{{#each b}}\n3\n{{/each}}"
    )


def test_the_end_after_an_else_if_stays_where_its_blanks_are_printed() -> None:
    assert body("x\n  {{#if a}}\n1\n{{else if b}}\n2\n {{else}}\n3\n {{/if}}\ny") == (
        "x\n  {{#if a}}\n1\n  {{else if b}}\n2\n  {{else}}\n3\n {{/if}}\ny"
    )


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("a\n {{#if x}}1\n2{{else}} {{/if}}", id="printed blanks"),
        pytest.param("a {{#if x}}\n1\n  {{/if}}\n", id="a beginning within a line"),
        pytest.param("a\n  {{> p}}\n {{{x}}}\n", id="partials and values"),
        pytest.param("  {{{{raw}}}}\n {{{{/raw}}}}", id="raw blocks"),
    ],
)
def test_indentation_that_stays(template: str) -> None:
    assert body(f"x\n{template}y") == f"x\n{template}y"


def test_blanks_at_line_ends() -> None:
    text = "one \ntwo  \nthree\t\nfour   \n   \n{{x}} \n{{x}}  \n{{#if y}}   \nfive{{/if}}"
    assert body(text) == "one\ntwo  \nthree\nfour   \n\n{{x}}\n{{x}}  \n{{#if y}}\nfive{{/if}}"
    kept = body(text, FormatSettings(trim_trailing_blanks=False))
    assert kept == text.replace("{{#if y}}   ", "{{#if y}}"), "those that are not printed go all the same"


def test_blanks_in_code_stay() -> None:
    text = "a \n```py\nb \n``` \nc \n{{{{raw}}}}\nd \n{{{{/raw}}}}\n~~~\ne "
    assert body(text + "\n~~~") == "a\n```py\nb \n```\nc\n{{{{raw}}}}\nd \n{{{{/raw}}}}\n~~~\ne \n~~~"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("model:   m\n", "model: m\n"),
        ("model : m  \n", "model: m\n"),
        ("a:\n      b: 1\n      c:\n        d: 2\n", "a:\n  b: 1\n  c:\n    d: 2\n"),
        ("tools:\n- a\n-   b\n", "tools:\n  - a\n  - b\n"),
        ("a:\n-   b: 1\n    c: 2\n", "a:\n  - b: 1\n    c: 2\n"),
        ("a:\n - - 1\n   - 2\n", "a:\n  - - 1\n    - 2\n"),
        ("\n\na: 1\n\n\n\nb: 2\n\n", "a: 1\n\nb: 2\n"),
        ("a:\n    # of b\n    b: 1   # stays\n # end\n", "a:\n  # of b\n  b: 1   # stays\n # end\n"),
        ("a:\n    b: [1,2,\n        3]\n", "a:\n  b: [1,2,\n      3]\n"),
        ("a: { b: 1,c: 'x' }\n", "a: { b: 1,c: 'x' }\n"),
        ("a:\n      b: one\n        two\n", "a:\n  b: one\n    two\n"),
        ("a:\n    b: |\n        x  \n\n          y\n    c: 1\n", "a:\n  b: |\n      x  \n\n        y\n  c: 1\n"),
        ("a:\n    b: |2\n        x\n", "a:\n  b: |2\n      x\n"),
        ("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
        ("a: |\n x\n   \nb: 1\n", "a: |\n x\n   \nb: 1\n"),
        ("a:\n    b\n", "a:\n  b\n"),
        ("a:    &x 1\nb:   *x\n", "a: &x 1\nb: *x\n"),
        ("? a\n: 1\n", "? a\n: 1\n"),
        ("{a:   1}\n", "{a:   1}\n"),
    ],
)
def test_frontmatter(written: str, wanted: str) -> None:
    assert head(written) == wanted


def test_keys_are_sorted_on_demand_only() -> None:
    yaml = "# top\n\noutput:\n    format: json\n# of the model\nmodel: m\n\napp: 1\nname: n\n"
    assert head(yaml) == yaml.replace("    format", "  format")
    sorted_head = head(yaml, FormatSettings(sort_keys=True))
    assert sorted_head == "# top\n\nname: n\n# of the model\nmodel: m\n\noutput:\n  format: json\napp: 1\n"


def test_frame() -> None:
    assert formatted(prompt("---  \nmodel: m\n--- \n\n\n  Hi \n\n\n")) == "---\nmodel: m\n---\n\nHi\n"
    assert formatted(prompt("---\nmodel: m\n---\nHi")) == "---\nmodel: m\n---\nHi\n"
    assert formatted(prompt("---\nmodel: m\n---\n \n")) == "---\nmodel: m\n---\n"
    assert formatted(prompt("---\nmodel: m\n---")) == "---\nmodel: m\n---", "some runtimes need the line end"


def test_a_text_whose_ends_are_printed_keeps_them() -> None:
    assert formatted(prompt("\n{{ a }}\n\n\n")) == "\n{{a}}\n\n\n"
    assert formatted(prompt("{{ a }}")) == "{{a}}"
    partial = "---\ndescription:  d\n---\n\n\n{{ a }}"
    assert formatted(prompt(partial, "_p.prompt")) == "---\ndescription: d\n---\n\n\n{{a}}"


def test_line_ends_stay() -> None:
    text = "---\r\nmodel:  m\r\n\r\n\r\nname: n\r\n---\r\n\r\n\r\n{{ a }} \r\nb"
    assert formatted(prompt(text)) == "---\r\nmodel: m\r\n\r\nname: n\r\n---\r\n\r\n{{a}}\r\nb\r\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\nmodel:  m\n---\n{{ a }}{{#if}", "its template is not valid: "),
        ("---\nmodel:  m\n---\n\n{{#if a}}", "its template is not valid: the block 'if' is never closed"),
        ("---\nmodel: [\n---\n{{ a }}", "its frontmatter is not valid YAML: "),
        ("---\nmodel:  m\n{{ a }}", "its frontmatter is never closed"),
        ("---\n- model\n---\n{{ role 'a' }}", "its frontmatter is not a mapping"),
        ("{% for x in y %}{{ x }}{% endfor %}", "it was read as a Jinja"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    answer = formatting(Prompt(text, settings=prompt("").settings))
    assert answer.edits == ()
    assert answer.refusal is not None and answer.refusal.startswith(reason)


def test_edits_are_minimal() -> None:
    text = "---\nmodel:   m\n---\n{{ a }}\n"
    assert format_edits(prompt(text)) == (
        TextEdit(Range(11, 13), ""),
        TextEdit(Range(21, 22), ""),
        TextEdit(Range(23, 24), ""),
    )


def test_a_range_gets_its_own_edits_only() -> None:
    text = f"{HEAD}{{{{ a }}}}\n{{{{ b }}}}\n{{{{ c }}}}\n"
    line = Range(text.index("{{ b"), text.index("{{ c"))
    edits = format_edits(prompt(text), range=line)
    assert prompt(text).source.edited(edits).text == text.replace("{{ b }}", "{{b}}")


def test_a_part_of_the_frontmatter_that_cannot_move_alone_stays() -> None:
    text = "---\ninput:\n    schema:\n        a: string\n        b: string\n---\n{{ a }}\n"
    edits = format_edits(prompt(text), range=Range(text.index("        b"), text.index("---\n{{")))
    assert edits == ()


def test_samples(oracle: Oracle) -> None:
    texts = {path: path.read_bytes().decode() for path in sorted((ROOT / "samples").rglob("*.prompt"))}
    assert len(texts) > 20
    assert_kept(oracle, texts)


def test_corpus(oracle: Oracle, shared: Path) -> None:
    texts = {path: path.read_bytes().decode() for path in sorted((shared / "corpus").rglob("*.prompt"))}
    assert len(texts) > 100
    assert_kept(oracle, texts)


def test_the_reference_runtime_renders_alike(oracle: Oracle, shared: Path) -> None:
    compared = 0
    for path in sorted((shared / "corpus").rglob("*.prompt")):
        text = path.read_bytes().decode()
        after = formatted(prompt(text, path.name))
        expected = reference_messages(oracle, text)
        # It takes a whole file for text whose closing fence has no line end; a rule says so.
        if text.endswith("\n---"):
            continue
        assert reference_messages(oracle, after) == expected, path
        compared += after != text and isinstance(expected, list)
    assert compared > 20


def reference_messages(oracle: Oracle, text: str) -> object:
    """What npm dotprompt renders without data, without the blanks at line ends; or the error's name."""
    try:
        messages = oracle.render(text)["messages"]
    except Refused as refusal:
        return refusal.name
    return [[trimmed(part.get("text", "")) for part in message["content"]] for message in messages]


def assert_kept(oracle: Oracle, texts: dict[Path, str]) -> None:
    found = {
        (str(path), str(options)): problem(oracle, prompt(text, path.name), options)
        for path, text in texts.items()
        for options in OPTIONS
    }
    assert {key: each for key, each in found.items() if each} == {}


@pytest.mark.parametrize("seed", range(2))
def test_generated_files(oracle: Oracle, seed: int) -> None:
    assert [each for each in violations(oracle, seed, 300) if each[1]] == []


def test_generated_files_render_alike() -> None:
    assert [each for each in rendering_violations(9, 150) if each[1]] == []


def test_the_check_finds_what_the_edits_must_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoils(prompt: Prompt, spacing: str) -> list[TextEdit]:
        at = prompt.text.index("two")
        return [TextEdit(Range(at - 1, at), "  ")]

    monkeypatch.setattr("promptls.ide.formatting.tag_edits", spoils)
    answer = formatting(prompt(f"{HEAD}one two\n"))
    assert answer.edits == () and answer.refusal is not None and "report" in answer.refusal

"""Rules about the frontmatter where their own examples do not reach: runtimes, real files, the reference runtime."""

from collections import Counter
from pathlib import Path

import pytest

from promptls.language.prompt import Prompt, frontmatter
from promptls.lint.registry import Registry
from promptls.lint.rule import Finding
from promptls.lint.rules import frontmatter as frontmatter_rules
from promptls.lint.rules import model, schema, tools
from promptls.lint.runner import applicable, run
from promptls.settings import Settings
from tests.support.oracle import Oracle

RULES = Registry((*frontmatter_rules.RULES, *schema.RULES, *model.RULES, *tools.RULES))


def found(text: str, *, settings: Settings | None = None) -> list[Finding]:
    return [finding for rule in RULES for finding in rule.check(Prompt(text, settings=settings or Settings()))]


def shown(text: str, **settings: object) -> list[str]:
    return sorted(
        f"{rule.id} {text[finding.range.start : finding.range.end]}"
        for rule in RULES
        for finding in rule.check(Prompt(text, settings=Settings.model_validate(settings)))
    )


def fixed(prompt: Prompt, *, unsafe: bool = False) -> Prompt:
    """The prompt after all fixes of these rules, applied as `check --fix` does."""
    for _ in range(30):
        chosen = applicable(run(prompt, RULES), unsafe=unsafe)
        if not chosen:
            return prompt
        edits = [edit for finding in chosen if finding.fix for edit in finding.fix.edits]
        prompt = prompt.with_text(prompt.source.edited(edits).text)
    pytest.fail("the fixes never end")


# Files of the corpus with a mistake that only an author can mend, and what is left of each.
KNOWN = {
    "error-invalid-yaml.prompt": ["frontmatter/invalid-yaml"],
    "features.prompt": ["model/deprecated"],
    "kitchensink.prompt": ["model/config-range"],
}


def corpus(shared: Path) -> list[Path]:
    return sorted((shared / "corpus").rglob("*.prompt"))


def read(path: Path) -> Prompt:
    return Prompt(path.read_bytes().decode("utf-8"), settings=Settings(), path=path)


def test_reports_on_real_files(shared: Path) -> None:
    """Every report that claims to be certain or likely has been read: these are all there are, and all are true."""
    serious = [rule for rule in RULES if rule.certainty != "suggestion"]
    counts = Counter(finding.rule for path in corpus(shared) for finding in run(read(path), serious))
    assert counts == {
        "frontmatter/portability": 26,
        "frontmatter/invalid-yaml": 1,
        "schema/list-syntax": 12,
        "schema/union-syntax": 2,
        "model/config-range": 1,
        "model/deprecated": 1,
    }


def test_real_files_pass_after_their_fixes(shared: Path, oracle: Oracle) -> None:
    serious = [rule for rule in RULES if rule.certainty != "suggestion"]
    mended = 0
    for path in corpus(shared):
        before = read(path)
        after = fixed(before)
        assert [each.rule for each in run(after, serious)] == KNOWN.get(path.name, []), path
        front = frontmatter(after)
        if after.text == before.text or front is None:
            continue
        # The template may call partials and helpers that are not at hand; the frontmatter is what was mended.
        result = oracle.render(after.text[: front.range.end] + "Hello", {"input": {}})
        assert result["raw"], path
        assert result["messages"] == [{"role": "user", "content": [{"text": "Hello"}]}], path
        mended += 1
    assert mended == 28


@pytest.mark.parametrize(
    ("text", "js", "python"),
    [
        ("# note\n---\nmodel: a\n---\nHi", ["frontmatter/portability # note"], []),
        ("\n---\nmodel: a\n---\nHi", ["frontmatter/portability ---"], []),
        ("---\n---\nHi", ["frontmatter/portability ---"], []),
        ("---\nmodel: a\n---", ["frontmatter/portability ---"], []),
        ("---\nversion: 1.0\n---\nHi", [], ["frontmatter/wrong-type 1.0"]),
        ("---\nno: x\n---\nHi", [], ["frontmatter/portability no"]),
        ("---\nname: yes\n---\nHi", [], ["frontmatter/portability yes"]),
        ("---\nname: !!str x\n---\nHi", [], ["frontmatter/portability x"]),
        ("---\nname: &n x\nmodel: *n\n---\nHi", [], ["frontmatter/portability &n"]),
        ("---\nconfig: 5\n---\nHi", ["frontmatter/wrong-type 5"], ["frontmatter/wrong-type 5"]),
    ],
)
def test_only_the_runtimes_of_the_project_count(text: str, js: list[str], python: list[str]) -> None:
    assert shown(text, runtimes=["js"]) == js
    assert shown(text, runtimes=["python"]) == python
    assert shown(text) == sorted({*js, *python})


def test_help_names_the_runtimes_of_the_project() -> None:
    (finding,) = found("---\nmodel: a\nmodel: b\n---\nHi", settings=Settings(runtimes=["python"]))
    assert finding.help is not None and "Python" in finding.help and "JavaScript" not in finding.help


def test_values_that_only_one_version_of_yaml_takes_for_text() -> None:
    yaml = "input:\n  schema: {a(enum): [yes, 'no', maybe], b: boolean}\n  default: {a: yes, b: true}"
    text = f"---\n{yaml}\n---\n{{{{a}}}} {{{{b}}}}"
    assert shown(text) == ["frontmatter/portability yes", "frontmatter/portability yes"]
    assert shown(text, runtimes=["js"]) == []
    assert fixed(Prompt(text, settings=Settings())).text == text.replace("[yes", '["yes"').replace("a: yes", 'a: "yes"')


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---|model: a|{{x}}", "---|model: a|---|{{x}}"),
        ("---|model: a", "---|model: a|---|"),
        ("# one||# two||---|model: a|---|Hi", "---|# one|# two|model: a|---|Hi"),
        ("||---|model: a|---|Hi", "---|model: a|---|Hi"),
        ("\ufeff---|model: a|---|Hi", "---|model: a|---|Hi"),
        ("---|version: 2|---|Hi", '---|version: "2"|---|Hi'),
        ("---|tools: search|---|search", "---|tools: [search]|---|search"),
        ("---|tools:|- a|- b|- a|---|a b", "---|tools:|- a|- b|---|a b"),
        ("---|tools: [a, b, a]|---|a b", "---|tools: [a, b]|---|a b"),
        ("---|---|Hi", "Hi"),
        ("---|model: a|---", "---|model: a|---|"),
    ],
)
def test_safe_fixes_keep_line_ends(before: str, after: str, newline: str) -> None:
    prompt = Prompt(before.replace("|", newline), settings=Settings())
    assert fixed(prompt).text == after.replace("|", newline if newline in prompt.text else "\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nb: 2\na: 3", "b: 2\na: 3"),
        ("a:\n  x: 1\n  y: 2\nb: 2\na: 3", "b: 2\na: 3"),
        ("a: |\n  text\n\n  more\nb: 2\na: 3", "b: 2\na: 3"),
        ("c: {a: 1, b: 2, a: 3}", "c: {b: 2, a: 3}"),
        ("c:\n- a: 1\n  b: 2\n  a: 3", "c:\n- b: 2\n  a: 3"),
        ("a: 1\na: 2\na: 3", "a: 3"),
    ],
)
def test_the_earlier_of_duplicates_goes(before: str, after: str) -> None:
    prompt = Prompt(f"---\nmodel: m\n{before}\n---\nHi", settings=Settings())
    assert fixed(prompt).text == prompt.text
    assert fixed(prompt, unsafe=True).text == f"---\nmodel: m\n{after}\n---\nHi"


def test_one_finding_for_one_slip() -> None:
    for line in ("a: string, of: b", 'a: "b" | "c"', "a: {b: string}[]", "a: string[]", "a: strng", "a: [string"):
        assert len(shown(f"---\ninput:\n  schema:\n    {line}\n---\nHi")) == 1, line
    assert len(shown("---\nmodel: a\ninput: [x\n{{x}}")) == 1


def test_settings_are_asked_for_what_nobody_else_knows() -> None:
    text = "---\ntools: [search]\noutput: {schema: Recipe}\n---\nsearch"
    assert shown(text) == []
    assert shown(text, tools=["find"], schemas={"Order": "string"}) == [
        "schema/unknown-name Recipe",
        "tools/unknown search",
    ]
    assert shown(text, tools=["se*"], schemas={"Recipe": "string"}) == []

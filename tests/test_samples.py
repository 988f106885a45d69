"""The samples teach: nothing is wrong with the good ones, and each broken one shows its one mistake, exactly there."""

import pytest

from promptls.language.prompt import Prompt
from promptls.lint.rule import Finding
from promptls.lint.runner import findings, fixed
from tests.support import ROOT
from tests.support.project import InMemoryProject

SAMPLES = ROOT / "samples"
FILES = {path.relative_to(SAMPLES).as_posix(): path.read_bytes().decode() for path in sorted(SAMPLES.rglob("*.prompt"))}
GOOD = [path for path in FILES if not path.startswith("broken/")]

BROKEN = {
    "_cycle_a": ("partials/cycle", "broken/cycle_b"),
    "_cycle_b": ("partials/cycle", "broken/cycle_a"),
    "block-role": ("template/block-role", '{{#role "system"}}', '{{#role "user"}}'),
    "block-section": ("template/block-section", '{{#section "output"}}'),
    "constant-condition": ("template/constant-condition", "true"),
    "default-mismatch": ("schema/default-mismatch", "three"),
    "deprecated-model": ("model/deprecated", "googleai/gemini-2.0-flash"),
    "duplicate-key": ("frontmatter/duplicate-key", "model"),
    "empty-enum": ("schema/enum-empty", "[]"),
    "foreign-go-template": ("template/foreign-syntax", "{{.Text}}"),
    "foreign-syntax": ("template/foreign-syntax", "{reader}"),
    "history-last": ("messages/history-position", "{{history}}"),
    "invisible-unicode": ("security/invisible-unicode", "\u200b"),
    "leaked-key": ("security/secret", "g" + "hp_M2NWZuXsfAtdWxbIBzuVspnUsjaqOR3sjC6V"),
    "leftover": ("template/leftover", "TODO"),
    "list-syntax": ("schema/list-syntax", "string[]"),
    "media-url": ("messages/media-url", "https://static.example.com/floor plan 2.png"),
    "mismatched-close": ("template/mismatched-close", "unless"),
    "missing-partial": ("partials/missing", "broken/house_style"),
    "misspelt-key": ("frontmatter/unknown-key", "modle"),
    "partial-cycle": ("partials/cycle", "broken/cycle_a"),
    "unclosed-block": ("template/unclosed-block", "{{#if formal}}"),
    "unclosed-frontmatter": ("frontmatter/unclosed", "---"),
    "undefined-variable": ("variables/undefined", "language"),
    "unexpected-close": ("template/unexpected-close", "{{/if}}"),
    "union-syntax": ("schema/union-syntax", '"calm" | "lively"'),
    "unknown-helper": ("template/unknown-helper", "uppercase"),
    "unknown-role": ("messages/unknown-role", "assistant"),
    "unquoted-colon": ("schema/unquoted-colon", "string, one of two things: a letter or a note"),
    "unused-variable": ("variables/unused", "audience"),
    "wrong-type": ("frontmatter/wrong-type", "5"),
}
"""The rule that finds each mistake, and the text that it points at (in one file the same mistake stands twice)."""

MENDED = {
    "block-role",
    "block-section",
    "invisible-unicode",
    "list-syntax",
    "mismatched-close",
    "unclosed-block",
    "unclosed-frontmatter",
    "undefined-variable",
    "union-syntax",
    "unquoted-colon",
}
"""Those that `check --fix` mends by itself."""


def prompt(path: str) -> Prompt:
    return InMemoryProject(FILES, has_siblings=True).prompt(path)


def told(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.message) for finding in found]


@pytest.mark.parametrize("path", GOOD)
def test_nothing_is_wrong_with_a_good_sample(path: str) -> None:
    assert told(findings(prompt(path))) == []


def test_every_broken_sample_is_expected() -> None:
    assert {f"broken/{name}.prompt" for name in BROKEN} == FILES.keys() - set(GOOD)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sample_shows_its_one_mistake(name: str) -> None:
    broken = prompt(f"broken/{name}.prompt")
    rule, *places = BROKEN[name]
    found = [(finding.rule, broken.text[slice(*finding.range)]) for finding in findings(broken)]
    assert found == [(rule, place) for place in places]


@pytest.mark.parametrize("name", BROKEN)
def test_what_safe_fixes_mend(name: str) -> None:
    result = fixed(prompt(f"broken/{name}.prompt"))
    if name in MENDED:
        assert told(findings(result.prompt)) == []
    else:
        assert result.text == FILES[f"broken/{name}.prompt"]


def test_the_leaked_key_is_mended_on_demand() -> None:
    result = fixed(prompt("broken/leaked-key.prompt"), unsafe=True)
    assert "{{githubToken}}" in result.text
    assert told(findings(result.prompt)) == []

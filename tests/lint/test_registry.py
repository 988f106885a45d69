"""Which rules are selected, and what one broken rule costs."""

from collections.abc import Iterator

import pytest

from promptls.language.prompt import Prompt
from promptls.lint.registry import Registry, built_in_rules
from promptls.lint.rule import Finding, Rule, Severity, rule
from promptls.lint.runner import INTERNAL_ERROR, findings, run
from promptls.settings import Settings
from promptls.syntax.source import Range


def nothing(prompt: Prompt) -> Iterator[Finding]:
    """Nothing is found."""
    return iter(())


def first_character(prompt: Prompt) -> Iterator[Finding]:
    """The first character is found."""
    yield Finding(Range(0, 1), "here")


def broken(prompt: Prompt) -> Iterator[Finding]:
    """It raises after its first finding."""
    yield Finding(Range(0, 1), "before the failure")
    raise ZeroDivisionError


def named(id: str, check=nothing, **options) -> Rule:
    return rule(id, Severity.WARNING, certainty="certain", **options)(check)


REGISTRY = Registry(
    (
        named("fruit/apple"),
        named("fruit/pear", aliases=("fruit/bulb",)),
        named("fruit/quince", enabled=False),
        named("tree/oak"),
    )
)


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["default"], [], ["fruit/apple", "fruit/pear", "tree/oak"]),
        (["all"], [], ["fruit/apple", "fruit/pear", "fruit/quince", "tree/oak"]),
        ([], [], []),
        (["fruit"], [], ["fruit/apple", "fruit/pear", "fruit/quince"]),
        (["fruit/quince"], [], ["fruit/quince"]),
        (["default", "fruit/quince"], [], ["fruit/apple", "fruit/pear", "fruit/quince", "tree/oak"]),
        # The more specific selector wins, and of equally specific ones `ignore`.
        (["default"], ["fruit"], ["tree/oak"]),
        (["default", "fruit/pear"], ["fruit"], ["fruit/pear", "tree/oak"]),
        (["fruit"], ["all"], ["fruit/apple", "fruit/pear", "fruit/quince"]),
        (["fruit"], ["fruit/pear"], ["fruit/apple", "fruit/quince"]),
        (["fruit"], ["fruit"], []),
        (["all"], ["all"], []),
        # A rule's former id still names it.
        (["fruit/bulb"], [], ["fruit/pear"]),
        (["default"], ["fruit/bulb"], ["fruit/apple", "tree/oak"]),
        (["fruit/plum", "shrub"], [], []),
    ],
)
def test_selection(select: list[str], ignore: list[str], expected: list[str]) -> None:
    assert [each.id for each in REGISTRY.selected(select, ignore)] == expected


def test_suggestions_run_where_they_are_asked_for() -> None:
    hint = rule("fruit/fig", Severity.INFO, certainty="suggestion")(nothing)
    known = Registry((named("fruit/apple"), hint))

    def ids(select: list[str], ignore: list[str], suggestions: bool) -> list[str]:
        return [each.id for each in known.selected(select, ignore, suggestions=suggestions)]

    assert ids(["default"], [], suggestions=True) == ["fruit/apple", "fruit/fig"]
    assert ids(["default"], [], suggestions=False) == ["fruit/apple"]
    for select in (["all"], ["fruit"], ["default", "fruit/fig"]):
        assert ids(select, [], suggestions=False) == ["fruit/apple", "fruit/fig"]
    assert ids(["default"], ["fruit/fig"], suggestions=True) == ["fruit/apple"]


@pytest.mark.parametrize(
    ("setting", "in_editor", "expected"),
    [
        ("editor", True, True),
        ("editor", False, False),
        ("always", False, True),
        ("never", True, False),
    ],
)
def test_where_suggestions_run(setting: str, in_editor: bool, expected: bool) -> None:
    text = "---\nmodel: m\ntools: [getForecast]\n---\nPlan a trip."
    settings = Settings.model_validate({"suggestions": setting, "in_editor": in_editor})
    found = {each.rule for each in findings(Prompt(text, settings=settings))}
    assert ("tools/never-mentioned" in found) is expected


def test_knows_what_a_selector_can_be() -> None:
    assert all(map(REGISTRY.knows, ["all", "fruit", "fruit/pear", "fruit/bulb"]))
    assert not any(map(REGISTRY.knows, ["", "shrub", "fruit/plum", "pear", "FRUIT"]))


def test_former_id_never_hides_a_rule() -> None:
    one, other = named("a/one", aliases=("a/other",)), named("a/other")
    assert Registry((other, one)).by_id["a/other"] is other


def test_ids_are_unique() -> None:
    rules = built_in_rules().rules
    ids = [id for each in rules for id in (each.id, *each.aliases)]
    assert len(ids) == len(set(ids))


def test_a_broken_rule_costs_only_its_own_findings() -> None:
    prompt = Prompt("---\nmodel: m\n---\nx", settings=Settings())
    rules = [named("a/first", first_character), named("a/broken", broken), named("a/last", first_character)]
    findings = list(run(prompt, rules))
    assert [each.rule for each in findings if each.message == "here"] == ["a/first", "a/last"]
    (failure,) = (each for each in findings if each.rule == INTERNAL_ERROR)
    assert "a/broken" in failure.message
    assert "ZeroDivisionError" in failure.message


def test_severity_of_a_finding() -> None:
    def graded(prompt: Prompt) -> Iterator[Finding]:
        yield Finding(Range(0, 1), "its own", severity=Severity.HINT)
        yield Finding(Range(0, 1), "the rule's")

    text = "---\nmodel: m\n---\nx"
    given = [each.severity for each in run(Prompt(text, settings=Settings()), [named("a/b", graded)])]
    assert given == [Severity.HINT, Severity.WARNING]
    for key in ("a/b", "a"):
        settings = Settings(severity={key: "error"})
        assert {each.severity for each in run(Prompt(text, settings=settings), [named("a/b", graded)])} == {
            Severity.ERROR
        }

"""When the rules about cost load a vocabulary, what they take for certain, and what they leave alone."""

from typing import Any

import pytest

from promptls.language.prompt import Prompt
from promptls.language.tokenizers import Counter
from promptls.lint.rule import Finding
from promptls.lint.rules import cost
from promptls.settings import Settings
from tests.support.project import InMemoryProject

WORDS = 400
TEXT = "word " * WORDS
"""About as many tokens."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, bool]]:
    """What the rules ask the tokenizers for, which count words and are the model's own for models of `exact/`."""
    calls: list[tuple[str | None, bool]] = []

    def counter(model: str | None, *, wait: bool) -> Counter:
        calls.append((model, wait))
        return Counter("words", (model or "").startswith("exact/"), lambda text: len(text.split()))

    monkeypatch.setattr(cost, "counter", counter)
    return calls


def found(text: str, model: str = "exact/one", rule: Any = cost.over_budget, **settings: object) -> list[Finding]:
    given = Settings.model_validate(settings)
    project = InMemoryProject({"a.prompt": f"---\nmodel: {model}\n---\n{text}"}, settings=given, has_siblings=True)
    return list(rule.check(project.prompt("a.prompt")))


@pytest.mark.parametrize("limit", [WORDS * 8, WORDS // 4])
def test_far_from_a_limit_an_estimate_decides(asked: list[object], limit: int) -> None:
    assert bool(found(TEXT, max_tokens=limit)) is (limit < WORDS)
    assert asked == []


def test_near_a_limit_tokens_are_counted(asked: list[object]) -> None:
    assert found(TEXT, max_tokens=WORDS) == []
    (finding,) = found(TEXT, max_tokens=WORDS - 1)
    assert finding.message == f"the prompt takes {WORDS} tokens, and max-tokens allows {WORDS - 1}"
    assert asked == [("exact/one", True)] * 2
    (finding,) = found(TEXT, "other/one", max_tokens=WORDS - 1)
    assert "takes about" in finding.message


def test_an_editor_does_not_wait(asked: list[object]) -> None:
    assert found(TEXT, max_tokens=WORDS - 1, in_editor=True)
    assert asked == [("exact/one", False)]


@pytest.mark.parametrize(
    ("model", "window", "over"),
    [
        ("exact/one", WORDS - 1, True),
        ("exact/one", WORDS, False),
        # An estimate has to be a quarter over the window.
        ("other/one", WORDS - 1, False),
        ("other/one", WORDS * 4 // 5 - 1, True),
    ],
)
def test_what_is_certainly_over_a_window(asked: list[object], model: str, window: int, over: bool) -> None:
    models = {model: {"context-window": window}}
    assert bool(found(TEXT, model, cost.over_context, models=models)) is over


def test_costs(asked: list[object]) -> None:
    models = {"exact/one": {"input-mtok": 10}}
    assert found(TEXT, models=models, max_cost=WORDS * 1e-5) == []
    (finding,) = found(TEXT, models=models, max_cost=WORDS * 0.9e-5)
    assert "costs $0.004" in finding.message
    free = {"exact/one": {"input-mtok": 0}}
    assert found(TEXT, models=free, max_cost=0) == []
    assert found(TEXT, "unknown/one", max_cost=0) == []


def test_both_limits_and_none(asked: list[object]) -> None:
    models = {"exact/one": {"input-mtok": 10}}
    assert len(found(TEXT, models=models, max_tokens=10, max_cost=1e-6)) == 2
    assert found(TEXT, models=models) == []


def test_partials_are_left_alone(asked: list[object]) -> None:
    settings = Settings(max_tokens=1)
    partial = InMemoryProject({"_a.prompt": TEXT}, settings=settings).prompt("_a.prompt")
    assert [
        *cost.over_budget.check(partial),
        *cost.over_context.check(partial),
        *cost.cache_hostile.check(partial),
    ] == []


def test_partials_and_defaults_count(asked: list[object]) -> None:
    settings = Settings(max_tokens=WORDS + 100)
    files = {"_p.prompt": TEXT, "once.prompt": "{{> p}}", "twice.prompt": "{{> p}}{{> p}}"}
    project = InMemoryProject(files, settings=settings, has_siblings=True)
    assert not list(cost.over_budget.check(project.prompt("once.prompt")))
    assert list(cost.over_budget.check(project.prompt("twice.prompt")))
    loop = f"---\ninput:\n  default:\n    days: [1, 2, 3]\n---\n{{{{#each days}}}}{'word ' * 100}{{{{/each}}}}"
    assert list(cost.over_budget.check(Prompt(loop, settings=Settings(max_tokens=299))))
    assert not list(cost.over_budget.check(Prompt(loop, settings=Settings(max_tokens=300))))


def test_a_cache_of_which_nothing_is_known_saves_nothing(asked: list[object]) -> None:
    text = "{{x}}" + "word " * 2000
    assert found(text, "acme/unknown", cost.cache_hostile)
    priced = {"acme/one": {"input-mtok": 10}}
    assert not found(text, "acme/one", cost.cache_hostile, models=priced)
    cached = {"acme/one": {"input-mtok": 10, "cached-mtok": 1}}
    assert found(text, "acme/one", cost.cache_hostile, models=cached)
    assert not found("word " * 2000 + "{{x}}", "acme/one", cost.cache_hostile, models=cached)
    assert not found("word " * 3000, "acme/one", cost.cache_hostile, models=cached)

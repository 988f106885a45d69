"""The strategy static over real prompts: guards hold, a second run changes nothing, no score falls."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from statistics import mean

import pytest

from promptls.language.prompt import Prompt
from promptls.lint.runner import registry
from promptls.optimize.draft import Request
from promptls.optimize.service import optimised
from promptls.settings import Settings

from .over_corpus import CORPUS, Case, cases

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"{CORPUS} is not there")


@lru_cache(maxsize=1)
def found() -> tuple[Case, ...]:
    return tuple(cases())


def test_every_result_gets_past_the_guards() -> None:
    assert [(case.path.name, case.refusal) for case in found() if case.refusal] == []
    assert [case.path.name for case in found() if case.result.status == "rejected"] == []


def test_a_second_run_changes_nothing() -> None:
    assert [case.path.name for case in found() if case.again.text != case.result.text] == []


def test_no_score_falls() -> None:
    assert [case.path.name for case in found() if (case.gain or 0) < 0] == []


def test_what_cannot_be_read_is_left_alone_with_a_reason() -> None:
    failed = [case for case in found() if case.result.status == "failed"]
    assert failed
    for case in failed:
        assert case.result.text == case.prompt.text
        assert case.result.error


@needs_corpus
def test_it_gains_more_than_it_costs() -> None:
    read = [case for case in found() if case.result.status in ("improved", "unchanged")]
    assert len(read) > 100
    assert mean(case.gain for case in read if case.gain is not None) > 0.2
    assert mean(case.growth for case in read) < 0.25


@lru_cache(maxsize=1)
def examples() -> tuple[tuple[str, Case], ...]:
    """The examples in the documentation of all rules: short, and each with its own kind of trouble."""
    read = []
    for rule in registry(Settings()):
        for example in rule.examples:
            prompt = Prompt(example.text, settings=Settings())
            result = optimised(prompt, Request())
            again = optimised(prompt.with_text(result.text), Request())
            read.append((rule.id, Case(Path(rule.id), prompt, result, again)))
    return tuple(read)


def test_the_same_holds_for_the_examples_of_all_rules() -> None:
    assert len(examples()) > 500
    assert [(name, case.refusal) for name, case in examples() if case.refusal] == []
    assert [name for name, case in examples() if case.result.status == "rejected"] == []
    assert [name for name, case in examples() if case.again.text != case.result.text] == []
    assert [name for name, case in examples() if (case.gain or 0) < 0] == []

"""Every rule does what its own documentation shows."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from promptls.language.prompt import Prompt
from promptls.lint.registry import built_in_rules
from promptls.lint.rule import Example, Finding, Fix, Rule, Severity
from promptls.lint.runner import INTERNAL_ERROR, fixed, run
from promptls.settings import Settings
from promptls.syntax.source import Range, Source
from tests.support.project import InMemoryProject

RULES = built_in_rules().rules


class Case(NamedTuple):
    rule: Rule
    example: Example

    def prompt(self, *, text: str | None = None) -> Prompt:
        """The example as a file among its companions, checked by its own rule (and by what a suppression holds back).

        A companion `promptls.toml` holds further settings. Rules about dotprompt see the example among dotprompt files,
        so that a short one is not taken for plain text.
        """
        others = ["default"] if self.rule.family == "suppressions" else []
        project = InMemoryProject(
            self.example.files,
            settings=Settings(
                select=[*others, self.rule.id], **tomllib.loads(self.example.files.get("promptls.toml", ""))
            ),
            has_siblings=self.rule.applies_to == "dotprompt",
        )
        return project.prompt(self.example.path, self.example.text if text is None else text)


def cases(*, triggers: bool) -> list:
    return [
        pytest.param(Case(rule, example), id=f"{rule.id}-{number}")
        for rule in RULES
        for number, example in enumerate((each for each in rule.examples if each.triggers == triggers), 1)
    ]


def found(case: Case, *, text: str | None = None) -> list[Finding]:
    findings = list(run(case.prompt(text=text), [case.rule]))
    assert not [each.message for each in findings if each.rule == INTERNAL_ERROR]
    return findings


def errors(prompt: Prompt) -> Counter[str]:
    """How often each rule finds an error in a prompt."""
    return Counter(finding.rule for finding in run(prompt, RULES) if finding.severity is Severity.ERROR)


def fixes(findings: list[Finding]) -> Iterator[Fix]:
    for finding in findings:
        if finding.fix is not None:
            yield finding.fix
        yield from finding.alternatives


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_documentation(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+/[a-z]+(?:-[a-z]+)*", rule.id)
    assert re.fullmatch(r"\S.{10,150}[.?]", rule.summary), "the first paragraph must be one sentence"
    assert sum(example.triggers for example in rule.examples) >= 2
    assert sum(not example.triggers for example in rule.examples) >= 2
    fences = re.findall(r"^`{3,}prompt .*", rule.documentation, re.M)
    shown = [fence for fence in fences if "prompt file" not in fence]
    assert len(shown) == len(rule.examples), "an example's fence is not written as it must be"
    texts = [example.text for example in rule.examples]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("case", cases(triggers=True))
def test_bad_examples_trigger(case: Case) -> None:
    findings = found(case)
    assert findings
    whole = Range(0, len(case.example.text))
    for finding in findings:
        assert whole.encloses(finding.range)
        assert finding.range.start < finding.range.end
        assert finding.message
        # A message is a clause that a reporter puts behind a place and a rule.
        assert not finding.message.endswith(".")


@pytest.mark.parametrize("case", cases(triggers=False))
def test_good_examples_do_not_trigger(case: Case) -> None:
    assert found(case) == []


@pytest.mark.parametrize("case", cases(triggers=False))
def test_good_examples_teach_correct_prompts(case: Case) -> None:
    if case.rule.certainty == "suggestion":
        return
    assert errors(case.prompt()) == Counter()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_fix_class_is_what_the_rule_says(rule: Rule) -> None:
    offered = [fix for example in rule.examples for fix in fixes(found(Case(rule, example)))]
    assert {
        "none": not offered,
        "unsafe": offered != [] and not any(fix.safe for fix in offered),
        "safe": any(fix.safe for fix in offered),
    }[rule.fixable]


@pytest.mark.parametrize("case", cases(triggers=True))
def test_edits_lie_in_the_file_and_do_not_overlap(case: Case) -> None:
    whole = Range(0, len(case.example.text))
    for fix in fixes(found(case)):
        assert fix.title
        assert fix.edits
        assert all(whole.encloses(edit.range) for edit in fix.edits)
        # Raises where they overlap.
        assert Source(case.example.text).edited(fix.edits).text != case.example.text


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("case", cases(triggers=True))
def test_fixes_mend(case: Case, unsafe: bool) -> None:
    before = found(case)
    mendable = [each for each in before if each.fix is not None and (each.fix.safe or unsafe)]
    text = fixed(case.prompt(), unsafe=unsafe).text
    if not mendable:
        assert text == case.example.text
        return
    assert len(found(case, text=text)) == len(before) - len(mendable)
    assert errors(case.prompt(text=text)) <= errors(case.prompt())

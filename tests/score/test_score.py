"""Every point of a score has a reason, and nothing else moves it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptls.language.prompt import Prompt
from promptls.lint.runner import fixed
from promptls.score.defects import scoring_rules
from promptls.score.evidence import EVIDENCE, START
from promptls.score.score import DimensionScore, Reason, Score, earnings, score, worst
from promptls.settings import Settings
from promptls.syntax.source import Range

GOOD = """---
output:
  format: json
---
{{role "system"}}
# Task
Sort the ticket inside <ticket> into one of: billing, bug, or other.

# Output
Return only a JSON object: {"label": "bug"}. If the ticket is empty, answer with other.

# Examples
Input: I paid twice
Output: {"label": "billing"}

Input: It crashes
Output: {"label": "bug"}

{{role "user"}}
<ticket>
{{ticket}}
</ticket>
"""


def scored(text: str, **options: object) -> Score:
    found = score(Prompt(text, settings=Settings.model_validate(options)))
    assert found is not None
    return found


def assert_adds_up(found: Score) -> None:
    for dimension in found.dimensions:
        points = dimension.start + sum(reason.points for reason in dimension.reasons)
        assert dimension.value == max(0, min(100, points))
        assert dimension.start == START[dimension.name]
    assert found.overall == int(sum(each.value * each.weight for each in found.dimensions) + 0.5)
    assert sum(each.weight for each in found.dimensions) == pytest.approx(1)


def test_reasons_add_up_and_stand_in_the_text() -> None:
    found = scored(GOOD)
    assert_adds_up(found)
    assert found.overall > 70
    assert {reason.rule for reason in found.reasons} > {
        "evidence/task",
        "evidence/labels",
        "evidence/skeleton",
        "evidence/obedient-examples",
        "evidence/fallback",
        "evidence/fenced",
    }
    assert all(0 <= each.range.start < each.range.end <= len(GOOD) for each in found.reasons)


def test_with_all_evidence_a_dimension_reaches_one_hundred() -> None:
    for name, start in START.items():
        assert start + sum(kind.most for kind in EVIDENCE if kind.dimension == name) == 100
    found = scored(GOOD)
    for kind in EVIDENCE:
        assert sum(each.points for each in found.reasons if each.rule == kind.id) <= kind.most


def test_no_prose_has_no_score() -> None:
    for text in ("", "\n\n", "---\nmodel: a/b\n---\n", '{"role": "system", "content": "hello"}'):
        assert score(Prompt(text, settings=Settings())) is None


def test_length_as_such_earns_nothing() -> None:
    story = "The sun rose over the hill, and the river ran on as it had run on every day before that one. "
    short, long = (scored(f"Summarise the story in 20 words.\n<story>\n{story * n}\n</story>") for n in (1, 30))
    assert long.overall <= short.overall


def test_settings_and_suppressions_count() -> None:
    vague = '{{role "system"}}\nAnswer the question of the customer in some appropriate way, if possible, etc.\n'
    found = scored(vague)
    lost = {reason.rule for reason in found.reasons if reason.points < 0}
    assert lost
    assert scored(vague, ignore=sorted(lost)).overall > found.overall
    silenced = scored(f"{{{{! promptls: ignore-file {', '.join(sorted(lost))} }}}}\n{vague}")
    assert not [reason for reason in silenced.reasons if reason.rule in lost]
    # Whether suggestions are shown, or which rules are, is no matter of quality.
    assert scored(vague, suggestions="always").overall == scored(vague, select=["security"]).overall == found.overall


def test_only_rules_with_a_dimension_count() -> None:
    prompt = Prompt(GOOD, settings=Settings())
    assert all(rule.dimension is not None for rule in scoring_rules(prompt))
    assert {reason.rule for reason in scored(GOOD).reasons if reason.points < 0} <= {
        rule.id for rule in scoring_rules(prompt)
    }


def test_further_findings_of_a_rule_cost_less() -> None:
    text = '{{role "system"}}\nTry to answer it if possible. Try to name the page. Try to quote the law.\n'
    by_rule: dict[str, list[int]] = {}
    for reason in scored(text).reasons:
        if reason.points < 0:
            by_rule.setdefault(reason.rule, []).append(reason.points)
    repeated = [points for points in by_rule.values() if len(points) > 1]
    assert repeated
    for points in repeated:
        assert points == sorted(points)
        assert sum(points) > 2 * points[0]


def test_mending_earns_what_it_says() -> None:
    text = GOOD.replace("# Output", "Cite the deciding words. Cite the deciding words.\n\n# Output")
    prompt = Prompt(text, settings=Settings())
    promised = [each for each in earnings(prompt) if each.finding.rule == "load/repetition"]
    assert promised
    before, after = score(prompt), score(fixed(prompt.elsewhere(Settings(suggestions="always"), prompt.project)).prompt)
    assert before is not None
    assert after is not None
    assert after.overall - before.overall == pytest.approx(promised[0].points, abs=1)


def test_one_of_several_findings_earns_what_the_last_one_costs() -> None:
    text = '{{role "system"}}\nAnswer the question. Try to name the page. Try to quote the law. Try to be exact.\n'
    prompt = Prompt(text, settings=Settings())
    weak = [each for each in earnings(prompt) if each.finding.rule == "clarity/weak-rule"]
    (group,) = (each for each in worst(scored(text)) if each.first.rule == "clarity/weak-rule")
    assert len(weak) == group.count > 1
    assert len({each.points for each in weak}) == 1
    assert sum(each.points for each in weak) < group.points


def test_mending_what_a_full_dimension_loses_earns_nothing() -> None:
    reasons = (Reason("clarity", 90, "evidence/task", "", Range(0, 1)), Reason("clarity", -8, "a/b", "", Range(0, 1)))
    full = DimensionScore("clarity", 100, 50, 0.3, reasons)
    assert full.without(-8) == 0


def test_the_domain_weighs() -> None:
    assert scored(GOOD, domain="sql").domain == "sql"
    assert {each.name: each.weight for each in scored(GOOD, domain="cine").dimensions} == pytest.approx(
        {"clarity": 0.30, "specificity": 0.20, "structure": 0.40, "completeness": 0.10}
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*GOOD.split("\n"), "é😀 ", "{{", "}}", "```", "<a>", "\x00", "如果 ", "try to "]), max_size=40
    )
)
def test_any_text_adds_up(pieces: list[str]) -> None:
    found = score(Prompt("\n".join(pieces), settings=Settings()))
    if found is not None:
        assert_adds_up(found)


def test_editors_score_as_the_command_line_does() -> None:
    text = "Try to answer maybe.\n{{#if a}}\n"
    assert score(Prompt(text, settings=Settings(in_editor=True))) == score(Prompt(text, settings=Settings()))

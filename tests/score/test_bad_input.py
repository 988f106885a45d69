"""A score of what is no prompt, or none that can be read: no failure, nothing absurd, and no long wait."""

import json

import pytest

from promptls.language.prompt import Prompt
from promptls.lint.runner import INTERNAL_ERROR, findings
from promptls.score.score import Score, earnings, score
from promptls.settings import Settings
from tests.lint.test_quality_bad_input import CODE, LANGUAGES, SCRAPS
from tests.support.hostile import LONG, UNITS, hostile_text, seconds

SETTINGS = Settings(suggestions="always")
ENGLISH = "You help in a bookshop. Answer the customer's question in two sentences.\n\n{{question}}"
QUOTED = "# Task\n\nTry to be brief if possible, etc. You MUST NEVER fail to answer!! Do it NOW or ELSE, ALWAYS.\n"
MOST_SECONDS = 10.0
"""Of processor time: 100 KB take up to 4 seconds on a slow machine that others use too."""


def judged(text: str) -> Score | None:
    prompt = Prompt(text, settings=SETTINGS)
    found = score(prompt)
    assert all(0 <= each.finding.range.start <= each.finding.range.end <= len(text) for each in earnings(prompt))
    assert all(each.rule != INTERNAL_ERROR for each in findings(prompt))
    if found is not None:
        assert 0 <= found.overall <= 100
        assert all(0 <= each.range.start <= each.range.end <= len(text) for each in found.reasons)
    return found


def lost(text: str) -> list[str]:
    found = judged(text)
    return [each.rule for each in found.reasons if each.points < 0] if found else []


@pytest.mark.parametrize("text", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("prefix", ["", '{{role "system"}}\n'])
def test_other_languages_lose_nothing(text: str, prefix: str) -> None:
    found, english = judged(prefix + text), judged(prefix + ENGLISH)
    assert found is not None
    assert english is not None
    assert lost(prefix + text) == []
    assert abs(found.overall - english.overall) <= 15


@pytest.mark.parametrize("text", SCRAPS.values(), ids=SCRAPS)
@pytest.mark.parametrize(
    "prefix", ["", '{{role "system"}}\n', "---\nmodel: x\noutput: {format: json}\n---\n", "{{#if a}}"]
)
def test_scraps_are_judged_or_left_alone(text: str, prefix: str) -> None:
    judged(prefix + text)


def test_what_is_no_prompt_scores_low_or_not_at_all() -> None:
    for name in ("blank", "empty", "one value", "code", "json", "markup"):
        assert judged(SCRAPS[name]) is None, name
    for name in ("one word", "emoji", "signs", "json lines", "fenced code"):
        found = judged(SCRAPS[name])
        assert found is not None
        assert found.overall < 40, name


def test_nobody_is_ordered_by_code() -> None:
    found = judged(f"```python\n{CODE}```\n")
    assert found is not None
    assert "evidence/task" not in {each.rule for each in found.reasons}


@pytest.mark.parametrize(
    "quote", ["<prompt>\n{}</prompt>\n", "```\n{}```\n", "“{}”\n", "<system_prompt>{}</system_prompt>\n"]
)
def test_a_quoted_prompt_is_no_instruction(quote: str) -> None:
    text = f"Translate the prompt below into Spanish, in at most 200 words.\n\n{quote.format(QUOTED)}"
    assert [rule for rule in lost(text) if rule.startswith(("clarity/", "load/"))] == []
    # It is one where nothing stands around it.
    assert "clarity/weak-rule" in lost(f'{{{{role "system"}}}}\n<prompt>\n{QUOTED}</prompt>\n')


def test_json_of_any_size() -> None:
    rows = [{"role": "user", "content": "Answer it if possible, etc.", "n": n} for n in range(2_000)]
    for text in (json.dumps(rows), json.dumps(rows, indent=1), "\n".join(map(json.dumps, rows))):
        seconds(judged, text, MOST_SECONDS)


def test_a_novel_takes_linear_time() -> None:
    page = (
        "“Come in,” said the old man, and he closed the door. The rain fell on the roof as it had done all night. "
        "She never answered. Nobody should have been there at that hour, least of all the boy who sold papers.\n\n"
    )
    times = [seconds(judged, page * (size // len(page)), 60) for size in (250_000, 1_000_000)]
    assert times[1] < 8 * times[0] + 0.5


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_texts_are_judged_in_time(unit: str) -> None:
    seconds(judged, hostile_text(unit, LONG // 4), MOST_SECONDS)

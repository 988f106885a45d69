"""What both ways between our test files and GitHub's `.prompt.yml` agree on (github/gh-models: pkg/prompt, cmd/eval).

There an evaluator holds for every row of `testData`, `{{name}}` stands for a value of the row, and texts are compared
without regard to case except by `equals`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

COMPLETION = "completion"
"""The placeholder of the answer in an `llm` evaluator."""

STARTS, ENDS = re.compile(r"\(\?i\)\\A(.*)", re.S), re.compile(r"\(\?i\)(.*)\\z", re.S)
"""The patterns that we write for `startsWith` and `endsWith`, which know no case."""

JUDGE = "You judge answers. Reply with yes or no and nothing else."
QUESTION = "Does the answer satisfy the rubric?\n\nRubric: {rubric}\n\nAnswer: {{{{completion}}}}"
OWN_QUESTION = re.compile(
    r"Does the answer satisfy the rubric\?\n\nRubric: (.*)\n\nAnswer: \{\{completion\}\}\s*", re.S
)
CHOICES = ({"choice": "yes", "score": 1}, {"choice": "no", "score": 0})

SIMILARITY = "The answer says the same as this: "
BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "github/similarity": SIMILARITY + "{{expected}}",
        "github/coherence": "The answer is orderly, and addresses the question directly.",
        "github/fluency": "The answer is grammatical, varied in its words and easy to read.",
        "github/relevance": "The answer is relevant to the question, and complete.",
        "github/groundedness": "Everything that the answer says is supported by what it was given.",
    }
)
"""GitHub's own evaluators as rubrics."""


class ExchangeError(ValueError):
    """Why a file cannot be taken over: words that go on from its name."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What came of it, as plain data, and a sentence for everything that was left out or changed its meaning."""

    data: dict[str, Any]
    notes: tuple[str, ...]


def escaped(text: str) -> str:
    """A text as a pattern of RE2."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def unescaped(pattern: str) -> str | None:
    """The text that `escaped` made a pattern of; None for any other pattern."""
    text = re.sub(r"\\([\\.+*?()|\[\]{}^$])", r"\1", pattern)
    return text if escaped(text) == pattern else None

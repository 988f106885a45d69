"""Rules about whether a prompt can be understood in one way only."""

from __future__ import annotations

from promptls.lint.rules.clarity_rules import (
    dangling_reference,
    double_negation,
    negative_only,
    soft_exception,
    unresolved_alternative,
    weak_rule,
)
from promptls.lint.rules.clarity_task import contradiction, no_task
from promptls.lint.rules.clarity_words import long_sentence, subjective, vague

RULES = (
    no_task,
    contradiction,
    soft_exception,
    unresolved_alternative,
    dangling_reference,
    weak_rule,
    vague,
    subjective,
    double_negation,
    long_sentence,
    negative_only,
)

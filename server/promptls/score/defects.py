"""What speaks against a prompt: the findings of rules that move the score, and what each costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from promptls.language.prompt import Prompt, facet
from promptls.lint.registry import Registry
from promptls.lint.rule import Dimension, Finding, Rule, Severity
from promptls.lint.runner import registry, run, selected_rules, unsuppressed_findings
from promptls.lint.suppressions import suppressions
from promptls.syntax.source import Range


class Defect(NamedTuple):
    """A finding that costs points."""

    finding: Finding
    dimension: Dimension
    cost: int


_COST = {Severity.ERROR: 20, Severity.WARNING: 14, Severity.INFO: 8, Severity.HINT: 6}
"""What the first finding of a rule costs, unless the rule only suggests."""

_SUGGESTED = 8
_WEAK = {"clarity/subjective": 4}
"""Rules that say little by themselves: of prompts with known outcomes, the better ones hold as many such words."""

_ABOUT_WORDING = frozenset({"clarity", "load"})


def scoring_rules(prompt: Prompt) -> tuple[Rule, ...]:
    """The rules that move the score: all that have a dimension and that the settings do not ignore."""
    settings = prompt.settings
    ignored_here = settings.ignored_in(prompt.path) if prompt.path is not None else ()
    ignored = [*settings.ignore, *sorted(ignored_here)]
    return _with_dimension(registry(settings), ("default", *settings.extend_select), tuple(ignored))


@lru_cache(maxsize=64)
def _with_dimension(registry: Registry, select: tuple[str, ...], ignored: tuple[str, ...]) -> tuple[Rule, ...]:
    chosen = registry.selected(select, ignored, suggestions=True)
    return tuple(rule for rule in chosen if rule.dimension is not None)


@facet
def scoring_findings(prompt: Prompt) -> tuple[Finding, ...]:
    """What those rules find, quiet or not, without what is suppressed; in source order."""
    silencing = suppressions(prompt)
    rules = scoring_rules(prompt)
    known = {rule.id for rule in rules}
    found: Iterable[Finding] = run(prompt, rules)
    if prompt.settings.suggests:  # diagnostics run nearly all of them too
        run_already = set(selected_rules(prompt))
        found = chain(unsuppressed_findings(prompt), run(prompt, (rule for rule in rules if rule not in run_already)))
    found = (each for each in found if each.rule in known)
    kept = [each for each in found if not any(suppression.silences(each) for suppression in silencing)]
    return tuple(sorted(kept, key=lambda each: (each.range, each.rule)))


@facet
def defects(prompt: Prompt) -> tuple[Defect, ...]:
    """The findings with what they cost: each further one of the same rule half of the one before, in whole points."""
    rules = {rule.id: rule for rule in scoring_rules(prompt)}
    seen: Counter[str] = Counter()
    found: list[Defect] = []
    for finding in scoring_findings(prompt):
        rule = rules[finding.rule]
        cost = _first_cost(rule, finding) >> seen[rule.id]
        seen[rule.id] += 1
        if cost and rule.dimension is not None:
            found.append(Defect(finding, rule.dimension, cost))
    return tuple(found)


def _first_cost(rule: Rule, finding: Finding) -> int:
    cost = _COST[finding.severity or rule.severity]
    return min(cost, _WEAK.get(rule.id, _SUGGESTED)) if rule.certainty == "suggestion" else cost


@facet
def faulted(prompt: Prompt) -> tuple[Range, ...]:
    """The words that rules about wording find fault with: they earn nothing besides."""
    found = scoring_findings(prompt)
    return tuple(each.range for each in found if each.rule.partition("/")[0] in _ABOUT_WORDING)


def is_faulted(prompt: Prompt, range: Range) -> bool:
    """Whether a place lies within words that a rule about wording finds fault with."""
    return any(each.encloses(range) for each in faulted(prompt))

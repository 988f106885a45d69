"""Runs the selected rules on a prompt, honours its suppressions, and applies fixes until nothing changes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Cancelled, Prompt, facet
from promptls.lint.plugins import has_plugins, plugins
from promptls.lint.registry import Registry, core_rules
from promptls.lint.rule import Finding, Fix, Rule, Severity
from promptls.lint.suppressions import Suppression, suppressions
from promptls.settings import SettingsProblem
from promptls.syntax.source import Range, TextEdit

if TYPE_CHECKING:
    from promptls.lint.packs import Packs
    from promptls.settings import Settings

INTERNAL_ERROR = "internal-error"
_MOST_ROUNDS = 50

logger = logging.getLogger(__name__)


@lru_cache(maxsize=64)
def _selected(
    registry: Registry, select: tuple[str, ...], ignore: tuple[str, ...], *, suggestions: bool
) -> tuple[Rule, ...]:
    return registry.selected(select, ignore, suggestions=suggestions)


_core = lru_cache(maxsize=1)(core_rules)


def registry(settings: Settings | None = None) -> Registry:
    """The rules that there are: promptls' own, those of plugins, and those of the packs that the settings name."""
    from promptls.lint.packs import built_in_packs, packs_of

    return _with_packs(built_in_packs() if settings is None else packs_of(settings))


@lru_cache(maxsize=16)
def _with_packs(packs: Packs) -> Registry:
    from promptls.lint.pack_rules import rules_of

    further = chain(chain.from_iterable(map(rules_of, packs.packs)), plugins().rules)
    rules = {rule.id: rule for rule in _core()}
    for rule in further:
        rules.setdefault(rule.id, rule)
    return Registry(tuple(rules.values()))


def rule_problems(settings: Settings) -> tuple[SettingsProblem, ...]:
    """What is wrong with the packs and single rules of the settings, and with plugins; those are left out."""
    from promptls.lint.packs import packs_of

    if not (settings.packs or settings.rules or has_plugins()):
        return ()
    packs, core = packs_of(settings), _core().by_id
    ids = (f"{pack.name}/{rule.id}" for pack in packs.packs for rule in pack.rules)
    hidden = (id for id in (*ids, *(rule.id for rule in plugins().rules)) if id in core)
    return (
        *packs.problems,
        *plugins().problems,
        *(SettingsProblem("promptls itself has a rule of this id, which stays", "rules", id) for id in hidden),
    )


def _candidates(settings: Settings, select: Iterable[str]) -> Registry:
    """The rules that can be among the selected ones: without the built-in packs, which only suggest, where they are
    not asked for.
    """
    core = _core()
    asked_for = settings.suggests or any(
        each == "all" or not (each == "default" or core.knows(each)) for each in select
    )
    return registry(settings) if asked_for or settings.packs or settings.rules or has_plugins() else core


def selected_rules(prompt: Prompt) -> tuple[Rule, ...]:
    """The rules that this prompt's settings select for its path."""
    settings = prompt.settings
    ignored_here = settings.ignored_in(prompt.path) if prompt.path is not None else ()
    ignore = [*settings.ignore, *sorted(ignored_here)]
    select = (*settings.select, *settings.extend_select)
    return _selected(_candidates(settings, select), select, tuple(ignore), suggestions=settings.suggests)


@facet
def unsuppressed_findings(prompt: Prompt) -> tuple[Finding, ...]:
    """What the selected rules find before any suppression; those about suppressions themselves are left out."""
    rules = (rule for rule in selected_rules(prompt) if rule.family != "suppressions" and not _is_urgent(rule))
    return (*_unsuppressed_urgent_findings(prompt), *run(prompt, rules))


@facet
def _unsuppressed_urgent_findings(prompt: Prompt) -> tuple[Finding, ...]:
    return tuple(run(prompt, filter(_is_urgent, selected_rules(prompt))))


def _is_urgent(rule: Rule) -> bool:
    """Whether a rule tells of what is broken or dangerous, which is seen at once; to judge how good a text is takes
    the analysis of its prose.
    """
    return rule.certainty != "suggestion" and rule.dimension is None and rule.family != "suppressions"


@facet
def urgent_findings(prompt: Prompt) -> tuple[Finding, ...]:
    """Those of the findings that are quick to have: for editors, which show them at every keystroke."""
    silencing = suppressions(prompt)
    kept = _unsilenced(_unsuppressed_urgent_findings(prompt), silencing)
    return tuple(sorted(kept, key=lambda each: (each.range, each.rule)))


@facet
def findings(prompt: Prompt) -> tuple[Finding, ...]:
    """The findings of a prompt in source order: what diagnostics, `check` and fixes are made of."""
    about_suppressions = [rule for rule in selected_rules(prompt) if rule.family == "suppressions"]
    silencing = suppressions(prompt)
    found = [*unsuppressed_findings(prompt), *(run(prompt, about_suppressions) if silencing else ())]
    return tuple(sorted(_unsilenced(found, silencing), key=lambda each: (each.range, each.rule)))


def _unsilenced(found: Iterable[Finding], silencing: Sequence[Suppression]) -> Iterator[Finding]:
    return (each for each in found if not any(suppression.silences(each) for suppression in silencing))


def run(prompt: Prompt, rules: Iterable[Rule]) -> Iterator[Finding]:
    """The findings of `rules`, with rule and severity filled in; a rule that fails yields one finding that says so."""
    dotprompt = is_dotprompt(prompt)
    overrides = prompt.settings.severity
    for rule in rules:
        if not dotprompt and rule.applies_to != "any":
            continue
        prompt.check_cancelled()
        severity = _severity(overrides, rule)
        try:
            for finding in rule.check(prompt):
                yield replace(finding, rule=rule.id, severity=severity or finding.severity or rule.severity)
        except Cancelled:
            raise
        except Exception as error:
            logger.exception("the rule %s failed", rule.id)
            yield Finding(
                range=Range(0, 0),
                message=f"the rule {rule.id} failed on this file ({type(error).__name__}); its findings are missing",
                help="This is a bug in the rule: please report it with the file.",
                severity=Severity.WARNING,
                rule=INTERNAL_ERROR,
            )


def _severity(overrides: Mapping[str, str], rule: Rule) -> Severity | None:
    label = overrides.get(rule.id) or overrides.get(rule.family)
    return Severity.named(label) if label else None


@dataclass(frozen=True, slots=True)
class FixResult:
    """A text after fixes, the findings whose fixes were applied, and the prompt that it makes."""

    prompt: Prompt
    applied: tuple[Finding, ...]

    @property
    def text(self) -> str:
        return self.prompt.text


def applicable(found: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """The findings whose fixes can be applied together: safe ones (or all), first come first served, none touching."""
    chosen: list[Finding] = []
    taken: list[Range] = []
    for finding in found:
        fix = finding.fix
        if fix is None or not (fix.safe or unsafe) or not fix.edits:
            continue
        ranges = [edit.range for edit in fix.edits]
        if any(_touch(mine, theirs) for mine in ranges for theirs in taken):
            continue
        chosen.append(finding)
        taken.extend(ranges)
    return chosen


def fixed(prompt: Prompt, *, unsafe: bool = False) -> FixResult:
    """Apply fixes round by round until no fix is left, as `check --fix` does.

    A round that would not change the text, or the bound on rounds, ends it, so two rules that undo each other stop.
    """
    applied: list[Finding] = []
    seen = {prompt.text}
    for _ in range(_MOST_ROUNDS):
        chosen = applicable(findings(prompt), unsafe=unsafe)
        if not chosen:
            break
        text = prompt.source.edited(_edits(chosen)).text
        if text in seen:
            break
        seen.add(text)
        applied.extend(chosen)
        prompt = prompt.with_text(text)
    return FixResult(prompt, tuple(applied))


def fix_all(prompt: Prompt) -> Fix | None:
    """One fix that replaces what `fixed` changes, as a single edit of the smallest span; None where nothing changes."""
    before, after = prompt.text, fixed(prompt).text
    if before == after:
        return None
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    tail = 0
    while tail < min(len(before), len(after)) - start and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    edit = TextEdit(Range(start, len(before) - tail), after[start : len(after) - tail])
    return Fix("Fix all that can be fixed safely", (edit,), safe=True)


def _edits(chosen: Iterable[Finding]) -> list[TextEdit]:
    return [edit for finding in chosen if finding.fix is not None for edit in finding.fix.edits]


def _touch(one: Range, other: Range) -> bool:
    return one.start <= other.end and other.start <= one.end

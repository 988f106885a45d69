"""Every rule under one id, and which of them are selected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module

from promptls.lint.rule import Rule

_FAMILIES = (
    "file",
    "frontmatter",
    "schema",
    "template",
    "variables",
    "partials",
    "messages",
    "model",
    "tools",
    "security",
    "clarity",
    "load",
    "output",
    "examples",
    "structure",
    "tests",
    "cost",
    "domain",
    "workspace",
    "suppressions",
)


@dataclass(frozen=True, eq=False)
class Registry:
    """An immutable set of rules; a test makes its own."""

    rules: tuple[Rule, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """Every rule by its id and by its former ids."""
        named = {alias: rule for rule in self.rules for alias in rule.aliases}
        return {**named, **{rule.id: rule for rule in self.rules}}

    @cached_property
    def families(self) -> frozenset[str]:
        return frozenset(rule.family for rule in self.rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def knows(self, selector: str) -> bool:
        """Whether a selector (an id, a family or `all`) means anything."""
        return selector == "all" or selector in self.families or selector in self.by_id

    def selected(self, select: Iterable[str], ignore: Iterable[str], *, suggestions: bool = True) -> tuple[Rule, ...]:
        """The rules that `select` takes and `ignore` does not drop; the more specific selector wins.

        `default` and `all` are the least specific, then a family, then an id. `default` leaves out rules that are off
        unless asked for, and `suggestions` says whether those that only suggest are in it.
        """
        default = {rule for rule in self.rules if rule.enabled and (suggestions or rule.certainty != "suggestion")}

        def specificity(selector: str, rule: Rule) -> int:
            if selector == rule.id or selector in rule.aliases:
                return 2
            if selector == rule.family:
                return 1
            return 0 if selector == "all" or (selector == "default" and rule in default) else -1

        def is_selected(rule: Rule) -> bool:
            chosen = max((specificity(selector, rule) for selector in select), default=-1)
            dropped = max((specificity(selector, rule) for selector in ignore), default=-1)
            return chosen >= 0 and chosen > dropped

        select, ignore = tuple(select), tuple(ignore)
        return tuple(filter(is_selected, self.rules))


def built_in_rules() -> Registry:
    """The rules that promptls comes with, family by family, those of its domain packs last."""
    from promptls.lint.pack_rules import rules_of
    from promptls.lint.packs import built_in_packs

    packs = built_in_packs().packs
    return Registry((*core_rules(), *(rule for pack in packs for rule in rules_of(pack))))


def core_rules() -> Registry:
    """The rules that promptls comes with, except those of domain packs, which take a moment to read.

    A family's module lists its rules in `RULES`, so that importing it changes nothing.
    """
    rules: list[Rule] = []
    for family in _FAMILIES:
        rules.extend(import_module(f"promptls.lint.rules.{family}").RULES)
    return Registry(tuple(rules))

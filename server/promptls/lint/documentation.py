"""The rules' manual, made from their docstrings: one page for one rule, and `rules/README.md` for all.

`python -m promptls.lint.documentation > rules/README.md` renews the latter.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby

from promptls.lint.registry import built_in_rules
from promptls.lint.rule import Rule

_HOME = "https://github.com/promptls/promptls/blob/main/rules/README.md#"

_INTRODUCTION = """\
# Rules

What `promptls check` and the language server look for. This page is generated (`make docs`) from the rules themselves;
their examples are also their tests. `promptls rule ID` prints one entry.

* **Severity**: `error` (the prompt cannot work), `warning` (it will likely misbehave), `info` (it could be better),
  `hint` (shown in editors only). The setting `severity` changes it for a rule or a family.
* **Certainty**: `certain` (true by construction), `likely` (right on more than nine of ten real files), `suggestion`
  (shown in editors; `promptls check` runs it where it is selected by id or family, or with `--suggestions`).
* **Fix**: `safe` (what the prompt says stays the same: applied by `--fix`), `unsafe` (by `--unsafe-fixes`), or none.

In examples `\\u{200b}` stands for the character with that code point.
"""
_CERTAINTIES = {
    "certain": "certain: true by construction",
    "likely": "likely: right on more than nine of ten real files",
    "suggestion": "a suggestion: shown in editors, and by `check --suggestions`",
}
_FIXES = {
    "safe": "safe: `check --fix` applies it",
    "unsafe": "unsafe: `check --fix --unsafe-fixes` applies it",
    "none": "none",
}
_EXAMPLE_FENCE = re.compile(
    r"^(?P<fence>`{3,})prompt (?:(?P<verdict>bad|good)\b[^\n]*|file (?P<path>\S+)[ \t]*)$", re.M
)


def rule_url(rule_id: str) -> str:
    """Where a rule is explained on the web; the anchor is the one that GitHub makes of the rule's heading."""
    return _HOME + re.sub(r"[^\w-]", "", rule_id.lower())


def rule_markdown(rule: Rule, level: int = 1) -> str:
    """The page of one rule; `level` is that of its heading."""
    facts = [
        f"Severity: {rule.severity.label}",
        f"Certainty: {_CERTAINTIES[rule.certainty]}",
        f"Fix: {_FIXES[rule.fixable]}",
    ]
    if rule.dimension is not None:
        facts.append(f"Score: {rule.dimension}")
    if rule.applies_to == "any":
        facts.append("Also reads files that are not dotprompt")
    if not rule.enabled:
        facts.append("Off unless selected by name")
    if rule.aliases:
        facts.append(f"Formerly {', '.join(rule.aliases)}")
    listed = "\n".join(f"* {fact}" for fact in facts)
    return f"{'#' * level} {rule.id}\n\n{_with_readable_examples(rule.documentation)}\n\n{listed}\n"


def rules_markdown(rules: Iterable[Rule]) -> str:
    """The manual: a table by family, then every rule's page."""
    ordered = list(rules)
    return "\n".join([_INTRODUCTION, *_tables(ordered), *(rule_markdown(rule, level=3) for rule in ordered)])


def _tables(rules: list[Rule]) -> Iterator[str]:
    for family, members in groupby(rules, key=lambda rule: rule.family):
        rows = [
            f"| [{rule.id}](#{rule_url(rule.id).removeprefix(_HOME)}) | {rule.severity.label} | {rule.certainty} "
            f"| {'' if rule.fixable == 'none' else rule.fixable} | {_cell(rule.summary)} |"
            for rule in members
        ]
        yield "\n".join(
            [f"## {family}", "", "| Rule | Severity | Certainty | Fix | Finds |", "|---|---|---|---|---|", *rows, ""]
        )
    yield "## Every rule\n"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _with_readable_examples(documentation: str) -> str:
    def heading(match: re.Match[str]) -> str:
        title = f"With `{match['path']}`:" if match["path"] else {"bad": "Wrong:", "good": "Right:"}[match["verdict"]]
        return f"{title}\n\n{match['fence']}handlebars"

    return _EXAMPLE_FENCE.sub(heading, documentation)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(rules_markdown(built_in_rules()))

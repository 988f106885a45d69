"""Explain one rule or a family, or list all rules."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli.errors import CommandError, nearest

if TYPE_CHECKING:
    from promptls.lint.registry import Registry
    from promptls.lint.rule import Rule

SUMMARY = "explain a rule, or list all of them"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("id", nargs="?", metavar="ID", help="a rule's id, such as template/unclosed-block, or a family")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")


def run(arguments: argparse.Namespace) -> int:
    """Print the rules meant by `ID`."""
    from promptls.lint.documentation import rule_markdown, rules_markdown
    from promptls.lint.runner import registry
    from promptls.settings import load_settings

    known = registry(load_settings(Path.cwd()).settings)
    rules = _meant(known, arguments.id)
    if arguments.format == "json":
        import json

        print(json.dumps({"version": 1, "rules": [_object(rule) for rule in rules]}, ensure_ascii=False, indent=2))
    elif arguments.id in known.by_id:
        print(rule_markdown(rules[0]), end="")
    elif arguments.format == "markdown":
        print(rules_markdown(rules), end="")
    else:
        print(_table(rules))
    return 0


def _meant(known: Registry, id: str | None) -> list[Rule]:
    if id is None or id == "all":
        return list(known)
    if id in known.by_id:
        return [known.by_id[id]]
    if id in known.families:
        return [rule for rule in known if rule.family == id]
    near = nearest(id, [*known.by_id, *known.families])
    raise CommandError(f"there is no rule {id!r}{near}; promptls rule lists all")


def _table(rules: list[Rule]) -> str:
    width = max(len(rule.id) for rule in rules)
    return "\n".join(f"{rule.id:<{width}}  {rule.severity.label:<7}  {rule.summary}" for rule in rules)


def _object(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "family": rule.family,
        "severity": rule.severity.label,
        "certainty": rule.certainty,
        "fixable": rule.fixable,
        "dimension": rule.dimension,
        "applies_to": rule.applies_to,
        "aliases": rule.aliases,
        "default": rule.enabled,
        "summary": rule.summary,
        "documentation": rule.documentation,
        "examples": [
            {"text": example.text, "triggers": example.triggers, "files": example.files} for example in rule.examples
        ],
    }

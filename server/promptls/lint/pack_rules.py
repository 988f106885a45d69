"""The rules of a pack as rules like all others: with a check, and with a page of documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from promptls.analysis.prose import VALUE
from promptls.language.files import is_partial
from promptls.language.prompt import Prompt
from promptls.lint.domain import domain
from promptls.lint.pack_text import instructed, said, told
from promptls.lint.pattern import first, matches
from promptls.lint.rule import Check, Finding, Fix, Rule, Severity
from promptls.syntax.source import Range, TextEdit

if TYPE_CHECKING:
    from promptls.lint.pack_model import Condition, Pack, PackRule

_MOST_FINDINGS = 20
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|[\r\n]")


def rules_of(pack: Pack) -> tuple[Rule, ...]:
    """The pack's rules; they look only at prompts of its domain, or at all prompts where it has no terms to tell it by.

    The pack `general` has none, and holds for prompts of no other domain.
    """
    return tuple(_rule(pack, rule) for rule in pack.rules)


def _rule(pack: Pack, rule: PackRule) -> Rule:
    return Rule(
        f"{pack.name}/{rule.id}",
        Severity.named(rule.severity),
        rule.certainty,
        _check(pack, rule),
        fixable="unsafe" if rule.replacement is not None else "none",
        dimension=rule.dimension,
    )


def _check(pack: Pack, rule: PackRule) -> Check:
    find = _missing if rule.missing else _matching

    def check(prompt: Prompt) -> Iterator[Finding]:
        if not said(prompt).strip(f" \t\r\n{VALUE}") or not _is_meant(pack, prompt):
            return
        at = _applies(rule.when, prompt)
        if at is not None:
            yield from find(rule, prompt, at)

    check.__doc__ = _documentation(pack, rule)
    return check


def _is_meant(pack: Pack, prompt: Prompt) -> bool:
    return pack.is_universal or domain(prompt).name == pack.name


def _missing(rule: PackRule, prompt: Prompt, at: Range) -> Iterator[Finding]:
    # What a partial leaves out, the prompts that include it may say.
    if not is_partial(prompt) and first(rule.missing, told(prompt)) is None:
        yield Finding(at, rule.message, help=rule.help)


def _matching(rule: PackRule, prompt: Prompt, at: Range) -> Iterator[Finding]:
    assert rule.pattern is not None
    for number, match in enumerate(matches(rule.pattern, said(prompt))):
        if number == _MOST_FINDINGS:
            return
        range = Range(*match.span())
        fix = None
        if rule.replacement is not None:
            fix = Fix("Replace it", (TextEdit(range, rule.replacement),), safe=False)
        yield Finding(range, rule.message, help=rule.help, fix=fix)


def _applies(when: Condition, prompt: Prompt) -> Range | None:
    """Where the prompt says what makes the rule apply: a mention, or its task. None where the rule does not."""
    text = said(prompt)
    mention = first(when.mentions, instructed(prompt)) if when.mentions else None
    if (when.mentions and mention is None) or first(when.unless, text) is not None:
        return None
    if when.intent:
        from promptls.analysis.intent import intent

        if intent(prompt).name not in when.intent:
            return None
    if when.min_complexity:
        from promptls.analysis.measures import measures

        if measures(prompt).complexity < when.min_complexity:
            return None
    if when.min_words:
        from promptls.analysis.sentences import words

        if len(words(prompt)) < when.min_words:
            return None
    if when.section:
        from promptls.analysis.sections import sections

        if not {section.name.casefold() for section in sections(prompt)} & set(when.section):
            return None
    return _trimmed(text, mention) if mention is not None else _first_line(text)


def _trimmed(text: str, range: Range) -> Range:
    """The range without blanks at its ends, cut to its first sentence on its first line."""
    piece = text[range.start : range.end]
    line = _SENTENCE_END.split(piece.lstrip(), maxsplit=1)[0].rstrip()
    start = range.start + len(piece) - len(piece.lstrip())
    return Range(start, start + len(line))


def _first_line(text: str) -> Range:
    start = len(text) - len(text.lstrip(f"{VALUE} \t\r\n"))
    return _trimmed(text, Range(start, len(text)))


def _documentation(pack: Pack, rule: PackRule) -> str:
    parts = [rule.summary, rule.help, f"Domain: {pack.name}. Category: {rule.category}. Priority: {rule.priority}."]
    if rule.refinement is not None:
        parts.append(f"A line that mends it: {rule.refinement.en}")
    if rule.examples is not None:
        if not pack.is_universal:
            parts.append(f'```prompt file promptls.toml\ndomain = "{pack.name}"\n```')
        for verdict, texts in (("bad", rule.examples.bad), ("good", rule.examples.good)):
            parts += (f"````prompt {verdict}\n{text}\n````" for text in texts)
    return "\n\n".join(parts)

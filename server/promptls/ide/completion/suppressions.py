"""Rule ids and families inside the comments that wave findings through."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.ide.completion.items import CompletionItem, Word
from promptls.lint.runner import registry
from promptls.syntax.source import Range

_COMMENT_START = re.compile(r"(?:\{\{~?!-*|#)[ \t]*")
_DIRECTIVE = re.compile(r"promptls:[ \t]*(?P<verb>[\w-]*)(?:(?:(?<=ignore)|(?<=-file))(?P<ids>[ \t]+[\w/,\- \t]*))?")
_ID = re.compile(r"[\w/-]+")
_REST = re.compile(r"[\w/-]*")
_VERBS = {
    "ignore": "silences rules on this line and the next",
    "ignore-file": "silences rules in the whole file",
}


def complete_suppression(text: str, comment: Range) -> Iterator[CompletionItem]:
    """What can stand at the end of `comment`, which runs from the start of a comment to the cursor."""
    start = _COMMENT_START.match(text, comment.start, comment.end)
    if start is None:
        return
    at = start.end()
    typed = text[at : comment.end]
    rest = _REST.match(text, comment.end)
    word_end = rest.end() if rest and not text.startswith("--", comment.end) else comment.end
    if "promptls:".startswith(typed):
        word = Word(Range(at, comment.end), Range(at, word_end))
        blank = "" if at > comment.start and text[at - 1] in " \t" else " "
        for verb, detail in _VERBS.items():
            label = f"promptls: {verb}"
            yield word.item(label, "keyword", f"{blank}{label} ", detail=detail, asks_again=True)
        return
    directive = _DIRECTIVE.fullmatch(typed)
    if directive is None:
        return
    if directive["ids"] is None:
        insert = Range(at + directive.start("verb"), comment.end)
        word = Word(insert, Range(insert.start, word_end))
        for verb, detail in _VERBS.items():
            yield word.item(verb, "keyword", f"{verb} ", detail=detail, asks_again=True)
        return
    given = _ID.findall(directive["ids"])
    id = given.pop() if given and typed.endswith(given[-1]) else ""
    insert = Range(comment.end - len(id), comment.end)
    yield from _rules(Word(insert, Range(insert.start, word_end)), set(given))


def _rules(word: Word, given: set[str]) -> Iterator[CompletionItem]:
    rules = sorted(registry(), key=lambda rule: rule.id)
    for rule in rules:
        if rule.id not in given:
            data = {"kind": "rule", "id": rule.id}
            yield word.item(rule.id, "value", detail=rule.severity.label, data=data)
    for family in sorted(registry().families - given):
        yield word.item(family, "enum-member", detail="a family of rules")
    if "all" not in given:
        yield word.item("all", "keyword", detail="every rule")

"""What the author of a prompt says himself, sentence by sentence: no code, no data, no examples, nothing quoted."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from promptls.analysis.directives import phrase_pattern
from promptls.analysis.lexicon.en import EN
from promptls.analysis.lexicon.es import ES
from promptls.analysis.lexicon.lexicon import Lexicon
from promptls.analysis.prose import VALUE, Turn, lower_case, prose
from promptls.analysis.prose_language import prose_language
from promptls.analysis.sentences import Sentence, sentences
from promptls.language.prompt import Prompt, facet
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.rules.template_text import quoted_ranges
from promptls.syntax.handlebars.nodes import BlockStatement
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, list item or heading of the author.

    `words` is exactly as long as the sentence's range, so that offsets fit; quotations, code and the project's own
    terms are masked like values. `lowered` is the same in lower case: patterns that are written so find their words in
    it several times as fast as by disregarding case. `conditional` says that a block of the template may leave it out.
    """

    sentence: Sentence
    words: str
    lowered: str
    conditional: bool

    @property
    def range(self) -> Range:
        return self.sentence.range

    @property
    def directive(self) -> bool:
        return self.sentence.directive

    @property
    def is_heading(self) -> bool:
        return self.sentence.kind == "heading"

    def place(self, match: re.Match[str], group: str | int = 0) -> Range:
        """Where in the file something was found in `words` or `lowered`."""
        start, end = match.span(group)
        return Range(self.range.start + start, self.range.start + end)

    def said(self, match: re.Match[str], group: str | int = 0) -> str:
        """What was found in `words` or `lowered`, as the author wrote it, with single spaces."""
        return " ".join(self.words[slice(*match.span(group))].split())


@facet
def statements(prompt: Prompt) -> tuple[Statement, ...]:
    """The author's own sentences in source order, headings among them."""
    shown = _words(prompt)
    lowered = lower_case(shown)
    blocks = _conditional(prompt)
    examples = _example_turns(prose(prompt).turns, prose(prompt).text)
    found = []
    for each in sentences(prompt):
        if each.kind in ("code", "data") or each.role == "model" or _covers(examples, each.range.start):
            continue
        found.append(
            Statement(each, shown[slice(*each.range)], lowered[slice(*each.range)], _covers(blocks, each.range.start))
        )
    return tuple(found)


@facet
def lexicon(prompt: Prompt) -> Lexicon | None:
    """The word lists for the prompt's language; None for a language that has none."""
    language = prose_language(prompt)
    if language is None and prose(prompt).text.isascii():
        # A few words without any that would tell: most prompts are English.
        return EN
    return {"en": EN, "es": ES}.get(language or "")


_QUOTED = re.compile(
    r"\"(?:[^\"\n]|\n(?![ \t]*\r?\n)){1,400}\"|“[^“”]{1,400}”|«[^«»]{1,400}»|(?<![\w'])'[^'\n]{1,200}'(?![\w'])"
    r"|`[^`\n]{1,400}`|(?<!\w)‘[^‘’\n]{1,200}’(?!\w)"
)


def _words(prompt: Prompt) -> str:
    text = prose(prompt).text
    if any(quote in text for quote in "\"'`“«‘"):
        text = _QUOTED.sub(_blank, text)
    for range in quoted_ranges(prompt) if "```" in text or "~~~" in text else ():
        text = text[: range.start] + _blanked(text[slice(*range)]) + text[range.end :]
    terms = tuple(term for term in prompt.settings.dictionary if term.strip())
    return _terms(terms).sub(_blank, text) if terms else text


@lru_cache(maxsize=16)
def _terms(terms: tuple[str, ...]) -> re.Pattern[str]:
    return phrase_pattern(frozenset(terms), re.IGNORECASE)


def _blank(match: re.Match[str]) -> str:
    return _blanked(match[0])


_VISIBLE = re.compile(r"[^\s]")


def _blanked(text: str) -> str:
    # A value stands for a word that nobody knows, and so does what is quoted: the words around it do not meet.
    return _VISIBLE.sub(VALUE, text)


def _conditional(prompt: Prompt) -> Sequence[Range]:
    """The outermost blocks whose content may be left out, in source order."""
    found: list[Range] = []
    for block in tree(prompt).of(BlockStatement):
        if called_name(block.open.path) in ("each", "with", "role", "section"):
            continue
        if not found or block.range.start >= found[-1].end:
            found.append(block.range)
    return found


def _example_turns(turns: Sequence[Turn], text: str) -> list[Range]:
    """The user's turns that a written answer of the model follows: they show how a conversation goes."""
    found = []
    for turn, following in pairwise(turns):
        is_answered = following.role == "model" and any(map(str.isalnum, text[slice(*following.range)]))
        if turn.role == "user" and is_answered and VALUE not in text[slice(*turn.range)]:
            found.append(turn.range)
    return found


def _covers(ranges: Sequence[Range], offset: int) -> bool:
    index = bisect_right(ranges, offset, key=lambda each: each.start) - 1
    return index >= 0 and offset < ranges[index].end

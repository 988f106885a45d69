"""What a language's word lists hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def word_set(text: str) -> frozenset[str]:
    """Words, separated by white space."""
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """Phrases, one on each line."""
    return frozenset(line.strip() for line in text.strip().splitlines())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Lower-case words and phrases of one language, by the part that they play in prompts.

    Words are matched whole; phrases are words with single spaces between them.
    """

    language: str
    stop_words: frozenset[str]
    """The most frequent function words: they tell the language."""
    imperatives: frozenset[str]
    """Forms of verbs that order something when they open a sentence."""
    openers: frozenset[str]
    """Words that may stand before the verb of an order ("please", "then")."""
    obligations: frozenset[str]
    """Words and phrases that make a sentence a rule wherever they stand ("must", "do not")."""
    prohibitions: frozenset[str]
    """Words and phrases that forbid ("never", "do not")."""
    negations: frozenset[str]
    intents: Mapping[str, frozenset[str]]
    """Verbs (every form) by the intent that they tell."""
    task_objects: Mapping[str, frozenset[str]]
    """Phrases for what a task brings forth, by the intent that they tell whatever the verb ("a summary", "a query")."""
    hedges: frozenset[str]
    """Phrases that soften a rule ("try to", "if possible")."""
    weak_modals: frozenset[str]
    vague: frozenset[str]
    """Words that leave an amount or a standard open ("some", "appropriate")."""
    subjective: frozenset[str]
    """Judgements without a measure ("best", "user-friendly")."""
    fillers: frozenset[str]
    """Phrases that can go without loss."""
    emphasis: frozenset[str]
    """Words that shout."""
    positive: frozenset[str]
    """Words of good feeling."""
    negative: frozenset[str]
    """Words of bad feeling."""
    abbreviations: frozenset[str] = field(default_factory=frozenset)
    """Words that carry a full stop within a sentence, without it."""

"""Completion: `complete` says what can stand at a cursor, `resolve_completion` documents one item."""

from promptls.ide.completion.complete import TRIGGER_CHARACTERS, complete
from promptls.ide.completion.items import CompletionEdit, CompletionItem, CompletionKind, CompletionList
from promptls.ide.completion.resolve import resolve_completion

__all__ = [
    "TRIGGER_CHARACTERS",
    "CompletionEdit",
    "CompletionItem",
    "CompletionKind",
    "CompletionList",
    "complete",
    "resolve_completion",
]

"""Results of a while ago: an editor asks for the same more than once, first for a title and then for the edits."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from promptls.language.prompt import Prompt
from promptls.lint.whole import included
from promptls.optimize.draft import Request, Usage
from promptls.optimize.result import Result
from promptls.settings import Settings

_MOST = 64


class _Key(NamedTuple):
    path: Path | None
    text: str
    partials: tuple[str, ...] | None
    request: Request


class RecentResults:
    """Keeps the last results in memory, by the text, what it includes, its settings and the request.

    Safe to use from several threads. What a model had to do with is better kept by its answers (`llm.cache`).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Settings are compared by identity, and kept so that no others can get it.
        self._kept: OrderedDict[_Key, tuple[Settings, Result]] = OrderedDict()

    def get(self, prompt: Prompt, request: Request) -> Result | None:
        """The result of the same request for the same prompt; it cost nothing this time."""
        key = _key(prompt, request)
        with self._lock:
            settings, result = self._kept.get(key, (None, None))
            if result is None or settings is not prompt.settings:
                return None
            self._kept.move_to_end(key)
        return replace(result, usage=Usage(cache_hits=1))

    def put(self, prompt: Prompt, request: Request, result: Result) -> None:
        """Keep a result."""
        with self._lock:
            self._kept[_key(prompt, request)] = (prompt.settings, result)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)


def _key(prompt: Prompt, request: Request) -> _Key:
    partials = included(prompt)
    texts = tuple(each.text for each in partials) if partials is not None else None
    return _Key(prompt.path, prompt.text, texts, request)

"""Rules of other packages, which offer them under the entry point group `promptls.rules`.

Their code runs in a process of its own (see `plugin_process`), which ends itself when a rule takes too long.
"""

from __future__ import annotations

import atexit
import builtins
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from promptls.language.prompt import Prompt
from promptls.lint.plugin_process import FAILURES, PluginProcess
from promptls.lint.rule import Check, Finding, Rule
from promptls.settings import SettingsProblem

GROUP = "promptls.rules"
CHECK_SECONDS = 5.0
"""How long one rule may take for one file."""
LOAD_SECONDS = 20.0
"""How long the plugins' modules may take to load, all together."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Description:
    """A plugin's rule without its check, which stays in the other process."""

    rule: Rule
    documentation: str


def elsewhere(prompt: Prompt) -> Iterable[Finding]:
    """Stand in for the check of a rule whose code is in the other process."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Task:
    """One rule to run on one text. Settings go along as plain values; partials stay out of reach."""

    rule: str
    text: str
    path: str | None
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception in the other process: the name of its type and what it says."""

    type: str
    message: str


@dataclass(frozen=True, eq=False)
class Plugins:
    """The rules of plugins, and what was wrong with others."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[SettingsProblem, ...] = ()


@lru_cache(maxsize=1)
def has_plugins() -> bool:
    """Whether any installed package offers rules."""
    from importlib.metadata import entry_points

    return bool(entry_points(group=GROUP))


def modules() -> Iterator[Path]:
    """The files of the packages that offer rules, as far as they can be found without running anything."""
    if not has_plugins():
        return
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    for name in sorted({point.module.partition(".")[0] for point in entry_points(group=GROUP)}):
        with suppress(ImportError, ValueError):
            spec = find_spec(name)
            for place in (spec.submodule_search_locations or ()) if spec else ():
                yield from sorted(Path(place).rglob("*.py"))
            if spec is not None and spec.origin is not None and spec.has_location:
                yield Path(spec.origin)


@lru_cache(maxsize=1)
def plugins() -> Plugins:
    """The rules of plugins. What cannot be loaded is told of and left out."""
    if not has_plugins():
        return Plugins()
    host = PluginProcess("promptls.lint.plugin_host")
    atexit.register(host.end)
    try:
        described, broken = host.ask(None)
    except FAILURES as error:
        problem = f"plugins could not be loaded within {LOAD_SECONDS:g} s ({type(error).__name__})"
        return Plugins(problems=(SettingsProblem(problem, GROUP),))
    rules = tuple(_proxy(host, each) for each in described)
    return Plugins(rules, tuple(SettingsProblem(message, f"{GROUP}: {name}") for name, message in broken))


def _proxy(host: PluginProcess, described: Description) -> Rule:
    rule = described.rule
    return Rule(
        rule.id,
        rule.severity,
        rule.certainty,
        _check(host, described),
        rule.fixable,
        rule.dimension,
        rule.applies_to,
        rule.aliases,
        rule.enabled,
    )


def _check(host: PluginProcess, described: Description) -> Check:
    id = described.rule.id
    gave_up = threading.Event()

    def check(prompt: Prompt) -> Iterable[Finding]:
        if gave_up.is_set():
            raise TimeoutError(f"{id} is off until promptls starts again")
        path = str(prompt.path) if prompt.path is not None else None
        settings = prompt.settings.model_dump(exclude_defaults=True)
        try:
            answer = host.ask(Task(id, prompt.text, path, settings))
        except FAILURES:
            # Asked again at every key, it would hold up everything else each time.
            gave_up.set()
            raise TimeoutError(f"{id} took more than {CHECK_SECONDS:g} s, or crashed") from None
        if isinstance(answer, Failure):
            kind = getattr(builtins, answer.type, RuntimeError)
            is_error = isinstance(kind, type) and issubclass(kind, Exception)
            raise (kind if is_error else RuntimeError)(answer.message)
        found: Iterable[Finding] = answer
        return found

    check.__doc__ = described.documentation
    return check

"""The process in which rules of plugins run; see `plugins`."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from itertools import islice
from pathlib import Path

from promptls.language.prompt import Prompt
from promptls.lint.plugin_process import serve
from promptls.lint.plugins import CHECK_SECONDS, GROUP, LOAD_SECONDS, Description, Failure, Task, elsewhere
from promptls.lint.rule import Finding, Rule
from promptls.settings import Settings
from promptls.syntax.source import Range

_ID = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z]+(?:-[a-z]+)*")
_MOST_FINDINGS = 1_000


def main() -> None:
    """Answer until the other side hangs up."""
    serve(_answer, lambda task: CHECK_SECONDS if task else LOAD_SECONDS)


def _answer(task: Task | None) -> object:
    if task is None:
        rules, broken = _loaded()
        return [Description(replace(rule, check=elsewhere), rule.documentation) for rule in rules.values()], broken
    try:
        rule = _loaded()[0][task.rule]
        prompt = _prompt(task.text, task.path, pickle.dumps(task.settings))
        return tuple(_plain(finding, prompt) for finding in islice(rule.check(prompt), _MOST_FINDINGS))
    except Exception as error:
        return Failure(type(error).__name__, str(error))


@lru_cache(maxsize=4)
def _prompt(text: str, path: str | None, settings: bytes) -> Prompt:
    chosen = Settings.model_validate(pickle.loads(settings))
    return Prompt(text, settings=chosen, path=Path(path) if path is not None else None)


def _plain(finding: object, prompt: Prompt) -> Finding:
    """The finding, if it is one that any part of promptls can work with."""
    if type(finding) is not Finding:
        raise TypeError(f"a rule yields findings, not {type(finding).__name__}")
    edits = [edit for fix in (finding.fix, *finding.alternatives) if fix for edit in fix.edits]
    for range in (finding.range, *(edit.range for edit in edits)):
        if not 0 <= range[0] <= range[1] <= len(prompt.text):
            raise ValueError(f"the range {tuple(range)} does not lie in the text")
    return replace(finding, range=Range(*finding.range))


@lru_cache(maxsize=1)
def _loaded() -> tuple[dict[str, Rule], list[tuple[str, str]]]:
    rules: dict[str, Rule] = {}
    broken: list[tuple[str, str]] = []
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        try:
            for rule in _offered(point):
                if rule.id in rules:
                    raise ValueError(f"there is another rule {rule.id}")
                rules[rule.id] = rule
        # Also `SystemExit`, which a module may raise where it was meant to be run.
        except BaseException as error:
            broken.append((point.name, f"{point.value} cannot be loaded ({type(error).__name__}: {error})"))
    return rules, broken


def _offered(point: EntryPoint) -> Iterator[Rule]:
    offered = point.load()
    for rule in offered if isinstance(offered, Iterable) else [offered]:
        if type(rule) is not Rule or not _ID.fullmatch(rule.id):
            raise TypeError("it must be a Rule, or several, with an id such as house/no-slogans")
        yield rule


if __name__ == "__main__":
    main()

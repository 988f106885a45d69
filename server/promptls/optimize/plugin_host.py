"""The process in which strategies, hooks and metrics of plugins run; see `plugins`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import get_args

from promptls.language.prompt import Prompt
from promptls.lint.plugin_process import serve
from promptls.optimize.draft import Draft, Step
from promptls.optimize.extensions import Extension, Hook, Metric, OwnStrategy
from promptls.optimize.plugins import (
    GROUP,
    HOOK_SECONDS,
    LOAD_SECONDS,
    STRATEGY_SECONDS,
    Answered,
    Failed,
    Kind,
    Offer,
    Task,
)
from promptls.settings import Settings
from promptls.syntax.source import Range, TextEdit

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MOST_STEPS, _LONGEST_NOTE, _MOST_NOTES = 500, 500, 20


def main() -> None:
    """Answer until the other side hangs up."""
    serve(_answer, _seconds)


def _seconds(task: Task | None) -> float:
    if task is None:
        return LOAD_SECONDS
    return STRATEGY_SECONDS if task.kind == "strategy" else HOOK_SECONDS


def _answer(task: Task | None) -> object:
    if task is None:
        offered, broken = _loaded()
        return [
            Offer(kind, name, each.summary if isinstance(each, OwnStrategy) else "")
            for (kind, name), each in offered.items()
        ], broken
    try:
        extension = _loaded()[0][task.kind, task.name]
        draft = _draft(task)
        if isinstance(extension, Metric):
            return _figure(extension.measure(draft.prompt))
        return _plain(extension.run(draft), draft)
    # Also `SystemExit`: whatever a plugin raises is its own failure.
    except BaseException as error:
        return Failed(f"{type(error).__name__}: {error}"[:_LONGEST_NOTE])


def _draft(task: Task) -> Draft:
    settings = Settings.model_validate(task.settings)
    path = Path(task.path) if task.path is not None else None
    seed, baseline, prompt = (Prompt(text, settings=settings, path=path) for text in task.texts)
    return Draft(seed, baseline, prompt, task.request)


def _figure(figure: object) -> float:
    if not isinstance(figure, int | float) or not math.isfinite(figure):
        raise TypeError(f"a metric gives a finite number, not {figure!r:.80}")
    return float(figure)


def _plain(after: object, before: Draft) -> Answered:
    """What was done, if it is what the other side can work with: steps that lead to the text that it claims."""
    if type(after) is not Draft:
        raise TypeError(f"it must give a Draft, not {type(after).__name__}")
    if len(after.steps) > _MOST_STEPS:
        raise ValueError(f"more than {_MOST_STEPS} steps")
    followed = before
    steps = tuple(_step(each) for each in after.steps)
    for each in steps:
        length = len(followed.prompt.text)
        if any(not 0 <= edit.range.start <= edit.range.end <= length for edit in each.edits):
            raise ValueError("an edit does not lie in the text")
        followed = followed.after(each)
    if followed.prompt.text != after.prompt.text:
        raise ValueError("the steps do not lead to the text; use Draft.after")
    return Answered(steps, tuple(str(note)[:_LONGEST_NOTE] for note in after.notes[:_MOST_NOTES]))


def _step(step: Step) -> Step:
    edits = tuple(TextEdit(Range(*edit.range), str(edit.text)) for edit in step.edits)
    return Step(str(step.stage), str(step.title), edits, None if step.rule is None else str(step.rule))


@lru_cache(maxsize=1)
def _loaded() -> tuple[dict[tuple[Kind, str], Extension], list[tuple[str, str]]]:
    offered: dict[tuple[Kind, str], Extension] = {}
    broken: list[tuple[str, str]] = []
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        try:
            for extension in _offered(point):
                key = (_kind(extension), extension.name)
                if key in offered:
                    raise ValueError(f"there is another {key[0]} {extension.name}")
                offered[key] = extension
        # Also `SystemExit`, which a module may raise where it was meant to be run.
        except BaseException as error:
            broken.append((point.name, f"{point.value} cannot be loaded ({type(error).__name__}: {error})"))
    return offered, broken


def _kind(extension: Extension) -> Kind:
    match extension:
        case Hook():
            return extension.when
        case Metric():
            return "metric"
        case _:
            return "strategy"


def _offered(point: EntryPoint) -> Iterator[Extension]:
    offered = point.load()
    for extension in offered if isinstance(offered, Iterable) else [offered]:
        if type(extension) not in get_args(Extension) or not _NAME.fullmatch(extension.name):
            raise TypeError("it must be an OwnStrategy, a Hook or a Metric, or several, named like house-style")
        if isinstance(extension, Hook) and extension.when not in ("before", "after"):
            raise TypeError("a hook runs before or after")
        yield extension


if __name__ == "__main__":
    main()

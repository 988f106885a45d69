"""Texts that make careless patterns slow, and every pattern of a package."""

import importlib
import pkgutil
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from time import process_time
from types import FrameType, ModuleType
from typing import Any

UNITS = (
    ".",
    "!?",
    "…",
    "。",
    "#",
    "# ",
    "`",
    "``` ",
    "~",
    "<",
    "<a",
    "<a ",
    "<a>",
    "</a>",
    "<a b",
    ">",
    "> ",
    "*",
    "**a",
    "_",
    "- ",
    "-",
    "=",
    "|",
    ":",
    "a:",
    "A: ",
    "a",
    "A",
    "aB",
    "a_",
    "a-",
    "a'",
    "a.",
    "a ",
    "a, ",
    "a/",
    "the ",
    "if ",
    "do not ",
    "for a ",
    "1",
    "1.",
    "1,",
    "1 to ",
    "$1",
    "one ",
    "may ",
    "\n",
    "\r\n",
    " ",
    "\t",
    " \n",
    "a\n",
    "- a\n",
    "A:\n",
    "**A**\n",
    "## A\n",
    '"',
    '"a":',
    "{",
    "[",
    "(",
    "}",
    "é",
    "¿",
    "\ufffc",
    "\u0301",
    "漢",
    "かな",
    "א",
    "ا",
    "न्",
    "😀",
    "👨\u200d👩\u200d👧",
    "\u200b",
    "{{a}}",
    "{{",
    "input: a\noutput: b\n",
    "-> ",
    "a@a.",
    "+1 ",
    "4111 ",
    "'a",
    "](a:",
    "{{a",
    "data:",
    "the very ",
    "never a-b ",
    "ignore all the ",
    "is fine if ",
    "AB CD ",
    "¡á",
    '\\"',
    "\\",
    "# \r\n",
    "if a not ",
    "x" * 40 + " ",
)
"""What hostile texts repeat."""

SHORT, LONG = 2_000, 100_000
MOST_SECONDS = 2.0
"""Of processor time on 100 KB: linear patterns take a hundredth to a third of a second, quadratic ones ten and more."""
_SUSPECTS = 3
_SUSPICIOUS = 0.01


def hostile_text(unit: str, length: int) -> str:
    """The unit over and over, up to a length, and an end on which a match that was begun fails."""
    return (unit * (length // len(unit) + 1))[:length] + "\x00"


class TooSlowError(Exception):
    """A match went on for longer than it may."""


def seconds(work: Callable[[str], object], text: str, most: float = MOST_SECONDS) -> float:
    """The processor time that the work takes on a text; raises `TooSlowError` as soon as it is more than `most`."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    start = process_time()
    try:
        work(text)
        return process_time() - start
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow_unit(work: Callable[[str], object]) -> str | None:
    """A unit of which 100 KB take too long, or None.

    All units are tried on short texts, where whatever grows with the square stands out already, and the slowest of them
    on long ones.
    """
    taken: dict[str, float] = {}
    for unit, text in _SHORT_TEXTS.items():
        try:
            taken[unit] = seconds(work, text)
        except TooSlowError:
            return unit
    slowest = sorted(taken, key=lambda unit: -taken[unit])
    for unit in [*slowest[:_SUSPECTS], *(unit for unit in slowest[_SUSPECTS:] if taken[unit] > _SUSPICIOUS)]:
        try:
            seconds(work, hostile_text(unit, LONG))
        except TooSlowError:
            return unit
    return None


_SHORT_TEXTS = {unit: hostile_text(unit, SHORT) for unit in UNITS}


MATCHED = frozenset({"ide.rename_names._SCHEMA", "ide.rename_names._TOOL", "syntax.handlebars.lexer._INSIDE_REFUSED"})
"""Patterns that the source matches under another name."""


def use_of(name: str, pattern: re.Pattern[str]) -> Callable[[str], object]:
    """What the package does with a pattern: search for it, unless its source only ever matches it at a given place."""
    variable = name.rpartition(".")[2].partition("[")[0]
    if name.partition("[")[0] in MATCHED:
        return pattern.match
    # By its own name, by way of a mapping of languages, or as the pattern of what is named.
    calls = re.findall(rf"\b{variable}\b(?:\[[^\]]*\])?\.(?:pattern\.)?(\w+)\(", _source(name))
    if calls and not {"search", "finditer", "findall", "sub", "subn", "split"} & set(calls):
        return pattern.match
    return lambda text: [None for _ in pattern.finditer(text)]


def _source(name: str) -> str:
    module = importlib.import_module("promptls." + name.rpartition(".")[0])
    return Path(str(module.__file__)).read_text(encoding="utf-8")


def patterns_of(package: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern that a module of the package holds, however deep, with a name to find it by."""
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name.endswith("__main__"):
            continue
        for name, value in sorted(vars(importlib.import_module(module.name)).items()):
            for number, pattern in enumerate(_patterns_in(value, 0)):
                yield f"{module.name.removeprefix('promptls.')}.{name}[{number}]", pattern


def _patterns_in(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, Mapping):
        for each in value.values():
            yield from _patterns_in(each, depth + 1)
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _patterns_in(each, depth + 1)
    elif depth < 4 and is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _patterns_in(getattr(value, field.name), depth + 1)

"""Texts that make careless patterns slow, and every pattern of a package."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import ModuleType
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
)
"""What hostile texts repeat."""


def hostile_text(unit: str, length: int) -> str:
    """The unit over and over, up to a length, and an end on which a match that was begun fails."""
    return (unit * (length // len(unit) + 1))[:length] + "\x00"


def patterns_of(package: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern that a module of the package holds, however deep, with a name to find it by."""
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
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

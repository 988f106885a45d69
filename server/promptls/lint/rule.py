"""The whole vocabulary of linting: `Rule`, `Finding`, `Fix`, `Severity`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from promptls.language.prompt import Prompt
from promptls.syntax.source import Range, TextEdit

Certainty = Literal["certain", "likely", "suggestion"]
Dimension = Literal["clarity", "specificity", "structure", "completeness"]
Tag = Literal["unnecessary", "deprecated"]


class Severity(IntEnum):
    """How bad a finding is; a greater value is worse."""

    HINT = 1
    INFO = 2
    WARNING = 3
    ERROR = 4

    @property
    def label(self) -> str:
        """The word for it in output and settings."""
        return self.name.lower()

    @classmethod
    def named(cls, label: str) -> Severity:
        """The severity with this label; raises `KeyError` for another word."""
        return cls[label.upper()]


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of the finding's own file, applied together. `safe` means that what the prompt says stays the same."""

    title: str
    edits: tuple[TextEdit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding; `path` is None for the finding's own file."""

    message: str
    range: Range
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. Rules leave `rule` and `severity` out where their own apply; the runner fills them in.

    `alternatives` are further fixes that an editor offers beside `fix`; they are never applied by themselves.
    """

    range: Range
    message: str
    help: str | None = None
    fix: Fix | None = None
    alternatives: tuple[Fix, ...] = ()
    related: tuple[Related, ...] = ()
    tags: tuple[Tag, ...] = ()
    severity: Severity | None = None
    rule: str = ""


_EXAMPLE_PATH = "example.prompt"

Check = Callable[[Prompt], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a rule's documentation: a file's text that must trigger it, or a near miss that must not.

    `files` are partials and other prompts that stand beside it, by relative path; `path` is its own.
    """

    text: str
    triggers: bool
    files: dict[str, str] = field(default_factory=dict)
    path: str = _EXAMPLE_PATH


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A check with its documentation; `applies_to` says whether it also reads files that are not dotprompt."""

    id: str
    severity: Severity
    certainty: Certainty
    check: Check
    fixable: Literal["safe", "unsafe", "none"] = "none"
    dimension: Dimension | None = None
    applies_to: Literal["dotprompt", "any"] = "dotprompt"
    aliases: tuple[str, ...] = ()
    enabled: bool = True

    @property
    def family(self) -> str:
        return self.id.partition("/")[0]

    @property
    def documentation(self) -> str:
        """The rule's docstring: summary, why, sources and examples, in Markdown."""
        return inspect.cleandoc(self.check.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first sentence of the documentation, on one line."""
        return " ".join(self.documentation.partition("\n\n")[0].split())

    @property
    def examples(self) -> tuple[Example, ...]:
        """The examples in the documentation, in order."""
        return tuple(_examples(self.documentation))


def rule(
    id: str,
    severity: Severity,
    *,
    certainty: Certainty,
    fixable: Literal["safe", "unsafe", "none"] = "none",
    dimension: Dimension | None = None,
    applies_to: Literal["dotprompt", "any"] = "dotprompt",
    aliases: tuple[str, ...] = (),
    enabled: bool = True,
) -> Callable[[Check], Rule]:
    """Make a check function into a `Rule`; its docstring is the documentation and holds its own examples."""

    def make(check: Check) -> Rule:
        return Rule(id, severity, certainty, check, fixable, dimension, applies_to, aliases, enabled)

    return make


_EXAMPLE = re.compile(
    r"^(?P<fence>`{3,})prompt (?P<verdict>bad|good)(?P<path> \S+)?[ \t]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S
)
_FILE = re.compile(r"^(?P<fence>`{3,})prompt file (?P<path>\S+)[ \t]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S)


def _examples(documentation: str) -> Iterator[Example]:
    files = {match["path"]: _unescaped(match["text"]) for match in _FILE.finditer(documentation)}
    for match in _EXAMPLE.finditer(documentation):
        path = (match["path"] or _EXAMPLE_PATH).strip()
        yield Example(_unescaped(match["text"]), match["verdict"] == "bad", files, path)


def _unescaped(text: str) -> str:
    """Undo the `\\u{…}` escapes by which documentation shows characters that nobody could see."""
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), text)

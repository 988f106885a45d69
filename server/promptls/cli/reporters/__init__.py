"""One module per output format, each with one function `report`; results arrive in path order and may be a stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from promptls.cli.results import FileResult


@dataclass(frozen=True, slots=True)
class Look:
    """How a report for people looks: colours or none, columns to fill, one line per finding when `quiet`."""

    color: bool = False
    width: int = 100
    quiet: bool = False
    fixed: int = 0


class Reporter(Protocol):
    """Writes the results of a run."""

    def __call__(self, results: Iterable[FileResult], out: TextIO, look: Look) -> None: ...


def reporter(format: str) -> Reporter:
    """The reporter of a format, by its module's name."""
    report: Reporter = import_module(f"promptls.cli.reporters.{format}").report
    return report

"""Colours on a terminal, and whether to use them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "1;31", "green": "32", "yellow": "1;33", "cyan": "36"}


@dataclass(frozen=True, slots=True)
class Style:
    """Wraps text in ANSI codes, or leaves it alone."""

    on: bool

    def bold(self, text: str) -> str:
        return self.colored(text, "bold")

    def dim(self, text: str) -> str:
        return self.colored(text, "dim")

    def colored(self, text: str, color: str) -> str:
        return f"\x1b[{_CODES[color]}m{text}\x1b[0m" if self.on and text else text


def wants_color(choice: str, out: TextIO) -> bool:
    """Whether to colour: `--color` decides, then NO_COLOR (no-color.org), FORCE_COLOR, and whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return out.isatty() and os.environ.get("TERM") != "dumb"


def width_of(out: TextIO) -> int:
    """How many columns to fill: a terminal's own, otherwise 100."""
    from shutil import get_terminal_size

    return max(40, min(get_terminal_size((100, 24)).columns, 140)) if out.isatty() else 100

"""What Handlebars would refuse, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from promptls.syntax.source import Range

ErrorKind = Literal["unclosed-block", "unexpected-close", "mismatched-close", "syntax"]


@dataclass(frozen=True, slots=True)
class ParseError:
    """Something that Handlebars refuses; `related` points at the other end of a mismatch."""

    kind: ErrorKind
    message: str
    range: Range
    related: tuple[tuple[Range, str], ...] = ()

"""Semantic versions, and what the history keeps of each version of a prompt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Bump = Literal["patch", "minor", "major"]
BUMPS: tuple[Bump, ...] = ("patch", "minor", "major")

Aspect = Literal[
    "name", "input", "output", "messages", "tools", "model", "config", "metadata", "wording", "frontmatter"
]
"""The part of a prompt that a difference is in."""

_WRITTEN = re.compile(r"v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?\Z", re.ASCII)


class SemanticVersion(NamedTuple):
    """A version as semver.org has it, without labels."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def bumped(self, bump: Bump) -> SemanticVersion:
        """The next version."""
        if bump == "major":
            return SemanticVersion(self.major + 1, 0, 0)
        if bump == "minor":
            return SemanticVersion(self.major, self.minor + 1, 0)
        return SemanticVersion(self.major, self.minor, self.patch + 1)


FIRST = SemanticVersion(1, 0, 0)


def read_version(text: str) -> SemanticVersion | None:
    """`2`, `2.1`, `2.1.0` or `v2.1.0` as a version, or None where it is none."""
    match = _WRITTEN.match(text.strip())
    return SemanticVersion(*(int(each or 0) for each in match.groups())) if match else None


class Difference(NamedTuple):
    """One thing in which a text differs from the one before it, in a sentence, and the bump that it takes."""

    bump: Bump
    aspect: Aspect
    message: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a prompt.

    `parent` is the version before it, `checksum` the SHA-256 of the file's bytes, `time` in seconds since the epoch.
    `bump` and `reasons` tell how it differs from its parent; the first one has none. `score` and `tokens` are None
    until somebody has worked them out.
    """

    version: str
    parent: str | None
    checksum: str
    time: float
    author: str
    message: str
    bump: Bump | None = None
    reasons: tuple[Difference, ...] = ()
    score: int | None = None
    tokens: int | None = None


def greatest(reasons: tuple[Difference, ...]) -> Bump:
    """The bump that differences take together."""
    return max((each.bump for each in reasons), key=BUMPS.index, default="patch")

"""The versions of a project's prompts: what was recorded, by whom, and what each changed. Never derived, never lost."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Protocol

from promptls.language.prompt import Prompt
from promptls.store.bump import differences, is_readable, stated_version, states_only_version
from promptls.store.versions import FIRST, Difference, Version, greatest, read_version

_MOST_BACK = 50
_MOST_TRIES = 50


class HistoryProblem(Exception):
    """Why the history cannot be read or written, in one sentence for a person; nothing was changed."""


class DamagedText(HistoryProblem):
    """The text of one version is lost; everything else can be had."""


class HistoryBackend(Protocol):
    """The tables of one project's history. Any thread or process may call; every method may raise `HistoryProblem`."""

    def versions(self, path: str) -> tuple[Version, ...]:
        """The versions of a prompt, oldest first."""
        ...

    def text(self, checksum: str) -> str:
        """The text with this checksum; raises `DamagedText`."""
        ...

    def add(self, path: str, version: Version, text: str) -> bool:
        """Append a version, on the disk when this returns; false where the newest is no longer its parent."""
        ...

    def restate(self, path: str, version: Version, text: str) -> bool:
        """Give the newest version a text that states its number; false where another is the newest."""
        ...

    def judge(self, path: str, version: str, score: int | None, tokens: int | None) -> None:
        """Keep what a version scores and how many tokens it takes."""
        ...

    def rename(self, path: str, new: str) -> bool:
        """Go on under another path; false where that one has versions of its own."""
        ...

    def last_seen(self, checksum: str) -> tuple[str, ...]:
        """The paths whose newest version has this checksum."""
        ...

    def paths(self) -> tuple[str, ...]:
        """Every path that has versions, in order."""
        ...


def checksum(text: str) -> str:
    """The SHA-256 of a text as a file holds it."""
    return sha256(encoded(text)).hexdigest()


def encoded(text: str) -> bytes:
    """A text as bytes; halves of surrogate pairs, which no file can hold, survive."""
    return text.encode("utf-8", "surrogatepass")


class History:
    """The history of one project; `folder` is its top, to which paths are relative."""

    def __init__(self, folder: Path, backend: HistoryBackend) -> None:
        self.folder = folder
        self.backend = backend

    def path(self, path: Path) -> str:
        """A file as the history names it."""
        return PurePath(path).relative_to(self.folder).as_posix()

    def versions(self, path: Path) -> tuple[Version, ...]:
        """The versions of a file, oldest first."""
        return self.backend.versions(self.path(path))

    def text(self, version: Version) -> str:
        """The text of a version."""
        return self.backend.text(version.checksum)

    def judge(self, path: Path, version: Version, score: int | None, tokens: int | None) -> None:
        """Keep what a version scores and how many tokens it takes."""
        self.backend.judge(self.path(path), version.version, score, tokens)

    def record(
        self,
        prompt: Prompt,
        *,
        author: str,
        message: str = "",
        at: float | None = None,
    ) -> Version | None:
        """Append a prompt's text as a version if it differs from the newest one; gives the new version, or None.

        The frontmatter's `version` counts where it is greater than that of the newest version; a text that differs
        from the newest version only in stating that very version takes its place. A file that was moved goes on with
        the versions of its old place. Raises `HistoryProblem`.
        """
        assert prompt.path is not None, "only files have a history"
        path = self.path(prompt.path)
        own = checksum(prompt.text)
        for _ in range(_MOST_TRIES):
            known = self.backend.versions(path) or self._moved(path, own)
            newest = known[-1] if known else None
            if newest is not None and newest.checksum == own:
                return None
            moment = time.time() if at is None else at
            made = self._next(prompt, known, Version("", None, own, moment, author, message))
            if newest is not None and made.version == newest.version:
                if self.backend.restate(path, replace(newest, checksum=own), prompt.text):
                    return None
            elif self.backend.add(path, made, prompt.text):
                return made
        raise HistoryProblem(f"others record versions of {path} faster than this one could be")

    def next(self, prompt: Prompt) -> Version | None:
        """The version that recording a prompt would make, or None where nothing has changed."""
        assert prompt.path is not None, "only files have a history"
        known = self.versions(prompt.path)
        own = checksum(prompt.text)
        if known and known[-1].checksum == own:
            return None
        made = self._next(prompt, known, Version("", None, own, time.time(), "", ""))
        return None if known and made.version == known[-1].version else made

    def _next(self, prompt: Prompt, known: tuple[Version, ...], draft: Version) -> Version:
        """The version after the known ones; its number is the newest one's where it only states that."""
        stated = read_version(stated_version(prompt) or "")
        if not known:
            return replace(draft, version=str(stated or FIRST))
        newest = known[-1]
        number = max(read_version(each.version) or FIRST for each in known)
        before = self._prompt(newest, prompt)
        if before is None:
            lost = Difference("patch", "wording", f"the text of {newest.version} is damaged and was not compared")
            return replace(
                draft, version=str(number.bumped("patch")), parent=newest.version, bump="patch", reasons=(lost,)
            )
        if stated == number and states_only_version(before, prompt):
            return newest
        reasons = self._reasons(prompt, before, known)
        bump = greatest(reasons)
        after = stated if stated is not None and stated > number else number.bumped(bump)
        return replace(draft, version=str(after), parent=newest.version, bump=bump, reasons=reasons)

    def _reasons(self, prompt: Prompt, before: Prompt, known: tuple[Version, ...]) -> tuple[Difference, ...]:
        """How a prompt differs from the newest version before it that says for sure what it declares."""
        if is_readable(prompt):
            for version in known[-2:-_MOST_BACK:-1]:
                if is_readable(before):
                    break
                before = self._prompt(version, prompt) or before
        found = differences(before, prompt)
        return found or (Difference("patch", "frontmatter", "only the stated version changed"),)

    def _prompt(self, version: Version, like: Prompt) -> Prompt | None:
        """A prompt with the text of a version, or None where that is damaged."""
        try:
            return like.with_text(self.text(version))
        except DamagedText:
            return None

    def _moved(self, path: str, checksum: str) -> tuple[Version, ...]:
        """Let a file that was moved go on with its history: it has the same text, and nothing is at its old place."""
        gone = [each for each in self.backend.last_seen(checksum) if not (self.folder / each).exists()]
        return self.backend.versions(path) if len(gone) == 1 and self.backend.rename(gone[0], path) else ()


def unjudged(versions: Iterable[Version]) -> tuple[Version, ...]:
    """The versions whose score and tokens nobody has worked out yet."""
    return tuple(each for each in versions if each.tokens is None)

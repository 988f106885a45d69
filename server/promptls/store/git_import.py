"""The versions of a file that git knows, through the `git` command."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST = 500
"""How many commits are imported; of more, the newest ones."""

_SECONDS = 60.0
_LARGEST = 10 * 1024 * 1024


class GitProblem(Exception):
    """Why git cannot tell, in one sentence."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A file as a commit has it: `text` is None where it is no UTF-8 text of a bearable size."""

    id: str
    author: str
    time: float
    message: str
    text: str | None


def commits(path: Path, most: int = MOST) -> tuple[Commit, ...]:
    """The commits that changed a file, oldest first, its renames followed; raises `GitProblem`.

    Where branches were merged, git names the commits that brought the changes.
    """
    folder = path.parent
    log = _git(folder, "log", "--follow", f"--max-count={most}", "--raw", "--no-abbrev", "-z", _FORMAT, "--", path.name)
    found = list(_entries(log.split(b"\0")))
    if not found:
        raise GitProblem(f"git knows no commit of {path.name}")
    blobs = [blob for *_, blob in found]
    texts = _texts(_git(folder, "cat-file", "--batch", stdin="\n".join(blobs).encode() + b"\n"), blobs)
    return tuple(Commit(id, author, time, message, texts[blob]) for id, author, time, message, blob in reversed(found))


# With -z, a commit is four fields, then the line of the file's change, then its name or, for a rename, both names.
_FORMAT = "--format=%H%x00%an%x00%at%x00%s"


def _entries(fields: Sequence[bytes]) -> Iterator[tuple[str, str, float, str, str]]:
    """The id, author, time and subject of each commit, and the id of the file's content in it."""
    for index, field in enumerate(fields):
        if field.startswith(b"\n:") and index >= 4:
            id, author, time, message = (each.decode("utf-8", "replace") for each in fields[index - 4 : index])
            blob = field.split()[3].decode()
            if blob.strip("0"):  # a deletion leaves none
                yield id.strip(), author, float(time), message, blob


def _texts(batch: bytes, blobs: Sequence[str]) -> dict[str, str | None]:
    texts: dict[str, str | None] = {}
    at = 0
    for blob in blobs:
        end = batch.index(b"\n", at)
        _, kind, size = batch[at:end].split()
        data = batch[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
        texts[blob] = _text(data) if kind == b"blob" else None
    return texts


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8") if len(data) <= _LARGEST else None
    except UnicodeDecodeError:
        return None


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            input=stdin,
            env={**os.environ, "LC_ALL": "C"},
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise GitProblem("the program git was not found") from None
    except subprocess.TimeoutExpired:
        raise GitProblem(f"git took longer than {_SECONDS:.0f} seconds") from None
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitProblem(f"git says: {complaint[-1] if complaint else f'exit code {done.returncode}'}")
    return done.stdout

"""Reading and writing one file, and what its name says."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from promptls.syntax.source import Source

SUFFIX = ".prompt"
LARGEST = 10 * 1024 * 1024
"""The most bytes a file may have; nothing that a person writes for a model comes near it."""

_BINARY_SAMPLE = 8192


class FileProblem(Exception):
    """Why a file or folder cannot be used, in one sentence; raised by reading it, and listed by discovery."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class PromptName(NamedTuple):
    """What a file name means: `greet.formal.prompt` is the variant `formal` of `greet`, `_tone.prompt` a partial."""

    name: str
    variant: str | None
    is_partial: bool


def prompt_name(path: Path) -> PromptName:
    """The name, the variant and the kind that a file name says; names may hold dots, the last part is the variant."""
    stem = path.name[: -len(SUFFIX)] if is_prompt_file(path.name) else path.name
    is_partial = stem.startswith("_")
    name, dot, variant = stem.removeprefix("_").rpartition(".")
    return PromptName(name, variant, is_partial) if dot and name else PromptName(variant, None, is_partial)


def is_prompt_file(name: str) -> bool:
    """Whether a file is a prompt by its name."""
    return name.lower().endswith(SUFFIX) and len(name) > len(SUFFIX)


def absolute(path: Path) -> Path:
    """The path without `..` and relative beginnings; links stay, since editors name files by them."""
    if path.is_absolute() and ".." not in path.parts:
        return path
    return Path(os.path.abspath(path))


class Stamp(NamedTuple):
    """What changes when a file does."""

    modified: int
    size: int
    inode: int


def stamp(path: Path) -> Stamp | None:
    """The stamp of what is at `path` now, or None where nothing is."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return Stamp(status.st_mtime_ns, status.st_size, status.st_ino)


def read_source(path: Path) -> Source:
    """The text of a file, its line ends and byte-order mark kept; raises `FileProblem`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise FileProblem(path, f"is {kind}")
        if status.st_size > LARGEST:
            raise FileProblem(path, f"is too large: {status.st_size:,} bytes, the limit is {LARGEST:,}")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise FileProblem(path, unreadable(error)) from error
    return Source(_decoded(path, data))


def replace_text(path: Path, text: str) -> None:
    """Put a text in a file's place at once, so that whoever reads it sees the old or the new; links stay links."""
    import shutil
    import tempfile

    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        if target.exists():
            shutil.copymode(target, temporary)
        else:
            temporary.chmod(0o644)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def unreadable(error: OSError | ValueError) -> str:
    """What the system says, as a message."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot be read: {reason[:1].lower()}{reason[1:]}"


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileProblem(path, "is UTF-16; save it as UTF-8")
    if b"\0" in data[:_BINARY_SAMPLE]:
        raise FileProblem(path, "is not a text: it holds NUL bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileProblem(
            path, f"is not UTF-8: byte 0x{data[error.start]:02x} on line {line}, at byte offset {error.start}"
        ) from error

"""Findings that a project has decided to live with for now: only what is new is reported.

A baseline is a JSON file to be committed. Its paths are relative to its own folder, and a finding is known by its rule
and its line's text, so that it stays known when lines move or the check starts from another folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from promptls.cli.errors import CommandError, reason
from promptls.cli.results import FileResult


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings: fingerprints by path, relative to `folder`."""

    folder: Path
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def without_known(self, result: FileResult) -> FileResult:
        """The result with what is new only."""
        known = self.known.get(_key(result.path, self.folder), frozenset())
        pairs = zip(result.findings, result.fingerprints(), strict=True)
        return replace(result, findings=tuple(finding for finding, fingerprint in pairs if fingerprint not in known))


def read_baseline(path: Path) -> Baseline:
    """Read a baseline; raises `CommandError` for a file that is absent or is something else."""
    try:
        data = json.loads(path.read_bytes())
        files = {key: frozenset(each["fingerprint"] for each in found) for key, found in data["files"].items()}
    except OSError as error:
        hint = f"--write-baseline {path} makes one"
        raise CommandError(f"the baseline {path} cannot be read: {reason(error)}; {hint}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        hint = f"--write-baseline {path} makes a new one"
        raise CommandError(f"{path} is not a baseline of promptls; {hint}") from error
    return Baseline(path.absolute().parent, files)


def write_baseline(path: Path, results: Iterable[FileResult]) -> int:
    """Write every finding down as known; gives their number."""
    files = {_key(result.path, path.absolute().parent): _known(result) for result in results if result.findings}
    text = json.dumps({"version": 1, "files": dict(sorted(files.items()))}, ensure_ascii=False, indent=2)
    try:
        path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise CommandError(f"the baseline {path} cannot be written: {reason(error)}") from error
    return sum(map(len, files.values()))


def _known(result: FileResult) -> list[dict[str, Any]]:
    pairs = zip(result.findings, result.fingerprints(), strict=True)
    return [{"rule": each.rule, "message": each.message, "fingerprint": mark} for each, mark in pairs]


def _key(path: str, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()

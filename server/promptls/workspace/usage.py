"""Counting what prompts are used for, unless the settings say not to."""

from __future__ import annotations

import threading
from collections import Counter as Counts
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from promptls.store.state import project_folder, usage_file
from promptls.store.usage import Counter, Usage, Use
from promptls.workspace.files import absolute
from promptls.workspace.workspace import Workspace


class UsageLog:
    """Counts in memory, which takes no time, until somebody calls `flush`. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counts[tuple[Path, Use, str, str]] = Counts()

    def count(self, path: Path, use: Use, rule: str = "") -> None:
        """Count one use of a prompt; `rule` is the id of the rule that it was about."""
        day = datetime.now(UTC).date().isoformat()
        with self._lock:
            self._counted[absolute(path), use, rule, day] += 1

    def flush(self, workspace: Workspace) -> None:
        """Write what was counted; what cannot be written is forgotten."""
        with self._lock:
            counted, self._counted = self._counted, Counts()
        files: dict[Path, dict[Counter, int]] = defaultdict(dict)
        for (path, use, rule, day), count in counted.items():
            if workspace.settings(path).usage:
                project = project_folder(path, workspace.folders)
                place = path.relative_to(project).as_posix()
                files[usage_file(project)][Counter(day, use, place, rule)] = count
        for file, counts in files.items():
            Usage(file).add(counts)


def count_now(workspace: Workspace, path: Path | None, use: Use, rule: str = "") -> None:
    """Count one use and write it, for commands that do one thing and end."""
    if path is not None:
        log = UsageLog()
        log.count(path, use, rule)
        log.flush(workspace)

"""Counting what prompts are used for, unless the settings say not to."""

from __future__ import annotations

from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from promptls.store.state import project_folder, usage_file
from promptls.store.usage import Counter, Usage, Use
from promptls.workspace.files import absolute
from promptls.workspace.workspace import Workspace


class Used(NamedTuple):
    """One use of a prompt; `rule` is the id of the rule that it was about."""

    path: Path
    use: Use
    rule: str = ""


def count_uses(workspace: Workspace, uses: Iterable[Used]) -> None:
    """Count uses of today; what cannot be written is forgotten."""
    day = datetime.now(UTC).date().isoformat()
    files: dict[Path, dict[Counter, int]] = defaultdict(dict)
    for (path, use, rule), count in Counts(each._replace(path=absolute(each.path)) for each in uses).items():
        if workspace.settings(path).usage:
            project = project_folder(path, workspace.folders)
            counter = Counter(day, use, path.relative_to(project).as_posix(), rule)
            files[usage_file(project)][counter] = count
    for file, counts in files.items():
        Usage(file).add(counts)

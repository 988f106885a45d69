"""Files that are about to move: where everything will be, and what names will mean then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from promptls.ide.edits import FileRename
from promptls.workspace import Workspace
from promptls.workspace.files import is_prompt_file
from promptls.workspace.partials import find_partial, name_in, names_of, partial_file


class Moves:
    """The files as they will be: where everything is after some files or folders have moved."""

    def __init__(self, workspace: Workspace, renames: Iterable[FileRename]) -> None:
        self._workspace = workspace
        self._renames = tuple(each for each in renames if each.old != each.new)
        self._after: dict[Path, Path] = {}
        self._called: dict[tuple[str, Path], Path | None] = {}

    def after(self, path: Path) -> Path:
        """Where the file that is at `path` now will be."""
        if path not in self._after:
            old = next((each for each in self._renames if path.is_relative_to(each.old)), None)
            self._after[path] = old.new / path.relative_to(old.old) if old is not None else path
        return self._after[path]

    def exists(self, path: Path) -> bool:
        """Whether there will be a file."""
        for each in self._renames:
            if path.is_relative_to(each.new) and self._workspace.exists(each.old / path.relative_to(each.new)):
                return True
        return self.after(path) == path and self._workspace.exists(path)

    def partials_below(self, top: Path) -> Sequence[Path]:
        """The partials that will be at and below a folder."""
        stay = [path for path in self._workspace.partials_below(top) if self.after(path) == path]
        come = [path for path in self.moved.values() if path.name.startswith("_") and path.is_relative_to(top)]
        return sorted({*stay, *come})

    @cached_property
    def moved(self) -> Mapping[Path, Path]:
        """Every prompt that moves, by its old path."""
        found: dict[Path, Path] = {}
        for each in self._renames:
            below = (path for path in self._workspace.discover([each.old]) if isinstance(path, Path))
            found |= {path: self.after(path) for path in below if is_prompt_file(path.name)}
        found |= {path: self.after(path) for path in self._workspace.open_paths if self.after(path) != path}
        return found

    def called(self, name: str, file: Path) -> Path | None:
        """What the file that is at `file` now will include by `name`."""
        path, workspace = self.after(file), self._workspace
        key = (name, path.parent)
        if key not in self._called:
            found = find_partial(name, path, workspace.settings(path), workspace.folders, self)
            self._called[key] = found if found is not None and self.exists(found) else None
        return self._called[key]

    def name(self, old: str, partial: Path, file: Path) -> str | None:
        """How the file now at `file` must call the partial now at `partial`: as before if it can, else much like it."""
        wanted = self.after(partial)
        return next((name for name in self._possible(old, partial, file) if self.called(name, file) == wanted), None)

    def _possible(self, old: str, partial: Path, file: Path) -> Iterator[str]:
        yield old
        wanted, path, workspace = self.after(partial), self.after(file), self._workspace
        depth = old.count("/")
        if depth < len(partial.parents) and (same_root := name_in(wanted, partial.parents[depth])):
            yield same_root
        yield from names_of(wanted, path, workspace.settings(path), workspace.folders)

    @cached_property
    def captured(self) -> Sequence[tuple[Path, str]]:
        """The includes of partials that stay which would find one that has moved, by file and name."""
        arriving = {path.name for path in self.moved.values()}
        captured = []
        for file in all_files(self._workspace):
            for name, partial in self._workspace.included(file):
                wanted = partial_file(name)
                if wanted is None or wanted.name not in arriving or partial in self.moved:
                    continue
                found = self.called(name, file)
                if found is not None and (found != partial or not self._workspace.exists(partial)):
                    captured.append((file, name))
        return captured


def all_files(workspace: Workspace) -> list[Path]:
    """Every prompt of the workspace's folders and every open one, in order of their paths."""
    return sorted({each for each in workspace.discover() if isinstance(each, Path)} | set(workspace.open_paths))

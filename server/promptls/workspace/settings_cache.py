"""The settings of every folder, each settings file read once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from promptls.settings import LoadedSettings, SettingsProblem, SettingsSources, project_file
from promptls.workspace.discovery import Patterns, patterns

FindSettings = Callable[[Path], Path | None]


class SettingsCache:
    """Remembers which settings hold in a folder. Answers do not change; for others, make another cache."""

    def __init__(
        self, sources: SettingsSources, folders: tuple[Path, ...], find_settings: FindSettings = project_file
    ) -> None:
        self.sources = sources
        self.folders = folders
        self.find_settings = find_settings
        self._files: dict[Path, Path | None] = {}
        self._loaded: dict[Path, LoadedSettings] = {}
        self._excluded: dict[int, Patterns | None] = {}

    def fresh(self) -> SettingsCache:
        """The same without its memory."""
        return SettingsCache(self.sources, self.folders, self.find_settings)

    def loaded(self, folder: Path) -> LoadedSettings:
        """The settings of the files in a folder; one and the same object until something changes."""
        file = self._file(folder)
        key = file or self._base(folder)
        found = self._loaded.get(key)
        if found is None:
            found = self._loaded.setdefault(key, self.sources.load(file, self._base(folder)))
        return found

    def excluded(self, folder: Path) -> Patterns | None:
        """The `exclude` patterns that hold in a folder."""
        settings = self.loaded(folder).settings
        if not settings.exclude or settings.folder is None:
            return None
        if id(settings) not in self._excluded:
            self._excluded[id(settings)] = patterns(settings.folder, settings.exclude)
        return self._excluded[id(settings)]

    @property
    def problems(self) -> tuple[SettingsProblem, ...]:
        """What was wrong with the settings that were needed so far, each once."""
        found = (problem for loaded in self._loaded.values() for problem in loaded.problems)
        return tuple(dict.fromkeys(found))

    def _file(self, folder: Path) -> Path | None:
        """The settings file nearest to a folder."""
        passed = []
        for each in (folder, *folder.parents):
            if each in self._files:
                file = self._files[each]
                break
            passed.append(each)
            file = self.find_settings(each)
            if file is not None:
                break
        self._files.update(dict.fromkeys(passed, file))
        return file

    def _base(self, folder: Path) -> Path:
        """What relative paths are relative to where no settings file says so."""
        inside = [root for root in self.folders if folder.is_relative_to(root)]
        return max(inside, key=lambda root: len(root.parts)) if inside else (*self.folders, Path.cwd())[0]

"""`Workspace`: the prompts of a project, from open buffers first and then from disk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from promptls.language.files import TESTS_SUFFIX
from promptls.language.formats import recognised_alone
from promptls.language.prompt import Prompt
from promptls.settings import LoadedSettings, Settings, SettingsProblem, SettingsSources, project_file
from promptls.settings.sources import FILE_NAME, PYPROJECT
from promptls.syntax.source import Source
from promptls.workspace import discovery, partials
from promptls.workspace.files import FileProblem, Stamp, absolute, is_prompt_file, read_source, stamp
from promptls.workspace.glance import Glances
from promptls.workspace.inclusions import Inclusions
from promptls.workspace.partials import COMPUTED
from promptls.workspace.questions import Questions
from promptls.workspace.settings_cache import FindSettings, SettingsCache

if TYPE_CHECKING:
    from promptls.workspace.index import WorkspaceIndex

Answer = TypeVar("Answer")

_MOST_PROMPTS = 256
_FEW_PROMPTS = 32
_MOST_SIBLINGS = 50
_DEEPEST = 50


def _never_cancelled() -> None:
    """Accept every question."""


class Blueprint(NamedTuple):
    """What a workspace is made of besides its buffers; it can be sent to another process."""

    folders: tuple[Path, ...]
    sources: SettingsSources
    find_settings: FindSettings

    def workspace(self) -> Workspace:
        """A workspace of what is on disk."""
        return Workspace(self.folders, self.sources, find_settings=self.find_settings, most_prompts=_FEW_PROMPTS)


class Workspace:
    """Prompts by path, made anew whenever their text, their settings or anything that they asked for has changed.

    One thread may open, change and close buffers while others ask; the snapshots that they got stay as they are.
    `find_settings` gives the settings file that stands in a folder, and `check_cancelled` goes into every prompt.
    `most_prompts` is how many are kept: with all that is known of it, one of 2,500 characters takes about 200 KB.
    Paths may be relative; of an unreadable file the methods that need its text raise `FileProblem`.
    """

    def __init__(
        self,
        folders: Iterable[Path] = (),
        sources: SettingsSources | None = None,
        *,
        find_settings: FindSettings = project_file,
        check_cancelled: Callable[[], None] = _never_cancelled,
        most_prompts: int = _MOST_PROMPTS,
    ) -> None:
        self.folders = tuple(map(absolute, folders))
        self._settings = SettingsCache(sources or SettingsSources(), self.folders, find_settings)
        self._check_cancelled = check_cancelled
        self._most_prompts = most_prompts
        self._buffers: dict[Path, Source] = {}
        self._entries: OrderedDict[Path, _Entry] = OrderedDict()
        self._listings: dict[Path, partials.Listing] = {}
        self._plain: dict[Path, tuple[Source | Stamp | None, bool]] = {}
        self._inclusions = Inclusions(self)
        self._checked: set[Path] = set()
        self._depth = 0
        self._lock = threading.RLock()
        self._revision = 0
        self._disk_revision = 0
        self._glances = Glances()
        self._index: WorkspaceIndex | None = None

    @property
    def revision(self) -> int:
        """A number that grows with every change that the workspace is told of."""
        return self._revision

    @property
    def blueprint(self) -> Blueprint:
        """What another process needs to see the same files."""
        return Blueprint(self.folders, self._settings.sources, self._settings.find_settings)

    @property
    def index(self) -> WorkspaceIndex:
        """The index of the workspace's prompts; opened at first use, and filled by nobody but its `refresh`."""
        with self._lock:
            if self._index is None or self._index.folders != self.folders:
                from promptls.workspace.index import WorkspaceIndex

                self._index = WorkspaceIndex(self)
            return self._index

    @property
    def opened_index(self) -> WorkspaceIndex | None:
        """The index if somebody uses it already."""
        return self._index

    # Changes

    def open(self, path: Path, source: Source) -> None:
        """From now on `source` is the text at `path`, whatever the disk says; also tells of a changed buffer."""
        self._buffers[absolute(path)] = source
        self._revision += 1

    def close(self, path: Path) -> None:
        """From now on the disk says what is at `path`."""
        self._buffers.pop(absolute(path), None)
        self._revision += 1

    @property
    def open_paths(self) -> tuple[Path, ...]:
        """The prompts that are open, whatever their names; files of test cases are none."""
        return tuple(path for path in self._buffers if not path.name.endswith((TESTS_SUFFIX, ".test.yml")))

    def changed_on_disk(self, paths: Iterable[Path]) -> None:
        """Files were made, changed or deleted; settings are read again if some of them are settings files.

        Prompts need not be told of: they are compared with the disk whenever they are asked for.
        """
        if {path.name for path in paths} & {FILE_NAME, PYPROJECT}:
            self._settings = self._settings.fresh()
        self._revision += 1
        self._disk_revision += 1

    def configure(self, folders: Iterable[Path] | None = None, sources: SettingsSources | None = None) -> None:
        """Work with other workspace folders, other settings of the editor, or both."""
        if folders is not None:
            self.folders = tuple(map(absolute, folders))
        known = self._settings
        self._settings = SettingsCache(sources or known.sources, self.folders, known.find_settings)
        self._revision += 1
        self._disk_revision += 1

    @contextmanager
    def settled(self) -> Iterator[None]:
        """For a question about many files: until it ends, whatever is seen on disk is taken not to change.

        Holds for the thread that asks; what the workspace is told of is seen at once.
        """
        with self._glances.question():
            yield

    # Settings

    def loaded_settings(self, path: Path) -> LoadedSettings:
        """The settings of a file, with what is wrong with them and where they come from."""
        return self._settings.loaded(absolute(path).parent)

    def settings(self, path: Path) -> Settings:
        """The settings of a file; one and the same object until they change."""
        return self.loaded_settings(path).settings

    @property
    def settings_problems(self) -> tuple[SettingsProblem, ...]:
        """What was wrong with the settings that were needed so far."""
        return self._settings.problems

    # Files

    def discover(
        self, paths: Iterable[Path] | None = None, wanted: discovery.Wanted = is_prompt_file
    ) -> Iterator[Path | FileProblem]:
        """Every prompt at or below `paths` (the workspace's folders if None), and why others cannot be looked at."""
        return discovery.discover(self.folders if paths is None else paths, self._settings.excluded, wanted)

    def files(self) -> set[Path]:
        """Every prompt of the workspace and every open one."""
        return {*(each for each in self.discover() if isinstance(each, Path)), *self.open_paths}

    def source(self, path: Path) -> Source:
        """The text at a path, from its buffer or from disk; raises `FileProblem`."""
        path = absolute(path)
        return self._buffers.get(path) or read_source(path)

    def exists(self, path: Path) -> bool:
        """Whether a file is open or on disk."""
        return path in self._buffers or self._once(("exists", path), path.is_file)

    def prompt(self, path: Path) -> Prompt:
        """The prompt at a path; the same object until something that it is made of changes. Raises `FileProblem`."""
        path = absolute(path)
        with self._lock:
            return self._prompt(path) if self._depth else self._once(("prompt", path), lambda: self._prompt(path))

    def _once(self, key: Hashable, find_out: Callable[[], Answer]) -> Answer:
        return self._glances.once(self._revision, key, find_out)

    def _prompt(self, path: Path) -> Prompt:
        entry = self._entries.get(path)
        if entry is None or not self._is_current(path, entry):
            entry = self._new_entry(path, entry)
            self._entries[path] = entry
            if len(self._entries) > self._most_prompts:
                self._entries.popitem(last=False)
        self._entries.move_to_end(path)
        return entry.prompt

    def _new_entry(self, path: Path, old: _Entry | None) -> _Entry:
        version = self.version(path)
        asked = Questions(self)
        if old is not None and old.version == version:
            return _Entry(version, old.prompt.elsewhere(self.settings(path), asked), asked)
        prompt = Prompt(
            version if isinstance(version, Source) else read_source(path),
            settings=self._settings.loaded(path.parent).settings,
            path=path,
            project=asked,
            check_cancelled=self._check_cancelled,
        )
        return _Entry(version, prompt, asked)

    def version(self, path: Path) -> Source | Stamp | None:
        """What changes when a text does: its buffer, or the state of its file; None where there is neither."""
        return self._buffers.get(path) or self._once(("stamp", path), lambda: stamp(path))

    def _is_current(self, path: Path, entry: _Entry) -> bool:
        """Whether a prompt is still what would be made now: its own text, its settings, and what it was told of others.

        Asking again leads to other prompts, and in cycles back here; each prompt is looked at once.
        """
        if entry.version != self.version(path) or entry.prompt.settings is not self.settings(path):
            return False
        if path in self._checked or self._depth > _DEEPEST:
            return True
        self._checked.add(path)
        self._depth += 1
        try:
            return entry.asked.are_answered_alike()
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._checked.clear()

    # What a prompt may ask about its project

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        """See `Project`. A partial that cannot be read counts as missing."""
        path = self.partial_path(name, prompt)
        if path is None or not self.exists(path):
            return None
        try:
            return self.prompt(path)
        except FileProblem:
            return None

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        """See `Project`."""
        return self.partial_path_from(name, absolute(prompt.path), prompt.settings) if prompt.path else None

    def partial_path_from(self, name: str, path: Path, settings: Settings) -> Path | None:
        """Where the partial `name` is or would be for the file at `path`; None for refused names."""
        folder = path.parent
        key = ("partial", name, folder, id(settings))
        return self._once(key, lambda: partials.find_partial(name, path, settings, self.folders, self))

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        """See `Project`. The prompt itself is left out: a partial that includes itself never ends."""
        if prompt.path is None:
            return ()
        own = absolute(prompt.path)
        roots = partials.roots(own.parent, prompt.settings, self.folders)
        tops = roots if prompt.settings.prompt_roots else roots[-1:]
        names = {
            partials.name_in(path, next(root for root in roots if path.is_relative_to(root)))
            for top in tops
            for path in self.partials_below(top)
            if path != own
        }
        names |= {
            partials.name_in(path, path.parent)
            for top in partials.bare_name_roots(roots, prompt.settings)
            for path in self.partials_below(top)
            if path != own
        }
        return sorted(name for name in names if name)

    def partials_below(self, top: Path) -> Sequence[Path]:
        """The partials at and below a folder, those on disk in order of their paths, then those only in buffers."""
        listing = self._once(("listing", top), lambda: self._listing(top))
        unsaved = (path for path in self._buffers if partials.name_in(path, top) and path not in listing.partials)
        return [*listing.partials, *unsaved]

    def _listing(self, top: Path) -> partials.Listing:
        listing = self._listings.get(top)
        if listing is None or not listing.is_current():
            listing = self._listings[top] = partials.list_partials(top)
        return listing

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        """See `Project`. Of a folder with very many files the first ones count."""
        if prompt.path is None:
            return False
        own = absolute(prompt.path)
        return any(path != own and self._is_plainly_dotprompt(path) for path in self._prompts_in(own.parent))

    def has_tests(self, prompt: Prompt) -> bool:
        """See `Project`. A variant may share the cases of its prompt."""
        if prompt.path is None:
            return False
        path = absolute(prompt.path)
        name = path.name.removesuffix(path.suffix)
        names = dict.fromkeys((name, name.partition(".")[0]))
        return any(self.exists(path.with_name(each + TESTS_SUFFIX)) for each in names if each)

    def _prompts_in(self, folder: Path) -> list[Path]:
        return self._once(("prompts", folder), lambda: self._listed(folder))

    def _listed(self, folder: Path) -> list[Path]:
        try:
            found = {path for path in folder.iterdir() if is_prompt_file(path.name)}
        except OSError:
            found = set()
        found.update(path for path in self._buffers if path.parent == folder and is_prompt_file(path.name))
        return sorted(found)[:_MOST_SIBLINGS]

    def _is_plainly_dotprompt(self, path: Path) -> bool:
        """Asked of the file's text alone: a workspace's prompt would have to ask its own siblings whether it is new."""
        version = self.version(path)
        known = self._plain.get(path)
        if known is None or known[0] != version:
            try:
                alone = Prompt(self.source(path), settings=self.settings(path), path=path)
                known = (version, recognised_alone(alone).format == "dotprompt")
            except FileProblem:
                known = (version, False)
            self._plain[path] = known
        return known[1]

    # Who includes whom, and who says what

    def includers(self, among: Iterable[Path] | None = None) -> dict[Path, set[Path]]:
        """The files that include each partial by a fixed name, directly.

        They are looked for among the given files and the partials that these include, or else among all of the
        workspace and the open ones.
        """
        return self._inclusions.includers(self.files() if among is None else among)

    def dependents(self, path: Path, among: Iterable[Path] | None = None) -> frozenset[Path]:
        """The files that include the partial at `path`, directly or through others; see `includers`."""
        target = absolute(path)
        return partials.reachable(target, self.includers(among)) - {target}

    def included(self, path: Path) -> Iterator[tuple[str, Path]]:
        """The partials that a file includes by a fixed name, found without parsing it, and where they are or would be.

        A file that cannot be read includes none.
        """
        return self._inclusions.included(path)

    def is_included(self, prompt: Prompt) -> bool:
        """See `Project`."""
        return prompt.path is None or self._inclusions.is_included(absolute(prompt.path), self._disk_revision)

    def computing(self) -> list[Path]:
        """The files that include partials whose names are known only when they run, in order."""
        return sorted(each for each in self.files() if COMPUTED in self._inclusions.names(each))

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        """See `Project`. Only an index that is already there is asked; what it knows of may be gone since."""
        if self._index is None:
            from promptls.store.location import index_file

            if not index_file(self.folders).exists():
                return ()
        return [path for path in self.index.alike(prompt) if self.exists(path)]

    def names(self) -> dict[Path, tuple[str, ...] | None]:
        """Every prompt and what it is known by: its names, its title, its inputs; None where the index cannot tell."""
        known = self._index.names() if self._index is not None else {}
        found: dict[Path, tuple[str, ...] | None] = dict.fromkeys(self.files())
        for path in found:
            entry = known.get(path)
            if entry is not None and entry[0] == self.version(path):
                found[path] = entry[1]
        return found

    def mentioning(self, word: str) -> Iterator[Path]:
        """The files whose text holds a string, in order; those that the index knows are not read."""
        from_index = self._index.mentioning(word) if self._index is not None else {}
        for path in sorted(self.files()):
            known = from_index.get(path)
            if known is not None and known[0] == self.version(path):
                if known[1]:
                    yield path
                continue
            try:
                if word in self.source(path).text:
                    yield path
            except FileProblem:
                continue


@dataclass(frozen=True, slots=True)
class _Entry:
    """A prompt, the buffer or the state of the disk that it was made of, and what it asked its project."""

    version: Source | Stamp | None
    prompt: Prompt
    asked: Questions

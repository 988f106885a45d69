"""One conversation: the client, its open documents, the workspace behind them, and the threads that do the work."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pygls.exceptions import JsonRpcInvalidParams

from promptls.lsp.client import Client
from promptls.lsp.documents import Document, Documents
from promptls.lsp.offers import Offers
from promptls.lsp.schedule import Pool, Token, check_cancelled
from promptls.lsp.token_results import TokenResults
from promptls.lsp.uris import to_path, to_uri

if TYPE_CHECKING:
    from promptls.ide.test_files import Runs
    from promptls.language.prompt import Prompt
    from promptls.lsp.convert import Lines
    from promptls.settings import SettingsSources
    from promptls.workspace import Workspace

Answer = TypeVar("Answer")

_COLLECTOR_THRESHOLDS = (100_000, 50, 100)
_UNSAVED = "untitled.prompt"
# References and renames may look at every prompt of a project; those of a thousand are not read again each time.
_MOST_PROMPTS = 1_500
_SETTINGS_FILES = ("promptls.toml", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The workspace of a question, and the versions of the open documents at the time that it was asked.

    `tell` shows the user a sentence, and `count_better` says that the tokens for a model were estimated for want of a
    vocabulary, which should be loaded; `plan_ahead` that somebody may soon ask what the optimiser would do. All may be
    called from any thread.
    """

    workspace: Workspace
    client: Client
    documents: Mapping[Path, Document]
    tokens: TokenResults
    offers: Offers
    tell: Callable[[str], None]
    count_better: Callable[[str | None], None]
    plan_ahead: Callable[[Prompt], None]
    test_runs: Mapping[Path, Runs]

    def uri(self, path: Path) -> str:
        """The address of a file, as the client wrote it where it has the file open."""
        document = self.documents.get(path)
        return document.uri if document is not None else to_uri(path)

    def lines(self, path: Path) -> Lines | None:
        """The lines of a file, or None where it cannot be read."""
        from promptls.lsp.convert import Lines
        from promptls.workspace import FileProblem

        document = self.documents.get(path)
        try:
            source = document.source if document is not None else self.workspace.source(path)
        except FileProblem:
            return None
        return Lines(source, self.client.encoding)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of one document, with what it takes to answer a question about it."""

    document: Document
    prompt: Prompt
    lines: Lines
    client: Client
    surroundings: Surroundings

    def lines_of(self, path: Path | None) -> Lines | None:
        """The lines of a file, or None where it cannot be read; the document itself is meant by no path."""
        return self.lines if path is None or path == self.prompt.path else self.surroundings.lines(path)

    def uri_of(self, path: Path | None) -> str:
        """The address of a file; the document itself is meant by no path."""
        return self.document.uri if path is None or path == self.prompt.path else self.surroundings.uri(path)


class Session:
    """State that outlives a request. To be used from the event loop.

    What is slow to import (settings, workspace, rules) is loaded by `start`, after `initialize` has been answered;
    `ready` is set once questions can be answered.
    """

    def __init__(self) -> None:
        self.client = Client()
        self.documents = Documents()
        self.analysis = Pool("analysis", 1)
        self.requests = Pool("requests", 2)
        self.slow_requests = Pool("slow requests", 1)
        self.background = Pool("background", 1)
        self.tokens = TokenResults()
        self.offers = Offers()
        self.test_runs: dict[Path, Runs] = {}
        self.tell: Callable[[str], None] = lambda _: None
        self.count_better: Callable[[str | None], None] = lambda _: None
        self.plan_ahead: Callable[[Prompt], None] = lambda _: None
        self.ready = asyncio.Event()
        self.folders: Sequence[Path] = ()
        self._workspace: Workspace
        self._untitled: dict[str, Prompt] = {}
        self._stamps: dict[Path, object] = {}

    async def load(self) -> None:
        """Import what is slow, beside the loop."""
        await self.analysis.run(_import)

    def start(self, folders: Sequence[Path], settings: Mapping[str, Any]) -> None:
        """Begin to answer questions, with these workspace folders and settings of the editor; `load` comes first."""
        from promptls.workspace import Workspace

        self.folders = folders
        self._workspace = Workspace(
            folders, _sources(settings), check_cancelled=check_cancelled, most_prompts=_MOST_PROMPTS
        )
        for document in self.documents:
            self._put(document)
        self.ready.set()

    def configure(self, folders: Sequence[Path], settings: Mapping[str, Any]) -> None:
        """Go on with other workspace folders and settings of the editor."""
        self.folders = folders
        self._workspace.configure(folders, _sources(settings))

    def changed(self, document: Document) -> None:
        """Work with a new snapshot from now on."""
        if self.ready.is_set():
            self._put(document)

    def closed(self, document: Document) -> None:
        """Work with what is on disk from now on."""
        self._untitled.pop(document.uri, None)
        self.tokens.forget(document.uri)
        path = to_path(document.uri)
        if path is not None and self.ready.is_set():
            self._workspace.close(path)

    def changed_on_disk(self, paths: Iterable[Path]) -> None:
        """Look again at files that were made, changed or deleted."""
        if self.ready.is_set():
            self._workspace.changed_on_disk(tuple(paths))

    def _put(self, document: Document) -> None:
        if path := to_path(document.uri):
            self._workspace.open(path, document.source)

    def document(self, uri: str) -> Document:
        """The newest snapshot of an open document; raises what the client is told where it is not open."""
        document = self.documents.get(uri)
        if document is None:
            raise JsonRpcInvalidParams(f"{uri} is not open")
        return document

    async def ask(
        self,
        document: Document,
        question: Callable[[Snapshot], Answer],
        pool: Pool,
        token: Token | None = None,
        *,
        even_if_old: bool = False,
    ) -> Answer:
        """The answer to a question about a snapshot, found in a thread of `pool`.

        Raises `Cancelled` where `token` was cancelled, or where the text had moved on before the work began, unless the
        question is to be answered `even_if_old`.
        """
        await self.ready.wait()
        surroundings = self._surroundings()

        def work() -> Answer:
            with surroundings.workspace.settled():
                return question(self._snapshot(document, surroundings, even_if_old=even_if_old))

        return await pool.run(work, token)

    async def ask_workspace(
        self, question: Callable[[Surroundings], Answer], pool: Pool, token: Token | None = None
    ) -> Answer:
        """The answer to a question about the workspace as a whole; raises `Cancelled` as `ask` does."""
        await self.ready.wait()
        surroundings = self._surroundings()

        def work() -> Answer:
            with surroundings.workspace.settled():
                return question(surroundings)

        return await pool.run(work, token)

    def _surroundings(self) -> Surroundings:
        documents = {path: document for document in self.documents if (path := to_path(document.uri))}
        return Surroundings(
            self._workspace,
            self.client,
            documents,
            self.tokens,
            self.offers,
            self.tell,
            self.count_better,
            self.plan_ahead,
            self.test_runs,
        )

    def _snapshot(self, document: Document, surroundings: Surroundings, *, even_if_old: bool) -> Snapshot:
        from promptls.language.prompt import Cancelled, Prompt
        from promptls.lsp.convert import Lines

        path = to_path(document.uri)
        prompt = self._workspace.prompt(path) if path else self._untitled_prompt(document)
        if prompt.source is not document.source:
            if not even_if_old:
                raise Cancelled
            prompt = Prompt(
                document.source, settings=prompt.settings, path=prompt.path, project=prompt.project,
                check_cancelled=check_cancelled,
            )  # fmt: skip
        lines = Lines(document.source, self.client.encoding)
        return Snapshot(document, prompt, lines, self.client, surroundings)

    def _untitled_prompt(self, document: Document) -> Prompt:
        """The prompt of a text that is no file: it has settings but no project."""
        from promptls.language.prompt import Prompt

        settings = self._workspace.settings((*self.folders, Path.cwd())[0] / _UNSAVED)
        known = self._untitled.get(document.uri)
        if known is not None and known.source is document.source and known.settings is settings:
            return known
        prompt = Prompt(document.source, settings=settings, check_cancelled=check_cancelled)
        self._untitled[document.uri] = prompt
        return prompt

    async def settings_problems(self) -> Sequence[str]:
        """What is wrong with the settings of the folders and the open documents, a sentence each."""
        paths = [folder / _UNSAVED for folder in self.folders] + list(self._paths())
        return await self.analysis.run(lambda: _settings_problems(self._workspace, paths))

    async def changed_settings_files(self) -> Sequence[Path]:
        """The settings files at or above open documents that changed since this was last asked.

        For clients that do not tell of changed files.
        """
        folders = {parent for path in self._paths() for parent in path.parents}
        stamps = await self.analysis.run(lambda: _stamps(folders))
        known, self._stamps = self._stamps, {**self._stamps, **stamps}
        return [path for path, stamp in stamps.items() if path in known and known[path] != stamp]

    def _paths(self) -> Iterator[Path]:
        for document in self.documents:
            if path := to_path(document.uri):
                yield path


def _import() -> None:
    import promptls.lint.runner
    import promptls.lsp.convert
    import promptls.workspace

    promptls.lint.runner.registry()
    # What is loaded by now stays, and trees hold no cycles: from now on there is little for the collector to find.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_THRESHOLDS)


def _sources(settings: Mapping[str, Any]) -> SettingsSources:
    from promptls.settings import SettingsSources

    return SettingsSources(editor=settings, in_editor=True)


def _settings_problems(workspace: Workspace, paths: Iterable[Path]) -> list[str]:
    from promptls.lint.runner import registry, rule_problems

    problems: list[str] = []
    for path in paths:
        loaded = workspace.loaded_settings(path)
        knows = registry(loaded.settings).knows
        problems += map(str, (*loaded.problems, *loaded.unknown_selectors(knows), *rule_problems(loaded.settings)))
    return list(dict.fromkeys(problems))


def _stamps(folders: Iterable[Path]) -> dict[Path, object]:
    from promptls.workspace.files import stamp

    return {path: stamp(path) for folder in folders for name in _SETTINGS_FILES if (path := folder / name)}

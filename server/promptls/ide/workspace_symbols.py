"""Finding prompts, partials, inputs and named schemas anywhere in the workspace by a part of their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from typing import Literal

from promptls.ide.locations import Location
from promptls.ide.settings_places import settings_place
from promptls.language.inputs import inputs
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlScalar, resolve
from promptls.workspace import FileProblem, Workspace, prompt_name

WorkspaceSymbolKind = Literal["prompt", "partial", "input", "schema"]

_MOST = 300


@dataclass(frozen=True, slots=True)
class WorkspaceSymbol:
    """Something with a name; `container` is what it belongs to: the folder of a prompt, the prompt of an input."""

    name: str
    kind: WorkspaceSymbolKind
    location: Location
    container: str


def workspace_symbols(workspace: Workspace, query: str) -> tuple[WorkspaceSymbol, ...]:
    """The symbols that match a query, best first; all of them, up to a bound, where it is empty.

    The letters of each of the query's words must occur in this order, whatever stands between them.
    """
    words = query.casefold().split()
    with workspace.settled():
        rated = [(_rating(words, symbol), symbol) for symbol in _symbols(workspace, words)]
    fitting = ((rating, symbol) for rating, symbol in rated if rating is not None)
    best = nlargest(_MOST, fitting, key=lambda each: each[0])
    return tuple(symbol for _, symbol in best)


def _symbols(workspace: Workspace, words: list[str]) -> Iterator[WorkspaceSymbol]:
    schemas: set[WorkspaceSymbol] = set()
    seen: set[int] = set()
    for path in sorted(_candidates(workspace, words)):
        try:
            prompt = workspace.prompt(path)
        except FileProblem:
            continue
        prompt.check_cancelled()
        folder = _folder(workspace, path)
        yield from (_in_folder(symbol, folder) for symbol in file_symbols(prompt))
        if id(prompt.settings) not in seen:
            seen.add(id(prompt.settings))
            schemas.update(_schemas(workspace, prompt))
    yield from sorted(schemas, key=lambda each: each.name)


def _candidates(workspace: Workspace, words: list[str]) -> Iterator[Path]:
    """The files that may hold the best symbols: those that the index knows nothing of, and the best of the others."""
    rated: list[tuple[float, Path]] = []
    for path, names in workspace.names().items():
        if names is None:
            yield path
            continue
        folder = _folder(workspace, path)
        ratings = (_rating_of(words, name, f"{folder}/{names[0]}") for name in names)
        best = max((each for each in ratings if each is not None), default=None)
        if best is not None:
            rated.append((best, path))
    yield from (path for _, path in nlargest(_MOST, rated))


def _in_folder(symbol: WorkspaceSymbol, folder: str) -> WorkspaceSymbol:
    if symbol.container or not folder:
        return symbol
    return WorkspaceSymbol(symbol.name, symbol.kind, symbol.location, folder)


@facet
def file_symbols(prompt: Prompt) -> tuple[WorkspaceSymbol, ...]:
    """What one file adds to the workspace's symbols: itself, by name and by title, and its inputs."""
    assert prompt.path is not None
    written = prompt_name(prompt.path)
    own = metadata(prompt).name
    name = own.value if own is not None else ".".join(each for each in (written.name, written.variant) if each)
    kind: WorkspaceSymbolKind = "partial" if written.is_partial else "prompt"
    found = [WorkspaceSymbol(name, kind, Location(prompt.path, own.range if own else Range(0, 0)), "")]
    for entry in metadata(prompt).unknown:
        title = resolve(entry.value)
        if entry.name == "title" and isinstance(title, YamlScalar) and isinstance(title.value, str):
            found.append(WorkspaceSymbol(title.value, kind, Location(prompt.path, entry.value.range), name))
    for each in inputs(prompt).declarations.values():
        found.append(WorkspaceSymbol(each.name, "input", Location(prompt.path, each.range), name))
    return tuple(found)


def _schemas(workspace: Workspace, prompt: Prompt) -> Iterator[WorkspaceSymbol]:
    for name in prompt.settings.schemas:
        place = settings_place(workspace, prompt.path, "schema", name)
        if place is not None and place.path is not None:
            yield WorkspaceSymbol(name, "schema", Location(place.path, place.name), place.path.name)


def _folder(workspace: Workspace, path: Path) -> str:
    root = next((each for each in workspace.folders if path.is_relative_to(each)), None)
    folder = path.parent.relative_to(root) if root is not None else path.parent
    return "" if folder == Path() else folder.as_posix()


def _rating(words: list[str], symbol: WorkspaceSymbol) -> float | None:
    """How well a symbol fits, None if it does not: its whole name, its beginning, a part, or scattered letters."""
    return _rating_of(words, symbol.name, symbol.container)


def _rating_of(words: list[str], name: str, container: str) -> float | None:
    name = name.casefold()
    rating = 0.0
    for word in words:
        if name == word:
            rating += 4
        elif name.startswith(word):
            rating += 3
        elif word in name:
            rating += 2
        elif _is_scattered(word, name):
            rating += 1
        elif _is_scattered(word, f"{container}/{name}".casefold()):
            rating += 0.5
        else:
            return None
    return rating - len(name) / 1000


def _is_scattered(word: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in word)

"""The tools that a project knows by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt
from promptls.settings import Settings
from promptls.workspace import Workspace
from promptls.workspace.files import FileProblem

_MOST_FILES = 300
_MENTION = re.compile(r"^tools[ \t]*:", re.MULTILINE)


def known_tools(prompt: Prompt, workspace: Workspace | None) -> Iterator[tuple[str, str]]:
    """Names of tools and where they come from: the settings, this prompt's own definitions, then other prompts.

    Of a workspace with very many files those that are open and those nearby count.
    """
    seen: set[str] = set()
    for name, origin in _all(prompt, workspace):
        if name not in seen:
            seen.add(name)
            yield name, origin


def _all(prompt: Prompt, workspace: Workspace | None) -> Iterator[tuple[str, str]]:
    yield from ((name, "from the settings") for name in prompt.settings.tools)
    for definition in metadata(prompt).tool_definitions:
        entry = definition.get("name")
        name = getattr(entry.value, "value", None) if entry else None
        if isinstance(name, str):
            yield name, "defined in this prompt"
    if workspace is not None:
        for path in _others(prompt, workspace):
            prompt.check_cancelled()
            for name in _tools_in(workspace, path):
                yield name, f"used in {path.name}"


def _others(prompt: Prompt, workspace: Workspace) -> Iterator[Path]:
    nearby = workspace.discover([prompt.path.parent]) if prompt.path is not None else ()
    found = islice(chain(workspace.open_paths, nearby, workspace.discover()), _MOST_FILES)
    return (path for path in dict.fromkeys(found) if isinstance(path, Path) and path != prompt.path)


def _tools_in(workspace: Workspace, path: Path) -> tuple[str, ...]:
    try:
        text = workspace.source(path).text
    except FileProblem:
        return ()
    return _named_tools(text) if _MENTION.search(text) else ()


@lru_cache(maxsize=_MOST_FILES)
def _named_tools(text: str) -> tuple[str, ...]:
    return tuple(tool.value for tool in metadata(Prompt(text, settings=Settings())).tools)

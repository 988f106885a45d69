"""Answers across files are the same with the index, without it, and from a full parse of every file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.names import Name, names
from promptls.ide.references import references
from promptls.ide.rename import rename
from promptls.ide.workspace_symbols import workspace_symbols
from promptls.language.prompt import Prompt
from promptls.settings import SettingsSources
from promptls.store.index import Store
from promptls.workspace import Workspace
from promptls.workspace.index import WorkspaceIndex
from promptls.workspace.partials import includes_computed_name
from tests.support import ROOT, SHARED

KINDS = ("partial", "tool", "model", "schema")
MORE = {
    "team/_signature.prompt": "Regards, {{> tone}} the team.\n",
    "team/_lonely.prompt": "Nobody includes this.\n",
    "team/letter.prompt": '---\nmodel: googleai/gemini-2.5-flash\n---\n{{role "system"}}\nWrite. {{> signature}}\n',
    "team/mail.prompt": '---\ntools: [searchFlights]\n---\n{{role "system"}}\nWrite. {{> signature}} {{> missing}}\n',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Samples, the corpus where it is at hand, and a few files that include each other."""
    folder = tmp_path_factory.mktemp("answers")
    shutil.copytree(ROOT / "samples", folder / "samples")
    if SHARED.is_dir():
        shutil.copytree(SHARED / "corpus", folder / "corpus")
    for name, text in MORE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def plain(folder: Path) -> Workspace:
    return Workspace([folder], SettingsSources(user=None, variables={}), most_prompts=1_000)


def indexed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a fresh index; from now on it may read no file for its text alone."""
    workspace = plain(folder)
    workspace._index = WorkspaceIndex(workspace, Store(None))
    workspace.index.refresh(judging=False)
    monkeypatch.setattr(Workspace, "source", _unread)
    return workspace


def _unread(_: Workspace, path: Path) -> None:
    raise AssertionError(f"{path} was read, although the index knows its text")


def every_prompt(workspace: Workspace) -> Iterator[Prompt]:
    for path in sorted(workspace.files()):
        yield workspace.prompt(path)


def chosen_names(workspace: Workspace) -> dict[tuple[Path, int], Name]:
    """One name of each kind and word in each file, by file and offset."""
    found: dict[tuple[Path, int], Name] = {}
    for prompt in every_prompt(workspace):
        seen = set()
        for each in names(prompt):
            if each.kind in KINDS and (each.kind, each.name) not in seen:
                seen.add((each.kind, each.name))
                assert prompt.path is not None
                found[prompt.path, each.range.start] = each
    return found


def test_references(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = plain(folder)
    asked = list(chosen_names(without))
    assert len(asked) > 30
    asked = asked[:: max(1, len(asked) // 40)]
    expected = {key: references(without, without.prompt(key[0]), key[1]) for key in asked}
    workspace = indexed(folder, monkeypatch)
    for (path, offset), answer in expected.items():
        assert references(workspace, workspace.prompt(path), offset) == answer


def test_references_to_partials_are_those_of_a_full_parse(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = indexed(folder, monkeypatch)
    parsed: dict[Path, set[tuple[Path, int]]] = {}
    for prompt in every_prompt(workspace):
        for each in names(prompt):
            if each.kind == "partial" and (target := prompt.project.partial_path(each.name, prompt)) is not None:
                assert prompt.path is not None
                parsed.setdefault(target, set()).add((prompt.path, each.range.start))
    assert len(parsed) > 5
    for places in parsed.values():
        path, offset = min(places)
        found = references(workspace, workspace.prompt(path), offset)
        assert {(each.path, each.range.start) for each in found} == places


def renamed(workspace: Workspace, path: Path, offset: int) -> WorkspaceEdit | str:
    try:
        return rename(workspace, workspace.prompt(path), offset, "renamed_name")
    except Refused as refused:
        return str(refused)


def test_rename(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = plain(folder)
    asked = chosen_names(without)
    expected = {key: renamed(without, *key) for key in asked}
    assert sum(isinstance(each, WorkspaceEdit) for each in expected.values()) > 10
    workspace = indexed(folder, monkeypatch)
    for key, answer in expected.items():
        assert renamed(workspace, *key) == answer


def test_unused_partials(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = indexed(folder, monkeypatch)
    included: set[Path] = set()
    computed = False
    partials = []
    for prompt in every_prompt(workspace):
        assert prompt.path is not None
        computed = computed or includes_computed_name(prompt.text)
        if prompt.path.name.startswith("_"):
            partials.append(prompt)
        targets = (prompt.project.partial_path(each.name, prompt) for each in names(prompt) if each.kind == "partial")
        included.update(target for target in targets if target is not None and target != prompt.path)
    unused = {prompt.path for prompt in partials if not computed and prompt.path not in included}
    assert {prompt.path for prompt in partials if not workspace.is_included(prompt)} == unused
    assert computed or folder / "team" / "_lonely.prompt" in unused


def test_open_buffers_count_instead_of_their_files(folder: Path) -> None:
    from promptls.syntax.source import Source

    workspace = plain(folder)
    lonely, letter = folder / "team" / "_lonely.prompt", folder / "team" / "letter.prompt"
    includers = {each for each in workspace.files() if includes_computed_name(workspace.source(each).text)}
    for each in includers:
        workspace.open(each, Source("Nothing here.\n"))
    assert not workspace.is_included(workspace.prompt(lonely))
    workspace.open(letter, Source("{{> lonely}}\n"))
    assert workspace.is_included(workspace.prompt(lonely))
    workspace.close(letter)
    assert not workspace.is_included(workspace.prompt(lonely))


@pytest.mark.parametrize("query", ["travel", "rcp", "ticket", "welcome formal", "question", "lonely", "zzqx"])
def test_workspace_symbols(folder: Path, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    expected = workspace_symbols(plain(folder), query)
    assert bool(expected) == (query != "zzqx")
    workspace = indexed(folder, monkeypatch)
    assert workspace_symbols(workspace, query) == expected

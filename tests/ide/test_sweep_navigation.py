"""Everything that navigates, at offsets of all samples and of damaged ones: no exception, nothing outside a text."""

import random
from pathlib import Path

import pytest

from promptls.ide.call_hierarchy import incoming_calls, outgoing_calls, prepare_call_hierarchy
from promptls.ide.edits import FileRename, Refused
from promptls.ide.highlights import highlights
from promptls.ide.inlay_hints import inlay_hints
from promptls.ide.links import document_links
from promptls.ide.navigation import declaration, definition, type_definition
from promptls.ide.references import references
from promptls.ide.rename import prepare_rename, rename
from promptls.ide.rename_files import will_rename_files
from promptls.ide.workspace_symbols import workspace_symbols
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range, Source
from promptls.workspace import Workspace
from tests.ide.projects import Project
from tests.support import ROOT
from tests.support.damage import damaged

SAMPLES = ROOT / "samples"
FILES = {path.relative_to(SAMPLES).as_posix(): path.read_text("utf-8") for path in SAMPLES.rglob("*.prompt")}


def check_offset(workspace: Workspace, prompt: Prompt, offset: int) -> None:
    def inside(path: Path | None, range: Range) -> None:
        text = workspace.source(path).text if path is not None else prompt.text
        assert 0 <= range.start <= range.end <= len(text)

    for question in (definition, declaration, type_definition):
        for link in question(workspace, prompt, offset):
            inside(prompt.path, link.origin)
            inside(link.path, link.range)
            assert link.range.encloses(link.selection)
    for location in references(workspace, prompt, offset):
        inside(location.path, location.range)
    marks = [each.range for each in highlights(prompt, offset)]
    assert len(set(marks)) == len(marks)
    for mark in marks:
        inside(prompt.path, mark)
    item = prepare_call_hierarchy(workspace, prompt, offset)
    for call in (*incoming_calls(workspace, item), *outgoing_calls(workspace, item)) if item else ():
        inside(call.item.path, call.item.range)
    try:
        assert prepare_rename(workspace, prompt, offset).range.contains(offset)
        edit = rename(workspace, prompt, offset, "brandNew")
    except Refused as refused:
        reason = refused.reason
    else:
        reason = "None."
        for path, edits in edit.edits.items():
            workspace.source(path or Path()).edited(edits)
    assert reason.endswith(".") and len(reason) < 300


def check_file(workspace: Workspace, prompt: Prompt) -> None:
    for link in document_links(workspace, prompt):
        assert 0 <= link.range.start <= link.range.end <= len(prompt.text)
    for hint in inlay_hints(prompt):
        assert 0 <= hint.offset <= len(prompt.text)
    assert prompt.path is not None
    edit = will_rename_files(workspace, [FileRename(prompt.path, prompt.path.with_name("_moved.prompt"))])
    for path, edits in edit.edits.items():
        workspace.source(path or Path()).edited(edits)


@pytest.mark.parametrize("path", sorted(FILES))
def test_samples(path: str, tmp_path: Path) -> None:
    project = Project.of(tmp_path, FILES)
    prompt = project.workspace.prompt(project.top / path)
    check_file(project.workspace, prompt)
    offsets = random.Random(path).sample(range(len(prompt.text) + 1), min(25, len(prompt.text) + 1))
    for offset in {0, len(prompt.text), *offsets}:
        check_offset(project.workspace, prompt, offset)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_samples(seed: int, tmp_path: Path) -> None:
    project = Project.of(tmp_path, FILES)
    path = sorted(FILES)[seed % len(FILES)]
    project.workspace.open(project.top / path, Source(damaged(FILES[path], seed)))
    prompt = project.workspace.prompt(project.top / path)
    check_file(project.workspace, prompt)
    for offset in random.Random(seed).sample(range(len(prompt.text) + 1), min(20, len(prompt.text) + 1)):
        check_offset(project.workspace, prompt, offset)
    workspace_symbols(project.workspace, "a")

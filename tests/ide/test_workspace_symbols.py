"""Symbols of the whole workspace by a part of their names."""

from pathlib import Path

import pytest

from promptls.ide.workspace_symbols import workspace_symbols
from promptls.syntax.source import Source
from promptls.workspace import Workspace
from tests.ide.projects import Project

FILES = """\
=== promptls.toml
[schemas.Recipe]
title = "string"
=== chat/support.prompt
---
model: m
title: Customer support 日本
input: {schema: {question: string, customerName: string}}
---
{{question}}
=== chat/greet.formal.prompt
---
name: Grüße
---
x
=== parts/_tone.prompt
---
input: {default: {audience: all}}
---
x
=== broken.prompt
---
input: {schema: {halfTyped: string, [
---
{{
=== plain.prompt
Just text.
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, FILES)


def found(project: Project, query: str) -> list[str]:
    lines = []
    for each in workspace_symbols(project.workspace, query):
        assert each.location.path is not None
        text = project.workspace.source(each.location.path).text
        assert 0 <= each.location.range.start <= each.location.range.end <= len(text)
        lines.append(f"{each.kind} {each.name} ({each.container})")
    return lines


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("support", "prompt support (chat)"),
        ("Customer sup", "prompt Customer support 日本 (support)"),
        ("日本", "prompt Customer support 日本 (support)"),
        ("grü", "prompt Grüße (chat)"),
        ("question", "input question (support)"),
        ("cname", "input customerName (support)"),
        ("tone", "partial tone (parts)"),
        ("rec", "schema Recipe (promptls.toml)"),
        ("half", "input halfTyped (broken)"),
        ("chat sup", "prompt support (chat)"),
    ],
)
def test_finds(project: Project, query: str, first: str) -> None:
    assert found(project, query)[0] == first


def test_everything_and_nothing(project: Project) -> None:
    assert len(found(project, "")) == 11
    assert found(project, "zzz") == []


def test_places(project: Project) -> None:
    (symbol,) = workspace_symbols(project.workspace, "audience")
    assert project.text("parts/_tone.prompt")[slice(*symbol.location.range)] == "audience"
    (schema,) = workspace_symbols(project.workspace, "recipe")
    assert project.text("promptls.toml")[slice(*schema.location.range)] == "Recipe"


def test_unsaved_files_and_no_folders(project: Project) -> None:
    assert workspace_symbols(Workspace(), "") == ()
    project.workspace.configure(folders=[])
    project.workspace.open(project.top / "new.prompt", Source("---\ninput: {schema: {fresh: string}}\n---\n"))
    assert found(project, "fresh") == ["input fresh (new)"]


def test_at_most_a_few_hundred(tmp_path: Path) -> None:
    project = Project(tmp_path, "".join(f"=== p{index}.prompt\nx\n" for index in range(400)))
    assert len(workspace_symbols(project.workspace, "p")) == 300

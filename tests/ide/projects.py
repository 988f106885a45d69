"""Small projects written as one text, with cursors in it, and what they render.

A line `=== path` begins a file; `‸` and `⟦…⟧` are marks as in `tests.support.markers`.
"""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from promptls.ide.edits import WorkspaceEdit
from promptls.language.parameters import undeclared_names
from promptls.language.picoschema import input_schema
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.language.render.sample_input import generate_input
from promptls.settings import SettingsSources
from promptls.syntax.source import Range, Source
from promptls.workspace import Workspace
from tests.support.markers import Marked, marked, show

_HEADER = re.compile(r"^=== (.+)\n", re.MULTILINE)


def archive(text: str) -> dict[str, str]:
    """The files of a text by path; their first and last empty lines belong to nobody."""
    _, *pieces = _HEADER.split(text)
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


class Project:
    """Files in a folder, and a workspace on them; the cursor stands in one of the files."""

    def __init__(self, top: Path, text: str, folders: Sequence[str] = (".",)) -> None:
        self._write(top, {path: marked(content) for path, content in archive(text).items()}, folders)

    @classmethod
    def of(cls, top: Path, files: Mapping[str, str]) -> "Project":
        """A project of these files, without marks."""
        project = cls.__new__(cls)
        project._write(top, {path: Marked(text, (), ()) for path, text in files.items()}, (".",))
        return project

    def _write(self, top: Path, files: dict[str, Marked], folders: Sequence[str]) -> None:
        self.top = top.resolve()
        self.marked = files
        for path, each in self.marked.items():
            file = self.top / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(each.text, encoding="utf-8", newline="")
        roots = [self.top / each for each in folders]
        self.workspace = Workspace(roots, SettingsSources(user=None, variables={}))

    @property
    def file(self) -> str:
        """The file with the cursor."""
        (file,) = (path for path, each in self.marked.items() if each.cursors)
        return file

    @property
    def cursor(self) -> int:
        return self.marked[self.file].cursor

    @property
    def prompt(self) -> Prompt:
        """The prompt with the cursor."""
        return self.workspace.prompt(self.top / self.file)

    def path(self, path: Path | None) -> str:
        """A path as the project's text writes it."""
        assert path is not None
        return path.relative_to(self.top).as_posix()

    def text(self, path: str) -> str:
        return self.workspace.source(self.top / path).text

    def shown(self, found: Mapping[str, Sequence[Range]]) -> str:
        """The files in which something was found, with the ranges marked."""
        return "".join(f"=== {path}\n{show(self.text(path), ranges=found[path])}" for path in sorted(found))

    def ranges(self) -> dict[str, list[Range]]:
        """The marked ranges by file."""
        return {path: list(each.ranges) for path, each in self.marked.items() if each.ranges}

    def after(self, edit: WorkspaceEdit) -> dict[str, str]:
        """The files as they are once an edit is made."""
        files = {path: self.text(path) for path in self.marked}
        for path, edits in edit.edits.items():
            name = self.path(path)
            for each in edits:
                assert 0 <= each.range.start <= each.range.end <= len(files[name])
            files[name] = Source(files[name]).edited(edits).text
        for path, text in edit.created.items():
            files[self.path(path)] = text
        for rename in edit.renames:
            old, new = self.path(rename.old), self.path(rename.new)
            moved = {path: new + path[len(old) :] for path in files if path == old or path.startswith(old + "/")}
            assert moved, f"{old} is not there to be renamed"
            files = {moved.get(path, path): text for path, text in files.items()}
        return files


def messages(top: Path, files: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """What every prompt of a project renders from its data, by path; the files are written to the new folder `top`."""
    workspace = Project.of(top, files).workspace
    found = {}
    for path in data:
        rendering = render(workspace.prompt(top.resolve() / path), RenderRequest(input=data[path]))
        found[path] = ([each.to_data() for each in rendering.messages], [each.kind for each in rendering.errors])
    return found


def example_data(project: Project) -> dict[str, Any]:
    """Data for every prompt that is no partial: made from its schema and from the names that it uses without one."""
    found = {}
    for path in project.marked:
        if path.endswith(".prompt") and not Path(path).name.startswith("_"):
            prompt = project.workspace.prompt(project.top / path)
            schema = input_schema(prompt)
            data = generate_input(schema.type) if schema is not None else {}
            data |= {each.name: _undeclared(each.type, each.name) for each in undeclared_names(prompt)}
            found[path] = data
    return found


def _undeclared(type: str, name: str) -> Any:
    return {"array": [{"title": f"{name} 1"}, {"title": f"{name} 2"}], "object": {"name": name}}.get(type, f"<{name}>")


def renamed_keys(data: Mapping[str, Any], path: str, new: str) -> dict[str, Any]:
    """The data of every prompt with a key renamed: `name`, `user.name` or `items.*.title`."""
    found = json.loads(json.dumps(copy.deepcopy(dict(data))))
    *above, old = path.split(".")
    for values in found.values():
        holders = [values]
        for step in above:
            holders = [inner for each in holders for inner in _below(each, step)]
        for holder in holders:
            if isinstance(holder, dict) and old in holder:
                items = [(new if key == old else key, value) for key, value in holder.items()]
                holder.clear()
                holder.update(items)
    return found


def _below(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if step == "*" else [value[step]] if step in value else []
    return list(value) if isinstance(value, list) and step == "*" else []

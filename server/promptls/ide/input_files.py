"""The files beside a prompt that hold example input for it: `<name>.input.json` and `<name>.input.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from promptls.syntax.yaml_nodes import YamlDocument, read_yaml
from promptls.workspace import FileProblem, Workspace

_ENDINGS = (".input.json", ".input.yaml", ".input.yml")


def input_file_paths(path: Path) -> tuple[Path, ...]:
    """Where the example input of the prompt at `path` may stand."""
    return tuple(path.with_name(path.stem + ending) for ending in _ENDINGS)


def input_files(workspace: Workspace, path: Path) -> Iterator[tuple[Path, str, YamlDocument]]:
    """The files with example input for a prompt: path, text and content, JSON being read as the YAML that it is."""
    for each in input_file_paths(path):
        if not workspace.exists(each):
            continue
        try:
            text = workspace.source(each).text
        except FileProblem:
            continue
        # JSON may be indented with tabs, which YAML refuses.
        readable = text.replace("\t", " ") if each.suffix == ".json" else text
        yield each, text, read_yaml(readable)

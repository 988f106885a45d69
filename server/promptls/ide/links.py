"""What in a prompt leads elsewhere: partials, media, files of schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from promptls.ide.names import names
from promptls.language.formats import is_dotprompt
from promptls.language.json_schema import inner_range
from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import MustacheStatement, StringLiteral
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlNode, YamlScalar, walk
from promptls.workspace import Workspace

_URL = re.compile(r"https?://[^\s\"'<>]+\Z")
_SCHEMA_FILE = re.compile(r"(?P<file>[^\s#:]+\.(?:json|ya?ml))(?:#.*)?\Z")


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A place that leads to a file or to an address."""

    range: Range
    target: Path | str
    tooltip: str


def document_links(workspace: Workspace, prompt: Prompt) -> tuple[DocumentLink, ...]:
    """The links of a prompt in source order; what leads to no file that exists is none."""
    if not is_dotprompt(prompt):
        return ()
    found = {*_partials(workspace, prompt), *_media(workspace, prompt), *_schemas(workspace, prompt)}
    return tuple(sorted(found, key=lambda each: each.range))


def _partials(workspace: Workspace, prompt: Prompt) -> Iterator[DocumentLink]:
    for name in names(prompt):
        if name.kind == "partial":
            path = prompt.project.partial_path(name.name, prompt)
            if path is not None and workspace.exists(path):
                yield DocumentLink(name.range, path, f"Open {_shown(prompt, path)}")


def _media(workspace: Workspace, prompt: Prompt) -> Iterator[DocumentLink]:
    for statement in tree(prompt).of(MustacheStatement):
        tag = statement.tag
        if called_name(tag.path) == "media":
            for pair in tag.hash:
                if pair.key == "url" and isinstance(pair.value, StringLiteral):
                    yield from _link(workspace, prompt, pair.value.content_range, pair.value.value, "medium")


def _schemas(workspace: Workspace, prompt: Prompt) -> Iterator[DocumentLink]:
    known = metadata(prompt)
    nodes: list[YamlNode | None] = [known.input_schema, known.output_schema, *known.tool_definitions]
    for node in nodes:
        for scalar in walk(node) if node is not None else ():
            if isinstance(scalar, YamlScalar) and scalar.style in ("plain", "single", "double"):
                match = _SCHEMA_FILE.match(scalar.text)
                if match or scalar.text.startswith(("http://", "https://")):
                    written = match["file"] if match and "//" not in scalar.text else scalar.text
                    yield from _link(workspace, prompt, inner_range(scalar), written, "schema")


def _link(workspace: Workspace, prompt: Prompt, range: Range, written: str, what: str) -> Iterator[DocumentLink]:
    """A link to an address, or to a file that is named from the prompt's folder."""
    if _URL.match(written):
        yield DocumentLink(range, written, f"Open the {what}")
    elif prompt.path is not None and written and ":" not in written and "\0" not in written:
        path = prompt.path.parent / written
        if workspace.exists(path):
            yield DocumentLink(range, path.resolve(), f"Open {_shown(prompt, path)}")


def _shown(prompt: Prompt, path: Path) -> str:
    near = prompt.path is not None and path.is_relative_to(prompt.path.parent)
    return path.relative_to(prompt.path.parent).as_posix() if near and prompt.path is not None else path.name

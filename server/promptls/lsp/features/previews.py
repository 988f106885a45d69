"""The preview of a prompt: as data for editors that draw it, and as the text of a document that is on no disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from promptls.lsp.uris import to_path

if TYPE_CHECKING:
    from promptls.ide.preview import Preview
    from promptls.language.prompt import Prompt
    from promptls.lsp.session import Snapshot, Surroundings

PREVIEW = "promptls/preview"
SCHEME = "promptls-preview"
SHOW_PREVIEW = "promptls.showPreview"

_OPTIONAL = ("input", "context")


def previewed_uri(params: object) -> str:
    """The document that `promptls/preview` is asked for."""
    match params:
        case {"textDocument": {"uri": str(uri)}}:
            return uri
    raise JsonRpcInvalidParams("promptls/preview needs textDocument.uri")


def preview(params: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """What a prompt renders to, with `input` and `context` if given: the shape of `promptls render --format json`.

    Paths are those of files; positions count code points, as in everything that the command line prints.
    """
    from promptls.ide.preview import preview
    from promptls.ide.preview_text import payload
    from promptls.language.render.engine import RenderRequest

    for name in _OPTIONAL:
        if not isinstance(params.get(name) or {}, dict):
            raise JsonRpcInvalidParams(f"{name} of promptls/preview must be an object")
    request = RenderRequest(params.get("input") or {}, params.get("context") or {})
    found = preview(snapshot.prompt, snapshot.surroundings.workspace, request)
    _count_better(found, snapshot.surroundings)
    return payload(found)


def preview_uri(uri: str) -> str:
    """The address of a document's preview."""
    return virtual_uri(SCHEME, uri)


def virtual_uri(scheme: str, uri: str) -> str:
    """The address of a page that is made of a document, whose own address is in its query."""
    name = urlsplit(uri).path.rsplit("/", 1)[-1] or "preview"
    return f"{scheme}:/{name}.md?{quote(uri, safe='')}"


def document_uri(virtual: str) -> str:
    """The document that the address of such a page means."""
    parts = urlsplit(virtual)
    if not parts.scheme.startswith("promptls-") or not parts.query:
        raise JsonRpcInvalidParams(f"{virtual} is not the address of a page that is made of a prompt")
    uri = unquote(parts.query)
    # Some clients encode the query once more on its way.
    return uri if ":" in uri else unquote(uri)


def prompt_of(uri: str, surroundings: Surroundings, untitled: Prompt | None = None) -> Prompt:
    """The prompt at an address; of one that is not open, what is on disk counts."""
    from promptls.workspace import FileProblem

    path = to_path(uri)
    try:
        prompt = untitled if path is None else surroundings.workspace.prompt(path)
    except FileProblem as problem:
        raise JsonRpcException(str(problem), types.LSPErrorCodes.RequestFailed) from None
    if prompt is None:
        raise JsonRpcInvalidParams(f"{uri} is not open")
    return prompt


def content_of(uri: str, surroundings: Surroundings, untitled: Prompt | None = None) -> str:
    """The preview of a document as Markdown."""
    from promptls.ide.preview import preview
    from promptls.ide.preview_text import markdown

    found = preview(prompt_of(uri, surroundings, untitled), surroundings.workspace)
    _count_better(found, surroundings)
    return markdown(found)


def _count_better(found: Preview, surroundings: Surroundings) -> None:
    from promptls.language.tokens import model_id

    if found.encoding is None:
        surroundings.count_better(model_id(found.prompt))

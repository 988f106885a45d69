"""Searching the workspace's prompts, for the pickers of editors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from promptls.lsp.indexing import may_be_walked
from promptls.lsp.uris import to_path

if TYPE_CHECKING:
    from promptls.lsp.session import Surroundings

SEARCH = "promptls/search"
_LIMIT = 50
_MOST = 1_000


def search(params: object, surroundings: Surroundings) -> dict[str, Any]:
    """What a `query` finds: the shape of `promptls search --format json`, and the `uri` of each result.

    `limit`, `offset` and `sort` may be given, and `typing`: whether the last word may only be begun. With
    `similarTo`, the URI of a prompt, those that are most like it. Where `complete` is false, there may be more soon.
    """
    from promptls.ide import search
    from promptls.store.query import SORTS, parse_query
    from promptls.workspace import FileProblem

    if not isinstance(params, Mapping):
        raise JsonRpcInvalidParams("promptls/search takes an object")
    query, sort, uri = params.get("query", ""), params.get("sort"), params.get("similarTo")
    limit, offset = params.get("limit", _LIMIT), params.get("offset", 0)
    if not isinstance(query, str) or sort not in (None, *SORTS):
        raise JsonRpcInvalidParams(f"promptls/search takes a text as query, and as sort one of {', '.join(SORTS)}")
    if not all(isinstance(each, int) and each >= 0 for each in (limit, offset)):
        raise JsonRpcInvalidParams("limit and offset of promptls/search are whole numbers")
    workspace = surroundings.workspace
    window = min(limit, _MOST), offset
    if uri is not None:
        path = to_path(uri) if isinstance(uri, str) else None
        try:
            if path is None:
                raise JsonRpcInvalidParams("similarTo of promptls/search is not the address of a file")
            answer = search.similar(workspace, workspace.prompt(path), *window, str)
        except FileProblem as problem:
            raise JsonRpcInvalidParams(str(problem)) from problem
    else:
        parsed = parse_query(query, sort=sort, typing=bool(params.get("typing")))
        answer = search.search(workspace, parsed, *window, str)
    for each in answer["results"]:
        each["uri"] = surroundings.uri(Path(each["path"]))
    answer["complete"] = workspace.index.complete or not may_be_walked(workspace.folders)
    return answer

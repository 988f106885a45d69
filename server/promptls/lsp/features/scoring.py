"""Score and tokens: lenses, what a click on one shows, and both as data for editors that draw them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams

from promptls.lsp.features.previews import SHOW_PREVIEW, prompt_of, virtual_uri

if TYPE_CHECKING:
    from promptls.ide.token_counts import TokenCounts
    from promptls.language.prompt import Prompt
    from promptls.lsp.session import Snapshot, Surroundings
    from promptls.syntax.source import Range

SCORE = "promptls/score"
SCHEME = "promptls-score"
EXPLAIN_SCORE = "promptls.explainScore"


def code_lenses(_: types.CodeLensParams, snapshot: Snapshot) -> list[types.CodeLens]:
    """Where lenses stand; what they say comes with `resolve_code_lens`."""
    from promptls.ide.lenses import lenses

    uri = snapshot.document.uri
    return [
        types.CodeLens(snapshot.lines.range(each.range), data={"uri": uri, "kind": each.kind})
        for each in lenses(snapshot.prompt)
    ]


def resolve_code_lens(lens: types.CodeLens, snapshot: Snapshot) -> types.CodeLens:
    """The lens with its figures, and what a click on it leads to."""
    from promptls.ide.lenses import Lens, lens_title, lens_tooltip

    data: Any = lens.data
    kind = data["kind"]
    wait = not snapshot.client.refreshes_lenses
    counts = None if kind == "score" else counted(snapshot.prompt, snapshot.surroundings, wait=wait)
    found = Lens(kind, snapshot.lines.offsets(lens.range))
    title = lens_title(snapshot.prompt, found, counts)
    if title is None:
        raise JsonRpcContentModified("the text has changed since")
    command = EXPLAIN_SCORE if kind == "score" else SHOW_PREVIEW
    about = lens_tooltip(found, counts)
    lens.command = types.Command(title=title, command=command, tooltip=about, arguments=[snapshot.document.uri])
    return lens


def lens_uri(lens: types.CodeLens) -> str:
    """The document of a lens to resolve."""
    match lens.data:
        case {"uri": str(uri), "kind": "score" | "tokens" | "message"}:
            return uri
    raise JsonRpcInvalidParams("this lens is not one of ours: its data names no document")


def scored_uri(params: object) -> str:
    """The document that `promptls/score` is asked for."""
    match params:
        case {"textDocument": {"uri": str(uri)}}:
            return uri
    raise JsonRpcInvalidParams(f"{SCORE} needs textDocument.uri")


def score(_: object, snapshot: Snapshot) -> dict[str, Any]:
    """The shape of `promptls score --format json`, and with it `tokens` as `promptls tokens` says them."""
    from promptls.ide.measures import score_object, token_object

    path = str(snapshot.prompt.path or snapshot.document.uri)
    counts = counted(snapshot.prompt, snapshot.surroundings)
    scored = {**score_object(path, snapshot.prompt), "tokens": token_object(path, counts)}
    return {"version": 1, "prompts": [scored]}


def counted(prompt: Prompt, surroundings: Surroundings, *, wait: bool = False) -> TokenCounts:
    """The tokens of a prompt. While the vocabulary is not there they are estimated, and it is loaded; `wait` is for
    clients that could not be told of it.
    """
    from promptls.ide.token_counts import token_counts

    counts = token_counts(prompt, surroundings.workspace, wait=wait)
    if counts.tokens.encoding is None:
        surroundings.count_better(counts.model_id)
    return counts


def explanation_uri(uri: str) -> str:
    """The address of the page that explains a document's score."""
    return virtual_uri(SCHEME, uri)


def explanation_of(uri: str, surroundings: Surroundings, untitled: Prompt | None = None) -> str:
    """The page that explains the score of a document; of one that is not open, what is on disk counts."""
    from promptls.ide.explanation import score_page

    return score_page(prompt_of(uri, surroundings, untitled))


def summary_of(uri: str, surroundings: Surroundings, untitled: Prompt | None = None) -> str:
    """The same in a few lines, for editors that cannot show pages."""
    from promptls.ide.explanation import score_summary

    return score_summary(prompt_of(uri, surroundings, untitled))


def links_to(uri: str, prompt: Prompt) -> Callable[[Range], str | None]:
    """The addresses of places of a document, as editors that make links of them follow them."""

    def link(range: Range) -> str | None:
        line, column = prompt.source.position(range.start, "utf-16")
        return f"{uri}#L{line + 1},{column + 1}" if uri.startswith("file:") else None

    return link

"""Every feature of `ide` as a question with the ranges and edits of its answer, for `sweep`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptls.ide.call_hierarchy import incoming_calls, outgoing_calls, prepare_call_hierarchy
from promptls.ide.code_actions import findings_at, fix_everything, quick_fixes
from promptls.ide.completion import complete, resolve_completion
from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.folding import folding
from promptls.ide.formatting import format_edits
from promptls.ide.highlights import highlights
from promptls.ide.hover import hover
from promptls.ide.inlay_hints import inlay_hints
from promptls.ide.linked_editing import linked_editing
from promptls.ide.links import document_links
from promptls.ide.locations import LocationLink
from promptls.ide.navigation import declaration, definition, type_definition
from promptls.ide.on_type import TRIGGERS, on_type
from promptls.ide.preview import preview
from promptls.ide.preview_text import markdown, payload
from promptls.ide.refactor import refactorings, resolve
from promptls.ide.references import references
from promptls.ide.rename import prepare_rename, rename
from promptls.ide.selection import selection
from promptls.ide.semantic_tokens import semantic_tokens, semantic_tokens_in
from promptls.ide.signature import signature_help
from promptls.ide.symbols import Symbol, document_symbols
from promptls.ide.workspace_symbols import workspace_symbols
from promptls.language.prompt import Prompt
from promptls.lint.runner import findings
from promptls.syntax.source import Range, TextEdit
from promptls.workspace import Workspace

Place = tuple[Path | None, Range]


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranges of an answer and the edits that belong together, by file; None is the file that was asked about."""

    ranges: Sequence[Place] = ()
    edits: Sequence[tuple[Path | None, tuple[TextEdit, ...]]] = ()


def _here(ranges: Iterable[Range]) -> Answer:
    return Answer([(None, range) for range in ranges])


def _edit(edit: WorkspaceEdit) -> Iterator[tuple[Path | None, tuple[TextEdit, ...]]]:
    yield from edit.edits.items()


def _check_reason(refused: Refused) -> None:
    if not refused.reason.strip():
        raise ValueError("refused without a reason")


def _links(links: Iterable[LocationLink]) -> Answer:
    found: list[Place] = []
    for link in links:
        found += ((None, link.origin), (link.path, link.range), (link.path, link.selection))
    return Answer(found)


def _completion(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    ranges: list[Range] = []
    items = complete(prompt, offset, workspace).items
    for item in items:
        ranges += (item.edit.insert, item.edit.replace)
        assert item.edit.insert.start == item.edit.replace.start
        assert item.edit.insert.end == offset <= item.edit.replace.end
    for item in items[:3]:
        if item.data is not None:
            resolve_completion(prompt, item.data)
    return _here(ranges)


def _signature(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    found = signature_help(prompt, offset)
    if found is not None:
        assert all(0 <= each.range.start < each.range.end <= len(found.label) for each in found.parameters)
        assert found.active is None or 0 <= found.active < len(found.parameters)
    return Answer()


def _hover(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    found = hover(prompt, offset)
    return _here([found.range] if found else [])


def _rename(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    try:
        found = prepare_rename(workspace, prompt, offset)
        edit = rename(workspace, prompt, offset, "renamed_by_sweep")
    except Refused as refused:
        _check_reason(refused)
        return Answer()
    assert found.range.start <= offset <= found.range.end
    return Answer([(None, found.range)], list(_edit(edit)))


def _call_hierarchy(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    item = prepare_call_hierarchy(workspace, prompt, offset)
    if item is None:
        return Answer()
    calls = [*incoming_calls(workspace, item)]
    ranges: list[Place] = [(item.path, item.range), (item.path, item.selection)]
    ranges += [(call.item.path, range) for call in calls for range in call.ranges]
    ranges += [(item.path, range) for call in outgoing_calls(workspace, item) for range in call.ranges]
    return Answer(ranges)


def _fixes(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    found = findings_at(prompt, Range(offset, offset))
    return Answer(edits=[(None, action.edits) for action in quick_fixes(prompt, found)])


def _refactorings(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    refactorings(prompt, workspace, Range(offset, offset))
    return Answer()


def _resolved(workspace: Workspace, prompt: Prompt, range: Range) -> Iterator[tuple[Path | None, tuple[TextEdit, ...]]]:
    """The edits of one of the offers, as an editor asks for them: each in its turn from place to place."""
    offers = refactorings(prompt, workspace, range)
    if offers:
        try:
            yield from _edit(resolve(offers[range.start // 10 % len(offers)]).edits)
        except Refused as refused:
            _check_reason(refused)


def _refactor_cursor(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    """One in ten: it renders the prompt several times over."""
    return Answer(edits=list(_resolved(workspace, prompt, Range(offset, offset)))) if offset % 10 == 0 else Answer()


def _refactor_selection(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    """One in ten too, from the cursor over a stretch that differs from place to place."""
    end = min(len(prompt.text), offset + 3 + offset % 97)
    return Answer(edits=list(_resolved(workspace, prompt, Range(offset, end)))) if offset % 10 == 5 else Answer()


def _on_type(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    return Answer(edits=[(None, on_type(prompt, offset, character)) for character in TRIGGERS])


def _tokens_in(workspace: Workspace, prompt: Prompt, offset: int) -> Answer:
    end = min(len(prompt.text), offset + 80)
    return _here(token.range for token in semantic_tokens_in(prompt, Range(offset, end)))


AT_CURSOR: Mapping[str, Callable[[Workspace, Prompt, int], Answer]] = {
    "completion": _completion,
    "signature help": _signature,
    "hover": _hover,
    "definition": lambda workspace, prompt, offset: _links(definition(workspace, prompt, offset)),
    "declaration": lambda workspace, prompt, offset: _links(declaration(workspace, prompt, offset)),
    "type definition": lambda workspace, prompt, offset: _links(type_definition(workspace, prompt, offset)),
    "references": lambda workspace, prompt, offset: Answer(
        [(each.path, each.range) for each in references(workspace, prompt, offset)]
    ),
    "highlights": lambda workspace, prompt, offset: _here(each.range for each in highlights(prompt, offset)),
    "rename": _rename,
    "call hierarchy": _call_hierarchy,
    "quick fixes": _fixes,
    "refactorings offered": _refactorings,
    "refactorings at a cursor": _refactor_cursor,
    "refactorings of a selection": _refactor_selection,
    "on-type formatting": _on_type,
    "linked editing": lambda workspace, prompt, offset: _here(linked_editing(prompt, offset)),
    "selection": lambda workspace, prompt, offset: _here(selection(prompt, offset)),
    "semantic tokens of a range": _tokens_in,
}


def _symbols(symbols: Iterable[Symbol]) -> Iterator[Range]:
    for symbol in symbols:
        yield symbol.range
        yield symbol.selection
        yield from _symbols(symbol.children)


def _preview(workspace: Workspace, prompt: Prompt) -> Answer:
    found = preview(prompt, workspace)
    payload(found)
    markdown(found)
    return Answer(
        [(each.source.path, each.source.range) for each in found.map]
        + [(each.path, each.range) for each in found.errors]
    )


def _workspace_symbols(workspace: Workspace, prompt: Prompt) -> Answer:
    return Answer([(each.location.path, each.location.range) for each in workspace_symbols(workspace, "a")])


OF_FILE: Mapping[str, Callable[[Workspace, Prompt], Answer]] = {
    "diagnostics": lambda workspace, prompt: _here(each.range for each in findings(prompt)),
    "fix all": lambda workspace, prompt: Answer(edits=[(None, fix_everything(prompt))]),
    "formatting": lambda workspace, prompt: Answer(edits=[(None, format_edits(prompt))]),
    "folding": lambda workspace, prompt: _here(each.range for each in folding(prompt)),
    "document symbols": lambda workspace, prompt: _here(_symbols(document_symbols(prompt))),
    "document links": lambda workspace, prompt: _here(each.range for each in document_links(workspace, prompt)),
    "inlay hints": lambda workspace, prompt: _here(Range(each.offset, each.offset) for each in inlay_hints(prompt)),
    "semantic tokens": lambda workspace, prompt: _here(each.range for each in semantic_tokens(prompt)),
    "preview": _preview,
    "workspace symbols": _workspace_symbols,
}

"""The optimiser as code actions: offered at once, worked out when one is chosen, taken step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

if TYPE_CHECKING:
    from promptls.lsp.session import Snapshot
    from promptls.optimize.draft import Request
    from promptls.optimize.result import Result

KIND = types.CodeActionKind.RefactorRewrite.value
OPTIMIZE = "promptls.optimize"


def optimizations(
    params: types.CodeActionParams, snapshot: Snapshot, is_wanted: Callable[[str], bool]
) -> Iterator[types.CodeAction | types.Command]:
    """What can be asked of the optimiser here.

    What needs no model is resolved to an edit; what needs one is a command, for it takes its time. A client that does
    not resolve gets commands only.
    """
    if not is_wanted(KIND):
        return
    from promptls.ide.optimizing import knows_plan, optimizations

    client = snapshot.client
    if not knows_plan(snapshot.prompt):
        snapshot.surroundings.plan_ahead(snapshot.prompt)
    for offer in optimizations(snapshot.prompt, snapshot.lines.offsets(params.range)):
        asked = {"version": snapshot.document.version, **_data(offer.request)}
        command = types.Command(offer.title, command=OPTIMIZE, arguments=[snapshot.document.uri, asked])
        if not client.code_action_literals:
            if client.applies_edits and offer.refusal is None:
                yield command
            continue
        action = types.CodeAction(offer.title, kind=KIND)
        if offer.refusal is not None:
            if not client.disabled_actions:
                continue
            action.disabled = types.CodeActionDisabled(offer.refusal)
        elif offer.request.strategy == "static" and client.resolves_edits:
            action.data = {"uri": snapshot.document.uri, "optimization": asked, "version": snapshot.document.version}
        elif client.applies_edits:
            action.command = command
        else:
            continue
        yield action


def resolve_optimization(action: types.CodeAction, snapshot: Snapshot) -> types.CodeAction:
    """Fill in the edit; an error with the reason where there is nothing to change."""
    from promptls.ide.optimizing import optimise

    data: Any = action.data
    result = optimise(snapshot.prompt, request_of(data["optimization"]))
    if result.status != "improved":
        raise JsonRpcException(sentence(result), types.LSPErrorCodes.RequestFailed)
    action.edit = result_edit(result, snapshot)
    return action


def request_of(asked: object) -> Request:
    """What the data of an action, of a command or of a request ask for; raises `JsonRpcInvalidParams`."""
    from promptls.optimize.draft import Request
    from promptls.syntax.source import Range

    match asked:
        case {"strategy": str(strategy), **more}:
            pass
        case _:
            raise JsonRpcInvalidParams("what to optimise with is missing: strategy")
    steps, within = more.get("steps"), more.get("within")
    scaffold, seed = more.get("scaffold", False), more.get("seed", 0)
    if steps is not None and not (isinstance(steps, list) and all(isinstance(each, str) for each in steps)):
        raise JsonRpcInvalidParams("steps must be a list of rules")
    if not isinstance(scaffold, bool) or not isinstance(seed, int):
        raise JsonRpcInvalidParams("scaffold must be true or false, and seed a whole number")
    match within:
        case None:
            place = None
        case [int(start), int(end)] if 0 <= start <= end:
            place = Range(start, end)
        case _:
            raise JsonRpcInvalidParams("within must be a start and an end")
    wanted = frozenset(steps) if steps is not None else None
    return Request(strategy, steps=wanted, within=place, scaffold=scaffold, seed=seed)


def result_edit(result: Result, snapshot: Snapshot) -> types.WorkspaceEdit:
    """What a result changes, for the version that it was made from: each change with the steps that made it, so that
    they can be taken one by one, where the client shows such.
    """
    from promptls.ide.optimizing import figures, result_changes
    from promptls.syntax.source import TextEdit

    found = result_changes(result)
    edits = [snapshot.lines.edit(TextEdit(each.range, each.text)) for each in found]
    client, document = snapshot.client, snapshot.document
    if not client.versioned_edits:
        return types.WorkspaceEdit(changes={document.uri: edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    if not client.change_annotations:
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, list(edits))])
    by_steps = {steps: f"step-{'-'.join(map(str, steps))}" for steps in dict.fromkeys(each.steps for each in found)}
    annotated = [
        types.AnnotatedTextEdit(by_steps[change.steps], edit.range, edit.new_text)
        for change, edit in zip(found, edits, strict=True)
    ]
    annotations = {
        identity: types.ChangeAnnotation(
            "; ".join(dict.fromkeys(result.steps[number].title for number in steps)),
            needs_confirmation=True,
            description=f"{_asked_by(result, steps)}all together: {figures(result)}",
        )
        for steps, identity in by_steps.items()
    }
    changes: Sequence[types.TextDocumentEdit] = [types.TextDocumentEdit(identifier, annotated)]
    return types.WorkspaceEdit(document_changes=changes, change_annotations=annotations)


def sentence(result: Result) -> str:
    """Why a result changes nothing, or what it is worth, in one sentence."""
    from promptls.ide.optimizing import figures

    if result.error is not None:
        return f"The prompt stays as it is: {result.error}."
    if result.status == "improved":
        return f"The prompt was optimised: {figures(result)}."
    score = f" It scores {result.after.score}." if result.after.score is not None else ""
    return f"There is nothing that {result.strategy} would change here.{score}"


def _asked_by(result: Result, steps: Sequence[int]) -> str:
    rules = dict.fromkeys(rule for number in steps if (rule := result.steps[number].rule) is not None)
    return f"{', '.join(rules)} · " if rules else ""


def _data(request: Request) -> Mapping[str, Any]:
    asked: dict[str, Any] = {"strategy": request.strategy}
    if request.steps is not None:
        asked["steps"] = sorted(request.steps)
    if request.within is not None:
        asked["within"] = list(request.within)
    return asked

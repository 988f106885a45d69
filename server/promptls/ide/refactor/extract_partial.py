"""Extract a selection to a partial: a file beside the prompt, called with what it would not see by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.refactor.names import bare_calls, call_tag, fresh, levels, outwards, segment_text, standing, uses_in
from promptls.ide.refactor.offer import Offer, Place
from promptls.ide.refactor.output import output_of
from promptls.ide.refactor.selection import Selection, frame_of, selection, selects_text
from promptls.ide.refactor.unchanged import edited, refuse_change
from promptls.language.inputs import Declaration
from promptls.language.prompt import Project, Prompt
from promptls.language.render.compiled import compiled, compiled_partial
from promptls.language.resolution import Use
from promptls.language.tree import tree
from promptls.language.values import BlockParameter
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    Decorator,
    PartialStatement,
    PathExpression,
)
from promptls.syntax.source import Range, Source, TextEdit
from promptls.workspace.partials import name_in, roots

TITLE = "Extract to a partial"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MOST_WORDS = 3
_THIS = "current"


def offers(place: Place) -> Iterator[Offer]:
    """Offered for every selection in the template that is more than blanks."""
    prompt = place.prompt
    if not selects_text(prompt, place.range):
        return
    make = partial(extract_partial, prompt, place.project, place.range)
    try:
        selection(prompt, place.range)
    except Refused as refused:
        yield Offer("extract-partial", TITLE, "refactor.extract", make, refused.reason)
    else:
        yield Offer("extract-partial", TITLE, "refactor.extract", make)


def extract_partial(prompt: Prompt, project: Project, range: Range, name: str | None = None) -> WorkspaceEdit:
    """Move what is selected into a new partial and call that in its place; raises `Refused`.

    `name` is the partial's name, by default one made of the first words.
    """
    selected = selection(prompt, range)
    _refuse_definitions(prompt, selected.range)
    called, path = _place(prompt, project, name or _suggested_name(prompt, selected.range))
    needs = _needs(prompt, selected)
    before = output_of(compiled(prompt))
    for candidate in _candidates(prompt, selected, needs, called):
        edit = WorkspaceEdit(edits={prompt.path: (candidate.call,)}, created={path: candidate.text})
        after = edited(prompt, project, edit)
        extracted = after.project.partial(called, after)
        call = next((each for each in tree(after).of(PartialStatement) if each.range.start == candidate.at), None)
        if extracted is None or call is None:
            continue
        inner = output_of(compiled_partial(extracted))
        if output_of(compiled(after), {call: inner}) == before and call not in compiled(after).whitespace.indents:
            refuse_change(prompt, project, edit)
            return edit
    raise Refused("white space around the selection would change; select whole lines.")


def _refuse_definitions(prompt: Prompt, range: Range) -> None:
    definitions: list[BlockStatement | Decorator] = [*tree(prompt).of(Decorator)]
    definitions += (block for block in tree(prompt).of(BlockStatement) if block.decorator)
    if any(range.encloses(each.range) for each in definitions):
        raise Refused("the selection defines an inline partial, which could not be called from outside any more.")


# Where the partial is put


def _place(prompt: Prompt, project: Project, wanted: str) -> tuple[str, Path]:
    """The name to call a new partial by and its file, beside the prompt where a partial is found there."""
    if prompt.path is None:
        raise Refused("save the prompt first: a partial is a file beside it.")
    if not re.fullmatch(r"[A-Za-z_][\w-]*(?:/[\w-]+)*", wanted):
        raise Refused(f"{wanted!r} cannot be the name of a partial: use letters, digits, - and _.")
    folder = prompt.path.parent
    near = [name_in(folder / f"_{wanted}.prompt", root) for root in roots(folder, prompt.settings, ())]
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        for name in (wanted, *(each for each in near if each and each != wanted)):
            path = project.partial_path(name + suffix, prompt)
            if path is not None and path.parent == folder and not _exists(name + suffix, path, prompt, project):
                return name + suffix, path
        path = project.partial_path(wanted + suffix, prompt)
        if path is None:
            raise Refused(f"{wanted!r} cannot be the name of a partial.")
        if not _exists(wanted + suffix, path, prompt, project):
            return wanted + suffix, path
        number += 1


def _exists(name: str, path: Path, prompt: Prompt, project: Project) -> bool:
    return project.partial(name, prompt) is not None or path.exists()


def _suggested_name(prompt: Prompt, range: Range) -> str:
    """The first words of the selected text, tags left out."""
    text = re.sub(r"\{\{.*?\}\}", " ", prompt.text[range.start : range.end], flags=re.DOTALL)
    line = next((line for line in text.splitlines() if _WORD.search(line)), "")
    words = _WORD.findall(line)[:_MOST_WORDS]
    return "-".join(words).lower() or "extracted"


# What it is called with


@dataclass(slots=True)
class _Needs:
    """The arguments of the call, by name, and the edits of the selected text that make it use them.

    `taken` are names that the selection looks up on its context, which an argument would hide.
    """

    taken: set[str]
    arguments: dict[str, str] = field(default_factory=dict)
    edits: list[TextEdit] = field(default_factory=list)
    described: dict[str, str] = field(default_factory=dict)

    def argument(self, expression: str, wanted: str) -> str:
        """The name under which the partial gets an expression of the caller."""
        known = next((name for name, passed in self.arguments.items() if passed == expression), None)
        if known is None:
            known = fresh(wanted if re.fullmatch(r"[A-Za-z_]\w*", wanted) else "value", {*self.taken, *self.arguments})
            self.arguments[known] = expression
        return known

    def replace(self, prompt: Prompt, range: Range, text: str) -> None:
        """Write something else in the partial than in the selection."""
        if prompt.text[range.start : range.end] != text:
            self.edits.append(TextEdit(range, text))


def _needs(prompt: Prompt, selected: Selection) -> _Needs:
    context = frame_of(prompt, selected.range).context
    found = [(use, *standing(use, context)) for use in uses_in(prompt, selected.range)]
    taken = {use.path.parts[0] for use, where, _ in found if where in ("member", "unknown") and use.path.parts}
    needs = _Needs(taken)
    for use, where, level in found:
        path = use.path
        if where == "parameter" and not _declared_inside(use, selected.range):
            if level < 0:
                raise Refused(f"it is not known what `{path.original}` would mean inside the partial.")
            name = needs.argument(path.parts[0], path.parts[0])
            needs.replace(prompt, path.range, outwards(name + _rest(prompt, path), level))
        elif where == "beyond" and context.parent is not None:
            names = path.parts[:1]
            expression = "/".join([*[".."] * (path.depth - level), *map(segment_text, names)])
            name = needs.argument(expression, names[0] if names else "outer")
            needs.described.setdefault(name, _described(use))
            needs.replace(prompt, path.range, outwards(name + (_rest(prompt, path) if names else ""), level))
        elif where == "unknown" and path.depth and context.parent is not None:
            raise Refused(f"it is not known where `{path.original}` leads.")
        elif where == "member":
            needs.described.setdefault(path.parts[0], _described(use))
    if needs.arguments:
        _pass_context(prompt, selected, needs)
    return needs


def _rest(prompt: Prompt, path: PathExpression) -> str:
    """What follows the first name of a path."""
    if prompt.text[path.range.start] in "'\"":
        return ""
    return prompt.text[path.part_segments[0].range.end : path.range.end]


def _pass_context(prompt: Prompt, selected: Selection, needs: _Needs) -> None:
    """Hand on the context itself where it is used as a whole: with named arguments a partial gets a copy of it."""
    context = frame_of(prompt, selected.range).context
    for use in uses_in(prompt, selected.range):
        where, level = standing(use, context)
        if where == "whole" and use.kind == "context":
            raise Refused("a block over the context itself would become one over another context.")
        if where == "whole":
            needs.replace(prompt, use.range, outwards(needs.argument("this", _THIS), level))
        elif where == "unknown" and not use.path.parts:
            raise Refused(f"it is not known what `{use.path.original}` would mean inside the partial.")
    for call in bare_calls(prompt, selected.range):
        level_of_call = levels(frame_of(prompt, call.range), context)
        if level_of_call is None:
            raise Refused("it is not known on what a partial in the selection would run.")
        if level_of_call == 0:
            at = call_tag(call).path.range.end
            needs.edits.append(TextEdit(Range(at, at), f" {needs.argument('this', _THIS)}"))


def _declared_inside(use: Use, range: Range) -> bool:
    target = use.steps[0].target
    return isinstance(target, BlockParameter) and range.encloses(target.node.range)


def _described(use: Use) -> str:
    target = use.steps[0].target if use.steps else None
    if isinstance(target, Declaration):
        label = target.type.label if target.type is not None else "any"
        return target.description or (f"{label}, optional" if target.optional else label)
    return ""


# The two texts


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One way to cut: the call that takes the selection's place, the offset at which it will stand, the new file."""

    call: TextEdit
    at: int
    text: str


def _candidates(prompt: Prompt, selected: Selection, needs: _Needs, name: str) -> Iterator[_Candidate]:
    """Whole lines first, and a comment on a line of its own; otherwise white space may have to be kept off it."""
    newline = prompt.source.newline
    written_name = name if re.fullmatch(r"[\w/-]+", name) else f'"{name}"'
    words = [written_name, *(f"{key}={value}" for key, value in needs.arguments.items())]
    call = "{{> " + " ".join(words) + "}}"
    comment = _comment(needs)
    ranges = [selected.lines, selected.range] if selected.lines is not None else [selected.range]
    for range in ranges:
        moved = [
            TextEdit(Range(edit.range.start - range.start, edit.range.end - range.start), edit.text)
            for edit in needs.edits
        ]
        text = Source(prompt.text[range.start : range.end]).edited(moved).text
        line_end = newline if text.endswith(("\r", "\n")) else ""
        for before in (newline, ""):
            for after in ("", "{{!}}"):
                yield _Candidate(TextEdit(range, call + line_end), range.start, comment + before + text + after)


def _comment(needs: _Needs) -> str:
    """The comment that documents the parameters."""
    described = dict(needs.described)
    for name, expression in needs.arguments.items():
        described[name] = described.get(name) or (f"what the caller has as {expression}" if name != expression else "")
    words = [f"{name} ({about})" if about else name for name, about in described.items()]
    text = f"Parameters: {', '.join(words)}." if words else "No parameters."
    return "{{! " + re.sub(r"[{}\s~]+", " ", text).strip() + " }}"

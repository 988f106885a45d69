"""Wrap a selection in a block, or mark the place before it that the host fills."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.refactor.frontmatter_edits import change, with_entry
from promptls.ide.refactor.names import (
    bare_calls,
    call_tag,
    fresh,
    is_object,
    levels,
    outwards,
    standing,
    uses_in,
    written,
)
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.ide.refactor.output import content_of, output_of
from promptls.ide.refactor.selection import Selection, frame_of, selection, selects_text
from promptls.ide.refactor.unchanged import edited
from promptls.language.helpers import helpers
from promptls.language.inputs import inputs
from promptls.language.prompt import Project, Prompt
from promptls.language.render.compiled import compiled
from promptls.language.resolution import Context, Use
from promptls.language.scope import VisibleName, scope
from promptls.language.tree import tree
from promptls.lint.schema_edits import insert_input
from promptls.syntax.handlebars.nodes import BlockStatement
from promptls.syntax.source import Range, Source, TextEdit

Block = Literal["if", "each"]
_LOOP_DATA = frozenset({"index", "key", "first", "last"})


def offers(place: Place) -> Iterator[Offer]:
    """Offered for every selection in the template that is more than blanks."""
    prompt = place.prompt
    if not selects_text(prompt, place.range):
        return
    try:
        selected = selection(prompt, place.range)
        refusal = None
    except Refused as refused:
        selected, refusal = None, refused.reason
    for block in ("if", "each"):
        title = f"Wrap in {{{{#{block}}}}}"
        if selected is not None:
            title = f"Wrap in {_opening(block, *_subject(prompt, selected, block)[:1])}"
        make = partial(wrap_in_block, prompt, place.project, place.range, block)
        yield Offer(f"wrap-in-{block}", title, "refactor.rewrite", make, refusal)
    make = partial(begin_section, prompt, place.range)
    yield Offer("begin-section", "Begin a {{section}} here", "refactor.rewrite", make, refusal)


def wrap_in_block(prompt: Prompt, project: Project, range: Range, block: Block) -> WorkspaceEdit:
    """Render the selection only if a value is there, or once for every item of a list; raises `Refused`.

    What it prints then is what it printed before. The value is one that the selection uses, or a new input.
    """
    selected = selection(prompt, range)
    name, is_new = _subject(prompt, selected, block)
    before = output_of(compiled(prompt))
    for where in (selected.lines, selected.range):
        if where is None:
            continue
        edits = [*_moved_outwards(prompt, selected, name)] if block == "each" else []
        text = _wrapped(prompt, where, edits, (_opening(block, name), f"{{{{/{block}}}}}"), where is selected.lines)
        wrapping = TextEdit(where, text)
        after = edited(prompt, project, own_edit(prompt, wrapping))
        added = next((each for each in tree(after).of(BlockStatement) if each.range.start == where.start), None)
        if added is not None and output_of(compiled(after), {added: content_of(added, compiled(after))}) == before:
            declared = _declaration(prompt, block, name, is_new)
            notes = () if declared or not is_new else (f"Until {name} is given, the wrapped text is not rendered.",)
            return own_edit(prompt, *declared, wrapping, notes=notes)
    raise Refused("white space around the selection would change; select whole lines.")


def begin_section(prompt: Prompt, range: Range) -> WorkspaceEdit:
    """Put the inline `section` helper before the selection; as a block it would drop what it holds."""
    selected = selection(prompt, range)
    newline = prompt.source.newline
    at, line_end = (selected.lines.start, newline) if selected.lines is not None else (selected.range.start, "")
    return own_edit(prompt, TextEdit(Range(at, at), f'{{{{section "context"}}}}{line_end}'))


def _opening(block: Block, name: str) -> str:
    return f"{{{{#if {name}}}}}" if block == "if" else f"{{{{#each {name}}}}}"


def _subject(prompt: Prompt, selected: Selection, block: Block) -> tuple[str, bool]:
    """The value to test or to go through, and whether it has yet to be made.

    To test: an optional value that the selection prints untested. To go through: a list in sight that the selection
    does not go through itself; nested in each other, two loops over one list come to the same items.
    """
    known = scope(prompt)
    if block == "if":
        for use in uses_in(prompt, selected.range):
            optional = getattr(use.target, "optional", False)
            where, level = standing(use, frame_of(prompt, selected.range).context)
            if optional and not use.guarded and where == "member" and level == 0 and use.kind == "read":
                return written(prompt, use.path), False
    else:
        used = {use.target for use in uses_in(prompt, selected.range)}
        lists = [each for each in known.visible(selected.range.start) if _is_list(each) and each.target not in used]
        if lists:
            return lists[0].name, False
    taken = {*helpers(prompt), *(each.name for each in known.visible(selected.range.start))}
    taken |= {use.path.parts[0] for use in known.uses if use.path.parts}
    name = fresh("condition" if block == "if" else "items", taken)
    context = frame_of(prompt, selected.range).context
    return (name if context.parent is None and context.kind == "input" else f"@root.{name}"), True


def _is_list(visible: VisibleName) -> bool:
    return visible.type is not None and visible.type.type == "array"


def _declaration(prompt: Prompt, block: Block, name: str, is_new: bool) -> tuple[TextEdit, ...]:
    """Declare a new input where the schema allows no others; a condition is met by default.

    A template that prints its whole input would print a default too.
    """
    if not is_new or not inputs(prompt).complete or scope(prompt).everything_used:
        return ()
    plain = name.removeprefix("@root.")
    insertion = insert_input(prompt, plain, "boolean" if block == "if" else "array")
    if insertion is None:
        return ()
    after = prompt.with_text(prompt.source.edited([insertion]).text)
    if block == "if":
        after = with_entry(after, ("input", "default", plain), True)
    return change(prompt, after)


def _wrapped(prompt: Prompt, where: Range, edits: list[TextEdit], tags: tuple[str, str], on_lines: bool) -> str:
    """The text of a range, edited, between two tags, each on a line of its own if it is made of lines."""
    opening, closing = tags
    moved = [TextEdit(Range(e.range.start - where.start, e.range.end - where.start), e.text) for e in edits]
    text = Source(prompt.text[where.start : where.end]).edited(moved).text
    if not on_lines:
        return f"{opening}{text}{closing}"
    newline = prompt.source.newline
    ends = text.endswith(("\r", "\n"))
    return f"{opening}{newline}{text}{'' if ends else newline}{closing}{newline if ends else ''}"


def _loops_between(use: Use, outer: Context) -> int:
    """How many loops, which have an `@index` of their own, stand between a use and a context around it."""
    loops = 0
    context: Context | None = use.frame.context
    while context is not None and context is not outer:
        if context.kind == "unsure":
            raise Refused(f"it is not known what `{use.path.original}` would mean inside the block.")
        loops += context.kind == "each"
        context = context.parent
    return loops


def _moved_outwards(prompt: Prompt, selected: Selection, name: str) -> Iterator[TextEdit]:
    """The names of the selection, which stand one context further inside."""
    context = frame_of(prompt, selected.range).context
    through = next((each for each in scope(prompt).visible(selected.range.start) if each.name == name), None)
    items = through.type.items if through is not None and through.type is not None else None
    of_objects = items is not None and items.type == "object"
    for use in uses_in(prompt, selected.range):
        where, level = standing(use, context)
        if where == "unknown":
            raise Refused(f"it is not known what `{use.path.original}` would mean inside the block.")
        if where == "data" and use.path.parts and use.path.parts[0] in _LOOP_DATA:
            loops = _loops_between(use, context)
            if use.path.depth >= loops:
                yield TextEdit(use.range, "@../" + prompt.text[use.range.start + 1 : use.range.end])
        elif where == "whole" and use.kind == "context":
            raise Refused("a block over the context itself would become one over another context.")
        elif where in ("member", "whole", "beyond"):
            if level and not of_objects and not is_object(_outermost(use, context)):
                # Handlebars does not count a context that equals the one around it.
                raise Refused(f"`{use.path.original}` would lead elsewhere where both loops come to the same text.")
            yield TextEdit(use.range, outwards(written(prompt, use.path), 1))
    for called in scope(prompt).calls:
        inner = (use.path for use in called.all_uses()) if selected.range.encloses(called.node.range) else ()
        if any(path.data and path.parts[:1] and path.parts[0] in _LOOP_DATA for path in inner):
            raise Refused(f"the partial {called.name} looks at the loop around its call.")
    for call in bare_calls(prompt, selected.range):
        level_of_call = levels(frame_of(prompt, call.range), context)
        if level_of_call is None:
            raise Refused("it is not known on what a partial in the selection would run.")
        if level_of_call == 0:
            at = call_tag(call).path.range.end
            yield TextEdit(Range(at, at), " ..")


def _outermost(use: Use, outer: Context) -> Context:
    """The context of a use that is entered directly from a context around it."""
    context = use.frame.context
    while context.parent is not None and context.parent is not outer:
        context = context.parent
    return context

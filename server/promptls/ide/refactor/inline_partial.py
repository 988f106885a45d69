"""Inline a partial: put its text in the place of the call, with the arguments in the places of their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.refactor.names import bare_calls, call_tag, levels, outwards, segment_text, standing, written
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.ide.refactor.output import Output, joined, output_of
from promptls.ide.refactor.selection import frame_of
from promptls.ide.refactor.unchanged import edited, refuse_change
from promptls.language.files import identity
from promptls.language.prompt import Project, Prompt, layout, template
from promptls.language.render.compiled import compiled, compiled_partial
from promptls.language.render.values import number_to_string
from promptls.language.resolution import Context, Frame, PartialCall, Use
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    BooleanLiteral,
    CommentStatement,
    ContentStatement,
    Decorator,
    Expression,
    MustacheStatement,
    NumberLiteral,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
    PathSegment,
    Statement,
    StringLiteral,
    SubExpression,
)
from promptls.syntax.source import Range, TextEdit

_MANY_LINES = "Values of several lines are indented in their first line only, now that no partial indents them."


def offers(place: Place) -> Iterator[Offer]:
    """Offered where a call of a partial is touched."""
    call = _touched(place.prompt, place.range)
    if call is None:
        return
    name = called_name(call_tag(call.node).path)
    title = f"Inline the partial {name}" if name else "Inline the partial"
    make = partial(inline_partial, place.prompt, place.project, place.range)
    yield Offer("inline-partial", title, "refactor.inline", make, _refusal(place.prompt, call))


def inline_partial(prompt: Prompt, project: Project, range: Range) -> WorkspaceEdit:
    """Put a partial's text in the place of its call; raises `Refused`."""
    call = _touched(prompt, range)
    if call is None:
        raise Refused("no partial is called here.")
    if refusal := _refusal(prompt, call):
        raise Refused(refusal)
    node, called = call.node, call.prompt
    assert isinstance(node, PartialStatement) and called is not None, "others are refused"
    inlining = _Inlining(prompt, project, call, node, called)
    text = inlining.text()
    region, indent = _region(prompt, node)
    wanted = inlining.output(node)
    lines = text if not text or text.endswith(("\r", "\n")) else text + prompt.source.newline
    refused = Refused("white space around the call, or text that looks like a tag, would change what is rendered.")
    for candidate in (lines, text) if region != node.range else (text,):
        edit = own_edit(prompt, TextEdit(region, _indented(candidate, indent)), notes=(_MANY_LINES,) if indent else ())
        # An indented partial indents what it prints, which cannot be known before.
        if indent or output_of(compiled(edited(prompt, project, edit))) == wanted:
            try:
                refuse_change(prompt, project, edit)
            except Refused as change:
                refused = change
            else:
                return edit
    raise refused


def _touched(prompt: Prompt, range: Range) -> PartialCall | None:
    for call in scope(prompt).calls:
        tag = call_tag(call.node)
        if tag.range.start <= range.start and range.end <= tag.range.end:
            return call
    return None


def _refusal(prompt: Prompt, call: PartialCall) -> str | None:
    """Why a call can certainly not be replaced by the partial's text."""
    if isinstance(call.node, PartialBlockStatement):
        return "this call has content of its own, which the partial decides about."
    if call.name is None:
        return "which partial this is, is known only when the prompt is rendered."
    if call.inline:
        return f"{call.name!r} is defined in this template, not in a file."
    if call.prompt is None:
        return f"there is no partial {call.name!r}."
    if layout(call.prompt).frontmatter is not None:
        return "the partial has a frontmatter, which the runtimes print with it."
    if errors := template(call.prompt).errors:
        return f"the partial has an error: {errors[0].message}."
    if _comes_round(prompt, call):
        return f"{call.name!r} comes round to itself."
    return None


def _comes_round(prompt: Prompt, call: PartialCall) -> bool:
    """Whether a partial includes itself or the prompt that calls it."""
    round_trip = {identity(each) for each in (prompt, call.prompt) if each is not None}
    pending = list(call.calls)
    while pending:
        inner = pending.pop()
        if inner.prompt is not None and identity(inner.prompt) in round_trip:
            return True
        pending += inner.calls
    return False


def _region(prompt: Prompt, node: PartialStatement) -> tuple[Range, str]:
    """What the text takes the place of, with the white space that the call takes with it; and the call's indent."""
    made = compiled(prompt)
    start, end = node.range
    for content, kept in made.whitespace.kept.items():
        if content.range.end == node.range.start:
            start = min(start, kept.end)
        elif content.range.start == node.range.end:
            end = max(end, kept.start)
    indent = made.whitespace.indents.get(node)
    return Range(start, end), prompt.text[indent.start : indent.end] if indent is not None else ""


def _indented(text: str, indent: str) -> str:
    return "".join(indent + line for line in _lines(text)) if indent else text


def _lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends; only \\n ends one for the runtime."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


@dataclass(frozen=True, slots=True)
class _Inlining:
    """A partial's text as it reads in the place of a call: `call.uses` are its paths, resolved for that call."""

    prompt: Prompt
    project: Project
    call: PartialCall
    node: PartialStatement
    called: Prompt

    def text(self) -> str:
        """The partial's text without its comment, with arguments for names."""
        if len(self.call.uses) != len(scope(self.called).uses):
            raise Refused("the partials nest too deeply.")
        nodes = tree(self.called)
        body = template(self.called).program.body
        if any(isinstance(each, Decorator) or (isinstance(each, BlockStatement) and each.decorator) for each in body):
            raise Refused("the partial defines an inline partial, which would become known to the rest of the prompt.")
        if any(called_name(each.name) == "@partial-block" for each in nodes.of(PartialStatement)):
            raise Refused("the partial prints the content of a block, and this call has none.")
        edits = [edit for use in self.call.uses if use.kind != "helper" for edit in self._replaced(use)]
        edits += self._calls()
        edits += self._without_comment()
        return self.called.source.edited(edits).text

    def output(self, node: Statement) -> Output:
        """What the prompt prints with the partial's text in the place of the call."""
        printed: dict[Statement, Output] = {}
        for mustache in tree(self.called).of(MustacheStatement):
            value = self._argument(mustache.tag.path)
            if value is not None and (literal := _literal(value)) is not None:
                printed[mustache] = (literal,)
        inner = output_of(compiled_partial(self.called), printed)
        return joined(output_of(compiled(self.prompt), {node: inner}))

    @property
    def _hash(self) -> Mapping[str, Expression]:
        return {pair.key: pair.value for pair in self.node.tag.hash}

    @property
    def _context(self) -> Expression | None:
        """What the partial runs on, None for the context of the call."""
        params = self.node.tag.params
        given = params[0] if params else None
        return None if isinstance(given, PathExpression) and given.is_this else given

    @property
    def _changes_context(self) -> bool:
        return self._context is not None or bool(self.node.tag.hash)

    def _argument(self, path: Expression) -> Expression | None:
        """The argument that a tag prints, if it prints one and nothing else."""
        for use in self.call.uses:
            if use.range == path.range and use.kind == "read":
                stands = standing(use, _root(use.frame))
                if stands.where == "member" and len(use.path.parts) == 1:
                    return self._hash.get(use.path.parts[0])
        return None

    # Names

    def _replaced(self, use: Use) -> Iterator[TextEdit]:
        path = use.path
        where, level = standing(use, _root(use.frame))
        outer = self.call.frame
        if where in ("data", "parameter"):
            return
        if where == "unknown":
            if self._changes_context or (path.depth and outer.context.parent is not None):
                raise Refused(f"it is not known what `{path.original}` in the partial means here.")
        elif where == "beyond":
            if outer.context.parent is not None:
                raise Refused(f"`{path.original}` in the partial leads out of it, and would find something here.")
            return
        elif where == "whole":
            yield from self._whole(use, level)
            return
        elif where == "member" and path.parts[0] in self._hash:
            yield from self._with_argument(use, self._hash[path.parts[0]], level)
            return
        elif where == "member" and self._context is not None:
            context = self._expression(self._context, use, level)
            yield TextEdit(path.range, _member(context, path.part_segments))
            return
        if not path.is_scoped and not path.depth and path.parts and path.parts[0] in outer.parameters:
            # A block parameter around the call would hide the name.
            yield TextEdit(path.range, f"this.{written(self.called, path)}")

    def _whole(self, use: Use, level: int) -> Iterator[TextEdit]:
        if self.node.tag.hash:
            raise Refused(f"`{use.path.original}` in the partial holds the arguments too, which has no name here.")
        if self._context is not None and use.kind == "context":
            raise Refused("a block over the context itself would become one over another context.")
        if self._context is not None:
            yield TextEdit(use.path.range, self._expression(self._context, use, level))

    def _expression(self, value: Expression, use: Use, level: int) -> str:
        """A path of the call as it reads in the partial's text."""
        if not isinstance(value, PathExpression):
            raise Refused("the partial runs on a computed value, which has no name here.")
        first = value.parts[0] if value.parts else ""
        text = self.prompt.text[value.range.start : value.range.end]
        if value.data:
            if level and first != "root":
                raise Refused(f"`{value.original}` may mean something else inside a block of the partial.")
            return text
        outer = self.call.frame.parameters.get(first) if not value.is_scoped else None
        inner = use.frame.parameters.get(first)
        if outer is not None or not level:
            if inner is not None and not value.is_scoped:
                raise Refused(f"a block of the partial has a parameter {first!r} too.")
            return text
        return outwards(text, level)

    def _with_argument(self, use: Use, value: Expression, level: int) -> Iterator[TextEdit]:
        path = use.path
        statement = self._statement(path)
        if isinstance(value, PathExpression):
            text = _member(self._expression(value, use, level), path.part_segments[1:])
        elif len(path.parts) > 1:
            raise Refused(f"`{path.original}` looks for a part of an argument that has none.")
        else:
            text = self.prompt.text[value.range.start : value.range.end]
            if isinstance(value, SubExpression) and level and _has_paths(value):
                raise Refused(f"the argument {path.parts[0]!r} would be computed inside a block, from other values.")
        if isinstance(statement, MustacheStatement) and not isinstance(value, PathExpression):
            literal = _literal(value)
            if literal is not None:
                yield TextEdit(statement.range, literal)
                return
            text = text[1:-1]
        elif isinstance(statement, BlockStatement):
            if not isinstance(value, PathExpression):
                raise Refused(f"the argument {path.parts[0]!r} is not a variable, but a block runs on it.")
            if statement.close is not None:
                yield TextEdit(statement.close.path.range, text)
        yield TextEdit(path.range, text)

    def _statement(self, path: PathExpression) -> Statement | None:
        """The tag that has the path for its name."""
        nodes = tree(self.called)
        for mustache in nodes.of(MustacheStatement):
            if mustache.tag.path.range == path.range:
                return mustache
        return next((block for block in nodes.of(BlockStatement) if block.open.path.range == path.range), None)

    # Partials in the partial, and its comment

    def _calls(self) -> Iterator[TextEdit]:
        for call in scope(self.called).calls:
            if call.name is not None and call.prompt is not None:
                found = self.project.partial(call.name, self.prompt)
                if found is None or identity(found) != identity(call.prompt):
                    raise Refused(f"{call.name!r} is another partial here than it is inside {self.call.name!r}.")
        if not self._changes_context:
            return
        whole = Range(0, len(self.called.text))
        root = scope(self.called).root
        for bare in bare_calls(self.called, whole):
            level = levels(frame_of(self.called, bare.range), root)
            if level is None:
                raise Refused("it is not known on what a partial inside of this one would run.")
            if level == 0:
                yield from self._handed_on(bare)

    def _handed_on(self, bare: PartialStatement | PartialBlockStatement) -> Iterator[TextEdit]:
        tag = call_tag(bare)
        own = {pair.key for pair in tag.hash}
        text = self.prompt.text
        context = self._context
        if context is not None:
            if not isinstance(context, PathExpression):
                raise Refused("the partial runs on a computed value, which has no name here.")
            at = tag.path.range.end
            yield TextEdit(Range(at, at), f" {text[context.range.start : context.range.end]}")
        added = [text[pair.range.start : pair.range.end] for pair in self.node.tag.hash if pair.key not in own]
        if added:
            end = max([tag.path.range.end, *(pair.range.end for pair in tag.hash)])
            yield TextEdit(Range(end, end), " " + " ".join(added))

    def _without_comment(self) -> Iterator[TextEdit]:
        """Take out the comment that documents the partial, with its line."""
        body = template(self.called).program.body
        if not body or not isinstance(body[0], CommentStatement) or "promptls:" in body[0].value:
            return
        following = body[1] if len(body) > 1 else None
        kept = compiled_partial(self.called).whitespace.kept
        end = kept[following].start if isinstance(following, ContentStatement) else body[0].range.end
        yield TextEdit(Range(body[0].range.start, end), "")


def _root(frame: Frame) -> Context:
    """The context of a partial as a whole."""
    while frame.parent is not None:
        frame = frame.parent
    return frame.context


def _member(value: str, names: Iterable[PathSegment]) -> str:
    """The path to a part of what a path leads to."""
    rest = ".".join(segment_text(each.name) for each in names)
    if not rest or value in ("this", "."):
        return rest or value
    return f"{value}/{rest}" if value.endswith("..") else f"{value}.{rest}"


def _has_paths(value: SubExpression) -> bool:
    pending: list[Expression] = [*value.params, *(pair.value for pair in value.hash)]
    while pending:
        each = pending.pop()
        if isinstance(each, PathExpression):
            return True
        if isinstance(each, SubExpression):
            pending += [*each.params, *(pair.value for pair in each.hash)]
    return False


def _literal(value: Expression) -> str | None:
    """What a literal prints, None for what is none."""
    match value:
        case StringLiteral(value=text):
            return text
        case NumberLiteral(value=number):
            return number_to_string(number)
        case BooleanLiteral(value=truth):
            return "true" if truth else "false"
        case PathExpression() | SubExpression():
            return None
        case _:
            return ""

"""Every path of a template with what it means, in the file itself and in the partials that it calls.

The rules are Handlebars' own (4.7, with `knownHelpersOnly`, as dotprompt compiles it): `each`, `with` and sections
change the context and `if` does not; a name with arguments is always a helper; an inline partial runs where it is
called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promptls.language.files import identity
from promptls.language.helpers import Helper, helpers
from promptls.language.inputs import inputs
from promptls.language.prompt import Prompt, template
from promptls.language.resolution import (
    Context,
    ContextKind,
    Frame,
    PartialCall,
    Resolution,
    Step,
    Use,
    UseKind,
    entered,
    resolve_path,
)
from promptls.language.tree import tree
from promptls.language.values import UNKNOWN, Argument, BlockParameter, Target, Value
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    Expression,
    Missing,
    MustacheStatement,
    NumberLiteral,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
    PathSegment,
    Program,
    StringLiteral,
    SubExpression,
    Tag,
)
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a walk through a template gathers; see `Scope`."""

    frames: list[Frame]
    uses: list[Use]
    calls: list[PartialCall]
    parameters: list[BlockParameter]
    everything_used: bool


def find_uses(prompt: Prompt) -> Found:
    """Resolve every path of a prompt and of the partials that it calls."""
    value = Value(inputs=inputs(prompt))
    walk = _Walk(prompt, value, _Journey(helpers(prompt)), trail=((prompt, value),), inline=_inline_names(prompt))
    root = Frame(Range(0, len(prompt.text)), Context("input", value))
    walk.program(template(prompt).program, root)
    return Found(walk.frames, walk.uses, walk.calls, walk.parameters, walk.journey.everything_used)


def called_name(expression: Expression) -> str | None:
    """The name of a helper or partial as written, or None where it is computed or missing."""
    if isinstance(expression, PathExpression):
        return expression.original
    if isinstance(expression, StringLiteral | NumberLiteral):
        return str(expression.value)
    return None


def inline_partials(prompt: Prompt) -> Iterator[tuple[str, BlockStatement]]:
    """The partials that a template defines in place: `{{#*inline "name"}}…{{/inline}}`."""
    for block in tree(prompt).of(BlockStatement):
        if block.decorator and called_name(block.open.path) == "inline" and block.open.params:
            name = called_name(block.open.params[0])
            if name is not None:
                yield name, block


def _inline_names(prompt: Prompt) -> frozenset[str]:
    return frozenset(name for name, _ in inline_partials(prompt))


# Partials that call partials many times over could be followed for ever.
_MOST_CALLS = 300
_DEEPEST_CALL = 30

_CONDITIONS = frozenset({"if", "unless", "ifEquals", "unlessEquals"})
_NEGATIVE = frozenset({"unless", "unlessEquals"})


@dataclass(slots=True)
class _Journey:
    """What one walk shares with those of the partials that it follows."""

    helpers: Mapping[str, Helper]
    followed: int = 0
    everything_used: bool = False


class _Walk:
    """Walks one template, without recursion: nesting is bounded by memory alone."""

    def __init__(
        self,
        prompt: Prompt,
        root: Value,
        journey: _Journey,
        *,
        trail: tuple[tuple[Prompt, Value], ...],
        inline: frozenset[str],
    ) -> None:
        self.prompt = prompt
        self.root = root
        self.journey = journey
        self.trail = trail
        self.inline = inline
        self.frames: list[Frame] = []
        self.uses: list[Use] = []
        self.calls: list[PartialCall] = []
        self.parameters: list[BlockParameter] = []

    def program(self, program: Program, root: Frame) -> None:
        self.frames.append(root)
        pending: list[tuple[Program, Frame]] = [(program, root)]
        while pending:
            current, frame = pending.pop()
            for statement in current.body:
                if isinstance(statement, MustacheStatement):
                    self._mustache(statement.tag, frame)
                elif isinstance(statement, BlockStatement):
                    pending.extend(self._block(statement, frame))
                elif isinstance(statement, PartialStatement):
                    self._partial(statement, statement.tag, frame)
                elif isinstance(statement, PartialBlockStatement):
                    self._partial(statement, statement.open, frame)
                    # The called partial runs this text, on whatever context it has there.
                    pending.append((statement.program, self._unsure(statement.program.range, frame)))

    def _mustache(self, tag: Tag, frame: Frame) -> None:
        path = _as_path(tag.path)
        if path is not None and not tag.params and not tag.hash and self._helper(path, frame) is None:
            self._use(path, "read", frame)
        else:
            self._call(_as_call(tag), frame)

    def _helper(self, path: PathExpression, frame: Frame) -> Helper | None:
        """The helper that a bare name calls."""
        if not path.is_simple or path.data or path.parts[0] in frame.parameters:
            return None
        return self.journey.helpers.get(path.parts[0])

    def _call(self, call: SubExpression, frame: Frame, kind: UseKind = "argument") -> Value:
        """Resolve a call; the answer is what `lookup` finds, or else the value of the first argument."""
        pending: list[SubExpression] = []
        value = self._arguments(call, frame, kind, pending)
        while pending:
            self._arguments(pending.pop(), frame, "argument", pending)
        return value

    def _arguments(self, call: SubExpression, frame: Frame, kind: UseKind, pending: list[SubExpression]) -> Value:
        name = self._helper_name(_as_path(call.path), frame)
        rest = call.params
        value = UNKNOWN
        first = rest[0] if rest else None
        if isinstance(first, PathExpression):
            rest = rest[1:]
            if name == "lookup" and len(rest) == 1:
                value = self._lookup(first, rest[0], frame, kind)
            else:
                value = self._use(first, kind, frame).value
        for expression in (*rest, *(pair.value for pair in call.hash)):
            if isinstance(expression, PathExpression):
                self._use(expression, kind, frame)
            elif isinstance(expression, SubExpression):
                pending.append(expression)
        return value

    def _helper_name(self, path: PathExpression | None, frame: Frame) -> str | None:
        """Record the use of a helper and give its name."""
        if path is None or not path.parts:
            return None
        if not path.is_scoped and not path.data and path.parts[0] in frame.parameters:
            self._use(path, "read", frame)
            return None
        segment = path.part_segments[0]
        helper = self.journey.helpers.get(segment.name)
        step = Step(segment, "known" if helper else "absent", helper, UNKNOWN, UNKNOWN)
        self.uses.append(Use(self.prompt, path, "helper", (step,), UNKNOWN, frame))
        return segment.name

    def _lookup(self, path: PathExpression, key: Expression, frame: Frame, kind: UseKind) -> Value:
        resolution = resolve_path(path, frame, self.root)
        literal = _literal_segment(key)
        if literal is None:
            self.journey.everything_used |= resolution.value.inputs is not None
            self._record(path, kind, frame, resolution)
            return resolution.value.item
        member = resolution.value.member(literal.name)
        step = Step(literal, member.status, member.target, member.value, resolution.value)
        resolution = resolution._replace(steps=(*resolution.steps, step), value=member.value, context=None)
        self._record(path, kind, frame, resolution)
        return member.value

    def _use(self, path: PathExpression, kind: UseKind, frame: Frame) -> Use:
        resolution = resolve_path(path, frame, self.root)
        if resolution.context is not None and resolution.value.inputs is not None and kind in ("read", "argument"):
            self.journey.everything_used = True
        return self._record(path, kind, frame, resolution)

    def _record(self, path: PathExpression, kind: UseKind, frame: Frame, resolution: Resolution) -> Use:
        use = Use(
            self.prompt,
            path,
            kind,
            resolution.steps,
            resolution.value,
            frame,
            resolution.certain,
            resolution.meant,
            resolution.outside,
        )
        self.uses.append(use)
        return use

    def _block(self, block: BlockStatement, frame: Frame) -> Iterator[tuple[Program, Frame]]:
        path = _as_path(block.open.path)
        if block.decorator:
            self._call(_as_call(block.open, named=False), frame)
            if block.program is not None:
                yield block.program, self._unsure(block.program.range, frame)
            return
        helper = self._helper(path, frame) if path is not None else None
        if path is not None and helper is None and not block.open.params and not block.open.hash:
            main = self._section(block, path, frame)
            inverse = frame
        else:
            main, inverse = self._helper_block(block, helper, frame)
        if block.inverse is not None:
            yield block.inverse, inverse
        if block.program is not None:
            yield block.program, main

    def _helper_block(self, block: BlockStatement, helper: Helper | None, frame: Frame) -> tuple[Frame, Frame]:
        """The frames of a block's two parts."""
        tag = block.open
        name = called_name(tag.path)
        range = block.program.range if block.program else tag.range
        kind: UseKind = "argument"
        if helper is not None and name in ("each", "with"):
            kind = "context"
        elif name in _CONDITIONS:
            kind = "condition"
        before = len(self.uses)
        value = self._call(_as_call(tag), frame, kind)
        guards = frozenset(
            step.target for use in self.uses[before:] for step in use.steps if step.target and use.kind != "helper"
        )
        if helper is None or helper.origin == "settings":
            return self._unsure(range, frame, tag, guards), frame
        if name == "each":
            return self._each(range, tag, value, guards, frame), frame
        if name == "with":
            return self._with(range, tag, value, guards, frame), frame
        computed = any(isinstance(parameter, SubExpression) for parameter in tag.params)
        inverse = frame
        if block.inverse is not None and guards and (computed or name in _NEGATIVE):
            inverse = self._frame(block.inverse.range, frame.context, frame, guards)
        if name in _NEGATIVE and not computed:
            guards = frozenset()
        return self._frame(range, frame.context, frame, guards) if guards else frame, inverse

    def _each(self, range: Range, tag: Tag, value: Value, guards: frozenset[Target], frame: Frame) -> Frame:
        source = _first_path(tag)
        whole = source is not None and resolve_path(source, frame, self.root).context is not None
        if whole and value.inputs is not None:
            self.journey.everything_used = True
        context = entered("each", value.item, frame.context, source)
        parameters = self._block_parameters(tag, (value.item, UNKNOWN))
        return self._frame(range, context, frame, guards, parameters, loops=True)

    def _with(self, range: Range, tag: Tag, value: Value, guards: frozenset[Target], frame: Frame) -> Frame:
        source = _first_path(tag)
        whole = resolve_path(source, frame, self.root).context if source is not None else None
        context = frame.context
        if whole is None or whole.value is not context.value:
            context = entered("with", value, frame.context, source)
        return self._frame(range, context, frame, guards, self._block_parameters(tag, (value,)))

    def _section(self, block: BlockStatement, path: PathExpression, frame: Frame) -> Frame:
        """`{{#x}}…{{/x}}` over a value: a loop, a context or a condition, whatever the value turns out to be."""
        range = block.program.range if block.program else block.open.range
        use = self._use(path, "context", frame)
        guards = frozenset(step.target for step in use.steps if step.target)
        type = use.type.type if use.type else None
        if type == "array":
            return self._frame(range, entered("each", use.value.item, frame.context, path), frame, guards, loops=True)
        if type == "boolean" or not use.steps:
            return self._frame(range, frame.context, frame, guards)
        if type == "object":
            return self._frame(range, entered("section", use.value, frame.context, path), frame, guards)
        return self._unsure(range, frame, block.open, guards)

    def _unsure(
        self, range: Range, frame: Frame, tag: Tag | None = None, guards: frozenset[Target] = frozenset()
    ) -> Frame:
        """A frame of which nobody knows whether its context is another one."""
        context = entered("unsure", frame.context.value, frame.context, None)
        parameters = self._block_parameters(tag, ()) if tag is not None else {}
        return self._frame(range, context, frame, guards, parameters, loops=True)

    def _frame(
        self,
        range: Range,
        context: Context,
        outer: Frame,
        guards: frozenset[Target],
        parameters: Mapping[str, BlockParameter] | None = None,
        *,
        loops: bool = False,
    ) -> Frame:
        seen = {**outer.parameters, **parameters} if parameters else outer.parameters
        frame = Frame(range, context, outer, seen, guards, loops or outer.loops)
        self.frames.append(frame)
        return frame

    def _block_parameters(self, tag: Tag, values: tuple[Value, ...]) -> dict[str, BlockParameter]:
        found = {}
        for index, node in enumerate(tag.block_params):
            found[node.name] = BlockParameter(node, values[index] if index < len(values) else UNKNOWN)
        self.parameters.extend(found.values())
        return found

    def _partial(self, node: PartialStatement | PartialBlockStatement, tag: Tag, frame: Frame) -> None:
        value = self._partial_context(tag, frame)
        name = called_name(tag.path)
        if isinstance(tag.path, SubExpression):
            self._call(tag.path, frame)
        if isinstance(tag.path, Missing) or (isinstance(tag.path, PathExpression) and tag.path.data):
            return
        if name is None:
            self.journey.everything_used = True
            self.calls.append(PartialCall(node, None, frame))
        elif name in self.inline:
            self.calls.append(PartialCall(node, name, frame, inline=True))
        else:
            self._follow(node, name, value, frame)

    def _partial_context(self, tag: Tag, frame: Frame) -> Value:
        """The value that a partial runs on: what it is given, or the current context, with its named arguments."""
        value = frame.context.value
        if tag.params and isinstance(tag.params[0], PathExpression):
            value = self._use(tag.params[0], "partial-argument", frame).value
        elif tag.params:
            value = UNKNOWN
            self._expression(tag.params[0], frame)
        arguments = dict(value.arguments)
        for pair in tag.hash:
            given = UNKNOWN
            if isinstance(pair.value, PathExpression):
                given = self._use(pair.value, "partial-argument", frame).value
            else:
                self._expression(pair.value, frame)
            arguments[pair.key] = Argument(pair, given)
        return Value(value.type, value.inputs, arguments) if tag.hash else value

    def _expression(self, expression: Expression, frame: Frame) -> None:
        if isinstance(expression, SubExpression):
            self._call(expression, frame)

    def _follow(self, node: PartialStatement | PartialBlockStatement, name: str, value: Value, frame: Frame) -> None:
        journey = self.journey
        partial = self.prompt.project.partial(name, self.prompt)
        if partial is None or journey.followed >= _MOST_CALLS or len(self.trail) > _DEEPEST_CALL:
            journey.everything_used = True
            self.calls.append(PartialCall(node, name, frame, partial))
            return
        entry = next((each for each in self.trail if identity(each[0]) == identity(partial)), None)
        if entry is not None:
            # Going round again adds nothing unless the partial sees the whole input for the first time.
            journey.everything_used |= value.inputs is not None and entry[1].inputs is None
            self.calls.append(PartialCall(node, name, frame, partial))
            return
        journey.followed += 1
        kind: ContextKind = "unsure" if frame.context.kind == "unsure" else "input"
        context = Context(kind, value, frame.context if kind == "unsure" else None)
        trail = (*self.trail, (partial, value))
        inside = _Walk(partial, self.root, journey, trail=trail, inline=self.inline | _inline_names(partial))
        program = template(partial).program
        inside.program(program, Frame(program.range, context, loops=frame.loops))
        self.calls.append(PartialCall(node, name, frame, partial, False, tuple(inside.uses), tuple(inside.calls)))


def _as_path(expression: Expression) -> PathExpression | None:
    """A name; a literal in the place of one is a name too, as Handlebars has it (`{{"first name"}}`)."""
    if isinstance(expression, PathExpression):
        return expression
    if isinstance(expression, StringLiteral):
        segment = PathSegment(expression.content_range, expression.value, literal=True)
        return PathExpression(expression.range, (segment,), False, 0, (expression.value,), expression.value)
    return None


def _as_call(tag: Tag, *, named: bool = True) -> SubExpression:
    """A tag as the call that it makes; `named=False` leaves out the name, which then counts as no use."""
    path = tag.path if named else Missing(Range(tag.path.range.start, tag.path.range.start))
    return SubExpression(tag.range, path, tag.params, tag.hash)


def _first_path(tag: Tag) -> PathExpression | None:
    return tag.params[0] if tag.params and isinstance(tag.params[0], PathExpression) else None


def _literal_segment(key: Expression) -> PathSegment | None:
    if isinstance(key, StringLiteral):
        return PathSegment(key.content_range, key.value, literal=True)
    if isinstance(key, NumberLiteral):
        return PathSegment(key.range, str(key.value), literal=True)
    return None

"""How Handlebars looks a path up: contexts, block parameters, `..`, `@root`, and what is known of the outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from promptls.language.helpers import DATA_VARIABLES
from promptls.language.inputs import Declaration
from promptls.language.prompt import Prompt
from promptls.language.schema import Field, SchemaType
from promptls.language.values import UNKNOWN, BlockParameter, Status, Target, Value
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement, PathExpression, PathSegment
from promptls.syntax.source import Range

ContextKind = Literal["input", "each", "with", "section", "unsure"]
UseKind = Literal["read", "condition", "context", "argument", "partial-argument", "helper"]


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What `this` is somewhere, and `parent` what `..` is there.

    `unsure` contexts belong to blocks of which nobody knows what they run on; `source` is the path that was entered,
    and `named` the nearest context around this one that has names of its own.
    """

    kind: ContextKind
    value: Value
    parent: Context | None = None
    source: PathExpression | None = None
    named: Context | None = None


def entered(kind: ContextKind, value: Value, parent: Context, source: PathExpression | None) -> Context:
    """The context inside a block that runs on `value`."""
    named = parent if next(parent.value.members(), None) is not None else parent.named
    return Context(kind, value, parent, source, named)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A stretch of template in which all names mean the same.

    `parameters` are all block parameters seen there, `guards` what its own block tests before it is rendered; `loops`
    says that the data variables of `each` exist.
    """

    range: Range
    context: Context
    parent: Frame | None = None
    parameters: Mapping[str, BlockParameter] = field(default_factory=dict)
    guards: frozenset[Target] = frozenset()
    loops: bool = False

    def tests(self, target: Target) -> bool:
        """Whether an enclosing block is rendered only after a look at `target`."""
        frame: Frame | None = self
        while frame is not None:
            if target in frame.guards:
                return True
            frame = frame.parent
        return False


class Step(NamedTuple):
    """One name of a path and what it means; `owner` is the value that it was looked up on."""

    segment: PathSegment
    status: Status
    target: Target | None
    value: Value
    owner: Value


class Use(NamedTuple):
    """A path in a template. `steps` has one entry for every name in it; `this` and `..` alone have none.

    `certain` is false where the block around it may run on another value than it seems. `meant` is the name of an outer
    context that was probably meant where there is none here; `outside` says that `..` leaves the prompt's input.
    """

    prompt: Prompt
    path: PathExpression
    kind: UseKind
    steps: tuple[Step, ...]
    value: Value
    frame: Frame
    certain: bool = True
    meant: Target | None = None
    outside: bool = False

    @property
    def range(self) -> Range:
        return self.path.range

    @property
    def type(self) -> SchemaType | None:
        return self.value.type

    @property
    def target(self) -> Target | None:
        """What the whole path means."""
        return self.steps[-1].target if self.steps else None

    @property
    def guarded(self) -> bool:
        """Whether an enclosing block tests it, or what it is a part of, before rendering it."""
        return any(step.target is not None and self.frame.tests(step.target) for step in self.steps)


@dataclass(frozen=True, slots=True, eq=False)
class PartialCall:
    """A call of a partial; `uses` are the paths of that partial, resolved as this call has them.

    `name` is None where it is computed, `prompt` is None where no such file is known; `inline` says that a template
    defines it in place.
    """

    node: PartialStatement | PartialBlockStatement
    name: str | None
    frame: Frame
    prompt: Prompt | None = None
    inline: bool = False
    uses: tuple[Use, ...] = ()
    calls: tuple[PartialCall, ...] = ()

    def all_uses(self) -> Iterator[Use]:
        """The uses of this partial and of those that it calls."""
        pending = [self]
        while pending:
            call = pending.pop()
            yield from call.uses
            pending.extend(call.calls)


class Resolution(NamedTuple):
    """What a path means in a frame; `context` is set where the path names a whole context (`this`, `..`, `@root`)."""

    steps: tuple[Step, ...]
    value: Value
    certain: bool = True
    meant: Target | None = None
    outside: bool = False
    context: Context | None = None


def resolve_path(path: PathExpression, frame: Frame, root: Value) -> Resolution:
    """Look a path up as Handlebars does."""
    segments = path.segments
    if path.data:
        return _data(path.part_segments, root)
    scoped = path.is_scoped
    if not scoped and frame.parameters and segments and (parameter := frame.parameters.get(segments[0].name)):
        return _followed(Step(segments[0], "known", parameter, parameter.value, UNKNOWN), segments[1:])
    context: Context | None = frame.context
    certain = frame.context.kind != "unsure"
    for _ in range(path.depth):
        context = context.parent if context is not None else None
        certain = certain and context is not None and context.kind != "unsure"
    if scoped:
        segments = path.part_segments
    if context is None:
        steps = tuple(Step(segment, "unknown", None, UNKNOWN, UNKNOWN) for segment in segments)
        return Resolution(steps, UNKNOWN, certain=False, outside=True)
    if not segments:
        return Resolution((), context.value, certain, context=context)
    return _looked_up(segments, context, certain, scoped=scoped)


def _data(segments: Sequence[PathSegment], root: Value) -> Resolution:
    if not segments:
        return Resolution((), UNKNOWN, certain=False)
    first, *rest = segments
    if first.name == "root":
        whole = Step(first, "known", DATA_VARIABLES["root"], root, UNKNOWN)
        return _followed(whole, rest) if rest else Resolution((whole,), root, context=Context("input", root))
    variable = DATA_VARIABLES.get(first.name)
    return _followed(Step(first, "known" if variable else "unknown", variable, UNKNOWN, UNKNOWN), rest)


def _followed(
    first: Step, segments: Sequence[PathSegment], *, certain: bool = True, meant: Target | None = None
) -> Resolution:
    steps: tuple[Step, ...] = (first,)
    value = first.value
    for segment in segments:
        status, found, target = value.member(segment.name)
        steps = (*steps, Step(segment, status, target, found, value))
        value = found
    return Resolution(steps, value, certain, meant)


def _looked_up(segments: Sequence[PathSegment], context: Context, certain: bool, *, scoped: bool) -> Resolution:
    first, rest = segments[0], segments[1:]
    owner = context.value
    status, found, target = owner.member(first.name)
    if status == "known":
        return _followed(Step(first, "known", target, found, owner), rest, certain=certain)
    outer = _outwards(first.name, context) if not (scoped and certain) else None
    if status == "absent" and certain:
        return _followed(Step(first, "absent", None, UNKNOWN, owner), rest, meant=outer)
    if isinstance(outer, Declaration | Field):
        # Nobody knows what this block runs on; if it is the outer context, this is what the name means.
        return _followed(Step(first, "unknown", outer, Value(outer.type), owner), rest, certain=False)
    return _followed(Step(first, "unknown", None, found, owner), rest, certain=False)


def _outwards(name: str, context: Context) -> Target | None:
    """The nearest thing of this name in the contexts around `context`."""
    outer = context.named
    while outer is not None:
        member = outer.value.member(name)
        if member.target is not None:
            return member.target
        outer = outer.named
    return None

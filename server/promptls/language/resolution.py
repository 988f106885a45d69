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


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One name of a path and what it means; `owner` is the value that it was looked up on."""

    segment: PathSegment
    status: Status
    target: Target | None
    value: Value
    owner: Value


@dataclass(frozen=True, slots=True, eq=False)
class Use:
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
    segments = path.part_segments
    if path.data:
        return _data(segments, path, root)
    if not path.is_scoped and segments and (parameter := frame.parameters.get(segments[0].name)):
        first = Step(segments[0], "known", parameter, parameter.value, UNKNOWN)
        return _followed((first,), segments[1:])
    context: Context | None = frame.context
    certain = context is not None and context.kind != "unsure"
    for _ in range(path.depth):
        context = context.parent if context is not None else None
        certain = certain and context is not None and context.kind != "unsure"
    if context is None:
        steps = tuple(Step(segment, "unknown", None, UNKNOWN, UNKNOWN) for segment in segments)
        return Resolution(steps, UNKNOWN, certain=False, outside=True)
    if not segments:
        return Resolution((), context.value, certain, context=context)
    return _looked_up(segments, context, certain, scoped=path.is_scoped)


def _data(segments: Sequence[PathSegment], path: PathExpression, root: Value) -> Resolution:
    if not segments:
        return Resolution((), UNKNOWN, certain=False)
    first, *rest = segments
    if first.name == "root":
        whole = Step(first, "known", DATA_VARIABLES["root"], root, UNKNOWN)
        resolution = _followed((whole,), rest)
        return resolution if rest else resolution._replace(context=Context("input", root))
    variable = DATA_VARIABLES.get(first.name)
    step = Step(first, "known" if variable else "unknown", variable, UNKNOWN, UNKNOWN)
    return _followed((step,), rest)


def _followed(steps: tuple[Step, ...], segments: Sequence[PathSegment]) -> Resolution:
    for segment in segments:
        owner = steps[-1].value
        member = owner.member(segment.name)
        steps = (*steps, Step(segment, member.status, member.target, member.value, owner))
    return Resolution(steps, steps[-1].value)


def _looked_up(segments: Sequence[PathSegment], context: Context, certain: bool, *, scoped: bool) -> Resolution:
    first, *rest = segments
    owner = context.value
    member = owner.member(first.name)
    if member.status == "known":
        step = Step(first, "known", member.target, member.value, owner)
        return _followed((step,), rest)._replace(certain=certain)
    outer = _outwards(first.name, context) if not (scoped and certain) else None
    if member.status == "absent" and certain:
        step = Step(first, "absent", None, UNKNOWN, owner)
        return _followed((step,), rest)._replace(meant=outer)
    if isinstance(outer, Declaration | Field):
        # Nobody knows what this block runs on; if it is the outer context, this is what the name means.
        step = Step(first, "unknown", outer, Value(outer.type), owner)
        return _followed((step,), rest)._replace(certain=False)
    step = Step(first, "unknown", None, member.value, owner)
    return _followed((step,), rest)._replace(certain=False)


def _outwards(name: str, context: Context) -> Target | None:
    """The nearest thing of this name in the contexts around `context`."""
    outer = context.named
    while outer is not None:
        member = outer.value.member(name)
        if member.target is not None:
            return member.target
        outer = outer.named
    return None

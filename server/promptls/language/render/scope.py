"""What names mean at one place of a template that is being evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from promptls.language.render.compiled import CompiledTemplate
from promptls.language.render.engine import SourceRange
from promptls.language.render.values import is_nullish, loosely_equal
from promptls.syntax.handlebars.nodes import Program
from promptls.syntax.source import Range

Data = Mapping[str, object]

NULL_CONTEXT: Final[Data] = {}
"""What helpers get for a context that is null."""


@dataclass(slots=True)
class Activation:
    """A template being run, as the partial of that name or as the prompt itself (None).

    `inline` are the partials that its decorators have defined so far, None for those without content.
    """

    template: CompiledTemplate
    partial: str | None
    inline: Mapping[str, Closure | None]
    _sources: dict[Range, SourceRange] = field(default_factory=dict)

    def source(self, range: Range) -> SourceRange:
        """The place of a range of this template; one and the same object however often a loop asks."""
        source = self._sources.get(range)
        if source is None:
            source = self._sources[range] = SourceRange(range, self.template.prompt.path, self.partial)
        return source


@dataclass(frozen=True, slots=True)
class Closure:
    """A part of a template with the scope around it; without a program it prints nothing."""

    program: Program | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class PartialBlock:
    """What `@partial-block` holds: the content handed to a partial, and what the name meant outside."""

    closure: Closure
    outer: object


@dataclass(slots=True)
class Scope:
    """The context, those around it, the `@` data, and what the blocks around gave for their parameters.

    Block parameters are a tuple for each block, innermost first, or UNDEFINED where a block gives none.
    """

    context: object
    depths: tuple[object, ...]
    data: Data
    block_params: tuple[object, ...]
    activation: Activation

    @property
    def this(self) -> object:
        """The context as helpers get it."""
        return NULL_CONTEXT if is_nullish(self.context) else self.context

    def entered(self, context: object, data: Data | None, block_params: object) -> Scope:
        """The scope of a block that a helper runs with this context, and with other data if it gives them.

        A context equal to the one outside (by `==`) does not count as another level for `../`.
        """
        depths = self.depths
        outside = depths[0] if depths else None
        same = context is outside or loosely_equal(context, outside)
        if not same and not (context is NULL_CONTEXT and depths and outside is None):
            depths = (context, *depths)
        return Scope(
            context, depths, self.data if data is None else data, (block_params, *self.block_params), self.activation
        )


def framed(data: Data, values: Data | None = None) -> dict[str, object]:
    """A copy of the data with `values` over them, that can be left again by `@../`."""
    return {**data, "_parent": data, **(values or {})}

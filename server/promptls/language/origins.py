"""From a tag that printed something back to the inputs that it printed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from promptls.language.prompt import Prompt, facet
from promptls.language.resolution import Frame, Use
from promptls.language.scope import scope
from promptls.syntax.handlebars.nodes import PathExpression
from promptls.syntax.source import Range


class Origins:
    """For every tag of a template the names that it takes from the template's own input."""

    def __init__(self, prompt: Prompt) -> None:
        self._uses = scope(prompt).uses
        self._starts = [use.range.start for use in self._uses]

    def names(self, tag: Range) -> tuple[str, ...]:
        """The input's names that a tag reads, each once: `books` of `{{title}}` inside `{{#each books}}`."""
        found = (input_name(use.path, use.frame) for use in self._within(tag) if use.kind != "helper")
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def _within(self, tag: Range) -> Iterator[Use]:
        for use in self._uses[bisect_left(self._starts, tag.start) :]:
            if use.range.start >= tag.end:
                return
            yield use


@facet
def origins(prompt: Prompt) -> Origins:
    """Where a template's tags take their values from."""
    return Origins(prompt)


def input_name(path: PathExpression, frame: Frame) -> str | None:
    """The name on the template's input that a path begins at, by way of the blocks around it, if it has one."""
    inner: Frame | None = frame
    while inner is not None:
        if path.data:
            at_root = path.parts[:1] == ("root",) and len(path.parts) > 1
            return path.parts[1] if at_root else None
        name = path.parts[0] if path.parts else None
        if name is not None and not path.is_scoped and name in inner.parameters:
            parameter = inner.parameters[name]
            while inner.parent is not None and inner.parent.parameters.get(name) is parameter:
                inner = inner.parent
            context = inner.context
        else:
            context = inner.context
            for _ in range(path.depth):
                context = context.parent or context
            while inner.parent is not None and inner.context is not context:
                inner = inner.parent
            while inner.parent is not None and inner.parent.context is context:
                inner = inner.parent
            if context.source is None:
                return name
        if context.source is None:
            return None
        path, inner = context.source, inner.parent
    return None

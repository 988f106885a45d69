"""pybars3 behind the engine protocol: what a program that uses it will really send.

It tells no sources, escapes HTML in `{{x}}` and differs from Handlebars in many ways; a preview shows just that. It
turns templates into Python code and runs them, so this engine is for projects that say they run pybars, not for any.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from promptls.language.prompt import Cancelled, Prompt, layout, template
from promptls.language.render.compiled import compiled_partial, literal_name
from promptls.language.render.context import input_values
from promptls.language.render.engine import RenderError, Rendering, RenderRequest, Segment, SourceRange
from promptls.language.render.helpers import VALUE_HELPERS
from promptls.language.render.messages import Marker, Piece, assemble
from promptls.language.render.values import UNDEFINED, SafeString, strictly_equal, to_string
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement, walk
from promptls.syntax.source import Range

_LINE = re.compile(r"Error at character \d+ of line (\d+)")


class PybarsEngine:
    """pybars3, as a `TemplateEngine`; its errors name a line at best."""

    name = "pybars3"

    def render(self, prompt: Prompt, request: RenderRequest) -> Rendering:
        import pybars

        markers = _Markers()
        range = layout(prompt).template_range
        try:
            compiler = pybars.Compiler()
            partials = _partials(prompt, compiler)
            render = compiler.compile(prompt.text[range.start : range.end])
            variables = {f"@{name}": value for name, value in request.context.items()}
            context = {**variables, **input_values(prompt, request)}
            text = str(render(context, helpers=markers.helpers(), partials=partials))
        except Cancelled:
            raise
        except Exception as error:
            return Rendering((), (_error(prompt, range, error),))
        return Rendering(assemble(list(markers.pieces(text)), request.history))


class _Markers:
    """Stands for roles and the like in pybars' text by tokens that no data can guess."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(8)
        self._found: list[Marker] = []

    def helpers(self) -> dict[str, Callable[..., object]]:
        """dotprompt's helpers as pybars calls them; its own built-in ones stay as they are."""
        own = {name: self._helper(name) for name in ("role", "history", "media", "section", "json")}
        return {**own, "ifEquals": _if_equals, "unlessEquals": _unless_equals}

    def _helper(self, name: str) -> Callable[..., object]:
        def helper(this: object, *arguments: object, **named: object) -> object:
            from pybars import strlist

            plain = [_plain(argument) for argument in arguments if not _is_options(argument)]
            value = VALUE_HELPERS[name](plain, {key: _plain(each) for key, each in named.items()})
            if not isinstance(value, SafeString) or value.marker is None:
                return strlist([to_string(value)])
            self._found.append(Marker(value.marker, to_string(value)))
            return strlist([f"\ue000{self._nonce}:{len(self._found) - 1}\ue001"])

        return helper

    def pieces(self, text: str) -> Iterator[Piece]:
        """The rendered text with the markers back in their places."""
        parts = re.split(f"\ue000{self._nonce}:(\\d+)\ue001", text)
        for index, part in enumerate(parts):
            if index % 2:
                yield self._found[int(part)]
            elif part:
                yield Segment(part)


def _is_options(argument: object) -> bool:
    return isinstance(argument, Mapping) and "fn" in argument and callable(argument["fn"])


def _plain(value: object) -> object:
    """A value without pybars' scope around it; what it has not found is undefined."""
    from pybars import Scope

    while isinstance(value, Scope):
        value = value.context
    return UNDEFINED if value is None else value


def _if_equals(this: object, options: Mapping[str, Any], left: object, right: object) -> object:
    return options["fn" if strictly_equal(_plain(left), _plain(right)) else "inverse"](this)


def _unless_equals(this: object, options: Mapping[str, Any], left: object, right: object) -> object:
    return options["inverse" if strictly_equal(_plain(left), _plain(right)) else "fn"](this)


def _partials(prompt: Prompt, compiler: Any) -> dict[str, object]:
    """Every partial that can be named from here, compiled; a missing one is for pybars to complain of."""
    known: dict[str, object] = {}
    pending = [(prompt, template(prompt).program)]
    while pending:
        owner, tree = pending.pop()
        for node in walk(tree):
            if not isinstance(node, PartialStatement | PartialBlockStatement):
                continue
            name = literal_name(node.name)
            partial = owner.project.partial(name, owner) if name and name not in known else None
            if name and partial is not None:
                known[name] = compiler.compile(partial.text)
                pending.append((partial, compiled_partial(partial).root))
    return known


def _error(prompt: Prompt, range: Range, error: Exception) -> RenderError:
    message = f"pybars3 refuses this: {error or type(error).__name__}"
    if (match := _LINE.search(message)) is not None:
        range = prompt.source.line_range(prompt.source.line_at(range.start) + int(match[1]) - 1)
    if isinstance(error, RecursionError):
        message = "pybars3 nests without end, as with a partial that includes itself"
    return RenderError("engine", message, SourceRange(range, prompt.path))

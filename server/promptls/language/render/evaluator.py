"""Templates evaluated as Handlebars 4.7 and dotprompt 1.1.2 do, every piece of output with the text that it came from.

Roles, history, media and sections are values in the output, not text, so that data cannot forge them. Nothing raises
but `Cancelled`: what the runtime would throw is recorded where it stands, and rendering goes on where that makes sense.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from promptls.language.prompt import Prompt
from promptls.language.render.compiled import compiled, compiled_partial, literal_name
from promptls.language.render.context import data_variables, input_values
from promptls.language.render.engine import Rendering, RenderRequest, Segment
from promptls.language.render.expressions import (
    BLOCK_HELPERS,
    arguments,
    evaluate,
    evaluate_call,
    look_up,
    report_host_helper,
)
from promptls.language.render.helpers import VALUE_HELPERS
from promptls.language.render.messages import Marker, Piece, assemble
from promptls.language.render.output import Aborted, Output, source_range
from promptls.language.render.scope import Activation, Closure, Data, PartialBlock, Scope, framed
from promptls.language.render.values import (
    UNDEFINED,
    SafeString,
    is_empty,
    is_nullish,
    is_truthy,
    merged,
    own_keys,
    own_property,
    strictly_equal,
    to_string,
)
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    ContentStatement,
    MustacheStatement,
    PartialBlockStatement,
    PartialStatement,
    Program,
    SubExpression,
    Tag,
)
from promptls.syntax.source import Range

_PARTIAL_BLOCK = "partial-block"


class DotpromptEngine:
    """The evaluator, as a `TemplateEngine`."""

    name = "dotprompt"

    def render(self, prompt: Prompt, request: RenderRequest) -> Rendering:
        return render(prompt, request)


def render(prompt: Prompt, request: RenderRequest | None = None) -> Rendering:
    """The messages that the prompt makes of what the host gives, and what the runtime would refuse."""
    request = request or RenderRequest()
    activation = Activation(compiled(prompt), None, {})
    output = Output(activation, prompt.check_cancelled)
    root = input_values(prompt, request)
    try:
        _Evaluator(output).activate(activation, root, data_variables(prompt, request, root))
    except Aborted:
        pass
    except RecursionError:
        output.too_deep()
    return Rendering(assemble(output.pieces, request.history), tuple(output.errors))


class _Evaluator:
    def __init__(self, output: Output) -> None:
        self._output = output
        self._block_helpers: dict[str, Callable[[_Block], None]] = {
            "if": self._if,
            "unless": self._unless,
            "each": self._each,
            "with": self._with,
            "ifEquals": self._if_equals,
            "unlessEquals": self._unless_equals,
        }
        assert self._block_helpers.keys() == BLOCK_HELPERS

    def activate(self, activation: Activation, context: object, data: Data) -> None:
        """Run a whole template."""
        for error in activation.template.errors:
            self._output.error(error.kind, error.message, error.range, activation)
        self._run(Closure(activation.template.root, Scope(UNDEFINED, (), data, (), activation)), context)

    def _run(
        self, closure: Closure, context: object, data: Data | None = None, block_params: object = UNDEFINED
    ) -> None:
        """Run a program with another context, and with other data or block parameters if its helper gives them."""
        program = closure.program
        if program is None:
            return
        output = self._output
        output.enter()
        scope = closure.scope.entered(context, data, block_params)
        activation = scope.activation
        inline = activation.inline
        if program in activation.template.inline_partials:
            activation.inline = {**inline, **self._inline_partials(program, closure.scope)}
        kept = activation.template.whitespace.kept
        text = activation.template.prompt.text
        for statement in program.body:
            match statement:
                case ContentStatement():
                    range = kept[statement]
                    if range.end > range.start:
                        output.step(activation, range)
                        source = source_range(range, activation)
                        output.print(Segment(text[range.start : range.end], source, literal=True))
                case MustacheStatement(tag=tag):
                    output.step(activation, tag.range)
                    self._mustache(tag, scope)
                case BlockStatement(decorator=False):
                    output.step(activation, statement.open.range)
                    self._block(statement, scope)
                case PartialStatement(tag=tag):
                    output.step(activation, tag.range)
                    self._indented_partial(statement, scope)
                case PartialBlockStatement(open=tag):
                    output.step(activation, tag.range)
                    self._partial(tag, scope, statement.program)
                case _:
                    pass
        activation.inline = inline
        output.leave()

    # Values

    def _mustache(self, tag: Tag, scope: Scope) -> None:
        call = scope.activation.template.calls.get(tag)
        if call is not None:
            self._print(self._called(evaluate_call(call, tag, scope, self._output)), tag, scope)

    def _print(self, value: object, tag: Tag, scope: Scope) -> None:
        if value is UNDEFINED or value is None:
            return
        activation = scope.activation
        source = source_range(tag.range, activation)
        if isinstance(value, SafeString) and value.marker is not None:
            marker = Marker(value.marker, value.text, source)
            if marker.kind == "role" and not marker.is_valid:
                message = "a role's name has small letters only; the runtime takes what follows for its name"
                self._output.error("bad-role", message, tag.range, activation, throws=False)
            self._output.print(marker)
        elif text := to_string(value):
            self._output.print(Segment(text, source))

    def _called(self, value: object) -> object:
        """The value, or where it is `@partial-block`, the only function among values, the text that this renders."""
        if not isinstance(value, PartialBlock):
            return value
        start = len(self._output.pieces)
        self._run(value.closure, UNDEFINED, {_PARTIAL_BLOCK: value.outer})
        return "".join(piece.text for piece in self._output.taken(start))

    # Blocks

    def _block(self, node: BlockStatement, scope: Scope) -> None:
        call = scope.activation.template.calls.get(node.open)
        if call is None:
            self._run(Closure(node.program, scope), scope.context)
        elif call.helper in VALUE_HELPERS:
            self._print(evaluate_call(call, node.open, scope, self._output), node.open, scope)
        else:
            block = _Block(node, scope)
            if call.helper is None:
                self._section(block, self._called(look_up(call.path, scope, self._output)))
                return
            block.positional, block.named = arguments(node.open, scope, self._output)
            helper = self._block_helpers.get(call.helper)
            if helper is not None:
                helper(block)
            else:
                report_host_helper(call.helper, node.open, scope, self._output)
                self._run(block.content, scope.this)

    def _has_arguments(self, block: _Block, count: int, wanted: str) -> bool:
        if len(block.positional) == count:
            return True
        opening = block.node.open
        name = literal_name(opening.path)
        message = f"{name!r} takes {wanted}, but {len(block.positional)} stand here"
        self._output.error("bad-arguments", message, opening.range, block.scope.activation)
        return False

    def _section(self, block: _Block, value: object) -> None:
        """A block over a plain value: it runs once for an object, and for every item of a list."""
        context = block.scope.context
        if value is True:
            self._run(block.content, context)
        elif value is False or is_nullish(value) or (isinstance(value, list | tuple) and not value):
            self._run(block.otherwise, context)
        elif isinstance(value, list | tuple):
            self._iterate(block, [(index, item) for index, item in enumerate(value)])
        else:
            self._run(block.content, value, block_params=block.scope.block_params)

    def _if(self, block: _Block) -> None:
        if self._has_arguments(block, 1, "one value"):
            self._choose(block, self._is_met(block))

    def _unless(self, block: _Block) -> None:
        if self._has_arguments(block, 1, "one value"):
            self._choose(block, not self._is_met(block))

    def _is_met(self, block: _Block) -> bool:
        value = self._called(block.positional[0])
        if is_empty(value):
            return False
        return is_truthy(value) or is_truthy(block.named.get("includeZero", UNDEFINED))

    def _if_equals(self, block: _Block) -> None:
        if self._has_arguments(block, 2, "two values"):
            self._choose(block, strictly_equal(*block.positional))

    def _unless_equals(self, block: _Block) -> None:
        if self._has_arguments(block, 2, "two values"):
            self._choose(block, not strictly_equal(*block.positional))

    def _choose(self, block: _Block, met: bool) -> None:
        self._run(block.content if met else block.otherwise, block.scope.this)

    def _with(self, block: _Block) -> None:
        if not self._has_arguments(block, 1, "one value"):
            return
        value = self._called(block.positional[0])
        if is_empty(value):
            self._run(block.otherwise, block.scope.this)
        else:
            self._run(block.content, value, block_params=(value,))

    def _each(self, block: _Block) -> None:
        if not self._has_arguments(block, 1, "one list or object"):
            return
        value = self._called(block.positional[0])
        items: Sequence[tuple[object, object]]
        if isinstance(value, list | tuple):
            items = [(index, item) for index, item in enumerate(value)]
        else:
            items = [(key, own_property(value, key)) for key in own_keys(value)]
        if items:
            self._iterate(block, items)
        else:
            self._run(block.otherwise, block.scope.this)

    def _iterate(self, block: _Block, items: Sequence[tuple[object, object]]) -> None:
        content = block.content
        frame = framed(block.scope.data)
        for index, (key, item) in enumerate(items):
            frame.update(key=key, index=index, first=index == 0, last=index == len(items) - 1)
            self._run(content, item, frame, (item, key))

    # Partials

    def _inline_partials(self, program: Program, around: Scope) -> dict[str, Closure | None]:
        """The partials that decorators define for a program, closed over the scope in which it was made."""
        found: dict[str, Closure | None] = {}
        context = around.depths[0] if around.depths else UNDEFINED
        scope = Scope(context, around.depths, around.data, around.block_params, around.activation)
        for decorator in around.activation.template.inline_partials[program]:
            is_block = isinstance(decorator, BlockStatement)
            tag = decorator.open if isinstance(decorator, BlockStatement) else decorator.tag
            if literal_name(tag.path) != "inline":
                message = f"there is no decorator {literal_name(tag.path)!r}, only 'inline'"
                self._output.error("unknown-helper", message, tag.range, around.activation)
                continue
            name = evaluate(tag.params[0], scope, self._output) if tag.params else UNDEFINED
            content = decorator.program if isinstance(decorator, BlockStatement) else None
            found[to_string(name)] = Closure(content, around) if is_block else None
        return found

    def _indented_partial(self, node: PartialStatement, scope: Scope) -> None:
        indent = scope.activation.template.whitespace.indents.get(node)
        start = len(self._output.pieces)
        self._partial(node.tag, scope, None)
        if indent is not None and indent.end > indent.start:
            blanks = scope.activation.template.prompt.text[indent.start : indent.end]
            segment = Segment(blanks, source_range(indent, scope.activation), literal=True)
            for piece in _indented(self._output.taken(start), segment):
                self._output.print(piece)

    def _partial(self, tag: Tag, scope: Scope, content: Program | None) -> None:
        name = self._partial_name(tag, scope)
        positional, named = arguments(tag, scope, self._output)
        context = positional[0] if positional else scope.context
        if named:
            context = merged(context, named)
        found = self._found_partial(tag, name, scope)
        data = scope.data
        inline = scope.activation.inline
        if content is not None:
            block = PartialBlock(Closure(content, scope), data.get(_PARTIAL_BLOCK, UNDEFINED))
            data = framed(data, {_PARTIAL_BLOCK: block})
            if content in scope.activation.template.inline_partials:
                inline = {**inline, **self._inline_partials(content, scope)}
            found = found or block
        if isinstance(found, PartialBlock):
            self._run(found.closure, context, framed(data, {_PARTIAL_BLOCK: found.outer}), scope.block_params)
        elif isinstance(found, Closure):
            self._run(found, context, data, scope.block_params)
        elif found is not None:
            self._output.partials.append(name)
            self.activate(Activation(compiled_partial(found), name, inline), context, data)
            self._output.partials.pop()
        else:
            message = f"there is no partial {name!r}" if name else "the name of this partial is empty"
            self._output.error("missing-partial", message, tag.path.range, scope.activation)

    def _partial_name(self, tag: Tag, scope: Scope) -> str:
        if not isinstance(tag.path, SubExpression):
            return literal_name(tag.path) or ""
        name = evaluate(tag.path, scope, self._output)
        return to_string(name) if is_truthy(name) else ""

    def _found_partial(self, tag: Tag, name: str, scope: Scope) -> PartialBlock | Closure | Prompt | None:
        if name == "@partial-block" and not isinstance(tag.path, SubExpression):
            block = scope.data.get(_PARTIAL_BLOCK)
            return block if isinstance(block, PartialBlock) else None
        if name in scope.activation.inline:
            return scope.activation.inline[name]
        prompt = scope.activation.template.prompt
        return prompt.project.partial(name, prompt) if name else None


class _Block:
    """A call of a helper that runs content: its arguments and what it may run."""

    def __init__(self, node: BlockStatement, scope: Scope) -> None:
        self.node = node
        self.scope = scope
        self.content = Closure(node.program, scope)
        self.otherwise = Closure(node.inverse, scope)
        self.positional: list[object] = []
        self.named: dict[str, object] = {}


def _indented(pieces: Sequence[Piece], indent: Segment) -> list[Piece]:
    """The pieces with the indent before every line that has anything on it."""
    result: list[Piece] = []
    at_line_start = True
    for piece in pieces:
        if isinstance(piece, Marker):
            result += [indent, piece] if at_line_start else [piece]
            at_line_start = False
            continue
        start = 0
        for line in piece.text.split("\n"):
            end = min(start + len(line) + 1, len(piece.text))
            if end == start:
                continue
            if at_line_start:
                result.append(indent)
            result.append(_slice(piece, start, end))
            at_line_start = piece.text[end - 1] == "\n"
            start = end
    return result


def _slice(segment: Segment, start: int, end: int) -> Segment:
    source = segment.source
    if source is None or not segment.literal:
        return Segment(segment.text[start:end], source, segment.literal)
    begin = source.range.start
    return Segment(segment.text[start:end], replace(source, range=Range(begin + start, begin + end)), literal=True)

"""Templates evaluated as Handlebars 4.7 and dotprompt 1.1.2 do, every piece of output with the text that it came from.

Roles, history, media and sections are values in the output, not text, so that data cannot forge them. Nothing raises
but `Cancelled`: what the runtime would throw is recorded where it stands, and rendering goes on where that makes sense.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promptls.language.prompt import Prompt
from promptls.language.render.blocks import BLOCK_HELPERS, Block, run_section
from promptls.language.render.compiled import compiled, compiled_partial, literal_name
from promptls.language.render.context import data_variables, input_values
from promptls.language.render.engine import Rendering, RenderRequest, Segment
from promptls.language.render.expressions import (
    arguments,
    evaluate,
    evaluate_call,
    look_up,
    report_host_helper,
)
from promptls.language.render.helpers import VALUE_HELPERS
from promptls.language.render.messages import Marker, Piece, assemble
from promptls.language.render.output import Aborted, Output
from promptls.language.render.scope import Activation, Closure, Data, PartialBlock, Scope, framed
from promptls.language.render.values import (
    UNDEFINED,
    SafeString,
    is_truthy,
    merged,
    to_string,
)
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    ContentStatement,
    MustacheStatement,
    PartialBlockStatement,
    PartialStatement,
    Program,
    Statement,
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

    def activate(self, activation: Activation, context: object, data: Data) -> None:
        """Run a whole template."""
        for error in activation.template.errors:
            self._output.error(error.kind, error.message, error.range, activation)
        around = Scope(UNDEFINED, (), data, (), activation)
        self._run_program(activation.template.root, Scope(context, (context,), data, (), activation), around)

    # Whatever prints returns what it would be in JavaScript, since there numbers that meet are added up: a text (any
    # text will do), or the number, truth value, list or object that was printed alone.

    def _run(
        self, closure: Closure, context: object, data: Data | None = None, block_params: object = UNDEFINED
    ) -> object:
        """Run a program with another context, and with other data or block parameters if its helper gives them."""
        if closure.program is None:
            return ""
        scope = closure.scope.entered(context, data, block_params)
        return self._run_program(closure.program, scope, closure.scope)

    def _run_program(self, program: Program, scope: Scope, around: Scope) -> object:
        """Run a program in its own scope; `around` is the one in which it was made, for its inline partials."""
        output, activation = self._output, scope.activation
        output.enter()
        inline = activation.inline
        if program in activation.template.inline_partials:
            activation.inline = {**inline, **self._inline_partials(program, around)}
        result: object = None
        begin = len(output.pieces)
        for statement in program.body:
            printed = self._statement(statement, scope)
            if printed is None:
                continue
            if isinstance(result, int | float) and isinstance(printed, int | float):
                result = self._added(result, printed, begin, statement, activation)
            else:
                result = printed if result is None else ""
        activation.inline = inline
        output.leave()
        return "" if result is None else result

    def _statement(self, statement: Statement, scope: Scope) -> object:
        """What the statement printed, or None where it is none that prints."""
        output, activation = self._output, scope.activation
        match statement:
            case ContentStatement():
                range = activation.template.whitespace.kept[statement]
                if range.end == range.start:
                    return None
                output.step(activation, range)
                text = activation.template.prompt.text[range.start : range.end]
                output.print(Segment(text, activation.source(range), literal=True))
                return text
            case MustacheStatement(tag=tag):
                output.step(activation, tag.range)
                return self._mustache(tag, scope)
            case BlockStatement(decorator=False):
                output.step(activation, statement.open.range)
                return self._block(statement, scope)
            case PartialStatement(tag=tag):
                output.step(activation, tag.range)
                return self._indented_partial(statement, scope)
            case PartialBlockStatement(open=tag):
                output.step(activation, tag.range)
                return self._partial(tag, scope, statement.program)
            case _:
                return None

    def _added(self, left: float, right: float, begin: int, statement: Statement, activation: Activation) -> float:
        """Numbers without a text between them, which Handlebars joins by `+` before they become text."""
        total = left + right
        parts = self._output.taken(begin)
        self._output.print(Segment(to_string(total), parts[-1].source))
        message = f"the runtime adds these values up, since no text stands between them: {to_string(total)}"
        self._output.error("values-added", message, statement.range, activation, throws=False)
        return total

    # Values

    def _mustache(self, tag: Tag, scope: Scope) -> object:
        call = scope.activation.template.calls.get(tag)
        if call is None:
            return ""
        return self._print(self._called(evaluate_call(call, tag, scope, self._output)), tag, scope)

    def _print(self, value: object, tag: Tag, scope: Scope) -> object:
        if value is UNDEFINED or value is None:
            return ""
        activation = scope.activation
        source = activation.source(tag.range)
        if isinstance(value, SafeString) and value.marker is not None:
            marker = Marker(value.marker, to_string(value), source)
            if marker.kind == "role" and not marker.is_valid:
                message = "a role's name has small letters only; the runtime takes what follows for its name"
                self._output.error("bad-role", message, tag.range, activation, throws=False)
            self._output.print(marker)
        elif text := to_string(value):
            self._output.print(Segment(text, source))
        return value

    def _called(self, value: object) -> object:
        """The value, or where it is `@partial-block`, the only function among values, the text that this renders."""
        if not isinstance(value, PartialBlock):
            return value
        start = len(self._output.pieces)
        result = self._run(value.closure, UNDEFINED, {_PARTIAL_BLOCK: value.outer})
        text = "".join(piece.text for piece in self._output.taken(start))
        return text if isinstance(result, str) else result

    # Blocks

    def _block(self, node: BlockStatement, scope: Scope) -> object:
        call = scope.activation.template.calls.get(node.open)
        if call is None:
            return self._run(Closure(node.program, scope), scope.context)
        if call.helper in VALUE_HELPERS:
            return self._print(evaluate_call(call, node.open, scope, self._output), node.open, scope)
        content, otherwise = Closure(node.program, scope), Closure(node.inverse, scope)
        if call.helper is None:
            value = self._called(look_up(call.path, scope, self._output))
            return run_section(Block(scope, content, otherwise, (), {}), value, self._run)
        positional, named = arguments(node.open, scope, self._output)
        block = Block(scope, content, otherwise, [self._called(value) for value in positional], named)
        helper = BLOCK_HELPERS.get(call.helper)
        if helper is None:
            report_host_helper(call.helper, node.open, scope, self._output)
            return self._run(content, scope.this)
        if len(positional) != helper.arguments:
            wanted = "one argument" if helper.arguments == 1 else f"{helper.arguments} arguments"
            message = f"{call.helper!r} takes {wanted}, but {len(positional)} stand here"
            self._output.error("bad-arguments", message, node.open.range, scope.activation)
            return ""
        return helper.run(block, self._run)

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

    def _indented_partial(self, node: PartialStatement, scope: Scope) -> object:
        indent = scope.activation.template.whitespace.indents.get(node)
        start = len(self._output.pieces)
        result = self._partial(node.tag, scope, None)
        if indent is None or indent.end == indent.start:
            return result
        if not isinstance(result, str):
            message = "the runtime cannot indent what is no text"
            self._output.error("bad-arguments", message, node.range, scope.activation)
        blanks = scope.activation.template.prompt.text[indent.start : indent.end]
        segment = Segment(blanks, scope.activation.source(indent), literal=True)
        for piece in _indented(self._output.taken(start), segment):
            self._output.print(piece)
        return ""

    def _partial(self, tag: Tag, scope: Scope, content: Program | None) -> object:
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
            return self._run(found.closure, context, framed(data, {_PARTIAL_BLOCK: found.outer}), scope.block_params)
        if isinstance(found, Closure):
            return self._run(found, context, data, scope.block_params)
        if found is not None:
            self._output.partials.append(name)
            self.activate(Activation(compiled_partial(found), name, inline), context, data)
            self._output.partials.pop()
        else:
            message = f"there is no partial {name!r}" if name else "the name of this partial is empty"
            self._output.error("missing-partial", message, tag.path.range, scope.activation)
        return ""

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


def _indented(pieces: Sequence[Piece], indent: Segment) -> list[Piece]:
    """The pieces with the indent before every line that has anything on it."""
    result: list[Piece] = []
    at_line_start = True
    for piece in pieces:
        if isinstance(piece, Marker):
            marker = replace(piece, text=piece.text.replace("\n", "\n" + indent.text))
            result += [indent, marker] if at_line_start else [marker]
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

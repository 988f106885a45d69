"""The values of paths, literals, sub-expressions and helper calls."""

from __future__ import annotations

from collections.abc import Mapping

from promptls.language.render.blocks import BLOCK_HELPERS
from promptls.language.render.compiled import Call
from promptls.language.render.helpers import VALUE_HELPERS, HelperError
from promptls.language.render.output import Output
from promptls.language.render.scope import Scope
from promptls.language.render.values import UNDEFINED, SafeString, is_truthy, own_property, to_string
from promptls.syntax.handlebars.nodes import (
    BooleanLiteral,
    Expression,
    NullLiteral,
    NumberLiteral,
    PathExpression,
    StringLiteral,
    SubExpression,
    Tag,
)


def evaluate(expression: Expression, scope: Scope, output: Output) -> object:
    """The value of an expression; what the runtime would refuse is reported and UNDEFINED."""
    match expression:
        case PathExpression():
            return look_up(expression, scope, output)
        case StringLiteral(value=value) | NumberLiteral(value=value) | BooleanLiteral(value=value):
            return value
        case SubExpression():
            call = scope.activation.template.calls.get(expression)
            if call is None:
                return UNDEFINED
            output.enter()
            result = evaluate_call(call, expression, scope, output)
            output.leave()
            if isinstance(result, SafeString):
                output.spend(to_string(result))
            return result
        case NullLiteral():
            return None
        case _:
            return UNDEFINED


def arguments(node: Tag | SubExpression, scope: Scope, output: Output) -> tuple[list[object], dict[str, object]]:
    """The positional and the named arguments of a call."""
    positional = [evaluate(param, scope, output) for param in node.params]
    return positional, {pair.key: evaluate(pair.value, scope, output) for pair in node.hash}


def evaluate_call(call: Call, node: Tag | SubExpression, scope: Scope, output: Output) -> object:
    """The value of a field, or of a helper that returns one."""
    if call.helper is None:
        return look_up(call.path, scope, output)
    name = call.helper
    positional, named = arguments(node, scope, output)
    if (helper := VALUE_HELPERS.get(name)) is not None:
        try:
            return helper(positional, named)
        except HelperError as error:
            output.error("bad-arguments", str(error), node.range, scope.activation)
    elif name in BLOCK_HELPERS:
        message = f"{name!r} needs content: {{{{#{name} …}}}}…{{{{/{name}}}}}"
        output.error("bad-arguments", message, node.range, scope.activation)
    else:
        report_host_helper(name, node, scope, output)
    return UNDEFINED


def report_host_helper(name: str, node: Tag | SubExpression, scope: Scope, output: Output) -> None:
    """Say that what a helper does is unknown here. (A name that no one declares was reported by the compiler.)"""
    if name in scope.activation.template.prompt.settings.helpers:
        message = f"{name!r} is the host's own helper; what it prints is not known here"
        output.error("host-helper", message, node.range, scope.activation, throws=False)


def look_up(path: PathExpression, scope: Scope, output: Output) -> object:
    """The value that a path leads to, UNDEFINED where it leads nowhere."""
    # An empty name, as in `{{""}}`, is no name to Handlebars.
    parts = path.parts if path.parts and path.parts[0] else ()
    param = scope.activation.template.block_params.get(path)
    if param is not None:
        value = _block_param(path, param, scope, output)
        parts = parts[1:]
    elif path.data and parts:
        return _data_variable(path, scope)
    elif not path.depth:
        value = scope.context
    else:
        value = scope.depths[path.depth] if path.depth < len(scope.depths) else UNDEFINED
    for name in parts:
        if value is None or value is UNDEFINED:
            break
        value = own_property(value, name)
    return value


def _block_param(path: PathExpression, param: tuple[int, int], scope: Scope, output: Output) -> object:
    level, index = param
    values = scope.block_params[level] if level < len(scope.block_params) else UNDEFINED
    if isinstance(values, tuple):
        return values[index] if index < len(values) else UNDEFINED
    message = f"the block that names {path.parts[0]!r} gives no parameter"
    output.error("bad-arguments", message, path.range, scope.activation)
    return UNDEFINED


def _data_variable(path: PathExpression, scope: Scope) -> object:
    value: object = scope.data
    for _ in range(path.depth):
        value = value.get("_parent", UNDEFINED) if isinstance(value, Mapping) else UNDEFINED
    for name in path.parts:
        if not is_truthy(value):
            break
        value = own_property(value, name)
    return value

"""Rules about blocks that have no effect."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.helpers import helpers
from promptls.language.prompt import Prompt, template
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.edits import deletion
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.rules.template_syntax import is_broken
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    BooleanLiteral,
    ContentStatement,
    Expression,
    NullLiteral,
    NumberLiteral,
    PathExpression,
    Program,
    StringLiteral,
    UndefinedLiteral,
)
from promptls.syntax.source import Range, TextEdit

_CONDITIONS = frozenset({"if", "unless", "ifEquals", "unlessEquals"})
_NEGATIVE = frozenset({"unless", "unlessEquals"})
_OPPOSITES = {"if": "unless", "unless": "if", "ifEquals": "unlessEquals", "unlessEquals": "ifEquals"}


def _is_empty(program: Program | None) -> bool:
    """Whether a part of a block is white space alone; a comment shows that it was left so on purpose."""
    body = program.body if program else ()
    return all(isinstance(each, ContentStatement) and not each.value.strip() for each in body)


def _is_whole(block: BlockStatement) -> bool:
    """Whether a block has its own end, so that it can be edited as one."""
    return block.close is not None and not block.raw and not block.decorator and not block.inverted


@rule("template/empty-block", Severity.WARNING, certainty="likely", fixable="unsafe")
def empty_block(prompt: Prompt) -> Iterator[Finding]:
    """A block holds nothing but white space.

    It renders nothing whatever its condition is, so something is missing or left over. A block whose only content is a
    comment is taken as left empty on purpose.

    ```prompt bad
    {{role "user"}}
    {{#if name}}
    {{/if}}
    Hello!
    ```

    ```prompt bad
    {{role "user"}}
    {{#if name}}{{else}}Tell me your name.{{/if}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if name}}{{! nothing to add yet }}{{/if}}
    Hello!
    ```

    ```prompt good
    {{role "user"}}
    {{#each tags}}{{this}}{{else}}{{/each}} {{#> footer}}{{/footer}}
    ```
    """
    known = helpers(prompt)
    for block in tree(prompt).of(BlockStatement):
        name = called_name(block.open.path)
        helper = known.get(name) if name else None
        if block.raw or block.decorator or (helper is not None and not helper.has_else):
            continue
        chained = block.open.opening.rstrip().endswith("else")
        if not _is_empty(block.program) or (block.close is None and not chained):
            continue
        if _is_empty(block.inverse):
            fix = _removed(prompt, block) if _is_whole(block) and not template(prompt).errors else None
            yield Finding(block.open.path.range, f"the block `{name}` is empty", help="Fill or remove it.", fix=fix)
        elif not chained and not block.inverted and name in _OPPOSITES and block.inverse and not block.inverse.chained:
            opposite = _OPPOSITES[name]
            yield Finding(
                block.open.path.range,
                f"the block `{name}` is empty before its {{{{else}}}}",
                help=f"`{opposite}` says the same without an else.",
                fix=_turned(prompt, block, opposite),
            )


def _removed(prompt: Prompt, block: BlockStatement) -> Fix:
    return Fix("Remove the block", (deletion(prompt.source, block.range),), safe=False)


def _turned(prompt: Prompt, block: BlockStatement, name: str) -> Fix | None:
    if block.close is None or block.else_tag is None:
        return None
    edits = (
        TextEdit(block.open.path.range, name),
        TextEdit(Range(block.open.range.end, block.else_tag.range.end), ""),
        TextEdit(block.close.path.range, name),
    )
    return Fix(f"Use {name}", edits, safe=False)


@rule("template/constant-condition", Severity.WARNING, certainty="certain", fixable="unsafe")
def constant_condition(prompt: Prompt) -> Iterator[Finding]:
    """A condition is the same at every call.

    One of the two branches can never be rendered. A literal is usually left over from a try, or a name in quotes by
    mistake: `{{#if "premium"}}` tests a text, not the input.

    ```prompt bad
    {{role "user"}}
    {{#if true}}Be brief.{{else}}Be thorough.{{/if}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#if "premium"}}Welcome back!{{/if}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#ifEquals tone tone}}Be formal.{{/ifEquals}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if premium}}Welcome back!{{/if}}
    ```

    ```prompt good
    {{role "user"}}
    {{#ifEquals tone "formal"}}Be formal.{{/ifEquals}}
    ```
    """
    for block in tree(prompt).of(BlockStatement):
        name = called_name(block.open.path)
        if name not in _CONDITIONS or block.raw or is_broken(prompt, block.open.range):
            continue
        holds = _constant(block)
        if holds is None:
            continue
        rendered = holds != (name in _NEGATIVE) and not block.inverted
        place = Range(block.open.params[0].range.start, block.open.params[-1].range.end)
        outcome = "always" if rendered else "never"
        yield Finding(
            place,
            f"this condition is constant: the block's content is {outcome} rendered",
            help="Test an input, or keep only the branch that is rendered.",
            fix=_kept(prompt, block, rendered) if _is_whole(block) else None,
        )


def _constant(block: BlockStatement) -> bool | None:
    """What the condition always is, or None where it depends on the input."""
    params = block.open.params
    if called_name(block.open.path) in ("if", "unless"):
        include_zero = any(pair.key == "includeZero" for pair in block.open.hash)
        return _truth(params[0], include_zero=include_zero) if len(params) == 1 else None
    if len(params) != 2:
        return None
    left, right = (_literal(each) for each in params)
    if left is not None and right is not None:
        return left == right
    one, other = params
    same = isinstance(one, PathExpression) and isinstance(other, PathExpression) and one.original == other.original
    return True if same else None


def _literal(expression: Expression) -> tuple[str, object] | None:
    """A literal's JavaScript type and value, since the comparison is strict."""
    match expression:
        case StringLiteral(value=value):
            return ("string", value)
        case NumberLiteral(value=value):
            return ("number", value)
        case BooleanLiteral(value=value):
            return ("boolean", value)
        case NullLiteral():
            return ("null", None)
        case UndefinedLiteral():
            return ("undefined", None)
        case _:
            return None


def _truth(expression: Expression, *, include_zero: bool) -> bool | None:
    found = _literal(expression)
    if found is None:
        return None
    type, value = found
    return bool(value) or (include_zero and type == "number")


def _kept(prompt: Prompt, block: BlockStatement, rendered: bool) -> Fix | None:
    """Keep the branch that is rendered, without the tags around it."""
    if block.close is None or (block.inverse is not None and block.inverse.chained):
        return None
    source = prompt.source
    last = deletion(source, block.close.range)
    if rendered:
        first = deletion(source, block.open.range)
        if block.else_tag is not None:
            last = deletion(source, Range(block.else_tag.range.start, block.close.range.end))
    elif block.else_tag is not None:
        first = deletion(source, Range(block.open.range.start, block.else_tag.range.end))
    else:
        return _removed(prompt, block)
    return Fix("Keep the branch that is rendered", (first, last), safe=False)


@rule("template/useless-else", Severity.WARNING, certainty="certain", fixable="unsafe")
def useless_else(prompt: Prompt) -> Iterator[Finding]:
    """An `{{else}}` has nothing after it.

    The block means the same without it, apart from white space, so either text is missing or the tag is left over.

    ```prompt bad
    {{role "user"}}
    {{#if name}}Hello, {{name}}!{{else}}{{/if}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#each items}}
    - {{this}}
    {{else}}
    {{/each}}
    ```

    ```prompt good
    {{role "user"}}
    {{#each items}}
    - {{this}}
    {{else}}
    {{! an empty list says nothing }}
    {{/each}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if name}}Hello, {{name}}!{{else if title}}Hello, {{title}}!{{/if}}
    ```
    """
    for block in tree(prompt).of(BlockStatement):
        inverse = block.program if block.inverted else block.inverse
        main = block.inverse if block.inverted else block.program
        if block.else_tag is None or inverse is None or inverse.chained or block.raw or _is_empty(main):
            continue
        if _is_empty(inverse):
            edit = TextEdit(Range(block.else_tag.range.start, inverse.range.end), "")
            yield Finding(
                block.else_tag.range,
                "nothing follows this {{else}}",
                help="Remove it, or say what is rendered otherwise.",
                fix=Fix("Remove the {{else}}", (edit,), safe=False),
                tags=("unnecessary",),
            )

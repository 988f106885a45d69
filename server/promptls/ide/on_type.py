"""What is typed along: the end of a block after its beginning, and the name in a closing tag."""

from __future__ import annotations

from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt, layout, template
from promptls.syntax.handlebars import Template, parse
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    Expression,
    NumberLiteral,
    PartialBlockStatement,
    PathExpression,
    Program,
    StringLiteral,
    walk,
)
from promptls.syntax.source import Range, TextEdit

TRIGGERS = ("}", "/")
"""The characters after which an editor should ask."""

_Block = BlockStatement | PartialBlockStatement


def on_type(prompt: Prompt, offset: int, character: str) -> tuple[TextEdit, ...]:
    """The edits that complete what was just typed; the cursor at `offset` stands after `character`."""
    start, end = layout(prompt).template_range
    if character not in TRIGGERS or not start < offset <= end or not is_dotprompt(prompt):
        return ()
    text = _closer(prompt, offset) if character == "}" else _name(prompt, offset)
    return (TextEdit(Range(offset, offset), text),) if text else ()


def _closer(prompt: Prompt, offset: int) -> str | None:
    """The end of the block whose opening tag ends at the cursor, unless an end that stands there already fits it."""
    tree = template(prompt)
    block = next(
        (each for each in walk(tree.program) if isinstance(each, _Block) and each.open.range.end == offset), None
    )
    # The tag of an `{{else if}}` opens a block too.
    if block is None or not block.open.is_closed or "else" in block.open.opening:
        return None
    name = _shown(prompt, block.open.path)
    start, end = layout(prompt).template_range
    opening = block.open.range
    without = parse(
        prompt.text[: opening.start] + prompt.text[opening.end :], start, end - (opening.end - opening.start)
    )
    if name is None or _unclosed(tree) <= _unclosed(without):
        return None
    return f"{{{{{{{{/{name}}}}}}}}}" if isinstance(block, BlockStatement) and block.raw else f"{{{{/{name}}}}}"


def _unclosed(tree: Template) -> int:
    return sum(error.kind == "unclosed-block" for error in tree.errors)


def _name(prompt: Prompt, offset: int) -> str | None:
    """What is missing of a closing tag that has been begun: its name, and its braces if they are not there yet."""
    tag = next((each for each in template(prompt).tokens if each.end == offset and each.kind == "OPEN_ENDBLOCK"), None)
    if tag is None:
        return None
    following = prompt.text[offset : offset + 3].lstrip("~")
    if following and not following[0].isspace() and following[0] not in "}{<":
        return None
    start, _ = layout(prompt).template_range
    block = _innermost_open(parse(prompt.text, start, tag.start).program)
    name = _shown(prompt, block.open.path) if block is not None else None
    return name if name is None or following.startswith("}}") else name + "}}"


def _innermost_open(program: Program) -> _Block | None:
    """The innermost block that the end of a text stands in."""
    found: _Block | None = None
    inside: Program | None = program
    while inside is not None and inside.body:
        last = inside.body[-1]
        if not isinstance(last, _Block) or last.close is not None or last.range.end < program.range.end:
            break
        if not inside.chained:
            found = last
        parts = [last.program] if isinstance(last, PartialBlockStatement) else [last.program, last.inverse]
        inside = max((part for part in parts if part is not None), key=lambda part: part.range)
    return found


def _shown(prompt: Prompt, name: Expression) -> str | None:
    """A block's name as its end must write it."""
    match name:
        case PathExpression(range=range) | NumberLiteral(range=range):
            return prompt.text[range.start : range.end]
        case StringLiteral(value=value):
            return value if value.isidentifier() else f"[{value}]" if "]" not in value else None
        case _:
            return None

"""Our tree in the shape of npm Handlebars' own, to compare the two."""

import re
from typing import Any

from promptls.syntax.handlebars import Template
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    BooleanLiteral,
    CommentStatement,
    ContentStatement,
    Decorator,
    Expression,
    HashPair,
    MustacheStatement,
    NumberLiteral,
    PartialBlockStatement,
    PartialStatement,
    PathExpression,
    Program,
    Statement,
    StringLiteral,
    SubExpression,
    Tag,
)
from promptls.syntax.source import Range, Source

Json = dict[str, Any]

_LOCATED = {"PathExpression", "StringLiteral", "NumberLiteral", "BooleanLiteral", "UndefinedLiteral", "NullLiteral"} | {
    "SubExpression",
    "HashPair",
    "MustacheStatement",
    "Decorator",
    "PartialStatement",
}
_DERIVED = {
    "Program": {"strip"},
    # White space control has been applied to `value`; `original` is what was written.
    "ContentStatement": {"value", "leftStripped", "rightStripped"},
    "PartialStatement": {"indent"},
    "StringLiteral": {"original"},
    "NumberLiteral": {"original"},
    "BooleanLiteral": {"original"},
    "NullLiteral": {"original", "value"},
}


def normalized(ast: Any, text: str) -> Any:
    """Handlebars' tree without what it derives, as far as its positions can be trusted with them.

    Its columns are wrong after line ends and after `{{!--`, which its lexer puts back and reads again.
    """
    return _normalized(ast, keep_columns=has_columns(text))


def has_columns(text: str) -> bool:
    return re.search(r"[\r\n]|\{\{~?!--", text) is None


def _normalized(node: Any, *, keep_columns: bool) -> Any:
    if isinstance(node, list):
        return [_normalized(item, keep_columns=keep_columns) for item in node]
    if not isinstance(node, dict):
        return node
    kind = node.get("type", "")
    dropped = _DERIVED.get(kind, set()) | {"loc"}
    result = {key: _normalized(value, keep_columns=keep_columns) for key, value in node.items() if key not in dropped}
    if keep_columns and kind in _LOCATED:
        result["columns"] = [node["loc"]["start"]["column"], node["loc"]["end"]["column"]]
    if kind == "BlockStatement" and node["openStrip"] == {}:
        # The lexer cuts what a raw block holds at nested braces.
        result["program"]["body"] = _joined(result["program"]["body"])
    return result


def _joined(contents: list[Json]) -> list[Json]:
    text = "".join(content["original"] for content in contents)
    return [{"type": "ContentStatement", "original": text}] if text else []


def first_difference(theirs: Any, mine: Any, path: str = "tree") -> str | None:
    """Where two trees part, for people to read; None where they are equal."""
    if isinstance(theirs, dict) and isinstance(mine, dict) and theirs.keys() == mine.keys():
        pairs = ((f"{path}.{key}", theirs[key], mine[key]) for key in theirs)
    elif isinstance(theirs, list) and isinstance(mine, list) and len(theirs) == len(mine):
        pairs = ((f"{path}[{index}]", *pair) for index, pair in enumerate(zip(theirs, mine, strict=True)))
    else:
        return None if theirs == mine else f"{path}: theirs {theirs!r}, ours {mine!r}"
    return next(filter(None, (first_difference(theirs, mine, path) for path, theirs, mine in pairs)), None)


def ours(template: Template, text: str) -> Json:
    """The tree of an accepted template as `normalized` gives Handlebars'."""
    return _Writer(text).program(template.program)


class _Writer:
    def __init__(self, text: str) -> None:
        self._source = Source(text)
        self._columns = has_columns(text)

    def program(self, program: Program) -> Json:
        result: Json = {"type": "Program", "body": [self._statement(statement) for statement in program.body]}
        if program.block_params:
            result["blockParams"] = [param.name for param in program.block_params]
        if program.chained:
            result["chained"] = True
        return result

    def _node(self, kind: str, range: Range, **fields: Any) -> Json:
        result: Json = {"type": kind, **fields}
        if self._columns:
            result["columns"] = [self._source.position(offset, "utf-16").character for offset in range]
        return result

    def _statement(self, statement: Statement) -> Json:
        match statement:
            case ContentStatement(value=value):
                return {"type": "ContentStatement", "original": value}
            case CommentStatement(value=value, strip_before=before, strip_after=after):
                return {"type": "CommentStatement", "value": value, "strip": {"open": before, "close": after}}
            case MustacheStatement(tag=tag, escaped=escaped):
                return self._node("MustacheStatement", tag.range, **self._call(tag), escaped=escaped, strip=_strip(tag))
            case Decorator(tag=tag):
                return self._node("Decorator", tag.range, **self._call(tag), escaped=True, strip=_strip(tag))
            case PartialStatement(tag=tag):
                return self._node("PartialStatement", tag.range, **self._call(tag, "name"), strip=_strip(tag))
            case PartialBlockStatement(open=tag, program=program, close=close):
                assert close is not None
                return {
                    "type": "PartialBlockStatement",
                    **self._call(tag, "name"),
                    "program": self.program(program),
                    "openStrip": _strip(tag),
                    "closeStrip": _strip(close),
                }
            case BlockStatement(raw=True, open=tag, program=program):
                assert program is not None
                strips: Json = {"openStrip": {}, "inverseStrip": {}, "closeStrip": {}}
                return {"type": "BlockStatement", **self._call(tag), "program": self.program(program), **strips}
            case BlockStatement():
                assert statement.close is not None
                return self._block(statement, _strip(statement.close))

    def _block(self, block: BlockStatement, close_strip: Json) -> Json:
        result: Json = {"type": "DecoratorBlock" if block.decorator else "BlockStatement", **self._call(block.open)}
        if block.program is not None:
            result["program"] = self.program(block.program)
        if block.inverse is not None and block.inverse.chained:
            (chained,) = block.inverse.body
            assert isinstance(chained, BlockStatement)
            # Handlebars gives only the first `{{else if}}` the flags of the block's end, and the others their own.
            flags = _strip(chained.open) if block.close is None else close_strip
            result["inverse"] = {"type": "Program", "chained": True, "body": [self._block(chained, flags)]}
        elif block.inverse is not None:
            result["inverse"] = self.program(block.inverse)
        result["openStrip"] = _strip(block.open)
        if block.else_tag is not None:
            result["inverseStrip"] = _strip(block.else_tag)
        result["closeStrip"] = close_strip
        return result

    def _call(self, call: Tag | SubExpression, name: str = "path") -> Json:
        result: Json = {name: self._expression(call.path), "params": [self._expression(param) for param in call.params]}
        if call.hash:
            result["hash"] = {"type": "Hash", "pairs": [self._pair(pair) for pair in call.hash]}
        return result

    def _pair(self, pair: HashPair) -> Json:
        return self._node("HashPair", pair.range, key=pair.key, value=self._expression(pair.value))

    def _expression(self, expression: Expression) -> Json:
        kind = type(expression).__name__
        range = expression.range
        match expression:
            case PathExpression(data=data, depth=depth, parts=parts, original=original):
                return self._node(kind, range, data=data, depth=depth, parts=list(parts), original=original)
            case SubExpression():
                return self._node(kind, range, **self._call(expression))
            case StringLiteral(value=value) | BooleanLiteral(value=value):
                return self._node(kind, range, value=value)
            case NumberLiteral(value=value):
                # JSON has no infinity, and JavaScript one kind of number.
                return self._node(kind, range, value=None if value in (float("inf"), float("-inf")) else float(value))
            case _:
                return self._node(kind, range)


def _strip(tag: Tag) -> Json:
    return {"open": tag.strip_before, "close": tag.strip_after}

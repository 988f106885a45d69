"""Blocks: opening one with its end at hand, its `{{else}}`, and closing what is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from promptls.ide.completion.items import CompletionItem, Word
from promptls.ide.completion.names import word_of
from promptls.ide.snippets import escaped
from promptls.ide.tag_cursor import TagCursor
from promptls.language.helpers import Helper, helpers
from promptls.language.prompt import Prompt, template
from promptls.syntax.handlebars.lexer import Token, TokenKind
from promptls.syntax.handlebars.nodes import BlockStatement, PartialBlockStatement, path_to

_BLOCK_KINDS: frozenset[TokenKind] = frozenset({"OPEN_BLOCK", "OPEN_INVERSE", "OPEN_PARTIAL_BLOCK"})
_NAME_KINDS: frozenset[TokenKind] = frozenset({"ID", "SEP", "DATA", "STRING", "NUMBER", "BOOLEAN", "UNDEFINED", "NULL"})


@dataclass(slots=True)
class OpenBlock:
    """A block whose end has not come yet; `name` as its end must repeat it, `divided` once it has a plain else."""

    name: str
    kind: TokenKind
    is_decorator: bool
    divided: bool = False


def open_blocks(prompt: Prompt, offset: int) -> list[OpenBlock]:
    """The blocks that are open at an offset, outermost first, judged by what stands before it."""
    text, tokens = prompt.text, template(prompt).tokens
    found: list[OpenBlock] = []
    for index, token in enumerate(tokens):
        if token.start >= offset:
            break
        if token.kind in _BLOCK_KINDS:
            name = _name_after(text, tokens, index)
            if name:
                found.append(OpenBlock(name, token.kind, text[token.start : token.end].endswith("*")))
        elif token.kind == "OPEN_ENDBLOCK":
            name = _name_after(text, tokens, index)
            at = max((number for number, block in enumerate(found) if block.name == name), default=None)
            if at is not None:
                del found[at:]
        elif token.kind == "INVERSE" and found:
            found[-1].divided = True
    return found


def _name_after(text: str, tokens: tuple[Token, ...], index: int) -> str:
    """The name in a tag, by its opening token."""
    index += 1
    while index < len(tokens) and tokens[index].kind == "WHITESPACE":
        index += 1
    start = end = tokens[index].start if index < len(tokens) else 0
    while index < len(tokens) and tokens[index].kind in _NAME_KINDS:
        end = tokens[index].end
        index += 1
    return text[start:end]


def closers(prompt: Prompt, cursor: TagCursor, *, slash: str = "") -> Iterator[CompletionItem]:
    """The ends of the open blocks, innermost first; `slash` is set where it is still to be written."""
    word = word_of(cursor)
    for number, block in enumerate(reversed(open_blocks(prompt, cursor.tag.start))):
        name = slash + block.name
        text = name + cursor.closing if cursor.is_alone else name
        detail = "ends the innermost block" if number == 0 else "ends an outer block"
        yield word.item(name, "keyword", text, detail=detail, preselect=number == 0 and not slash)


def elses(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    """`else` and `else if`, where the block around the cursor takes them."""
    blocks = open_blocks(prompt, cursor.tag.start)
    if not blocks or not _takes_else(prompt, blocks[-1]):
        return
    word = word_of(cursor)
    if not cursor.is_alone:
        yield word.item("else", "keyword")
        return
    yield word.item("else", "keyword", f"else{cursor.closing}")
    if blocks[-1].kind == "OPEN_BLOCK":
        text = f"else if ${{1:value}}{cursor.closing}"
        yield word.item("else if", "keyword", text, snippet=True, asks_again=True)


def _takes_else(prompt: Prompt, block: OpenBlock) -> bool:
    if block.divided or block.is_decorator or block.kind == "OPEN_PARTIAL_BLOCK":
        return False
    helper = helpers(prompt).get(block.name)
    return helper is None or helper.has_else or helper.origin == "settings"


def chained(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    """The helpers that can follow `else` in its own tag."""
    word = word_of(cursor)
    for helper in helpers(prompt).values():
        if helper.has_else and helper.form != "inline":
            text = (
                f"{helper.name} ${{1:{helper.parameters[0].name}}}{cursor.closing}" if cursor.is_alone else helper.name
            )
            yield word.item(
                helper.name, "function", text, snippet=cursor.is_alone, detail=helper.signature, data=_data(helper)
            )


def block_helpers(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    """The helpers that open blocks, each with its end where there is none yet."""
    word = word_of(cursor)
    mark = "#" if cursor.kind == "OPEN" else ""
    whole = cursor.is_alone and cursor.kind != "OPEN_RAW_BLOCK" and not _has_end(prompt, cursor)
    for helper in helpers(prompt).values():
        if helper.form == "inline":
            continue
        text = _whole_block(prompt, cursor, mark + _body(helper)) if whole else mark + helper.name
        yield word.item(
            mark + helper.name,
            "function",
            text,
            snippet=whole,
            filter_text=helper.name,
            detail=helper.signature,
            data=_data(helper),
        )


def inverted_sections(prompt: Prompt, cursor: TagCursor, names: Iterator[CompletionItem]) -> Iterator[CompletionItem]:
    """Variables after `{{^`, as blocks that are rendered when the value is absent."""
    whole = cursor.is_alone and not _has_end(prompt, cursor)
    word = word_of(cursor)
    for item in names:
        name = escaped(item.label)
        text = _whole_block(prompt, cursor, f"{name}}}}}\n$0\n{{{{/{name}}}}}") if whole else item.label
        yield word.item(item.label, item.kind, text, snippet=whole, detail=item.detail, data=item.data)


def inline_partial(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    """The one decorator there is: a partial defined in place."""
    whole = cursor.is_alone and not _has_end(prompt, cursor)
    text = _whole_block(prompt, cursor, 'inline "${1:name}"}}\n$0\n{{/inline}}') if whole else "inline"
    yield word_of(cursor).item("inline", "function", text, snippet=whole, detail="a partial defined in place")


def partial_block(prompt: Prompt, cursor: TagCursor, word: Word, name: str) -> CompletionItem:
    """A partial that is called with a block of content."""
    whole = cursor.is_alone and not _has_end(prompt, cursor)
    plain = escaped(name)
    text = _whole_block(prompt, cursor, f"{plain}}}}}\n$0\n{{{{/{plain}}}}}") if whole else name
    return word.item(name, "file", text, snippet=whole, data={"kind": "partial", "name": name})


def _body(helper: Helper) -> str:
    """A block without its first braces: what follows `{{#`."""
    if helper.snippet:
        return helper.snippet.removeprefix("{{#")
    name = escaped(helper.name)
    return f"{name} $1}}}}\n$0\n{{{{/{name}}}}}"


def _whole_block(prompt: Prompt, cursor: TagCursor, body: str) -> str:
    """A block's snippet as it fits: on one line amid text, and ending with the braces that are there already."""
    if not _stands_alone(prompt, cursor):
        body = body.replace("\n", "")
    return body.removesuffix("}}") + cursor.closing


def _stands_alone(prompt: Prompt, cursor: TagCursor) -> bool:
    """Whether a tag has its line for itself."""
    source = prompt.source
    start, end = source.line_range(source.line_at(cursor.tag.start))
    before, after = prompt.text[start : cursor.tag.start], prompt.text[max(cursor.word_end, cursor.tag.end) : end]
    return not before.strip() and not after.strip()


def _has_end(prompt: Prompt, cursor: TagCursor) -> bool:
    """Whether the tag at the cursor opens a block that is closed further on."""
    nodes = path_to(template(prompt).program, cursor.tag.start + 1)
    return any(
        isinstance(node, BlockStatement | PartialBlockStatement)
        and node.open.range.start == cursor.tag.start
        and node.close is not None
        for node in nodes
    )


def _data(helper: Helper) -> dict[str, str | int]:
    return {"kind": "helper", "name": helper.name}

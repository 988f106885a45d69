"""Completion between the braces of a template."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptls.ide.completion import blocks, strings
from promptls.ide.completion.items import CompletionItem
from promptls.ide.completion.names import is_variable, variables, word_of
from promptls.ide.snippets import choice
from promptls.ide.tag_cursor import PARTIAL_KINDS, TagCursor, tag_at
from promptls.language.helpers import Helper, HelperParameter, helpers
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt
from promptls.language.scope import scope
from promptls.language.uses import inline_partials

_ORIGINS = ("dotprompt", "settings", "handlebars")
_NOT_IN_EXPRESSIONS = frozenset({"role", "history", "media", "section", "log"})


def complete_template(prompt: Prompt, offset: int) -> Iterator[CompletionItem]:
    """What can stand at a cursor in the template; nothing outside of tags."""
    cursor = tag_at(prompt, offset)
    if cursor is None:
        return
    is_partial = cursor.kind in PARTIAL_KINDS and not cursor.is_inner
    if cursor.position == "name" and is_partial:
        yield from _partials(prompt, cursor)
    elif cursor.quote is not None:
        yield from (strings.inside_quotes(prompt, cursor, each) for each in strings.texts(prompt, cursor))
    elif cursor.kind == "OPEN_ENDBLOCK":
        yield from blocks.closers(prompt, cursor) if cursor.position == "name" else ()
    elif cursor.position == "block-parameter":
        yield from _block_parameters(cursor, prompt)
    elif cursor.path:
        if cursor.position != "name" or cursor.kind not in ("OPEN_BLOCK", "OPEN_INVERSE_CHAIN"):
            yield from variables(prompt, cursor, _expected(prompt, cursor))
    elif cursor.position == "name":
        yield from _names(prompt, cursor)
    elif cursor.position == "hash-value":
        yield from _hash_values(prompt, cursor)
    elif is_partial:
        yield from _partial_arguments(prompt, cursor)
    else:
        yield from _arguments(prompt, cursor)


def _names(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    if cursor.is_inner:
        yield from _inline_helpers(prompt, cursor)
    elif cursor.kind == "OPEN_INVERSE_CHAIN":
        yield from blocks.chained(prompt, cursor)
    elif cursor.opening.endswith("*"):
        yield from blocks.inline_partial(prompt, cursor) if cursor.kind == "OPEN_BLOCK" else ()
    elif cursor.kind in ("OPEN_BLOCK", "OPEN_RAW_BLOCK"):
        yield from blocks.block_helpers(prompt, cursor)
    elif cursor.kind == "OPEN_INVERSE":
        yield from blocks.inverted_sections(prompt, cursor, variables(prompt, cursor))
    else:
        found = tuple(variables(prompt, cursor))
        if prompt.text.startswith("@", cursor.word.start):
            yield from found
            return
        near = [item for item in found if not item.label.startswith(("../", "@"))]
        yield from near
        yield from _inline_helpers(prompt, cursor)
        if cursor.kind == "OPEN" and not cursor.opening.endswith("&"):
            yield from blocks.block_helpers(prompt, cursor)
            yield from blocks.elses(prompt, cursor)
            yield from blocks.closers(prompt, cursor, slash="/")
        yield from (item for item in found if item not in near)


def _inline_helpers(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    word = word_of(cursor)
    following = prompt.text[cursor.word_end : cursor.tag.end].lstrip()[:1]
    whole = following in ("", ")", "}") if cursor.is_inner else cursor.is_alone
    closing = "" if cursor.is_inner and following == ")" else ")" if cursor.is_inner else cursor.closing
    for helper in sorted(helpers(prompt).values(), key=lambda helper: _ORIGINS.index(helper.origin)):
        if helper.form == "block" or (cursor.is_inner and helper.name in _NOT_IN_EXPRESSIONS):
            continue
        body = helper.snippet or f"{helper.name} $0"
        if helper.name == "role":
            body = f'role "{choice(1, (each.text for each in strings.roles(prompt)))}"'
        yield word.item(
            helper.name,
            "function",
            body + closing if whole else helper.name,
            snippet=whole,
            detail=helper.signature,
            data={"kind": "helper", "name": helper.name},
        )


def _arguments(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    call = cursor.call
    helper = helpers(prompt).get(call.name or "")
    if call.name is not None and (helper is None or _is_block_parameter(prompt, call.name, cursor)):
        if not is_variable(prompt, call.name, cursor) and call.name.isidentifier():
            yield from variables(prompt, cursor)
        return
    if helper is None:
        return
    parameter = _parameter(helper, len(call.arguments))
    if parameter is not None and not call.named:
        yield from (strings.quoted(cursor, each) for each in strings.texts(prompt, cursor))
        yield from variables(prompt, cursor, parameter.type)
    yield from (_hash_name(cursor, each) for each in helper.hash if each.name not in call.given)
    if len(call.arguments) >= helper.required:
        yield from _as(prompt, cursor, helper)


def _is_block_parameter(prompt: Prompt, name: str, cursor: TagCursor) -> bool:
    return name in scope(prompt).frame_at(cursor.frame_offset).parameters


def _parameter(helper: Helper, index: int) -> HelperParameter | None:
    """The positional parameter at an index; of variadic helpers the last one goes on."""
    if index < len(helper.parameters):
        return helper.parameters[index]
    if not helper.variadic:
        return None
    return helper.parameters[-1] if helper.parameters else HelperParameter("value", "any", "", optional=True)


def _hash_name(cursor: TagCursor, each: HelperParameter) -> CompletionItem:
    is_quoted = each.name in ("contentType", "level")
    text = f'{each.name}="$1"' if is_quoted else f"{each.name}="
    detail = f"{each.type}, optional" if each.optional else each.type
    data = {"kind": "argument", "helper": cursor.call.name or "", "name": each.name}
    return word_of(cursor).item(
        f"{each.name}=", "property", text, snippet=is_quoted, detail=detail, data=data, asks_again=True
    )


def _as(prompt: Prompt, cursor: TagCursor, helper: Helper) -> Iterator[CompletionItem]:
    """Names for what a block hands to its content."""
    takes = cursor.kind in ("OPEN_BLOCK", "OPEN_INVERSE_CHAIN") and not cursor.is_inner and cursor.is_alone
    if takes and helper.block_params and cursor.call.arguments:
        name = _item_name(prompt, cursor)
        yield word_of(cursor).item(
            f"as |{name}|",
            "keyword",
            f"as |${{1:{name}}}|{cursor.closing}",
            snippet=True,
            detail="names what the block works on",
        )


def _block_parameters(cursor: TagCursor, prompt: Prompt) -> Iterator[CompletionItem]:
    helper = helpers(prompt).get(cursor.call.name or "")
    index = len(cursor.block_parameters)
    most = helper.block_params if helper and helper.block_params else 2
    if index >= most or not cursor.call.arguments:
        return
    names = (_item_name(prompt, cursor),) if index == 0 else ("index", "key")
    for name in names:
        if name not in cursor.block_parameters:
            yield word_of(cursor).item(name, "variable", detail="the item" if index == 0 else "its place")


_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("ss", "ss"), ("s", ""))


def _item_name(prompt: Prompt, cursor: TagCursor) -> str:
    """A name for one item of a list, made of the list's: `document` for `documents`."""
    first = cursor.call.arguments[0]
    names = re.findall(r"[^\W\d]\w*", prompt.text[first.start : first.end])
    last: str = names[-1] if names else "this"
    if cursor.call.name == "with":
        return last if last != "this" else "value"
    for plural, singular in _ENDINGS:
        if last.endswith(plural) and len(last) > len(plural) + 1:
            found = last.removesuffix(plural) + singular
            return found if found != last else "item"
    return "item"


def _expected(prompt: Prompt, cursor: TagCursor) -> str:
    """The type that the argument at a cursor should have, in the words of the helper catalogue."""
    call = cursor.call
    helper = helpers(prompt).get(call.name or "")
    if cursor.position == "hash-value":
        if cursor.kind in PARTIAL_KINDS and not cursor.is_inner:
            partial = prompt.project.partial(call.name, prompt) if call.name else None
            found = (each.type for each in parameters(partial) if each.name == call.key) if partial else ()
            return next(iter(found), "any")
        return next((each.type for each in helper.hash if each.name == call.key), "any") if helper else "any"
    parameter = _parameter(helper, len(call.arguments)) if helper and cursor.position == "argument" else None
    return parameter.type if parameter else "any"


def _hash_values(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    expected = _expected(prompt, cursor)
    if "boolean" in expected:
        yield from (word_of(cursor).item(each, "value") for each in ("true", "false"))
    yield from (strings.quoted(cursor, each) for each in strings.texts(prompt, cursor))
    yield from variables(prompt, cursor, expected)


def _partials(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    word = word_of(cursor)
    names = [(name, "defined in this template") for name, _ in inline_partials(prompt)]
    names += [(name, "") for name in prompt.project.partial_names(prompt)]
    for name, detail in names:
        is_plain = re.fullmatch(r"[\w$.-]+(?:/[\w$.-]+)*", name) is not None
        data = {"kind": "partial", "name": name}
        if cursor.quote is not None:
            text = name if cursor.is_quote_closed or not cursor.is_alone else name + cursor.quote
            yield word.item(name, "file", text, detail=detail, data=data)
        elif cursor.kind == "OPEN_PARTIAL_BLOCK" and is_plain:
            yield blocks.partial_block(prompt, cursor, word, name)
        elif is_plain or '"' not in name:
            yield word.item(name, "file", name if is_plain else f'"{name}"', detail=detail, data=data)
    if cursor.kind == "OPEN_PARTIAL" and prompt.path is not None and prompt.path.name.startswith("_"):
        detail = "the content that the caller's block hands over"
        yield word.item(
            "@partial-block", "constant", detail=detail, data={"kind": "data-variable", "name": "partial-block"}
        )


def _partial_arguments(prompt: Prompt, cursor: TagCursor) -> Iterator[CompletionItem]:
    call = cursor.call
    partial = prompt.project.partial(call.name, prompt) if call.name else None
    for each in parameters(partial) if partial else ():
        if each.name not in call.given and each.name.isidentifier():
            detail = f"{each.type}, optional" if each.optional else each.type
            data = {"kind": "partial-parameter", "partial": call.name or "", "name": each.name}
            yield word_of(cursor).item(f"{each.name}=", "property", detail=detail, data=data, asks_again=True)
    if not call.arguments and not call.named:
        yield from variables(prompt, cursor, "object")

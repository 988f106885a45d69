"""What `Handlebars.parse` refuses. Such a template renders nothing in any runtime: they throw before the first word."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from promptls.language.prompt import Prompt, facet, template
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.edits import deletion, indentation
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.syntax.handlebars.errors import ErrorKind, ParseError
from promptls.syntax.handlebars.nodes import BlockStatement, MustacheStatement, PartialBlockStatement, PathExpression
from promptls.syntax.source import Range, TextEdit


def _errors(prompt: Prompt, kind: ErrorKind) -> Iterator[ParseError]:
    return (error for error in template(prompt).errors if error.kind == kind)


def _finding(error: ParseError, help: str, fix: Fix | None) -> Finding:
    related = tuple(Related(message, range) for range, message in error.related)
    return Finding(error.range, error.message, help=help, fix=fix, related=related)


def is_broken(prompt: Prompt, range: Range) -> bool:
    """Whether a tag, or something in it, has a syntax error around it, which is then all that should be said of it."""
    broken = _broken_tags(prompt)
    index = bisect_right(broken, range.start, key=lambda each: each.end)
    return index < len(broken) and broken[index].start < range.end


@facet
def _broken_tags(prompt: Prompt) -> tuple[Range, ...]:
    """The tags with syntax errors, in source order: each to its closing braces or else to the end of its line."""
    text, source = prompt.text, prompt.source
    found = []
    for error in _errors(prompt, "syntax"):
        start = max(0, text.rfind("{{", 0, error.range.start + 2))
        line_end = source.line_range(source.line_at(error.range.start)).end
        end = text.find("}}", error.range.start, line_end)
        found.append(Range(start, max(error.range.end, end + 2 if end >= 0 else line_end)))
    return tuple(found)


_BLOCK_HELPERS = frozenset({"if", "unless", "each", "with", "ifEquals", "unlessEquals"})


class Unopened(NamedTuple):
    """A block whose opening tag lacks its `#`: that tag, and the tag that closes it."""

    opening: Range
    close: Range

    @property
    def whole(self) -> Range:
        return Range(self.opening.start, self.close.end)


@facet
def unopened_blocks(prompt: Prompt) -> tuple[Unopened, ...]:
    """The pairs `{{each x}}…{{/each}}`, in the order of their ends."""
    found: list[Unopened] = []
    for error in _errors(prompt, "unexpected-close"):
        name = _closed_name(prompt, error)
        openings = [
            each.range
            for each in tree(prompt).of(MustacheStatement)
            if name in _BLOCK_HELPERS and called_name(each.tag.path) == name and each.range.end <= error.range.start
        ]
        free = [place for place in openings if all(place != each.opening for each in found)]
        if free:
            found.append(Unopened(max(free), error.range))
    return tuple(found)


def in_unopened_block(prompt: Prompt, range: Range) -> bool:
    """Whether something stands in a block that lacks its `#`, so that it is not read as it was meant."""
    return any(each.whole.encloses(range) for each in unopened_blocks(prompt))


def _closed_name(prompt: Prompt, error: ParseError) -> str:
    return prompt.text[slice(*error.range)].strip("{}/~ \t\r\n")


_FOREIGN_END = re.compile(r"end(?:if|each|for|foreach|unless|with)?")


@facet
def foreign_ends(prompt: Prompt) -> dict[Range, Range]:
    """Where an unclosed block has the end of another template language, `{{end}}` or `{{endif}}`: that tag."""
    unclosed = {error.range for error in _errors(prompt, "unclosed-block")}
    if not unclosed:
        return {}
    ends = [each.range for each in tree(prompt).of(MustacheStatement) if _is_foreign_end(each)]
    found: dict[Range, Range] = {}
    for block in sorted(tree(prompt).of(BlockStatement), key=lambda each: each.range.start, reverse=True):
        inside = [end for end in ends if block.range.encloses(end) and end not in found.values()]
        if block.open.range in unclosed and inside:
            found[block.open.range] = min(inside)
    return found


def _is_foreign_end(mustache: MustacheStatement) -> bool:
    path = mustache.tag.path
    return isinstance(path, PathExpression) and bool(_FOREIGN_END.fullmatch(path.original))


_CLOSE_IT = "Close it where its content ends."


@rule("template/unclosed-block", Severity.ERROR, certainty="certain", fixable="safe")
def unclosed_block(prompt: Prompt) -> Iterator[Finding]:
    """A block is opened and never closed.

    Handlebars refuses the whole template, so every runtime throws and nothing is sent. Where only one place for the
    missing end is possible, because a single paragraph follows, it is put there; otherwise the fix is a guess.

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    ---
    {{#if premium}}
    Welcome back!
    ```

    ```prompt bad
    {{role "user"}}
    {{#each items}}{{#if @first}}The first: {{/each}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#each items}}
    - {{this}}
    {{end}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if premium}}Welcome back!{{else if trial}}Welcome!{{/if}}
    ```

    ```prompt good
    {{role "user"}}
    Write \\{{#if name}} to open a block.
    ```
    """
    errors = {error.range: error for error in _errors(prompt, "unclosed-block")}
    if not errors:
        return
    blocks: list[BlockStatement | PartialBlockStatement] = [*tree(prompt).of(BlockStatement)]
    blocks += tree(prompt).of(PartialBlockStatement)
    by_place = {block.open.range: block for block in blocks}
    starts = sorted(place.start for place in errors)
    for place, error in errors.items():
        block = by_place.get(place)
        # Of blocks in each other the inner one must end first.
        following = bisect_right(starts, place.start)
        innermost = block and (following == len(starts) or starts[following] >= block.range.end)
        yield _finding(error, _CLOSE_IT, _closing(prompt, block) if block and innermost else None)


def _closing(prompt: Prompt, block: BlockStatement | PartialBlockStatement) -> Fix | None:
    """Insert the missing end: at the end of the line for a block begun in mid-line, else after the last line."""
    tag = block.open
    raw = isinstance(block, BlockStatement) and block.raw
    if not tag.is_closed or raw or called_name(tag.path) is None:
        return None
    source = prompt.source
    name = prompt.text[slice(*tag.path.range)]
    closing = f"{{{{/{name}}}}}"
    if end := foreign_ends(prompt).get(tag.range):
        written = prompt.text[slice(*end)]
        return Fix(f"Write {closing} instead of {written}", (TextEdit(end, closing),), safe=True)
    body = prompt.text[tag.range.end : block.range.end]
    content = body.rstrip()
    line = source.line_range(source.line_at(tag.range.end))
    alone = not source.text[line.start : tag.range.start].strip() and not source.text[tag.range.end : line.end].strip()
    if alone:
        at = tag.range.end + len(content)
        text = source.newline + indentation(source, tag.range.start) + closing
        certain = not re.search(r"\n[ \t]*\r?\n", content.strip())
    else:
        at = min(line.end, tag.range.end + len(content))
        text = closing
        certain = line.end >= tag.range.end + len(content)
    if is_broken(prompt, Range(at - 1, at)):
        # A half-typed tag would swallow the end.
        return None
    certain = certain and "{{role" not in content
    return Fix(f"Insert {closing}", (TextEdit(Range(at, at), text),), safe=certain)


_NEVER_CLOSED = frozenset({"role", "section", "history", "media", "json", "lookup", "log"})


@rule("template/unexpected-close", Severity.ERROR, certainty="certain", fixable="safe")
def unexpected_close(prompt: Prompt) -> Iterator[Finding]:
    """A closing tag closes a block that was never opened.

    Handlebars refuses the whole template. A common cause is an inline helper of dotprompt that is closed as if it were
    a block (`{{section "x"}}…{{/section}}`, seen in Google's own samples): then the closing tag is safe to remove.

    ```prompt bad
    {{role "user"}}
    Hello, {{name}}!
    {{/if}}
    ```

    ```prompt bad
    {{role "model"}}
    {{section "thought"}}
    Let me think.
    {{/section}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if name}}Hello, {{name}}!{{/if}}
    ```

    ```prompt good
    {{role "user"}}
    {{{{raw}}}} {{/if}} {{{{/raw}}}}
    ```
    """
    unopened = {each.close for each in unopened_blocks(prompt)}
    for error in _errors(prompt, "unexpected-close"):
        if error.range in unopened:
            continue
        name = _closed_name(prompt, error)
        inline = name in _NEVER_CLOSED and any(
            called_name(each.tag.path) == name and each.range.start < error.range.start
            for each in tree(prompt).of(MustacheStatement)
        )
        help = f"`{name}` is no block, so it has no end." if inline else "Remove it, or open the block."
        fix = Fix("Remove the closing tag", (deletion(prompt.source, error.range),), safe=inline)
        yield _finding(error, help, fix)


_IN_ORDER = "Blocks end in the reverse order of their beginning."


@rule("template/mismatched-close", Severity.ERROR, certainty="certain", fixable="safe")
def mismatched_close(prompt: Prompt) -> Iterator[Finding]:
    """A closing tag names another block than the one that is open.

    Handlebars refuses the whole template: blocks must be closed in the reverse order of their opening, each by the very
    name that opened it. Where just one block can be meant, its name is put right.

    ```prompt bad
    {{role "user"}}
    {{#unless quiet}}Hello!{{/unles}}
    ```

    ```prompt bad
    {{role "user"}}
    {{#if items}}{{#each items}}{{this}}{{/if}}{{/each}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if items}}{{#each items}}{{this}}{{/each}}{{/if}}
    ```

    ```prompt good
    {{role "user"}}
    {{#user.name}}{{this}}{{/user.name}}
    ```
    """
    closed = {block.close.range: block for block in tree(prompt).of(BlockStatement) if block.close is not None}
    for error in _errors(prompt, "mismatched-close"):
        block = closed.get(error.range)
        if block is None or block.close is None:
            yield _finding(error, _IN_ORDER, None)
            continue
        due = prompt.text[slice(*block.open.path.range)]
        place = block.close.path.range
        fix = None
        if called_name(block.close.path) != called_name(block.open.path):
            fix = Fix(f"Close {due!r}", (TextEdit(place, due),), safe=True)
        yield replace(_finding(error, _IN_ORDER, fix), range=place)


GO_FIELD = re.compile(r"\{\{-?[ \t]*\.(?P<name>[A-Za-z_]\w*(?:\.\w+)*)[ \t]*-?\}\}")
_OPERATOR = re.compile(r"[<>=!]=?|&&|[+*%?]")
_FILTER = re.compile(r"\{\{.*?\|[ \t]*(?P<name>\w+)")


@rule("template/syntax", Severity.ERROR, certainty="certain")
def syntax(prompt: Prompt) -> Iterator[Finding]:
    """The template breaks Handlebars' grammar.

    `Handlebars.parse` refuses it, so every runtime throws and nothing is sent. Frequent causes are a tag without its
    closing braces and expressions of other languages: Jinja's filters, and operators, of which Handlebars has none.

    ```prompt bad
    {{role "user"}}
    Hello {{name
    ```

    ```prompt bad
    {{role "user"}}
    {{#if age >= 18}}Adult{{/if}}
    ```

    ```prompt bad
    {{role "user"}}
    Hello {{ name | upper }}
    ```

    ```prompt good
    {{role "user"}}
    Hello {{./name}} and {{../name}}, {{this}} and {{.}}
    ```

    ```prompt good
    {{role "user"}}
    A set such as { { 1 }, { 2 } } or \\{{.Name}} is text }}
    ```
    """
    for error in _errors(prompt, "syntax"):
        start = prompt.text.rfind("{{", 0, error.range.start + 2)
        if not GO_FIELD.match(prompt.text, max(start, 0)) and not in_unopened_block(prompt, error.range):
            yield _finding(error, _advice(prompt, max(start, 0), error), None)


def _advice(prompt: Prompt, start: int, error: ParseError) -> str:
    text, source = prompt.text, prompt.source
    line_end = source.line_range(source.line_at(start)).end
    if start <= error.range.start <= line_end:
        end = text.find("}}", start, line_end)
        if end < 0:
            return "Close the tag with }}."
        tag = text[start:end]
        if found := _FILTER.match(tag):
            return f"Handlebars has no filters: a helper of the host is written {{{{{found['name']} value}}}}."
        if _OPERATOR.match(text, error.range.start):
            return "Handlebars has no operators: use #ifEquals, or a helper that the host registers."
    return "Handlebars refuses the whole template because of it."

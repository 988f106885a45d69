"""Rules about `role` and `section` called as blocks: the mistake that drops text in silence."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.messages import Message, messages, role_tag
from promptls.language.prompt import Prompt
from promptls.language.scope import scope
from promptls.language.tree import renders_nothing, tree
from promptls.language.uses import called_name
from promptls.lint.edits import deletion
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.syntax.handlebars.nodes import BlockStatement
from promptls.syntax.source import Range, TextEdit


def _blocks(prompt: Prompt, name: str) -> Iterator[BlockStatement]:
    for block in tree(prompt).of(BlockStatement):
        if called_name(block.open.path) == name and not block.decorator and not block.raw:
            yield block


@rule("template/block-role", Severity.ERROR, certainty="certain", fixable="safe")
def block_role(prompt: Prompt) -> Iterator[Finding]:
    """`role` is called as a block, so everything in it is dropped.

    `role` is an inline helper: it writes a marker, and the text up to the next marker is the message. As a block it
    still writes the marker, its content is dropped without a word, and what follows the block falls into that role
    (seen by running dotprompt 1.1.2). Google's own samples, hover texts and editor snippets teach the block form.

    The fix writes it inline. Where text follows that stood outside the block, it begins a message of the role around
    the block there, as its author meant; now it falls into the block's role.

    ```prompt bad
    {{#role "system"}}
    You are a translator.
    {{/role}}
    {{#role "user"}}
    Translate: {{text}}
    {{/role}}
    ```

    ```prompt bad
    {{#role "system"}}You are a translator.{{/role}}
    Translate: {{text}}
    ```

    ```prompt good
    {{role "system"}}
    You are a translator.
    {{role "user"}}
    Translate: {{text}}
    ```

    ```prompt good
    {{! {{#role "system"}} is a mistake }}
    {{role "system"}}
    Never write \\{{#role "user"}}.
    ```
    """
    for block in _blocks(prompt, "role"):
        yield Finding(
            block.open.range,
            "`role` is not a block: what stands in it is dropped",
            help='Write {{role "…"}} without # and without {{/role}}: a message ends where the next one begins.',
            fix=_inline_role(prompt, block),
        )


def _inline_role(prompt: Prompt, block: BlockStatement) -> Fix | None:
    if block.close is None or block.inverse is not None or block.inverted or not block.open.params:
        return None
    follows = _what_follows(prompt, block)
    if follows is None:
        return None
    opening = _without_hash(block)
    if not follows:
        return Fix("Write it inline", (opening, deletion(prompt.source, block.close.range)), safe=True)
    outer = f'{{{{role "{follows}"}}}}'
    return Fix(f"Write it inline, and begin {outer} after it", (opening, TextEdit(block.close.range, outer)), safe=True)


def _what_follows(prompt: Prompt, block: BlockStatement) -> str | None:
    """The role that must begin after the block; empty where another begins anyhow, None where nobody can say."""
    conversation = messages(prompt)
    index = next((i for i, each in enumerate(conversation) if each.node is block), None)
    if index is None:
        return None
    message = conversation[index]
    outer = _role_around(conversation[:index])
    loops = scope(prompt).frame_at(block.range.start).loops
    leaks = bool([part for part in message.parts if part.kind != "history"])
    if not leaks and not (loops and _text_before(message, block)):
        return ""
    return outer


def _role_around(before: tuple[Message, ...]) -> str | None:
    """The role of the text around a block: that of the last message that was begun inline."""
    for message in reversed(before):
        if not isinstance(message.node, BlockStatement):
            return message.role
    return "user"


def _text_before(message: Message, block: BlockStatement) -> bool:
    """Whether the program around the block renders something before it, which comes after it in a loop's next turn."""
    for statement in message.body.body:
        if statement is block:
            return False
        if not renders_nothing(statement):
            return role_tag(statement) is None
    return False


def _without_hash(block: BlockStatement) -> TextEdit:
    at = block.open.range.start + block.open.opening.index("#")
    return TextEdit(Range(at, at + 1), "")


@rule("template/block-section", Severity.ERROR, certainty="certain", fixable="safe")
def block_section(prompt: Prompt) -> Iterator[Finding]:
    """`section` is called as a block, so everything in it is dropped.

    `section` is an inline helper: it marks a place that the host fills, such as output instructions. As a block it
    marks that place too, and its content is dropped without a word (seen by running dotprompt 1.1.2). The fix writes it
    inline, so that the content becomes text of the message.

    ```prompt bad
    {{role "system"}}
    {{#section "output"}}
    Answer in JSON.
    {{/section}}
    ```

    ```prompt bad
    {{role "model"}}
    {{#if showThinking}}{{#section "thought"}}Let me think.{{/section}}{{/if}}
    ```

    ```prompt good
    {{role "system"}}
    {{section "output"}}
    Answer in JSON.
    ```

    ```prompt good
    {{role "user"}}
    {{#sections}}{{title}}{{/sections}}
    ```
    """
    for block in _blocks(prompt, "section"):
        fix = None
        if block.close is not None and block.inverse is None and not block.inverted and block.open.params:
            fix = Fix("Write it inline", (_without_hash(block), deletion(prompt.source, block.close.range)), safe=True)
        yield Finding(
            block.open.range,
            "`section` is not a block: what stands in it is dropped",
            help='Write {{section "…"}} without # and without {{/section}}.',
            fix=fix,
        )

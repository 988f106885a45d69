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
    blocks = list(_blocks(prompt, "role"))
    messages_of = _messages_of_blocks(prompt) if blocks else {}
    for block in blocks:
        yield Finding(
            block.open.range,
            "`role` is not a block: what stands in it is dropped",
            help='Write {{role "…"}} without # and without {{/role}}: a message ends where the next one begins.',
            fix=_inline_role(prompt, block, messages_of.get(block.range)),
        )


def _messages_of_blocks(prompt: Prompt) -> dict[Range, tuple[Message, str | None]]:
    """The message that each role block begins, and the role of the text around it: the last one begun inline."""
    found: dict[Range, tuple[Message, str | None]] = {}
    around: str | None = "user"
    for message in messages(prompt):
        if isinstance(message.node, BlockStatement):
            found[message.node.range] = (message, around)
        else:
            around = message.role
    return found


def _inline_role(prompt: Prompt, block: BlockStatement, begun: tuple[Message, str | None] | None) -> Fix | None:
    if block.close is None or block.inverse is not None or block.inverted or begun is None:
        return None
    message, around = begun
    opening = _without_hash(block)
    if not _text_follows(prompt, block, message):
        return Fix("Write it inline", (opening, deletion(prompt.source, block.close.range)), safe=True)
    if around is None:
        return None
    outer = f'{{{{role "{around}"}}}}'
    return Fix(f"Write it inline, and begin {outer} after it", (opening, TextEdit(block.close.range, outer)), safe=True)


def _text_follows(prompt: Prompt, block: BlockStatement, message: Message) -> bool:
    """Whether something is rendered after the block that would now fall into its role."""
    loops = scope(prompt).frame_at(block.range.start).loops
    return not message.is_empty or (loops and _text_before(message, block))


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

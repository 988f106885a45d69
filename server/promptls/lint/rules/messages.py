"""Rules about the conversation that a template makes."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.files import is_partial
from promptls.language.messages import Message, messages
from promptls.language.prompt import Prompt, template
from promptls.lint.edits import deletion
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.rules.messages_tags import media_url, unknown_role
from promptls.syntax.handlebars.nodes import BlockStatement, MustacheStatement, Tag
from promptls.syntax.source import Range, TextEdit


def _name_range(message: Message) -> Range:
    """What a finding about a message points at: its role's name, its tag, or its first words."""
    if message.role_range is not None:
        return message.role_range
    if message.node is not None:
        return _tag(message).range
    return message.parts[0].range if message.parts else message.range


def _tag(message: Message) -> Tag:
    node = message.node
    if isinstance(node, BlockStatement):
        return node.open
    assert isinstance(node, MustacheStatement)
    return node.tag


def _is_plain(message: Message) -> bool:
    """Whether a message is begun by an inline tag of this file."""
    return message.origin in ("role", "history") and isinstance(message.node, MustacheStatement)


@rule("messages/empty", Severity.WARNING, certainty="likely", fixable="unsafe")
def empty(prompt: Prompt) -> Iterator[Finding]:
    """A message holds nothing, so it is dropped.

    Both runtimes drop messages of white space and comments; the role has no effect, and its text is probably missing or
    stands in another message. A partial may end with a role, for what its caller says next.

    ```prompt bad
    {{role "system"}}
    {{role "user"}}
    Translate: {{text}}
    ```

    ```prompt bad
    {{role "user"}}
    Translate: {{text}}
    {{role "model"}}
    {{! nothing yet }}
    ```

    ```prompt good
    {{role "system"}}
    You are a translator.
    {{history}}
    {{role "user"}}
    Translate: {{text}}
    ```

    ```prompt good
    {{role "user"}}
    {{#if photo}}{{media url=photo}}{{/if}}
    {{role "model"}}
    {{> opening}}
    ```
    """
    conversation = messages(prompt)
    root = template(prompt).program
    for index, message in enumerate(conversation):
        if message.origin != "role" or not _is_plain(message) or not message.is_empty:
            continue
        following = conversation[index + 1] if index + 1 < len(conversation) else None
        if following is None:
            ends = message.body is root and not is_partial(prompt) and not _holds_blocks(message)
        else:
            ends = following.body is message.body and following.origin == "role"
        if ends and (message.role is not None):
            fix = Fix("Remove the role", (deletion(prompt.source, _tag(message).range),), safe=False)
            yield Finding(
                _name_range(message),
                f"this {message.role} message is empty, so it is dropped",
                help="Write its text, or remove the role.",
                fix=fix,
            )


def _holds_blocks(message: Message) -> bool:
    return any(
        isinstance(each, BlockStatement) for each in message.body.body if each.range.start >= message.range.start
    )


def _outright(prompt: Prompt) -> list[Message]:
    """The messages with content that are always there: those whose role stands outside any block."""
    root = template(prompt).program
    return [each for each in messages(prompt) if each.body is root and not each.is_empty and each.origin != "partial"]


@rule("messages/system-not-first", Severity.WARNING, certainty="likely", fixable="unsafe")
def system_not_first(prompt: Prompt) -> Iterator[Finding]:
    """A system message comes after another message.

    Most providers take system instructions only before the conversation; what plugins do with later ones differs from
    one to the next. Text before the first role is a user message of its own.

    ```prompt bad
    You will translate a text.
    {{role "system"}}
    You are a translator.
    {{role "user"}}
    {{text}}
    ```

    ```prompt bad
    {{role "user"}}
    {{text}}
    {{role "system"}}
    You are a translator.
    ```

    ```prompt good
    {{! You will translate a text. }}
    {{role "system"}}
    You are a translator.
    {{role "user"}}
    {{text}}
    ```

    ```prompt good
    {{> intro}}
    {{role "system"}}
    You are a translator.
    ```
    """
    before: Message | None = None
    for message in _outright(prompt):
        if message.role == "system" and _is_plain(message) and before is not None:
            yield Finding(
                _name_range(message),
                "this system message comes after other messages",
                help="Move it to the beginning.",
                fix=_moved_to_front(prompt, message, before),
                related=(Related(f"a {before.role} message stands before it", _name_range(before)),),
            )
            return
        if before is None and message.role not in (None, "system") and _says_something(prompt, message):
            before = message


def _says_something(prompt: Prompt, message: Message) -> bool:
    """Whether a message surely comes out: a partial or a block in it may turn out empty, or set a role."""
    if message.origin == "implied":
        return not is_partial(prompt) and any(part.kind == "text" for part in message.parts)
    return any(part.kind in ("text", "value", "media") for part in message.parts)


def _moved_to_front(prompt: Prompt, message: Message, before: Message) -> Fix | None:
    """Move the whole message before everything else; text without a role there gets one, so as to stay the user's."""
    source = prompt.source
    start = template(prompt).program.range.start
    text = prompt.text[slice(*message.range)].rstrip() + source.newline
    if before.origin == "implied":
        text += f'{{{{role "user"}}}}{source.newline}'
    body = message.body.body
    inside = [each for each in body if message.range.start < each.range.end and each.range.start < message.range.end]
    if any(each.range.end > message.range.end for each in inside):
        return None
    cut = Range(message.range.start, message.range.end)
    return Fix("Move it to the beginning", (TextEdit(Range(start, start), text), TextEdit(cut, "")), safe=False)


@rule("messages/duplicate-system", Severity.WARNING, certainty="likely")
def duplicate_system(prompt: Prompt) -> Iterator[Finding]:
    """There is more than one system message.

    Every role tag begins a message of its own, even of the same role. Several providers take one system instruction
    only; what their plugins do with a second one (join, drop, refuse) differs.

    ```prompt bad
    {{role "system"}}
    You are a translator.
    {{role "system"}}
    Answer in JSON.
    ```

    ```prompt bad
    {{role "system"}}
    You are a translator.
    {{role "user"}}
    {{text}}
    {{role "system"}}
    Remember to answer in JSON.
    ```

    ```prompt good
    {{role "system"}}
    You are a translator.
    Answer in JSON.
    ```

    ```prompt good
    {{#if brief}}
    {{role "system"}}
    Be brief.
    {{else}}
    {{role "system"}}
    Be thorough.
    {{/if}}
    ```
    """
    first: Message | None = None
    for message in _outright(prompt):
        if message.role != "system" or not _is_plain(message):
            continue
        if first is not None:
            yield Finding(
                _name_range(message),
                "this is another system message",
                help="Join it with the first one.",
                related=(Related("the first system message", _name_range(first)),),
            )
        first = first or message


@rule("messages/history-position", Severity.WARNING, certainty="likely", fixable="unsafe")
def history_position(prompt: Prompt) -> Iterator[Finding]:
    """Text around `{{history}}` falls into the wrong message.

    `{{history}}` inserts the conversation so far and opens a message of the model, so that text after it is put into
    the model's mouth until the next role (seen by running dotprompt 1.1.2). And where the user's message stands before
    the history, with nothing of the user's after it, the question comes before what was said earlier.

    ```prompt bad
    {{role "system"}}
    You are a tutor.
    {{history}}
    {{question}}
    ```

    ```prompt bad
    {{role "system"}}
    You are a tutor.
    {{role "user"}}
    {{question}}
    {{history}}
    ```

    ```prompt good
    {{role "system"}}
    You are a tutor.
    {{history}}
    {{role "user"}}
    {{question}}
    ```

    ```prompt good
    {{role "system"}}
    You are a tutor. {{#if tone}}Be {{tone}}.{{/if}}
    {{history}}
    ```
    """
    conversation = messages(prompt)
    for index, message in enumerate(conversation):
        if message.origin != "history" or not _is_plain(message):
            continue
        place = _tag(message).range
        user = '{{role "user"}}'
        if not message.is_empty:
            newline = prompt.source.newline
            yield Finding(
                place,
                "the text after {{history}} falls into a message of the model",
                help=f"Write {user} after it.",
                fix=Fix(f"Begin {user} after it", (TextEdit(Range(place.end, place.end), newline + user),), safe=False),
            )
        elif _asks_before(conversation, index) and not is_partial(prompt):
            yield Finding(
                place,
                "the user's message stands before the history, and none comes after it",
                help=f"Move {{{{history}}}} before {user}.",
            )


def _asks_before(conversation: tuple[Message, ...], index: int) -> bool:
    """Whether the last message before the history is the user's, filled from the input, and no other follows it."""
    before = next((each for each in reversed(conversation[:index]) if not each.is_empty), None)
    if before is None or before.role != "user" or before.origin != "role":
        return False
    if before.body is not conversation[index].body or not all(each.is_empty for each in conversation[index + 1 :]):
        return False
    return any(part.kind in ("value", "media") for part in before.parts)


RULES = (unknown_role, empty, system_not_first, duplicate_system, history_position, media_url)

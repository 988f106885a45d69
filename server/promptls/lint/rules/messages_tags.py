"""Rules about single tags of a conversation: the role of a message, the address of a medium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from promptls.language.helpers import ROLES
from promptls.language.messages import role_tag
from promptls.language.prompt import Prompt, facet
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.rule import Finding, Fix, Severity, rule
from promptls.lint.rules.template_helpers import meant_argument
from promptls.lint.runtimes import consequences
from promptls.syntax.handlebars.nodes import BlockStatement, MustacheStatement, PathExpression, StringLiteral, Tag
from promptls.syntax.source import Range, TextEdit

_ROLE_NAMES = {
    **dict.fromkeys(("assistant", "ai", "bot", "agent", "llm"), "model"),
    **dict.fromkeys(("human", "customer", "input"), "user"),
    **dict.fromkeys(("developer", "sys", "instructions"), "system"),
    **dict.fromkeys(("function", "tools", "tool_result"), "tool"),
}


@rule("messages/unknown-role", Severity.ERROR, certainty="certain", fixable="unsafe")
def unknown_role(prompt: Prompt) -> Iterator[Finding]:
    """A message has a role that dotprompt does not know.

    The roles are system, user, model and tool. The Python runtime raises an error for another one. The JavaScript one
    passes it on to the model's plugin if it is made of small letters; otherwise it does not see the marker at all, and
    the message is lost. Without quotes, a role is a variable. Further roles can be named in the `roles` setting.

    ```prompt bad
    {{role "assistant"}}
    How can I help?
    ```

    ```prompt bad
    {{role system}}
    You are a translator.
    ```

    ```prompt bad
    {{role “user”}}
    Translate this text.
    ```

    ```prompt bad
    {{role "System"}}
    You are a translator.
    ```

    ```prompt good
    {{role "model"}}
    How can I help?
    ```

    ```prompt good
    {{role "user"}}
    {{#each turns}}{{role this.speaker}}{{this.text}}{{/each}}
    ```
    """
    known = [*ROLES, *prompt.settings.roles]
    for path in unquoted_roles(prompt):
        yield _unquoted(prompt, path)
    for tag in _role_tags(prompt):
        role = tag.params[0]
        if isinstance(role, StringLiteral) and role.value not in known:
            yield _unknown(prompt, role, known)


def _role_tags(prompt: Prompt) -> Iterator[Tag]:
    statements: list[MustacheStatement | BlockStatement] = [*tree(prompt).of(MustacheStatement)]
    statements += tree(prompt).of(BlockStatement)
    yield from (tag for tag in map(role_tag, statements) if tag is not None)


@facet
def unquoted_roles(prompt: Prompt) -> tuple[PathExpression, ...]:
    """Roles that are read as variables, since they stand in no quotes or in those of a word processor."""
    found = [tag.params[0] for tag in _role_tags(prompt)]
    paths = [each for each in found if isinstance(each, PathExpression) and each.is_simple]
    return tuple(each for each in paths if _bare_role(each) in ROLES and not _is_variable(prompt, each))


def _bare_role(path: PathExpression) -> str:
    return path.parts[0].strip("“”„‟‘’‚«»")


def _is_variable(prompt: Prompt, path: PathExpression) -> bool:
    use = next((each for each in scope(prompt).uses if each.range == path.range), None)
    return use is not None and any(step.target is not None for step in use.steps)


def _unquoted(prompt: Prompt, path: PathExpression) -> Finding:
    role = _bare_role(path)
    quoted = f'"{role}"'
    quotes = "quotes" if role == path.original else "straight quotes"
    return Finding(
        path.range,
        f"`{path.original}` without {quotes} is a variable, not a role",
        help=f"Write {quoted}. " + consequences(prompt, js="calls the role `undefined`"),
        fix=Fix(f"Write {quoted}", (TextEdit(path.range, quoted),), safe=False),
    )


def _unknown(prompt: Prompt, role: StringLiteral, known: list[str]) -> Finding:
    name = role.value
    near = _ROLE_NAMES.get(name.lower(), "") or next(iter(get_close_matches(name.lower(), known, 1, 0.7)), "")
    passed = re.fullmatch(r"[a-z]+", name)
    js = "passes it on to the model's plugin" if passed else "loses the message"
    return Finding(
        role.content_range if role.value else role.range,
        f"`{name}` is not a role",
        help=(f"Did you mean `{near}`? " if near else f"The roles are {', '.join(known)}. ")
        + consequences(prompt, js=js, python="raises an error"),
        fix=Fix(f"Write {near}", (TextEdit(role.content_range, near),), safe=False) if near else None,
    )


_CONTENT_TYPE = re.compile(r"(?:application|audio|font|image|message|model|multipart|text|video)/[\w.+-]+(?:;[^\s]*)?")


@rule("messages/media-url", Severity.ERROR, certainty="certain")
def media_url(prompt: Prompt) -> Iterator[Finding]:
    """A medium lacks its address, or its address or content type cannot be right.

    The runtimes write `url` and `contentType` into one marker and split it at blanks, so that a URL ends at its first
    blank and the rest is taken for the content type. Without `url` the address is the word `undefined` (JavaScript) or
    the medium is left out (Python). A content type has the form `image/png`.

    ```prompt bad
    {{role "user"}}
    {{media url="https://static.example.com/floor plan.png"}}
    ```

    ```prompt bad
    {{role "user"}}
    {{media contentType="image/png"}}
    ```

    ```prompt bad
    {{role "user"}}
    {{media url=photo contentType="jpeg"}}
    ```

    ```prompt good
    {{role "user"}}
    {{media url="https://static.example.com/floor%20plan.png" contentType="image/png"}}
    ```

    ```prompt good
    {{role "user"}}
    {{#each photos}}{{media url=this.url contentType=this.type}}{{/each}}{{media url=(lookup photos 0)}}
    ```
    """
    for mustache in tree(prompt).of(MustacheStatement):
        tag = mustache.tag
        if called_name(tag.path) != "media" or tag.params or not isinstance(tag.path, PathExpression):
            continue
        given = {pair.key: pair for pair in tag.hash}
        url = given.get("url")
        if url is None:
            # An argument that is meant to be the address is told of by `template/helper-arguments`.
            if not any(meant_argument(key, ("url", "contentType")) == "url" for key in given):
                yield _media(tag.path.range, "this medium has no `url`", "Write {{media url=…}}.")
        elif isinstance(url.value, StringLiteral) and (not url.value.value or re.search(r"\s", url.value.value)):
            place = url.value.content_range if url.value.value else url.value.range
            what = "holds white space, and it ends there" if url.value.value else "is empty"
            yield _media(place, f"the address of this medium {what}", "Write blanks as %20.")
        content_type = given.get("contentType")
        if content_type is not None and isinstance(content_type.value, StringLiteral):
            written = content_type.value.value
            if not _CONTENT_TYPE.fullmatch(written):
                place = content_type.value.content_range if written else content_type.value.range
                yield _media(place, f"`{written}` is not a content type", "Write one such as `image/png`.")


def _media(place: Range, message: str, help: str) -> Finding:
    return Finding(place, message, help=help)

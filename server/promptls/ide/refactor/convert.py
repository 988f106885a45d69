"""Convert prompts of other habits to dotprompt: `<system>` tags, Continue's preamble, roles called as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.refactor.frontmatter_edits import frontmatter_data, readable_frontmatter
from promptls.ide.refactor.offer import Offer, Place, own_edit
from promptls.ide.refactor.yaml_text import block
from promptls.language.formats import recognised
from promptls.language.helpers import helpers
from promptls.language.messages import role_tag
from promptls.language.prompt import Prompt, frontmatter, layout
from promptls.language.tree import tree
from promptls.lint.rules.template_inline import block_role
from promptls.syntax.handlebars.nodes import BlockStatement, MustacheStatement
from promptls.syntax.source import OverlappingEditsError, Range, TextEdit
from promptls.syntax.yaml_nodes import TooLargeError, read_yaml, to_data

_FOREIGN = ("continue", "humanloop")
_TAG = re.compile(r"^[ \t]*<(?P<close>/?)(?P<name>system|developer|user|human|assistant|model)>[ \t]*", re.MULTILINE)
_CLOSE = re.compile(r"</(?P<name>system|developer|user|human|assistant|model)>[ \t]*")
_ROLES = {"developer": "system", "human": "user", "assistant": "model"}
_RULE = re.compile(r"^---[ \t]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)
_BRACES = re.compile(r"\{\{\{[ \t]*(?P<name>[^{}\n]+?)[ \t]*\}\}\}")
_NAME = re.compile(r"[A-Za-z_]\w*")
_CONFIG = {
    "temperature": "temperature",
    "topP": "topP",
    "top_p": "topP",
    "topK": "topK",
    "top_k": "topK",
    "minP": "minP",
    "maxTokens": "maxOutputTokens",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "presencePenalty": "presencePenalty",
    "presence_penalty": "presencePenalty",
    "frequencyPenalty": "frequencyPenalty",
    "frequency_penalty": "frequencyPenalty",
    "seed": "seed",
    "mirostat": "mirostat",
}
"""What Continue and Humanloop write at the top, and dotprompt in `config`: their own documentation."""


def offers(place: Place) -> Iterator[Offer]:
    """Offered anywhere in a file of another format, and in one that marks its messages by tags or blocks."""
    prompt = place.prompt
    found = recognised(prompt)
    if found.format in _FOREIGN:
        title = f"Convert {found.label} to dotprompt"
        yield Offer("convert-file", title, "source.convertToDotprompt", partial(convert_file, prompt))
    elif found.format == "dotprompt":
        if _has_system_tag(prompt):
            make = partial(convert_file, prompt)
            yield Offer("convert-tags", "Turn <system> tags into roles", "source.convertToDotprompt", make)
        if any(role_tag(each) is not None for each in tree(prompt).of(BlockStatement)):
            make = partial(inline_roles, prompt)
            yield Offer("convert-role-blocks", "Write all roles inline", "source.convertToDotprompt", make)


def convert_file(prompt: Prompt) -> WorkspaceEdit:
    """Make tags roles, and the preamble of other formats a frontmatter; raises `Refused`."""
    newline = prompt.source.newline
    is_foreign = recognised(prompt).format in _FOREIGN
    head, body = _divided(prompt, is_foreign)
    messages = list(_messages(body))
    inputs: dict[str, str] = {}
    if is_foreign:
        messages = [(role, _with_names(text, inputs)) for role, text in messages]
    parts = []
    for index, (role, text) in enumerate(messages):
        is_only = role is None and len(messages) == 1
        # What stands before the first tag is the user's without saying so.
        tag = "" if is_only or (role is None and index == 0) else f'{{{{role "{role or "user"}"}}}}{newline}'
        parts.append(tag + text.strip("\r\n") + newline)
    converted = _frontmatter(prompt, head, inputs, newline) if is_foreign else prompt.text[: _body_start(prompt)]
    text = converted + newline.join(parts)
    notes = tuple(
        f"{name} was read from {source}; now the caller gives it." for name, source in inputs.items() if source
    )
    return own_edit(prompt, TextEdit(Range(0, len(prompt.text)), text), notes=notes)


def inline_roles(prompt: Prompt) -> WorkspaceEdit:
    """Write every role that is called as a block inline, so that its content is rendered; raises `Refused`."""
    edits: list[TextEdit] = []
    for finding in block_role.check(prompt):
        if finding.fix is None:
            line = prompt.source.line_at(finding.range.start) + 1
            raise Refused(f"the role on line {line} cannot be written inline: its block is not closed, or has an else.")
        edits += finding.fix.edits
    try:
        prompt.source.edited(edits)
    except OverlappingEditsError:
        raise Refused("one role stands inside another.") from None
    return own_edit(prompt, *edits)


def _has_system_tag(prompt: Prompt) -> bool:
    """Whether tags and nothing else divide the messages."""
    if not any(match["name"] == "system" for match in _TAG.finditer(prompt.text, _body_start(prompt))):
        return False
    return not any(role_tag(each) is not None for each in tree(prompt).of(MustacheStatement))


def _body_start(prompt: Prompt) -> int:
    head = frontmatter(prompt)
    return head.range.end if head is not None else layout(prompt).template_range.start


def _divided(prompt: Prompt, is_foreign: bool) -> tuple[str, str]:
    """The YAML at the top, without fences, and the rest."""
    head = readable_frontmatter(prompt)
    if head is not None:
        return prompt.text[head.yaml_range.start : head.yaml_range.end], prompt.text[head.range.end :]
    rule = _RULE.search(prompt.text) if is_foreign else None
    if rule is not None and isinstance(_data(prompt.text[: rule.start()]), Mapping):
        return prompt.text[: rule.start()], prompt.text[rule.end() :]
    return "", prompt.text


def _data(text: str) -> object:
    document = read_yaml(text)
    try:
        return to_data(document.root) if document.error is None else None
    except TooLargeError:
        return None


def _messages(body: str) -> Iterator[tuple[str | None, str]]:
    """The roles with their texts; None is the role of text outside any tag. Texts of blanks are left out."""
    at = 0
    while (opening := _TAG.search(body, at)) is not None:
        if opening["close"]:
            raise Refused(f"</{opening['name']}> closes nothing.")
        if body[at : opening.start()].strip():
            yield None, body[at : opening.start()]
        close = next((each for each in _CLOSE.finditer(body, opening.end()) if each["name"] == opening["name"]), None)
        if close is None:
            raise Refused(f"<{opening['name']}> is never closed.")
        yield _ROLES.get(opening["name"], opening["name"]), body[opening.end() : close.start()].rstrip(" \t")
        at = close.end()
    if body[at:].strip():
        yield None, body[at:]


def _with_names(text: str, inputs: dict[str, str]) -> str:
    """A text with `{{name}}` for Continue's `{{{ name }}}`; files and addresses get names of their own."""

    def written(match: re.Match[str]) -> str:
        source = match["name"]
        if _NAME.fullmatch(source):
            inputs.setdefault(source, "")
            return f"{{{{{source}}}}}"
        words = re.findall(r"[A-Za-z0-9]+", source)
        name = "_".join(words).lower() or "text"
        name = name if name[0].isalpha() else f"file_{name}"
        inputs[name] = source
        return f"{{{{{name}}}}}"

    return _BRACES.sub(written, text)


def _frontmatter(prompt: Prompt, head: str, inputs: Mapping[str, str], newline: str) -> str:
    data = frontmatter_data(prompt.text) if frontmatter(prompt) is not None else _data(head)
    known: dict[str, Any] = dict(data) if isinstance(data, Mapping) else {}
    config = known.pop("config", None)
    settings = {**config} if isinstance(config, Mapping) else {}
    for theirs, ours in _CONFIG.items():
        if theirs in known:
            settings[ours] = known.pop(theirs)
    if isinstance(settings.get("stopSequences"), str):
        settings["stopSequences"] = [settings["stopSequences"]]
    provider, model = known.pop("provider", None), known.get("model")
    if isinstance(provider, str) and isinstance(model, str) and "/" not in model:
        known["model"] = f"{provider}/{model}"
    if settings:
        known["config"] = settings
    names = [name for name in inputs if name not in helpers(prompt)]
    if names and "input" not in known:
        known["input"] = {"schema": dict.fromkeys(names, "string")}
    comments = [line for line in head.splitlines() if line.lstrip().startswith("#")]
    lines = [*comments, *([block(known, newline)] if known else [])]
    return newline.join(["---", *lines, "---", ""]) if lines else ""

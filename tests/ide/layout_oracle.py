"""What must be the same before and after formatting, told by other libraries than ours."""

import re
from typing import Any

import yaml

from promptls.ide.formatting import formatting
from promptls.language.prompt import Prompt
from promptls.settings import FormatSettings
from promptls.syntax.frontmatter import read_layout
from promptls.syntax.source import TextEdit
from tests.support.oracle import Oracle

_BREAK = re.compile(r"[^ \t\r\n]  +\r?$")


def yaml_data(text: str) -> Any:
    """PyYAML's data of the frontmatter, its reader in C being asked where the one in Python refuses; or the error."""
    head = read_layout(text).frontmatter
    if head is None:
        return None
    error: Exception | None = None
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        try:
            return yaml.load(text[slice(*head.yaml_range)], loader)
        except (yaml.YAMLError, ValueError, TypeError) as failure:
            error = failure
    return type(error)


def handlebars_tree(oracle: Oracle, text: str) -> Any:
    """npm Handlebars' tree of the template, after its white-space control, as far as formatting must keep it."""
    return _plain(oracle.parse(text[slice(*read_layout(text).template_range)]))


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(item) for item in node if not _is_empty(item)]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "ContentStatement":
        return {"type": "ContentStatement", "value": trimmed(node["value"])}
    return {key: _plain(value) for key, value in node.items() if key != "loc"}


def _is_empty(node: Any) -> bool:
    return isinstance(node, dict) and node.get("type") == "ContentStatement" and not node["value"]


def trimmed(text: str) -> list[tuple[str, bool]]:
    """The lines of a text without the blanks at their ends, and whether Markdown breaks each; the last one as it is."""
    *lines, last = text.split("\n")
    ends = [("\r" if line.endswith("\r") else "") for line in lines]
    cut = [line.removesuffix("\r").rstrip(" \t") + end for line, end in zip(lines, ends, strict=True)]
    breaks = [_BREAK.search(line) is not None for line in lines]
    return [*zip(cut, breaks, strict=True), (last, False)]


def edits_problem(text: str, edits: tuple[TextEdit, ...]) -> str | None:
    """Why edits are not minimal or not apart, or None."""
    cursor = -1
    for edit in edits:
        start, end = edit.range
        old = text[start:end]
        if not 0 <= start <= end <= len(text) or start < cursor:
            return f"an edit at {start} overlaps or lies outside"
        if old == edit.text or (old and edit.text and (old[0] == edit.text[0] or old[-1] == edit.text[-1])):
            return f"the edit at {start} replaces {old!r} by itself in part: {edit.text!r}"
        cursor = end
    return None


def formatted(prompt: Prompt, options: FormatSettings | None = None) -> str:
    return prompt.source.edited(formatting(prompt, options).edits).text


def problem(oracle: Oracle | None, prompt: Prompt, options: FormatSettings) -> str | None:
    """What formatting a prompt does that it must not, or None; without an oracle the trees are not compared."""
    answer = formatting(prompt, options)
    if answer.refusal is not None:
        return "refused after all" if "report" in answer.refusal else None
    text = prompt.text
    if found := edits_problem(text, answer.edits):
        return found
    after = prompt.source.edited(answer.edits).text
    again = formatting(prompt.with_text(after), options)
    if again.edits or again.refusal:
        return f"formatting twice: {again}\nonce: {after!r}"
    old, new = yaml_data(text), yaml_data(after)
    if old != new or (not options.sort_keys and repr(old) != repr(new)):
        return f"the data was {old} and is {new}"
    if oracle is not None and handlebars_tree(oracle, text) != handlebars_tree(oracle, after):
        return f"Handlebars reads another tree: {after!r}"
    return None

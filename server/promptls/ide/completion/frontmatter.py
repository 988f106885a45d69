"""Completion in the frontmatter: keys at every level, and values by the role of their key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from promptls.ide.completion.items import CompletionItem, CompletionList, Word, completion_list
from promptls.ide.completion.models import model_ids
from promptls.ide.completion.schemas import default_parts, schema_parts
from promptls.ide.completion.tools import known_tools
from promptls.ide.yaml_cursor import YamlCursor, yaml_at
from promptls.ide.yaml_lines import ITEM
from promptls.language.keys import CONFIG_KEYS, FRONTMATTER_KEYS, ConfigKey, FrontmatterKey
from promptls.language.metadata import metadata
from promptls.language.models import vendor
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.source import Range
from promptls.workspace import Workspace

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "text": "running text, in every runtime",
        "json": "JSON, in every runtime",
        "array": "a JSON array (Genkit)",
        "enum": "one of the values of the schema (Genkit)",
        "jsonl": "JSON objects, one a line (Genkit)",
        "media": "a picture or another medium (Genkit)",
    }
)
"""The values of `output.format` that runtimes know; Genkit's documentation of output formats."""

_CONFIG_VALUES: Mapping[tuple[str, ...], tuple[str, ...]] = MappingProxyType(
    {
        ("responseModalities", ITEM): ("TEXT", "IMAGE", "AUDIO"),
        ("reasoningEffort",): ("minimal", "low", "medium", "high"),
        ("thinkingConfig",): ("thinkingBudget", "thinkingLevel", "includeThoughts"),
        ("thinkingConfig", "thinkingLevel"): ("LOW", "HIGH"),
        ("thinkingConfig", "includeThoughts"): ("true", "false"),
        ("thinking",): ("enabled", "budgetTokens"),
        ("thinking", "enabled"): ("true", "false"),
        ("functionCallingConfig",): ("mode", "allowedFunctionNames"),
        ("functionCallingConfig", "mode"): ("AUTO", "ANY", "NONE"),
        ("safetySettings", ITEM): ("category", "threshold"),
        ("safetySettings", ITEM, "category"): (
            "HARM_CATEGORY_HARASSMENT",
            "HARM_CATEGORY_HATE_SPEECH",
            "HARM_CATEGORY_SEXUALLY_EXPLICIT",
            "HARM_CATEGORY_DANGEROUS_CONTENT",
            "HARM_CATEGORY_CIVIC_INTEGRITY",
        ),
        ("safetySettings", ITEM, "threshold"): (
            "BLOCK_NONE",
            "BLOCK_ONLY_HIGH",
            "BLOCK_MEDIUM_AND_ABOVE",
            "BLOCK_LOW_AND_ABOVE",
            "OFF",
        ),
    }
)
"""Keys and values below `config`; Gemini API, OpenAI and Anthropic references and Genkit's plugins for them."""

_CONFIG_MAPPINGS = frozenset({("thinkingConfig",), ("thinking",), ("functionCallingConfig",), ("safetySettings", ITEM)})


def complete_frontmatter(prompt: Prompt, offset: int, workspace: Workspace | None) -> CompletionList:
    """What can stand at a cursor in the frontmatter."""
    cursor = yaml_at(prompt, offset)
    if cursor is None:
        return CompletionList()
    readable = _mended(prompt, cursor)
    word = Word(cursor.word, Range(cursor.word.start, cursor.word_end))
    blank = " " if cursor.needs_blank else ""
    if cursor.path == ("model",):
        return model_ids(prompt, word, blank)
    found = completion_list(_items(readable, cursor, word, workspace))
    if not blank:
        return found
    return completion_list(_after_blank(item) for item in found.items)


def _after_blank(item: CompletionItem) -> CompletionItem:
    text = item.edit.text if item.edit.text.startswith("\n") else f" {item.edit.text}"
    return replace(item, edit=replace(item.edit, text=text))


def _mended(prompt: Prompt, cursor: YamlCursor) -> Prompt:
    """The prompt without the line that is being typed, where that line breaks the YAML; offsets stay the same."""
    head = frontmatter(prompt)
    if head is not None and head.error is None and head.close_fence is not None:
        return prompt
    start, end = prompt.source.line_range(prompt.source.line_at(cursor.word.end))
    return prompt.with_text(prompt.text[:start] + " " * (end - start) + prompt.text[end:])


def _items(prompt: Prompt, cursor: YamlCursor, word: Word, workspace: Workspace | None) -> Iterator[CompletionItem]:
    """Items by the role of the place; `prompt` can be read, whatever is being typed."""
    path = cursor.path
    if not path:
        if cursor.position == "key":
            yield from _keys(cursor, word, FRONTMATTER_KEYS.values())
            if (head := frontmatter(prompt)) is None or head.close_fence is None:
                yield word.item("---", "keyword", "---\n", detail="ends the frontmatter")
        return
    if path[0] == "config":
        yield from _config(prompt, cursor, word, path[1:])
    elif path in (("tools",), ("tools", ITEM)):
        yield from _tools(prompt, cursor, word, workspace)
    elif path == ("output", "format"):
        yield from (word.item(name, "enum-member", detail=detail) for name, detail in FORMATS.items())
    elif path[:2] == ("input", "default"):
        yield from default_parts(prompt, cursor, word, path[2:])
    else:
        key, depth = _known_key(path)
        if key is None:
            return
        if key.type == "schema":
            yield from schema_parts(prompt, cursor, word, path[:depth], path[depth:])
        elif depth == len(path) and cursor.position != "value":
            inside = key.type == "mapping" or path[-1] == ITEM
            yield from _keys(cursor, word, key.children) if inside else ()


def _known_key(path: tuple[str, ...]) -> tuple[FrontmatterKey | None, int]:
    """The innermost key of the table along a path, and how much of the path leads to it."""
    key = FRONTMATTER_KEYS.get(path[0])
    depth = 1
    while key is not None and depth < len(path) and key.type != "schema":
        if path[depth] != ITEM:
            key = key.child(path[depth])
        depth += 1
    return key, depth


def _keys(cursor: YamlCursor, word: Word, keys: Iterable[FrontmatterKey]) -> Iterator[CompletionItem]:
    for key in keys:
        if key.name in cursor.siblings or key.reserved:
            continue
        text = key.name if cursor.has_colon else _with_value(cursor, key.name, _VALUES[key.type])
        data = {"kind": "key", "path": ".".join((*(step for step in cursor.path if step != ITEM), key.name))}
        yield word.item(
            key.name,
            "property",
            text,
            snippet=not cursor.has_colon,
            detail=key.summary,
            data=data,
            asks_again=not cursor.has_colon and (key.type in ("mapping", "schema") or key.name in ("model", "format")),
        )


_VALUES: Mapping[str, str] = {
    "string": "$0",
    "any": "$0",
    "number": "$0",
    "integer": "$0",
    "boolean": "${1|true,false|}",
    "list of strings": "[$0]",
    "list": "\n  - $0",
    "mapping": "\n  $0",
    "schema": "\n  $0",
}
"""What follows a key and its colon, by the type of its value."""


def _with_value(cursor: YamlCursor, name: str, value: str) -> str:
    """A key with the beginning of its value, indented from where the key stands."""
    if cursor.flow and value.startswith("\n"):
        value = "[$0]" if "-" in value else "{$0}"
    if not value.startswith("\n"):
        return f"{name}: {value}"
    return f"{name}:" + value.replace("\n", "\n" + " " * (cursor.column - cursor.indent))


def _config(prompt: Prompt, cursor: YamlCursor, word: Word, rest: tuple[str, ...]) -> Iterator[CompletionItem]:
    if not rest:
        yield from _config_keys(prompt, cursor, word) if cursor.position == "key" else ()
        return
    key = CONFIG_KEYS.get(rest[0])
    if key is not None and key.type == "boolean" and len(rest) == 1:
        yield from (word.item(each, "value") for each in ("true", "false"))
    for each in _CONFIG_VALUES.get(rest, ()):
        if rest not in _CONFIG_MAPPINGS:
            yield word.item(each, "enum-member")
        elif cursor.position != "value" and each not in cursor.siblings:
            text = each if cursor.has_colon else f"{each}: "
            yield word.item(each, "property", text, asks_again=(*rest, each) in _CONFIG_VALUES)


def _config_keys(prompt: Prompt, cursor: YamlCursor, word: Word) -> Iterator[CompletionItem]:
    """The settings that the model's vendor is known to take, then those of which nobody says that it does not."""
    model = metadata(prompt).model
    maker = vendor(model.value) if model else None
    keys = [key for key in CONFIG_KEYS.values() if key.name not in cursor.siblings and maker not in key.ignored_by]
    for key in sorted(keys, key=lambda key: maker is not None and maker not in key.vendors):
        text = key.name if cursor.has_colon else _with_value(cursor, key.name, _VALUES[key.type])
        yield word.item(
            key.name,
            "property",
            text,
            snippet=not cursor.has_colon,
            detail=_type_of(key, maker),
            data={"kind": "key", "path": f"config.{key.name}"},
        )


def _type_of(key: ConfigKey, maker: str | None) -> str:
    bounds = key.bounds_for(maker)
    return f"{key.type}, {bounds}" if bounds and key.type in ("number", "integer") else key.type


def _tools(prompt: Prompt, cursor: YamlCursor, word: Word, workspace: Workspace | None) -> Iterator[CompletionItem]:
    named = {tool.value for tool in metadata(prompt).tools if not tool.range.contains(cursor.word.end)}
    for name, origin in known_tools(prompt, workspace):
        if name in named:
            continue
        text = name
        if cursor.position == "value":
            text = f"[{name}]"
        elif cursor.position == "key":
            text = f"- {name}"
        yield word.item(name, "function", text, detail=origin)

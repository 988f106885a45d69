"""Which format a file is written in: many tools call their files `.prompt`, and errors about another format are noise.

Decided by evidence, with one bias: a file that is dotprompt, however broken, must never be taken for something else.
Shapes of the other formats: their own documentation and files in public repositories.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal

from promptls.language.keys import FRONTMATTER_KEYS
from promptls.language.prompt import Prompt, facet, frontmatter, layout
from promptls.syntax.frontmatter import Frontmatter
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlMapping, YamlScalar, YamlSequence, read_yaml, resolve

Format = Literal[
    "dotprompt", "text", "yaml", "github-models", "continue", "humanloop", "go-template", "jinja", "poml", "xml", "json"
]

LABELS: Mapping[Format, str] = MappingProxyType(
    {
        "dotprompt": "dotprompt",
        "text": "plain text",
        "yaml": "YAML",
        "github-models": "a GitHub Models prompt (YAML)",
        "continue": "a Continue prompt",
        "humanloop": "a Humanloop or Latitude prompt",
        "go-template": "a Go template",
        "jinja": "a Jinja or Liquid template",
        "poml": "POML",
        "xml": "XML",
        "json": "JSON",
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a format; `range` is None where it is not in the text."""

    text: str
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class Recognition:
    """The format of a file and why it was taken for that."""

    format: Format
    evidence: tuple[Evidence, ...] = ()

    @property
    def label(self) -> str:
        """The format in words that finish the sentence "this file was read as …"."""
        return LABELS[self.format]


@facet
def recognised(prompt: Prompt) -> Recognition:
    """What the file is, by its own text and, where that says little, by the files around it."""
    alone = recognised_alone(prompt)
    if alone.format not in ("text", "xml"):
        return alone
    if prompt.path is not None and prompt.path.name.startswith("_"):
        return Recognition("dotprompt", (Evidence("its name is that of a partial"),))
    if prompt.project.has_dotprompt_sibling(prompt):
        return Recognition("dotprompt", (Evidence("another file of its folder is dotprompt"),))
    return alone


def is_dotprompt(prompt: Prompt) -> bool:
    """Whether the file is to be read as dotprompt."""
    return recognised(prompt).format == "dotprompt"


@facet
def recognised_alone(prompt: Prompt) -> Recognition:
    """What the file is by its own text; a project asks this of siblings, which must not ask it back."""
    text = prompt.text
    if _is_begun(text):
        return Recognition("dotprompt", (Evidence("the file is only begun"),))
    head = frontmatter(prompt)
    body = layout(prompt).template_range
    helpers = tuple(_matches(_DOTPROMPT, text, body))
    if head is not None:
        return _with_frontmatter(text, head, body, helpers)
    if document := _whole_document(text, 0):
        return document
    if preamble := _preamble(text, helpers):
        return preamble
    if helpers:
        return Recognition("dotprompt", helpers)
    if foreign := _foreign_template(text, body):
        return foreign
    if history := tuple(_matches(_HISTORY, text, body)):
        return Recognition("dotprompt", history)
    return _markup(text) or Recognition("text")


def _with_frontmatter(text: str, head: Frontmatter, body: Range, helpers: tuple[Evidence, ...]) -> Recognition:
    keys = dict(_keys(text, head))
    known = tuple(Evidence(f"the frontmatter key {name}", range) for name, range in keys.items() if _is_known(name))
    if head.close_fence is None and not helpers and (document := _whole_document(text, head.yaml_range.start)):
        return document
    if not helpers and keys.keys() & _HUMANLOOP_KEYS and (tags := tuple(_matches(_ROLE_TAG, text, body))):
        return Recognition("humanloop", tags)
    if helpers or any(name in _TELLING_KEYS or "." in name for name in keys):
        return Recognition("dotprompt", known + helpers)
    if foreign := _foreign_template(text, body):
        return foreign
    if known:
        return Recognition("dotprompt", known)
    if not keys and head.error is None and head.root is None:
        return Recognition("dotprompt", (Evidence("an empty frontmatter", head.range),))
    if near := [(name, range) for name, range in keys.items() if get_close_matches(name, FRONTMATTER_KEYS, 1, 0.8)]:
        return Recognition("dotprompt", tuple(Evidence(f"the frontmatter key {name}", range) for name, range in near))
    if keys and head.close_fence is not None and all(map(_PLAIN_KEY.fullmatch, keys)):
        return Recognition("dotprompt", (Evidence("a frontmatter", head.range),))
    return Recognition("text")


_TELLING_KEYS = frozenset({"model", "config", "input", "output", "tools", "toolDefs"})
"""Keys that hardly stand in the frontmatter of anything but a prompt; the others stand in that of any document."""

_PLAIN_KEY = re.compile(r"[a-z_][\w-]*")
_HUMANLOOP_KEYS = frozenset({"provider", "endpoint"})
_ROLE_TAG = re.compile(r"^<(?:system|user|assistant|step)\b[^>\n]*>", re.MULTILINE)


def _is_known(key: str) -> bool:
    return key in FRONTMATTER_KEYS or "." in key


def _keys(text: str, head: Frontmatter) -> Iterator[tuple[str, Range]]:
    """The top-level keys, also those that stand after an error in the YAML."""
    if head.mapping is not None:
        for entry in head.mapping.entries:
            if entry.name is not None:
                yield entry.name, entry.key.range
    if head.error is not None:
        for match in _KEY.finditer(text, *head.yaml_range):
            yield match["key"], Range(*match.span("key"))


_KEY = re.compile(r"^(?P<key>[A-Za-z_][\w.-]*)[ \t]*:(?=\s|\Z)", re.MULTILINE)


def _is_begun(text: str) -> bool:
    """Whether somebody is just typing the first fence, key or tag, or nothing yet."""
    stripped = text.strip("\ufeff \t\r\n")
    match = _BEGUN.fullmatch(stripped) if len(stripped) < 500 else None
    return match is not None and (not match["key"] or any(key.startswith(match["key"]) for key in FRONTMATTER_KEYS))


_BEGUN = re.compile(r"-{0,3}|\{\{?[#>!/]?\w*|---[ \t]*\r?\n(?:[ \t]*(?:\#[^\n]*)?\n)*(?:\#[^\n]*|(?P<key>\w*))")
_DOTPROMPT = re.compile(
    r"""\{\{~?\s*(?:
        [#/]\s*(?:if|unless|each|with|ifEquals|unlessEquals|role|section|media|json|history)\b
      | \#?>\s*[\w@"'(.]
      | role\s+["'][\w]
      | media\s+(?:url|contentType)\s*=
      | section\s+["']
      | json\s+[\w@\[]
      | !(?:--|\s)
      | @[A-Za-z]
      | \.\./
    )[^{}\n]*\}{0,3}""",
    re.VERBOSE,
)
_HISTORY = re.compile(r"\{\{~?\s*history\s*~?\}\}")
_MOST_EVIDENCE = 3


def _matches(pattern: re.Pattern[str], text: str, body: Range) -> Iterator[Evidence]:
    """The first few different matches."""
    seen: set[str] = set()
    for match in pattern.finditer(text, *body):
        if match[0] not in seen:
            seen.add(match[0])
            yield Evidence(match[0], Range(*match.span()))
        if len(seen) == _MOST_EVIDENCE:
            return


_GO = re.compile(
    r"""\{\{-?\s*(?:
        \.[A-Za-z_]\w*
      | (?:if|else\s+if|range|with)\s+(?:[.$("]|(?:not|and|or|eq|ne|lt|le|gt|ge|len)\s+[.$("])
      | (?:template|define|block)\s+"
      | \$\w+\s*(?::=|,|\.)
      | /\*
    )[^{}\n]*\}{0,2}""",
    re.VERBOSE,
)
_JINJA = re.compile(
    r"""\{%[-+]?\s*(?:
        (?:end)?(?:if|for|block|macro|call|filter|raw|verbatim|set|with|case|unless|capture|comment|chat|message)
      | elif | elsif | else | include | import | from | extends | assign | when | render | liquid | cycle | do
      )\b[^%\n]*%\}
    | \{\{-?\s*[\w.]+(?:\([^(){}]*\))?\s*\|\s*[a-z_]+[^{}\n]*\}\}
    | \{\#(?![\#{])[^\n]{0,200}?\#\}""",
    re.VERBOSE,
)


def _foreign_template(text: str, body: Range) -> Recognition | None:
    patterns: tuple[tuple[Format, re.Pattern[str]], ...] = (("jinja", _JINJA), ("go-template", _GO))
    for format, pattern in patterns:
        if evidence := tuple(_matches(pattern, text, body)):
            return Recognition(format, evidence)
    return None


_CONTINUE_KEYS = frozenset(
    {
        "name", "description", "version", "model", "temperature", "topP", "topK", "minP", "presencePenalty",
        "frequencyPenalty", "mirostat", "stop", "maxTokens",
    }
)  # fmt: skip
_LARGEST_PREAMBLE = 20_000
_RULE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_TRIPLE = re.compile(r"\{\{\{[\w\"' .:/-]+\}\}\}")
_SYSTEM_TAG = re.compile(r"^<system>", re.MULTILINE)


def _preamble(text: str, helpers: tuple[Evidence, ...]) -> Recognition | None:
    """Continue's format: keys without an opening fence, or none but `<system>` tags and triple braces.

    The same preamble with the keys of dotprompt is a frontmatter whose opening fence was forgotten.
    """
    whole = Range(0, len(text))
    rule = _RULE.search(text)
    mapping = _mapping(text[: rule.start()]) if rule and rule.start() < _LARGEST_PREAMBLE else None
    if rule and mapping:
        names = {entry.name: entry for entry in mapping.entries if entry.name is not None}
        found = tuple(Evidence(f"the key {name}", entry.key.range) for name, entry in names.items())
        nested = any(isinstance(resolve(entry.value), YamlMapping | YamlSequence) for entry in names.values())
        if names.keys() <= FRONTMATTER_KEYS.keys() and (nested or helpers):
            return Recognition("dotprompt", found + helpers)
        if names.keys() <= _CONTINUE_KEYS and not helpers:
            return Recognition("continue", found)
    tags = tuple(_matches(_SYSTEM_TAG, text, whole))
    inputs = tuple(_matches(_TRIPLE, text, whole))
    return Recognition("continue", tags + inputs) if tags and inputs and not helpers else None


_PROMPT_KEYS = frozenset({"prompt", "prompts", "messages", "template", "system", "user"})
_PROMPT_KEY = re.compile(rf"^(?:{'|'.join(sorted(_PROMPT_KEYS))})[ \t]*:", re.MULTILINE)
_LARGEST_DOCUMENT = 1_000_000


def _whole_document(text: str, start: int) -> Recognition | None:
    """A file that is YAML or JSON from its first to its last character, as a dotprompt file cannot be."""
    body = text[start:].lstrip("\ufeff \t\r\n")
    if len(body) > _LARGEST_DOCUMENT:
        return None
    if body[:1] in ("{", "[") and _is_json(body):
        return Recognition("json", (Evidence("the whole file is JSON", Range(start, len(text))),))
    if not _PROMPT_KEY.search(body):
        return None
    mapping = _mapping(text[start:], start)
    names = {entry.name: entry for entry in mapping.entries if entry.name is not None} if mapping else {}
    prompts = [entry for name, entry in names.items() if name in _PROMPT_KEYS and _holds_a_prompt(entry.value)]
    if not prompts or not all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in names):
        return None
    evidence = (Evidence("the whole file is YAML", Range(start, len(text))), Evidence("its key", prompts[0].key.range))
    messages = names.get("messages")
    is_github = messages is not None and isinstance(resolve(messages.value), YamlSequence)
    return Recognition("github-models" if is_github else "yaml", evidence)


def _holds_a_prompt(value: object) -> bool:
    """Whether a key holds what takes lines: "User: hello" in a plain text is YAML too."""
    return not isinstance(value, YamlScalar) or value.style in ("literal", "folded")


def _mapping(text: str, base: int = 0) -> YamlMapping | None:
    document = read_yaml(text, base)
    return document.root if document.error is None and isinstance(document.root, YamlMapping) else None


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


_ROOT = re.compile(r"\s*(?P<open><(?P<name>\?xml|[A-Za-z][\w.-]*)[^<>]*>)")


def _markup(text: str) -> Recognition | None:
    match = _ROOT.match(text)
    if match is None:
        return None
    root = Evidence(match["open"], Range(*match.span("open")))
    if match["name"] == "poml":
        return Recognition("poml", (root,))
    closing = f"</{match['name']}>"
    is_whole = text.rstrip().endswith(closing) and text.count(closing) == 1
    return Recognition("xml", (root,)) if is_whole or match["name"] == "?xml" else None

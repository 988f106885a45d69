"""Schemas that are no YAML: the few slips by which authors of picoschema break the whole frontmatter.

They come from writing types as TypeScript does (`"a" | "b"`, `{...}[]`) or prose with a colon, unquoted. Knowing the
slip gives one precise answer where the YAML reader can only say that it did not expect a character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from promptls.language.prompt import Prompt, facet, frontmatter
from promptls.syntax.source import Range, Source, TextEdit
from promptls.syntax.yaml_nodes import quoted

_ENTRY = re.compile(r"(?P<indent>[ \t]*)(?:- +){0,20}(?P<key>[^\s:#][^:#]{0,200}?)[ \t]{0,40}:(?:[ \t]|$)")
_LITERAL = r"(?:\"[^\"\r\n]*\"|'[^'\r\n]*')"
_WORD = r"[A-Za-z_][\w-]*"
_FIELD = rf"(?<![\w-])(?P<name>{_WORD}\??)(?P<detail>\([^()\r\n]*\))?[ \t]*:[ \t]*"
_UNION = re.compile(rf"{_FIELD}(?P<union>(?:{_LITERAL}|{_WORD})(?:[ \t]*\|[ \t]*(?:{_LITERAL}|{_WORD}))+)")
_UNION_MEMBER = re.compile(rf"{_LITERAL}|{_WORD}")
_LIST = re.compile(rf"{_FIELD}(?P<item>{_WORD})(?P<brackets>\[\])")
_DESCRIPTION = re.compile(r"[ \t]*,[ \t]*(?P<text>[^\r\n]*?)[ \t]*(?=\r|\n|$)")
_KEY_BEFORE_BRACE = re.compile(r"(?<![\w-])(?P<name>[A-Za-z_][\w-]*\??)(?P<detail>\([^()\r\n]*\))?[ \t]*:[ \t]*\Z")
_PAREN_KEY = re.compile(rf"(?<![\w-])(?P<key>{_WORD}\??\([^()\r\n]{{0,200}}: [^()\r\n]{{0,200}}\))[ \t]*:(?:[ \t]|$)")
_COMMENT = re.compile(r"[ \t]#.*$")
_SCHEMA_KEY = re.compile(r"[ \t]+schema[ \t]*:|(?:in|out)put[ \t]*:.*\bschema\b")


@dataclass(frozen=True, slots=True)
class BrokenSchema:
    """Why a schema broke the YAML: the characters to blame, a sentence about them, and edits that mend it, if known."""

    kind: Literal["unquoted-colon", "union-syntax", "list-syntax"]
    range: Range
    message: str
    edits: tuple[TextEdit, ...] = ()


@facet
def broken_schema(prompt: Prompt) -> BrokenSchema | None:
    """The slip that explains the frontmatter's YAML error, or None where it is no error or another one."""
    front = frontmatter(prompt)
    if front is None or front.error is None or front.close_fence is None:
        return None
    at = front.error.range.start
    if not _inside_schema(prompt.source, front.yaml_range, at):
        return None
    line = prompt.source.line_range(prompt.source.line_at(at))
    return (
        _list_of_objects(prompt.text, front.yaml_range, at)
        or _list(prompt.text, line, at)
        or _union(prompt.text, line, at)
        or _colon(prompt.text, line, at)
    )


def _inside_schema(source: Source, yaml: Range, at: int) -> bool:
    """Whether the line of an offset belongs to a key `schema`, going by indentation."""
    line = source.line_at(at)
    indent = _indent(source.line_text(line))
    if _is_schema(source.line_text(line)):
        return True
    while line > source.line_at(yaml.start):
        line -= 1
        text = source.line_text(line)
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if _indent(text) < indent:
            indent = _indent(text)
            if _is_schema(text):
                return True
    return False


def _is_schema(line: str) -> bool:
    return _SCHEMA_KEY.match(line) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _list_of_objects(text: str, yaml: Range, at: int) -> BrokenSchema | None:
    """`items: {...}[]`, which becomes `items(array): {...}`."""
    if text[at : at + 2] != "[]" or text[at - 1 : at] != "}":
        return None
    brace = _opening_brace(text, yaml.start, at - 1)
    if brace is None:
        return None
    line_start = max(text.rfind(end, yaml.start, brace) for end in "\r\n") + 1 or yaml.start
    key = _KEY_BEFORE_BRACE.search(text, line_start, brace)
    if key is None:
        return None
    description = _DESCRIPTION.match(text, at + 2)
    edits = _array_edits(key, Range(at, at + 2), description)
    return BrokenSchema(
        "list-syntax",
        Range(at - 1, at + 2),
        f'picoschema has no "{{…}}[]": a list of objects is written {key["name"]}(array): {{…}}',
        edits,
    )


def _opening_brace(text: str, start: int, close: int) -> int | None:
    depth = 0
    for position in range(close, start - 1, -1):
        if text[position] == "}":
            depth += 1
        elif text[position] == "{":
            depth -= 1
            if depth == 0:
                return position
    return None


def _array_edits(key: re.Match[str], brackets: Range, description: re.Match[str] | None) -> tuple[TextEdit, ...]:
    if key["detail"] is not None:
        return (TextEdit(brackets, ""),)
    told = _detail(description)
    if told is None:
        return ()
    end = description.end() if description else brackets.end
    name_end = key.end("name")
    return (TextEdit(Range(name_end, name_end), f"(array{told})"), TextEdit(Range(brackets.start, end), ""))


def _detail(description: re.Match[str] | None) -> str | None:
    """A description as it goes into a key's parentheses, or None where it cannot."""
    if description is None or not description["text"]:
        return ""
    told = description["text"]
    return None if ": " in told or any(char in told for char in "()#{}[]") else f", {told}"


def _list(text: str, line: Range, at: int) -> BrokenSchema | None:
    """`tags: string[]` between braces, where the bracket opens a list; it becomes `tags(array): string`."""
    for match in _LIST.finditer(text, *line):
        if match.start("brackets") <= at <= match.end():
            return BrokenSchema(
                "list-syntax",
                Range(match.start("item"), match.end()),
                f'picoschema has no "{match["item"]}[]": a list is written {match["name"]}(array): {match["item"]}',
                _array_edits(match, Range(*match.span("brackets")), None),
            )
    return None


def _union(text: str, line: Range, at: int) -> BrokenSchema | None:
    """`mood: "calm" | "lively"`, which becomes `mood(enum): ["calm", "lively"]`."""
    for match in _UNION.finditer(text, *line):
        if match.start("union") <= at <= match.end():
            values = _UNION_MEMBER.findall(match["union"])
            return BrokenSchema(
                "union-syntax",
                Range(*match.span("union")),
                f"picoschema has no alternatives joined by |: a closed list is written {match['name']}(enum): [...]",
                _enum_edits(text, match, line, values),
            )
    return None


def _enum_edits(text: str, match: re.Match[str], line: Range, values: list[str]) -> tuple[TextEdit, ...]:
    if match["detail"] is not None:
        return ()
    in_braces = text.count("{", line.start, match.end()) > text.count("}", line.start, match.end())
    description = None if in_braces else _DESCRIPTION.match(text, match.end())
    told = _detail(description)
    if told is None:
        return ()
    end = description.end() if description else match.end()
    name_end = match.end("name")
    return (
        TextEdit(Range(name_end, name_end), f"(enum{told})"),
        TextEdit(Range(match.start("union"), end), f"[{', '.join(values)}]"),
    )


def _colon(text: str, line: Range, at: int) -> BrokenSchema | None:
    """`name: string, one of two: a or b`, where the second colon and blank open another mapping."""
    if text[at : at + 1] != ":":
        return None
    if key := _PAREN_KEY.search(text, *line):
        range = Range(*key.span("key"))
    else:
        entry = _ENTRY.match(text, line.start, line.end)
        if entry is None or at < entry.end():
            return None
        comment = _COMMENT.search(text, entry.end(), line.end)
        end = comment.start() if comment else line.end
        range = Range(entry.end(), entry.end() + len(text[entry.end() : end].rstrip()))
        lead = len(text[range.start : range.end]) - len(text[range.start : range.end].lstrip())
        range = Range(range.start + lead, range.end)
    told = text[range.start : range.end]
    if told[:1] in "\"'{[&*!|>" or "\n" in told:
        return None
    return BrokenSchema(
        "unquoted-colon",
        range,
        "a colon followed by a blank ends a YAML key, so this text needs quotes",
        (TextEdit(range, quoted(told)),),
    )

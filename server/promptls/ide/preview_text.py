"""A preview as JSON, in the shape of `promptls render`, and as Markdown that also reads well in a plain editor."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from promptls.ide.preview import Preview, PreviewError, PreviewMessage
from promptls.language.picoschema import input_schema
from promptls.language.render.engine import HostPart, MediaPart, PendingPart, TextPart
from promptls.syntax.source import Position

Shown = Callable[[Path], str]
"""How a path is written for whoever reads it."""

VERSION = 1
LARGEST = 500_000
"""How many characters of messages are shown to an editor; the rest is named by its length, or left out."""
MOST_PIECES = 20_000
"""How many pieces of the map are given to an editor."""

_LONGEST_VALUE = 60


def payload(preview: Preview, shown: Shown = str, *, largest: int | None = LARGEST) -> dict[str, Any]:
    """The preview as JSON data: what `render --format json` gives, with `data`, `tokens` and `errors`.

    Offsets and columns count code points; lines and columns begin at 1. Of all messages together no more than `largest`
    characters are given, with a bounded map; `truncated` tells whether something is missing.
    """
    prompt, metadata = preview.prompt, preview.metadata
    lengths = [len(message.text) for message in preview.messages]
    ends = [length if largest is None else max(0, min(length, largest - before))
            for before, length in zip(accumulate(lengths, initial=0), lengths, strict=False)]  # fmt: skip
    schema = input_schema(prompt)
    mapped = [entry for entry in preview.map if entry.end <= ends[entry.message]]
    if largest is not None:
        del mapped[MOST_PIECES:]
    data: dict[str, Any] = {
        "version": VERSION,
        "path": _shown(prompt.path, shown),
        "ok": preview.ok,
        "messages": [
            {**_cut(message, end), "metadata": message.rendered.metadata}
            for message, end in zip(preview.messages, ends, strict=True)
        ],
        "truncated": ends != lengths or len(mapped) < len(preview.map),
        "model": metadata.get("model"),
        "config": metadata.get("config") or {},
        "tools": metadata.get("tools") or [],
        "toolDefs": metadata.get("toolDefs") or [],
        "output": metadata.get("output"),
        "map": [
            {
                "message": entry.message,
                "start": entry.start,
                "end": entry.end,
                "literal": entry.literal,
                "source": {
                    "path": _shown(entry.source.path, shown),
                    "start": entry.source.range.start,
                    "end": entry.source.range.end,
                },
            }
            for entry in mapped
        ],
        "data": {
            "input": preview.data.input,
            "context": preview.data.request.context,
            "values": [
                {"name": each.name, "value": each.value, "origin": each.origin, "path": _shown(each.path, shown)}
                for each in preview.data.values
            ],
            "sidecar": _shown(preview.data.sidecar, shown),
            "schema": schema.type.json if schema else None,
        },
        "tokens": {
            "exact": preview.exact,
            "encoding": preview.encoding,
            "total": preview.tokens,
            "messages": [{"role": message.role, "tokens": message.tokens} for message in preview.messages],
        },
        "errors": [_error(error, shown) for error in preview.errors],
    }
    plain: dict[str, Any] = _plain(data)
    return plain


def _cut(message: PreviewMessage, length: int) -> dict[str, object]:
    """A message as data, with so much of its text and no more."""
    if length == len(message.text):
        return message.rendered.to_data()
    parts: list[object] = []
    for part in message.rendered.parts:
        if isinstance(part, TextPart):
            parts.append({"text": part.text[:length]})
            length = max(0, length - len(part.text))
        else:
            parts.append(part.to_data())
    return {**message.rendered.to_data(), "content": parts}


def _error(error: PreviewError, shown: Shown) -> dict[str, Any]:
    return {
        "kind": error.kind,
        "severity": "error" if error.throws else "warning",
        "message": error.message,
        "path": _shown(error.path, shown),
        "start": _point(error.start, error.range.start),
        "end": _point(error.end, error.range.end),
    }


def _point(position: Position, offset: int) -> dict[str, int]:
    return {"line": position.line + 1, "column": position.character + 1, "offset": offset}


def _shown(path: Path | None, shown: Shown) -> str | None:
    return None if path is None else shown(path)


def _plain(value: object) -> Any:
    """The same as JSON can say it: infinities and NaN, which YAML has, become null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def markdown(preview: Preview, shown: Shown = lambda path: path.name) -> str:
    """The preview as a document. What a message says stands between fences, so that its own Markdown stays as it is."""
    blocks = [_heading(preview, shown), *_problems(preview, shown)]
    left = LARGEST
    for message in preview.messages:
        tokens = _tokens(message.tokens, exact=preview.exact)
        blocks += [f"## {message.role or '(no role)'} ({tokens})", *_parts(message, left)]
        left -= len(message.text)
    if not preview.messages:
        blocks.append("Nothing is rendered.")
    blocks += _data(preview, shown)
    blocks += _output(preview)
    return "\n\n".join(blocks) + "\n"


def _heading(preview: Preview, shown: Shown) -> str:
    path, model, count = preview.prompt.path, preview.metadata.get("model"), len(preview.messages)
    facts = [
        f"model {model}" if model else "no model named",
        f"{count} message{'' if count == 1 else 's'}",
        f"{_tokens(preview.tokens, exact=preview.exact)} in all",
    ]
    return f"# {shown(path) if path else 'Preview'}\n\n{', '.join(facts)}"


def _tokens(count: int, *, exact: bool) -> str:
    return f"{'' if exact else 'about '}{count:,} token{'' if count == 1 else 's'}"


def _problems(preview: Preview, shown: Shown) -> Iterator[str]:
    lines = []
    for error in preview.errors:
        file = f"{shown(error.path)} " if error.path is not None and error.path != preview.prompt.path else ""
        place = f"{file}line {error.start.line + 1}, column {error.start.character + 1}"
        lines.append(f"- {'error' if error.throws else 'warning'}, {place}: {error.message}")
    if lines:
        yield "## Problems"
        yield "\n".join(lines)


def _parts(message: PreviewMessage, left: int) -> Iterator[str]:
    for is_text, parts in groupby(message.rendered.parts, lambda part: isinstance(part, TextPart)):
        if is_text:
            text = "".join(part.text for part in parts if isinstance(part, TextPart))
            yield _fenced(text[: max(left, 0)])
            if len(text) > max(left, 0):
                yield f"… and {len(text) - max(left, 0):,} characters more"
            continue
        for part in parts:
            if isinstance(part, MediaPart):
                kind = f"{part.content_type} " if part.content_type else ""
                yield f"[medium] {kind}{_shortened(part.url)}"
            elif isinstance(part, PendingPart):
                yield f"[section] {part.purpose}: filled by the host"
            elif isinstance(part, HostPart):
                yield f"[part] {_shortened(json.dumps(_plain(part.data), ensure_ascii=False))}"


def _fenced(text: str, language: str = "") -> str:
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


_ORIGINS = {"given": "given", "default": "the frontmatter's default", "generated": "made up"}


def _data(preview: Preview, shown: Shown) -> Iterator[str]:
    values = preview.data.values
    if not values:
        return
    yield "## Data"
    lines = []
    for each in values:
        value = json.dumps(_plain(each.value), ensure_ascii=False)
        origin = _ORIGINS.get(each.origin) or (shown(each.path) if each.path else each.origin)
        lines.append(f"- {each.name}: {_shortened(value)} ({origin})")
    yield "\n".join(lines)


def _output(preview: Preview) -> Iterator[str]:
    about = {key: preview.metadata.get(key) for key in ("config", "tools", "output")}
    known = {key: value for key, value in about.items() if value}
    if known:
        yield "## Settings"
        yield _fenced(json.dumps(_plain(known), ensure_ascii=False, indent=2), "json")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"

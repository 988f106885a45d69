"""The messages that cases make of their prompt, kept beside the test file in `<name>.snap.yaml` to be compared with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import Any, Literal

import yaml

from promptls.language.render.engine import Rendering
from promptls.syntax.yaml_nodes import TooLargeError, read_yaml, to_data

SUFFIX = ".snap.yaml"
_HEAD = (
    "# The messages that the cases of {name} make of their prompt.\n# promptls test --update-snapshots writes this.\n"
)
_MOST_VALUES = 1_000_000

Message = Mapping[str, Any]
State = Literal["same", "changed", "missing"]


class SnapshotError(ValueError):
    """Why a file of snapshots cannot be read: words that go on from its name."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a rendering stands to its snapshot; `diff` are the lines of a unified diff where it has changed."""

    state: State
    diff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of one test file, by the names of its cases."""

    messages: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)

    def compare(self, name: str, rendering: Rendering) -> Comparison:
        """How the messages of a case stand to what is kept of them."""
        kept = self.messages.get(name)
        now = messages_of(rendering)
        if kept is None:
            return Comparison("missing")
        if kept == now:
            return Comparison("same")
        return Comparison("changed", tuple(_diff(kept, now)))


def snapshot_path(tests: Path) -> Path:
    """Where the snapshots of a test file stand: `ticket.test.yaml` has `ticket.snap.yaml`."""
    return tests.with_name(tests.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".test") + SUFFIX)


def messages_of(rendering: Rendering) -> tuple[Message, ...]:
    """The messages as plain data; the content of one that is text only is that text."""
    return tuple(_message(json.loads(json.dumps(message.to_data()))) for message in rendering.messages)


def _message(data: dict[str, Any]) -> Message:
    parts = data["content"]
    if all(part.keys() == {"text"} for part in parts):
        data["content"] = "".join(part["text"] for part in parts)
    return data


def read_snapshots(text: str) -> Snapshots:
    """Read what `write_snapshots` wrote; raises `SnapshotError`."""
    document = read_yaml(text)
    if document.error is not None:
        raise SnapshotError(f"is not valid YAML: {document.error.message}")
    try:
        data = to_data(document.root, _MOST_VALUES)
    except TooLargeError as error:
        raise SnapshotError(f"is too large: {error}") from None
    if data is None:
        return Snapshots()
    if not isinstance(data, dict) or not all(
        isinstance(messages, list) and all(isinstance(each, dict) for each in messages) for messages in data.values()
    ):
        raise SnapshotError("is no file of snapshots: expected a list of messages for each case")
    return Snapshots({name: tuple(messages) for name, messages in data.items()})


def write_snapshots(snapshots: Snapshots, tests: str) -> str:
    """The text of a file of snapshots; `tests` is the test file's name."""
    data = {name: list(map(dict, messages)) for name, messages in snapshots.messages.items()}
    body = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000) if data else ""
    return _HEAD.format(name=tests) + body


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a changed line is a changed line, and quotes the others."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else '"')


def _mapping(dumper: _Dumper, data: dict[str, Any]) -> yaml.MappingNode:
    node = dumper.represent_mapping("tag:yaml.org,2002:map", data.items())
    for key, _ in node.value:
        if key.value in ("role", "content", "metadata", "text", "media", "url", "contentType"):
            key.style = None
    return node


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)


def _diff(kept: tuple[Message, ...], now: tuple[Message, ...]) -> Iterator[str]:
    lines = unified_diff(_lines(kept), _lines(now), "snapshot", "now", n=2, lineterm="")
    yield from list(lines)[2:]


def _lines(messages: tuple[Message, ...]) -> list[str]:
    found: list[str] = []
    for message in messages:
        content = message.get("content")
        found.append(f"--- {message.get('role')} ---")
        found += (content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)).split("\n")
        if "metadata" in message:
            found.append(json.dumps(message["metadata"], ensure_ascii=False))
    return found

"""Print the settings in effect and where each came from, or their JSON Schema."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from promptls.cli import chosen

if TYPE_CHECKING:
    from promptls.settings.load import LoadedSettings

SUMMARY = "show the settings in effect"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", nargs="?", metavar="PATH", type=Path, default=Path(), help="file or folder; default: .")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of promptls.toml instead")
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the settings; gives 2 where some are wrong."""
    if arguments.schema:
        from promptls.settings.model import settings_schema

        print(json.dumps(settings_schema(), ensure_ascii=False, indent=2))
        return 0
    path: Path = arguments.path.absolute()
    loaded = chosen.settings(arguments, path if path.is_dir() else path.parent)
    for problem in loaded.problems:
        print(f"promptls: {problem}", file=sys.stderr)
    print(_object(loaded) if arguments.format == "json" else _table(loaded))
    return 2 if loaded.problems else 0


def _object(loaded: LoadedSettings) -> str:
    origins = {
        ".".join(key): {"kind": origin.kind, "where": origin.where, "line": origin.line}
        for key, _, origin in loaded.effective()
    }
    settings = loaded.settings.model_dump(mode="json", by_alias=True)
    return json.dumps({"version": 1, "settings": settings, "origins": origins}, ensure_ascii=False, indent=2)


def _table(loaded: LoadedSettings) -> str:
    rows = [(_setting(key, value), str(origin)) for key, value, origin in loaded.effective()]
    width = min(60, max(len(setting) for setting, _ in rows))
    return "\n".join(f"{setting:<{width}}  # {origin}" for setting, origin in rows)


def _setting(key: tuple[str, ...], value: object) -> str:
    """A setting as a line of TOML; one without a value, which TOML cannot say, as a comment."""
    name, *entry = key
    written = f"{name}{''.join(f'.{_toml(part)}' for part in entry)}"
    return f"# {written}" if value is None else f"{written} = {_toml(value)}"


def _toml(value: object) -> str:
    """A value on one line; what is None has no value in TOML and is left out of its table."""
    if isinstance(value, dict):
        pairs = (f"{_toml(key)} = {_toml(item)}" for key, item in value.items() if item is not None)
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)

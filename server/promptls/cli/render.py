"""Render a prompt with data: the messages that a model would be sent."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptls.cli import chosen
from promptls.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promptls.language.prompt import Prompt
    from promptls.language.render.engine import Part, RenderedMessage, Rendering, SourceRange, TemplateEngine
    from promptls.workspace import Workspace

SUMMARY = "render a prompt with data"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    data = "as JSON, or @FILE that holds it, or @- for stdin"
    parser.add_argument("path", metavar="PATH", type=Path, help="the prompt")
    parser.add_argument("--input", metavar="JSON", default="{}", help=f"the template's variables {data}")
    parser.add_argument("--context", metavar="JSON", default="{}", help=f"what @name reads {data}")
    parser.add_argument("--history", metavar="JSON", default="[]", help=f"messages for {{{{history}}}} {data}")
    parser.add_argument(
        "--format",
        choices=("text", "json", "openai", "anthropic", "gemini"),
        default="text",
        help="text, json, or the body of a request to a vendor's API; default: text",
    )
    parser.add_argument(
        "--engine",
        choices=("evaluator", "pybars"),
        help="default: pybars where the setting runtimes names nothing else, otherwise the evaluator",
    )
    chosen.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the messages; gives 1, with the reasons on stderr, where the runtime would refuse."""
    from promptls.language.render.engine import RenderRequest
    from promptls.workspace import FileProblem
    from promptls.workspace.usage import Used, count_uses

    request = RenderRequest(
        input=_read("--input", arguments.input, dict),
        context=_read("--context", arguments.context, dict),
        history=_read("--history", arguments.history, list),
    )
    workspace = chosen.workspace(arguments)
    try:
        prompt = workspace.prompt(arguments.path)
    except FileProblem as problem:
        raise CommandError(chosen.said(problem)) from problem
    rendering = _engine(arguments.engine, prompt).render(prompt, request)
    for error in rendering.errors:
        print(
            f"{_at(error.source, prompt, workspace)}: {'error' if error.throws else 'warning'}: {error.message}",
            file=sys.stderr,
        )
    if not rendering.ok:
        return 1
    print(_told(rendering, prompt, arguments.format), end="", flush=True)
    count_uses(workspace, [Used(arguments.path, "renders")])
    return 0


def _told(rendering: Rendering, prompt: Prompt, format: str) -> str:
    from promptls.language.render.context import runtime_metadata

    if format == "text":
        return _text(rendering)
    data = _object(rendering, prompt, dict(runtime_metadata(prompt)))
    if format != "json":
        from promptls.cli.payloads import PAYLOADS

        data = PAYLOADS[format](data)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _read(option: str, text: str, expected: type[Any]) -> Any:
    try:
        if text.startswith("@"):
            text = sys.stdin.read() if text == "@-" else Path(text[1:]).read_text(encoding="utf-8-sig")
        value = json.loads(text)
    except OSError as error:
        raise CommandError(f"{option}: {text[1:]} cannot be read: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{option}: {text[1:]} is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{option}: not JSON ({error}); a file is given as @FILE") from error
    if not isinstance(value, expected):
        raise CommandError(f"{option}: expected a JSON {'object' if expected is dict else 'array'}")
    return value


def _engine(name: str | None, prompt: Prompt) -> TemplateEngine:
    if name is None:
        name = "pybars" if set(prompt.settings.runtimes) == {"pybars"} else "evaluator"
    if name == "pybars":
        from promptls.language.render.pybars import PybarsEngine

        return PybarsEngine()
    from promptls.language.render.evaluator import DotpromptEngine

    return DotpromptEngine()


def _at(source: SourceRange, prompt: Prompt, workspace: Workspace) -> str:
    path = source.path or prompt.path
    text = workspace.source(path) if path is not None else prompt.source
    line, column = text.position(source.range.start)
    return f"{chosen.shown(path)}:{line + 1}:{column + 1}"


def _text(rendering: Rendering) -> str:
    return "\n".join(
        f"--- {message.role} ---\n" + "".join(f"{_part(part)}\n" for part in message.parts)
        for message in rendering.messages
    )


def _part(part: Part) -> str:
    from promptls.language.render.engine import TextPart

    return part.text if isinstance(part, TextPart) else json.dumps(part.to_data(), ensure_ascii=False)


def _object(rendering: Rendering, prompt: Prompt, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "messages": [{**message.to_data(), "metadata": message.metadata} for message in rendering.messages],
        "model": metadata.get("model"),
        "config": metadata.get("config") or {},
        "tools": metadata.get("tools") or [],
        "toolDefs": metadata.get("toolDefs") or [],
        "output": metadata.get("output"),
        "map": [entry for index, message in enumerate(rendering.messages) for entry in _map(index, message, prompt)],
    }


def _map(index: int, message: RenderedMessage, prompt: Prompt) -> Iterator[dict[str, Any]]:
    """Where every piece of a message's text came from; offsets count through its text parts."""
    from promptls.language.render.engine import TextPart

    start = 0
    for part in message.parts:
        for segment in part.segments if isinstance(part, TextPart) else ():
            end = start + len(segment.text)
            if segment.source is not None:
                path = chosen.shown(segment.source.path or prompt.path)
                source = {"path": path, "start": segment.source.range.start, "end": segment.source.range.end}
                yield {"message": index, "start": start, "end": end, "source": source}
            start = end

"""How fast an editor's questions are answered: while keys arrive, over a project, and in a long file."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.client import Message, Server
from tests.bench.figures import (
    PROMPTLS,
    diagnostics,
    is_diagnostics,
    milliseconds,
    open_document,
    prose_position,
    row,
    serving,
    type_key,
)
from tests.bench.texts import prompt_text

_PROMPTS = 1000


def bench_burst() -> None:
    """Completion, hover and definition while keys arrive fifty a second, and how many diagnostics a burst brings."""
    print("Bursts of 100 keys at 20 ms in 300 lines")
    text = prompt_text(300)
    line = next(n for n, each in enumerate(text.split("\n")) if "{{tone}}" in each)
    place = {"line": line, "character": text.split("\n")[line].index("{{tone}}") + 3}
    for method in ("hover", "completion", "definition"):
        with tempfile.TemporaryDirectory() as folder, serving((*PROMPTLS, "serve"), folder) as server:
            uri = f"file://{folder}/bench.prompt"
            open_document(server, uri, "dotprompt", text)
            diagnostics(server, uri, 1)
            asked = {"textDocument": {"uri": uri}, "position": place}
            server.call(f"textDocument/{method}", asked)
            sent: dict[int, float] = {}
            last = 0.0
            for key in range(100):
                last = type_key(server, uri, key + 2, prose_position(text), "x")
                if key % 2:
                    at, id = server.request(f"textDocument/{method}", asked)
                    sent[id] = at
                time.sleep(0.02)
            time.sleep(0.5)
            messages = server.drain()
            replies = [(at, message) for at, message in messages if message.get("id") in sent]
            answered = [at - sent[message["id"]] for at, message in replies if message.get("result")]
            row(
                f"{method} during a burst",
                milliseconds(answered),
                f"{len(answered)} of {len(sent)} answered, {len(replies) - len(answered)} told that the text moved on "
                "(goal p95 20 ms)",
            )
            if method == "hover":
                _publishes(messages, uri, last)


def _publishes(messages: list[tuple[float, Message]], uri: str, last: float) -> None:
    publishes = [(at, message["params"].get("version")) for at, message in messages if is_diagnostics(message, uri, 0)]
    gaps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(publishes)]
    versions = [version for _, version in publishes]
    row(
        "publishes in the burst",
        f"{len(publishes)}, least gap {min(gaps, default=0) * 1e3:.1f} ms",
        f"versions ascend: {versions == sorted(versions)}; last key to last publish "
        f"{(publishes[-1][0] - last) * 1e3:.1f} ms",
    )


def _timed(server: Server, method: str, params: Any, runs: int = 9) -> list[float]:
    """Seconds from request to reply, again and again; a reply that is an error or empty ends the measurement."""
    times: list[float] = []
    for _ in range(runs):
        started, id = server.request(method, params)
        at, reply = server.wait(lambda message, id=id: message.get("id") == id)  # type: ignore[misc]
        if not reply.get("result"):
            raise RuntimeError(f"{method}: {reply}")
        times.append(at - started)
    return times


def bench_projects() -> None:
    """References and rename over a thousand prompts that all include one partial, once the server has read them."""
    print(f"Questions about {_PROMPTS:,} prompts, warm")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        partial = root / "_shared.prompt"
        partial.write_text("---\ninput:\n  schema:\n    guest: string\n---\nHi {{guest}}.\n", encoding="utf-8")
        for number in range(_PROMPTS):
            text = prompt_text(60).replace("Part 0", f"Part {number}") + "{{> shared guest=question}}\n"
            (root / f"p{number}.prompt").write_text(text, encoding="utf-8")
        with serving((*PROMPTLS, "serve"), str(root)) as server:
            uri = partial.as_uri()
            open_document(server, uri, "dotprompt", partial.read_text(encoding="utf-8"))
            diagnostics(server, uri, 1)
            place = {"textDocument": {"uri": uri}, "position": {"line": 5, "character": 6}}
            context = {"context": {"includeDeclaration": True}}
            (cold,) = _timed(server, "textDocument/references", {**place, **context}, runs=1)
            warm = _timed(server, "textDocument/references", {**place, **context})
            row("references, first time", f"{cold * 1e3:.0f} ms")
            row("references", milliseconds(warm), "goal 300 ms")
            renamed = _timed(server, "textDocument/rename", {**place, "newName": "visitor"})
            row("rename", milliseconds(renamed), "goal 300 ms")
            symbols = _timed(server, "workspace/symbol", {"query": "shared"})
            row("workspace symbols", milliseconds(symbols))
            row("resident memory", f"{server.resident_megabytes():.0f} MB")


def bench_tokens() -> None:
    """Semantic tokens of a long file, whole and by difference, each for a text that has just changed."""
    print("Semantic tokens of 3,000 lines")
    text = prompt_text(3000)
    with tempfile.TemporaryDirectory() as folder, serving((*PROMPTLS, "serve"), folder) as server:
        uri = f"file://{folder}/bench.prompt"
        open_document(server, uri, "dotprompt", text)
        diagnostics(server, uri, 1)
        document = {"textDocument": {"uri": uri}}
        times: dict[tuple[str, float], list[float]] = {}
        result = ""
        # Diagnostics have analysed the text after 0.4 s; its tokens are then still to be found.
        kinds = (("full", 0.0), ("full/delta", 0.0), ("full", 0.4), ("full/delta", 0.4))
        for version, (kind, pause) in enumerate(kinds * 8):
            type_key(server, uri, version + 2, prose_position(text), "x")
            time.sleep(pause)
            params = {**document, "previousResultId": result} if kind == "full/delta" else document
            started, id = server.request(f"textDocument/semanticTokens/{kind}", params)
            at, reply = server.wait(lambda message, id=id: message.get("id") == id)  # type: ignore[misc]
            times.setdefault((kind, pause), []).append(at - started)
            result = reply["result"]["resultId"]
            time.sleep(0.3)
        row("all, at once after a key", milliseconds(times["full", 0.0]), "parsing and resolving included")
        row("the difference, at once after a key", milliseconds(times["full/delta", 0.0]), "the same")
        row("all, once diagnosed", milliseconds(times["full", 0.4]), "goal 60 ms")
        row("the difference, once diagnosed", milliseconds(times["full/delta", 0.4]), "goal 10 ms")

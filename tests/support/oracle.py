"""The reference implementations, npm `handlebars` and npm `dotprompt`, asked over a pipe."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from tests.support import ROOT

FOLDER = ROOT / "tests" / "oracle"


class Refused(Exception):
    """The reference threw: `name` is the JavaScript error's class (`RangeError` means that its stack overflowed)."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def missing() -> str | None:
    """Why the oracle cannot run here, or None."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (FOLDER / "node_modules").is_dir():
        return "tests/oracle/node_modules is absent (npm ci --prefix tests/oracle)"
    return None


class Oracle:
    """A running `oracle.mjs`. Positions in its answers count UTF-16 units; lines start at 1 and columns at 0."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "oracle.mjs"],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._ids = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process: it stops by itself at the end of its input."""
        self._process.communicate(timeout=10)

    def request(self, op: str, **fields: Any) -> dict[str, Any]:
        """The reply to one request, as `oracle.mjs` describes it; `logged` is what the libraries wrote to the console.

        Raises `Refused` when the reference threw.
        """
        assert self._process.stdin and self._process.stdout
        number = next(self._ids)
        # ASCII only: node's line reader also ends lines at U+2028 and U+2029.
        self._process.stdin.write(json.dumps({"id": number, "op": op, **fields}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the oracle ended with exit code {self._process.wait(timeout=10)}")
        reply: dict[str, Any] = json.loads(line)
        assert reply["id"] == number
        if not reply["ok"]:
            raise Refused(**reply["error"])
        return reply

    def parse(self, template: str) -> dict[str, Any]:
        """Handlebars' own tree, every node with its `loc`; white space control has already been applied to `value`."""
        ast: dict[str, Any] = self.request("parse", template=template)["ast"]
        return ast

    def refusals(self, templates: Sequence[str], *, compiling: bool = False) -> list[Refused | None]:
        """For each template why `Handlebars.parse` refuses it, or None.

        `compiling` also compiles it as dotprompt does, which allows no helpers but the known ones.
        """
        reply = self.request("compile_accepts" if compiling else "accepts", templates=list(templates))
        return [error and Refused(**error) for error in reply["refusals"]]

    def accepts(self, templates: Sequence[str], *, compiling: bool = False) -> list[bool]:
        """For each template whether it is without `refusals`."""
        return [refusal is None for refusal in self.refusals(templates, compiling=compiling)]

    def handlebars(self, template: str, data: Any, partials: Mapping[str, str] | None = None) -> str:
        """What plain Handlebars renders, with its own helpers only and without escaping HTML."""
        text: str = self.request("handlebars", template=template, data=data, partials=dict(partials or {}))["text"]
        return text

    def render(
        self,
        source: str,
        data: Mapping[str, Any] | None = None,
        *,
        options: Mapping[str, Any] | None = None,
        partials: Mapping[str, str] | None = None,
        schemas: Mapping[str, Any] | None = None,
        tools: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What dotprompt renders: metadata and `messages`.

        `data` is its DataArgument (`input`, `docs`, `messages`, `context`); `options` is metadata, of which only
        `input.default` counts; `partials`, `schemas` and `tools` are what the host has registered, by name.
        """
        fields = {"options": options, "partials": partials, "schemas": schemas, "tools": tools}
        given = {name: value for name, value in fields.items() if value is not None}
        result: dict[str, Any] = self.request("render", source=source, data=data or {}, **given)["result"]
        return result

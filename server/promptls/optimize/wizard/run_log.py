"""Every answer of a run on disk, in the order in which they came: a run that was killed goes on where it stood."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from promptls.optimize.asking import Model
from promptls.optimize.draft import Usage
from promptls.optimize.llm.conversation import Answer, Ask, ModelError


class RunLog:
    """A model that writes down every answer, and repeats those that it has without asking again.

    The same seed asks the same questions, so repeating the answers brings a new run to where the old one stood. Each
    line is one JSON object; a half-written last line is ignored. Without a path it remembers for as long as it lives.
    """

    def __init__(self, model: Model, path: Path | None) -> None:
        self._model = model
        self._path = path
        self._lock = threading.Lock()
        self._known = _read(path) if path is not None else {}

    def ask(self, ask: Ask) -> Answer:
        """One answer, from the log or the model."""
        known = self._repeated(ask)
        if known is not None:
            return known
        answer = self._model.ask(ask)
        self._write(ask, answer)
        return answer

    def ask_all(self, asks: list[Ask]) -> list[Answer | ModelError]:
        """Several answers; only what the log lacks is asked."""
        known = [self._repeated(ask) for ask in asks]
        missing = [ask for ask, answer in zip(asks, known, strict=True) if answer is None]
        fresh = iter(self._model.ask_all(missing) if missing else [])
        answers: list[Answer | ModelError] = []
        for ask, answer in zip(asks, known, strict=True):
            got = answer if answer is not None else next(fresh)
            if answer is None and isinstance(got, Answer):
                self._write(ask, got)
            answers.append(got)
        return answers

    def rate(self, answer: Answer, quality: float) -> None:
        """Hand on how good an answer has proved."""
        self._model.rate(answer, quality)

    def _repeated(self, ask: Ask) -> Answer | None:
        line = self._known.get(ask.key("", ""))
        if line is None:
            return None
        # What the run that was killed has paid for counts as paid for: a budget is one for the whole run.
        calls, line["calls"] = line["calls"], 0
        return Answer(line["text"], Usage(calls=calls, cache_hits=1), data=line["data"])

    def _write(self, ask: Ask, answer: Answer) -> None:
        key = ask.key("", "")
        line = {"key": key, "asked": ask.name, "text": answer.text, "data": answer.data, "calls": answer.usage.calls}
        with self._lock:
            self._known[key] = {**line, "calls": 0}
            if self._path is None:
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                # A line end first: the last line may be half of one.
                file.write("\n" + json.dumps(line, ensure_ascii=False))


def _read(path: Path) -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return known
    for line in lines:
        try:
            entry = json.loads(line)
            known[entry["key"]] = {"text": entry["text"], "data": entry["data"], "calls": int(entry["calls"])}
        except (ValueError, KeyError, TypeError):
            continue
    return known

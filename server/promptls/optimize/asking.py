"""The questions that optimising asks of a model: prompts of our own, in the format that this project is about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol

from promptls.language.picoschema import output_schema
from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.optimize.llm.conversation import Answer, Ask, ModelError
from promptls.settings import Settings

_ROLES = {"model": "assistant"}


class Model(Protocol):
    """Whatever answers; `Client` does, within its budget."""

    def ask(self, ask: Ask) -> Answer:
        """One answer; raises `ModelError`."""
        ...

    def ask_all(self, asks: list[Ask]) -> list[Answer | ModelError]:
        """Several answers, asked side by side."""
        ...

    def rate(self, answer: Answer, quality: float) -> None:
        """An answer has proved this good, from 0 to 1."""
        ...


@lru_cache(maxsize=32)
def own_prompt(name: str) -> Prompt:
    """One of the prompts in `prompts/`."""
    text = (files("promptls.optimize") / "prompts" / f"{name}.prompt").read_text(encoding="utf-8")
    return Prompt(text, settings=Settings())


def question(name: str, data: Mapping[str, Any], *, temperature: float | None = 0.0, seed: int | None = None) -> Ask:
    """The question that one of our own prompts makes of data; its output schema is the answer's."""
    prompt = own_prompt(name)
    rendering = render(prompt, RenderRequest(input=data))
    if not rendering.ok:
        raise ValueError(f"{name}.prompt does not render: {rendering.errors[0].message}")
    schema = output_schema(prompt)
    return Ask(
        messages=tuple(
            {"role": _ROLES.get(message.role, message.role), "content": message.text.strip()}
            for message in rendering.messages
        ),
        name=name,
        schema=_strict(schema.type.json) if schema else None,
        temperature=temperature,
        seed=seed,
    )


def _strict(schema: Any) -> Any:
    """The schema as structured outputs want it: all properties required and no others."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        strict |= {"required": list(schema["properties"]), "additionalProperties": False}
    return strict

"""Has a model answer what cases make of a prompt, and judge answers by a rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promptls.language.prompt import Prompt
from promptls.language.render.context import runtime_metadata
from promptls.language.render.engine import MediaPart, RenderedMessage
from promptls.optimize.asking import Model, question
from promptls.optimize.llm.conversation import Ask, ModelError
from promptls.testcases.running import Judges, NotAnswered
from promptls.testcases.verdict import Verdict

_ROLES = {"model": "assistant"}


def judges(model: Model) -> Judges:
    """A model as what answers and judges test cases."""

    def complete(messages: Sequence[RenderedMessage], prompt: Prompt) -> str:
        if any(isinstance(part, MediaPart) for message in messages for part in message.parts):
            raise NotAnswered("only text is sent to a model, and this case makes a message with a picture or a file")
        try:
            return model.ask(case_ask(messages, prompt)).text
        except ModelError as error:
            raise NotAnswered(str(error)) from None

    def rubric(text: str, answer: str) -> Verdict:
        try:
            found = model.ask(question("rubric", {"rubric": text, "answer": answer})).data
        except ModelError as error:
            raise NotAnswered(f"the judge gave no verdict: {error}") from None
        return Verdict(found["satisfied"], float(found["satisfied"]), "" if found["satisfied"] else found["reason"])

    return Judges(complete, rubric)


def case_ask(messages: Sequence[RenderedMessage], prompt: Prompt) -> Ask:
    """The question that rendered messages are, with the temperature and the length of the prompt's config."""
    config = runtime_metadata(prompt).get("config")
    temperature, length = (
        value if isinstance(value, int | float) and not isinstance(value, bool) else None
        for value in (
            config.get(key) if isinstance(config, dict) else None for key in ("temperature", "maxOutputTokens")
        )
    )
    asked = tuple({"role": _ROLES.get(message.role, message.role), "content": message.text} for message in messages)
    ask = Ask(asked, "case", temperature=temperature)
    return replace(ask, most_tokens=int(length)) if length is not None and length >= 1 else ask

"""What is asked of a model, and what comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from promptls.optimize.draft import Usage


class ModelError(Exception):
    """Why a model gave no answer that can be used: one sentence for people, without a final stop."""


class BudgetExceeded(ModelError):
    """The next call would cost more than is left; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a model. `schema` is the JSON Schema of a structured answer, `name` what logs call it.

    `most_tokens` bounds the answer; `seed` is handed on to endpoints that know what to do with it.
    """

    messages: tuple[Mapping[str, str], ...]
    name: str
    schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    most_tokens: int = 4096
    seed: int | None = None

    def key(self, base_url: str, model: str) -> str:
        """The same for the same question to the same model at the same address."""
        asked = [base_url, model, self.messages, self.schema, self.temperature, self.most_tokens, self.seed]
        return hashlib.sha256(
            json.dumps(asked, sort_keys=True, default=list).encode("utf-8", "surrogatepass")
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said. `data` is the parsed answer where a structure was asked for; `key` names it in the cache."""

    text: str
    usage: Usage
    key: str = ""
    data: Any = field(default=None)

"""What a call costs, and what a provider's cache of prompt prefixes saves; by the catalogue's prices.

Only the prompt is reckoned: how much a model will answer is not known beforehand. Where long prompts cost more by the
token, the price is that of short ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from promptls.language.models import Model, vendor

LEAST_CACHEABLE = 1024
"""How many tokens a prefix needs to be kept (OpenAI's guide "Prompt caching"; Anthropic's and Google's guides name 1024
as the least of their models, and more for some)."""
_OPENAI_STEP = 128


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars for the input of one call; None where no price is known.

    `cached_tokens` is how much of the prefix the provider keeps, `cached_usd` the price of a call that finds it kept.
    """

    input_usd: float | None
    cached_tokens: int
    cached_usd: float | None

    @property
    def saved_usd(self) -> float | None:
        """What a call that finds the prefix in the cache costs less."""
        if self.input_usd is None or self.cached_usd is None:
            return None
        return self.input_usd - self.cached_usd


def cost(model: Model | None, tokens: int, prefix: int) -> Cost:
    """The cost of a call with `tokens` of input, of which `prefix` at its beginning are always the same."""
    cached = cached_tokens(model, prefix)
    if model is None or model.input_mtok is None:
        return Cost(None, cached, None)
    full = tokens * model.input_mtok / 1e6
    if model.cached_mtok is None:
        return Cost(full, cached, None)
    return Cost(full, cached, full - cached * (model.input_mtok - model.cached_mtok) / 1e6)


def cached_tokens(model: Model | None, prefix: int) -> int:
    """How many tokens of a prefix a provider keeps: none of a short one; OpenAI keeps whole steps of 128."""
    if prefix < LEAST_CACHEABLE:
        return 0
    return prefix - prefix % _OPENAI_STEP if model is not None and vendor(model.id) == "openai" else prefix


def tokens_for(model: Model | None, usd: float) -> float | None:
    """How many tokens of input that much money buys; None where no price is known."""
    if model is None or model.input_mtok is None:
        return None
    return usd * 1e6 / model.input_mtok if model.input_mtok else float("inf")

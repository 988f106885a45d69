"""The catalogue of models: what `model: provider/name` stands for, how much fits into it, what it costs, if it lives.

Names, context windows and prices come from the data that genai-prices carries with it; nothing reaches the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from promptls.language.metadata import metadata
from promptls.language.prompt import Prompt, facet
from promptls.language.retired_models import RETIRED

if TYPE_CHECKING:
    from genai_prices.types import MatchLogic, ModelInfo, ModelPrice, Provider

    from promptls.settings import ModelSettings

PROVIDERS: Mapping[str, str] = {
    "googleai": "google",
    "google": "google",
    "google-genai": "google",
    "gemini": "google",
    "vertexai": "google",
    "openai": "openai",
    "anthropic": "anthropic",
    "xai": "x-ai",
    "x-ai": "x-ai",
    "mistral": "mistral",
    "mistralai": "mistral",
    "deepseek": "deepseek",
    "cohere": "cohere",
    "groq": "groq",
    "azure": "azure",
    "azure-openai": "azure",
    "bedrock": "aws",
    "aws-bedrock": "aws",
    "amazon-bedrock": "aws",
    "openrouter": "openrouter",
    "together": "together",
    "fireworks": "fireworks",
    "perplexity": "perplexity",
}
"""The provider prefixes that prompts write, and the provider of genai-prices that each means."""

_COMPREHENSIVE = frozenset({"googleai", "openai", "anthropic", "xai", "x-ai"})
_OWN_MODELS_ONLY = frozenset({"google", "openai", "anthropic", "x-ai", "mistral", "deepseek", "cohere"})
_VENDORS = (
    (re.compile(r"claude"), "anthropic"),
    (re.compile(r"gemini|gemma"), "google"),
    (re.compile(r"(?:^|[/.:])(?:chatgpt|gpt-|o[1-9](?:-|$))"), "openai"),
    (re.compile(r"grok"), "xai"),
    (re.compile(r"mistral|ministral|magistral|codestral|devstral|pixtral|mixtral"), "mistral"),
    (re.compile(r"deepseek"), "deepseek"),
)
_EDITION = re.compile(
    r"(?:[-@](?:latest|preview|exp|stable|v?\d{1,3}|\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{2}-\d{4}))+$"
)
_WORD = re.compile(r"[a-z]+")
_PIECE = re.compile(r"[a-z]+|\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Model:
    """One model. `id` is how a prompt writes it; prices are US dollars per million tokens; None is not known.

    `context_window` counts tokens. `replacement` is what the vendor or the settings name instead of a deprecated model.
    """

    id: str
    name: str
    context_window: int | None = None
    input_mtok: float | None = None
    cached_mtok: float | None = None
    output_mtok: float | None = None
    deprecated: bool = False
    replacement: str | None = None


class ModelCatalogue:
    """The built-in models and those that the settings add or correct; the data is loaded at the first question."""

    def __init__(self, own: Mapping[str, ModelSettings] | None = None) -> None:
        self._own = own or {}

    def find(self, model_id: str) -> Model | None:
        """The model that an id means, or None; an edition of a known one (`-001`, `-latest`, a date) is that model."""
        built_in = _find(model_id)
        settings = self._own.get(model_id) or self._own.get(model_id.partition("/")[2])
        if settings is None:
            return built_in
        given = {key: value for key, value in settings.model_dump().items() if key in settings.model_fields_set}
        return replace(built_in or Model(model_id, model_id.rpartition("/")[2]), **given)

    def covers(self, model_id: str) -> bool:
        """Whether the catalogue claims to know every model of the id's provider, so that a stranger is worth a word."""
        prefix, slash, _ = model_id.partition("/")
        return bool(slash) and prefix.lower() in _COMPREHENSIVE

    def nearest(self, model_id: str) -> str | None:
        """The known id that an unknown one was probably meant to be, or None.

        Other numbers or another combination of known words is no slip but a model that is newer than the catalogue.
        """
        prefix, slash, name = model_id.partition("/")
        for own in self._own:
            if own != model_id and get_close_matches(model_id, [own], cutoff=0.9):
                return own
        provider = PROVIDERS.get(prefix.lower()) if slash else None
        found = _nearest_name(provider, name.lower()) if provider else None
        return f"{prefix}/{found}" if found else None

    def ids(self, provider: str | None = None) -> tuple[str, ...]:
        """The ids of all models, or of those with one provider prefix, sorted; deprecated ones included."""
        prefixes = PROVIDERS if provider is None else [provider]
        built_in = {f"{prefix}/{name}" for prefix in prefixes for name in _names(PROVIDERS.get(prefix, ""))}
        own = {name for name in self._own if provider is None or name.startswith(f"{provider}/")}
        return tuple(sorted(built_in | own))


@facet
def model_catalogue(prompt: Prompt) -> ModelCatalogue:
    """The catalogue as this prompt's settings complete it."""
    return ModelCatalogue(prompt.settings.models)


@facet
def model(prompt: Prompt) -> Model | None:
    """The model that the prompt names, if the catalogue knows it."""
    named = metadata(prompt).model
    return model_catalogue(prompt).find(named.value) if named else None


def vendor(model_id: str) -> str | None:
    """Who made the model (google, openai, anthropic, xai, mistral, deepseek), whoever serves it; None if not plain."""
    lowered = model_id.lower()
    for pattern, name in _VENDORS:
        if pattern.search(lowered):
            return name
    prefix, slash, _ = lowered.partition("/")
    return {"googleai": "google", "xai": "xai", "x-ai": "xai"}.get(prefix) if slash else None


@cache
def _providers() -> Mapping[str, Provider]:
    from genai_prices.data import providers

    return {provider.id: provider for provider in providers}


@lru_cache(maxsize=512)
def _find(model_id: str) -> Model | None:
    prefix, slash, name = model_id.partition("/")
    if not slash:
        return _find_bare(model_id)
    provider_id = PROVIDERS.get(prefix.lower())
    return _lookup(prefix, provider_id, name) if provider_id else None


def _find_bare(name: str) -> Model | None:
    """A model written without its provider, as hosts with one provider let people do."""
    for provider in _providers().values():
        claims = provider.model_match
        if provider.id in _OWN_MODELS_ONLY and claims is not None and claims.is_match(name.lower()):
            return _lookup("", provider.id, name)
    return None


def _lookup(prefix: str, provider_id: str, name: str) -> Model | None:
    providers = _providers()
    provider = providers.get(provider_id)
    if provider is None:
        return None
    everyone = list(providers.values())
    info = provider.find_model(name, all_providers=everyone)
    if info is None and (edition := _EDITION.search(name.lower())):
        info = provider.find_model(name[: edition.start()], all_providers=everyone)
    return _model(prefix, provider_id, info) if info else None


def _model(prefix: str, provider_id: str, info: ModelInfo) -> Model:
    def full(name: str) -> str:
        return f"{prefix}/{name}" if prefix else name

    prices = info.get_prices(datetime.now(UTC))
    retired = RETIRED.get(provider_id, {})
    replacement = retired.get(info.id)
    return Model(
        id=full(info.id),
        name=info.name or info.id,
        context_window=info.context_window,
        input_mtok=_price(prices, "input_mtok"),
        cached_mtok=_price(prices, "cache_read_mtok"),
        output_mtok=_price(prices, "output_mtok"),
        deprecated=bool(info.deprecated) or info.id in retired,
        replacement=full(replacement) if replacement else None,
    )


def _price(prices: ModelPrice, key: str) -> float | None:
    """A price; where it grows with the length of the prompt, that of short prompts."""
    price = getattr(prices, key, None)
    base = getattr(price, "base", price)
    return float(base) if base is not None else None


@cache
def _names(provider_id: str) -> frozenset[str]:
    """Every name of a provider's models that stands in the catalogue as such."""
    provider = _providers().get(provider_id)
    infos = provider.models if provider else ()
    return frozenset(name for info in infos for name in (info.id, *_equals(info.match)))


def _equals(match: MatchLogic) -> Iterator[str]:
    exact = getattr(match, "equals", None)
    if isinstance(exact, str):
        yield exact
    for clause in getattr(match, "or_", None) or ():
        yield from _equals(clause)


@lru_cache(maxsize=512)
def _nearest_name(provider_id: str, name: str) -> str | None:
    names = sorted(_names(provider_id))
    return (
        _alike(names, name, lambda text: re.sub(r"[^a-z0-9]", "", text))
        or _alike(names, name, lambda text: " ".join(sorted(_PIECE.findall(text))))
        or _respelt(provider_id, names, name)
    )


def _alike(names: Iterable[str], name: str, shape: Callable[[str], str]) -> str | None:
    """The name that differs in punctuation or in the order of its words only."""
    wanted = shape(name)
    return next((each for each in names if each != name and shape(each) == wanted), None)


def _respelt(provider_id: str, names: Iterable[str], name: str) -> str | None:
    """The name with its one strange word put right, if that makes a known one."""
    known = {word for each in names for word in _WORD.findall(each)}
    strange = [match for match in _WORD.finditer(name) if match.group() not in known]
    if len(strange) != 1:
        return None
    words: list[str] = get_close_matches(strange[0].group(), sorted(known), n=3, cutoff=0.65)
    for word in words:
        corrected = name[: strange[0].start()] + word + name[strange[0].end() :]
        if _lookup("", provider_id, corrected) is not None:
            return corrected
    return None

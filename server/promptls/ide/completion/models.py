"""Model ids: the provider first, then its models with what fits into them and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from promptls.ide.completion.items import CompletionItem, CompletionList, Word, completion_list
from promptls.language.models import PROVIDERS, Model, ModelCatalogue, model_catalogue, vendor
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range

_USUAL = ("googleai", "openai", "anthropic", "vertexai", "xai", "mistral", "deepseek")
_MAKERS = frozenset({"google", "openai", "anthropic", "mistral", "deepseek"})
_SHORTEST_SEARCH = 3
_MOST_WITH_DETAIL = 300


def model_ids(prompt: Prompt, word: Word, blank: str = "") -> CompletionList:
    """The providers, or the models of the one that is typed; without its slash also every usual model that matches.

    `blank` is written before the id where the colon before it lacks one.
    """
    typed = prompt.text[slice(*word.insert)]
    prefix, slash, _ = typed.partition("/")
    own = prompt.settings.models
    if slash:
        return completion_list(_of_provider(prompt, word, prefix))
    items = [_item(word, blank, name, model_catalogue(prompt).find(name)) for name in own]
    segment = prompt.text.find("/", word.insert.end, word.replace.end) + 1
    provider_word = word._replace(replace=Range(word.replace.start, segment or word.replace.end))
    providers = (*_USUAL, *(name for name in PROVIDERS if name not in _USUAL))
    items += [_provider(provider_word, blank, name) for name in providers]
    if len(typed) >= _SHORTEST_SEARCH:
        items += [
            _item(word, blank, id, model)
            for provider in _USUAL
            for id, model in _listed(provider)
            if typed.lower() in id.partition("/")[2]
        ]
    return completion_list(items, incomplete=True)


def _provider(word: Word, blank: str, name: str) -> CompletionItem:
    return word.item(f"{name}/", "module", f"{blank}{name}/", detail="provider", asks_again=True)


def _of_provider(prompt: Prompt, word: Word, provider: str) -> Iterator[CompletionItem]:
    own = [name for name in prompt.settings.models if name.startswith(f"{provider}/")]
    catalogue = model_catalogue(prompt)
    yield from (_item(word, "", name, catalogue.find(name)) for name in own)
    found = [(id, model) for id, model in _listed(provider) if id not in own]
    yield from (_item(word, "", id, model) for id, model in sorted(found, key=_rank))


def _rank(listed: tuple[str, Model | None]) -> tuple[bool, bool]:
    """Deprecated models come last, and before them those of others that a maker of models also serves."""
    id, model = listed
    provider = PROVIDERS.get(id.partition("/")[0])
    return model is not None and model.deprecated, provider in _MAKERS and vendor(id) not in (None, provider)


@lru_cache(maxsize=32)
def _listed(provider: str) -> tuple[tuple[str, Model | None], ...]:
    """The built-in models of a provider; of a dealer in all the world's models only their ids, to be quick."""
    catalogue = ModelCatalogue()
    ids = catalogue.ids(provider)
    if len(ids) > _MOST_WITH_DETAIL:
        return tuple((id, None) for id in ids)
    return tuple((id, catalogue.find(id)) for id in ids)


def _item(word: Word, blank: str, id: str, model: Model | None) -> CompletionItem:
    detail = ", ".join(_facts(model)) if model else ""
    deprecated = model is not None and model.deprecated
    data = {"kind": "model", "id": id}
    return word.item(id, "value", blank + id, detail=detail, deprecated=deprecated, data=data)


def _facts(model: Model) -> Iterable[str]:
    if model.context_window is not None:
        yield f"{_short(model.context_window)} tokens"
    if model.input_mtok is not None and model.output_mtok is not None:
        yield f"${model.input_mtok:g} in, ${model.output_mtok:g} out per million"


def _short(tokens: int) -> str:
    """A context window in a few characters: 200k, 1M, 1.05M."""
    return (
        f"{tokens / 1e6:.3g}M" if tokens >= 1_000_000 else f"{round(tokens / 1000)}k" if tokens >= 1000 else str(tokens)
    )

"""The catalogue of models."""

import subprocess
import sys

import pytest

from promptls.language.models import PROVIDERS, ModelCatalogue, model, vendor
from promptls.language.prompt import Prompt
from promptls.language.retired_models import RETIRED
from promptls.settings import ModelSettings, Settings

CATALOGUE = ModelCatalogue()


@pytest.mark.parametrize(
    ("model_id", "found"),
    [
        ("googleai/gemini-2.5-flash", "googleai/gemini-2.5-flash"),
        ("vertexai/gemini-2.5-flash", "vertexai/gemini-2.5-flash"),
        ("openai/gpt-4.1-mini", "openai/gpt-4.1-mini"),
        ("openai/gpt-4.1-mini-2025-04-14", "openai/gpt-4.1-mini"),
        ("anthropic/claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        # Written without a provider, as hosts with one plugin let people do.
        ("gemini-2.5-flash", "gemini-2.5-flash"),
        ("gpt-4o", "gpt-4o"),
        # Editions that the match clauses do not list.
        ("googleai/gemini-2.5-flash-001", "googleai/gemini-2.5-flash"),
        ("googleai/gemini-2.5-flash-latest", "googleai/gemini-2.5-flash"),
        ("openai/gpt-4o-2099-01-31", "openai/gpt-4o"),
        # Models of one vendor that another serves.
        ("vertexai/claude-sonnet-4-5", "vertexai/claude-sonnet-4-5"),
        ("azure/gpt-4o", "azure/gpt-4o"),
    ],
)
def test_find(model_id: str, found: str) -> None:
    known = CATALOGUE.find(model_id)
    assert known is not None and known.id == found and known.name


@pytest.mark.parametrize(
    "model_id",
    [
        "",
        "/",
        "openai/",
        "staticResponseModel",
        "ollama/llama3",
        "mycloud/gpt-4o",
        "googleai/gemini-5.0-ultimate-pro-plus",
    ],
)
def test_unknown(model_id: str) -> None:
    assert CATALOGUE.find(model_id) is None


def test_facts() -> None:
    known = CATALOGUE.find("openai/gpt-4o")
    assert known is not None
    assert known.context_window == 128_000
    assert known.input_mtok is not None and known.cached_mtok is not None and known.output_mtok is not None
    assert 0 < known.cached_mtok < known.input_mtok < known.output_mtok
    assert not known.deprecated


@pytest.mark.parametrize(
    ("model_id", "meant"),
    [
        # The order of the words.
        ("googleai/gemini-flash-2.5", "googleai/gemini-2.5-flash"),
        ("anthropic/claude-4-5-sonnet", "anthropic/claude-sonnet-4-5"),
        # Punctuation.
        ("openai/gpt4o", "openai/gpt-4o"),
        ("openai/gpt-4.1mini", "openai/gpt-4.1-mini"),
        # A misspelt word.
        ("googleai/gemini-2.5-falsh", "googleai/gemini-2.5-flash"),
        ("googleai/gemni-2.5-flash", "googleai/gemini-2.5-flash"),
        ("anthropic/claude-sonet-4-5", "anthropic/claude-sonnet-4-5"),
        ("openai/gtp-4o", "openai/gpt-4o"),
        # Models that are newer than the catalogue, or from another world.
        ("googleai/gemini-99-flash", None),
        ("openai/gpt-99-luna", None),
        ("openai/gpt-4o-nano", None),
        ("anthropic/claude-sonnet-99", None),
        ("googleai/gemini-5.0-ultimate-pro-plus", None),
        ("googleai/veo-3", None),
        ("ollama/gemini-flash-2.5", None),
        ("gemini-flash-2.5", None),
        ("", None),
    ],
)
def test_nearest(model_id: str, meant: str | None) -> None:
    assert CATALOGUE.nearest(model_id) == meant


def test_covers_only_providers_whose_models_it_all_knows() -> None:
    covered = {prefix for prefix in PROVIDERS if CATALOGUE.covers(f"{prefix}/x")}
    assert covered == {"googleai", "openai", "anthropic", "xai", "x-ai"}
    assert not CATALOGUE.covers("gpt-4o")
    assert not CATALOGUE.covers("ollama/llama3")


def test_retired_models() -> None:
    for prefix, provider in (("googleai", "google"), ("openai", "openai"), ("anthropic", "anthropic")):
        for name, replacement in RETIRED[provider].items():
            known = CATALOGUE.find(f"{prefix}/{name}")
            assert known is not None and known.deprecated, name
            assert known.replacement == (f"{prefix}/{replacement}" if replacement else None)
            if replacement:
                instead = CATALOGUE.find(f"{prefix}/{replacement}")
                assert instead is not None and not instead.deprecated, replacement
    # Another vendor's platform has its own dates.
    elsewhere = CATALOGUE.find("azure/gpt-4")
    assert elsewhere is not None and not elsewhere.deprecated


def test_models_of_the_settings() -> None:
    catalogue = ModelCatalogue(
        {
            "mycloud/big": ModelSettings(context_window=1_000, input_mtok=1.5),
            "openai/gpt-4o": ModelSettings(deprecated=True, replacement="openai/gpt-4.1"),
            "local": ModelSettings(output_mtok=0.0),
        }
    )
    big = catalogue.find("mycloud/big")
    assert big is not None
    assert (big.id, big.name, big.context_window, big.input_mtok, big.output_mtok) == (
        "mycloud/big",
        "big",
        1_000,
        1.5,
        None,
    )
    # What the settings leave out stays as it is known.
    gpt = catalogue.find("openai/gpt-4o")
    assert gpt is not None
    assert (gpt.deprecated, gpt.replacement, gpt.context_window) == (True, "openai/gpt-4.1", 128_000)
    assert catalogue.find("local") is not None
    assert catalogue.nearest("mycloud/bigg") == "mycloud/big"
    assert catalogue.ids("mycloud") == ("mycloud/big",)
    assert "local" in catalogue.ids()


def test_ids() -> None:
    ids = CATALOGUE.ids("googleai")
    assert "googleai/gemini-2.5-flash" in ids
    assert list(ids) == sorted(set(ids))
    assert all(CATALOGUE.find(each) is not None for each in ids)
    assert CATALOGUE.ids("nobody") == ()
    assert set(ids) < set(CATALOGUE.ids())


@pytest.mark.parametrize(
    ("model_id", "maker"),
    [
        ("googleai/gemini-2.5-flash", "google"),
        ("googleai/imagen-4", "google"),
        ("vertexai/claude-sonnet-4-5", "anthropic"),
        ("vertexai/llama-4", None),
        ("bedrock/us.anthropic.claude-opus-4-1-20250805-v1:0", "anthropic"),
        ("azure/gpt-4o", "openai"),
        ("openai/o3-mini", "openai"),
        ("gpt-5", "openai"),
        ("groq/openai/gpt-oss-20b", "openai"),
        ("ollama/mistral", "mistral"),
        ("xai/grok-4", "xai"),
        ("ollama/llama3", None),
        ("demo/foo1-bar", None),
        ("", None),
    ],
)
def test_vendor(model_id: str, maker: str | None) -> None:
    assert vendor(model_id) == maker


def test_model_of_a_prompt() -> None:
    def named(yaml: str, settings: Settings | None = None) -> str | None:
        known = model(Prompt(f"---\n{yaml}\n---\nHi", settings=settings or Settings()))
        return known.id if known else None

    assert named("model: openai/gpt-4o") == "openai/gpt-4o"
    assert named("name: x") is None
    own = Settings(models={"my/own": ModelSettings()})
    assert named("model: my/own", own) == "my/own"


def test_prices_load_at_the_first_question_only() -> None:
    script = (
        "import sys; from promptls.language.models import ModelCatalogue; ModelCatalogue({});"
        "assert 'genai_prices' not in sys.modules; ModelCatalogue().find('ollama/x');"
        "assert 'genai_prices' not in sys.modules; assert ModelCatalogue().find('openai/gpt-4o')"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)

"""Where a model answers: presets by name, the settings over them, and the key from the environment only."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from promptls.settings import LlmSettings


class Preset(NamedTuple):
    """A provider's OpenAI-compatible address, the environment variable of its key (None for local servers that need
    none) and its prefix in the model catalogue. `length_option` bounds the answer.
    """

    base_url: str | None
    api_key_env: str | None
    prefix: str | None = None
    length_option: str = "max_tokens"


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "openai": Preset("https://api.openai.com/v1", "OPENAI_API_KEY", "openai", "max_completion_tokens"),
        "anthropic": Preset("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", "anthropic"),
        "google": Preset("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", "googleai"),
        "azure": Preset(None, "AZURE_OPENAI_API_KEY", "azure", "max_completion_tokens"),
        "openrouter": Preset("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "openrouter"),
        "ollama": Preset("http://localhost:11434/v1", None),
        "vllm": Preset("http://localhost:8000/v1", None),
        "llama.cpp": Preset("http://localhost:8080/v1", None),
    }
)


class EndpointError(Exception):
    """Why there is no endpoint to ask: one sentence that says what to set, without a final stop."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model at an address. The key never shows in its representation."""

    base_url: str
    model: str
    key: _Key
    catalogue_id: str
    length_option: str = "max_tokens"

    @property
    def host(self) -> str:
        """The address as people name it: host and, if there is one, port."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def is_local(self) -> bool:
        """Whether what is sent there stays on this machine."""
        name = urlsplit(self.base_url).hostname or ""
        if name == "localhost":
            return True
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


class _Key:
    """A secret that does not print itself."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "<key>"


def endpoint(settings: LlmSettings, environment: Mapping[str, str] | None = None) -> Endpoint:
    """The endpoint that settings and environment name; raises `EndpointError`."""
    environment = os.environ if environment is None else environment
    preset = PRESETS[settings.provider]
    base_url = settings.base_url or preset.base_url
    if not base_url:
        raise EndpointError(f"set llm.base-url: {settings.provider} has an address for each customer")
    if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
        raise EndpointError(f"llm.base-url must be an http or https address, not {base_url!r}")
    if not settings.model:
        raise EndpointError("set llm.model to the model that should answer")
    found = Endpoint(
        base_url.rstrip("/"), settings.model, _Key(""), _catalogue_id(settings.model, preset), preset.length_option
    )
    variable = settings.api_key_env or preset.api_key_env
    key = environment.get(variable, "").strip() if variable else ""
    if not key and variable and (settings.api_key_env or not found.is_local):
        raise EndpointError(f"the environment variable {variable}, which holds the key for {found.host}, is not set")
    return replace(found, key=_Key(key or "none"))


def _catalogue_id(model: str, preset: Preset) -> str:
    return f"{preset.prefix}/{model}" if preset.prefix else model

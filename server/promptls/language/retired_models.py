"""Models that their vendors have shut down, and what the vendors name in their place.

genai-prices flags only some of them. Sources, as of November 2026: ai.google.dev/gemini-api/docs/deprecations,
platform.claude.com/docs/en/about-claude/model-deprecations, developers.openai.com/api/docs/deprecations. Those pages
speak of the vendors' own platforms; resellers (Azure, Bedrock, Claude on Vertex) have their own dates. Models whose end
is only announced are not listed: they work.
"""

from __future__ import annotations

from collections.abc import Mapping

RETIRED: Mapping[str, Mapping[str, str | None]] = {
    "google": {
        "gemini-1.0-pro-vision-001": "gemini-3.5-flash",
        "gemini-pro": "gemini-3.5-flash",
        "gemini-1.5-flash": "gemini-3.5-flash",
        "gemini-1.5-pro": "gemini-3.5-flash",
        "gemini-2.0-flash": "gemini-3.5-flash",
        "gemini-2.0-flash-lite": "gemini-3.1-flash-lite",
        "gemini-2.5-flash-image": "gemini-3.1-flash-image",
        "gemini-2.5-flash-preview": "gemini-3.5-flash",
        "gemini-3-pro-preview": "gemini-3.1-pro-preview",
    },
    "anthropic": {
        "claude-v1": "claude-sonnet-4-6",
        "claude-2": "claude-sonnet-4-6",
        "claude-3-haiku": "claude-haiku-4-5",
        "claude-3-sonnet": "claude-sonnet-4-6",
        "claude-3-opus-latest": "claude-opus-4-8",
        "claude-3-5-haiku-latest": "claude-haiku-4-5",
        "claude-3-5-sonnet": "claude-sonnet-4-6",
        "claude-3-7-sonnet-latest": "claude-sonnet-4-6",
        "claude-sonnet-4-0": "claude-sonnet-4-6",
        "claude-opus-4-0": "claude-opus-4-8",
    },
    "openai": {
        "gpt-3.5-turbo": "gpt-5.6-terra",
        "gpt-4": "gpt-5.6-sol",
        "gpt-4-32k": None,
        "gpt-4-turbo": "gpt-5.6-sol",
        "gpt-4-vision-preview": None,
        "gpt-4.1-nano": None,
        "gpt-4.5-preview": None,
        "gpt-4o-2024-05-13": "gpt-5.6-sol",
        "chatgpt-4o-latest": None,
        "o1": "gpt-5.6-sol",
        "o1-mini": None,
        "o1-preview": None,
        "o3-mini": "gpt-5.6-sol",
        "o4-mini": "gpt-5.6-terra",
    },
}
"""By provider of genai-prices and id of its model: the vendor's replacement, or None where none is known for sure."""

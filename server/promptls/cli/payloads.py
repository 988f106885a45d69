"""A rendered prompt as the body of a request: OpenAI chat completions, Anthropic messages, Gemini generateContent.

Field names are those of the vendors' API references. Names of tools that only the host can define are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

Data = dict[str, Any]

_OPENAI_CONFIG = {
    "temperature": "temperature",
    "topP": "top_p",
    "maxOutputTokens": "max_completion_tokens",
    "stopSequences": "stop",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
    "candidateCount": "n",
}
_ANTHROPIC_CONFIG = {
    "temperature": "temperature",
    "topP": "top_p",
    "topK": "top_k",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop_sequences",
}
_GEMINI_CONFIG = (
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "stopSequences",
    "presencePenalty",
    "frequencyPenalty",
    "candidateCount",
    "responseModalities",
    "thinkingConfig",
)
# Anthropic wants a limit in every request; what its own examples use.
_ANTHROPIC_MAX_TOKENS = 1024


def openai(rendered: Data) -> Data:
    """The body for `POST /v1/chat/completions`."""
    roles = {"model": "assistant"}
    body: Data = {
        "model": _model(rendered),
        "messages": [
            {"role": roles.get(each["role"], each["role"]), "content": _openai_content(each)}
            for each in rendered["messages"]
        ],
        **_renamed(rendered["config"], _OPENAI_CONFIG),
    }
    if tools := [{"type": "function", "function": _described(tool, "parameters")} for tool in rendered["toolDefs"]]:
        body["tools"] = tools
    output = rendered["output"] or {}
    if output.get("format") == "json":
        schema = output.get("schema")
        named = {"type": "json_schema", "json_schema": {"name": "output", "schema": schema}}
        body["response_format"] = named if schema else {"type": "json_object"}
    return body


def anthropic(rendered: Data) -> Data:
    """The body for `POST /v1/messages`; all system messages together become `system`."""
    system, others = _apart(rendered)
    roles = {"model": "assistant", "tool": "user"}
    body: Data = {
        "model": _model(rendered),
        "max_tokens": _ANTHROPIC_MAX_TOKENS,
        **_renamed(rendered["config"], _ANTHROPIC_CONFIG),
        "messages": [
            {"role": roles.get(each["role"], each["role"]), "content": list(_anthropic_content(each))}
            for each in others
        ],
    }
    if system:
        body["system"] = system
    if tools := [_described(tool, "input_schema") for tool in rendered["toolDefs"]]:
        body["tools"] = tools
    return body


def gemini(rendered: Data) -> Data:
    """The body for `models/{model}:generateContent`; the model is part of that address and not of the body."""
    system, others = _apart(rendered)
    roles = {"tool": "function"}
    body: Data = {
        "contents": [
            {"role": roles.get(each["role"], each["role"]), "parts": list(_gemini_parts(each))} for each in others
        ]
    }
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    config = {name: rendered["config"][name] for name in _GEMINI_CONFIG if name in rendered["config"]}
    output = rendered["output"] or {}
    if output.get("format") == "json":
        config["responseMimeType"] = "application/json"
        if output.get("schema"):
            config["responseJsonSchema"] = output["schema"]
    if config:
        body["generationConfig"] = config
    if tools := [_described(tool, "parametersJsonSchema") for tool in rendered["toolDefs"]]:
        body["tools"] = [{"functionDeclarations": tools}]
    return body


PAYLOADS: Mapping[str, Callable[[Data], Data]] = MappingProxyType(
    {"openai": openai, "anthropic": anthropic, "gemini": gemini}
)


def _model(rendered: Data) -> str | None:
    """The vendor's own name of the model: dotprompt writes `vendor/name`."""
    model = rendered["model"]
    return model.partition("/")[2] or model if isinstance(model, str) else None


def _renamed(config: Data, names: Mapping[str, str]) -> Data:
    return {theirs: config[ours] for ours, theirs in names.items() if ours in config}


def _described(tool: Data, schema: str) -> Data:
    described = {"name": tool.get("name"), "description": tool.get("description"), schema: tool.get("inputSchema")}
    return {key: value for key, value in described.items() if value is not None}


def _apart(rendered: Data) -> tuple[str, list[Data]]:
    """The text of the system messages, and the other messages."""
    system = [_text(each) for each in rendered["messages"] if each["role"] == "system"]
    return "\n\n".join(system), [each for each in rendered["messages"] if each["role"] != "system"]


def _text(message: Data) -> str:
    return "".join(part.get("text", "") for part in message["content"])


def _openai_content(message: Data) -> str | list[Data]:
    if not any("media" in part for part in message["content"]):
        return _text(message)
    return [
        {"type": "image_url", "image_url": {"url": part["media"]["url"]}}
        if "media" in part
        else {"type": "text", "text": part["text"]}
        for part in message["content"]
        if "media" in part or "text" in part
    ]


def _anthropic_content(message: Data) -> Iterator[Data]:
    for part in message["content"]:
        if "text" in part:
            yield {"type": "text", "text": part["text"]}
        elif "media" in part:
            kind, data = _inline(part["media"])
            source = {"type": "url", "url": part["media"]["url"]}
            if data is not None:
                source = {"type": "base64", "media_type": kind, "data": data}
            yield {"type": "document" if kind == "application/pdf" else "image", "source": source}


def _gemini_parts(message: Data) -> Iterator[Data]:
    for part in message["content"]:
        if "text" in part:
            yield {"text": part["text"]}
        elif "media" in part:
            kind, data = _inline(part["media"])
            if data is not None:
                yield {"inlineData": {"mimeType": kind, "data": data}}
            else:
                yield {"fileData": {"mimeType": kind, "fileUri": part["media"]["url"]}}


def _inline(media: Data) -> tuple[str, str | None]:
    """The content type and, of a `data:` address in base64, the data."""
    head, comma, data = media["url"].partition(",")
    kind = media.get("contentType") or ""
    if not head.startswith("data:") or not comma or not head.endswith(";base64"):
        return kind, None
    return kind or head.removeprefix("data:").partition(";")[0], data

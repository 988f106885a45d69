"""Rules about the tools that a prompt hands to the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase

from promptls.language.metadata import Located, metadata
from promptls.language.prompt import Prompt, frontmatter, layout
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.rule import Finding, Fix, Related, Severity, rule
from promptls.lint.yaml_edits import removal
from promptls.syntax.handlebars.nodes import PartialBlockStatement, PartialStatement
from promptls.syntax.source import TextEdit
from promptls.syntax.yaml_nodes import YamlEntry, YamlScalar, YamlSequence, resolve

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_VERBS = (
    "add ai and call check create delete do fetch find for from get list load lookup make my new of post put query "
    "read run save search send set the to tool update use write"
)
_SAYS_LITTLE = frozenset(_VERBS.split())


@rule("tools/unknown", Severity.WARNING, certainty="certain", fixable="unsafe")
def unknown(prompt: Prompt) -> Iterator[Finding]:
    """A tool is none of those that the project declares.

    A name that the host cannot resolve stays a bare name: the model never gets the tool, or the call fails. Only
    projects that list their tools in the setting `tools` are checked; an entry there may be a pattern such as
    `search/*`. Tools that the prompt defines itself, in `toolDefs`, are known too.

    These examples are checked with the following settings.

    ```prompt file promptls.toml
    tools = ["getForecast", "searchFlights", "mail/*"]
    ```

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    tools: [getForcast]
    ---
    Will it rain? Ask getForcast.
    ```

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    tools:
      - searchFlights
      - bookHotel
    ---
    Plan a trip with searchFlights and bookHotel.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1-mini
    tools: [getForecast, mail/send]
    ---
    Will it rain? Ask getForecast and send the answer by mail.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1-mini
    tools: [bookHotel]
    toolDefs:
      - name: bookHotel
        inputSchema: {city: string}
    ---
    Book a room with bookHotel.
    ```
    """
    declared = prompt.settings.tools
    if not declared:
        return
    data = metadata(prompt)
    own = {name.value for each in data.tool_definitions if (name := _text(each.get("name")))}
    for tool in data.tools:
        if tool.value in own or any(fnmatchcase(tool.value, pattern) for pattern in declared):
            continue
        meant: list[str] = get_close_matches(tool.value, [*declared, *own], n=1, cutoff=0.75)
        yield Finding(
            range=tool.range,
            message=f"the project declares no tool {tool.value}" + (f"; {meant[0]} is one" if meant else ""),
            help="Correct the name, or add it to the setting tools.",
            fix=Fix(f"Change to {meant[0]}", (TextEdit(tool.range, meant[0]),), safe=False) if meant else None,
        )


def _text(entry: YamlEntry | None) -> Located[str] | None:
    node = resolve(entry.value) if entry else None
    return Located(node.text, node.range) if isinstance(node, YamlScalar) else None


@rule("tools/duplicate", Severity.WARNING, certainty="certain", fixable="safe")
def duplicate(prompt: Prompt) -> Iterator[Finding]:
    """A tool is listed twice.

    The runtimes resolve every name, so the model gets two tools of one name, which vendors refuse (Gemini: "Duplicate
    function declaration found", OpenAI and Anthropic: tool names must be unique). The fix removes the later one.

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    tools: [getForecast, searchFlights, getForecast]
    ---
    Plan a trip with getForecast and searchFlights.
    ```

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    tools:
      - getForecast
      - "getForecast"
    ---
    Will it rain? Ask getForecast.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1-mini
    tools: [getForecast, getforecast]
    ---
    Will it rain? Ask getForecast or getforecast.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1-mini
    tools: [mail/send, chat/send]
    ---
    Send the answer by mail and by chat.
    ```
    """
    front = frontmatter(prompt)
    entry = front.mapping.get("tools") if front and front.mapping else None
    listing = resolve(entry.value) if entry else None
    if not isinstance(listing, YamlSequence):
        return
    seen: dict[str, YamlScalar] = {}
    for item in listing.items:
        if not isinstance(item, YamlScalar):
            continue
        earlier = seen.setdefault(item.text, item)
        if earlier is item:
            continue
        yield Finding(
            range=item.range,
            message=f"the tool {item.text} is listed twice",
            help="Vendors refuse two tools of one name.",
            fix=Fix("Remove it", (removal(prompt.source, item.range, listing),), safe=True),
            related=(Related("listed here already", earlier.range),),
            tags=("unnecessary",),
        )


@rule("tools/never-mentioned", Severity.INFO, certainty="suggestion")
def never_mentioned(prompt: Prompt) -> Iterator[Finding]:
    """The text says nothing about a tool that the model may call.

    A model chooses a tool by its name and description; what it cannot know from these is when this prompt wants it
    called, and when not. The text is the place to say so. A tool counts as mentioned when its name, or a telling word
    of its name, stands in the text or in a partial: `getForecast` by "forecast". Prompts that take in partials which
    cannot be found are not judged.

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    tools: [getForecast, holdOffer]
    ---
    {{role "system"}}
    You plan trips. Look at the forecast for every day of travel.
    ```

    ```prompt bad
    ---
    model: openai/gpt-4.1-mini
    tools: [billing/lookup_invoice]
    ---
    {{role "system"}}
    You answer questions of customers.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1-mini
    tools: [getForecast, billing/lookup_invoice]
    ---
    {{role "system"}}
    Look at the weather forecast first. Ask for invoices only when the customer names a number.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1-mini
    tools: [holdOffer, "mcp:*"]
    ---
    {{role "system"}}
    {{> rules}}
    ```
    """
    head = frontmatter(prompt)
    if head is None or head.error is not None:
        return
    tools = {tool.value: tool for tool in reversed(metadata(prompt).tools) if "*" not in tool.value}
    text = _whole_text(prompt, set()) if tools else None
    if text is None or not text.strip():
        return
    lowered = text.lower()
    for tool in tools.values():
        if not any(word in lowered for word in _mentions(tool.value)):
            yield Finding(
                range=tool.range,
                message=f"the text never says when to call {tool.value}",
                help="Name the tool and say when to call it, and when not.",
            )


def _mentions(tool: str) -> Iterator[str]:
    """What would count as a mention of a tool, in lower case."""
    name = re.split(r"[/:]", tool)[-1]
    yield name.lower()
    words = [word.lower() for word in _WORDS.findall(name)]
    telling = [word for word in words if len(word) > 2 and word not in _SAYS_LITTLE]
    # Without a final s, "flights" is mentioned by "flight" and the other way round.
    yield from (word.removesuffix("s") for word in telling or words)


def _whole_text(prompt: Prompt, seen: set[str]) -> str | None:
    """The template with the partials that it takes in, each once, or None where one cannot be found."""
    start, end = layout(prompt).template_range
    texts = [prompt.text[start:end]]
    calls: list[PartialStatement | PartialBlockStatement] = [
        *tree(prompt).of(PartialStatement),
        *tree(prompt).of(PartialBlockStatement),
    ]
    for call in calls:
        name = called_name(call.name)
        if name in seen:
            continue
        partial = prompt.project.partial(name, prompt) if name else None
        if name is None or partial is None:
            return None
        seen.add(name)
        inner = _whole_text(partial, seen)
        if inner is None:
            return None
        texts.append(inner)
    return "\n".join(texts)


RULES = (unknown, duplicate, never_mentioned)

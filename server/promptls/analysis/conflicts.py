"""Examples that break what the prompt itself says about the output: models follow the example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from promptls.analysis.contract import Contract, Labels, OutputTag, named_keys, output_contract
from promptls.analysis.examples import ExamplePair, examples
from promptls.language.prompt import Prompt, facet
from promptls.language.schema import SchemaType
from promptls.syntax.source import Range


class Conflict(NamedTuple):
    """One thing in which an example's output breaks the contract; `range` is the output, or the words in it."""

    pair: ExamplePair
    reason: str
    range: Range


class Breach(NamedTuple):
    """One thing in which a text breaks a contract; `span` is relative to that text."""

    reason: str
    span: Range


@facet
def conflicts(prompt: Prompt) -> tuple[Conflict, ...]:
    """Where the examples break the output contract, in source order."""
    contract = output_contract(prompt)
    found: list[Conflict] = []
    for pair in examples(prompt):
        start = pair.output_range.start
        if pair.is_filled_in:
            continue
        for breach in breaches(contract, pair.output):
            found.append(Conflict(pair, breach.reason, Range(start + breach.span.start, start + breach.span.end)))
    return tuple(found)


def breaches(contract: Contract, output: str) -> tuple[Breach, ...]:
    """In what an output breaks the contract, as far as that is beyond doubt: tags, labels, JSON and its fields."""
    return (*_tag_breaches(contract, output), *_json_breaches(contract, output), *_label_breaches(contract, output))


def _whole(output: str) -> Range:
    return Range(0, len(output))


_STRANGE_TAG = re.compile(r"</?([A-Za-z][\w.-]{0,60})>")


def _tag_breaches(contract: Contract, output: str) -> Iterator[Breach]:
    for tag in contract.tags:
        opening, closing = f"<{tag.name}>" in output, f"</{tag.name}>" in output
        if opening and closing:
            continue
        if opening or closing:
            yield Breach(f"<{tag.name}> is not {'closed' if opening else 'opened'}", _whole(output))
        elif len(contract.tags) == 1 or tag.shown == "filled":
            strange = _STRANGE_TAG.search(output)
            instead = f"; it has <{strange[1]}> instead" if strange else ""
            yield Breach(f"the output lacks the tag <{tag.name}>{instead}", _whole(output))


_FENCED = re.compile(r"\A```[\w-]*[ \t]*\r?\n(?P<inside>.*?)\r?\n?```\Z", re.DOTALL)
_BEGINS_JSON = re.compile(r"[{\[]")


def _json_breaches(contract: Contract, output: str) -> Iterator[Breach]:
    if contract.format != "json":
        return
    fenced = _FENCED.match(output)
    text = fenced["inside"] if fenced else output
    if not _BEGINS_JSON.match(text):
        # A contract of several parts, such as tags around JSON, is not broken by what stands around the JSON.
        if not contract.tags and "{" not in text:
            yield Breach("JSON is asked for, and the output is none", _whole(output))
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Breach(f"the output is not valid JSON ({str(error).partition(':')[0]})", _whole(output))
        return
    keys = named_keys(value)
    if contract.schema is not None and contract.schema.type == "object" and not contract.schema.open:
        known = {field.name for field in contract.schema.fields}
        source = "output.schema"
    else:
        pictured = [skeleton.keys for skeleton in contract.skeletons if skeleton.kind == "json" and skeleton.keys]
        known = {key for shown in pictured for key in shown}
        source = "the shown JSON"
    for key in keys if known else ():
        if key not in known:
            yield Breach(f"{source} has no field `{key}`", _place(output, f'"{key}"'))
    if contract.schema is not None and isinstance(value, dict):
        yield from _enum_breaches(contract.schema, value, output)


def _enum_breaches(schema: SchemaType, value: dict[str, Any], output: str) -> Iterator[Breach]:
    for field in schema.fields:
        given = value.get(field.name)
        if field.type.type == "enum" and given is not None and given not in field.type.values:
            yield Breach(
                f"`{field.name}` cannot be `{given}`: output.schema lists its values", _place(output, f'"{given}"')
            )


def _place(output: str, words: str) -> Range:
    start = output.find(words)
    return Range(start, start + len(words)) if start >= 0 else _whole(output)


def _label_breaches(contract: Contract, output: str) -> Iterator[Breach]:
    if contract.labels is None:
        return
    given = _given_label(contract, contract.labels, output)
    if given is None:
        return
    value, span = given
    if _folded(value) not in {_folded(label) for label in contract.labels.values}:
        listed = ", ".join(contract.labels.values[:6]) + (", …" if len(contract.labels.values) > 6 else "")
        yield Breach(f"`{value}` is none of the labels {listed}", span)


_LONGEST_LABEL = 40
_LABEL_FIELD = re.compile(
    r"\"(?:label|category|class|sentiment|intent|verdict|classification|etiqueta|categoría)\"\s*:\s*\"([^\"\n]+)\""
)


def _given_label(contract: Contract, labels: Labels, output: str) -> tuple[str, Range] | None:
    """The label that an output gives, and where: what its tag holds, its label's field, or all of a short output."""
    if len(contract.tags) == 1:
        return _in_tag(contract.tags[0], output)
    if contract.format == "json" or _BEGINS_JSON.match(output):
        match = _LABEL_FIELD.search(output)
        # Which field holds the label is only plain where one is called so and takes one of the labels' kind.
        return (match[1], Range(*match.span(1))) if match and labels else None
    if contract.tags or contract.skeletons or len(output) > _LONGEST_LABEL or "\n" in output:
        return None
    return output, _whole(output)


def _in_tag(tag: OutputTag, output: str) -> tuple[str, Range] | None:
    start = output.rfind(f"<{tag.name}>")
    end = output.find(f"</{tag.name}>", start)
    if start < 0 or end < 0:
        return None
    start += len(tag.name) + 2
    value = output[start:end].strip()
    return (value, Range(start, end)) if value and len(value) <= _LONGEST_LABEL else None


def _folded(label: str) -> str:
    return re.sub(r"[\s_-]+", " ", label).strip(" .\"'`*()").casefold()

"""Making the index's records of prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from promptls.language.inputs import inputs
from promptls.language.metadata import metadata
from promptls.language.picoschema import input_schema, output_schema
from promptls.language.prompt import Prompt
from promptls.language.tree import tree
from promptls.store.records import LONGEST_TEXT, Judgement, Record, Written, text_hash
from promptls.store.similar import sketch
from promptls.syntax.handlebars.nodes import MustacheStatement, PathExpression
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlScalar, YamlSequence, resolve

if TYPE_CHECKING:
    from promptls.language.metadata import Metadata


def read_record(prompt: Prompt, written: Written) -> Record:
    """What the text of a prompt says."""
    from promptls.analysis.prose import prose

    known = metadata(prompt)
    words = prose(prompt).text
    return Record(
        path=str(written.path),
        place=written.place.as_posix(),
        state=written.state,
        hash=text_hash(prompt.text),
        settings=written.settings,
        name=known.name.value if known.name else written.name,
        variant=known.variant.value if known.variant else written.variant,
        title=next(iter(_free(known, "title")), None),
        description=known.description.value if known.description else None,
        domain=next(iter(_free(known, "domain")), None),
        model=known.model.value if known.model else None,
        tags=tuple(_free(known, "tags")),
        tools=tuple(_tools(known)),
        variables=tuple(_variables(prompt)),
        partials=tuple(written.partials),
        schemas=tuple(_schemas(prompt)),
        prose=words[:LONGEST_TEXT],
        text=prompt.text[:LONGEST_TEXT],
        sketch=sketch(words),
        created=written.created,
        updated=written.updated,
    )


def judge(prompt: Prompt, path: str) -> Judgement:
    """What the rules and measures say about a prompt; its tokens are those of its own text, partials included."""
    from promptls.language.tokenizers import counter
    from promptls.language.tokens import model_id, static_tokens
    from promptls.lint.runner import findings
    from promptls.score.score import score

    found = score(prompt)
    count = counter(model_id(prompt), wait=True)
    return Judgement(
        path,
        text_hash(prompt.text),
        tokens=sum(each.tokens for each in static_tokens(prompt, count)),
        score=found.overall if found else None,
        dimensions={each.name: each.value for each in found.dimensions} if found else {},
        domain=found.domain if found else None,
        findings=dict(Counter(each.rule for each in findings(prompt))),
    )


def _free(known: Metadata, name: str) -> list[str]:
    """The texts under a key that dotprompt leaves free: at the top of the frontmatter, or in `metadata`."""
    node = next((each.value for each in known.unknown if each.name == name), None)
    inner = resolve(known.metadata) if node is None and known.metadata is not None else None
    if isinstance(inner, YamlMapping) and (entry := inner.get(name)) is not None:
        node = entry.value
    return list(_texts(node)) if node is not None else []


def _texts(node: YamlNode) -> Iterator[str]:
    found = resolve(node)
    for each in found.items if isinstance(found, YamlSequence) else (found,):
        item = resolve(each) if each is not None else None
        if isinstance(item, YamlScalar) and item.text.strip():
            yield item.text.strip()


def _tools(known: Metadata) -> Iterator[str]:
    yield from (each.value for each in known.tools)
    for definition in known.tool_definitions:
        if entry := definition.get("name"):
            yield from _texts(entry.value)


def _variables(prompt: Prompt) -> Iterator[str]:
    """The declared inputs, and the names that plain tags show."""
    yield from inputs(prompt).declarations
    for each in tree(prompt).of(MustacheStatement):
        path = each.tag.path
        if isinstance(path, PathExpression) and path.parts and not (path.data or each.tag.params or each.tag.hash):
            yield path.parts[0]


def _schemas(prompt: Prompt) -> Iterator[str]:
    for schema in (input_schema(prompt), output_schema(prompt)):
        if schema is not None and schema.type.name is not None:
            yield schema.type.name

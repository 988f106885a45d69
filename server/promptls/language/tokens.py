"""How many tokens a prompt takes: its own text, what it renders to, what each variable adds, what can stay in a cache.

Media, tools and the few tokens by which a provider marks where a message begins are not counted: nobody publishes them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from promptls.language.files import identity
from promptls.language.messages import messages, static_prefix
from promptls.language.metadata import metadata
from promptls.language.origins import origins
from promptls.language.prompt import Prompt, facet
from promptls.language.render.compiled import compiled, compiled_partial
from promptls.language.render.engine import Rendering, RenderRequest, Segment, SourceRange, TextPart
from promptls.language.render.evaluator import render
from promptls.language.tokenizers import Counter
from promptls.language.tree import Tree
from promptls.language.uses import called_name
from promptls.syntax.handlebars.nodes import ContentStatement, PartialStatement
from promptls.syntax.source import Range


@dataclass(frozen=True, slots=True)
class MessageTokens:
    """The tokens of one message's text; `source` is the tag that began a rendered one, if one did."""

    role: str
    tokens: int
    source: SourceRange | None = None


@dataclass(frozen=True, slots=True)
class VariableTokens:
    """The tokens of the rendered text that one input printed.

    They are counted by themselves; since tokens may reach into the text around, shares do not quite add up.
    """

    name: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """A prompt in tokens.

    `static` is the text of the template and of its partials, `rendered` what a model gets, message by message in
    `messages`. `cacheable_prefix` is the rendered text before the first variable. `encoding` and `exact` are those of
    the counter.
    """

    encoding: str | None
    exact: bool
    static: int
    rendered: int
    cacheable_prefix: int
    messages: tuple[MessageTokens, ...]
    variables: tuple[VariableTokens, ...]


def model_id(prompt: Prompt) -> str | None:
    """The model that a prompt names, as it writes it."""
    named = metadata(prompt).model
    return named.value if named else None


def tokens(prompt: Prompt, counter: Counter, request: RenderRequest | None = None) -> Tokens:
    """The tokens of a prompt, rendered as `request` says: without one, with its own defaults."""
    rendering = default_rendering(prompt) if request is None else render(prompt, request)
    rendered = message_tokens(rendering, counter)
    return Tokens(
        encoding=counter.encoding,
        exact=counter.exact,
        static=sum(each.tokens for each in static_tokens(prompt, counter)),
        rendered=sum(each.tokens for each in rendered),
        cacheable_prefix=prefix_tokens(prompt, counter),
        messages=rendered,
        variables=variable_tokens(prompt, rendering, counter),
    )


@facet
def default_rendering(prompt: Prompt) -> Rendering:
    """The prompt rendered with its own defaults and nothing else."""
    return render(prompt)


def message_tokens(rendering: Rendering, counter: Counter) -> tuple[MessageTokens, ...]:
    """The tokens of every rendered message."""
    return tuple(MessageTokens(each.role, counter.count(each.text), each.source) for each in rendering.messages)


def static_tokens(prompt: Prompt, counter: Counter) -> tuple[MessageTokens, ...]:
    """The tokens of the text that stands in each of `messages(prompt)`, partials included, variables left out.

    Text in blocks counts once, whether or how often it would be rendered.
    """
    return tuple(
        MessageTokens(message.role or "", counter.count(text))
        for message, text in zip(messages(prompt), static_texts(prompt), strict=True)
    )


def range_tokens(prompt: Prompt, range: Range, counter: Counter) -> int:
    """The tokens of the text that stands in a range of the file, partials that it calls included."""
    return counter.count("".join(piece.within(range) for piece in _own_text(prompt)))


@facet
def static_texts(prompt: Prompt) -> tuple[str, ...]:
    """The text that stands in each of `messages(prompt)`."""
    found = messages(prompt)
    starts = [message.content_range.start for message in found]
    texts: list[list[str]] = [[] for _ in found]
    for piece in _own_text(prompt):
        index = bisect_right(starts, piece.start) - 1
        if index >= 0:
            texts[index].append(piece.text)
    return tuple(text if text.strip() else "" for text in map("".join, texts))


class _Piece(NamedTuple):
    """Text that stands at an offset of the file, or the text of a partial that is called there."""

    start: int
    text: str
    literal: bool

    def within(self, range: Range) -> str:
        """What of it lies in a range."""
        if not self.literal:
            return self.text if range.start <= self.start < range.end else ""
        return self.text[max(0, range.start - self.start) : max(0, range.end - self.start)]


@facet
def _own_text(prompt: Prompt) -> tuple[_Piece, ...]:
    return tuple(_pieces(prompt, {identity(prompt)}, whole=False))


def _pieces(prompt: Prompt, seen: set[object], *, whole: bool) -> Iterator[_Piece]:
    """The literal text of a template in source order; that of a partial stands where it is first called.

    `whole` says that the file is taken as a partial, whose frontmatter the runtimes leave in.
    """
    template = (compiled_partial if whole else compiled)(prompt)
    tree = Tree(template.root)
    nodes: list[ContentStatement | PartialStatement] = [*tree.of(ContentStatement), *tree.of(PartialStatement)]
    for node in sorted(nodes, key=lambda each: each.range.start):
        if isinstance(node, ContentStatement):
            start, end = template.whitespace.kept[node]
            yield _Piece(start, prompt.text[start:end], literal=True)
            continue
        name = called_name(node.name)
        partial = prompt.project.partial(name, prompt) if name else None
        if partial is not None and identity(partial) not in seen:
            seen.add(identity(partial))
            text = "".join(piece.text for piece in _pieces(partial, seen, whole=True))
            yield _Piece(node.range.start, text, literal=False)


def prefix_tokens(prompt: Prompt, counter: Counter) -> int:
    """The tokens of the rendered text before the first variable: the same at every call, so that it can be cached."""
    return sum(counter.count(text) for text in _prefix_texts(prompt))


@facet
def _prefix_texts(prompt: Prompt) -> tuple[str, ...]:
    cut = prompt.with_text(prompt.text[: static_prefix(prompt).end])
    return tuple(message.text for message in render(cut).messages)


def variable_tokens(prompt: Prompt, rendering: Rendering, counter: Counter) -> tuple[VariableTokens, ...]:
    """What each input adds to a rendering, the largest first; a tag that prints several counts for the first.

    Inside a partial a name is that of the partial's own input.
    """
    found: dict[str, int] = defaultdict(int)
    for segment in _printed(rendering):
        name = _printed_name(prompt, segment)
        if name is not None:
            found[name] += counter.count(segment.text)
    return tuple(VariableTokens(*each) for each in sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _printed(rendering: Rendering) -> Iterator[Segment]:
    for message in rendering.messages:
        for part in message.parts:
            if isinstance(part, TextPart):
                yield from (segment for segment in part.segments if not segment.literal)


def _printed_name(prompt: Prompt, segment: Segment) -> str | None:
    source = segment.source
    if source is None:
        return None
    template: Prompt | None = prompt
    if source.partial is not None:
        template = prompt.project.partial(source.partial, prompt)
    names = origins(template).names(source.range) if template is not None else ()
    return names[0] if names else None

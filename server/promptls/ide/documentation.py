"""What is known of helpers, models and partials, in paragraphs of Markdown that hover and completion both show."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.language.helpers import Helper
from promptls.language.metadata import metadata
from promptls.language.models import Model
from promptls.language.parameters import Parameter, parameters
from promptls.language.prompt import Prompt
from promptls.language.tree import tree
from promptls.syntax.handlebars.nodes import CommentStatement


def helper_paragraphs(helper: Helper) -> tuple[str, ...]:
    """What a helper does, its arguments, and an example."""
    arguments = "\n".join(
        f"- `{each.name}` ({each.type}{', optional' if each.optional else ''}): {each.documentation}"
        for each in (*helper.parameters, *helper.hash)
    )
    example = f"For example `{helper.example}`" if helper.example else ""
    return tuple(filter(None, (helper.summary, helper.documentation, arguments, example)))


def model_paragraphs(model: Model) -> tuple[str, ...]:
    """The name of a model, what to use instead of a deprecated one, what fits into it and what it costs."""
    return tuple(_of_model(model))


def _of_model(model: Model) -> Iterator[str]:
    yield model.name
    if model.deprecated:
        instead = f" Use `{model.replacement}` instead." if model.replacement else ""
        yield f"**Deprecated.**{instead}"
    if model.context_window is not None:
        yield f"Context window: {model.context_window:,} tokens"
    prices = [
        f"${price:g} {kind}"
        for price, kind in ((model.input_mtok, "in"), (model.cached_mtok, "in from cache"), (model.output_mtok, "out"))
        if price is not None
    ]
    if prices:
        yield f"Per million tokens: {', '.join(prices)}"


def partial_paragraphs(partial: Prompt) -> tuple[str, ...]:
    """The description of a partial or its first comment, what it takes, and its file."""
    return tuple(_of_partial(partial))


def _of_partial(partial: Prompt) -> Iterator[str]:
    description = metadata(partial).description
    about = description.value if description else _first_comment(partial)
    if about:
        yield about
    taken = ", ".join(map(shown_parameter, parameters(partial)))
    if taken:
        yield f"Takes {taken}."
    if partial.path is not None:
        yield f"`{partial.path.name}`, {partial.source.line_count} lines"


def shown_parameter(parameter: Parameter) -> str:
    """A parameter with its type, as code."""
    return f"`{parameter.name}{'?' if parameter.optional else ''}: {parameter.type}`"


def _first_comment(prompt: Prompt) -> str:
    """The first comment of a template, on one line, unless it is a directive to this program."""
    for comment in tree(prompt).of(CommentStatement):
        text = " ".join(comment.value.split())
        if not text.startswith("promptls:"):
            return text
    return ""

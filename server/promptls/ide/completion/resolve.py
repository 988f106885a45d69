"""The documentation of completion items, made when one is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptls.ide.documentation import helper_paragraphs, model_paragraphs, partial_paragraphs, shown_parameter
from promptls.ide.hover import hover
from promptls.ide.prompt_templates import PROMPT_TEMPLATES
from promptls.language.helpers import DATA_VARIABLES, ROLES, helpers
from promptls.language.keys import CONFIG_KEYS, FRONTMATTER_KEYS, ConfigKey, FrontmatterKey
from promptls.language.metadata import metadata
from promptls.language.models import model_catalogue, vendor
from promptls.language.parameters import parameters
from promptls.language.prompt import Prompt
from promptls.lint.runner import registry


def resolve_completion(prompt: Prompt, data: Mapping[str, object]) -> str | None:
    """The documentation of an item by its `data`, in Markdown; None where there is none, or no longer.

    Depends on nothing but its arguments, so that a server need not remember what it offered.
    """
    match data:
        case {"kind": "helper", "name": str(name)}:
            paragraphs = _helper(prompt, name)
        case {"kind": "argument", "helper": str(helper), "name": str(name)}:
            paragraphs = _argument(prompt, helper, name)
        case {"kind": "data-variable", "name": str(name)}:
            variable = DATA_VARIABLES.get(name)
            paragraphs = iter([variable.documentation] if variable else [])
        case {"kind": "name", "offset": int(offset)}:
            paragraphs = _declared(prompt, offset)
        case {"kind": "role", "name": str(name)}:
            paragraphs = iter([ROLES.get(name, "")])
        case {"kind": "partial", "name": str(name)}:
            paragraphs = _partial(prompt, name)
        case {"kind": "partial-parameter", "partial": str(partial), "name": str(name)}:
            paragraphs = _parameter(prompt, partial, name)
        case {"kind": "key", "path": str(path)}:
            paragraphs = _key(prompt, path)
        case {"kind": "model", "id": str(id)}:
            paragraphs = _model(prompt, id)
        case {"kind": "rule", "id": str(id)}:
            rule = registry().by_id.get(id)
            paragraphs = iter([rule.documentation] if rule else [])
        case {"kind": "template", "name": str(name)}:
            template = PROMPT_TEMPLATES.get(name)
            paragraphs = iter([_fenced(template.text)] if template else [])
        case _:
            return None
    return "\n\n".join(filter(None, paragraphs)) or None


def _fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text}\n```"


def _helper(prompt: Prompt, name: str) -> Iterator[str]:
    helper = helpers(prompt).get(name)
    if helper is not None:
        yield _fenced(helper.signature, "handlebars")
        yield from helper_paragraphs(helper)


def _argument(prompt: Prompt, helper: str, name: str) -> Iterator[str]:
    known = helpers(prompt).get(helper)
    yield from (each.documentation for each in (known.hash if known else ()) if each.name == name)


def _declared(prompt: Prompt, offset: int) -> Iterator[str]:
    """What a hover says where the name is declared."""
    found = hover(prompt, offset) if 0 <= offset <= len(prompt.text) else None
    if found is not None:
        yield _fenced(found.code, found.language)
        yield from found.paragraphs


def _partial(prompt: Prompt, name: str) -> Iterator[str]:
    partial = prompt.project.partial(name, prompt)
    yield from partial_paragraphs(partial) if partial is not None else ()


def _parameter(prompt: Prompt, partial: str, name: str) -> Iterator[str]:
    found = prompt.project.partial(partial, prompt)
    for each in parameters(found) if found else ():
        if each.name == name:
            yield shown_parameter(each)
            yield each.description or ("" if each.declared else "The partial uses it without declaring it.")


def _key(prompt: Prompt, path: str) -> Iterator[str]:
    key = _known_key(path.split("."))
    if key is None:
        return
    yield key.summary
    yield key.documentation
    if isinstance(key, ConfigKey):
        model = metadata(prompt).model
        bounds = key.bounds_for(vendor(model.value) if model else None)
        yield f"Allowed: {bounds}." if bounds else ""
    yield _fenced(key.example, "yaml") if key.example else ""


def _known_key(path: list[str]) -> FrontmatterKey | ConfigKey | None:
    top = FRONTMATTER_KEYS.get(path[0])
    if len(path) == 2 and path[0] == "config":
        return CONFIG_KEYS.get(path[1])
    for step in path[1:]:
        top = top.child(step) if top else None
    return top


def _model(prompt: Prompt, id: str) -> Iterator[str]:
    model = model_catalogue(prompt).find(id)
    yield from model_paragraphs(model) if model is not None else ()

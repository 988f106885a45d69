"""What a template sees: its input with the defaults, and the `@` variables that dotprompt provides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from promptls.language.metadata import metadata
from promptls.language.picoschema import input_schema, output_schema
from promptls.language.prompt import Prompt, facet, frontmatter
from promptls.language.render.engine import RenderRequest
from promptls.syntax.yaml_nodes import TooLargeError, YamlNode, to_data

_RESERVED = ("config", "description", "input", "model", "name", "output", "toolDefs", "tools", "variant", "version")


def input_values(prompt: Prompt, request: RenderRequest) -> dict[str, object]:
    """The variables of the template: frontmatter defaults, under the host's, under what the host gives."""
    default = _data(metadata(prompt).input_default) if request.frontmatter_defaults else None
    own = default if isinstance(default, Mapping) else {}
    return {**own, **request.defaults, **request.input}


def data_variables(prompt: Prompt, request: RenderRequest, root: Mapping[str, object]) -> dict[str, object]:
    """What `@name` reads at the top of the template."""
    known = {"prompt": {key: value for key, value in runtime_metadata(prompt).items() if key != "input"}}
    given = {"docs": request.documents, "messages": list(request.history) or None}
    about = {**known, **{key: value for key, value in given.items() if value is not None}}
    return {"root": root, "metadata": about, **request.context}


@facet
def runtime_metadata(prompt: Prompt) -> Mapping[str, Any]:
    """The metadata of the prompt as dotprompt hands it on: known keys, `ext`, `raw`, schemas as JSON Schema.

    Empty where there is no frontmatter or where it is too large to expand.
    """
    front = frontmatter(prompt)
    raw = _data(front.mapping) if front else None
    result: dict[str, Any] = {"ext": {}, "metadata": {}, "config": {}}
    if not isinstance(raw, dict):
        return result
    for key, value in raw.items():
        if key in _RESERVED:
            result[key] = value
        elif "." in key and key != "ext":
            namespace, _, name = key.rpartition(".")
            result["ext"].setdefault(namespace, {})[name] = value
    for key, schema in (("input", input_schema(prompt)), ("output", output_schema(prompt))):
        if schema is not None:
            result[key] = {**cast("dict[str, Any]", result[key]), "schema": schema.type.json}
    return {**result, "raw": raw}


def _data(node: YamlNode | None) -> object:
    try:
        return to_data(node)
    except TooLargeError:
        return None

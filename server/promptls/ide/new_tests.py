"""The first test case of a prompt."""

from __future__ import annotations

from typing import Any

import yaml

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.language.parameters import parameters
from promptls.language.picoschema import input_schema, output_schema
from promptls.language.prompt import Prompt
from promptls.language.render.sample_input import generate_input
from promptls.testcases.document import test_path


def new_tests(prompt: Prompt, *, exists: bool) -> WorkspaceEdit:
    """The edit that makes `<name>.test.yaml` with one case of sample data; raises `Refused`."""
    if prompt.path is None:
        raise Refused("Save the prompt first: its test cases stand beside it.")
    path = test_path(prompt.path)
    if exists:
        raise Refused(f"{path.name} exists already.")
    return WorkspaceEdit(created={path: first_case(prompt)})


def first_case(prompt: Prompt) -> str:
    """A test file with one case: example data, and what can be said of any answer to this prompt."""
    case: dict[str, Any] = {"name": "first case"}
    values = _values(prompt)
    if values:
        case["input"] = values
    case["expect"] = _expected(prompt)
    text: str = yaml.safe_dump({"cases": [case]}, sort_keys=False, allow_unicode=True, width=110, indent=2)
    return text


def _values(prompt: Prompt) -> dict[str, Any]:
    schema = input_schema(prompt)
    declared = generate_input(schema.type, items=1) if schema is not None else {}
    others = {each.name: each.name for each in parameters(prompt) if each.name not in declared and not each.optional}
    return {**declared, **others}


def _expected(prompt: Prompt) -> dict[str, Any]:
    schema = output_schema(prompt)
    if schema is None:
        return {"word-count": {"min": 1}}
    required = [field.name for field in schema.type.fields if not field.optional]
    return {"is-json": {"type": "object", "required": required} if required else True}

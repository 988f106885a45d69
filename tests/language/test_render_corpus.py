"""Real files render as npm dotprompt renders them, on data made from their schemas."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from promptls.language.picoschema import input_schema
from promptls.language.prompt import Prompt, frontmatter, layout
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.language.render.sample_input import generate_input
from tests.support import SHARED
from tests.support.oracle import Oracle, Refused
from tests.support.rendering import messages_of, prompt_with

CORPUS = SHARED / "corpus"
FILES = sorted(CORPUS.rglob("*.prompt"))
VARIANTS = {"full": (True, 2), "required only, empty lists": (False, 0), "one item": (True, 1)}


@cache
def _partials(folder: Path) -> Mapping[str, str]:
    return {path.stem.removeprefix("_"): path.read_text(encoding="utf-8") for path in folder.rglob("_*.prompt")}


def _prompt(path: Path) -> Prompt:
    return prompt_with(path.read_text(encoding="utf-8"), _partials(path.parent))


def _samples(prompt: Prompt) -> dict[str, dict[str, Any]]:
    schema = input_schema(prompt)
    if schema is None:
        return {"nothing": {}, "some": {"name": "n", "text": "t", "items": ["a", "b"], "question": "q"}}
    return {
        name: generate_input(schema.type, optional=optional, items=items)
        for name, (optional, items) in VARIANTS.items()
    }


def test_the_corpus_is_here() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"{CORPUS} is absent")
    assert len(FILES) == 112


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(CORPUS).as_posix() for path in FILES])
def test_template_renders_as_the_runtime_does(path: Path, oracle: Oracle) -> None:
    """The template by itself, so that no difference in reading the frontmatter hides one in rendering."""
    prompt = _prompt(path)
    body = prompt.text[slice(*layout(prompt).template_range)]
    for name, data in _samples(prompt).items():
        rendering = render(prompt, RenderRequest(input=data, frontmatter_defaults=False))
        theirs = _rendered(oracle, body, data, _partials(path.parent))
        assert rendering.ok == (theirs is not None), f"{name}: {rendering.errors}"
        if theirs is not None:
            assert messages_of(rendering) == theirs["messages"], name


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(CORPUS).as_posix() for path in FILES])
def test_file_renders_as_the_runtime_does(path: Path, oracle: Oracle) -> None:
    prompt = _prompt(path)
    front = frontmatter(prompt)
    for data in _samples(prompt).values():
        rendering = render(prompt, RenderRequest(input=data, frontmatter_defaults=False))
        theirs = _rendered(oracle, _without_header(prompt), data, _partials(path.parent))
        if theirs is None:
            assert not rendering.ok
        elif front is not None and front.error is not None:
            # JavaScript takes the whole file for text where the YAML is broken.
            assert theirs["messages"][0]["content"][0]["text"].startswith("---")
        else:
            assert rendering.ok
            assert messages_of(rendering) == theirs["messages"]


def _without_header(prompt: Prompt) -> str:
    """The file in a shape that JavaScript 1.1.2 reads: nothing before the fence, and a line end after the last one."""
    front = frontmatter(prompt)
    if front is None:
        return prompt.text
    text = prompt.text[front.range.start :]
    return text if front.range.end < len(prompt.text) else text + "\n"


def _rendered(oracle: Oracle, text: str, data: Mapping[str, Any], partials: Mapping[str, str]) -> dict[str, Any] | None:
    """What the runtime renders, or None where it refuses; schemas that the host would know are made up."""
    schemas: dict[str, Any] = {}
    while True:
        try:
            return oracle.render(text, {"input": data}, partials=partials, schemas=schemas)
        except Refused as refusal:
            unknown = re.search(r"could not find schema with name '(.*)'", str(refusal))
            if unknown is None:
                return None
            schemas[unknown[1]] = {"type": "object"}

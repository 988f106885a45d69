"""Every official dotprompt case: messages from our evaluator, metadata and schemas from our readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from promptls.language.render.context import runtime_metadata
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.settings import Settings
from tests.support import SHARED
from tests.support.rendering import messages_of, prompt_with

FOLDER = SHARED / "conformance" / "dotprompt"


@dataclass(frozen=True)
class Case:
    """One test of a suite: a suite has the template, a test the data and what to expect."""

    id: str
    suite: dict[str, Any]
    test: dict[str, Any]


def _cases() -> Iterator[Case]:
    for path in sorted(FOLDER.rglob("*.yaml")):
        for suite in yaml.safe_load(path.read_text(encoding="utf-8")):
            for test in suite["tests"]:
                name = f"{path.relative_to(FOLDER).with_suffix('').as_posix()}-{suite['name']}-{test['desc']}"
                yield Case(name.replace(" ", "_"), suite, test)


CASES = list(_cases())


def test_all_cases_are_here() -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"{FOLDER} is absent")
    assert len(CASES) == 117


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_official_case(case: Case) -> None:
    suite, test = case.suite, case.test
    settings = Settings(schemas=suite.get("schemas", {}))
    partials = {**suite.get("partials", {}), **suite.get("resolverPartials", {})}
    prompt = prompt_with(suite["template"], partials, settings)
    data = {**suite.get("data", {}), **test.get("data", {})}
    options = test.get("options", {})
    expected = test["expect"]

    rendering = render(
        prompt,
        RenderRequest(
            input=data.get("input", {}),
            context=data.get("context", {}),
            history=data.get("messages", ()),
            documents=data.get("docs"),
            defaults=options.get("input", {}).get("default", {}),
            frontmatter_defaults=False,
        ),
    )
    metadata = {**runtime_metadata(prompt), **options}

    assert rendering.errors == ()
    assert messages_of(rendering) == expected.get("messages", [])
    assert metadata["config"] == expected.get("config", {})
    assert metadata["ext"] == expected.get("ext", {})
    for key in expected.keys() - {"messages", "config", "ext"}:
        assert metadata.get(key) == expected[key], key

"""Snapshots: what is written is read again as it was, and what has changed is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptls.language.prompt import Prompt
from promptls.language.render.engine import RenderRequest
from promptls.language.render.evaluator import render
from promptls.settings import Settings
from promptls.testcases.snapshots import SnapshotError, Snapshots, messages_of, read_snapshots, write_snapshots

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        "yes",
        "1e3",
        "0o7",
        "~",
        "- a",
        "a: b",
        "# c",
        "\n",
        " \n x",
        "a\r\nb",
        "\x85\u2028",
        "😀\n",
        "'",
        '"',
        "|",
        "a \nb",
    ]
)


@given(
    st.dictionaries(TEXTS, st.lists(st.fixed_dictionaries({"role": TEXTS, "content": TEXTS}), max_size=3), max_size=3)
)
def test_what_is_written_is_read_again(data: dict[str, list[dict[str, str]]]) -> None:
    snapshots = Snapshots({name: tuple(messages) for name, messages in data.items()})
    assert read_snapshots(write_snapshots(snapshots, "a.test.yaml")) == snapshots


def test_parts_that_are_no_text_are_kept() -> None:
    prompt = Prompt('{{role "user"}}Look: {{media url="data:image/png;base64,AA=="}}', settings=Settings())
    rendering = render(prompt, RenderRequest())
    (message,) = messages_of(rendering)
    assert message["content"] == [{"text": "Look: "}, {"media": {"url": "data:image/png;base64,AA=="}}]
    kept = read_snapshots(write_snapshots(Snapshots({"a": (message,)}), "a.test.yaml"))
    assert kept.compare("a", rendering).state == "same"
    assert kept.compare("b", rendering).state == "missing"
    other = render(prompt.with_text(prompt.text.replace("Look", "See")), RenderRequest())
    changed = kept.compare("a", other)
    assert changed.state == "changed"
    assert any(line.startswith("-") and "Look" in line for line in changed.diff)


@pytest.mark.parametrize("text", ["a: [", "[1]", "a: 1", "a: [1]", "x: &x [*x]"])
def test_what_is_no_file_of_snapshots_is_refused(text: str) -> None:
    with pytest.raises(SnapshotError):
        read_snapshots(text)

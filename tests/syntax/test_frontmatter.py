"""Where the frontmatter is, and what survives of broken YAML."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from promptls.syntax.frontmatter import read_layout
from promptls.syntax.yaml_nodes import (
    TooLargeError,
    YamlMapping,
    YamlNode,
    children,
    read_yaml,
    to_data,
    walk,
)
from tests.support import ROOT

FENCES = [
    ("---\nmodel: x\n---\nHello\n", "model: x\n", "Hello"),
    ("---   \nmodel: x\n---\t\n\n Hello \n\n", "model: x\n", "Hello"),
    ("---\r\nmodel: x\r\n---\r\nHello\r\n", "model: x\r\n", "Hello"),
    ("---\rmodel: x\r---\rHello", "model: x\r", "Hello"),
    ("# licence\n\n---\nmodel: x\n---\nHello", "model: x\n", "Hello"),
    ("\ufeff---\nmodel: x\n---\nHello", "model: x\n", "Hello"),
    ("---\n---\nHello", "", "Hello"),
    ("---\nmodel: x\n---", "model: x\n", ""),
    ("---\nmodel: x\n--- no fence\n---\nHello", "model: x\n--- no fence\n", "Hello"),
    ("---\nmodel: x\n---\nA\n---\nB", "model: x\n", "A\n---\nB"),
]


@pytest.mark.parametrize(("text", "yaml_text", "template"), FENCES)
def test_fences(text: str, yaml_text: str, template: str) -> None:
    layout = read_layout(text)
    assert layout.frontmatter is not None
    assert text[slice(*layout.frontmatter.yaml_range)] == yaml_text
    assert text[slice(*layout.template_range)] == template
    assert layout.frontmatter.close_fence is not None
    assert text[slice(*layout.frontmatter.open_fence)] == text[slice(*layout.frontmatter.close_fence)] == "---"


@pytest.mark.parametrize("fence", ["  ---", "----", "--", "—"])
def test_lines_that_were_meant_as_fences(fence: str) -> None:
    opened = read_layout(f"{fence}\nmodel: x\n---\nHello")
    assert opened.frontmatter is not None
    assert opened.frontmatter.mapping is not None
    assert opened.template_range == (len(fence) + 14, len(fence) + 19)

    text = f"---\nmodel: x\n{fence}\nHello"
    closed = read_layout(text)
    assert closed.frontmatter is not None
    assert closed.frontmatter.close_fence is None
    assert closed.frontmatter.mapping is not None
    assert text[slice(*closed.template_range)] == "Hello"


@pytest.mark.parametrize(
    "text",
    [
        "Hello",
        "",
        "----\nNote: a rule of Markdown.\n---\n",
        "----\nmodel: x\nand no end\n",
        "---\nJust a rule above prose.\n",
        "--- model: x\n---\n",
        "Hi\n---\na: b\n---\n",
    ],
)
def test_without_fences_all_is_template_and_untouched(text: str) -> None:
    layout = read_layout(text)
    assert layout.frontmatter is None
    assert text[slice(*layout.template_range)] == text


def test_unclosed_frontmatter_ends_with_the_last_line_that_can_be_yaml() -> None:
    text = "---\nmodel: x\nconfig:\n  temperature: 1\n- item\n\nYou are {{name}}.\nNote: be brief.\n"
    layout = read_layout(text)
    assert layout.frontmatter is not None
    assert layout.frontmatter.close_fence is None
    assert text[slice(*layout.template_range)] == "You are {{name}}.\nNote: be brief."


def test_broken_yaml_keeps_what_stood_before_the_break() -> None:
    text = "---\nmodel: x\ninput:\n  schema:\n    name: string\n    tags: [a, b\nother: 1\n---\nHi"
    frontmatter = read_layout(text).frontmatter
    assert frontmatter is not None
    assert frontmatter.error is not None
    assert text[slice(*frontmatter.error.range)].startswith(":")
    data = to_data(frontmatter.root)
    assert isinstance(data, dict)
    assert data["model"] == "x"
    assert data["input"]["schema"]["name"] == "string"


def test_positions_of_keys_and_values() -> None:
    text = '---\ná: "ü"\n𝒳:\n  - one # note\n  - {k: v}\nblock: |\n  two\n  lines\n---\n'
    frontmatter = read_layout(text).frontmatter
    assert frontmatter is not None
    assert isinstance(frontmatter.root, YamlMapping)
    written = [text[slice(*node.range)] for node in walk(frontmatter.root)][1:]
    assert written == [
        "á",
        '"ü"',
        "𝒳",
        "- one # note\n  - {k: v}"[2:],
        "one",
        "{k: v}",
        "k",
        "v",
        "block",
        "|\n  two\n  lines",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("true", True),
        ("0x1f", 31),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("~", None),
        ("'1'", "1"),
        ("-.5", -0.5),
        ("1.2.3", "1.2.3"),
    ],
)
def test_scalars_are_typed_as_yaml_1_2_types_them(text: str, value: object) -> None:
    assert to_data(read_yaml(text).root) == value


def test_an_alias_bomb_is_read_at_once_and_never_expanded() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    started = time.process_time()
    document = read_yaml("\n".join(lines))
    assert document.error is None
    with pytest.raises(TooLargeError):
        to_data(document.root)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("line", ["\r\n", "\n", " \r\n", "# a\r\n", "\t"])
def test_blank_lines_without_end_are_read_at_once(line: str) -> None:
    started = time.process_time()
    assert read_layout(line * 20_000 + "Say hello.").frontmatter is None
    assert read_layout(line * 20_000 + "---\r\nmodel: a\r\n---\r\n").frontmatter is not None or line == "\t"
    assert time.process_time() - started < 2


def test_deep_nesting_neither_recurses_nor_hangs() -> None:
    started = time.process_time()
    assert read_yaml("[" * 50_000).error is not None
    document = read_yaml("[" * 900)
    assert document.error is not None
    with pytest.raises(TooLargeError):
        to_data(document.root)
    assert time.process_time() - started < 2


BROKEN = [
    "a: b: c",
    "\ta: 1",
    'a: "x',
    "a: [1",
    "a: *none",
    "a: 1\n---\nb: 2",
    "a: !foo b",
    "a: \x01",
    "a: \ud800",
    "- a\nb: c",
    "%YAML 3.0\n---\na: 1",
]


@pytest.mark.parametrize("text", BROKEN)
def test_each_break_is_one_error_inside_the_text(text: str) -> None:
    document = read_yaml(text, 10)
    assert document.error is not None
    assert 10 <= document.error.range.start < document.error.range.end <= 10 + len(text) + 1


def _accepts(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    return True


def _assert_nested(node: YamlNode, text: str) -> None:
    assert 0 <= node.range.start <= node.range.end <= len(text)
    previous = node.range.start
    for child in children(node):
        assert child.range.start >= previous
        assert child.range.end <= node.range.end
        previous = child.range.end
        _assert_nested(child, text)


YAML_TEXT = st.text(alphabet="ab1:-?[]{},&*!|>'\"%@#~ \t\n\r\u2028é😀", max_size=60)


@given(YAML_TEXT)
def test_any_text_gives_nested_ranges_and_an_error_where_pyyaml_gives_one(text: str) -> None:
    document = read_yaml(text)
    if document.root is not None:
        _assert_nested(document.root, text)
    if document.error is not None:
        assert not _accepts(text)


@given(st.text(alphabet='-# \n\r\ufeffab:["{}', max_size=40))
def test_any_layout_covers_the_text_in_order(text: str) -> None:
    layout = read_layout(text)
    assert 0 <= layout.template_range.start <= layout.template_range.end <= len(text)
    if layout.frontmatter is not None:
        assert (
            layout.frontmatter.range.end <= layout.template_range.start
            or not text[layout.frontmatter.range.end :].strip()
        )


@pytest.mark.parametrize("path", sorted((ROOT / "samples").rglob("*.prompt")), ids=lambda path: path.name)
def test_every_prefix_of_every_sample_has_a_layout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for end in range(len(text)):
        layout = read_layout(text[:end])
        if layout.frontmatter is not None and layout.frontmatter.root is not None:
            _assert_nested(layout.frontmatter.root, text[:end])

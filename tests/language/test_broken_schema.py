"""The slips in a schema that break the whole frontmatter, and edits that mend them."""

from time import perf_counter

import pytest

from promptls.language.broken_schema import broken_schema
from promptls.language.prompt import Prompt, frontmatter
from promptls.settings import Settings


def schema(text: str, newline: str = "\n") -> Prompt:
    lines = ["---", "model: a/b", "input:", "  schema:", *(f"    {line}" for line in text.split("\n")), "---", "Hello"]
    return Prompt(newline.join(lines), settings=Settings())


def mended(prompt: Prompt) -> str:
    """The lines of the schema after every slip has been mended."""
    for _ in range(20):
        slip = broken_schema(prompt)
        if slip is None:
            break
        assert slip.edits
        prompt = prompt.with_text(prompt.source.edited(slip.edits).text)
    front = frontmatter(prompt)
    assert front is not None and front.error is None
    lines = prompt.text[front.yaml_range.start : front.yaml_range.end].splitlines()[3:]
    return "\n".join(line.removeprefix("    ") for line in lines)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(
    ("written", "kind", "blamed", "right"),
    [
        ("a: string, one of: x", "unquoted-colon", "string, one of: x", 'a: "string, one of: x"'),
        ('a: string, the "x": y', "unquoted-colon", 'string, the "x": y', "a: 'string, the \"x\": y'"),
        ("a: string, it's: y # note", "unquoted-colon", "string, it's: y", 'a: "string, it\'s: y" # note'),
        ("a(enum, of: b): [c]", "unquoted-colon", "a(enum, of: b)", '"a(enum, of: b)": [c]'),
        ('a: "x" | "y"', "union-syntax", '"x" | "y"', 'a(enum): ["x", "y"]'),
        ("a?: 'x' | 'y', which", "union-syntax", "'x' | 'y'", "a?(enum, which): ['x', 'y']"),
        ('a: {b: "x" | "y", c: string}', "union-syntax", '"x" | "y"', 'a: {b(enum): ["x", "y"], c: string}'),
        ("a: {b: string}[]", "list-syntax", "}[]", "a(array): {b: string}"),
        ("a?: {b: string}[], all", "list-syntax", "}[]", "a?(array, all): {b: string}"),
        ("a(array): {b: string}[]", "list-syntax", "}[]", "a(array): {b: string}"),
        ("a: {b: string[]}", "list-syntax", "string[]", "a: {b(array): string}"),
        (
            "a: {\n  b: {c: string[]}[]\n}[]",
            "list-syntax",
            "string[]",
            "a(array): {\n  b(array): {c(array): string}\n}",
        ),
    ],
)
def test_slips(written: str, kind: str, blamed: str, right: str, newline: str) -> None:
    prompt = schema(written, newline)
    slip = broken_schema(prompt)
    assert slip is not None
    assert (slip.kind, prompt.text[slip.range.start : slip.range.end]) == (kind, blamed)
    assert mended(prompt) == right


@pytest.mark.parametrize(
    "text",
    [
        # Other breaks inside a schema.
        "---\ninput:\n  schema\n    a: string\n---\n",
        "---\ninput:\n  schema:\n    a: [string\n---\n",
        '---\ninput:\n  schema:\n    a: "string\n---\n',
        "---\ninput:\n  schema:\n  \ta: string\n---\n",
        # The same slips outside a schema are the business of another rule.
        "---\ndescription: one of: two\n---\n",
        "---\nconfig:\n  a: {b: c}[]\n---\n",
        # No slip at all.
        "---\ninput:\n  schema:\n    a: string[]\n---\n",
        "---\ninput:\n  schema:\n    a: x | y\n---\n",
        "no frontmatter",
    ],
)
def test_no_slips(text: str) -> None:
    assert broken_schema(Prompt(text, settings=Settings())) is None


def test_what_cannot_be_mended_is_still_named() -> None:
    slip = broken_schema(schema('a(array): "x" | "y"'))
    assert slip is not None and slip.kind == "union-syntax" and slip.edits == ()


@pytest.mark.parametrize("piece", ["a", "a: ", "a(", '"', "a | ", "a[", "{}", "| "])
@pytest.mark.parametrize("frame", ["x: {}: y[]", "x: {{ b: {} }}[]", "x: {}[]"])
def test_time_grows_no_faster_than_the_text(piece: str, frame: str) -> None:
    def seconds(count: int) -> float:
        prompts = [schema(frame.format(piece * count)) for _ in range(3)]
        times = []
        for prompt in prompts:
            frontmatter(prompt)
            start = perf_counter()
            broken_schema(prompt)
            times.append(perf_counter() - start)
        return min(times)

    # Four times the text; a quadratic search would need sixteen times the time.
    assert seconds(20_000) < 9 * seconds(5_000) + 0.02

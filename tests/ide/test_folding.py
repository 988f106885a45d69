"""What folds: every folded run of lines, numbered from 1, with its kind."""

import pytest

from promptls.ide.folding import folding
from tests.support.project import InMemoryProject


def folds(text: str) -> list[tuple[int, int, str]]:
    prompt = InMemoryProject(has_siblings=True).prompt("x.prompt", text)
    line = prompt.source.line_at
    return [(line(each.range.start) + 1, line(each.range.end) + 1, each.kind) for each in folding(prompt)]


FILE = """\
---
# one
# two
model: m
input:
  schema:
    a: string
    b: |
      # no comment
      # either
---
{{role "system"}}
# Title

## Part
text
```
# no heading
```
## Other
text

{{! a
comment }}
{{role "user"}}
{{#if a}}
one
{{else if b}}
two
{{else}}

three
{{/if}}
end
"""


def test_a_whole_file() -> None:
    assert folds(FILE) == [
        (1, 11, "frontmatter"),
        (2, 3, "comment"),
        (5, 10, "key"),
        (6, 10, "key"),
        (8, 10, "key"),
        (12, 24, "message"),
        (13, 24, "section"),
        (15, 19, "section"),
        (17, 19, "code"),
        (20, 24, "section"),
        (23, 24, "comment"),
        (25, 34, "message"),
        (26, 27, "block"),
        (28, 29, "block"),
        (30, 32, "block"),
    ]
    assert folds(FILE.replace("\n", "\r\n")) == folds(FILE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{#if a}} x {{/if}}", []),
        ("{{#if a}}\nx {{/if}}\ny", []),
        ("{{#if a}}\nx\n\n\n{{/if}}\ny", [(1, 2, "block")]),
        ("{{#if a}}\n# T\nx\n{{/if}}\ny", [(1, 3, "block"), (2, 3, "section")]),
        ("{{#> p}}\nx\n{{/p}}", [(1, 2, "block")]),
        ("{{^a}}\nx\n{{else}}\ny\n{{/a}}", [(1, 2, "block"), (3, 4, "block")]),
        ("{{{{raw}}}}\n{{x\n{{{{/raw}}}}", [(1, 2, "block")]),
        ("{{#if a}}\nx\n{{y", [(1, 3, "block")]),
        ("---\nmodel: m\nconfig:\n  a: [\n{{x}}\ny", [(1, 4, "frontmatter"), (3, 4, "key")]),
        ("{% if a %}\n\n{% endif %}", []),
    ],
)
def test_parts(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert folds(text) == expected

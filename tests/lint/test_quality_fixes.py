"""What the fixes of the rules of quality make of a text, and how few they touch of the good samples."""

from pathlib import Path

import pytest

from promptls.lint.registry import built_in_rules
from promptls.lint.runner import fixed, run
from promptls.settings import Settings, SettingsSources
from promptls.workspace import Workspace
from tests.support import ROOT
from tests.support.project import InMemoryProject

FAMILIES = ("output", "examples", "structure")
SAMPLES = sorted(path for path in (ROOT / "samples").rglob("*.prompt") if path.parent.name != "broken")


def mended(text: str, rule: str, *, unsafe: bool = True) -> str:
    project = InMemoryProject({"_known.prompt": "x"}, settings=Settings(select=[rule]), has_siblings=True)
    return fixed(project.prompt("main.prompt", text), unsafe=unsafe).text


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        pytest.param(
            "structure/unclosed-tag",
            "<rules>\r\nOne.\r\n\r\n# Input\r\n{{x}}\r\n",
            "<rules>\r\nOne.\r\n</rules>\r\n\r\n# Input\r\n{{x}}\r\n",
            id="a tag ends before the next heading",
        ),
        pytest.param(
            "structure/unclosed-tag",
            "<context>\n{{a}}\n\nAnswer it.\n",
            "<context>\n{{a}}\n</context>\n\nAnswer it.\n",
            id="a tag around a value ends with it",
        ),
        pytest.param(
            "structure/unclosed-tag",
            '{{role "system"}}\n```js\nx\n{{role "user"}}\n{{y}}\n',
            '{{role "system"}}\n```js\nx\n```\n{{role "user"}}\n{{y}}\n',
            id="a fence ends with its message",
        ),
        pytest.param(
            "structure/heading-skip",
            "# A\n### B\n##### C\n### D\n## E\n",
            "# A\n## B\n### C\n## D\n## E\n",
            id="headings are lifted with what is below them",
        ),
        pytest.param(
            "structure/query-before-data",
            "<question>{{question}}</question>\r\n<documents>\r\n{{documents}}\r\n</documents>\r\n",
            "<documents>\r\n{{documents}}\r\n</documents>\r\n<question>{{question}}</question>\r\n",
            id="a question in tags on one line",
        ),
        pytest.param(
            "structure/query-before-data",
            "{{#if question}}\nQuestion: {{question}}\n{{/if}}\n{{context}}",
            "{{context}}\n{{#if question}}\nQuestion: {{question}}\n{{/if}}",
            id="a question in a block",
        ),
        pytest.param(
            "structure/query-before-data",
            "Answer {{question}} with {{context}}.",
            "Answer {{question}} with {{context}}.",
            id="a question and data on one line",
        ),
        pytest.param(
            "output/length-open",
            "Summarise the article:\n{{article}}",
            "Write at most 150 words. Summarise the article:\n{{article}}",
            id="before a colon",
        ),
        pytest.param(
            "output/length-open",
            "Write a story about {{subject}}\n",
            "Write a story about {{subject}}. Write at most 150 words.\n",
            id="after a value",
        ),
        pytest.param(
            "output/length-open",
            "{{#if a}}Write a story about {{a}}.{{/if}}",
            "{{#if a}}Write a story about {{a}}.{{/if}}",
            id="not inside a block",
        ),
        pytest.param(
            "output/skeleton-missing",
            "---\noutput:\n  schema:\n    a(object):\n      b: string\n    c(array): string\n---\nReturn JSON.",
            "---\noutput:\n  schema:\n    a(object):\n      b: string\n    c(array): string\n---\nReturn JSON.\n"
            '```json\n{"a": {"b": ""}, "c": []}\n```',
            id="a skeleton from the schema",
        ),
        pytest.param(
            "output/schema-drift",
            '---\noutput:\n  schema:\n    a_b: string\n    c: string\n---\nReturn JSON: {"a_b": ""}',
            '---\noutput:\n  schema:\n    a_b: string\n    c: string\n---\nReturn JSON: {"a_b": "", "c": ""}',
            id="a field that the shown JSON lacks",
        ),
        pytest.param(
            "output/answer-before-reasoning",
            "---\noutput:\n  schema:\n    answer: string\n    from(array):\n      url: string\n    reasoning: string\n"
            "---\n{{q}}",
            "---\noutput:\n  schema:\n    reasoning: string\n    answer: string\n    from(array):\n      url: string\n"
            "---\n{{q}}",
            id="a field of the schema",
        ),
        pytest.param(
            "output/answer-before-reasoning",
            'Return JSON: {"id": 1, "answer": "a, {b}", "tags": ["x"], "reason": ""}',
            'Return JSON: {"id": 1, "reason": "", "answer": "a, {b}", "tags": ["x"]}',
            id="a member of shown JSON",
        ),
        pytest.param(
            "examples/duplicate",
            '{{role "user"}}\nHi\n{{role "model"}}\ngreeting\n{{role "user"}}\nhi!\n{{role "model"}}\ngreeting\n'
            '{{role "user"}}\n{{x}}',
            '{{role "user"}}\nHi\n{{role "model"}}\ngreeting\n{{role "user"}}\n{{x}}',
            id="a pair of turns",
        ),
        pytest.param(
            "examples/duplicate",
            "<example>\nInput: a b\nOutput: c\n</example>\n<example>\nInput: A b.\nOutput: c\n</example>\n{{x}}",
            "<example>\nInput: a b\nOutput: c\n</example>\n{{x}}",
            id="an example in tags",
        ),
    ],
)
def test_fixes(rule: str, before: str, after: str) -> None:
    assert mended(before, rule) == after


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_good_samples_need_no_advice(path: Path) -> None:
    workspace = Workspace([ROOT / "samples"], SettingsSources(user=None, variables={}))
    rules = [rule for rule in built_in_rules() if rule.family in FAMILIES]
    assert [(each.rule, each.message) for each in run(workspace.prompt(path), rules)] == []

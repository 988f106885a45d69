"""Every report about variables, partials, messages and templates on real files, each read by eye.

A new line here, or one that goes, is either a mended mistake or a new one: read the file before changing the list.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from promptls.language.prompt import Prompt
from promptls.lint.registry import built_in_rules
from promptls.lint.runner import run
from promptls.settings import Settings

FAMILIES = {"template", "variables", "partials", "messages"}

TRUE = {
    # Google's own samples call role as a block, and promise partials that do not stand beside them.
    "google+dotprompt/examples/valid-blog-generator.prompt": [
        "15 template/block-role",
        "19 template/block-role",
    ],
    "google+dotprompt/examples/valid-customer-support.prompt": [
        "11 template/block-role",
        "16 template/block-role",
    ],
    # `reviewCriteria` is not in the schema; `{{#if detailed` lacks its braces.
    "google+dotprompt/examples/error-multiple-issues.prompt": [
        "10 template/block-role",
        "14 template/block-role",
        "21 variables/undefined reviewCriteria",
        "26 template/syntax",
    ],
    "google+dotprompt/examples/error-unclosed-block.prompt": [
        "11 template/unclosed-block",
        "11 variables/undefined premium",
    ],
    "google+dotprompt/examples/error-unmatched-closing-block.prompt": ["24 template/unexpected-close"],
    "google+dotprompt/examples/warning-undefined-variable.prompt": [
        "11 variables/undefined email",
        "12 variables/undefined age",
    ],
    "google+dotprompt/examples/warning-unused-variable.prompt": [
        "8 variables/unused email",
        "9 variables/unused age",
    ],
    # Handlebars has no `>=`; `interests` is not in the schema.
    "google+dotprompt/examples/valid-greeting.prompt": [
        "17 template/syntax",
        "23 variables/undefined interests",
    ],
    "google+dotprompt/examples/autocomplete.prompt": ["22 template/syntax", "25 template/syntax", "28 template/syntax"],
    # `mime` is not a name that media knows, and the text after the history becomes the model's.
    "google+dotprompt/examples/features.prompt": ["44 template/helper-arguments", "54 messages/history-position"],
    # The comment ends at its first `}}`, so that its second half is a user message before the system's.
    "google+dotprompt/examples/partials.prompt": [
        "19 messages/system-not-first",
        "28 partials/missing",
        "32 partials/missing",
    ],
    "google+dotprompt/examples/valid-comments-and-partials.prompt": ["20 partials/missing", "26 partials/missing"],
    # A partial's file name must begin with an underscore; these do not.
    "google+dotprompt/examples/partials/circular-partial-a.prompt": ["6 partials/missing"],
    "google+dotprompt/examples/partials/circular-partial-b.prompt": ["6 partials/missing"],
    # `section` is closed as if it were a block; `{{role}}` is the helper, not the member's field.
    "google+dotprompt/packages/codemirror/samples/10-kitchen-sink.prompt": [
        "99 template/helper-arguments",
        "104 template/unknown-helper",
        "131 template/unexpected-close",
    ],
    "google+dotprompt/packages/codemirror/samples/08-sections-thinking.prompt": ["58 template/unexpected-close"],
    "google+dotprompt/packages/codemirror/samples/07-multi-turn-history.prompt": ["38 messages/history-position"],
    # The comment ends at its first `}}`; no host is known that registers these helpers and partials.
    "google+dotprompt/packages/codemirror/samples/06-partials.prompt": [
        "33 messages/system-not-first",
        "44 partials/missing",
        "48 partials/missing",
        "49 template/unknown-helper",
    ],
    "google+dotprompt/packages/codemirror/samples/05-handlebars-helpers.prompt": [
        "49 template/unknown-helper",
        "71 template/unknown-helper",
    ],
    # Registered by the host's code, which only the settings could tell: warnings.
    "genkit-ai+genkit/go/samples/basic-prompts/prompts/recipe.prompt": ["13 partials/missing"],
    "genkit-ai+genkit/js/testapps/prompt-file/prompts/recipe.prompt": ["17 template/unknown-helper"],
    "genkit-ai+genkit/py/samples/prompts/prompts/recipe.prompt": ["18 template/unknown-helper"],
    "genkit-ai+genkit/js/genkit/tests/prompts/kitchensink.prompt": ["25 messages/history-position"],
    # A default for an input that neither the schema nor the template knows.
    "genkit-ai+genkit/js/testapps/dev-ui-gallery/prompts/code.prompt": ["18 variables/unused persona"],
    "genkit-ai+genkit/js/testapps/dev-ui-gallery/prompts/markdown.prompt": ["19 variables/unused persona"],
    # "Tell a joke about {subject}": the model really gets the braces.
    "genkit-ai+genkit/js/testapps/express/prompts/TellJoke.prompt": ["5 template/foreign-syntax"],
    "genkit-ai+genkit/js/testapps/firebase-functions-sample1/functions/prompts/TellJoke.prompt": [
        "5 template/foreign-syntax"
    ],
    "genkit-ai+genkit/js/testapps/flow-simple-ai/prompts/TellJoke.prompt": ["7 template/foreign-syntax"],
}
# The same samples stand in two packages.
MONACO = {path.replace("/codemirror/", "/monaco/"): found for path, found in TRUE.items() if "/codemirror/" in path}

ERRORS_OF_THE_HOST = {"template/unknown-helper", "partials/missing"}
"""What only a host program's code could refute: never an error unless the project's files or settings speak for it."""


class CorpusProject:
    """The corpus as a project: a partial stands in the folder of its caller or in one above."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def prompt(self, path: Path) -> Prompt:
        return Prompt(path.read_bytes().decode(), settings=Settings(), path=path, project=self)

    def partial_path(self, name: str, prompt: Prompt) -> Path | None:
        assert prompt.path is not None
        relative = Path(name).with_name(f"_{Path(name).name}.prompt")
        folders = [folder for folder in prompt.path.parents if folder.is_relative_to(self.root)]
        return next((path for folder in folders if (path := folder / relative).is_file()), folders[0] / relative)

    def partial(self, name: str, prompt: Prompt) -> Prompt | None:
        path = self.partial_path(name, prompt)
        return self.prompt(path) if path is not None and path.is_file() else None

    def partial_names(self, prompt: Prompt) -> Sequence[str]:
        assert prompt.path is not None
        return sorted(path.name[1:].removesuffix(".prompt") for path in prompt.path.parent.rglob("_*.prompt"))

    def has_dotprompt_sibling(self, prompt: Prompt) -> bool:
        return False

    def has_tests(self, prompt: Prompt) -> bool:
        return False

    def is_included(self, prompt: Prompt) -> bool:
        return True

    def alike(self, prompt: Prompt) -> Sequence[Path]:
        return ()


@pytest.fixture(scope="module")
def reports(shared: Path) -> dict[str, list[tuple[str, str, str, str]]]:
    """The findings by file: line, rule, text and severity, of every rule that claims to be right."""
    root = shared / "corpus"
    project = CorpusProject(root)
    rules = [rule for rule in built_in_rules() if rule.family in FAMILIES and rule.certainty != "suggestion"]
    found = {}
    for path in sorted(root.rglob("*.prompt")):
        prompt = project.prompt(path)
        findings = sorted(run(prompt, rules), key=lambda each: each.range)
        found[path.relative_to(root).as_posix()] = [
            (
                str(prompt.source.position(each.range.start).line + 1),
                each.rule,
                prompt.text[slice(*each.range)],
                each.severity.label if each.severity else "",
            )
            for each in findings
        ]
    return found


def test_every_report_has_been_read(reports: dict[str, list[tuple[str, str, str, str]]]) -> None:
    told = {
        path: [
            f"{line} {rule} {text}" if rule.startswith("variables/") else f"{line} {rule}"
            for line, rule, text, _ in each
        ]
        for path, each in reports.items()
        if each
    }
    assert told == {**TRUE, **MONACO}
    assert len(reports) >= 112


def test_what_a_host_may_provide_is_no_error(reports: dict[str, list[tuple[str, str, str, str]]]) -> None:
    severities = {severity for each in reports.values() for _, rule, _, severity in each if rule in ERRORS_OF_THE_HOST}
    assert severities == {"warning"}

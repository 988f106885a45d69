"""Comments that wave a finding through: `{{! promptls: ignore rule-id }}` and `# promptls: ignore rule-id`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from promptls.language.prompt import Prompt, facet, frontmatter, template
from promptls.lint.rule import Finding
from promptls.syntax.handlebars.nodes import CommentStatement, walk
from promptls.syntax.source import Range

_DIRECTIVE = re.compile(r"promptls:[ \t]*ignore(?P<file>-file)?(?P<selectors>[ \t]+[\w/,\- \t]*)?")
_FRONTMATTER_COMMENT = re.compile(r"(?:^|(?<=[ \t\r\n]))#[ \t]*(?P<directive>promptls:[^\r\n]*)")
_SELECTOR = re.compile(r"[\w/-]+")


@dataclass(frozen=True, slots=True)
class Selector:
    """One rule id, family or `all` named by a suppression."""

    text: str
    range: Range

    def takes(self, rule: str) -> bool:
        """Whether it names this rule."""
        return self.text in ("all", rule, rule.partition("/")[0])


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment and what it silences: findings of `selectors` that start within `scope`."""

    range: Range
    selectors: tuple[Selector, ...]
    scope: Range
    whole_file: bool

    def silences(self, finding: Finding) -> bool:
        """Whether it holds this finding back."""
        if not self.scope.start <= finding.range.start <= self.scope.end:
            return False
        return any(selector.takes(finding.rule) for selector in self.selectors)


@facet
def suppressions(prompt: Prompt) -> tuple[Suppression, ...]:
    """Every suppression of a file, in source order."""
    if "promptls:" not in prompt.text:
        return ()
    return tuple(_read(prompt))


def _read(prompt: Prompt) -> Iterator[Suppression]:
    head = frontmatter(prompt)
    if head is not None:
        for match in _FRONTMATTER_COMMENT.finditer(prompt.text, *head.yaml_range):
            yield from _suppression(prompt, Range(*match.span()), match.start("directive"))
    for node in walk(template(prompt).program):
        if isinstance(node, CommentStatement):
            at = prompt.text.find("promptls:", *node.range)
            if at >= 0 and not prompt.text[node.range.start : at].strip("{~!- \t"):
                yield from _suppression(prompt, node.range, at)


def _suppression(prompt: Prompt, comment: Range, directive: int) -> Iterator[Suppression]:
    match = _DIRECTIVE.match(prompt.text, directive, comment.end)
    if match is None:
        return
    selectors: Iterable[re.Match[str]] = ()
    if match["selectors"] is not None:
        selectors = _SELECTOR.finditer(prompt.text, *match.span("selectors"))
    # A comment's own closing dashes are not a rule's name.
    named = tuple(Selector(each.group(), Range(*each.span())) for each in selectors if each.group().strip("-"))
    if match["file"]:
        scope = Range(0, len(prompt.text))
    else:
        source = prompt.source
        first = source.line_range(source.line_at(comment.start)).start
        scope = Range(first, source.line_range(source.line_at(comment.end) + 1).end)
    yield Suppression(comment, named, scope, whole_file=match["file"] is not None)

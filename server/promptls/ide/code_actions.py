"""What can be done about findings: fix one, fix all, or wave one through with a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptls.ide.explanation import points_label
from promptls.language.formats import is_dotprompt
from promptls.language.prompt import Prompt, frontmatter, template
from promptls.lint.rule import Finding
from promptls.lint.runner import findings, fix_all
from promptls.lint.suppressions import Suppression, suppressions
from promptls.score.score import earnings
from promptls.syntax.handlebars.nodes import (
    BlockStatement,
    ContentStatement,
    Node,
    PartialBlockStatement,
    Program,
    path_to,
)
from promptls.syntax.source import Range, TextEdit
from promptls.syntax.yaml_nodes import YamlScalar, walk


@dataclass(frozen=True, slots=True)
class CodeAction:
    """Edits of the prompt's own text, to be applied together, that do something about `finding`.

    `preferred` marks what an editor may apply without asking: fixes that keep what the prompt says. `dismisses` says
    that the finding is waved through and not mended.
    """

    title: str
    edits: tuple[TextEdit, ...]
    finding: Finding
    preferred: bool = False
    dismisses: bool = False


def findings_at(prompt: Prompt, range: Range) -> tuple[Finding, ...]:
    """The findings that touch a range, or a cursor."""
    return tuple(each for each in findings(prompt) if each.range.start <= range.end and range.start <= each.range.end)


def quick_fixes(prompt: Prompt, found: Sequence[Finding]) -> Iterator[CodeAction]:
    """Every action for some findings of a prompt: all fixes first, then all suppressions.

    The titles of fixes say the points that they earn, where those are shown at all.
    """
    for finding in found:
        earned = _earned(prompt, finding)
        if finding.fix is not None:
            yield CodeAction(f"{finding.fix.title}{earned}", finding.fix.edits, finding, preferred=finding.fix.safe)
        for other in finding.alternatives:
            yield CodeAction(f"{other.title}{earned}", other.edits, finding)
    seen: set[str] = set()
    for finding in found:
        if line := suppress_on_line(prompt, finding):
            yield CodeAction(f"Ignore {finding.rule} on this line", (line,), finding, dismisses=True)
    for finding in found:
        if finding.rule not in seen and (file := suppress_in_file(prompt, finding)):
            seen.add(finding.rule)
            yield CodeAction(f"Ignore {finding.rule} in this file", (file,), finding, dismisses=True)


def _earned(prompt: Prompt, finding: Finding) -> str:
    """What mending a finding adds to the score, as the end of a title."""
    if not prompt.settings.editor.score or (finding.fix is None and not finding.alternatives):
        return ""
    identity = finding.rule, finding.range
    points = (each.points for each in earnings(prompt) if (each.finding.rule, each.finding.range) == identity)
    label = points_label(next(points, 0))
    return f" ({label})" if label else ""


def fix_everything(prompt: Prompt) -> tuple[TextEdit, ...]:
    """The edits that apply every safe fix until none is left; empty where there is nothing to do."""
    fix = fix_all(prompt)
    return fix.edits if fix else ()


def has_safe_fix(prompt: Prompt) -> bool:
    """Whether `fix_everything` has something to do; cheaper than asking for the edits."""
    return any(finding.fix is not None and finding.fix.safe for finding in findings(prompt))


def suppress_on_line(prompt: Prompt, finding: Finding) -> TextEdit | None:
    """The edit that silences a finding where it begins; None where no comment can stand.

    In the template it adds a comment on a line of its own, which renders as nothing.
    """
    if not _can_be_suppressed(prompt, finding):
        return None
    start = finding.range.start
    source = prompt.source
    line = source.line_at(start)
    for suppression in suppressions(prompt):
        above = line - source.line_at(suppression.range.end)
        if not suppression.whole_file and above in (0, 1) and (edit := _extended(suppression, finding)):
            return edit
    at = source.line_range(line).start
    indent = prompt.text[at:start][: len(prompt.text[at:start]) - len(prompt.text[at:start].lstrip(" \t"))]
    head = frontmatter(prompt)
    if head is not None and start < head.range.end:
        if not head.yaml_range.start <= start < head.yaml_range.end or _in_scalar(prompt, at):
            return None
        return _comment_line(at, f"{indent}# promptls: ignore {finding.rule}", source.newline)
    if not _between_tags(prompt, at):
        return None
    return _comment_line(at, f"{indent}{{{{! promptls: ignore {finding.rule} }}}}", source.newline)


def suppress_in_file(prompt: Prompt, finding: Finding) -> TextEdit | None:
    """The edit that silences a finding's rule in the whole file; None where no comment can stand."""
    if not _can_be_suppressed(prompt, finding):
        return None
    for suppression in suppressions(prompt):
        if suppression.whole_file and (edit := _extended(suppression, finding)):
            return edit
    head = frontmatter(prompt)
    newline = prompt.source.newline
    if head is not None:
        return _comment_line(head.yaml_range.start, f"# promptls: ignore-file {finding.rule}", newline)
    return _comment_line(0, f"{{{{! promptls: ignore-file {finding.rule} }}}}", newline)


def _can_be_suppressed(prompt: Prompt, finding: Finding) -> bool:
    return "/" in finding.rule and is_dotprompt(prompt)


def _comment_line(at: int, comment: str, newline: str) -> TextEdit:
    return TextEdit(Range(at, at), comment + newline)


def _extended(suppression: Suppression, finding: Finding) -> TextEdit | None:
    """The edit that adds a rule to a suppression that names some already."""
    if not suppression.selectors:
        return None
    end = suppression.selectors[-1].range.end
    return TextEdit(Range(end, end), f", {finding.rule}")


def _in_scalar(prompt: Prompt, offset: int) -> bool:
    """Whether the start of a line lies inside a text of the frontmatter that runs over several lines."""
    head = frontmatter(prompt)
    if head is None or head.root is None:
        return False
    return any(isinstance(node, YamlScalar) and node.range.start < offset <= node.range.end for node in walk(head.root))


def _between_tags(prompt: Prompt, offset: int) -> bool:
    """Whether a comment at the start of a line would be read as one."""
    return all(_may_hold_comment(node, offset) for node in path_to(template(prompt).program, offset))


def _may_hold_comment(node: Node, offset: int) -> bool:
    if not node.range.start < offset < node.range.end:
        return True
    if isinstance(node, BlockStatement):
        return not node.raw
    return isinstance(node, Program | ContentStatement | PartialBlockStatement)

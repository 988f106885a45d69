"""What can stand at a cursor."""

from __future__ import annotations

from collections.abc import Iterator

from promptls.ide.completion.frontmatter import complete_frontmatter
from promptls.ide.completion.items import CompletionItem, CompletionList, Word, completion_list
from promptls.ide.completion.suppressions import complete_suppression
from promptls.ide.completion.template import complete_template
from promptls.ide.prompt_templates import FRONTMATTER_SNIPPET, PROMPT_TEMPLATES
from promptls.ide.tag_cursor import takes_tags, template_comment_at
from promptls.ide.yaml_cursor import frontmatter_comment_at, yaml_range
from promptls.language.prompt import Prompt, frontmatter
from promptls.syntax.source import Range
from promptls.workspace import Workspace

TRIGGER_CHARACTERS = ("{", "#", "/", ">", "^", "@", ".", '"', "'", "(", "=", "|", ":", "[", ",", "-", " ")
"""After these characters an editor should ask; in running text the answer is empty all the same."""


def complete(prompt: Prompt, offset: int, workspace: Workspace | None = None) -> CompletionList:
    """What can stand at a cursor, best first; empty in running text and in files of other formats.

    A plain text is completed too, since its first braces may make it a prompt. `workspace` tells of other prompts.
    """
    inside_line_end = prompt.text[max(0, offset - 1) : offset + 1] == "\r\n"
    if inside_line_end or not takes_tags(prompt):
        return CompletionList()
    begun = completion_list(_beginnings(prompt, offset))
    if begun.items:
        return begun
    if yaml_range(prompt, offset) is not None:
        comment = frontmatter_comment_at(prompt, offset)
        if comment is not None:
            return completion_list(complete_suppression(prompt.text, comment))
        return complete_frontmatter(prompt, offset, workspace)
    head = frontmatter(prompt)
    if head is not None and offset < head.range.end:
        return CompletionList()
    comment = template_comment_at(prompt, offset)
    if comment is not None:
        return completion_list(complete_suppression(prompt.text, comment))
    return completion_list(complete_template(prompt, offset))


def _beginnings(prompt: Prompt, offset: int) -> Iterator[CompletionItem]:
    """Whole prompts for an empty file, and a frontmatter where its first fence is being typed."""
    text = prompt.text
    start, end = prompt.source.line_range(0)
    typed = text[start:offset]
    if offset > end or frontmatter(prompt) is not None or typed.strip("-") or len(typed) > 3:
        return
    word = Word(Range(0, offset), Range(0, end if not text[offset:end].strip("-") else offset))
    is_empty = not text.strip("- \t\r\n")
    if is_empty:
        for each in PROMPT_TEMPLATES.values():
            yield word.item(
                each.title,
                "snippet",
                each.snippet,
                snippet=True,
                filter_text=typed or each.name,
                detail=each.summary,
                data={"kind": "template", "name": each.name},
            )
    if is_empty or typed:
        detail = "model and inputs"
        yield word.item(
            "frontmatter",
            "snippet",
            FRONTMATTER_SNIPPET,
            snippet=True,
            filter_text=typed or "frontmatter",
            detail=detail,
        )

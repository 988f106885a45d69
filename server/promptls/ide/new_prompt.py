"""New prompts from templates: basic, role-based, few-shot, chain-of-thought, step-by-step."""

from __future__ import annotations

from pathlib import Path

from promptls.ide.edits import Refused, WorkspaceEdit
from promptls.ide.prompt_templates import PROMPT_TEMPLATES
from promptls.workspace.files import SUFFIX, is_prompt_file, prompt_name


def new_prompt(template: str, path: Path, *, exists: bool) -> WorkspaceEdit:
    """Make the file at `path` from the template of that name; raises `Refused`.

    `exists` says whether there is such a file already; only the workspace knows that of unsaved ones.
    """
    if template not in PROMPT_TEMPLATES:
        raise Refused(f"there is no template {template!r}: take {', '.join(PROMPT_TEMPLATES)}.")
    if not is_prompt_file(path.name):
        raise Refused(f"the name of a prompt ends with {SUFFIX}.")
    if prompt_name(path).is_partial:
        raise Refused("a name that begins with _ is that of a partial, which has no frontmatter.")
    if exists:
        raise Refused(f"there is a file {path.name} already.")
    return WorkspaceEdit(created={path: PROMPT_TEMPLATES[template].text})

"""The files of a project: finding them, reading them, their settings and partials, open buffers before disk."""

from promptls.workspace.files import FileProblem, PromptName, prompt_name
from promptls.workspace.questions import Questions, ask
from promptls.workspace.workspace import Workspace

__all__ = ["FileProblem", "PromptName", "Questions", "Workspace", "ask", "prompt_name"]

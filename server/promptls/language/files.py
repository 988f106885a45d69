"""What a prompt's file name says."""

from __future__ import annotations

from promptls.language.prompt import Prompt

TESTS_SUFFIX = ".test.yaml"
"""What follows a prompt's name in the name of the file that holds its test cases."""


def identity(prompt: Prompt) -> object:
    """What tells one file from another, whichever of its versions a `Prompt` holds."""
    return prompt.path if prompt.path is not None else id(prompt)


def is_partial(prompt: Prompt) -> bool:
    """Whether the file is a partial (`_name.prompt`), whose surroundings are those of its callers."""
    return prompt.path is not None and prompt.path.name.startswith("_")

"""What each of a prompt's runtimes does with a mistake, as sentences for a finding's help."""

from __future__ import annotations

from promptls.language.prompt import Prompt


def minds(prompt: Prompt, runtime: str) -> bool:
    """Whether the prompt must work in a runtime (`js`, `python`)."""
    return runtime in prompt.settings.runtimes


def consequences(prompt: Prompt, *, js: str | None = None, python: str | None = None) -> str:
    """What the prompt's runtimes do, one sentence each; all of them where the settings name none of these."""
    told = {"js": js and f"The JavaScript runtime {js}.", "python": python and f"The Python runtime {python}."}
    wanted = [runtime for runtime in told if minds(prompt, runtime)] or list(told)
    return " ".join(sentence for runtime in wanted if (sentence := told[runtime]))

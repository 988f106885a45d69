"""What every rule says of a prompt, those that only suggest included: what optimising mends, and counts."""

from __future__ import annotations

from promptls.language.prompt import Prompt, facet
from promptls.lint.rule import Finding, Rule
from promptls.lint.runner import registry, run
from promptls.lint.suppressions import suppressions


@facet
def every_finding(prompt: Prompt) -> tuple[Finding, ...]:
    """The findings of all rules that the settings do not ignore, without what is suppressed, in source order."""
    silencing = suppressions(prompt)
    found = run(prompt, rules(prompt))
    kept = [each for each in found if not any(one.silences(each) for one in silencing)]
    return tuple(sorted(kept, key=lambda each: (each.range, each.rule)))


@facet
def rules(prompt: Prompt) -> tuple[Rule, ...]:
    """All rules that the settings do not ignore."""
    settings = prompt.settings
    ignored_here = settings.ignored_in(prompt.path) if prompt.path is not None else ()
    ignored = [*settings.ignore, *sorted(ignored_here)]
    return registry(settings).selected(("default", *settings.extend_select), ignored, suggestions=True)

"""Steps that take over what rules themselves offer to mend a prompt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from promptls.analysis.contract import output_contract
from promptls.analysis.intent import intent
from promptls.language.prompt import Prompt, facet
from promptls.language.scope import scope
from promptls.language.tree import tree
from promptls.language.uses import called_name
from promptls.lint.input_names import LONG_DATA, words_of_name
from promptls.lint.packs import packs_of
from promptls.lint.rule import Finding
from promptls.lint.runner import applicable, run
from promptls.lint.suppressions import suppressions
from promptls.optimize.draft import Draft, Step
from promptls.optimize.every_finding import rules
from promptls.score.defects import scoring_findings
from promptls.syntax.handlebars.nodes import BlockStatement

StepMaker = Callable[[Draft], Iterator[Step]]
"""Proposes a step, and smaller ones to be taken instead where that is refused: the first that passes is taken."""

STAGE = "structure"


def mend(rule: str, title: str, *, only: Callable[[Draft], bool] = lambda draft: True) -> StepMaker:
    """Apply the fixes of a rule's findings: all together, or else the first that gets through alone."""

    def make(draft: Draft) -> Iterator[Step]:
        found = [each for each in asked_for(draft.prompt) if each.rule == rule]
        if found and only(draft):
            yield from _steps(found, STAGE, title, rule)

    return make


def refine(draft: Draft) -> Iterator[Step]:
    """The replacements that the rules of the prompt's domain offer, one step for each rule."""
    families = packs_of(draft.prompt.settings).by_name
    found: dict[str, list[Finding]] = {}
    for each in asked_for(draft.prompt):
        if each.rule.partition("/")[0] in families:
            found.setdefault(each.rule, []).append(each)
    for rule, each_of_it in found.items():
        yield from _steps(each_of_it, "refine", f"Say it as {rule} asks", rule)


def _steps(found: list[Finding], stage: str, title: str, rule: str) -> Iterator[Step]:
    chosen = applicable(found, unsafe=True)
    for group in ([chosen] if len(chosen) > 1 else []) + [[each] for each in chosen]:
        edits = tuple(edit for each in group if each.fix is not None for edit in each.fix.edits)
        places = f" ({len(group)} places)" if len(group) > 1 else ""
        yield Step(stage, f"{title}{places}", edits, rule)


@facet
def asked_for(prompt: Prompt) -> tuple[Finding, ...]:
    """What rules find that the strategy may mend: what moves the score, which is known already, and some more."""
    families = packs_of(prompt.settings).by_name
    further = [
        rule
        for rule in rules(prompt)
        if rule.dimension is None
        and (rule.id in _WITHOUT_POINTS or (rule.family in families and rule.fixable != "none"))
    ]
    silencing = suppressions(prompt)
    found = [each for each in run(prompt, further) if not any(one.silences(each) for one in silencing)]
    return (*scoring_findings(prompt), *found)


_WITHOUT_POINTS = frozenset({"security/unfenced-variable", "security/no-data-rule", "cost/cache-hostile"})


def _is_in_condition(draft: Draft) -> bool:
    """Whether some long data is there only at times: then nothing can be said of what it does not hold."""
    prompt = draft.prompt
    blocks = [each.range for each in tree(prompt).of(BlockStatement) if called_name(each.open.path) == "if"]
    data = [
        use.range
        for use in scope(prompt).uses
        if use.steps and (words_of_name(use.steps[0].segment.name) or ("",))[-1] in LONG_DATA
    ]
    return any(block.encloses(range) for block in blocks for range in data)


_EXTRACTS = re.compile(r"\b(?:extract|extrae|extraiga)\b", re.IGNORECASE)
_ALL = re.compile(r"\b(?:all|every|each|any|list|todos?|todas?|cada|lista)\b", re.IGNORECASE)


def _lists(draft: Draft) -> bool:
    """Whether as many things are wanted as there are: then nothing can be missing of which to say so."""
    found = intent(draft.prompt)
    if found.name != "extract" or found.range is None:
        return False
    sentence = draft.prompt.text[slice(*found.range)]
    return _EXTRACTS.search(sentence) is None or _ALL.search(sentence) is not None


def _classifies(draft: Draft) -> bool:
    """Whether all that the format leaves open is the label; any other format is its author's to choose."""
    return intent(draft.prompt).name == "classify"


WORDING: Mapping[str, StepMaker] = MappingProxyType(
    {
        "structure/unclosed-tag": mend("structure/unclosed-tag", "Close tags"),
        "load/repetition": mend("load/repetition", "Merge repeated rules"),
        "load/filler": mend("load/filler", "Drop filler"),
        "clarity/weak-rule": mend("clarity/weak-rule", "Turn weak rules into plain ones"),
        "load/emphasis": mend("load/emphasis", "Write shouted words small"),
        "examples/duplicate": mend("examples/duplicate", "Drop repeated examples"),
        "examples/inconsistent": mend("examples/inconsistent", "Write the examples alike"),
        "examples/unfenced": mend("examples/unfenced", "Fence the examples"),
        "structure/heading-skip": mend("structure/heading-skip", "Put headings on their level"),
    }
)
"""What says the same in better words."""

CONTRACT: Mapping[str, StepMaker] = MappingProxyType(
    {
        "output/schema-drift": mend("output/schema-drift", "Name the fields as the schema does"),
        "output/answer-before-reasoning": mend("output/answer-before-reasoning", "Put the reasoning first"),
        "output/json-word-missing": mend("output/json-word-missing", "Ask for JSON in words"),
        "output/format-missing": mend("output/format-missing", "Ask for the label alone", only=_classifies),
        # Google's guide to structured output warns against repeating in the text a schema that the API is given.
        "output/skeleton-missing": mend(
            "output/skeleton-missing",
            "Show what the output looks like",
            only=lambda draft: output_contract(draft.prompt).schema is None,
        ),
        "output/fallback-missing": mend(
            "output/fallback-missing",
            "Say what to do where there is no answer",
            only=lambda draft: not _is_in_condition(draft) and not _lists(draft),
        ),
    }
)
"""What completes the output contract with nothing that only the author can know."""

ORDER: Mapping[str, StepMaker] = MappingProxyType(
    {
        "structure/query-before-data": mend("structure/query-before-data", "Move the question behind the data"),
        "structure/flat": mend("structure/flat", "Write the orders as a list"),
    }
)
"""What puts the parts in order."""

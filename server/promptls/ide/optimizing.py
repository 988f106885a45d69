"""What the optimiser offers at a place of a prompt, and what came of it as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from promptls.analysis.sections import sections
from promptls.ide.explanation import points_label
from promptls.ide.measures import dollars
from promptls.language.formats import recognised
from promptls.language.prompt import Prompt, facet, template
from promptls.language.token_estimate import estimate_tokens
from promptls.optimize.changes import Change, changes
from promptls.optimize.draft import Request, SearchTree
from promptls.optimize.result import Result, Standing
from promptls.optimize.service import optimised
from promptls.optimize.strategies import overall
from promptls.syntax.source import Range, Source

_SMALL = 4_000
_MOST_STEPS = 12
_NO_TESTS = "The wizard searches by test cases, and there is no {name} beside this prompt."


@dataclass(frozen=True, slots=True)
class Optimization:
    """One thing that can be asked of the optimiser; with a `refusal` it cannot, for that reason."""

    title: str
    request: Request
    refusal: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What the strategy `static` would do, and the points that the steps of each rule add, in their order."""

    result: Result
    points: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@facet
def plan(prompt: Prompt) -> Plan:
    """The steps of `static`, each with what it earns."""
    result = optimised(prompt, Request())
    text, before = result.seed.text, result.before.score or 0
    points: dict[str, int] = {}
    for step in result.steps:
        text = Source(text).edited(step.edits).text
        after = overall(prompt.with_text(text)) or 0
        if step.rule is not None:
            points[step.rule] = points.get(step.rule, 0) + after - before
        before = after
    return Plan(result, MappingProxyType(points))


def knows_plan(prompt: Prompt) -> bool:
    """Whether `plan` is there already, or is had in a moment."""
    return len(prompt.text) <= _SMALL or plan.is_known(prompt)


def optimizations(prompt: Prompt, range: Range) -> Iterator[Optimization]:
    """What can be asked of the optimiser here. The single steps are among it only where `knows_plan`."""
    if recognised(prompt).format not in ("dotprompt", "text"):
        return
    errors = template(prompt).errors
    broken = f"The template has a syntax error ({errors[0].message}): mend it first." if errors else None
    yield Optimization("Optimise statically", Request(), broken)
    if broken is None and knows_plan(prompt):
        yield from _steps(plan(prompt))
    yield Optimization("Optimise with a model (quick)", Request("quick"), broken)
    untested = None if prompt.project.has_tests(prompt) else _NO_TESTS.format(name=_tests_name(prompt))
    yield Optimization("Optimise with a model and test cases (wizard)", Request("wizard"), broken or untested)
    yield Optimization("Add examples", Request("examples"), broken)
    section = max((each for each in sections(prompt) if each.range.encloses(range)), default=None, key=_start)
    if section is not None:
        # What stands elsewhere stays as it is, so that no rule may mend anything there.
        request = Request("quick", steps=frozenset(), within=section.content)
        yield Optimization(f"Improve this section: {section.name or section.kind}", request, broken)


def _steps(known: Plan) -> Iterator[Optimization]:
    titles: dict[str, str] = {}
    for step in known.result.steps:
        if step.rule is not None:
            titles.setdefault(step.rule, step.title)
    for rule, title in list(titles.items())[:_MOST_STEPS]:
        label = points_label(known.points.get(rule, 0))
        earned = f" ({label})" if label else ""
        yield Optimization(f"Optimise statically: {title}{earned}", Request(steps=frozenset({rule})))


def optimise(prompt: Prompt, request: Request) -> Result:
    """The outcome of a request that needs no model."""
    return plan(prompt).result if request == Request() else optimised(prompt, request)


def result_changes(result: Result) -> tuple[Change, ...]:
    """What a result changes, piece by piece."""
    return changes(result.seed.text, result.steps) if result.status == "improved" else ()


def figures(result: Result) -> str:
    """What a result is worth, in a few words."""
    before, after = result.before, result.after
    told = [f"score {_number(before.score)} → {_number(after.score)}", f"{before.tokens} → {after.tokens} tokens"]
    if result.usage.calls:
        told.append(f"{result.usage.calls} calls")
    if result.usage.cost_usd:
        told.append(dollars(result.usage.cost_usd))
    return ", ".join(told)


def result_object(path: str, result: Result, diff: str | None = None) -> dict[str, Any]:
    """A result as `promptls optimize --format json` shows it."""
    usage = result.usage
    return {
        "path": path,
        "strategy": result.strategy,
        "status": result.status,
        "before": _standing(result.before),
        "after": _standing(result.after),
        "text": result.text,
        "diff": result.diff if diff is None else diff,
        "steps": [{"stage": step.stage, "rule": step.rule, "title": step.title} for step in result.steps],
        "usage": {
            "calls": usage.calls,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cost_usd": usage.cost_usd,
            "cache_hits": usage.cache_hits,
            "seconds": usage.seconds,
        },
        "error": result.error,
        "notes": list(result.notes),
        "proposals": {"system_prompt": result.proposals.system_prompt, "examples": list(result.proposals.examples)},
        "metrics": {
            name: {"before": before, "after": after} for name, (before, after) in sorted(result.metrics.items())
        },
        "search": _tree(result.search) if result.search is not None else None,
    }


def _tree(search: SearchTree) -> dict[str, Any]:
    return {
        "answer": search.answer,
        "held_out_cases": search.held_out_cases,
        "refused": dict(search.refused),
        "candidates": [
            {
                "number": number,
                "parents": list(each.parents),
                "operator": each.operator,
                "score": round(each.score, 4),
                "held_out": each.held_out,
                "tokens": estimate_tokens(each.text),
                "text": each.text,
            }
            for number, each in enumerate(search.candidates)
        ],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {"score": standing.score, "tokens": standing.tokens}


def _number(score: int | None) -> str:
    return "–" if score is None else str(score)


def _tests_name(prompt: Prompt) -> str:
    from promptls.testcases.document import test_path

    return test_path(prompt.path).name if prompt.path is not None else "test file"


def _start(section: Any) -> int:
    return int(section.range.start)

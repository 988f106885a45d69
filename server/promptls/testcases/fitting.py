"""Whether the cases of a test file fit its prompt: their inputs are its inputs, and it renders with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from promptls.language.inputs import inputs
from promptls.language.parameters import Parameter, parameters
from promptls.language.prompt import Prompt
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlMapping, YamlNode, YamlSequence, resolve
from promptls.testcases.document import TestCase, TestFile, TestProblem
from promptls.testcases.json_assertions import mismatches
from promptls.testcases.running import render_failure, rendered

_MOST_CASES = 200


def misfits(file: TestFile, prompt: Prompt) -> tuple[TestProblem, ...]:
    """What about the cases does not fit the prompt; of very many cases the first ones are looked at."""
    known = {each.name: each for each in parameters(prompt)}
    found: list[TestProblem] = []
    for case in file.cases[:_MOST_CASES]:
        prompt.check_cancelled()
        found += _unknown_inputs(case, prompt, known)
        found += _missing_inputs(case, known.values())
        found += _wrong_values(case, known)
        rendering = rendered(prompt, case)
        if not rendering.ok:
            message = f"the prompt does not render with this case: {render_failure(rendering)}"
            found.append(TestProblem(message, case.name_range))
    return tuple(sorted(found, key=lambda problem: problem.range))


def _unknown_inputs(case: TestCase, prompt: Prompt, known: dict[str, Parameter]) -> Iterator[TestProblem]:
    declared = inputs(prompt)
    if declared.schema is not None and not declared.complete:
        return
    for entry in case.input_entries:
        if entry.name is not None and entry.name not in known:
            near = get_close_matches(entry.name, list(known), 1, 0.6)
            meant = f"; did you mean `{near[0]}`?" if near else ""
            message = f"the prompt has no input `{entry.name}`{meant}"
            yield TestProblem(message, entry.key.range, "warning", near[0] if near else None)


def _missing_inputs(case: TestCase, known: Iterable[Parameter]) -> Iterator[TestProblem]:
    names = [each.name for each in known if each.declared and not each.optional and each.name not in case.input]
    if names:
        which = ", ".join(f"`{name}`" for name in names)
        what = "input" if len(names) == 1 else "inputs"
        yield TestProblem(f"the case lacks the required {what} {which}", case.name_range, "warning")


def _wrong_values(case: TestCase, known: dict[str, Parameter]) -> Iterator[TestProblem]:
    for entry in case.input_entries:
        parameter = known.get(entry.name or "")
        if parameter is None or parameter.schema is None or parameter.name not in case.input:
            continue
        for path, message in mismatches(case.input[parameter.name], parameter.schema.json):
            yield TestProblem(f"`{entry.name}`: {message}", _at(entry.value, path), "warning")


def _at(node: YamlNode, path: Sequence[str | int]) -> Range:
    """The place of a value inside a node, as far as it can be followed."""
    for step in path:
        resolved = resolve(node)
        if isinstance(resolved, YamlMapping) and isinstance(step, str) and (entry := resolved.get(step)) is not None:
            node = entry.value
        elif isinstance(resolved, YamlSequence) and isinstance(step, int) and step < len(resolved.items):
            node = resolved.items[step]
        else:
            break
    return node.range

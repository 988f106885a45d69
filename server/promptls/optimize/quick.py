"""The strategy `quick`: three checkers side by side, and at most two rewriters; two to five calls of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from promptls.language.prompt import layout
from promptls.optimize.asking import Model, question
from promptls.optimize.draft import Draft, Step
from promptls.optimize.guards import GUARDS, Guard, Rejection, rejection
from promptls.optimize.llm.conversation import Answer, ModelError
from promptls.optimize.observers import Observer, Observers
from promptls.optimize.pipeline import OptimizationError
from promptls.syntax.frontmatter import read_layout
from promptls.syntax.source import Range, TextEdit

CHECKERS = ("contradictions", "output-contract", "examples-and-rules")
MOST_ISSUES = 5
_REWRITES = 2

Issue = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quick:
    """Asks what is wrong and has only that rewritten. A rewrite that a guard refuses is asked for once more.

    Where every checker finds nothing the prompt stays as it is, after three calls.
    """

    model: Model
    guards: Mapping[str, Guard] = field(default_factory=lambda: GUARDS)
    observers: Observer = field(default_factory=Observers)
    name: str = "quick"

    def __call__(self, draft: Draft) -> Draft:
        issues, draft = self._issues(draft)
        if not issues:
            return draft.noted("The model found nothing to mend.")
        refused: Rejection | None = None
        for _ in range(_REWRITES):
            draft.seed.check_cancelled()
            candidate = self._rewritten(draft, issues, refused)
            refused = rejection(candidate, self.guards)
            self.observers.candidate(candidate.prompt.text, None, refused.guard if refused else "kept")
            if refused is None:
                return candidate.noted(*(f"{each['problem']}" for each in issues))
            draft = replace(draft, usage=candidate.usage)
        raise OptimizationError(f"no rewrite got past the guards: {refused.reason if refused else ''}")

    def _issues(self, draft: Draft) -> tuple[list[Issue], Draft]:
        body = _body(draft)
        answers = self.model.ask_all([question(name, {"prompt": body}) for name in CHECKERS])
        failures = [each for each in answers if isinstance(each, ModelError)]
        good = [each for each in answers if isinstance(each, Answer)]
        if not good:
            raise OptimizationError(str(failures[0]))
        for each in good:
            draft = draft.spent(each.usage)
            self.observers.spent(each.usage)
        found = [issue for each in good for issue in each.data["issues"][:MOST_ISSUES]]
        # What is not a quotation of the prompt was made up.
        place = _rewritable(draft)
        issues = [each for each in found if each["quote"].strip() and each["quote"].strip() in place]
        return issues, draft.noted(*(f"One checker gave no answer: {each}" for each in failures))

    def _rewritten(self, draft: Draft, issues: Sequence[Issue], refused: Rejection | None) -> Draft:
        data = {"prompt": _rewritable(draft), "issues": list(issues)}
        if refused is not None:
            data["refusal"] = refused.reason
        try:
            answer = self.model.ask(question("rewrite", data))
        except ModelError as error:
            raise OptimizationError(str(error)) from None
        self.observers.spent(answer.usage)
        text, title = answer.data["prompt"], "Rewrite what a model found wrong"
        within = draft.request.within
        if within is None:
            return with_body(draft, text, self.name, title).spent(answer.usage)
        edit = TextEdit(within, _in_place(draft.prompt.text[slice(*within)], text, draft.prompt.source.newline))
        return draft.after(Step(self.name, title, (edit,))).spent(answer.usage)


def with_body(draft: Draft, body: str, stage: str, title: str) -> Draft:
    """The draft with another template under its frontmatter, as one step; a frontmatter of the other's is dropped."""
    start, end = layout(draft.prompt).template_range
    own = read_layout(body)
    body = body[own.template_range.start :] if own.frontmatter is not None else body
    newline = draft.prompt.source.newline
    text = body.strip("\r\n").replace("\r\n", "\n").replace("\n", newline)
    return draft.after(Step(stage, title, (TextEdit(Range(start, end), text),)))


def _rewritable(draft: Draft) -> str:
    """What may be rewritten: the template, or the stretch of it that was pointed at."""
    within = draft.request.within
    return _body(draft) if within is None else draft.prompt.text[slice(*within)].strip()


def _in_place(old: str, new: str, newline: str) -> str:
    """The new text with the blank space that stood around the old one."""
    start = len(old) - len(old.lstrip())
    text = new.strip().replace("\r\n", "\n").replace("\n", newline)
    return f"{old[:start]}{text}{old[max(start, len(old.rstrip())) :]}"


def _body(draft: Draft) -> str:
    start, end = layout(draft.prompt).template_range
    return draft.prompt.text[start:end]

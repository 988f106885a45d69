"""What no candidate gets past. A guard refuses; it never repairs, since a repair would hide who broke what."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from promptls.language.prompt import Cancelled, Prompt, facet, frontmatter, layout, template
from promptls.language.render.engine import Rendering, RenderRequest, TextPart
from promptls.language.render.evaluator import render
from promptls.language.render.sample_input import sample_inputs
from promptls.language.token_estimate import estimate_tokens
from promptls.optimize.contracts import broken_promise
from promptls.optimize.draft import Draft
from promptls.optimize.skeleton import placeholders, roles

logger = logging.getLogger(__name__)

COPIED_WORDS = 5
"""So many words in a row, taken from a held-out case, are a leak: GEPA was seen to copy training text that way."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_HISTORY = ({"role": "user", "content": [{"text": "earlier"}]},)


_Printed = tuple[Counter[tuple[str, str]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a candidate was refused, in one sentence without a final stop."""

    guard: str
    reason: str


Guard = Callable[[Draft], str | None]
"""Compares `draft.prompt` with `draft.baseline`; gives the reason to refuse it, or None."""


def parses(draft: Draft) -> str | None:
    """The template and the frontmatter must be well formed."""
    errors = template(draft.prompt).errors
    if errors:
        return f"its template does not parse ({errors[0].message})"
    head = frontmatter(draft.prompt)
    if head is not None and (head.error is not None or head.close_fence is None):
        return "its frontmatter does not parse"
    return None


def keeps_placeholders(draft: Draft) -> str | None:
    """Variables, helpers, blocks and partials must all be there as often as before, in the same blocks and messages."""
    with_roles = not draft.request.permissions.roles
    before = placeholders(draft.baseline, with_roles=with_roles)
    after = placeholders(draft.prompt, with_roles=with_roles)
    if before == after:
        return None
    lost, new = before - after, after - before
    for each in lost:
        if any(other.tag == each.tag for other in new):
            return f"it moves {each.tag} to another block or message"
        return f"it drops {each.tag}"
    return f"it adds {next(iter(new)).tag}"


def stays_within(draft: Draft) -> str | None:
    """Only the stretch that was pointed at may change, where one was."""
    within = draft.request.within
    if within is None:
        return None
    seed, text = draft.seed.text, draft.prompt.text
    before, after = seed[: within.start], seed[within.end :]
    kept = len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)
    return None if kept else "it changes more than what it was pointed at"


def keeps_roles(draft: Draft) -> str | None:
    """The messages must have the same roles in the same order, unless it was asked to change them."""
    if draft.request.permissions.roles or roles(draft.baseline) == roles(draft.prompt):
        return None
    return "it changes the roles of messages"


def keeps_frontmatter(draft: Draft) -> str | None:
    """The frontmatter must stay as it is, unless it was asked to change it."""
    if draft.request.permissions.frontmatter or _head(draft.baseline) == _head(draft.prompt):
        return None
    return "it changes the frontmatter"


def renders(draft: Draft) -> str | None:
    """It must render with whatever the baseline renders with, and show the same values in the same messages."""
    for request, before in _rendered(draft.baseline):
        if before is None:
            continue
        after = render(draft.prompt, request)
        if not after.ok:
            reason = next(error.message for error in after.errors if error.throws)
            return f"it does not render with every input ({reason})"
        if not draft.request.permissions.roles and before != _printed(after):
            return "it does not show the same values of its input"
    return None


@facet
def _rendered(prompt: Prompt) -> tuple[tuple[RenderRequest, _Printed | None], ...]:
    """What a prompt prints for each of its sample inputs, or None where it does not render: many are compared to it."""
    requests = (RenderRequest(input=data, history=_HISTORY) for data in sample_inputs(prompt))
    rendered = ((request, render(prompt, request)) for request in requests)
    return tuple((request, _printed(one) if one.ok else None) for request, one in rendered)


def keeps_contract(draft: Draft) -> str | None:
    """What the answer must look like must still be said, and no example may break it."""
    return broken_promise(draft.baseline, draft.prompt)


def copies_nothing(draft: Draft) -> str | None:
    """No five words in a row may come from a held-out test case."""
    if not draft.request.held_out:
        return None
    own = _runs(draft.seed.text)
    new = _runs(draft.prompt.text) - own
    for case in draft.request.held_out:
        if new & _runs(case):
            return f"it copies {COPIED_WORDS} words in a row or more from a held-out test case"
    return None


def stays_below_ceilings(draft: Draft) -> str | None:
    """It must not take more tokens, or more money for them, than it may."""
    ceilings = draft.request.ceilings
    counts = ceilings.tokens is not None or ceilings.growth is not None
    tokens = estimate_tokens(draft.prompt.text) if counts else 0
    if ceilings.tokens is not None and tokens > ceilings.tokens:
        return f"it takes about {tokens} tokens, more than the {ceilings.tokens} that it may"
    if ceilings.growth is not None:
        most = round(estimate_tokens(draft.seed.text) * ceilings.growth)
        if tokens > most:
            return f"it takes about {tokens} tokens, more than the {most} that it may"
    if ceilings.cost_usd is not None and draft.usage.cost_usd > ceilings.cost_usd:
        return f"it cost {draft.usage.cost_usd:.4f} USD, more than the {ceilings.cost_usd:.4f} that it may"
    return None


GUARDS: Mapping[str, Guard] = MappingProxyType(
    {
        "parses": parses,
        "roles": keeps_roles,
        "placeholders": keeps_placeholders,
        "frontmatter": keeps_frontmatter,
        "within": stays_within,
        "contract": keeps_contract,
        "renders": renders,
        "copied": copies_nothing,
        "ceilings": stays_below_ceilings,
    }
)
"""Every guard but the score's, which the pipeline holds; the cheap ones first."""


def rejection(draft: Draft, guards: Mapping[str, Guard] = GUARDS) -> Rejection | None:
    """The first objection to a draft. A guard that itself fails refuses: what cannot be judged is not let through."""
    for name, guard in guards.items():
        draft.prompt.check_cancelled()
        try:
            reason = guard(draft)
        except Cancelled:
            raise
        except Exception as error:
            logger.exception("the guard %s failed", name)
            return Rejection(name, f"it could not be judged ({type(error).__name__})")
        if reason is not None:
            return Rejection(name, reason)
    return None


def _head(prompt: Prompt) -> str:
    return prompt.text[: layout(prompt).template_range.start].rstrip()


def _printed(rendering: Rendering) -> _Printed:
    """The values that tags printed, with the roles of their messages, and the roles in order."""
    values = Counter(
        (message.role, text.strip())
        for message in rendering.messages
        for text in _values(message.parts)
        if text.strip()
    )
    return values, tuple(message.role for message in rendering.messages)


def _values(parts: Iterable[object]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, TextPart):
            yield from (segment.text for segment in part.segments if not segment.literal)
        else:
            yield repr(getattr(part, "url", None) or getattr(part, "purpose", None) or type(part).__name__)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [word.lower() for word in _WORD.findall(text)]
    return {tuple(words[index : index + COPIED_WORDS]) for index in range(len(words) - COPIED_WORDS + 1)}

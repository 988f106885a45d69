"""A prompt's score and tokens as data: one shape for the command line, the server and its editors."""

from __future__ import annotations

from math import floor, log10
from typing import Any

from promptls.ide.token_counts import TokenCounts
from promptls.language.formats import recognised
from promptls.language.prompt import Prompt
from promptls.score.score import Reason, score
from promptls.syntax.source import Source


def score_object(path: str, prompt: Prompt) -> dict[str, Any]:
    """One prompt as `score --format json` shows it; a file that holds no prose has no score: null."""
    found, source = score(prompt), prompt.source
    return {
        "path": path,
        "format": recognised(prompt).format,
        "overall": found.overall if found else None,
        "domain": found.domain if found else None,
        "domain_confidence": round(found.domain_confidence, 3) if found else None,
        "dimensions": {each.name: each.value for each in found.dimensions} if found else None,
        "weights": {each.name: each.weight for each in found.dimensions} if found else None,
        "starts": {each.name: each.start for each in found.dimensions} if found else None,
        "reasons": [_reason(reason, source) for reason in found.reasons] if found else [],
    }


def _reason(reason: Reason, source: Source) -> dict[str, Any]:
    return {
        "dimension": reason.dimension,
        "points": reason.points,
        "rule": reason.rule,
        "message": reason.message,
        "start": _position(source, reason.range.start),
        "end": _position(source, reason.range.end),
    }


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line + 1, "column": column + 1, "offset": offset}


def token_object(path: str, counts: TokenCounts) -> dict[str, Any]:
    """One prompt as `tokens --format json` shows it; costs are US dollars for the input of one call."""
    tokens, cost = counts.tokens, counts.cost
    return {
        "path": path,
        "model": counts.model_id,
        "encoding": tokens.encoding,
        "exact": tokens.exact,
        "static": tokens.static,
        "rendered": tokens.rendered,
        "cacheable_prefix": tokens.cacheable_prefix,
        "cached_tokens": cost.cached_tokens,
        "context_window": counts.model.context_window if counts.model else None,
        "cost_usd": cost.input_usd,
        "cached_cost_usd": cost.cached_usd,
        "messages": [{"role": each.role, "tokens": each.tokens} for each in tokens.messages],
        "variables": [{"name": each.name, "tokens": each.tokens} for each in tokens.variables],
        "sections": [
            {"kind": each.section.kind, "name": each.section.name, "level": each.section.level, "tokens": each.tokens}
            for each in counts.sections
        ],
    }


def dollars(amount: float) -> str:
    """An amount in US dollars with three digits that tell something."""
    return f"${amount:,.2f}" if amount >= 1 or not amount else f"${amount:.{2 - floor(log10(amount))}f}"

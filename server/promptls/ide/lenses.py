"""What stands above a prompt and above its messages: the score, the tokens, the cost.

Where lenses stand is quick to tell; what they say is not, so that it is asked for by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from promptls.analysis.prose import prose
from promptls.ide.measures import dollars
from promptls.ide.token_counts import MessageCount, TokenCounts, message_counts, token_counts
from promptls.language.costs import LEAST_CACHEABLE
from promptls.language.formats import recognised
from promptls.language.messages import Message, messages
from promptls.language.prompt import Prompt, frontmatter
from promptls.score.score import score
from promptls.syntax.source import Range

LensKind = Literal["score", "tokens", "message"]

_MOST_NAMES = 2


@dataclass(frozen=True, slots=True)
class Lens:
    """A line of figures above `range`: for the whole prompt, or for the message that begins there."""

    kind: LensKind
    range: Range


def lenses(prompt: Prompt) -> tuple[Lens, ...]:
    """The lenses of a prompt in source order: those of the file, and one for each of several messages."""
    if not prompt.settings.editor.lenses:
        return ()
    return tuple(_lenses(prompt))


def _lenses(prompt: Prompt) -> Iterator[Lens]:
    top = top_of(prompt)
    if prompt.settings.editor.score and not prose(prompt).is_blank:
        yield Lens("score", top)
    if recognised(prompt).format not in ("dotprompt", "text"):
        return
    shown = [each for each in messages(prompt) if each.origin in ("role", "implied") and not each.is_empty]
    if shown:
        yield Lens("tokens", top)
    if len(shown) > 1:
        yield from (Lens("message", message_place(prompt, each)) for each in shown)


def lens_title(prompt: Prompt, lens: Lens, counts: TokenCounts | None = None) -> str | None:
    """What a lens says, `counts` being the prompt's; None where the text no longer has what it stood above."""
    if lens.kind == "score":
        return score_title(prompt)
    counts = counts if counts is not None else token_counts(prompt)
    if lens.kind == "tokens":
        return tokens_title(counts)
    for each in message_counts(prompt, counts):
        if message_place(prompt, each.message).start == lens.range.start:
            return message_title(each, counts)
    return None


def lens_tooltip(lens: Lens, counts: TokenCounts | None = None) -> str:
    """What the figures of a lens mean, and what a click on it shows."""
    if lens.kind == "score":
        return "The score and its weakest dimension. Click for every reason, and for what would raise it."
    if lens.kind == "message" or counts is None:
        return "The tokens of this message with the values there are. Click for the preview."
    parts = ["The tokens of all messages" + (f", without {', '.join(counts.missing)}." if counts.missing else ".")]
    if counts.cost.input_usd is not None:
        parts.append("The price is that of the input of one call.")
    if counts.tokens.cacheable_prefix:
        parts.append(
            f"The first {counts.tokens.cacheable_prefix:,} tokens are the same in every call;"
            f" providers keep such a prefix in a cache from {LEAST_CACHEABLE:,} tokens on."
        )
    return " ".join(parts)


def score_title(prompt: Prompt) -> str | None:
    """The score and the dimension that weighs it down most."""
    found = score(prompt)
    if found is None:
        return None
    return f"Score {found.overall} ({found.weakest.name} {found.weakest.value})"


def tokens_title(counts: TokenCounts) -> str:
    """The tokens of a whole prompt, what a call costs, and how much of it can come from a provider's cache."""
    tokens, cost = counts.tokens, counts.cost
    parts = [_tokens(tokens.rendered, counts) + _variables(len(counts.missing))]
    if cost.input_usd:
        parts.append(dollars(cost.input_usd))
    if cost.cached_tokens:
        parts.append(f"{cost.cached_tokens:,} cacheable")
    elif 0 < tokens.cacheable_prefix < tokens.rendered:
        parts.append(f"prefix {tokens.cacheable_prefix:,}")
    return " · ".join(parts)


def message_title(count: MessageCount, counts: TokenCounts) -> str:
    """The role and the tokens of a message, and which variables come on top."""
    names = count.missing
    more = "".join(f" + {{{{{name}}}}}" for name in names) if len(names) <= _MOST_NAMES else _variables(len(names))
    when = "" if count.rendered or names else " where it is rendered"
    return f"{count.message.role or 'message'} · {_tokens(count.tokens, counts)}{more}{when}"


def tokens_label(count: MessageCount, counts: TokenCounts) -> str:
    """The tokens of a message in as few words as can be."""
    return _tokens(count.tokens, counts)


def _tokens(number: int, counts: TokenCounts) -> str:
    return f"{'' if counts.tokens.exact else '≈ '}{number:,} token{'' if number == 1 else 's'}"


def _variables(number: int) -> str:
    return f" + {number} variable{'' if number == 1 else 's'}" if number else ""


def top_of(prompt: Prompt) -> Range:
    """The fence that begins the frontmatter, or else the first word."""
    head = frontmatter(prompt)
    start = head.range.start if head is not None else _first_visible(prompt, 0)
    line = prompt.source.line_range(prompt.source.line_at(start))
    word = prompt.text[start : line.end].split(maxsplit=1)[:1]
    return Range(start, start + len(word[0])) if word else Range(start, start)


def message_place(prompt: Prompt, message: Message) -> Range:
    """The tag that begins a message, or else its first text."""
    if message.node is not None:
        return message.node.range
    start = _first_visible(prompt, message.range.start)
    return Range(start, start)


def _first_visible(prompt: Prompt, start: int) -> int:
    rest = prompt.text[start:]
    return start + len(rest) - len(rest.lstrip()) if rest.strip() else start

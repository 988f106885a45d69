"""The helpers that run content (`if`, `unless`, `each`, `with`, `ifEquals`, `unlessEquals`) and blocks over values.

What they return is what they print, as JavaScript would hand it on; see the evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from promptls.language.render.scope import Closure, Data, Scope, framed
from promptls.language.render.values import (
    UNDEFINED,
    is_empty,
    is_nullish,
    is_truthy,
    own_keys,
    own_property,
    strictly_equal,
)


class Runner(Protocol):
    """Runs content with another context, other data and parameters; returns what JavaScript would."""

    def __call__(
        self, closure: Closure, context: object, data: Data | None = None, block_params: object = UNDEFINED
    ) -> object: ...


@dataclass(frozen=True, slots=True)
class Block:
    """A call with content: what to run, what to run instead, and the arguments, which are no functions any more."""

    scope: Scope
    content: Closure
    otherwise: Closure
    positional: Sequence[object]
    named: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BlockHelper:
    """A helper and how many arguments it wants, no fewer and no more."""

    arguments: int
    run: Callable[[Block, Runner], object]


def run_section(block: Block, value: object, run: Runner) -> object:
    """A block over a plain value: it runs once for an object, and for every item of a list."""
    context = block.scope.context
    if value is True:
        return run(block.content, context)
    if value is False or is_nullish(value) or (isinstance(value, list | tuple) and not value):
        return run(block.otherwise, context)
    if isinstance(value, list | tuple):
        return _iterate(block, enumerate(value), len(value), run)
    return run(block.content, value, block_params=block.scope.block_params)


def _choose(block: Block, met: bool, run: Runner) -> object:
    return run(block.content if met else block.otherwise, block.scope.this)


def _is_met(block: Block) -> bool:
    value = block.positional[0]
    if is_empty(value):
        return False
    return is_truthy(value) or is_truthy(block.named.get("includeZero", UNDEFINED))


def _if(block: Block, run: Runner) -> object:
    return _choose(block, _is_met(block), run)


def _unless(block: Block, run: Runner) -> object:
    return _choose(block, not _is_met(block), run)


def _if_equals(block: Block, run: Runner) -> object:
    return _choose(block, strictly_equal(*block.positional), run)


def _unless_equals(block: Block, run: Runner) -> object:
    return _choose(block, not strictly_equal(*block.positional), run)


def _with(block: Block, run: Runner) -> object:
    value = block.positional[0]
    if is_empty(value):
        return run(block.otherwise, block.scope.this)
    return run(block.content, value, block_params=(value,))


def _each(block: Block, run: Runner) -> object:
    value = block.positional[0]
    if isinstance(value, list | tuple):
        count, items = len(value), enumerate(value)
        return _iterate(block, items, count, run) if count else run(block.otherwise, block.scope.this)
    keys = own_keys(value)
    if not keys:
        return run(block.otherwise, block.scope.this)
    return _iterate(block, ((key, own_property(value, key)) for key in keys), len(keys), run)


def _iterate(block: Block, items: Iterable[tuple[object, object]], count: int, run: Runner) -> str:
    frame = framed(block.scope.data)
    for index, (key, item) in enumerate(items):
        frame.update(key=key, index=index, first=index == 0, last=index == count - 1)
        run(block.content, item, frame, (item, key))
    return ""


BLOCK_HELPERS: Mapping[str, BlockHelper] = MappingProxyType(
    {
        "if": BlockHelper(1, _if),
        "unless": BlockHelper(1, _unless),
        "each": BlockHelper(1, _each),
        "with": BlockHelper(1, _with),
        "ifEquals": BlockHelper(2, _if_equals),
        "unlessEquals": BlockHelper(2, _unless_equals),
    }
)

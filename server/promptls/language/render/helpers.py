"""The helpers that return a value, as the JavaScript runtime behaves, arguments forgotten or superfluous included.

Helpers with content (`if`, `each` and so on) belong to the evaluator, since they run parts of the template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from promptls.language.render.messages import HISTORY, MARKER_END, MEDIA_PREFIX, ROLE_PREFIX, SECTION_PREFIX
from promptls.language.render.values import (
    UNDEFINED,
    SafeString,
    TooLargeError,
    is_truthy,
    own_property,
    to_json,
    to_string,
)

Arguments = Sequence[object]
Hash = Mapping[str, object]


class HelperError(Exception):
    """The runtime would throw: the message says what is wrong with the call."""


# A helper gets its options as the last argument, so that they stand where a forgotten argument should be.
_OPTIONS: Hash = MappingProxyType({})


def _first(arguments: Arguments) -> object:
    return arguments[0] if arguments else _OPTIONS


def _role(arguments: Arguments, named: Hash) -> object:
    return SafeString(f"{ROLE_PREFIX}{to_string(_first(arguments))}{MARKER_END}", "role")


def _history(arguments: Arguments, named: Hash) -> object:
    return SafeString(HISTORY, "history")


def _section(arguments: Arguments, named: Hash) -> object:
    return SafeString(f"{SECTION_PREFIX}{to_string(_first(arguments))}{MARKER_END}", "section")


def _media(arguments: Arguments, named: Hash) -> object:
    if arguments:
        raise HelperError("'media' takes named arguments only: {{media url=…}}")
    url, content_type = (named.get(name, UNDEFINED) for name in ("url", "contentType"))
    ending = f" {to_string(content_type)}" if is_truthy(content_type) else ""
    return SafeString(f"{MEDIA_PREFIX}{to_string(url)}{ending}{MARKER_END}", "media")


def _json(arguments: Arguments, named: Hash) -> object:
    if len(arguments) != 1:
        raise HelperError(f"'json' takes one value, but {len(arguments)} stand here")
    try:
        text = to_json(arguments[0], named.get("indent", UNDEFINED))
    except TooLargeError as error:
        raise HelperError(str(error)) from error
    return SafeString(UNDEFINED if text is None else text)


def _lookup(arguments: Arguments, named: Hash) -> object:
    if arguments and not is_truthy(arguments[0]):
        return arguments[0]
    if len(arguments) != 2:
        raise HelperError(f"'lookup' takes an object and a field, but {len(arguments)} values stand here")
    return own_property(arguments[0], to_string(arguments[1]))


def _log(arguments: Arguments, named: Hash) -> object:
    return UNDEFINED


VALUE_HELPERS: Mapping[str, Callable[[Arguments, Hash], object]] = MappingProxyType(
    {
        "role": _role,
        "history": _history,
        "section": _section,
        "media": _media,
        "json": _json,
        "lookup": _lookup,
        "log": _log,
    }
)

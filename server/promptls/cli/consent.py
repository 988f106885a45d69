"""The user's consent that prompts are sent to a model: an option, or an answer at a terminal; remembered."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from promptls.cli.errors import CommandError, reason

if TYPE_CHECKING:
    from promptls.optimize.llm.consent import Consents
    from promptls.optimize.llm.endpoint import Endpoint
    from promptls.settings import LlmSettings


def consents(settings: LlmSettings, what: str, *, yes: bool) -> Consents:
    """Consents with which `what` ("Prompts and test cases") may be sent to the endpoint of the settings.

    `yes` agrees, and so may a person at a terminal, who is asked; both are remembered. Raises `CommandError` where
    nobody agrees, or where the settings name no endpoint.
    """
    from promptls.optimize.llm.consent import Consents
    from promptls.optimize.llm.endpoint import EndpointError, endpoint

    known = Consents()
    try:
        named = endpoint(settings)
    except EndpointError as error:
        raise CommandError(str(error)) from None
    if known.given(named):
        return known
    if not yes:
        _ask(named, what)
    try:
        known.give(named)
    except OSError as error:
        print(f"promptls: the consent could not be written down: {reason(error)}", file=sys.stderr)
        return _agreed(named)
    return known


def _ask(named: Endpoint, what: str) -> None:
    """Raise `CommandError` unless somebody at a terminal says yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        where = f"{named.host} ({named.model})"
        raise CommandError(f"{what.lower()} would be sent to {where}; nobody has agreed to that yet, see --yes")
    print(f"{what} will be sent to {named.host} ({named.model}).", file=sys.stderr)
    print("Agree, now and from now on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError("nobody agreed, so that nothing was sent")


def _agreed(endpoint: Endpoint) -> Consents:
    """Consent for this run only, where nothing can be written down."""
    from promptls.optimize.llm.consent import Consents

    class ForThisRun(Consents):
        # the file of consents is out of reach
        def given(self, asked: Endpoint) -> bool:
            return asked.base_url == endpoint.base_url or super().given(asked)

    return ForThisRun()

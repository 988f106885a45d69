"""What is read out of a client's capabilities."""

from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import client_capabilities

from promptls.lsp.client import Client, read_client
from tests.lsp.capabilities import NOTHING, PULL, PUSH


def read(capabilities: dict[str, Any]) -> Client:
    return read_client(default_converter().structure(capabilities, types.ClientCapabilities))


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-16"], "utf-16"),
        (["utf-32", "utf-8"], "utf-32"),
        (["utf-7", "utf-32"], "utf-32"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
    ],
)
def test_first_known_encoding_is_taken(offered: list[str], taken: str) -> None:
    assert read({"general": {"positionEncodings": offered}}).encoding == taken


def test_a_silent_client_can_do_nothing() -> None:
    assert read(NOTHING) == Client()


def test_pushing_and_pulling_clients_differ() -> None:
    push, pull = read(PUSH), read(PULL)
    assert (push.pulls_diagnostics, pull.pulls_diagnostics) == (False, True)
    assert (push.resolves_edits, pull.resolves_edits) == (False, True)
    assert push.code_action_literals
    assert push.hover_markup == "markdown"


@pytest.mark.parametrize("name", ["visual_studio_code", "neovim", "emacs"])
def test_real_clients(name: str) -> None:
    client = read_client(client_capabilities(name))
    assert client.code_action_literals
    assert client.hierarchical_symbols
    assert client.has_configuration
    assert client.applies_edits

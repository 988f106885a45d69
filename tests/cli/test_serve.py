"""`promptls serve` opens the language server's door."""

import json

from tests.cli.conftest import Terminal


def message(**content: object) -> str:
    body = json.dumps({"jsonrpc": "2.0", **content})
    return f"Content-Length: {len(body)}\r\n\r\n{body}"


def conversation() -> str:
    return (
        message(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
        + message(method="initialized", params={})
        + message(id=2, method="shutdown")
        + message(method="exit")
    )


def test_a_conversation_over_stdio(terminal: Terminal) -> None:
    outcome = terminal.execute(
        "serve", "--stdio", "--log-file", "server.log", "--log-level", "info", stdin=conversation()
    )
    assert outcome.code == 0, outcome.err
    assert '"capabilities"' in outcome.out
    assert outcome.out.startswith("Content-Length: ")
    assert (terminal.folder / "server.log").exists()


def test_stdio_is_the_default(terminal: Terminal) -> None:
    assert '"capabilities"' in terminal.execute("serve", stdin=conversation()).out


def test_a_log_file_that_cannot_be_written(terminal: Terminal) -> None:
    outcome = terminal.execute("serve", "--log-file", "no/such/folder.log")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("promptls: --log-file no/such/folder.log cannot be written")


def test_an_address_that_cannot_be_had(terminal: Terminal) -> None:
    outcome = terminal.execute("serve", "--tcp", "no-such-host.invalid:4000")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "no-such-host.invalid:4000" in outcome.err

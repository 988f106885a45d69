"""From the first byte to the exit code, with clients that break the rules."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

from tests.lsp.editor import SERVER, URI
from tests.lsp.wire import Wire, error_code, patched

HOVER = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 3}}
SLOW_HOVER = """
import time
import promptls.ide.hover as module
from promptls.lsp.schedule import check_cancelled
def hover(prompt, offset):
    for _ in range(3000):
        check_cancelled()
        time.sleep(0.01)
module.hover = hover
"""


def test_life_in_order() -> None:
    with Wire() as wire:
        assert error_code(wire.call(1, "textDocument/hover", HOVER)) == -32002
        wire.open("ignored: not initialized")
        wire.initialize()
        assert (
            error_code(wire.call(2, "initialize", {"processId": None, "rootUri": None, "capabilities": {}})) == -32600
        )
        assert error_code(wire.call(3, "textDocument/hover", HOVER)) == -32602  # never opened
        assert wire.call(4, "shutdown", {}) == {"jsonrpc": "2.0", "id": 4, "result": None}
        assert error_code(wire.call(5, "textDocument/hover", HOVER)) == -32600
        wire.notify("exit")
        assert wire.exit_code() == 0


def test_exit_without_shutdown_is_a_failure() -> None:
    with Wire() as wire:
        wire.initialize()
        wire.notify("exit")
        assert wire.exit_code() == 1


def test_end_of_input_ends_the_process() -> None:
    with Wire() as wire:
        wire.initialize()
        wire.close_input()
        assert wire.exit_code() == 1


def test_death_of_the_client_ends_the_process() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as client, Wire() as wire:
        wire.initialize(process=client.pid)
        time.sleep(2.5)
        os.kill(client.pid, signal.SIGKILL)
        client.wait()
        assert wire.exit_code() == 1


def test_unknown_methods() -> None:
    with Wire() as wire:
        wire.initialize()
        wire.notify("$/unheard-of", {})
        wire.notify("unheard/of", [1])
        assert error_code(wire.call(1, "unheard/of", {"jsonrpc": "2.0"})) == -32601
        wire.send_body(b'{"jsonrpc": "2.0", "id": 2, "method": "unheard/of"}')
        assert error_code(wire.answer_to(2)) == -32601


def test_wrong_parameters_are_answered() -> None:
    wrong: list[object] = [
        None,
        [],
        {},
        {"textDocument": {}, "position": {}},
        {"textDocument": {"uri": 5}, "position": 1},
        {"textDocument": {"uri": URI}, "position": {"line": "x", "character": []}},
    ]
    with Wire() as wire:
        wire.initialize()
        for id, params in enumerate(wrong):
            answer = wire.call(id, "textDocument/hover", params)
            assert error_code(answer) == -32602, params
            assert "textDocument/hover" in answer["error"]["message"]


def test_no_storm_of_pop_ups() -> None:
    with Wire() as wire:
        wire.initialize()
        for version in range(5):
            wire.notify("textDocument/didChange", {"textDocument": {"uri": "file:///unopened", "version": version}})
            wire.notify(
                "textDocument/didChange",
                {"textDocument": {"uri": "file:///unopened", "version": version}, "contentChanges": [{"text": ""}]},
            )
            wire.notify("textDocument/didOpen", {"nonsense": True})
            wire.notify("textDocument/didClose", {"textDocument": {"uri": "file:///unopened"}})
        wire.call(1, "shutdown")
        assert [each for each in wire.received if each.get("method") == "window/showMessage"] == []


def test_nested_objects_may_have_any_key() -> None:
    with Wire() as wire:
        wire.initialize()
        arguments = [{"jsonrpc": "2.0", "method": "exit"}, "x"]
        answer = wire.call(1, "workspace/executeCommand", {"command": "promptls.unknown", "arguments": arguments})
        assert error_code(answer) == -32602
        assert "promptls.unknown" in answer["error"]["message"]


def test_header_names_in_any_case() -> None:
    with Wire() as wire:
        wire.initialize()
        body = b'{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}'
        wire.send_bytes(b"content-type: x\r\nCONTENT-length:%d\r\n\r\n" % len(body) + body)
        assert wire.answer_to(1)["result"] is None


def test_what_is_no_message_is_refused_and_survived() -> None:
    with Wire() as wire:
        wire.initialize()
        for body, code in (
            (b"{ no json", -32700),
            (b"\xff\xfe", -32700),
            (b"[" * 100_000, -32700),
            (b'[{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]', -32600),
            (b'{"id": 1, "method": "shutdown"}', -32600),
            (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', -32600),
        ):
            wire.send_body(body)
            answer = wire.answer_to(None)
            assert answer["id"] is None
            assert error_code(answer) == code
        wire.send_body(b'{"jsonrpc": "2.0", "id": 77, "result": null}')
        wire.send_bytes(b"X-Stray: 1\r\nContent-Length: nonsense\r\n")
        assert wire.call(2, "shutdown")["result"] is None


def test_stray_prints_go_to_stderr() -> None:
    noisy = (
        "import os, promptls.ide.hover as module\n"
        "def hover(prompt, offset):\n"
        "    print('stray print')\n"
        "    os.write(1, b'stray write')\n"
        "    os.system('echo stray child')\n"
        "module.hover = hover\n"
    )
    with Wire(*patched(noisy)) as wire:
        wire.initialize()
        wire.open("{{x}}")
        wire.hover(1, 0, 3)
        assert wire.answer_to(1)["result"] is None
        wire.call(2, "shutdown")
        wire.notify("exit")
        assert wire.exit_code() == 0
        assert all(f"stray {what}".encode() in wire.errors for what in ("print", "write", "child"))


def test_cancelled_request_is_answered_once() -> None:
    with Wire(*patched(SLOW_HOVER)) as wire:
        wire.initialize()
        wire.open("{{x}}")
        for id in range(1, 8):  # more than there are threads, so that some still wait
            wire.hover(id, 0, 3)
        time.sleep(0.5)
        began = time.monotonic()
        for id in range(1, 8):
            wire.notify("$/cancelRequest", {"id": id})
        assert [error_code(wire.answer_to(id)) for id in range(1, 8)] == [-32800] * 7
        assert time.monotonic() - began < 1
        wire.notify("$/cancelRequest", {"id": 1})
        wire.notify("$/cancelRequest", {"id": "unknown"})
        assert wire.call(99, "textDocument/documentSymbol", {"textDocument": {"uri": URI}})["result"] is not None
        wire.drain(0.3)
        ids = [each["id"] for each in wire.received if "id" in each]
        assert len(ids) == len(set(ids))


def test_edits_for_a_text_that_has_moved_on_are_withheld() -> None:
    slow = (
        "import time, promptls.ide.code_actions as module\n"
        "original = module.findings_at\n"
        "def findings_at(prompt, range): time.sleep(1); return original(prompt, range)\n"
        "module.findings_at = findings_at\n"
    )
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    params = {"textDocument": {"uri": URI}, "range": place, "context": {"diagnostics": []}}
    with Wire(*patched(slow)) as wire:
        wire.initialize()
        wire.open("{{#if x}}")
        assert wire.call(1, "textDocument/codeAction", params)["result"]
        wire.request(2, "textDocument/codeAction", params)
        time.sleep(0.3)
        document = {"uri": URI, "version": 2}
        wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "{{#if y}}"}]})
        assert error_code(wire.answer_to(2)) == -32801


def test_shutdown_does_not_wait_for_work() -> None:
    with Wire(*patched(SLOW_HOVER)) as wire:
        wire.initialize()
        wire.open("{{x}}")
        wire.hover(1, 0, 3)
        time.sleep(0.5)
        began = time.monotonic()
        wire.call(2, "shutdown")
        wire.notify("exit")
        assert wire.exit_code() == 0
        assert time.monotonic() - began < 2


def test_failing_handler_is_answered_and_survived() -> None:
    failing = (
        "import promptls.ide.hover as module\n"
        "def hover(prompt, offset): raise RuntimeError('a bug')\n"
        "module.hover = hover\n"
    )
    with Wire(*patched(failing)) as wire:
        wire.initialize()
        wire.open("{{x}}")
        wire.hover(1, 0, 3)
        answer = wire.answer_to(1)
        assert error_code(answer) == -32603
        assert "a bug" in answer["error"]["message"]
        assert wire.call(2, "shutdown")["result"] is None
        assert b"a bug" in wire.errors
        assert [each for each in wire.received if each.get("method") == "window/showMessage"] == []


def test_tcp() -> None:
    command = [*SERVER[:-1], "--tcp", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        port = None
        while port is None:
            match = re.search(r"127\.0\.0\.1', (\d+)", process.stderr.readline())
            port = int(match[1]) if match else None
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            for message in (
                {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
                {"id": 2, "method": "shutdown"},
                {"method": "exit"},
            ):
                body = json.dumps({"jsonrpc": "2.0", **message}).encode()
                connection.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            received = b""
            while chunk := connection.recv(4096):
                received += chunk
        assert b'"positionEncoding"' in received
        assert received.rstrip().endswith(b'"result": null}')
        assert process.wait(timeout=10) == 0

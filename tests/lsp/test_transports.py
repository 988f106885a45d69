"""The same conversation over TCP and over a WebSocket."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import connect

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def _served(option: str) -> AsyncIterator[tuple[int, subprocess.Popen[str]]]:
    """A server on a port of this machine, once it says that it waits."""
    port = _free_port()
    command = [sys.executable, "-m", "promptls", "serve", option, f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            while "waiting for a client" not in await asyncio.to_thread(process.stderr.readline):
                assert process.poll() is None
            yield port, process
            assert await asyncio.to_thread(process.wait, 10) == 0
        finally:
            process.kill()


async def _converse(send: Send, receive: Receive) -> None:
    """From `initialize` to `exit`, with a finding in between."""

    async def answer(id: int) -> Message:
        while (message := await asyncio.wait_for(receive(), 20)).get("id") != id:
            pass
        return message

    await send({"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})
    assert "capabilities" in (await answer(1))["result"]
    await send({"method": "initialized", "params": {}})
    # A key `jsonrpc` inside a message must not be taken for a message of its own.
    text = "---\nmodel: googleai/gemini-2.5-flash\n---\nÜber {{#if 🙂}}"
    document = {"uri": "untitled:a.prompt", "languageId": "dotprompt", "version": 1, "text": text}
    await send({"method": "textDocument/didOpen", "params": {"textDocument": document, "extra": {"jsonrpc": "2.0"}}})
    while (message := await asyncio.wait_for(receive(), 20)).get("method") != "textDocument/publishDiagnostics":
        pass
    [diagnostic] = [each for each in message["params"]["diagnostics"] if each["severity"] == 1]
    assert diagnostic["code"] == "template/unclosed-block"
    assert diagnostic["range"]["start"] == {"line": 3, "character": 5}
    await send({"id": 2, "method": "shutdown"})
    assert (await answer(2))["result"] is None
    await send({"method": "exit"})


async def test_over_a_websocket() -> None:
    async with _served("--ws") as (port, _), connect(f"ws://127.0.0.1:{port}") as client:

        async def send(message: Message) -> None:
            await client.send(json.dumps({"jsonrpc": "2.0", **message}))

        async def receive() -> Message:
            frame = await client.recv()
            assert isinstance(frame, str)
            message: Message = json.loads(frame)
            return message

        await _converse(send, receive)


async def test_over_tcp() -> None:
    async with _served("--tcp") as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def send(message: Message) -> None:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()

        async def receive() -> Message:
            header = await reader.readuntil(b"\r\n\r\n")
            length = int(header.partition(b":")[2].split(b"\r\n")[0])
            message: Message = json.loads(await reader.readexactly(length))
            return message

        await _converse(send, receive)
        writer.close()

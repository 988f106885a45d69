"""Bytes in and out: standard streams, TCP or WebSocket. What arrives is handed to the protocol, message by message."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

from promptls.lsp.protocol import Protocol

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16
_LONGEST_HEADER = 1 << 16
_CLIENT_CHECK_SECONDS = 2.0


async def serve_stdio(protocol: Protocol) -> int:
    """Speak over the standard streams until the client says `exit` or is gone; returns the exit code.

    The real streams are taken away first: a stray `print`, here or in a child process, goes to stderr, and nobody else
    reads the client's messages.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    sys.stdout.flush()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    reader = asyncio.StreamReader(limit=_LONGEST_HEADER)
    loop = asyncio.get_running_loop()
    threading.Thread(target=_pump, args=(incoming, reader, loop), name="stdin", daemon=True).start()
    protocol.set_writer(_Descriptor(outgoing))
    return await _converse(protocol, reader)


async def serve_tcp(protocol: Protocol, host: str, port: int) -> int:
    """Wait for one client on a TCP port and serve it; returns the exit code. Port 0 takes any; the log names it."""
    finished: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    taken = False

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        if taken:
            logger.warning("refused a second client")
            writer.close()
            return
        taken = True
        protocol.set_writer(_Connection(writer))
        try:
            finished.set_result(await _converse(protocol, reader))
        except Exception as error:
            finished.set_exception(error)

    server = await asyncio.start_server(connected, host, port, limit=_LONGEST_HEADER)
    logger.warning("waiting for a client on %s", " and ".join(str(each.getsockname()) for each in server.sockets))
    try:
        return await finished
    finally:
        server.close()


async def serve_websocket(protocol: Protocol, host: str, port: int) -> int:
    """Wait for one client on a WebSocket port and serve it; returns the exit code. One text frame is one message."""
    from websockets.asyncio.server import serve

    finished: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def connected(socket: ServerConnection) -> None:
        outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        protocol.set_writer(_Queue(outgoing), include_headers=False)
        sending = asyncio.create_task(_send_all(socket, outgoing))
        try:
            async for message in socket:
                protocol.receive(message.encode() if isinstance(message, str) else message)
                if protocol.exit_code is not None:
                    break
        finally:
            sending.cancel()
            if not finished.done():
                finished.set_result(_exit_code(protocol))

    async with serve(connected, host, port) as server:
        logger.warning("waiting for a client on %s", " and ".join(str(each.getsockname()) for each in server.sockets))
        return await finished


async def _send_all(socket: ServerConnection, outgoing: asyncio.Queue[bytes]) -> None:
    from websockets.exceptions import ConnectionClosed

    with suppress(ConnectionClosed):  # whoever reads the socket sees that too, and ends the conversation
        while True:
            await socket.send(await outgoing.get(), text=True)


async def _converse(protocol: Protocol, reader: asyncio.StreamReader) -> int:
    """Hand over messages until `exit`, the end of the stream, or the end of the client's process."""
    protocol.on_exit = reader.feed_eof
    watch = asyncio.create_task(_watch_client(protocol, reader))
    try:
        async for body in _messages(reader):
            protocol.receive(body)
            if protocol.exit_code is not None:
                break
            await asyncio.sleep(0)
    finally:
        watch.cancel()
    return _exit_code(protocol)


def _exit_code(protocol: Protocol) -> int:
    """What the protocol demands: 1 unless the client has said `shutdown` first."""
    return protocol.exit_code if protocol.exit_code is not None else int(not protocol.is_shut_down)


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The bodies of the messages; header names are compared without regard to case, as HTTP's are."""
    length: int | None = None
    with suppress(asyncio.IncompleteReadError):
        while line := await reader.readline():
            name, colon, value = line.partition(b":")
            if colon and name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
            elif not line.strip() and length is not None:
                yield await reader.readexactly(length)
                length = None


def _pump(descriptor: int, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    """Move bytes from a blocking descriptor to the loop; reading ahead is what lets a cancellation be seen in time."""
    with suppress(OSError, RuntimeError):  # RuntimeError: the loop is closed
        while chunk := os.read(descriptor, _CHUNK):
            loop.call_soon_threadsafe(reader.feed_data, chunk)
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(reader.feed_eof)


async def _watch_client(protocol: Protocol, reader: asyncio.StreamReader) -> None:
    """End the conversation when the client's process has died without closing the stream (another may hold it open).

    A process that cannot be seen at first, as from inside a container, is not watched.
    """
    if os.name != "posix":
        return
    seen = False
    while True:
        await asyncio.sleep(_CLIENT_CHECK_SECONDS)
        process = protocol.client_process
        if process is None:
            continue
        try:
            os.kill(process, 0)
            seen = True
        except ProcessLookupError:
            if seen:
                logger.warning("the client's process %d is gone", process)
                reader.feed_eof()
                return
        except OSError:
            seen = True


class _Descriptor:
    """A file descriptor as a writer; to be used from the event loop only."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_open = True

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while self._is_open and view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            logger.warning("the client no longer listens (%s)", error.strerror)
            self._is_open = False

    def close(self) -> None:
        self._is_open = False


class _Queue:
    """A queue as a writer: a socket's own `send` has to be awaited, and messages must keep their order."""

    def __init__(self, queue: asyncio.Queue[bytes]) -> None:
        self._queue = queue

    def write(self, data: bytes) -> None:
        self._queue.put_nowait(data)

    def close(self) -> None:
        """There is nothing to close: the socket belongs to its server."""


class _Connection:
    """A stream as a writer that drops what nobody listens to any more."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        if not self._stream.is_closing():
            self._stream.write(data)

    def close(self) -> None:
        self._stream.close()

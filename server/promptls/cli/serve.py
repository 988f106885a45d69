"""Serve editors over the Language Server Protocol, through stdin and stdout unless told otherwise."""

from __future__ import annotations

import argparse
import gc

from promptls.cli.errors import CommandError, reason

SUMMARY = "run the language server"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    transport = parser.add_mutually_exclusive_group()
    transport.add_argument("--stdio", action="store_true", help="speak through stdin and stdout (the default)")
    transport.add_argument("--tcp", metavar="HOST:PORT", type=_address, help="listen for one client")
    transport.add_argument("--ws", metavar="HOST:PORT", type=_address, help="listen for clients over WebSocket")
    parser.add_argument("--log-file", metavar="FILE", help="log there instead of stderr")
    parser.add_argument(
        "--log-level", choices=("error", "warning", "info", "debug"), default="warning", help="default: warning"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client leaves; gives the exit code that the protocol asks for."""
    import logging

    # Making the protocol's types leaves 10 MB of garbage behind that is not collected under the threshold of `main`.
    gc.set_threshold(700, 10, 10)
    from promptls.lsp.server import serve

    try:
        logging.basicConfig(
            filename=arguments.log_file,
            level=arguments.log_level.upper(),
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        )
    except OSError as error:
        raise CommandError(f"--log-file {arguments.log_file} cannot be written: {reason(error)}") from error
    try:
        return serve(tcp=arguments.tcp, websocket=arguments.ws)
    except OSError as error:
        host, port = arguments.tcp or arguments.ws or ("", 0)
        raise CommandError(f"cannot listen on {host}:{port}: {reason(error)}; choose another port") from error


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 0xFFFF:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT, found {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)

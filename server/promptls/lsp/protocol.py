"""JSON-RPC as the specification wants it: every request is answered exactly once, and nothing at the wrong time.

This corrects pygls 2.1 where it strays. It sends no reply to a request whose parameters are wrong, takes any nested
object with a key `jsonrpc` for a message, serves requests before `initialize`, exits with 0 when it should with 1,
fails on a reply that comes after its time-out, and keeps texts of its own, which go wrong at U+2028 (see `documents`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcContentModified,
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import JsonRPCNotification, JsonRPCRequestMessage, LanguageServerProtocol, lsp_method

logger = logging.getLogger(__name__)

_OWN_BUSINESS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.EXIT,
)
"""What pygls would do by itself and must not."""


class Protocol(LanguageServerProtocol):
    """One conversation with one client. `on_exit` is called when it is to end, with `exit_code`.

    `complete_capabilities` may add to what the server tells of itself.
    """

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        for method in _OWN_BUSINESS:
            self.fm.builtin_features.pop(method, None)
        self.exit_code: int | None = None
        self.on_exit: Callable[[], object] = lambda: None
        self.complete_capabilities: Callable[[types.ServerCapabilities], object] = lambda _: None
        self._is_initialized = False

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        result = yield from super().lsp_initialize(params)
        self.complete_capabilities(result.capabilities)
        return result

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has asked for `shutdown`."""
        return self._shutdown

    @property
    def client_process(self) -> int | None:
        """The client's process id, where it told one."""
        return self._server.process_id

    def warm_up(self) -> None:
        """Make the code that reads and writes messages, which cattrs would else make at the first of each kind."""
        for method in self.fm.features:
            request, response, *_ = types.METHOD_TO_TYPES.get(method, (None, None))
            if request is not None:
                self._converter.get_structure_hook(request)
            if response is not None:
                self._converter.get_unstructure_hook(response)

    def leave(self, code: int) -> None:
        """End the conversation."""
        self.exit_code = code
        self.on_exit()

    def receive(self, body: bytes) -> None:
        """Take one message as it came; answers what cannot be read as the specification says, and never raises."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            logger.error("received something that is not JSON: %s", error)
            self._refuse(None, JsonRpcParseError("the message is not valid JSON"))
            return
        self.handle_message(message)

    def structure_message(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave JSON objects as they are: this is called for nested ones too, which are no messages."""
        return data

    def handle_message(self, message: Any) -> None:
        """Route one message, given as the plain data that JSON held."""
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            self._refuse(None, JsonRpcInvalidRequest("not a JSON-RPC 2.0 message"))
        elif "method" not in message:
            self._take_response(message)
        elif not isinstance(message["method"], str):
            self._refuse(message.get("id"), JsonRpcInvalidRequest("the method must be a string"))
        elif "id" in message:
            self._take_request(message)
        else:
            self._take_notification(message)

    def _take_request(self, message: dict[str, Any]) -> None:
        identity, method = message["id"], message["method"]
        if not isinstance(identity, int | str):
            self._refuse(None, JsonRpcInvalidRequest("the id must be a number or a string"))
        elif refusal := self._untimely(method):
            self._refuse(identity, refusal)
        elif not self._is_known(method):
            self._refuse(identity, JsonRpcMethodNotFound.of(method))
        else:
            try:
                request = self._structured(message)
            except ValueError as error:
                logger.error("the parameters of %s are wrong: %s", method, error)
                self._refuse(identity, JsonRpcInvalidParams(f"wrong parameters for {method}: {error}"))
                return
            self._is_initialized |= method == types.INITIALIZE
            super().handle_message(request)

    def _take_notification(self, message: dict[str, Any]) -> None:
        method = message["method"]
        if method == types.EXIT:
            self.leave(0 if self.is_shut_down else 1)
        elif self._untimely(method) or not self._is_known(method):
            logger.debug("ignored the notification %s", method)
        else:
            try:
                notification = self._structured(message)
            except ValueError as error:
                logger.error("ignored a notification %s with wrong parameters: %s", method, error)
                return
            super().handle_message(notification)

    def _take_response(self, message: dict[str, Any]) -> None:
        identity = message.get("id")
        future = self._request_futures.get(identity) if isinstance(identity, str) else None
        if future is None or not isinstance(identity, str):
            logger.warning("received an answer to nothing that was asked")
        elif future.done():
            # Nobody waits any longer; setting a result would raise.
            self._forget(identity)
        else:
            try:
                response = super().structure_message(message)
            except JsonRpcException as error:
                self._forget(identity)
                future.set_exception(error)
                return
            super().handle_message(response)

    def _forget(self, identity: int | str) -> None:
        self._request_futures.pop(identity, None)
        self._result_types.pop(identity, None)

    def _untimely(self, method: str) -> JsonRpcException | None:
        """Why a message may not come now, or None."""
        if not self._is_initialized:
            return (
                None if method == types.INITIALIZE else JsonRpcServerNotInitialized("the client must initialize first")
            )
        if self.is_shut_down:
            return JsonRpcInvalidRequest("the server is shutting down")
        return JsonRpcInvalidRequest("already initialized") if method == types.INITIALIZE else None

    def _is_known(self, method: str) -> bool:
        return method in self.fm.features or method in self.fm.builtin_features or method == types.CANCEL_REQUEST

    def _structured(self, message: dict[str, Any]) -> Any:
        """The message as its type; raises `ValueError` that says which parameters are wrong."""
        message_type = self.get_message_type(message["method"])
        if message_type is None:
            return _custom(message)
        if message["method"] == types.SHUTDOWN:
            message.pop("params", None)  # clients send {} and [] for nothing
        try:
            return self._converter.structure(message, message_type)
        except Exception as error:
            raise ValueError("; ".join(transform_error(error, path="message"))) from error

    def _refuse(self, identity: Any, error: JsonRpcException) -> None:
        if isinstance(identity, int | str):
            self._send_response(identity, error=error.to_response_error())
        else:
            # Whose message it was cannot be told; JSON-RPC wants a null then, which pygls would leave out.
            self._send_data({"jsonrpc": self.VERSION, "id": None, "error": error.to_response_error()})

    def _send_handler_result(self, future: Future[Any], *, msg_id: int | str) -> None:
        """Answer a request; what went as planned, though not to the end, does not fill the log."""
        error = None if future.cancelled() else future.exception()
        if error is not None and _is_cancellation(error):
            error = JsonRpcContentModified("the text has changed since")
        if isinstance(error, JsonRpcException):
            self._forget(msg_id)
            self._refuse(msg_id, error)
        else:
            super()._send_handler_result(future, msg_id=msg_id)


def _custom(message: dict[str, Any]) -> JsonRPCRequestMessage | JsonRPCNotification:
    """A message of a method that is ours; its parameters stay plain data."""
    method, version, params = message["method"], message["jsonrpc"], message.get("params")
    if "id" in message:
        return JsonRPCRequestMessage(id=message["id"], method=method, jsonrpc=version, params=params)
    return JsonRPCNotification(method=method, jsonrpc=version, params=params)


def _is_cancellation(error: BaseException) -> bool:
    from promptls.language.prompt import Cancelled

    return isinstance(error, Cancelled)

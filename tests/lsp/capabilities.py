"""Clients to test with: two bare ones, and what real editors say of themselves.

Of VS Code, pytest-lsp's newest is from 2022, without pulled diagnostics; what its releases of 2026 add is put on top.
"""

from __future__ import annotations

from typing import Any

_CODE_ACTIONS = {
    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source", "source.fixAll"]}},
    "isPreferredSupport": True,
}

PUSH: dict[str, Any] = {
    "textDocument": {
        "publishDiagnostics": {
            "relatedInformation": True,
            "versionSupport": True,
            "codeDescriptionSupport": True,
            "dataSupport": True,
            "tagSupport": {"valueSet": [1, 2]},
        },
        "codeAction": _CODE_ACTIONS,
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
    }
}
"""A client that is only pushed to, and understands all that a diagnostic can carry."""

PULL: dict[str, Any] = {
    "textDocument": {
        **PUSH["textDocument"],
        "diagnostic": {"dynamicRegistration": False, "relatedDocumentSupport": True},
        "codeAction": {**_CODE_ACTIONS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
    },
    "workspace": {
        "diagnostics": {"refreshSupport": True},
        "workspaceEdit": {"documentChanges": True},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "window": {"showDocument": {"support": True}},
}
"""A client that pulls, resolves, and lets itself be asked for settings."""

NOTHING: dict[str, Any] = {}
"""A client that says nothing of itself."""


def speaking(*encodings: str, base: dict[str, Any] = PUSH) -> dict[str, Any]:
    """A client with position encodings, the first one preferred."""
    return {**base, "general": {"positionEncodings": list(encodings)}}

"""What the server tells of itself beyond what pygls' builder of capabilities knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.lsp.virtual_documents import SCHEMES

if TYPE_CHECKING:
    from promptls.lsp.client import Client


def complete(capabilities: types.ServerCapabilities, client: Client) -> None:
    """Add virtual documents, where the client has them, and that renaming reports its progress."""
    if client.opens_virtual_documents and capabilities.workspace is not None:
        capabilities.workspace.text_document_content = types.TextDocumentContentOptions(SCHEMES)
    if isinstance(capabilities.rename_provider, types.RenameOptions):
        capabilities.rename_provider.work_done_progress = True

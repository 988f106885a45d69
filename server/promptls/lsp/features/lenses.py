"""The lines that an editor shows above those of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from promptls.lsp.features.versions import version_lenses

if TYPE_CHECKING:
    from promptls.lsp.session import Snapshot


def code_lenses(params: types.CodeLensParams, snapshot: Snapshot) -> list[types.CodeLens]:
    """Every lens of a document, in the order in which to show those of one line."""
    from promptls.lsp.features import scoring

    return [*scoring.code_lenses(params, snapshot), *version_lenses(snapshot)]

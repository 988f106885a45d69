"""Versions by way of the server: saving records one, a lens tells of it, an action states it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from lsprotocol import types

from promptls.store.sqlite_history import BUSY_SECONDS
from promptls.store.state import history_file
from tests.lsp.capabilities import PUSH
from tests.lsp.editor import Editor, applied, editing, edits_of

TEXT = "---\nmodel: googleai/gemini-2.5-flash\ninput:\n  schema:\n    topic: string\n---\nWrite about {{topic}}.\n"
MORE = TEXT.replace("topic: string\n", "topic: string\n    tone?: string\n")


def save(editor: Editor, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    editor.text_document_did_save(
        types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri()), text=text)
    )


async def lens(editor: Editor, path: Path) -> str | None:
    params = types.CodeLensParams(types.TextDocumentIdentifier(path.as_uri()))
    found = await editor.text_document_code_lens_async(params)
    commands = [each.command for each in found or () if each.command and each.command.command == "promptls.showHistory"]
    return commands[0].title if commands else None


async def wait_for_lens(editor: Editor, path: Path, expected: str) -> None:
    started = time.monotonic()
    while (found := await lens(editor, path)) != expected:
        assert time.monotonic() - started < 20, found
        await asyncio.sleep(0.02)


async def test_saves_are_versions(tmp_path: Path) -> None:
    path = tmp_path / "a.prompt"
    path.write_text(TEXT, encoding="utf-8")
    async with editing(tmp_path, PUSH) as editor:
        uri = path.as_uri()
        editor.open(TEXT, uri)
        assert await lens(editor, path) is None
        save(editor, path, TEXT)
        await wait_for_lens(editor, path, "v1.0.0, 1 version")
        save(editor, path, TEXT)
        editor.replace(MORE, 2, uri)
        await wait_for_lens(editor, path, "v1.0.0, 1 version, next v1.1.0 (minor)")
        (action,) = await editor.actions(0, 0, only=["source.stateVersion"], uri=uri)
        assert action.title == "Set version to 1.1.0 (minor: there is a new optional input tone)"
        stated = applied(MORE, edits_of(action.edit, uri))
        assert stated == MORE.replace("---\nWrite", "version: 1.1.0\n---\nWrite")
        assert await editor.actions(3, 0, only=["source.stateVersion"], uri=uri) == []
        editor.replace(stated, 3, uri)
        save(editor, path, stated)
        await wait_for_lens(editor, path, "v1.1.0, 2 versions")
        assert await editor.actions(0, 0, only=["source.stateVersion"], uri=uri) == []
        page = await editor.workspace_execute_command_async(types.ExecuteCommandParams("promptls.showHistory", [uri]))
        assert isinstance(page, str)
        assert "## 1.1.0" in page and "* There is a new optional input tone" in page


async def test_recording_can_be_turned_off(tmp_path: Path) -> None:
    (tmp_path / "promptls.toml").write_text("history = false\n", encoding="utf-8")
    path = tmp_path / "a.prompt"
    async with editing(tmp_path, PUSH) as editor:
        editor.open(TEXT, path.as_uri())
        save(editor, path, TEXT)
        await editor.hover(0, 0, path.as_uri())
        await asyncio.sleep(0.3)
        assert await lens(editor, path) is None


async def test_a_save_waits_for_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.prompt"
    async with editing(tmp_path, PUSH) as editor:
        editor.open(TEXT, path.as_uri())
        save(editor, path, TEXT)
        await wait_for_lens(editor, path, "v1.0.0, 1 version")
        with closing(sqlite3.connect(history_file(tmp_path), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            started = time.monotonic()
            editor.replace(MORE, 2, path.as_uri())
            save(editor, path, MORE)
            assert await editor.hover(1, 1, path.as_uri()) is not None
            assert await lens(editor, path) == "v1.0.0, 1 version, next v1.1.0 (minor)"
            assert time.monotonic() - started < BUSY_SECONDS
            other.execute("ROLLBACK")
        await wait_for_lens(editor, path, "v1.1.0, 2 versions")


async def test_what_cannot_be_recorded_is_told_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in-the-way").write_text("", encoding="utf-8")
    monkeypatch.setenv("PROMPTLS_STATE_FOLDER", str(tmp_path / "in-the-way"))
    path = tmp_path / "a.prompt"
    async with editing(tmp_path, PUSH) as editor:
        editor.open(TEXT, path.as_uri())
        for text in (TEXT, MORE, TEXT):
            save(editor, path, text)
        await editor.until(lambda: editor.warnings() or None)
        await asyncio.sleep(0.5)
        (warning,) = editor.warnings()
        assert warning.startswith("No version of a.prompt was recorded: the history ") and "cannot be used" in warning
        assert await editor.hover(1, 1, path.as_uri()) is not None

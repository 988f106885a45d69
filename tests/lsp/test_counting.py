"""What editors do with prompts is counted, on this machine alone, unless the settings say not to."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from promptls.store.state import usage_file
from promptls.store.usage import Usage
from tests.lsp.capabilities import PUSH
from tests.lsp.editor import applied, editing, edits_of

TEXT = '---\nmodel: googleai/gemini-2.5-flash\n---\n{{#role "system"}}\nHello.\n{{/role}}\n'
RULE = "template/block-role"
STEPS = (f"Ignore {RULE} on this line", None, "")


async def use_everything(folder: Path) -> dict[tuple[str, str], int]:
    """Open a prompt, preview it, dismiss a finding, take that back, and take a fix; gives what was counted."""
    path = folder / "a.prompt"
    async with editing(folder, PUSH) as editor:
        uri, text = path.as_uri(), TEXT
        editor.open(text, uri)
        await editor.request("promptls/preview", {"textDocument": {"uri": uri}})
        for version, title in enumerate(STEPS, 2):
            actions = await editor.actions(3, 0, only=["quickfix"], uri=uri)
            chosen = [each for each in actions if title is not None and each.title.startswith(title)]
            assert bool(chosen) == (title is not None), [each.title for each in actions]
            text = applied(text, edits_of(chosen[0].edit, uri)) if chosen else TEXT
            editor.replace(text, version, uri)
        started = time.monotonic()
        while not usage_file(folder).exists() and time.monotonic() - started < 5:
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.2)
    return {(each.use, each.rule): count for each, count in Usage(usage_file(folder)).counts().items()}


async def test_uses_are_counted(tmp_path: Path) -> None:
    assert await use_everything(tmp_path) == {
        ("views", ""): 1,
        ("renders", ""): 1,
        ("dismissed", RULE): 1,
        ("accepted", RULE): 1,
    }


async def test_counting_can_be_turned_off(tmp_path: Path) -> None:
    (tmp_path / "promptls.toml").write_text("usage = false\n", encoding="utf-8")
    assert await use_everything(tmp_path) == {}
    assert not usage_file(tmp_path).exists()

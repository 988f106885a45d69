"""The commands that an editor can have executed; each takes a document's URI first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from promptls.lsp.actions import EXPLAIN_RULE, SHOW_SIMILAR
from promptls.lsp.edits import refuse, workspace_edit
from promptls.lsp.features.optimizing import OPTIMIZE
from promptls.lsp.features.previews import SHOW_PREVIEW, content_of, preview_uri
from promptls.lsp.features.scoring import EXPLAIN_SCORE, explanation_of, explanation_uri, summary_of
from promptls.lsp.features.test_files import CREATE_TESTS, RUN_TESTS, SHOW_TEST_RESULTS
from promptls.lsp.features.versions import SHOW_HISTORY, history_page
from promptls.lsp.uris import to_path, to_uri
from promptls.lsp.virtual_documents import show, show_page

if TYPE_CHECKING:
    from promptls.lsp.server import Server
    from promptls.lsp.session import Surroundings

NEW_PROMPT = "promptls.newPrompt"
_ANSWER_SECONDS = 10.0


def commands(server: Server) -> dict[str, Callable[..., Awaitable[Any]]]:
    """Every command by its name; the arguments' types are what the editor must send."""

    async def explain_rule(uri: str, rule: str) -> str:
        """The documentation of a rule as Markdown, shown in the editor too where it can show documents."""
        await server.session.ready.wait()
        from promptls.lint.documentation import rule_markdown
        from promptls.lint.runner import registry

        found = registry().by_id.get(rule)
        if found is None:
            raise JsonRpcInvalidParams(f"there is no rule {rule!r}")
        text = rule_markdown(found)
        if not await show_page(server, "rules", found.id.replace("/", "-"), text):
            server.window_show_message(types.ShowMessageParams(types.MessageType.Info, f"{found.id}: {found.summary}"))
        return text

    async def show_preview(uri: str) -> str:
        """The preview of a document as Markdown, shown in the editor too where it can show documents."""
        text = await server.pages.made_of(uri, content_of)
        server.counting.count(uri, "renders")
        if server.session.client.opens_virtual_documents:
            await show(server, preview_uri(uri))
        else:
            await show_page(server, "previews", _name(uri, "preview"), text)
        return text

    async def explain_score(uri: str) -> str:
        """The score of a document explained as Markdown, shown in the editor too: the whole page, or a few lines."""
        text = await server.pages.made_of(uri, explanation_of)
        if server.session.client.opens_virtual_documents:
            await show(server, explanation_uri(uri))
        elif not await show_page(server, "scores", _name(uri, "score"), text):
            summary = await server.pages.made_of(uri, summary_of)
            server.window_show_message(types.ShowMessageParams(types.MessageType.Info, summary))
        return text

    async def show_similar(uri: str) -> str:
        """The prompts that say much the same as a file, as Markdown, shown in the editor too if it can."""
        text = await server.session.ask_workspace(lambda each: _similar_page(uri, each), server.session.requests)
        await show_page(server, "similar", "similar-prompts", text)
        return text

    async def show_history(uri: str) -> str:
        """The versions of a document and what each changed, as Markdown, shown in the editor too if it can."""
        text = await server.session.ask(server.session.document(uri), history_page, server.session.requests)
        await show_page(server, "histories", "changes", text)
        return text

    async def new_prompt(uri: str, template: str) -> str:
        """Make and show the file at an address from a template; returns the address, or an error with the reason."""
        await server.session.ready.wait()
        path = to_path(uri)
        if path is None:
            raise JsonRpcInvalidParams(f"{uri} is not the address of a file")
        if not server.session.client.applies_edits:
            raise JsonRpcException("This editor takes no edits.", types.LSPErrorCodes.RequestFailed)
        edit = await server.session.ask_workspace(
            lambda surroundings: _new_prompt(template, path, surroundings), server.session.requests
        )
        answer = await asyncio.wait_for(
            server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, "New prompt")), _ANSWER_SECONDS
        )
        if not answer.applied:
            reason = answer.failure_reason or "The editor did not make the file."
            raise JsonRpcException(reason, types.LSPErrorCodes.RequestFailed)
        await show(server, to_uri(path))
        return to_uri(path)

    async def optimize(uri: str, asked: Any = None) -> dict[str, Any] | None:
        """Optimise a document; the result as data, or null where there is none. See `Optimizing.command`."""
        await server.session.ready.wait()
        server.counting.count(uri, "optimisations")
        return await server.optimizing.command(uri, asked)

    async def run_tests(uri: str, *names: str) -> dict[str, Any] | None:
        """Run the cases of a test file or of a prompt, or those of some names. See `Testing.run`."""
        return await server.testing.run(uri, names)

    async def show_test_results(uri: str, *names: str) -> str:
        """The last results as Markdown, shown in the editor too if it can."""
        return await server.testing.show(uri, names)

    async def create_tests(uri: str) -> str:
        """Write the first test case of a prompt; returns the address of the file."""
        return await server.testing.create(uri)

    return {
        RUN_TESTS: run_tests,
        SHOW_TEST_RESULTS: show_test_results,
        CREATE_TESTS: create_tests,
        EXPLAIN_RULE: explain_rule,
        EXPLAIN_SCORE: explain_score,
        SHOW_PREVIEW: show_preview,
        SHOW_SIMILAR: show_similar,
        SHOW_HISTORY: show_history,
        NEW_PROMPT: new_prompt,
        OPTIMIZE: optimize,
    }


def _name(uri: str, otherwise: str) -> str:
    path = to_path(uri)
    return path.stem if path else otherwise


def _similar_page(uri: str, surroundings: Surroundings) -> str:
    from promptls.ide.search import similar_page
    from promptls.workspace import FileProblem

    path = to_path(uri)
    if path is None:
        raise JsonRpcInvalidParams(f"{uri} is not the address of a file")
    try:
        return similar_page(surroundings.workspace, surroundings.workspace.prompt(path))
    except FileProblem as problem:
        raise JsonRpcException(str(problem), types.LSPErrorCodes.RequestFailed) from None


def _new_prompt(template: str, path: Path, surroundings: Surroundings) -> types.WorkspaceEdit:
    from promptls.ide.edits import Refused
    from promptls.ide.new_prompt import new_prompt

    try:
        edit = new_prompt(template, path, exists=surroundings.workspace.exists(path))
    except Refused as refused:
        refuse(refused)
    return workspace_edit(edit, surroundings, title="New prompt")

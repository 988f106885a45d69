"""Texts stay in step with the editor's, whatever the encoding and the characters."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from promptls.lsp.documents import Documents
from promptls.syntax.source import PositionEncoding

URI = "file:///a.prompt"
PIECES = st.sampled_from(
    ["a", "bc", " ", "\n", "\r\n", "\r", "\u2028", "\u0085", "\x0b", "\x0c", "é", "日", "😀", "{{x}}"]
)
TEXTS = st.lists(PIECES, max_size=20).map("".join)


def editor_position(text: str, offset: int, encoding: PositionEncoding) -> types.Position:
    """The position of an offset as an editor counts it, written without regard to speed."""
    lines, start = 0, 0
    for index in range(offset):
        ends_crlf = text[index : index + 2] == "\r\n"
        if text[index] == "\n" or (text[index] == "\r" and not ends_crlf):
            lines, start = lines + 1, index + 1
    units = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding]
    return types.Position(lines, len(text[start:offset].encode(units[0])) // units[1])


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    text = draw(TEXTS)
    edits, current = [], text
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(current)))
        end = draw(st.integers(start, len(current)))
        # No editor places a cursor between the two characters of a line end.
        start, end = (at - (current[at - 1 : at + 1] == "\r\n") if 0 < at < len(current) else at for at in (start, end))
        new = draw(TEXTS)
        edits.append((start, end, new))
        current = current[:start] + new + current[end:]
    return text, edits


@given(edited(), st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.booleans())
def test_incremental_edits_equal_the_full_text(
    case: tuple[str, list[tuple[int, int, str]]], encoding: PositionEncoding, together: bool
) -> None:
    text, edits = case
    documents = Documents()
    documents.open(URI, "dotprompt", 1, text)
    changes, current = [], text
    for start, end, new in edits:
        range = types.Range(*(editor_position(current, at, encoding) for at in (start, end)))
        changes.append(types.TextDocumentContentChangePartial(range, new))
        current = current[:start] + new + current[end:]
    batches = [changes] if together else [[each] for each in changes]
    for version, batch in enumerate(batches, start=2):
        document = documents.change(URI, version, batch, encoding)
        assert document is not None
        assert document.in_sync
    newest = documents.get(URI)
    assert newest is not None
    assert newest.source.text == current


def change(
    line: int, start: int, end: int, text: str, length: int | None = None
) -> types.TextDocumentContentChangePartial:
    range = types.Range(types.Position(line, start), types.Position(line, end))
    return types.TextDocumentContentChangePartial(range, text, range_length=length)


def test_change_of_unopened_file_is_logged_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    documents = Documents()
    assert documents.change(URI, 2, [change(0, 0, 0, "x")], "utf-16") is None
    assert "not open" in caplog.text
    assert documents.get(URI) is None


@pytest.mark.parametrize("version", [2, 3])
def test_change_to_an_old_version_is_logged_and_ignored(version: int, caplog: pytest.LogCaptureFixture) -> None:
    documents = Documents()
    opened = documents.open(URI, "dotprompt", 3, "abc")
    assert documents.change(URI, version, [change(0, 0, 0, "x")], "utf-16") is None
    assert f"version {version} after 3" in caplog.text
    assert documents.get(URI) is opened


def test_versions_may_skip_numbers(caplog: pytest.LogCaptureFixture) -> None:
    documents = Documents()
    documents.open(URI, "dotprompt", 1, "abc")
    with caplog.at_level(logging.DEBUG):
        document = documents.change(URI, 9, [change(0, 3, 3, "d")], "utf-16")
    assert document is not None
    assert (document.source.text, document.version, document.in_sync) == ("abcd", 9, True)
    assert caplog.text == ""


@pytest.mark.parametrize(
    "wrong",
    [change(7, 0, 0, "x"), change(0, 0, 2, "x", length=3), change(0, 2, 1, "x")],
    ids=["line past the end", "another length", "end before start"],
)
def test_lost_sync_is_noticed_once(
    wrong: types.TextDocumentContentChangePartial, caplog: pytest.LogCaptureFixture
) -> None:
    documents = Documents()
    documents.open(URI, "dotprompt", 1, "abc\n")
    for version in (2, 3):
        document = documents.change(URI, version, [wrong], "utf-16")
        assert document is not None
        assert not document.in_sync
    assert caplog.text.count("lost track") == 1
    whole = types.TextDocumentContentChangeWholeDocument("new")
    document = documents.change(URI, 4, [whole], "utf-16")
    assert document is not None
    assert document.in_sync


def test_positions_past_the_end_of_a_line_are_legal() -> None:
    documents = Documents()
    documents.open(URI, "dotprompt", 1, "abc\nd")
    document = documents.change(URI, 2, [change(0, 99, 99, "Z")], "utf-16")
    assert document is not None
    assert (document.source.text, document.in_sync) == ("abcZ\nd", True)


def test_saved_text_mends_what_went_wrong(caplog: pytest.LogCaptureFixture) -> None:
    documents = Documents()
    documents.open(URI, "dotprompt", 1, "abc")
    assert documents.saved(URI, "abc") is None
    mended = documents.saved(URI, "abd")
    assert mended is not None
    assert mended.source.text == "abd"
    assert "differs" in caplog.text


def test_closing_forgets(caplog: pytest.LogCaptureFixture) -> None:
    documents = Documents()
    opened = documents.open(URI, "dotprompt", 1, "abc")
    assert documents.close(URI) is opened
    assert not documents.is_current(opened)
    assert documents.close(URI) is None
    assert "not open" in caplog.text

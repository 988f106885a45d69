"""What becomes of the index when processes are killed, files damaged and disks full; `make faults` runs it in full.

FAULT_RUNS says how often each of the random faults is tried.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from promptls.settings import SettingsSources
from promptls.store.backend import Changes
from promptls.store.index import Store
from promptls.store.location import index_file
from promptls.store.query import parse_query
from promptls.store.reading import read_record
from promptls.store.sqlite import SqliteBackend
from promptls.workspace import Workspace
from promptls.workspace.index import WorkspaceIndex
from tests.store.generate import queries, write_prompts

RUNS = int(os.environ.get("FAULT_RUNS", "3"))
PROMPTS = 120

pytestmark = pytest.mark.timeout(60 + 10 * RUNS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of prompts, whose index is kept beside it."""
    monkeypatch.setenv("PROMPTLS_CACHE_FOLDER", str(tmp_path / "cache"))
    folder = tmp_path / "prompts"
    write_prompts(folder, PROMPTS)
    return folder


def workspace_index(folder: Path, store: Store | None = None) -> WorkspaceIndex:
    return WorkspaceIndex(Workspace([folder], SettingsSources(user=None, variables={})), store)


def answers(index: WorkspaceIndex) -> list[list[str]]:
    """What the index finds for a number of searches."""
    return [sorted(each.row.path for each in index.search(parse_query(text), 500).found) for text in queries(25)]


def expected(folder: Path) -> list[list[str]]:
    index = workspace_index(folder, Store(None))
    index.refresh(judging=False)
    found = answers(index)
    assert sum(map(len, found)) > PROMPTS // 2
    return found


def indexing(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "promptls", "index", "--jobs", "2", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def require_sound(file: Path) -> None:
    """Fail where the tables, or the full-text index over them, are not in order."""
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'search'").fetchone():
            connection.execute("INSERT INTO search(search, rank) VALUES ('integrity-check', 1)")
            lost = "SELECT count(*) FROM prompts WHERE id NOT IN (SELECT id FROM texts)"
            assert connection.execute(lost).fetchone() == (0,)


def processes_in(folder: Path) -> list[int]:
    """The processes that work in a folder; Linux only."""
    found = []
    for each in Path("/proc").iterdir() if Path("/proc").is_dir() else ():
        if each.name.isdigit():
            try:
                if (each / "cwd").resolve() == folder and int(each.name) != os.getpid():
                    found.append(int(each.name))
            except OSError:
                continue
    return found


def test_killed_while_indexing(folder: Path) -> None:
    chosen, wanted = random.Random(5), expected(folder)
    file = index_file([folder])
    interrupted = 0
    for run in range(RUNS):
        with indexing(folder, *(["--rebuild"] if run % 2 else [])) as process:
            time.sleep(chosen.uniform(0.1, 1.6))
            interrupted += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        if file.exists():
            require_sound(file)
        (folder / f"team0/case{run}.prompt").touch()
        if run % 10 == 0 or run == RUNS - 1:
            index = workspace_index(folder)
            index.refresh(judging=False)
            assert answers(index) == wanted
            assert index.store.problem is None
            index.store.close()
    print(f"{interrupted} of {RUNS} indexings were killed before their end")
    assert interrupted
    deadline = time.monotonic() + 10
    while left := processes_in(folder):
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.1)


def test_two_writers(folder: Path) -> None:
    wanted = expected(folder)
    for run in range(max(1, RUNS // 3)):
        both = [indexing(folder, *(["--rebuild"] if run == number else [])) for number in range(2)]
        for process in both:
            _, complaints = process.communicate(timeout=60)
            assert process.returncode == 0, complaints.decode()
        require_sound(index_file([folder]))
        index = workspace_index(folder)
        index.refresh(judging=False)
        assert answers(index) == wanted
        index.store.close()
        for number in range(0, PROMPTS, 2):
            path = folder / f"team{number // 100}/case{number}.prompt"
            os.utime(path)


def _truncate(data: bytearray, chosen: random.Random) -> bytes:
    return bytes(data[: chosen.randrange(len(data))])


def _overwrite(data: bytearray, chosen: random.Random) -> bytes:
    for _ in range(chosen.randint(1, 30)):
        start = chosen.randrange(len(data))
        noise = chosen.randbytes(chosen.choice((1, 100, 5000)))[: len(data) - start]
        data[start : start + len(noise)] = noise
    return bytes(data)


@pytest.mark.parametrize(
    "damage", [_truncate, _overwrite, lambda data, chosen: chosen.randbytes(9_000), lambda *_: b""]
)
def test_damaged_files(folder: Path, damage) -> None:
    wanted = expected(folder)
    index = workspace_index(folder)
    index.refresh(judging=False)
    index.store.close()
    file = index_file([folder])
    sound = file.read_bytes()
    chosen = random.Random(8)
    for _ in range(RUNS):
        for ending in ("-wal", "-shm"):
            Path(f"{file}{ending}").unlink(missing_ok=True)
        file.write_bytes(damage(bytearray(sound), chosen))
        index = workspace_index(folder)
        index.refresh(judging=False)
        try:
            found = answers(index)
            if index.store.generation:
                # Found out on the way: the next refresh fills what was made anew.
                index.refresh(judging=False)
                found = answers(index)
        finally:
            index.store.close()
        assert index.store.problem is None
        # Noise within a text may go unnoticed, as it would in any database; it must neither crash nor spread.
        alike = sum(one == other for one, other in zip(found, wanted, strict=True))
        assert alike >= len(wanted) // 2 if damage is _overwrite else found == wanted


def test_damage_of_an_open_index_is_mended_by_the_next_refresh(folder: Path) -> None:
    wanted = expected(folder)
    index = workspace_index(folder)
    index.refresh(judging=False)
    with index_file([folder]).open("r+b") as file:
        file.write(b"noise" * 400_000)
    for each in folder.rglob("*.prompt"):
        os.utime(each)
    index.refresh(judging=False)
    assert answers(index) == wanted


@pytest.mark.parametrize("version", [0, 99])
def test_another_version_is_made_anew(folder: Path, version: int) -> None:
    index = workspace_index(folder)
    index.refresh(judging=False)
    index.store.close()
    with closing(sqlite3.connect(index_file([folder]))) as connection:
        connection.execute("CREATE TABLE later (x)")
        connection.execute("CREATE VIRTUAL TABLE later_search USING fts5(x)")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    index = workspace_index(folder)
    assert index.store.counts()["prompts"] == 0
    index.refresh(judging=False)
    assert answers(index) == expected(folder)
    assert index.store.problem is None


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another process that lets nobody write."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_locked_for_long(folder: Path) -> None:
    file = index_file([folder])
    workspace_index(folder).refresh(judging=False)
    store = Store(file, busy_seconds=0.2)
    for each in folder.rglob("*.prompt"):
        os.utime(each)
    (folder / "new.prompt").write_text("Herd xylophones.\n", encoding="utf-8")
    with locked(file):
        index = workspace_index(folder, store)
        index.refresh(judging=False)
        assert len(index.search(parse_query("xylophones")).found) == 1
        assert "locked" in (store.problem or "")
        assert not store.is_kept


def test_locked_for_a_moment(folder: Path) -> None:
    file = index_file([folder])
    workspace_index(folder).refresh(judging=False)
    (folder / "new.prompt").write_text("Herd xylophones.\n", encoding="utf-8")
    hold = "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE'); print(); "
    hold += "sys.stdout.flush(); time.sleep(1)"
    with subprocess.Popen([sys.executable, "-c", hold, str(file)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        index = workspace_index(folder)
        index.refresh(judging=False)
        assert len(index.search(parse_query("xylophones")).found) == 1
        assert index.store.problem is None


def test_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = SqliteBackend._connected

    def small(self: SqliteBackend) -> sqlite3.Connection:
        connection = connected(self)
        if self.file is not None:
            connection.execute("PRAGMA max_page_count = 60")
        return connection

    monkeypatch.setattr(SqliteBackend, "_connected", small)
    index = workspace_index(folder)
    index.refresh(judging=False)
    assert "full" in (index.store.problem or "")
    assert answers(index) == expected(folder)


def test_folder_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    index = workspace_index(folder, Store(tmp_path / "file" / "index.sqlite3"))
    index.refresh(judging=False)
    assert index.store.problem is not None
    assert answers(index) == expected(folder)


def test_folder_in_the_place_of_the_file(folder: Path) -> None:
    index_file([folder]).mkdir(parents=True)
    index = workspace_index(folder)
    index.refresh(judging=False)
    assert index.store.problem is not None
    assert answers(index) == expected(folder)


def test_file_that_changes_while_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changing = folder / "changing.prompt"
    changing.write_text("Count alpacas.\n", encoding="utf-8")

    def interrupted(prompt, written):
        if written.path == changing:
            changing.write_text("Count buffaloes, many of them.\n", encoding="utf-8")
        return read_record(prompt, written)

    index = workspace_index(folder)
    with monkeypatch.context() as patch:
        patch.setattr("promptls.workspace.indexing.read_record", interrupted)
        index.refresh(judging=False)
    assert len(index.search(parse_query("alpacas")).found) == 1
    index.refresh(judging=False)
    assert len(index.search(parse_query("buffaloes")).found) == 1
    assert index.search(parse_query("alpacas")).total == 0


def test_nothing_is_written_in_halves(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = workspace_index(folder)
    index.refresh(judging=False)
    store, paths = index.store, sorted(index.store.known())
    monkeypatch.setattr("promptls.store.sqlite._remove", _failing(paths[1]))
    with pytest.raises(RuntimeError):
        store.write(Changes(gone=paths[:2]))
    assert sorted(store.known()) == paths


def _failing(at: str):
    from promptls.store.sqlite import _remove

    def remove(connection: sqlite3.Connection, path: str) -> None:
        if path == at:
            raise RuntimeError
        _remove(connection, path)

    return remove

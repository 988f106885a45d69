"""What becomes of a history when processes are killed, files damaged and disks full; `make faults` runs it in full.

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
from contextlib import suppress
from operator import ne
from pathlib import Path

import pytest

from promptls.store import sqlite_history
from promptls.store.history import DamagedText, HistoryProblem
from promptls.store.sqlite_history import MIGRATIONS, SqliteHistory
from tests.store.histories import open_history, prompt, require_sound, require_whole, text_of
from tests.support import ROOT

RUNS = int(os.environ.get("FAULT_RUNS", "3"))

pytestmark = pytest.mark.timeout(60 + 10 * RUNS)


def recording(folder: Path, file: Path, first: int, most: int = 100_000) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.record_forever", str(folder), str(file), str(first), str(most)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")


def test_killed_while_recording(tmp_path: Path) -> None:
    chosen, file, path = random.Random(3), tmp_path / "state" / "history.sqlite3", tmp_path / "a.prompt"
    done: dict[str, int] = {}
    for run in range(RUNS):
        with recording(tmp_path, file, run * 1_000_000) as process:
            assert process.stdout is not None
            process.stdout.readline()  # it has begun
            done_before = len(done)
            time.sleep(chosen.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
            lines = process.stdout.read().splitlines()
            process.wait()
        for line in lines:
            if line.count(" ") == 1 and line.count(".") == 2:
                said, version = line.split()
                done[version] = int(said)
        assert len(done) >= done_before
        require_sound(file)
        history = open_history(tmp_path, file)
        require_whole(history, path, at_least=len(done))
        texts = {each.version: history.text(each) for each in history.versions(path)[-300:]}
        for version, number in done.items():
            assert version not in texts or texts[version] == text_of(number)
    print(f"{RUNS} kills, {len(done)} versions were said to be recorded; all are there")
    assert done


def test_writers_at_once(tmp_path: Path) -> None:
    file, each_writes = tmp_path / "history.sqlite3", 25
    for run in range(max(1, RUNS // 10)):
        writers = [recording(tmp_path, file, (run * 2 + number) * 1_000_000, each_writes) for number in range(2)]
        said = [writer.communicate(timeout=100)[0].splitlines() for writer in writers]
        assert [len(each) for each in said] == [each_writes] * 2
        history = open_history(tmp_path, file)
        assert require_whole(history, tmp_path / "a.prompt") == (run + 1) * 2 * each_writes
    authors = {each.author for each in history.versions(tmp_path / "a.prompt")}
    assert len(authors) == 2 * max(1, RUNS // 10)


def _truncate(data: bytearray, chosen: random.Random) -> bytes:
    return bytes(data[: chosen.randrange(1, len(data))])


def _overwrite(data: bytearray, chosen: random.Random) -> bytes:
    for _ in range(chosen.randint(1, 8)):
        start = chosen.randrange(len(data))
        noise = chosen.randbytes(chosen.choice((1, 100, 5000)))[: len(data) - start]
        data[start : start + len(noise)] = noise
    return bytes(data)


def _noise(data: bytearray, chosen: random.Random) -> bytes:
    return chosen.randbytes(len(data))


@pytest.mark.parametrize("damage", [_truncate, _overwrite, _noise])
def test_damaged_files_are_set_aside(tmp_path: Path, damage) -> None:
    chosen, path = random.Random(11), tmp_path / "a.prompt"
    sound = tmp_path / "sound.sqlite3"
    history = open_history(tmp_path, sound)
    for number in range(40):
        history.record(prompt(path, text_of(number)), author="a")
    saved = []
    for run in range(RUNS):
        folder = tmp_path / f"run{run}"
        folder.mkdir()
        file = folder / "history.sqlite3"
        data = damage(bytearray(sound.read_bytes()), chosen)
        file.write_bytes(data)
        told: list[str] = []
        history = open_history(tmp_path, file, told=told.append)
        history.record(prompt(path, text_of(1000)), author="b")
        versions = history.versions(path)
        for version in versions:
            with suppress(DamagedText):
                history.text(version)
        assert open_history(tmp_path, file).versions(path)
        asides = list(folder.glob("history.damaged-*.sqlite3"))
        assert bool(asides) == bool(told)
        for aside in asides:
            # Where the new version was written before the damage was met, it is in there too.
            assert aside.stat().st_size >= len(data)
            assert sum(map(ne, aside.read_bytes(), data)) <= 4 * 4096
            require_sound(file)
            saved.append(len(versions) - 1)
    went_on = sum(saved) / max(1, len(saved))
    print(f"{damage.__name__}: set aside {len(saved)} of {RUNS} times; {went_on:.1f} of 40 versions went on each time")


def test_damage_is_told_of_once_and_the_rest_goes_on(tmp_path: Path) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    told: list[str] = []
    file.write_bytes(b"this is no database, and longer than a header of one is, which has a hundred bytes" * 5)
    history = open_history(tmp_path, file, told=told.append)
    assert history.versions(path) == ()
    assert history.record(prompt(path, "a"), author="a") is not None
    assert [each.version for each in history.versions(path)] == ["1.0.0"]
    (sentence,) = told
    assert "was damaged" in sentence and "0 versions could be read" in sentence
    (aside,) = tmp_path.glob("history.damaged-*")
    assert aside.name in sentence
    assert aside.read_bytes().startswith(b"this is no database")


def test_noise_in_the_lock_is_no_damage(tmp_path: Path) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    history = open_history(tmp_path, file)
    history.record(prompt(path, "a"), author="a")
    Path(f"{file}.lock").write_bytes(b"noise" * 1000)
    history.record(prompt(path, "b"), author="a")
    assert require_whole(history, path) == 2
    assert not list(tmp_path.glob("*damaged*"))


def test_a_newer_history_is_left_alone(tmp_path: Path) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    history = open_history(tmp_path, file)
    history.record(prompt(path, "a"), author="a")
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    for attempt in (lambda: history.versions(path), lambda: history.record(prompt(path, "b"), author="a")):
        with pytest.raises(HistoryProblem, match="newer promptls"):
            attempt()
    assert file.read_bytes() == before
    assert not list(tmp_path.glob("*damaged*"))


def test_an_older_history_is_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    history = open_history(tmp_path, file)
    history.record(prompt(path, "a"), author="a")
    later = (*MIGRATIONS, ("ALTER TABLE versions ADD COLUMN label TEXT", "CREATE TABLE labels (x)"))
    monkeypatch.setattr(sqlite_history, "MIGRATIONS", later)
    history.record(prompt(path, "b"), author="a")
    assert require_whole(history, path) == 2
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert connection.execute("SELECT label FROM versions").fetchall() == [(None,), (None,)]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    history = open_history(tmp_path, file)
    history.record(prompt(path, "a"), author="a")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_history, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE labels (x)", "nonsense")))
        with pytest.raises(HistoryProblem):
            history.versions(path)
    assert require_whole(history, path) == 1


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    history = open_history(tmp_path, file)
    history.record(prompt(path, text_of(0)), author="a")
    connected = SqliteHistory._connected

    def small(self: SqliteHistory) -> sqlite3.Connection:
        connection = connected(self)
        connection.execute("PRAGMA max_page_count = 20")
        return connection

    recorded = 1
    with monkeypatch.context() as patch:
        patch.setattr(SqliteHistory, "_connected", small)
        with suppress(HistoryProblem):
            for recorded in range(1, 1000):
                history.record(prompt(path, text_of(recorded) * 3), author="a")
        with pytest.raises(HistoryProblem, match="disk is full"):
            history.record(prompt(path, text_of(1000) * 3), author="a")
    assert require_whole(history, path) == recorded
    assert history.record(prompt(path, "short"), author="a") is not None
    assert require_whole(history, path) == recorded + 1
    assert not list(tmp_path.glob("*damaged*"))


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    history = open_history(tmp_path, tmp_path / "file" / "history.sqlite3")
    with pytest.raises(HistoryProblem, match="cannot be used"):
        history.record(prompt(tmp_path / "a.prompt", "a"), author="a")
    assert history.versions(tmp_path / "a.prompt") == ()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o500)
    history = open_history(tmp_path, folder / "history.sqlite3")
    with pytest.raises(HistoryProblem, match="cannot be used"):
        history.record(prompt(tmp_path / "a.prompt", "a"), author="a")


def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite3").mkdir()
    history = open_history(tmp_path, tmp_path / "history.sqlite3")
    with pytest.raises(HistoryProblem, match="cannot be used"):
        history.record(prompt(tmp_path / "a.prompt", "a"), author="a")


@pytest.mark.parametrize("statement", ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"])
def test_locked_for_long(tmp_path: Path, statement: str) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    history = open_history(tmp_path, file, busy_seconds=0.2)
    history.record(prompt(path, "a"), author="a")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute(statement)
    with pytest.raises(HistoryProblem, match="locked"):
        history.record(prompt(path, "b"), author="a")
    assert len(history.versions(path)) == 1
    other.execute("ROLLBACK")
    other.close()
    assert history.record(prompt(path, "b"), author="a") is not None


def test_nothing_is_written_in_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, path = tmp_path / "history.sqlite3", tmp_path / "a.prompt"
    history = open_history(tmp_path, file)
    history.record(prompt(path, "a"), author="a")

    def torn(connection: sqlite3.Connection, checksum: str, text: str) -> None:
        put_text(connection, checksum, text)
        raise KeyboardInterrupt

    put_text = sqlite_history._put_text
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_history, "_put_text", torn)
        with pytest.raises(KeyboardInterrupt):
            history.record(prompt(path, "b"), author="a")
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM texts").fetchone() == (1,)
    assert require_whole(history, path) == 1

"""Work runs in order of need, stops when nobody wants it, and nobody waits for it."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from promptls.language.prompt import Cancelled
from promptls.lsp.schedule import Pool, Token, check_cancelled


async def test_answers_and_errors_reach_the_one_who_asked() -> None:
    pool = Pool("test", 1)
    assert await pool.run(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)
    assert await pool.run(lambda: 43) == 43


async def test_work_runs_beside_the_loop() -> None:
    assert await Pool("test", 1).run(threading.current_thread) is not threading.current_thread()


async def test_cancelled_token_stops_work_at_the_next_question() -> None:
    pool, token, steps = Pool("test", 1), Token(), []
    started = threading.Event()

    def work() -> None:
        for step in range(1000):
            check_cancelled()
            steps.append(step)
            started.set()
            time.sleep(0.005)

    running = asyncio.create_task(pool.run(work, token))
    while not started.is_set():
        await asyncio.sleep(0.001)
    token.cancel()
    with pytest.raises(Cancelled):
        await running
    assert len(steps) < 20


async def test_cancelled_task_cancels_its_work_and_frees_the_thread() -> None:
    pool = Pool("test", 1)
    stopped = threading.Event()

    def work() -> None:
        try:
            while True:
                check_cancelled()
                time.sleep(0.001)
        finally:
            stopped.set()

    running = asyncio.create_task(pool.run(work))
    await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await pool.run(stopped.is_set)


async def test_cancelled_work_that_waits_never_begins() -> None:
    pool, gate, ran = Pool("test", 1), threading.Event(), []
    first = asyncio.create_task(pool.run(gate.wait))
    waiting = asyncio.create_task(pool.run(lambda: ran.append(1)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])
    gate.set()
    await first
    await pool.run(lambda: None)
    assert ran == []


async def test_cancelling_a_parent_reaches_its_children_only() -> None:
    parent = Token()
    child, other = Token(parent), Token()
    parent.cancel()
    assert child.cancelled
    assert not other.cancelled
    sibling = Token(Token())
    sibling.cancel()
    assert sibling.cancelled


def test_process_ends_while_work_runs() -> None:
    program = (
        "import asyncio, time\n"
        "from promptls.lsp.schedule import Pool\n"
        "async def main():\n"
        "    task = asyncio.create_task(Pool('test', 1).run(lambda: time.sleep(30)))\n"
        "    await asyncio.sleep(0.1)\n"
        "asyncio.run(main())\n"
    )
    began = time.monotonic()
    result = subprocess.run([sys.executable, "-c", program], check=False, timeout=20)
    assert result.returncode == 0
    assert time.monotonic() - began < 10

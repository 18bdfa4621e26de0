"""Processes of a service wake each other on PostgreSQL, and need not be woken."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.matcher.alerts.inbox import InboxAddress
from services.matcher.delivery.live import Live
from shared.database import Database, opened
from shared.wakes import Carrier, hear

WITHIN = 5.0  # seconds


@pytest.fixture
async def two(fresh_database: Callable[[str], str]) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' databases."""
    url = fresh_database("matcher")
    async with opened(url) as one, opened(url) as other:
        yield one, other


async def test_what_one_process_tells_wakes_the_streams_of_another(two: tuple[Database, Database]) -> None:
    carrier, streams = Carrier(two[0], "linkages_inboxes"), Live()
    decider = Live(carrier.tell)
    mine, others = InboxAddress("43", "cws", "w_1"), InboxAddress("43", "cws", "w_2")
    with streams.watching(mine) as woken, streams.watching(others) as asleep:
        tasks = [asyncio.ensure_future(carrier.run())]
        tasks.append(asyncio.ensure_future(hear(two[1], "linkages_inboxes", streams.heard)))
        await asyncio.wait_for(
            woken.wait(), WITHIN
        )  # the beginning of hearing wakes all: something may have been told
        await asyncio.wait_for(asleep.wait(), WITHIN)
        woken.clear()
        asleep.clear()
        decider.notify([mine])
        await asyncio.wait_for(woken.wait(), WITHIN)
        assert not asleep.is_set()
        await ended(tasks)


async def test_too_many_names_wake_everybody(two: tuple[Database, Database]) -> None:
    heard: asyncio.Queue[Sequence[str]] = asyncio.Queue()
    carrier = Carrier(two[0], "linkages_inboxes")
    tasks = [asyncio.ensure_future(carrier.run())]
    tasks.append(asyncio.ensure_future(hear(two[1], "linkages_inboxes", heard.put_nowait)))
    assert await asyncio.wait_for(heard.get(), WITHIN) == ()
    carrier.tell(["43/cws/w_1"])
    assert await asyncio.wait_for(heard.get(), WITHIN) == ["43/cws/w_1"]
    carrier.tell(f"43/cws/w_{n}" for n in range(5000))
    assert await asyncio.wait_for(heard.get(), WITHIN) == ()
    await ended(tasks)


async def test_who_listens_comes_back_after_the_connection_was_cut(two: tuple[Database, Database]) -> None:
    heard = asyncio.Event()
    tasks = [asyncio.ensure_future(hear(two[1], "linkages_outbox", lambda _: heard.set()))]
    for _ in range(2):
        await asyncio.wait_for(heard.wait(), WITHIN)
        heard.clear()
        async with two[0].transaction() as connection:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            assert len((await connection.execute(sa.text(cut))).all()) == 1
    await asyncio.wait_for(heard.wait(), WITHIN)
    await two[0].notify("linkages_outbox", "")
    await ended(tasks)


async def test_on_sqlite_nobody_is_told_and_nothing_fails(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/it.db") as database:
        carrier = Carrier(database, "linkages_outbox")
        carrier.tell(["x"])
        tasks = [asyncio.ensure_future(carrier.run()), asyncio.ensure_future(hear(database, "x", print))]
        done, _ = await asyncio.wait(tasks, timeout=0.1)
        assert not done
        await ended(tasks)


async def ended(tasks: list["asyncio.Future[None]"]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

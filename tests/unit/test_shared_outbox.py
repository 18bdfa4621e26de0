"""The outbox: an event is on disk with its change or not at all; the inbox lets each through once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from shared.bus import partition_of
from shared.clock import FrozenClock
from shared.database import Database
from shared.inbox import first_time
from shared.outbox import Outbox
from tests.unit.outbox_place import (
    INBOX,
    METADATA,
    NOW,
    OUTBOX,
    Place,
    event,
    stored,
    write,
)


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    made = Place(tmp_path, FrozenClock(NOW))
    async with made.database() as database, database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    return made


async def test_events_of_a_key_are_numbered_from_one_without_a_gap(place: Place) -> None:
    async with place.database() as database:
        await write(database, "a", "b", "a")
        await write(database, "a")
    rows = await stored(place)
    assert [(row.key, row.sequence) for row in rows] == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]
    assert [row.partition for row in rows] == [partition_of("43", row.key) for row in rows]


async def test_the_same_key_in_another_county_counts_for_itself(place: Place) -> None:
    async with place.database() as database, database.transaction() as connection:
        outbox = Outbox(OUTBOX, "/test")
        for county in ("43", "07", "43"):
            outbox.add(county, event("a"), time=NOW)
        await outbox.write(connection, NOW)
    assert [(row.county, row.sequence) for row in await stored(place)] == [("43", 1), ("07", 1), ("43", 2)]


async def test_a_transaction_that_fails_leaves_neither_event_nor_gap(place: Place) -> None:
    async with place.database() as database:
        await write(database, "a")
        with pytest.raises(ZeroDivisionError):
            await write(database, "a", "b", fail=True)
        await write(database, "a", "b")
    assert [(row.key, row.sequence) for row in await stored(place)] == [("a", 1), ("a", 2), ("b", 1)]


async def test_a_transaction_without_events_writes_nothing(place: Place) -> None:
    async with place.database() as database:
        await write(database)
    assert await stored(place) == []


async def test_the_inbox_lets_an_event_through_once(place: Place) -> None:
    async with place.database() as database, database.transaction() as connection:
        assert await first_time(connection, INBOX, ["a", "b", "a"], NOW) == {"a", "b"}
        assert await first_time(connection, INBOX, ["b", "c"], NOW) == {"c"}
        assert await first_time(connection, INBOX, [], NOW) == set()
    async with place.database() as database, database.transaction() as connection:
        assert await first_time(connection, INBOX, ["a", "b", "c", "d"], NOW) == {"d"}


async def test_the_inbox_forgets_what_was_rolled_back(place: Place) -> None:
    async def fail(database: Database) -> None:
        async with database.transaction() as connection:
            assert await first_time(connection, INBOX, ["a"], NOW) == {"a"}
            raise ZeroDivisionError

    async with place.database() as database:
        with pytest.raises(ZeroDivisionError):
            await fail(database)
        async with database.transaction() as connection:
            assert await first_time(connection, INBOX, ["a"], NOW) == {"a"}


async def test_of_many_that_see_an_event_at_once_one_is_first(place: Place) -> None:
    async def see() -> set[str]:
        async with place.database() as database, database.transaction() as connection:
            return await first_time(connection, INBOX, ["a"], NOW + timedelta(seconds=1))

    assert sorted(map(len, await asyncio.gather(*(see() for _ in range(10))))) == [0] * 9 + [1]

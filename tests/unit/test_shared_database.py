"""The database: a transaction is whole or not at all, whoever gives up in the middle of it."""

import asyncio
import contextlib
import functools
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from shared.clock import FrozenClock
from shared.database import Database, Instant, metadata, opened
from shared.sqlite import SqliteFile
from tests.databases import empty_database

METADATA = metadata()
COUNTER = sa.Table(
    "counter",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)
ROW = sa.Table(
    "row",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("half", sa.Integer, primary_key=True),
)

_PID = sa.select(sa.func.pg_backend_pid())
_END = sa.select(sa.func.pg_terminate_backend(sa.bindparam("pid", type_=sa.Integer)))
_ACTIVITY = sa.table("pg_stat_activity")


@pytest.fixture
async def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path}/it.db"
    async with opened(made) as database, database.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(COUNTER.insert().values(id=1, n=0))
    return made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with opened(url) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/either.db"
        return
    with empty_database(request.getfixturevalue("postgres")) as made:
        yield made


@pytest.fixture
async def either(place: str) -> AsyncIterator[Database]:
    """A database of either kind; on PostgreSQL with two connections."""
    made = Database(place, pool_size=2)
    async with made.transaction() as connection:
        await connection.run_sync(METADATA.create_all)
    yield made
    await made.close()


async def count(database: Database, table: sa.Table = ROW) -> int:
    """How many rows there are."""
    async with database.reading() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


async def test_a_transaction_is_seen_when_it_is_left(either: Database) -> None:
    async with either.transaction() as connection:
        await connection.execute(ROW.insert().values(id=1, half=0))
        assert await count(either) == 0
    assert await count(either) == 1


async def test_an_error_takes_everything_back(either: Database) -> None:
    async def fail() -> None:
        async with either.transaction() as connection:
            await connection.execute(ROW.insert().values(id=1, half=0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await count(either) == 0
    async with either.transaction() as connection:
        await connection.execute(ROW.insert().values(id=1, half=0))


async def test_a_view_for_reading_cannot_write(either: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        async with either.reading() as connection:
            await connection.execute(ROW.insert().values(id=1, half=0))


async def test_a_view_stays_the_same_while_others_write(either: Database) -> None:
    async with either.reading() as connection:
        before = (await connection.execute(sa.select(sa.func.count()).select_from(ROW))).scalar_one()
        async with either.transaction() as writing:
            await writing.execute(ROW.insert().values(id=1, half=0))
        assert (await connection.execute(sa.select(sa.func.count()).select_from(ROW))).scalar_one() == before


async def test_nobody_writes_over_what_another_has_read(url: str) -> None:
    """Read, then write what was read plus one: with the lock taken before the read, no step is lost."""

    async def step(database: Database) -> None:
        async with database.transaction() as connection:
            before = (await connection.execute(sa.select(COUNTER.c.n))).scalar_one()
            await asyncio.sleep(0)
            await connection.execute(COUNTER.update().values(n=before + 1))

    async with opened(url) as one, opened(url) as two, opened(url) as three:
        await asyncio.gather(*(step(database) for database in (one, two, three) for _ in range(25)))
        async with one.reading() as connection:
            assert (await connection.execute(sa.select(COUNTER.c.n))).scalar_one() == 75


async def test_waiting_for_the_write_lock_does_not_stop_the_loop(url: str) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    async with opened(url) as one, opened(url) as two:
        ticking = asyncio.create_task(tick())
        async with one.transaction():
            waiting = asyncio.create_task(write(two, 1))
            await asyncio.sleep(0.3)
            assert not waiting.done()
        await waiting
        ticking.cancel()
    assert ticks > 20


async def write(database: Database, number: int) -> None:
    """Two rows that belong together."""
    async with database.transaction() as connection:
        await connection.execute(ROW.insert().values(id=number, half=0))
        await asyncio.sleep(0)
        await connection.execute(ROW.insert().values(id=number, half=1))


async def test_a_turn_that_never_comes_is_an_error_in_the_end(url: str, tmp_path: Path) -> None:
    patient = SqliteFile(str(tmp_path / "it.db"), turn_timeout=0.2)
    async with opened(url) as other, other.transaction():
        await refused(patient)
    await begin(patient)
    await patient.close()


async def test_a_lock_that_another_process_never_lets_go_is_an_error_in_the_end(
    url: str, tmp_path: Path
) -> None:
    del url  # the file is there
    patient = SqliteFile(str(tmp_path / "it.db"), busy_timeout=0.2)
    other = sqlite3.connect(tmp_path / "it.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await refused(patient)
    other.execute("ROLLBACK")
    other.close()
    await begin(patient)
    await patient.close()


async def refused(file: SqliteFile) -> None:
    """Its transaction cannot begin, and says so after about 0.2 seconds."""
    started = time.monotonic()
    with pytest.raises(sa.exc.OperationalError, match="locked"):
        await begin(file)
    assert 0.15 < time.monotonic() - started < 3


async def begin(file: SqliteFile) -> None:
    """A transaction that does nothing."""
    async with file.transaction():
        pass


async def test_who_is_cancelled_at_any_moment_leaves_a_transaction_whole_or_out(either: Database) -> None:
    chance = random.Random(3)
    acknowledged = []
    for number in range(150):
        task = asyncio.create_task(write(either, number))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        if chance.random() < 0.5:
            await asyncio.sleep(chance.random() * 0.004)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
            acknowledged.append(number)
    async with either.reading() as connection:
        halves = (await connection.execute(sa.select(ROW.c.id, sa.func.count()).group_by(ROW.c.id))).all()
    assert {found for _, found in halves} <= {2}
    assert set(acknowledged) <= {number for number, _ in halves}
    await write(either, 1000)


async def test_a_connection_that_the_server_has_ended_is_not_given_out(postgres: str) -> None:
    with empty_database(postgres) as url:
        async with opened(url) as database:
            async with database.reading() as one, database.reading() as other:
                pids = [(await connection.execute(_PID, {})).scalar_one() for connection in (one, other)]
            async with opened(postgres) as server, server.transaction() as administrator:
                for pid in pids:
                    await administrator.execute(_END, {"pid": pid})
            await asyncio.sleep(0.2)
            for _ in range(2):
                assert await count(database, _ACTIVITY) > 0


async def test_a_commit_waits_for_the_disk(database: Database) -> None:
    """A lost machine, unlike a killed process, forgets what was not synced."""
    for opening in (database.transaction, database.reading):
        async with opening() as connection:
            for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1)):
                found = await connection.execute(sa.text(f"PRAGMA {pragma}"))
                assert found.scalar_one() == value


class SlowDisk(sqlite3.Connection):
    """A connection whose COMMIT takes its time."""

    committing = False

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Run a statement."""
        if sql != "COMMIT":
            assert not self.committing, "somebody touches the connection during its commit"
            return super().execute(sql, parameters)
        self.committing = True
        time.sleep(0.2)
        try:
            return super().execute(sql, parameters)
        finally:
            self.committing = False


@pytest.mark.parametrize("cancellations", [1, 2, 5])
async def test_a_commit_that_is_cancelled_ends_before_anybody_goes_on(
    url: str, monkeypatch: pytest.MonkeyPatch, cancellations: int
) -> None:
    monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=SlowDisk))
    async with opened(url) as database:
        task = asyncio.create_task(write(database, 1))
        for _ in range(cancellations):
            await asyncio.sleep(0.03)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await count(database) == 2
        async with database.transaction():
            pass


instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=instants, offset=st.integers(-14, 14))
def test_an_instant_comes_back_to_the_microsecond(at: datetime, offset: int) -> None:
    kind = Instant()
    given_ = at.astimezone(timezone(timedelta(hours=offset)))
    stored = kind.process_bind_param(given_, sqlite.dialect())
    assert isinstance(stored, int)
    assert kind.process_result_value(stored, sqlite.dialect()) == at


@given(one=instants, two=instants)
def test_stored_instants_are_in_the_order_of_time(one: datetime, two: datetime) -> None:
    stored = [Instant().process_bind_param(at, sqlite.dialect()) for at in (one, two)]
    assert (stored[0] < stored[1]) == (one < two)


def test_postgresql_keeps_instants_in_its_own_type() -> None:
    kind = Instant().load_dialect_impl(postgresql.dialect())  # type: ignore[no-untyped-call]
    assert isinstance(kind, sa.DateTime)
    assert kind.timezone


async def test_the_clock_of_a_test_takes_the_place_of_the_hosts(url: str) -> None:
    clock = FrozenClock(datetime(2026, 3, 2, tzinfo=UTC))
    database = Database(url, clock=clock)
    async with database.reading() as connection:
        assert await database.now(connection) == clock.now()
        clock.advance(timedelta(days=1))
        assert await database.now(connection) == clock.now()
    await database.close()

"""A service's outbox and the log, opened as often as there are processes, lost and found again."""

import asyncio
import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from shared.bus import CWS_TOPIC, Bus, Record
from shared.bus.embedded import EmbeddedBus
from shared.clock import FrozenClock
from shared.database import Database, metadata
from shared.events import Envelope, cws
from shared.inbox import make_inbox_tables
from shared.outbox import Outbox, make_outbox_tables
from shared.outbox.relay import Relay

METADATA = metadata()
OUTBOX = make_outbox_tables(METADATA)
INBOX = make_inbox_tables(METADATA)
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
KEYS = [f"cl_{number}" for number in range(12)]


def event(key: str) -> cws.ClientSealed:
    """Some event of a key."""
    return cws.ClientSealed(client=key)


@dataclass
class Place:
    """A service's database and the log, opened as often as there are processes."""

    folder: Path
    clock: FrozenClock

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        database = Database(f"sqlite:///{self.folder}/it.db", clock=self.clock)
        try:
            yield database
        finally:
            await database.close()

    @contextlib.asynccontextmanager
    async def bus(self) -> AsyncIterator[EmbeddedBus]:
        bus = await EmbeddedBus.open(self.folder / "bus.db")
        try:
            yield bus
        finally:
            await bus.close()

    @contextlib.asynccontextmanager
    async def relay(self, owner: str = "one", bus: Bus | None = None) -> AsyncIterator[Relay]:
        async with self.database() as database, self.bus() as opened:
            yield Relay(database, OUTBOX, bus or opened, CWS_TOPIC, owner, asyncio.Event())

    def lose_log(self) -> None:
        """The log is gone."""
        for file in self.folder.glob("bus.db*"):
            file.unlink()

    def lose_tail(self, partition: int, keep: int) -> None:
        """The log comes back from a copy that ends earlier."""
        with contextlib.closing(sqlite3.connect(self.folder / "bus.db")) as connection, connection:
            connection.execute('DELETE FROM record WHERE partition = ? AND "offset" >= ?', (partition, keep))
            connection.execute(
                'UPDATE bound SET "end" = min("end", ?) WHERE partition = ?', (keep, partition)
            )

    async def log(self) -> list[Record]:
        """Everything in the log, partition by partition."""
        async with self.bus() as bus:
            bounds = await bus.bounds(CWS_TOPIC)
            begins = {partition: bound.begin for partition, bound in bounds.items()}
            found = await bus.fetch(CWS_TOPIC, begins, limit=100_000, timeout=0)
        return [record for _, records in sorted(found.items()) for record in records]


async def write(database: Database, *keys: str, fail: bool = False) -> None:
    """One transaction with an event for each key."""
    async with database.transaction() as connection:
        outbox = Outbox(OUTBOX, "/test")
        for key in keys:
            outbox.add("43", event(key), time=NOW)
        await outbox.write(connection, NOW)
        if fail:
            raise ZeroDivisionError


def read(records: Sequence[Record]) -> list[Envelope]:
    """The events of records."""
    return [Envelope.read(record.message, cws.TYPES) for record in records]


def once(events: Sequence[Envelope]) -> list[Envelope]:
    """Without repeats: each at its first place."""
    return list({envelope.id: envelope for envelope in reversed(events)}.values())[::-1]


def in_order(events: Sequence[Envelope]) -> dict[str, int]:
    """Check that each key counts from 1 without a gap; how far it got."""
    last: dict[str, int] = defaultdict(int)
    for envelope in events:
        assert envelope.sequence == last[envelope.data.key] + 1
        last[envelope.data.key] = envelope.sequence
    return dict(last)


async def drain(relay: Relay) -> int:
    """Relay until nothing waits; how many were sent."""
    sent = 0
    while moved := await relay.round():
        sent += moved
    return sent


async def stored(place: Place) -> list[sa.Row[tuple[object, ...]]]:
    """The rows of the outbox."""
    async with place.database() as database, database.reading() as connection:
        return list((await connection.execute(sa.select(OUTBOX.rows).order_by(OUTBOX.rows.c.position))).all())

"""The relay: carries outbox rows to the bus, each shard by the one process that holds its lease.

It keeps the acknowledged offset of every row. An acknowledgement not above the last one, or an end of the
partition below it, means that the log has lost records, and so does a beginning above records that its retention has
still to keep: the shard starts a new generation and sends again from the first lost row. Readers drop what they have
seen by event id.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
import structlog

from shared.bus import PARTITIONS, Bus, Message
from shared.database import Connection, Database, among
from shared.errors import Unavailable
from shared.metrics import GENERATIONS, leases_changed
from shared.outbox import OutboxTables
from shared.pacing import Pace

LEASE = timedelta(seconds=5)
BATCH = 400  # rows a round, over all shards
LOOK_AT_ENDS = timedelta(seconds=30)
KEPT_AT_LEAST = timedelta(days=6)  # the topics keep records for seven days
_BEFORE_FIRST = -1

log = structlog.get_logger()


@cache
def _waiting(rows: sa.Table) -> sa.Select[Any]:
    """Rows without an acknowledgement, in the order in which they were written."""
    return (
        sa.select(rows.c.position, rows.c.partition, rows.c.key, rows.c.headers, rows.c.value)
        .where(rows.c.offset.is_(None), among(rows.c.partition, "partitions"))
        .order_by(rows.c.position)
        .limit(sa.bindparam("limit"))
    )


@cache
def _ours(shards: sa.Table) -> sa.Select[Any]:
    """The shards that a process holds, locked."""
    return (
        sa.select(shards.c.partition, shards.c.generation, shards.c.acknowledged)
        .where(shards.c.owner == sa.bindparam("me"), shards.c.until > sa.bindparam("now"))
        .with_for_update()
    )


@cache
def _mark_sent(rows: sa.Table) -> sa.Update:
    return (
        rows.update()
        .where(rows.c.position == sa.bindparam("p"))
        .values(offset=sa.bindparam("o"), generation=sa.bindparam("g"))
    )


@cache
def _mark_acknowledged(shards: sa.Table) -> sa.Update:
    return (
        shards.update().where(shards.c.partition == sa.bindparam("s")).values(acknowledged=sa.bindparam("a"))
    )


@dataclass
class Relay:
    """One service's relay. `owner` names this process; `wake` is set after each commit that wrote rows."""

    database: Database
    tables: OutboxTables
    bus: Bus
    topic: str
    owner: str
    wake: asyncio.Event
    poll: float = 0.2  # seconds between looks for what another process has written
    _held: dict[int, int] = field(default_factory=dict)  # partition -> generation
    _renew_at: float | None = None  # by the database's `seconds`
    _look_at: float | None = None
    _begins: dict[int, int] = field(default_factory=dict)  # partition -> where its log began at the last look

    async def run(self) -> None:
        """Relay until cancelled; a failure is logged and tried again with back-off."""
        pace, loop = Pace("relay", where=self.topic), asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                moved = await self.round()
            except (Unavailable, sa.exc.DBAPIError) as error:
                await pace.failed(error)
                continue
            if moved:
                await pace.worked(moved, loop.time() - started)
                continue
            pace.succeeded()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), self.poll)
            self.wake.clear()

    async def round(self) -> int:
        """Lease where it is time, send one batch, keep its acknowledgements. The number of rows sent."""
        waiting = await self._waiting()
        if waiting is None:
            await self._lease()
            waiting = await self._waiting() or []
        if not waiting:
            return 0
        by_partition: dict[int, list[Any]] = defaultdict(list)
        for row in waiting:
            by_partition[row.partition].append(row)
        sent = await asyncio.gather(*(self._send(p, self._held[p], rows) for p, rows in by_partition.items()))
        await self._acknowledge(sent)
        return len(waiting)

    async def _waiting(self) -> list[Any] | None:
        """The oldest rows of our shards that are not acknowledged; None when the leases are to be renewed."""
        if self._renew_at is None or self.database.seconds() >= self._renew_at:
            return None
        if not self._held:
            return []
        async with self.database.reading() as connection:
            found = await connection.execute(
                _waiting(self.tables.rows), {"partitions": list(self._held), "limit": BATCH}
            )
            return list(found.all())

    async def _lease(self) -> None:
        """Take free shards and renew ours; look whether the log has lost what it had acknowledged."""
        shards = self.tables.shards
        mine = shards.c.owner == self.owner
        began = self.database.seconds()
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            known = set((await connection.execute(sa.select(shards.c.partition))).scalars())
            blank = {"owner": None, "epoch": 0, "until": now, "generation": 1, "acknowledged": _BEFORE_FIRST}
            missing = [{"partition": p, **blank} for p in range(PARTITIONS) if p not in known]
            if missing:
                await connection.execute(shards.insert(), missing)
            await connection.execute(
                shards.update()
                .where(sa.or_(mine, shards.c.until < now, shards.c.owner.is_(None)))
                .values(
                    owner=self.owner,
                    epoch=sa.case((mine, shards.c.epoch), else_=shards.c.epoch + 1),
                    until=now + LEASE,
                )
            )
            rows = (await connection.execute(sa.select(shards).where(mine, shards.c.until > now))).all()
        taken = {row.partition for row in rows} - self._held.keys()
        leases_changed("relay", self._held, {row.partition for row in rows})
        self._held = {row.partition: row.generation for row in rows}
        self._renew_at = began + LEASE.total_seconds() / 2
        if taken or self._look_at is None or began >= self._look_at:
            await self._look({row.partition: row.acknowledged for row in rows})
            self._look_at = began + LOOK_AT_ENDS.total_seconds()

    async def _look(self, acknowledged: dict[int, int]) -> None:
        """Heal the shards whose log ends at or before what it had acknowledged, or begins after what is young.

        Asked after the lease was taken.
        """
        bounds = await self.bus.bounds(self.topic)
        for partition, last in acknowledged.items():
            begin, end = bounds[partition].begin, bounds[partition].end
            if end <= last:
                async with self.database.transaction() as connection:
                    await self._heal(connection, partition, end)
            elif begin > self._begins.get(partition, 0):
                await self._look_before(partition, begin, end)
            self._begins[partition] = begin

    async def _look_before(self, partition: int, begin: int, end: int) -> None:
        """Heal a shard whose log has dropped records long before its retention may have: a reader may lack them."""
        rows = self.tables.rows
        async with self.database.transaction() as connection:
            young = rows.c.recorded_at > await self.database.now(connection) - KEPT_AT_LEAST
            dropped = sa.and_(rows.c.offset < begin, young)
            found = sa.select(rows.c.position).where(rows.c.partition == partition, dropped).limit(1)
            if (await connection.execute(found)).first() is not None:
                await self._heal(connection, partition, end, dropped)

    async def _heal(
        self, connection: Connection, partition: int, end: int, lost: sa.ColumnElement[bool] | None = None
    ) -> None:
        """Begin a new generation of a shard and send again from the first row that its log lost.

        `lost`: by what such a row is known; else by an offset that the log has not, or not any more.
        """
        shards, rows = self.tables.shards, self.tables.rows
        log.error("relay.log_lost_records", topic=self.topic, partition=partition)
        is_lost = rows.c.offset >= end if lost is None else lost
        first_lost = (
            sa.select(sa.func.min(rows.c.position))
            .where(rows.c.partition == partition, is_lost)
            .scalar_subquery()
        )
        await connection.execute(
            rows.update()
            .where(rows.c.partition == partition, rows.c.position >= first_lost)
            .values(offset=None, generation=None)
        )
        await connection.execute(
            shards.update()
            .where(shards.c.partition == partition)
            .values(generation=shards.c.generation + 1, acknowledged=end - 1)
        )
        self._held[partition] += 1
        GENERATIONS.labels("relay").inc()

    async def _send(
        self, partition: int, generation: int, batch: Sequence[Any]
    ) -> tuple[int, int, list[tuple[int, int]]]:
        """Publish a shard's rows; partition, generation, and each row's position with its offset."""
        stamp = ("generation", str(generation).encode())
        offsets = await self.bus.publish(
            self.topic,
            partition,
            [
                Message(
                    row.key.encode(),
                    row.value,
                    (*((name, value.encode()) for name, value in json.loads(row.headers).items()), stamp),
                )
                for row in batch
            ],
        )
        return (
            partition,
            generation,
            [(row.position, offset) for row, offset in zip(batch, offsets, strict=True)],
        )

    async def _acknowledge(self, sent: list[tuple[int, int, list[tuple[int, int]]]]) -> None:
        """Keep the offsets, for the shards that are still ours and whose log has lost nothing."""
        shards, rows = self.tables.shards, self.tables.rows
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            ours = await connection.execute(_ours(shards), {"me": self.owner, "now": now})
            last = {(partition, generation): acknowledged for partition, generation, acknowledged in ours}
            marks, shard_marks = [], []
            for partition, generation, pairs in sent:
                acknowledged = last.get((partition, generation))
                if acknowledged is None:
                    self._renew_at = None  # another process has taken the shard: it sends these rows again
                    continue
                if pairs[0][1] <= acknowledged:
                    await self._heal(connection, partition, pairs[0][1])
                    continue
                marks += [{"p": position, "o": offset, "g": generation} for position, offset in pairs]
                shard_marks.append({"s": partition, "a": pairs[-1][1]})
            if marks:
                await connection.execute(_mark_sent(rows), marks)
                await connection.execute(_mark_acknowledged(shards), shard_marks)

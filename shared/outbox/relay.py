"""The relay: carries outbox rows to the bus, each shard by the one process that holds its lease.

It keeps the acknowledged offset of every row. An acknowledgement not above the last one, or an end of the
partition below it, means that the log has lost records: the shard starts a new generation and sends again from the
first lost row. Readers drop what they have seen by event id.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from shared.bus import PARTITIONS, Bus, Message
from shared.database import Database
from shared.errors import Unavailable
from shared.outbox import OutboxTables

LEASE = timedelta(seconds=5)
BATCH = 400  # rows a round, over all shards
LOOK_AT_ENDS = timedelta(seconds=30)
_BEFORE_FIRST = -1

log = structlog.get_logger()


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
    _leased_until: datetime | None = None
    _looked_at: datetime | None = None

    async def run(self) -> None:
        """Relay until cancelled; a failure is logged and tried again with back-off."""
        pause = 0.1
        while True:
            try:
                moved = await self.round()
                pause = 0.1
            except (Unavailable, sa.exc.DBAPIError) as error:
                log.warning("relay.retry", topic=self.topic, error=type(error).__name__, pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
                continue
            if not moved:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), self.poll)
                self.wake.clear()

    async def round(self) -> int:
        """Lease, send one batch, keep its acknowledgements. The number of rows sent."""
        held = await self._lease()
        if not held:
            return 0
        rows = self.tables.rows
        async with self.database.reading() as connection:
            waiting = (
                await connection.execute(
                    sa.select(rows.c.position, rows.c.partition, rows.c.key, rows.c.headers, rows.c.value)
                    .where(rows.c.offset.is_(None), rows.c.partition.in_(held))
                    .order_by(rows.c.position)
                    .limit(BATCH)
                )
            ).all()
        if not waiting:
            return 0
        by_partition: dict[int, list[Any]] = defaultdict(list)
        for row in waiting:
            by_partition[row.partition].append(row)
        sent = await asyncio.gather(*(self._send(p, held[p], batch) for p, batch in by_partition.items()))
        await self._acknowledge([rows for rows in sent if rows])
        return len(waiting)

    async def _lease(self) -> dict[int, int]:
        """The shards that this process holds, with the generation of each."""
        shards = self.tables.shards
        async with self.database.reading() as connection:
            now = await self.database.now(connection)
            held = await self._held(connection, now)
        half_gone = self._leased_until is None or now > self._leased_until - LEASE / 2
        if held and not half_gone and not self._time_to_look(now):
            return held
        ends = {p: b.end for p, b in (await self.bus.bounds(self.topic)).items()}
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            known = set((await connection.execute(sa.select(shards.c.partition))).scalars())
            missing = [p for p in range(PARTITIONS) if p not in known]
            if missing:
                blank = {
                    "owner": None,
                    "epoch": 0,
                    "until": now,
                    "generation": 1,
                    "acknowledged": _BEFORE_FIRST,
                }
                await connection.execute(shards.insert(), [{"partition": p, **blank} for p in missing])
            await connection.execute(
                shards.update()
                .where(sa.or_(shards.c.owner == self.owner, shards.c.until < now, shards.c.owner.is_(None)))
                .values(
                    owner=self.owner,
                    epoch=sa.case((shards.c.owner == self.owner, shards.c.epoch), else_=shards.c.epoch + 1),
                    until=now + LEASE,
                )
            )
            held = await self._held(connection, now)
            for partition in held:
                await self._heal(connection, partition, ends[partition])
            self._leased_until, self._looked_at = now + LEASE, now
            return await self._held(connection, now)

    def _time_to_look(self, now: datetime) -> bool:
        return self._looked_at is None or now > self._looked_at + LOOK_AT_ENDS

    async def _held(self, connection: Any, now: datetime) -> dict[int, int]:
        shards = self.tables.shards
        held = await connection.execute(
            sa.select(shards.c.partition, shards.c.generation).where(
                shards.c.owner == self.owner, shards.c.until > now
            )
        )
        return dict(held.all())

    async def _heal(self, connection: Any, partition: int, end: int) -> None:
        """If the partition ends at or before what it had acknowledged, send the lost rows again."""
        shards, rows = self.tables.shards, self.tables.rows
        acknowledged = (
            await connection.execute(sa.select(shards.c.acknowledged).where(shards.c.partition == partition))
        ).scalar_one()
        if end > acknowledged:
            return
        log.error("relay.log_lost_records", topic=self.topic, partition=partition)
        first_lost = (
            sa.select(sa.func.min(rows.c.position))
            .where(rows.c.partition == partition, rows.c.offset >= end)
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
            ours = await connection.execute(
                sa.select(shards.c.partition, shards.c.generation, shards.c.acknowledged)
                .where(shards.c.owner == self.owner, shards.c.until > now)
                .with_for_update()
            )
            last = {(partition, generation): acknowledged for partition, generation, acknowledged in ours}
            marks, shard_marks = [], []
            for partition, generation, pairs in sent:
                acknowledged = last.get((partition, generation))
                if acknowledged is None:
                    continue  # another process has taken the shard: it sends these rows again
                if pairs[0][1] <= acknowledged:
                    await self._heal(connection, partition, pairs[0][1])
                    continue
                marks += [{"p": position, "o": offset, "g": generation} for position, offset in pairs]
                shard_marks.append({"s": partition, "a": pairs[-1][1]})
            if marks:
                await connection.execute(
                    rows.update()
                    .where(rows.c.position == sa.bindparam("p"))
                    .values(offset=sa.bindparam("o"), generation=sa.bindparam("g")),
                    marks,
                )
                await connection.execute(
                    shards.update()
                    .where(shards.c.partition == sa.bindparam("s"))
                    .values(acknowledged=sa.bindparam("a")),
                    shard_marks,
                )

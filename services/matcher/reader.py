"""The reader: leases partitions, reads them from its own progress, and indexes a batch in one transaction.

Lease, fence, generation and next offset are one row a partition in the matcher's own database, changed with the
effect, so no effect is lost or doubled whatever happens to this process or to the bus. A record that cannot be read
goes to the dead letters and puts its subject on hold; the others go on.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from services.matcher import dead_letters
from services.matcher.coordination.fact import CALWORKS, CWS
from services.matcher.identity.blocking import STANDARD
from services.matcher.index import TYPES, Readable, index, prepare
from services.matcher.tables import INBOX
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC, PARTITIONS, Bus, Record
from shared.crypto import CountyKeys
from shared.database import Connection, Database
from shared.errors import InvalidEvent, Unavailable
from shared.events import Envelope
from shared.inbox import first_time
from shared.metrics import GENERATIONS, leases_changed
from shared.pacing import Pace
from shared.trace import trace_id_of

TOPICS = {CWS_TOPIC: CWS, CALWORKS_TOPIC: CALWORKS}
LEASE = timedelta(seconds=5)
BATCH = 50  # records of one partition in one transaction: of all of them it holds 1,600 at most
DEGRADED_AFTER = 20  # dead letters in a row

log = structlog.get_logger()
progress = INBOX.progress


@dataclass(frozen=True, slots=True)
class Held:
    """A partition that this process may read: from where, and under which fence."""

    epoch: int
    generation: int
    next_offset: int


Place = tuple[str, int]


@dataclass
class Reader:
    """One matcher process's reader. `owner` names the process; `indexed` is set after each batch.

    `kinds`: the kinds of blocking keys by which the model lets people meet.
    """

    database: Database
    bus: Bus
    keys: Mapping[str, CountyKeys]
    owner: str
    indexed: asyncio.Event
    kinds: Collection[str] = STANDARD
    dead_in_a_row: int = 0
    _held: dict[Place, Held] = field(default_factory=dict)
    _renew_at: float | None = None  # by the database's `seconds`

    async def run(self) -> None:
        """Read both topics until cancelled; a failure is logged and tried again with back-off."""
        pace, loop = Pace("reader"), asyncio.get_running_loop()
        while True:
            try:
                found = await self._found(wait=0.25)
                started = loop.time()
                taken = await self._take(found)
            except (Unavailable, sa.exc.DBAPIError) as error:
                self._held.clear()
                self._renew_at = None
                await pace.failed(error)
                continue
            if taken:
                await pace.worked(taken, loop.time() - started)
            else:
                pace.succeeded()

    async def round(self, *, wait: float = 0.0) -> int:
        """Renew leases where it is time, read what there is (up to `wait` seconds), index it. The records read."""
        return await self._take(await self._found(wait))

    async def _found(self, wait: float) -> dict[Place, list[Record]]:
        await self._lease()
        if self._held:
            return await self._fetch(wait)
        await asyncio.sleep(wait)
        return {}

    async def _take(self, found: Mapping[Place, list[Record]]) -> int:
        if not found:
            return 0
        try:
            return await self._index(found)
        except sa.exc.DataError:
            return await self._index_one_by_one(found)

    async def _index(self, found: Mapping[Place, list[Record]], refused: str | None = None) -> int:
        """One transaction; with `refused` all of it are dead letters for that reason. The records taken."""
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            ours = await self._fence(connection, found, now)
            records = [record for place in sorted(ours) for record in found[place]]
            if refused is None:
                dead = await take(connection, records, self.keys, now, self.kinds)
            else:
                await dead_letters.bury(connection, [(record, refused) for record in records], now)
                dead = len(records)
            self.dead_in_a_row = 0 if dead < len(records) else self.dead_in_a_row + dead
            await self._advance(connection, ours, found)
        self.indexed.set()
        log.info("reader.indexed", count=len(records), traces=_traces(records))
        return sum(len(found[place]) for place in ours)

    async def _index_one_by_one(self, found: Mapping[Place, list[Record]]) -> int:
        """The database does not take a value of some record: that one is a dead letter, the others are not."""
        taken = 0
        for place, records in found.items():
            for record in records:
                try:
                    taken += await self._index({place: [record]})
                except sa.exc.DataError:
                    taken += await self._index({place: [record]}, "The database does not take a value of it")
        return taken

    async def _fetch(self, wait: float) -> dict[Place, list[Record]]:
        """Records of the held partitions of both topics, as soon as either has some."""
        positions = {
            topic: {p: held.next_offset for (t, p), held in self._held.items() if t == topic}
            for topic in TOPICS
        }
        fetches = {
            asyncio.create_task(self.bus.fetch(topic, wanted, limit=BATCH, timeout=wait))
            for topic, wanted in positions.items()
            if wanted
        }
        try:
            done, waiting = await asyncio.wait(fetches, return_when=asyncio.FIRST_COMPLETED)
            if not any(task.result() for task in done) and waiting:
                done, _ = await asyncio.wait(fetches)
        finally:
            for task in fetches:
                if not task.done():
                    task.cancel()
        return {
            (record.topic, partition): records
            for task in done
            for partition, records in task.result().items()
            for record in records[:1]
        }

    async def _lease(self) -> None:
        """Take free partitions and renew ours, at half the lease; start again where the log is another one."""
        began = self.database.seconds()
        if self._renew_at is not None and began < self._renew_at:
            return
        bounds = {topic: await self.bus.bounds(topic) for topic in TOPICS}
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            known = {
                (t, p) for t, p in await connection.execute(sa.select(progress.c.topic, progress.c.partition))
            }
            blank = {"owner": None, "epoch": 0, "until": now, "generation": 0, "next_offset": 0}
            missing = [
                {"topic": topic, "partition": partition, **blank}
                for topic in TOPICS
                for partition in range(PARTITIONS)
                if (topic, partition) not in known
            ]
            if missing:
                await connection.execute(progress.insert(), missing)
            mine = progress.c.owner == self.owner
            await connection.execute(
                progress.update()
                .where(sa.or_(mine, progress.c.until < now, progress.c.owner.is_(None)))
                .values(
                    owner=self.owner,
                    epoch=sa.case((mine, progress.c.epoch), else_=progress.c.epoch + 1),
                    until=now + LEASE,
                )
            )
            rows = (await connection.execute(sa.select(progress).where(mine, progress.c.until > now))).all()
            before, self._held = self._held, {}
            for row in rows:
                begin, end = bounds[row.topic][row.partition].begin, bounds[row.topic][row.partition].end
                start = row.next_offset
                if not begin <= start <= end:
                    log.error(
                        "reader.out_of_bounds", topic=row.topic, partition=row.partition, next_offset=start
                    )
                    GENERATIONS.labels("reader").inc()
                    start = begin
                    await connection.execute(_at(row.topic, row.partition).values(next_offset=begin))
                self._held[(row.topic, row.partition)] = Held(row.epoch, row.generation, start)
        leases_changed("reader", before, self._held)
        self._renew_at = began + LEASE.total_seconds() / 2

    async def _fence(self, connection: Connection, found: Mapping[Place, Any], now: datetime) -> list[Place]:
        """The partitions among those read that are still ours, at the offset that we read from."""
        rows = await connection.execute(_OURS, {"me": self.owner, "now": now})
        stored = {(row.topic, row.partition): (row.epoch, row.next_offset) for row in rows}
        ours = [
            place
            for place in found
            if stored.get(place) == (self._held[place].epoch, self._held[place].next_offset)
        ]
        if len(ours) < len(found):
            self._renew_at = None  # somebody else has taken a partition: look again before the next round
        return ours

    async def _advance(
        self, connection: Connection, ours: Sequence[Place], found: Mapping[Place, Sequence[Record]]
    ) -> None:
        """Move the partitions on. A record of a new generation: the partition begins again, the inbox drops repeats."""
        moved = []
        for place in ours:
            records, held = found[place], self._held[place]
            generation = _generation(records[-1])
            next_offset = records[-1].offset + 1
            if held.generation and generation > held.generation:
                log.warning(
                    "reader.new_generation", topic=place[0], partition=place[1], generation=generation
                )
                GENERATIONS.labels("reader").inc()
                next_offset = (await self.bus.bounds(place[0]))[place[1]].begin
            self._held[place] = Held(held.epoch, max(generation, held.generation), next_offset)
            moved.append({"t": place[0], "p": place[1], "o": next_offset, "g": self._held[place].generation})
        if moved:
            await connection.execute(_ADVANCE, moved)


_OURS = (
    sa.select(progress)
    .where(progress.c.owner == sa.bindparam("me"), progress.c.until > sa.bindparam("now"))
    .with_for_update()
)
_ADVANCE = (
    progress.update()
    .where(progress.c.topic == sa.bindparam("t"), progress.c.partition == sa.bindparam("p"))
    .values(next_offset=sa.bindparam("o"), generation=sa.bindparam("g"))
)


async def take(
    connection: Connection,
    records: Sequence[Record],
    keys: Mapping[str, CountyKeys],
    now: datetime,
    kinds: Collection[str] = STANDARD,
) -> int:
    """Index what can be read and has not been seen, set the rest aside. The number that could not be read."""
    readable: list[Readable] = []
    dead: list[tuple[Record, str]] = []
    for record in records:
        try:
            envelope = Envelope.read(record.message, TYPES)
            readable.append(prepare(envelope, TOPICS[record.topic], keys, kinds))
        except InvalidEvent as error:
            dead.append((record, error.detail))
    fresh = await first_time(connection, INBOX, [event.envelope.id for event in readable], now)
    once: dict[str, Readable] = {}
    for event in readable:
        if event.envelope.id in fresh:
            once.setdefault(event.envelope.id, event)
    await index(connection, list(once.values()), keys, now)
    await dead_letters.bury(connection, dead, now)
    return len(dead)


def _at(topic: str, partition: int) -> sa.Update:
    return progress.update().where(progress.c.topic == topic, progress.c.partition == partition)


def _generation(record: Record) -> int:
    stamp = dict(record.message.headers).get("generation", b"1")
    return int(stamp) if stamp.isdigit() else 1


def _traces(records: Sequence[Record]) -> list[str]:
    """The requests that the records came from."""
    given = (dict(record.message.headers).get("ce_traceparent", b"") for record in records)
    return sorted({trace for one in given if (trace := trace_id_of(one.decode("latin-1")))})

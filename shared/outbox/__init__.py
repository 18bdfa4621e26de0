"""The transactional outbox: an event is on disk with the change that it tells of, or neither is.

Its shard is the partition: each has one leased relay, the partition's only writer, which keeps the acknowledged
offset of every row. Within a key the order of rows is the order of the changes, because the counter of the key is
locked before the row's position is drawn.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from shared.bus import partition_of
from shared.database import Connection, Database, Instant, big_id, insert_into, upsert
from shared.events import Envelope, Event
from shared.ids import mint
from shared.metrics import Waiting

FAR = 1_000_000
"""More events than one key has ever had between a backup and a loss."""


@dataclass(frozen=True)
class OutboxTables:
    """rows: the events; keys: how many events each key has; shards: lease, generation and last acknowledgement."""

    rows: sa.Table
    keys: sa.Table
    shards: sa.Table


def make_outbox_tables(metadata: sa.MetaData) -> OutboxTables:
    """The outbox of a service, on its own metadata."""
    rows = sa.Table(
        "outbox",
        metadata,
        sa.Column("position", big_id(), primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.Text, nullable=False, unique=True),
        sa.Column("county", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("generation", sa.Integer),
        sa.Column("offset", sa.BigInteger),
        sa.UniqueConstraint("county", "key", "sequence"),
    )
    sa.Index(
        "ix_outbox_waiting",
        rows.c.partition,
        rows.c.position,
        sqlite_where=rows.c.offset.is_(None),
        postgresql_where=rows.c.offset.is_(None),
    )
    keys = sa.Table(
        "outbox_key",
        metadata,
        sa.Column("county", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    shards = sa.Table(
        "outbox_shard",
        metadata,
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.Text),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("acknowledged", sa.BigInteger, nullable=False),
    )
    return OutboxTables(rows, keys, shards)


@dataclass(frozen=True, slots=True)
class _Added:
    event_id: str
    county: str
    data: Event
    time: datetime
    effective: date | None
    cats: tuple[str, ...]
    recorded: datetime | None


@cache
def _waiting(rows: sa.Table) -> sa.Select[int, Any]:
    return sa.select(sa.func.count(), sa.func.min(rows.c.recorded_at)).where(rows.c.offset.is_(None))


async def waiting(connection: Connection, tables: OutboxTables) -> tuple[int, datetime | None]:
    """How many events wait to be sent, and when the oldest was written."""
    count, oldest = (await connection.execute(_waiting(tables.rows))).one()
    return count, oldest


async def unsent(database: Database, tables: OutboxTables) -> Waiting:
    """The same, for metrics."""
    async with database.reading() as connection:
        count, oldest = await waiting(connection, tables)
        now = await database.now(connection)
    return Waiting(count, (now - oldest).total_seconds() if oldest is not None else 0.0)


def new_event_id() -> str:
    """An event's id, for those who must know it before the event is added (sealing binds to it)."""
    return mint("ev")


@dataclass
class Outbox:
    """Events of one transaction. `write` is called once, last, before the commit."""

    tables: OutboxTables
    source: str
    actor: str | None = None
    traceparent: str | None = None
    correlation: str | None = field(default_factory=lambda: mint("co"))
    _added: list[_Added] = field(default_factory=list)

    def add(
        self,
        county: str,
        data: Event,
        *,
        time: datetime,
        event_id: str | None = None,
        effective: date | None = None,
        cats: tuple[str, ...] = (),
        recorded: datetime | None = None,
    ) -> None:
        """Publish `data` when the transaction commits; `time` is when it happened.

        `recorded` is when the program took it in, where that is not now.
        """
        self._added.append(_Added(event_id or new_event_id(), county, data, time, effective, cats, recorded))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added."""
        return not self._added

    async def write(self, connection: Connection, now: datetime) -> None:
        """Number the events of each key and store them."""
        if not self._added:
            return
        last = await self._draw(connection)
        rows = []
        for added in self._added:
            key = (added.county, added.data.key)
            last[key] += 1
            envelope = Envelope(
                id=added.event_id,
                source=self.source,
                county=added.county,
                time=added.time,
                recordedat=added.recorded or now,
                sequence=last[key],
                data=added.data,
                effectivedate=added.effective,
                correlationid=self.correlation,
                actor=self.actor,
                cats=added.cats,
                traceparent=self.traceparent,
            )
            rows.append(
                {
                    "event_id": envelope.id,
                    "county": envelope.county,
                    "key": added.data.key,
                    "sequence": envelope.sequence,
                    "type": envelope.event_type,
                    "partition": partition_of(*key),
                    "headers": json.dumps(envelope.headers()),
                    "value": added.data.model_dump_json(exclude_none=True).encode(),
                    "recorded_at": now,
                }
            )
        await connection.execute(insert_into(self.tables.rows), rows)
        self._added.clear()

    async def _draw(self, connection: Connection) -> dict[tuple[str, str], int]:
        """Lock the counters of all keys (sorted) and move them on; what each was before."""
        counts: dict[tuple[str, str], int] = {}
        for added in self._added:
            key = (added.county, added.data.key)
            counts[key] = counts.get(key, 0) + 1
        moved = await connection.execute(
            upsert(connection, self.tables.keys, add=("last",), returning=("county", "key", "last")),
            [{"county": county, "key": key, "last": n} for (county, key), n in sorted(counts.items())],
        )
        return {(county, key): last - counts[(county, key)] for county, key, last in moved}


async def move_on(connection: Connection, tables: OutboxTables, county: str) -> None:
    """Move a county's counters past all that a reader can have seen; a gap does no harm.

    For a database that came back from a backup: its counters are older than its readers'.
    """
    keys = tables.keys
    await connection.execute(keys.update().where(keys.c.county == county).values(last=keys.c.last + FAR))

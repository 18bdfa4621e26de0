"""The inbox: which events have had their effect, and how far each partition has been read.

Progress and inbox change in the transaction of the effect, so an effect is neither lost nor doubled whatever
happens to the process or to the bus.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from shared.database import Connection, Instant, big_id, upsert


@dataclass(frozen=True)
class InboxTables:
    """seen: event ids; progress: lease, epoch, generation, next offset of a partition; dead: what could not be read."""

    seen: sa.Table
    progress: sa.Table
    dead: sa.Table


def make_inbox_tables(metadata: sa.MetaData) -> InboxTables:
    """The inbox of a service, on its own metadata."""
    seen = sa.Table(
        "inbox",
        metadata,
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("seen_at", Instant, nullable=False),
    )
    progress = sa.Table(
        "progress",
        metadata,
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("owner", sa.Text),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
    )
    dead = sa.Table(
        "dead_letter",
        metadata,
        sa.Column("id", big_id(), primary_key=True, autoincrement=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("county", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("resolved_at", Instant),
    )
    sa.Index("ix_dead_letter_held", dead.c.county, dead.c.subject)
    return InboxTables(seen, progress, dead)


async def first_time(
    connection: Connection, tables: InboxTables, event_ids: Iterable[str], now: datetime
) -> set[str]:
    """Mark events as seen; those that had not been."""
    ids = sorted(set(event_ids))
    if not ids:
        return set()
    marking = upsert(connection, tables.seen, returning=("event_id",))
    fresh = await connection.execute(marking, [{"event_id": i, "seen_at": now} for i in ids])
    return set(fresh.scalars())

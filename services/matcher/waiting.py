"""What waits in the matcher and what is capped, over all counties: for metrics and for `linkages doctor`."""

from collections.abc import Awaitable, Callable, Mapping

import sqlalchemy as sa

from services.matcher import dead_letters, due
from services.matcher.identity import blocks
from services.matcher.reader import DEGRADED_AFTER, TOPICS
from services.matcher.tables import INBOX, OUTBOX
from shared.bus import Bus
from shared.database import Database
from shared.metrics import CAPPED_BLOCKS, CAPPED_PEOPLE, Waiting
from shared.outbox import unsent


async def to_decide(database: Database) -> Waiting:
    """Rows whose time to be decided has come."""
    async with database.reading() as connection:
        return Waiting(await due.ready(connection, await database.now(connection)))


async def letters(database: Database) -> Waiting:
    """Events that could not be read."""
    async with database.reading() as connection:
        found = await dead_letters.waiting(connection)
        now = await database.now(connection)
    return Waiting(len(found), (now - found[0].at).total_seconds() if found else 0.0)


async def holds(database: Database) -> Waiting:
    """Those whom a dead letter keeps from getting anything new."""
    async with database.reading() as connection:
        found = await dead_letters.waiting(connection)
    return Waiting(len(dead_letters.on_hold(found)))


async def unreadable_in_a_row(database: Database) -> bool:
    """Whether the last twenty records that any partition gave were all unreadable."""
    dead, seen = INBOX.dead, INBOX.seen
    async with database.reading() as connection:
        newest = (await connection.execute(sa.select(sa.func.max(seen.c.seen_at)))).scalar()
        recent = sa.select(dead.c.at).where(dead.c.resolved_at.is_(None)).order_by(dead.c.id.desc())
        found = (await connection.execute(recent.limit(DEGRADED_AFTER))).scalars().all()
    return len([at for at in found if newest is None or at >= newest]) >= DEGRADED_AFTER


async def behind(database: Database, bus: Bus) -> dict[str, dict[int, int]]:
    """How many events of each partition are still to be read, by topic; below 0: the log ends before our place."""
    async with database.reading() as connection:
        rows = (await connection.execute(sa.select(INBOX.progress))).all()
    places = {(row.topic, row.partition): row.next_offset for row in rows}
    return {
        topic: {
            partition: bound.end - max(places.get((topic, partition), bound.begin), bound.begin)
            for partition, bound in (await bus.bounds(topic)).items()
        }
        for topic in TOPICS
    }


async def look_at_capped(database: Database) -> None:
    """Set the gauges of capped blocks; a county without any has none."""
    async with database.reading() as connection:
        found = await blocks.by_county(connection)
    CAPPED_BLOCKS.clear()
    CAPPED_PEOPLE.clear()
    for capped in found:
        CAPPED_BLOCKS.labels(capped.county).set(capped.blocks)
        CAPPED_PEOPLE.labels(capped.county).set(capped.people)


async def to_send(database: Database) -> Waiting:
    """Events for the coordination topic."""
    return await unsent(database, OUTBOX)


LOOKS: Mapping[str, Callable[[Database], Awaitable[Waiting]]] = {
    "due": to_decide,
    "dead letters": letters,
    "holds": holds,
    "matcher outbox": to_send,
}

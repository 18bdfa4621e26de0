"""Replay: rows that were sent are sent again by the relay, with their ids, in the order in which they were written.

Nothing new is written, so a reader that has seen them drops them; one that lost them, or has been restored from a
backup, gets them again.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from shared.database import EPOCH, Database, among
from shared.outbox import OutboxTables

BATCH = 1000  # rows of one transaction


@dataclass(frozen=True, slots=True)
class Replayed:
    """How far a replay is: rows so far, and the position of the last one."""

    rows: int
    position: int


@cache
def _sent(rows: sa.Table, *, of_type: bool) -> sa.Select[Any]:
    """The next rows that were acknowledged, locked."""
    some = sa.select(rows.c.position).where(
        rows.c.position > sa.bindparam("after"),
        rows.c.recorded_at >= sa.bindparam("since"),
        rows.c.offset.is_not(None),
    )
    if of_type:
        some = some.where(rows.c.type == sa.bindparam("type"))
    return some.order_by(rows.c.position).limit(sa.bindparam("limit")).with_for_update()


@cache
def _send_again(rows: sa.Table) -> sa.Update:
    """Forget that rows were acknowledged."""
    return rows.update().where(among(rows.c.position, "positions")).values(offset=None, generation=None)


async def replay(
    database: Database,
    tables: OutboxTables,
    *,
    since: datetime = EPOCH,
    of_type: str | None = None,
    after: int = 0,
) -> AsyncIterator[Replayed]:
    """Have rows sent again that were recorded at or after `since`, of one type or of all, from a position on.

    One transaction a batch; what was told is done, and a replay that is cut off may go on after its position.
    """
    done = 0
    given: dict[str, Any] = {"since": since, "limit": BATCH}
    if of_type is not None:
        given["type"] = of_type
    while True:
        async with database.transaction() as connection:
            found = await connection.execute(
                _sent(tables.rows, of_type=of_type is not None), {**given, "after": after}
            )
            positions = list(found.scalars())
            if positions:
                await connection.execute(_send_again(tables.rows), {"positions": positions})
        if not positions:
            return
        done, after = done + len(positions), positions[-1]
        yield Replayed(done, after)

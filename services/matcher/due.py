"""What is to be decided again: append-only rows, one for each event, and what the subject was before it.

kind `record`: a person's register changed; pairs, neighbours and households are decided. `again`: a neighbour of one
who changed; the same without fanning out further. `derive`: something that no pair reads (a fact, an assignment, a
release, a hold) changed about a person; only households are derived. `household`: members changed. `group`: a fact
about a household, a unit, or a referral, case or application of one. `block`: a blocking key was capped or opened; its
members are made due `again`. A row may wait for its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from services.matcher.tables import DUE
from shared.database import EPOCH, Connection, among, insert_into

AT_ONCE = EPOCH
"""The time of rows that wait for none: before any other, so that one index finds all whose time has come."""

FIRST = EPOCH - timedelta(days=1)
"""The time of rows that go before all others: a block that waited would grow, and with it those whom it makes due."""

_TIME_HAS_COME = DUE.c.not_before <= sa.bindparam("now")
_READY = (
    sa.select(DUE)
    .where(_TIME_HAS_COME)
    .order_by(DUE.c.not_before, DUE.c.id)
    .limit(sa.bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_FIRST = sa.select(DUE.c.id).where(_TIME_HAS_COME).limit(1)
_COUNT = sa.select(sa.func.count()).select_from(DUE).where(_TIME_HAS_COME)
_WAITING = (
    sa.select(DUE.c.program, DUE.c.subject)
    .where(
        DUE.c.county == sa.bindparam("county"),
        among(DUE.c.subject, "subjects"),
        sa.or_(DUE.c.kind == "record", DUE.c.kind == "again"),
        _TIME_HAS_COME,
        sa.not_(among(DUE.c.id, "ours")),
    )
    .with_for_update(skip_locked=True)
)
_SETTLE = DUE.delete().where(among(DUE.c.id, "ids"))

Kind = Literal["record", "again", "derive", "household", "group", "block"]


@dataclass(frozen=True, slots=True)
class Due:
    """One row. `was_*` tell what an event's subject was before it.

    `trace_id` and `recorded_at` tell which request made it due and when: no decision reads them.
    """

    county: str
    kind: Kind
    program: str
    subject: str
    household: str | None = None
    was_keys: tuple[str, ...] = ()
    was_record: bytes | None = None
    was_members: tuple[str, ...] = ()
    not_before: datetime | None = None
    trace_id: str | None = None
    recorded_at: datetime | None = None
    id: int | None = None


async def add(connection: Connection, rows: Sequence[Due]) -> None:
    """Append rows."""
    if rows:
        await connection.execute(
            insert_into(DUE),
            [
                {
                    "county": row.county,
                    "kind": row.kind,
                    "program": row.program,
                    "subject": row.subject,
                    "household": row.household,
                    "was_keys": list(row.was_keys),
                    "was_record": row.was_record,
                    "was_members": list(row.was_members),
                    "not_before": row.not_before or AT_ONCE,
                    "trace_id": row.trace_id,
                    "recorded_at": row.recorded_at,
                }
                for row in rows
            ],
        )


async def add_again(
    connection: Connection, now: datetime, rows: Sequence[Due], settled: Sequence[Due]
) -> None:
    """Append `again` rows, but for those whose subject will be decided after this transaction anyway.

    That is certain where a row waits that nobody has claimed and that is not of those `settled` here: it is locked, so
    nobody claims it before this transaction's effect is visible. What somebody else has claimed may be decided on what
    was visible before.
    """
    if not rows:
        return
    wanted = {
        "county": rows[0].county,
        "subjects": sorted({row.subject for row in rows}),
        "ours": [row.id for row in settled],
        "now": now,
    }
    waiting = {(program, subject) for program, subject in await connection.execute(_WAITING, wanted)}
    await add(connection, [row for row in rows if (row.program, row.subject) not in waiting])


async def claim(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """The oldest rows whose time has come and that nobody else has claimed."""
    rows = await connection.execute(_READY, {"now": now, "limit": limit})
    return [
        Due(
            county=row.county,
            kind=row.kind,
            program=row.program,
            subject=row.subject,
            household=row.household,
            was_keys=tuple(row.was_keys or ()),
            was_record=row.was_record,
            was_members=tuple(row.was_members or ()),
            not_before=row.not_before,
            trace_id=row.trace_id,
            recorded_at=row.recorded_at,
            id=row.id,
        )
        for row in rows
    ]


async def settle(connection: Connection, rows: Sequence[Due]) -> None:
    """Delete the rows that were read at the start, by id: what came since stays."""
    await connection.execute(_SETTLE, {"ids": [row.id for row in rows]})


async def forget_records(connection: Connection, county: str, refs: Sequence[str]) -> None:
    """A sealing leaves keyed hashes alone in the waiting rows of its person."""
    if refs:
        await connection.execute(
            DUE.update().where(DUE.c.county == county, DUE.c.subject.in_(refs)).values(was_record=None)
        )


async def ready(connection: Connection, now: datetime) -> int:
    """How many rows could be decided now."""
    count: int = (await connection.execute(_COUNT, {"now": now})).scalar_one()
    return count


async def nothing_is_due(connection: Connection, now: datetime) -> bool:
    """Whether the matcher is at rest."""
    return (await connection.execute(_FIRST, {"now": now})).first() is None

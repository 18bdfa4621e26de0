"""Events of one county as they were written, for those who do not speak Kafka; and the counts behind them."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from services.matcher.tables import ACTIVITY, FACT, MEMBER, MUTUAL_CASE, OUTBOX
from shared.database import Connection, among, upsert

_ROWS = OUTBOX.rows
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_AFTER = (
    sa.select(_ROWS.c.position, _ROWS.c.headers, _ROWS.c.value)
    .where(_ROWS.c.county == _COUNTY, _ROWS.c.position > sa.bindparam("after"))
    .order_by(_ROWS.c.position)
    .limit(sa.bindparam("limit"))
)
_AFTER_OF = _AFTER.where(among(_ROWS.c.type, "types"))
_ANY_OVER = sa.select(ACTIVITY.c.hour).where(ACTIVITY.c.hour < sa.bindparam("before")).limit(1)
_TAKE_OVER = ACTIVITY.delete().where(ACTIVITY.c.hour < sa.bindparam("before")).returning(*ACTIVITY.c)

_HOMES = sa.union(
    sa.select(MUTUAL_CASE.c.household).where(MUTUAL_CASE.c.county == _COUNTY, MUTUAL_CASE.c.is_open),
    sa.select(MUTUAL_CASE.c.unit).where(MUTUAL_CASE.c.county == _COUNTY, MUTUAL_CASE.c.is_open),
).cte("homes")
_HOME = sa.select(_HOMES.c[0])
_PEOPLE = sa.select(MEMBER.c.person).where(MEMBER.c.county == _COUNTY, MEMBER.c.household.in_(_HOME))
_OBJECTS = sa.select(FACT.c.ref).where(FACT.c.county == _COUNTY, FACT.c.about.in_(_HOME))
_NAMES = sa.union(_HOME, _PEOPLE, _OBJECTS)
_MUTUAL = (
    sa.select(FACT.c.program, FACT.c.kind, sa.func.count())
    .where(
        FACT.c.county == _COUNTY,
        FACT.c.about.in_(_NAMES),
        FACT.c.recorded_at >= sa.bindparam("begin"),
        FACT.c.recorded_at < sa.bindparam("end"),
    )
    .group_by(FACT.c.program, FACT.c.kind)
)


async def page(
    connection: Connection, county: str, *, after: int, limit: int, types: Collection[str] = ()
) -> list[tuple[int, dict[str, Any]]]:
    """Events after a position, each with its own, in the JSON format of CloudEvents.

    None is skipped because it was committed late: a county's writers draw positions under a lock that they hold to
    their commit (`Feed.write`), so a position that can be seen is above all that were seen before. SQLite's write
    lock does the same by itself.
    """
    asked = {"county": county, "after": after, "limit": limit}
    if types:
        rows = await connection.execute(_AFTER_OF, {**asked, "types": list(types)})
    else:
        rows = await connection.execute(_AFTER, asked)
    return [(row.position, _whole(json.loads(row.headers), row.value)) for row in rows]


def _whole(headers: dict[str, str], value: bytes) -> dict[str, Any]:
    attributes = {n.removeprefix("ce_"): one for n, one in headers.items() if n.startswith("ce_")}
    return {**attributes, "datacontenttype": headers["content-type"], "data": json.loads(value)}


async def count(
    connection: Connection, county: str, kinds: Sequence[tuple[str, str]], hour: datetime
) -> None:
    """Count events of these programs and names in an hour; the rows are met in one order by all who count."""
    if not kinds:
        return
    counts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    await connection.execute(
        upsert(connection, ACTIVITY, add=("count",)),
        [
            {"county": county, "program": program, "type": name, "hour": hour, "count": number, "mutual": 0}
            for (program, name), number in counts.items()
        ],
    )


async def any_hour_is_over(connection: Connection, before: datetime) -> bool:
    """Whether something was counted in an hour that began before this instant."""
    return (await connection.execute(_ANY_OVER, {"before": before})).first() is not None


async def take_hours(connection: Connection, before: datetime) -> list[Any]:
    """Remove the counts of hours that began before this instant, to be told in this transaction."""
    rows = await connection.execute(_TAKE_OVER, {"before": before})
    return sorted(rows.all(), key=lambda row: (row.county, row.hour, row.program, row.type))


async def mutual_facts(connection: Connection, county: str, hour: datetime) -> dict[tuple[str, str], int]:
    """How many facts of each program and name, recorded in an hour, are about a family in an open mutual case."""
    asked = {"county": county, "begin": hour, "end": hour + timedelta(hours=1)}
    return {(program, kind): number for program, kind, number in await connection.execute(_MUTUAL, asked)}

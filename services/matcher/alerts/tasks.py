"""Tasks: "offer the release", the same for every intake, so that having one tells nothing (design: silence).

A task is written when the intake is indexed, before any candidate is looked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.matcher.alerts.routing import LIAISON
from services.matcher.coordination.fact import CALWORKS, CWS
from services.matcher.tables import TASK
from shared.database import Connection, upsert
from shared.errors import Conflict, NotFound
from shared.events import Envelope, calworks, cws
from shared.ids import named

OFFER_RELEASE = "offer_release"
OUTCOMES = ("signed", "declined", "not_reached")


class TaskDone(Conflict):
    """The task was done before."""

    slug, title = "task-done", "The task is done already"


async def offer_release(connection: Connection, events: Sequence[Envelope], now: datetime) -> None:
    """Write the task of each intake among the events."""
    rows = []
    for event in events:
        match event.data:
            case cws.ReferralReceived():
                program = CWS
            case calworks.ApplicationReceived():
                program = CALWORKS
            case _:
                continue
        rows.append(
            {
                "county": event.county,
                "id": named(event.county, OFFER_RELEASE, event.data.key),
                "program": program,
                "inbox": event.data.worker or LIAISON,
                "kind": OFFER_RELEASE,
                "intake": event.data.key,
                "state": "open",
                "created_at": now,
                "version": 1,
            }
        )
    if rows:
        await connection.execute(upsert(connection, TASK), rows)


async def tasks_of(
    connection: Connection, county: str, program: str, inboxes: Sequence[str], *, after: str, limit: int
) -> list[Any]:
    """Tasks of some inboxes, open and done, in the order of their ids."""
    rows = await connection.execute(
        sa.select(TASK)
        .where(
            TASK.c.county == county, TASK.c.program == program, TASK.c.inbox.in_(inboxes), TASK.c.id > after
        )
        .order_by(TASK.c.id)
        .limit(limit)
    )
    return list(rows.all())


async def open_tasks(
    connection: Connection, county: str, program: str, inbox: str, limit: int = 50
) -> list[Any]:
    """The open tasks of an inbox, oldest first."""
    rows = await connection.execute(
        sa.select(TASK)
        .where(
            TASK.c.county == county, TASK.c.program == program, TASK.c.inbox == inbox, TASK.c.state == "open"
        )
        .order_by(TASK.c.created_at, TASK.c.id)
        .limit(limit)
    )
    return list(rows.all())


async def finish(
    connection: Connection,
    county: str,
    program: str,
    inboxes: Sequence[str],
    task_id: str,
    outcome: str,
    now: datetime,
) -> Any:
    """Mark a task done with its outcome; the row as it now is."""
    mine = sa.and_(TASK.c.county == county, TASK.c.program == program, TASK.c.id == task_id)
    row = (await connection.execute(sa.select(TASK).where(mine, TASK.c.inbox.in_(inboxes)))).one_or_none()
    if row is None:
        raise NotFound
    if row.state == outcome:
        return row
    if row.state != "open":
        raise TaskDone(f"It was marked {row.state}")
    await connection.execute(
        TASK.update().where(mine).values(state=outcome, done_at=now, version=TASK.c.version + 1)
    )
    return (await connection.execute(sa.select(TASK).where(mine))).one()

"""Tasks: "offer the release", the same for every intake, so that having one tells nothing (design: silence).

A task is written when the intake is indexed, before any candidate is looked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.matcher.alerts.routing import LIAISON
from services.matcher.coordination.fact import CALWORKS, CWS
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.tables import FACT, INITIAL_IMPORT, TASK
from shared.database import Connection, upsert
from shared.errors import Conflict, NotFound
from shared.events import Envelope, Event, calworks, cws
from shared.ids import named

OFFER_RELEASE = "offer_release"
OUTCOMES = ("signed", "declined", "not_reached")
INTAKES = (cws.ReferralReceived.NAME, calworks.ApplicationReceived.NAME)

_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
# Only what was recorded while it went on: what came before was offered to a county that was live already.
_OF_AN_IMPORT = (
    sa.select(FACT.c.ref)
    .join(INITIAL_IMPORT, INITIAL_IMPORT.c.county == FACT.c.county)
    .where(
        FACT.c.county == _COUNTY,
        FACT.c.kind.in_(INTAKES),
        FACT.c.recorded_at >= INITIAL_IMPORT.c.started_at,
        sa.or_(INITIAL_IMPORT.c.completed_at.is_(None), FACT.c.recorded_at <= INITIAL_IMPORT.c.completed_at),
    )
)
_WITHDRAW = TASK.delete().where(
    TASK.c.county == _COUNTY, TASK.c.state == "open", TASK.c.intake.in_(_OF_AN_IMPORT)
)


class TaskDone(Conflict):
    """The task was done before."""

    slug, title = "task-done", "The task is done already"


async def offer_release(
    connection: Connection, events: Sequence[Envelope], now: datetime, since: datetime | None
) -> None:
    """Write the task of each intake among the events that was recorded `since` the county is live."""
    news = [event for event in events if since is None or event.recordedat >= since]
    rows = [row for event in news if (row := _task(event.county, event.data, now)) is not None]
    if rows:
        await connection.execute(upsert(connection, TASK), rows)


async def offer_again(connection: Connection, county: str, now: datetime, since: datetime | None) -> None:
    """After an initial import began or ended: what is open of its intakes goes, what is news by now comes."""
    if since is None:
        return
    await connection.execute(_WITHDRAW, {"county": county})
    found = await CoordinationRepository(connection, county).recorded(INTAKES, since)
    rows = [row for fact in found if (row := _task(county, fact.data, now)) is not None]
    if rows:
        await connection.execute(upsert(connection, TASK), rows)


def _task(county: str, intake: Event, now: datetime) -> dict[str, Any] | None:
    match intake:
        case cws.ReferralReceived():
            program = CWS
        case calworks.ApplicationReceived():
            program = CALWORKS
        case _:
            return None
    return {
        "county": county,
        "id": named(county, OFFER_RELEASE, intake.key),
        "program": program,
        "inbox": intake.worker or LIAISON,
        "kind": OFFER_RELEASE,
        "intake": intake.key,
        "state": "open",
        "created_at": now,
        "version": 1,
    }


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

"""What the pages alone ask of the database."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.matcher.alerts.inbox import InboxAddress
from services.matcher.tables import INBOX_COUNTER, TASK, USED_TICKET
from shared.database import Connection, upsert


async def use_ticket(connection: Connection, ticket: str, now: datetime) -> bool:
    """Use a one-time link up; False if it was used before."""
    result = await connection.execute(
        upsert(connection, USED_TICKET, returning=("id",)), {"id": ticket, "used_at": now}
    )
    return result.one_or_none() is not None


async def last_seq(connection: Connection, address: InboxAddress) -> int:
    """The newest place in an inbox: what comes after it is not on the page that is made now."""
    counter = INBOX_COUNTER.c
    found = await connection.execute(
        sa.select(counter.last).where(
            counter.county == address.county,
            counter.program == address.program,
            counter.inbox == address.inbox,
        )
    )
    return int(found.scalar() or 0)


async def task(
    connection: Connection, county: str, program: str, inboxes: Collection[str], task_id: str
) -> Any:
    """A task in one of these inboxes."""
    found = await connection.execute(
        sa.select(TASK).where(
            TASK.c.county == county,
            TASK.c.program == program,
            TASK.c.inbox.in_(inboxes),
            TASK.c.id == task_id,
        )
    )
    return found.one_or_none()

"""Since when a county is live: what was recorded before makes no alert and no task.

An initial import tells how a county stands, so nothing that is recorded of it is news. It is a register of its own,
written by two events in whatever order they come. While one is begun and not completed nothing is news; a county is
live since the newest was completed. An import that was cut off stays begun: run again, it goes on and is completed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from services.matcher.coordination.fact import CWS
from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.due import Due
from services.matcher.tables import INITIAL_IMPORT, MUTUAL_CASE, PAIR
from shared.database import Connection, upsert
from shared.events import Envelope, calworks, cws

IMPORTING = datetime.max.replace(tzinfo=UTC)
"""The time from which a county is live while it is being imported: none."""

_LAST = timedelta(microseconds=1)  # the import's last rows are recorded at the instant of its completion

_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_IMPORTS = sa.select(INITIAL_IMPORT.c.started_at, INITIAL_IMPORT.c.completed_at).where(
    INITIAL_IMPORT.c.county == _COUNTY
)
_HOMES = sa.select(MUTUAL_CASE.c.household).where(MUTUAL_CASE.c.county == _COUNTY).distinct()
_REVIEWS = sa.select(PAIR.c.cws).where(PAIR.c.county == _COUNTY, PAIR.c.decision == "review").distinct()


async def live_since(connection: Connection, county: str) -> datetime | None:
    """Since when the county is live: IMPORTING while it is not, None where nothing was imported."""
    ends = [one.completed_at for one in await connection.execute(_IMPORTS, {"county": county})]
    if not ends:
        return None
    return IMPORTING if None in ends else max(ends) + _LAST


async def as_live(connection: Connection, policy: CountyPolicy) -> CountyPolicy:
    """The policy with what the county's imports say; a later date of its own stands."""
    since = await live_since(connection, policy.county)
    if since is None or (policy.live_since is not None and policy.live_since >= since):
        return policy
    return policy.model_copy(update={"live_since": since})


def of_initial(event: Envelope) -> bool:
    """Whether an event tells of an initial import."""
    match event.data:
        case (
            cws.ImportStarted(initial=True)
            | cws.ImportCompleted(initial=True)
            | calworks.ImportStarted(initial=True)
            | calworks.ImportCompleted(initial=True)
        ):
            return True
    return False


async def save(connection: Connection, events: Sequence[Envelope]) -> None:
    """Write the registers of initial imports."""
    for event in events:
        is_end = isinstance(event.data, cws.ImportCompleted | calworks.ImportCompleted)
        column = "completed_at" if is_end else "started_at"
        row = {"county": event.county, "import": event.data.key, "started_at": None, "completed_at": None}
        await connection.execute(
            upsert(connection, INITIAL_IMPORT, replace=(column,)), {**row, column: event.recordedat}
        )


async def all_again(connection: Connection, county: str) -> list[Due]:
    """Every mutual case and review of a county: what is news has changed. Once an import, so it may take its time."""
    of = {"county": county}
    homes = [row.household for row in await connection.execute(_HOMES, of)]
    reviews = [row.cws for row in await connection.execute(_REVIEWS, of)]
    return [
        *(Due(county, "group", CWS, home) for home in sorted(homes)),
        *(Due(county, "derive", CWS, ref) for ref in sorted(reviews)),
    ]

"""`activity.counted`: what the programs did, hour by hour, told once an hour is over.

The index transaction counts; this takes the counts away and writes the events in one transaction, so each is told
once whatever happens to the process, and however many matchers run.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from services.matcher.coordination.fact import KINDS
from services.matcher.feed import repository
from services.matcher.feed.feed import Feed
from services.matcher.feed.words import hour_of, told
from shared.crypto import CountyKeys
from shared.database import Connection, Database
from shared.errors import Unavailable
from shared.events import Envelope
from shared.events.coordination import ActivityCounted
from shared.pacing import Pace

GRACE = timedelta(minutes=5)  # longer than an index transaction that began in the hour may take to commit
LOOK = 30.0  # seconds between looks at the clock


async def count(connection: Connection, county: str, events: Sequence[Envelope], now: datetime) -> None:
    """Count events that were read now."""
    names = [event.data.NAME for event in events]
    await repository.count(
        connection, county, [(name.partition(".")[0], name) for name in names], hour_of(now)
    )


@dataclass
class Hours:
    """One matcher process's teller of hours that are over."""

    database: Database
    keys: Mapping[str, CountyKeys]

    async def run(self) -> None:
        """Tell until cancelled; a failure is logged and tried again with back-off."""
        pace = Pace("activity")
        while True:
            try:
                await self.round()
            except (Unavailable, sa.exc.DBAPIError) as error:
                await pace.failed(error)
                continue
            pace.succeeded()
            await asyncio.sleep(LOOK)

    async def round(self) -> int:
        """One transaction over the hours that are over. The number of events told."""
        async with self.database.reading() as connection:
            before = hour_of(await self.database.now(connection) - GRACE)
            if not await repository.any_hour_is_over(connection, before):
                return 0
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            rows = await repository.take_hours(connection, before)
            for county, its in groupby(rows, key=lambda row: row.county):
                if county in self.keys:
                    await self._tell(connection, county, list(its), now)
        return len(rows)

    async def _tell(self, connection: Connection, county: str, rows: Sequence[Any], now: datetime) -> None:
        feed = Feed(county, self.keys[county], now)
        for hour, its in groupby(rows, key=lambda row: row.hour):
            mutual = await repository.mutual_facts(connection, county, hour)
            for row in its:
                # A fact may be read in another hour than it was recorded in: never more of them than were read.
                known = min(mutual.get((row.program, row.type), 0), row.count) if row.type in KINDS else None
                number, of_them, suppressed = told(row.count, known)
                feed.tell(
                    ActivityCounted(
                        county=county,
                        program=row.program,
                        event=row.type,
                        hour=hour,
                        count=number,
                        mutual=of_them,
                        suppressed=suppressed,
                    )
                )
        await feed.write(connection)

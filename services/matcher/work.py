"""One transaction of the matcher on behalf of a caller: it decides and accounts in the same breath."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, datetime
from typing import Self

from services.matcher import due as dues
from services.matcher.alerts.inbox import InboxAddress
from services.matcher.alerts.live_since import as_live
from services.matcher.alerts.repository import AlertRepository
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.delivery.live import Live
from services.matcher.disclosure.policy import CountyPolicy, county_policy
from services.matcher.disclosure.repository import ReleaseRepository
from services.matcher.due import Due
from services.matcher.feed.feed import Feed
from services.matcher.identity.repository import IdentityRepository
from shared.calendars import PACIFIC, local_date
from shared.crypto import CountyKeys
from shared.database import Connection, Database
from shared.web.tracing import trace_id

PROGRAM = "matcher"


class Work:
    """`async with work` begins, commits on leaving, rolls back on an error; then deciders and streams are woken."""

    connection: Connection
    now: datetime
    policy: CountyPolicy
    identity: IdentityRepository
    coordination: CoordinationRepository
    alerts: AlertRepository
    releases: ReleaseRepository
    feed: Feed

    def __init__(
        self, database: Database, keys: CountyKeys, county: str, indexed: asyncio.Event, live: Live
    ) -> None:
        self.county = county
        self.keys = keys
        self._database = database
        self._indexed = indexed
        self._live = live
        self._wake = False
        self._touched: set[InboxAddress] = set()

    @property
    def today(self) -> date:
        """The date in the county."""
        return local_date(self.now, self.policy.zone)

    async def make_due(self, rows: Sequence[Due]) -> None:
        """Have something decided again once this transaction is visible."""
        at_once = [replace(r, trace_id=trace_id(), recorded_at=self.now) for r in rows if not r.not_before]
        await dues.add(self.connection, [*at_once, *(row for row in rows if row.not_before)])
        self._wake = True

    def touch(self, inbox: InboxAddress) -> None:
        """An inbox has changed: its streams are to be told after the commit."""
        self._touched.add(inbox)

    async def __aenter__(self) -> Self:
        """Begin."""
        async with AsyncExitStack() as opening:
            self.connection = await opening.enter_async_context(
                self._database.transaction(county=self.county)
            )
            self.now = await self._database.now(self.connection)
            policy = county_policy(self.county, local_date(self.now, PACIFIC))
            self.policy = await as_live(self.connection, policy)
            self._open = opening.pop_all()
        self.identity = IdentityRepository(self.connection, self.county, self.keys)
        self.coordination = CoordinationRepository(self.connection, self.county)
        self.alerts = AlertRepository(self.connection, self.county)
        self.releases = ReleaseRepository(self.connection, self.county)
        self.feed = Feed(self.county, self.keys, self.now)
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Commit, or roll everything back."""
        error = raised[1]
        async with self._open:
            if isinstance(error, BaseException):
                raise error
            await self.feed.write(self.connection)
        if self._wake:
            self._indexed.set()
        self._live.notify(self._touched)

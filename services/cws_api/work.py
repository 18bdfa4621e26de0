"""One transaction of this service, and one view for reading.

A `Work` writes records and events together: both are on disk when it is left, or neither. The relay of
the same process is woken after that.
"""

import asyncio
from contextlib import AsyncExitStack
from datetime import date, datetime
from types import TracebackType
from typing import Self

from services.cws_api.repository import Repositories
from services.cws_api.tables import OUTBOX
from shared.calendars import PACIFIC, local_date
from shared.crypto import CountyKeys, Keyring
from shared.database import Connection, Database
from shared.events import Event
from shared.events.cws import SOURCE
from shared.outbox import Outbox
from shared.web.tracing import traceparent

PROGRAM = "cws"


class Work:
    """A transaction for one caller: `async with work` begins, commits on leaving, rolls back on an error."""

    connection: Connection
    now: datetime
    records: Repositories
    outbox: Outbox

    def __init__(
        self, database: Database, keys: CountyKeys, county: str, actor: str, wake: asyncio.Event
    ) -> None:
        self.keys = keys
        self.county = county
        self.actor = actor
        self._database = database
        self._wake = wake

    @property
    def ring(self) -> Keyring:
        """The keys that seal this program's people."""
        return self.keys.keyring(PROGRAM)

    @property
    def today(self) -> date:
        """The date in the county."""
        return local_date(self.now, PACIFIC)

    def publish(
        self, event: Event, *, time: datetime, event_id: str | None = None, effective: date | None = None
    ) -> None:
        """Send an event with the commit; `time` is when it happened."""
        self.outbox.add(self.county, event, time=time, event_id=event_id, effective=effective)

    async def __aenter__(self) -> Self:
        """Begin."""
        async with AsyncExitStack() as opening:
            self.connection = await opening.enter_async_context(
                self._database.transaction(county=self.county)
            )
            self.now = await self._database.now(self.connection)
            self._open = opening.pop_all()
        self.records = Repositories(self.connection, self.county, self.ring)
        self.outbox = Outbox(OUTBOX, SOURCE, actor=self.actor, traceparent=traceparent())
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Write the events and commit, or roll everything back; then wake the relay."""
        error = raised[1]
        wrote = error is None and not self.outbox.is_empty
        async with self._open:
            if isinstance(error, BaseException):
                raise error
            await self.outbox.write(self.connection, self.now)
        if wrote:
            self._wake.set()


class View:
    """What a caller may read: `async with view as records`."""

    def __init__(self, database: Database, keys: CountyKeys, county: str) -> None:
        self._database = database
        self._keys = keys
        self._county = county

    async def __aenter__(self) -> Repositories:
        """Begin."""
        self._reading = self._database.reading(county=self._county)
        connection = await self._reading.__aenter__()
        return Repositories(connection, self._county, self._keys.keyring(PROGRAM))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the connection go."""
        await self._reading.__aexit__(kind, error, trace)

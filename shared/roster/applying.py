"""Imports are applied in batches: each is one transaction, with the progress in it, and all of a unit together.

A process holds the import that it works on for a while. Killed at any moment, it leaves whole batches behind; whoever
comes next goes on after the last one.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Generic, Protocol, Self, TypeVar

import sqlalchemy as sa
import structlog

from shared.crypto import CountyKeys
from shared.database import Connection, Database
from shared.errors import LinkagesError, Unavailable
from shared.metrics import Waiting
from shared.pacing import Pace
from shared.roster.checking import Row
from shared.roster.store import Imports, left, to_apply
from shared.roster.tables import Import, ImportTables

TOGETHER = 200  # rows in a transaction
_FEWER = 8  # times fewer units after one was refused
POLL = 1.0  # seconds between looks for what another process has received

log = structlog.get_logger()

Unit = Sequence[Row]  # the rows that belong together, as far as they are in one batch


class Transaction(Protocol):
    """What a service's Work offers here."""

    connection: Connection
    now: datetime

    async def __aenter__(self) -> Self:
        """Begin."""
        ...

    async def __aexit__(self, *exc: object) -> None:
        """Commit, or roll back on an error."""
        ...


W = TypeVar("W", bound=Transaction)


def this_process() -> str:
    """The name under which this process holds imports."""
    return f"{socket.gethostname()}/{os.getpid()}/{os.urandom(4).hex()}"


@dataclass
class Applier(Generic[W]):
    """Applies imports. `open` is a transaction of the service for a county and a worker, `apply` does a batch in it.

    `tell_completed` is called in the transaction of the last batch.
    """

    database: Database
    tables: ImportTables
    keys: Mapping[str, CountyKeys]
    program: str
    open: Callable[[str, str], W]
    apply: Callable[[Sequence[Unit], str, W], Awaitable[None]]
    tell_completed: Callable[[Import, W], None]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    owner: str = field(default_factory=this_process)

    async def run(self) -> None:
        """Apply what has been received until cancelled; a failure is logged and tried again with back-off."""
        pace, loop = Pace("import", where=self.program), asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                rows = await self.round()
            except (LinkagesError, sa.exc.DBAPIError) as error:
                await pace.failed(error)
                continue
            if rows is not None:
                await pace.worked(rows, loop.time() - started)
                continue
            pace.succeeded()
            with suppress(TimeoutError):
                async with asyncio.timeout(
                    POLL
                ):  # wait_for may swallow a cancellation that comes with the wake
                    await self.wake.wait()
            self.wake.clear()

    async def round(self) -> int | None:
        """Apply a batch of the import that has waited longest. How many rows it had; None: nothing waits."""
        waiting = [found for county in self.keys if (found := await self._first(county)) is not None]
        if not waiting:
            return None
        found = min(waiting, key=attrgetter("created_at"))
        return await self.batch(found.county, found.ref)

    async def _first(self, county: str) -> sa.Row[Any] | None:
        async with self.database.reading(county=county) as connection:
            given = {
                "of_county": county,
                "me": self.owner,
                "now": await self.database.now(connection),
            }
            return (await connection.execute(to_apply(self.tables.imports), given)).first()

    async def batch(self, county: str, ref: str) -> int:
        """Apply a batch of an import. How many rows it had; 0: it is done, or another process works on it."""
        many = TOGETHER
        while True:
            try:
                return await self._batch(county, ref, many)
            except Unavailable:
                raise
            except LinkagesError as error:
                log.info("import.refused", program=self.program, error=type(error).__name__, count=many)
                if many == 1:
                    return await self._refuse(county, ref, error)
            many = max(1, many // _FEWER)

    async def _batch(self, county: str, ref: str, many: int) -> int:
        """The next rows, of so many units at most."""
        async with self._begin(county, ref) as (work, imports):
            taken = await imports.hold(ref, self.owner, work.now)
            units = [] if taken is None else _units(await imports.waiting(ref, TOGETHER))[:many]
            if taken is None or not units:
                return 0
            await self.apply(units, taken.worker, work)
            rows = [row for unit in units for row in unit]
            await imports.applied(ref, rows, work.now)
            await self._end(ref, imports, work)
            return len(rows)

    async def _refuse(self, county: str, ref: str, error: LinkagesError) -> int:
        """The first unit cannot be applied: its rows say why, without a value."""
        async with self._begin(county, ref) as (work, imports):
            taken = await imports.hold(ref, self.owner, work.now)
            units = [] if taken is None else _units(await imports.waiting(ref, TOGETHER))[:1]
            if not units:
                return 0
            await imports.refused(ref, units[0], error.detail, work.now)
            await self._end(ref, imports, work)
            return len(units[0])

    async def _end(self, ref: str, imports: Imports, work: W) -> None:
        found = await imports.get(ref)
        if found.state == "done":
            self.tell_completed(found, work)

    @asynccontextmanager
    async def _begin(self, county: str, ref: str) -> AsyncIterator[tuple[W, Imports]]:
        async with self.database.reading(county=county) as connection:
            of = Imports(connection, self.tables, county, self.keys[county], self.program)
            worker = (await of.get(ref)).worker
        async with self.open(county, worker) as work:
            yield work, Imports(work.connection, self.tables, county, self.keys[county], self.program)


async def unapplied(database: Database, tables: ImportTables, counties: Iterable[str]) -> Waiting:
    """How many rows wait to be applied, and since when the oldest import has come, for metrics."""
    rows, seconds = 0, 0.0
    for county in counties:
        async with database.reading(county=county) as connection:
            found, oldest = (await connection.execute(left(tables.imports), {"of_county": county})).one()
            now = await database.now(connection)
        rows += found or 0
        seconds = max(seconds, (now - oldest).total_seconds() if oldest is not None else 0.0)
    return Waiting(rows, seconds)


def _units(waiting: Sequence[tuple[str, Row]]) -> list[list[Row]]:
    """The rows by unit. The last one of a full batch may have more rows: it waits for the next, unless it is alone."""
    units = [[row for _, row in rows] for _, rows in groupby(waiting, itemgetter(0))]
    return units[:-1] if len(waiting) == TOGETHER and len(units) > 1 else units


@asynccontextmanager
async def running(applier: Applier[W]) -> AsyncIterator[None]:
    """Apply imports beside what is done inside."""
    task = asyncio.create_task(applier.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

"""The sweeper: keeps the register of capped blocks, by counting the blocks whose keys people got or lost.

One process at a time does it, whichever holds the lease; the lease's row is locked until the commit, so nobody else
writes on older counts. A change of the register is like an event: it commits with a `due` row of its block, which
makes the members due once it is visible.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from services.matcher import due as dues
from services.matcher.identity import blocks
from services.matcher.identity.blocks import Changes
from services.matcher.tables import BLOCK_SWEEP
from shared.database import Connection, Database, upsert
from shared.errors import Unavailable
from shared.pacing import Pace

LEASE = timedelta(seconds=15)
LOOK = 2.0  # seconds between looks
NOTES = 20  # looked at in one transaction, of up to 500 keys each

_ONE = 1
_LEASE = sa.select(BLOCK_SWEEP).where(BLOCK_SWEEP.c.id == _ONE)
_LOCKED = _LEASE.with_for_update(skip_locked=True)
_TAKE = BLOCK_SWEEP.update().where(BLOCK_SWEEP.c.id == _ONE)

log = structlog.get_logger()


@dataclass
class Sweeper:
    """One matcher process's sweeper. `owner` names the process; a block of more than `cap` people is capped.

    `indexed` is set when blocks were made due.
    """

    database: Database
    counties: Collection[str]
    owner: str
    cap: int
    indexed: asyncio.Event

    async def run(self) -> None:
        """Sweep until cancelled; a failure is logged and tried again with back-off."""
        pace, loop = Pace("sweeper"), asyncio.get_running_loop()
        while True:
            started = loop.time()
            try:
                done = await self.round()
            except (Unavailable, sa.exc.DBAPIError) as error:
                await pace.failed(error)
                continue
            if done:
                rest = 0.0 if done >= NOTES else LOOK
                await pace.worked(done, loop.time() - started, least=rest)
                continue
            pace.succeeded()
            await asyncio.sleep(LOOK)

    async def round(self) -> int:
        """One transaction over the blocks that were touched, or over all where the cap is a new one.

        How many looks and changes it took: 0 if nothing is left to look at, or another process does it.
        """
        async with self.database.reading() as connection:  # on SQLite a transaction keeps writers waiting
            if not await self._is_asked_for(connection):
                return 0
        async with self.database.transaction() as connection:
            now = await self.database.now(connection)
            lease = await self._take(connection, now)
            if lease is None:
                return 0
            if lease.cap != self.cap:
                found, looks = await self._look_at_all(connection), 1
            else:
                found, looks = await self._look(connection)
            due = [
                row
                for county, changes in found.items()
                for row in await blocks.write(connection, county, changes, now)
            ]
            await dues.add(connection, due)
        if due:
            self.indexed.set()
        _tell(found)
        return looks + len(due)

    async def _is_asked_for(self, connection: Connection) -> bool:
        """Whether there is anything to look at, and nobody else does it."""
        lease = (await connection.execute(_LEASE)).first()
        if lease is not None and self._is_anothers(lease, await self.database.now(connection)):
            return False
        return lease is None or lease.cap != self.cap or await blocks.any_touched(connection)

    def _is_anothers(self, lease: Any, now: datetime) -> bool:
        return lease.owner not in (None, self.owner) and lease.until > now

    async def _take(self, connection: Connection, now: datetime) -> Any | None:
        """The lease as it was, locked, and ours from now on; None: it is another process's."""
        if (await connection.execute(_LEASE)).first() is None:
            blank = {"id": _ONE, "owner": None, "until": now, "cap": None}
            await connection.execute(upsert(connection, BLOCK_SWEEP), blank)
        lease = (await connection.execute(_LOCKED)).first()
        if lease is None or self._is_anothers(lease, now):
            return None
        await connection.execute(_TAKE.values(owner=self.owner, until=now + LEASE, cap=self.cap))
        return lease

    async def _look_at_all(self, connection: Connection) -> dict[str, Changes]:
        return {
            county: await blocks.all_changes(connection, county, self.cap) for county in sorted(self.counties)
        }

    async def _look(self, connection: Connection) -> tuple[dict[str, Changes], int]:
        """What the register lacks about the keys of the oldest notes, which are dropped; how many these were."""
        notes = await blocks.touched(connection, NOTES)
        keys: dict[str, set[bytes]] = defaultdict(set)
        for note in notes:
            keys[note.county] |= note.keys
        found = {
            county: await blocks.changes(connection, county, its, self.cap)
            for county, its in sorted(keys.items())
        }
        await blocks.looked_at(connection, notes)
        return found, len(notes)


def _tell(found: Mapping[str, Changes]) -> None:
    """Log what was capped and opened: how many blocks, never which."""
    for county, its in found.items():
        if its.capped:
            log.warning("blocks.capped", county=county, count=len(its.capped))
        if its.opened:
            log.info("blocks.opened", county=county, count=len(its.opened))

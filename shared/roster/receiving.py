"""A file that comes in: each record is checked, tokenised and sealed before anything of it is stored.

The same file again is the same import, as long as no other came after it: what broke off goes on, nothing is doubled.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from shared.crypto import CountyKeys
from shared.database import Connection, Database
from shared.ids import mint
from shared.roster.checking import Words, check
from shared.roster.reading import Read, reader_of
from shared.roster.store import LEASE, Imports
from shared.roster.tables import Import, ImportTables

TOGETHER = 200  # rows in a transaction
CSV, NDJSON = "text/csv", "application/x-ndjson"
REQUIRED = frozenset({"record_id"})


TellStarted = Callable[[Import, Connection, datetime], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    """Where imports of a county are kept.

    `tell_started` is called where there is something to apply, in the transaction from which on it is applied.
    """

    database: Database
    tables: ImportTables
    keys: CountyKeys
    county: str
    program: str
    tell_started: TellStarted

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Imports]:
        """A transaction."""
        async with self.database.transaction(county=self.county) as connection:
            yield Imports(connection, self.tables, self.county, self.keys, self.program)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Imports]:
        """A view."""
        async with self.database.reading(county=self.county) as connection:
            yield Imports(connection, self.tables, self.county, self.keys, self.program)


def keyed_digest(sha256: str, keys: CountyKeys) -> bytes:
    """By what a file is known again, from its SHA-256: without the key nobody can try files against it."""
    return keys.digest(f"roster/{sha256}")


async def receive(
    pieces: AsyncIterator[bytes],
    kind: str,
    place: Place,
    words: Words,
    *,
    worker: str,
    dry_run: bool,
    initial: bool,
    owner: str | None = None,
) -> Import:
    """The import of a file, ready to be applied (by `owner` alone, if one is named).

    Raises Invalid for a file that is no roster; nothing of it is kept then.
    """
    new = Import(place.county, mint("im"), worker, dry_run=dry_run, initial=initial)
    reader = reader_of(words.columns, REQUIRED, ndjson=kind != CSV)
    digest, batch = hashlib.sha256(), list[Read]()
    async with place.writing() as imports:
        await imports.add(new, owner or new.ref, await _now(place))
    try:
        async for piece in pieces:
            digest.update(piece)
            batch += reader.feed(piece)
            while len(batch) >= TOGETHER:
                await _put(new, batch[:TOGETHER], place, words)
                del batch[:TOGETHER]
        await _put(new, [*batch, *reader.end()], place, words)
        return await _complete(new, keyed_digest(digest.hexdigest(), place.keys), place, owner)
    except BaseException:
        async with place.writing() as imports:
            await imports.forget(new.ref)
        raise


async def known(digest: bytes, place: Place, *, dry_run: bool, initial: bool) -> Import | None:
    """The import of this very file, if it need not be brought again."""
    async with place.reading() as imports:
        return await imports.same(digest, dry_run=dry_run, initial=initial)


async def _put(new: Import, records: list[Read], place: Place, words: Words) -> None:
    if not records:
        return
    checked = [check(one, words, place.keys) for one in records]
    await asyncio.sleep(0)  # others have their turn
    until = await _now(place) + LEASE
    async with place.writing() as imports:
        await imports.put(new.ref, checked, keep=not new.dry_run, until=until)


async def _complete(new: Import, digest: bytes, place: Place, owner: str | None) -> Import:
    now = await _now(place)
    async with place.writing() as imports:
        before = await imports.same(digest, dry_run=new.dry_run, initial=new.initial)
        if before is not None:
            await imports.forget(new.ref)
            return before
        found = await imports.received(new.ref, digest, owner, now)
        if found.state == "applying":
            await place.tell_started(found, imports.connection, now)
        return found


async def _now(place: Place) -> datetime:
    async with place.database.reading(county=place.county) as connection:
        return await place.database.now(connection)

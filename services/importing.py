"""`linkages import`: a roster from a file straight into a program's database, with the progress on standard error."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from services import local
from services.calworks_api import app as calworks_app
from services.calworks_api.handlers import imports as calworks_rows
from services.cws_api import app as cws_app
from services.cws_api.handlers import imports as cws_rows
from shared import logs, migrations
from shared.database import Database
from shared.roster.applying import Applier
from shared.roster.checking import Words
from shared.roster.receiving import CSV, NDJSON, Place, keyed_digest, known, receive
from shared.roster.tables import Import

_PIECE = 1 << 16  # bytes read at once
_TOLD_EVERY = 1.0  # seconds


class Roster(StrEnum):
    """Whose roster it is."""

    CWS = "cws"
    CALWORKS = "calworks"


def main_import(
    roster: Annotated[Roster, typer.Argument(help="Whose records they are")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, or NDJSON if it ends so")],
    county: Annotated[str, typer.Option(help="01 to 58")],
    worker: Annotated[str, typer.Option(help="Whose work it is where a row names nobody")] = "import",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the file")] = False,
) -> None:
    """Import a roster. Run again on the same file after it was cut off, it goes on where it stopped."""
    settings = local.Settings()
    logs.configure("warning", "import")
    if county not in settings.matcher.counties:
        raise typer.BadParameter(
            f"county {county} is not served here: LINKAGES_COUNTIES names those that are"
        )
    found = asyncio.run(_run(settings, roster, file, county, worker, dry_run=dry_run))
    typer.echo(
        f"{found.ref}: {found.rows} rows, {found.record_ids} record_ids, {found.units} units; accepted "
        f"{found.accepted} ({found.warnings} with warnings), repeated {found.repeated}, rejected "
        f"{found.rejected}, applied {found.done}"
    )


async def _run(
    settings: local.Settings, roster: Roster, file: Path, county: str, worker: str, *, dry_run: bool
) -> Import:
    url = local.urls(settings)[roster.value]
    await migrations.require_head(url, local.PACKAGES[roster.value])
    async with _opened(settings, roster, url) as (applier, words):
        place = Place(applier.database, applier.tables, applier.keys[county], county, roster.value)
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            digest = keyed_digest(hashlib.file_digest(opened, "sha256").hexdigest(), place.keys)
        found = await known(digest, place, dry_run=dry_run, initial=False)
        if found is None:
            kind = NDJSON if file.suffix in (".ndjson", ".jsonl") else CSV
            reading = _Progress("bytes read", size)
            found = await receive(
                _pieces(file, reading),
                kind,
                place,
                words,
                worker=worker,
                dry_run=dry_run,
                initial=False,
                owner=applier.owner,
            )
        return await _apply(found, applier, place)


async def _apply(found: Import, applier: Applier[Any], place: Place) -> Import:
    progress = _Progress("rows applied", found.left)
    while found.state != "done":
        rows = await applier.batch(found.county, found.ref)
        progress.more(rows)
        if not rows:
            await asyncio.sleep(_TOLD_EVERY)  # another process has it; when it stops, it is ours
        async with place.reading() as imports:
            found = await imports.get(found.ref)
    return found


@asynccontextmanager
async def _opened(
    settings: local.Settings, roster: Roster, url: str
) -> AsyncIterator[tuple[Applier[Any], Words]]:
    database, wake = Database(url), asyncio.Event()
    try:
        if roster is Roster.CWS:
            yield cws_app.applier(database, settings.cws, wake, asyncio.Event()), cws_rows.WORDS
        else:
            yield (
                calworks_app.applier(database, settings.calworks, wake, asyncio.Event()),
                calworks_rows.WORDS,
            )
    finally:
        await database.close()


async def _pieces(file: Path, progress: "_Progress") -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece
            progress.more(len(piece))


class _Progress:
    """A line a second on standard error."""

    def __init__(self, what: str, whole: int) -> None:
        self._what, self._whole = what, whole
        self._done, self._began = 0, time.monotonic()
        self._told = self._began

    def more(self, done: int) -> None:
        """So much more is done."""
        self._done += done
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY:
            self._told = now
            rate = self._done / (now - self._began)
            left = self._whole - self._done
            typer.echo(f"{self._what} {self._done}, {rate:.0f}/s, {left} left", err=True)

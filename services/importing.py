"""`linkages import`: a roster from a file straight into a program's database, with the progress on standard error.

With `--initial` it tells the matcher by its events that a county goes live: from the first of them on nothing is
news until the last. Killed in between it leaves the county so; run again, or by the service, it goes on to its end.
"""

import asyncio
import csv
import hashlib
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from services import local
from services.calworks_api import app as calworks_app
from services.calworks_api.handlers import imports as calworks_rows
from services.cws_api import app as cws_app
from services.cws_api.handlers import imports as cws_rows
from services.local import Program
from services.matcher import due, reports
from services.matcher.delivery.live import Live
from services.matcher.disclosure.imports import COLUMNS, REQUIRED, Taken, take_rows
from services.matcher.work import Work
from services.progress import EVERY, Progress
from shared import logs
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC, Bus
from shared.database import opened
from shared.migrations import require_head
from shared.outbox import waiting
from shared.roster.applying import Applier
from shared.roster.checking import Words
from shared.roster.reading import PIECE, Read, is_ndjson, reader_of
from shared.roster.receiving import CSV, NDJSON, Place, TellStarted, keyed_digest, known, receive
from shared.roster.tables import Import
from shared.web import auth
from shared.web.auth import Caller

_TOGETHER = 50  # releases in a transaction, for which the decider has to wait
_NOBODY_AFTER = 20.0  # seconds in which nothing moved

_HELD = "waits: another process holds this import. If it was killed, its hold ends within 30 seconds"
_NOBODY = (
    "The import is complete, but nobody carries its events on: start `linkages up`, or `linkages work` for each "
    "service; `linkages links` tells then what was found"
)


class What(StrEnum):
    """Whose roster it is, or releases."""

    CWS = "cws"
    CALWORKS = "calworks"
    RELEASES = "releases"


def main_import(
    what: Annotated[What, typer.Argument(help="Whose records they are, or releases")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, or NDJSON if it ends so")],
    county: Annotated[str, typer.Option(help="01 to 58")],
    worker: Annotated[str, typer.Option(help="Whose work it is where a row names nobody")] = "import",
    program: Annotated[Program | None, typer.Option(help="Of releases: whose people have signed")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the roster")] = False,
    initial: Annotated[
        bool,
        typer.Option(
            "--initial", help="The county goes live: nothing recorded before its end is news to anybody"
        ),
    ] = False,
) -> None:
    """Import a roster, or releases. Run again on the same file after it was cut off, it goes on where it stopped."""
    settings = local.Settings()
    logs.configure("warning", "import")
    if county not in settings.matcher.counties:
        raise typer.BadParameter(
            f"county {county} is not served here: LINKAGES_COUNTIES names those that are"
        )
    if what is What.RELEASES:
        if dry_run or initial:
            raise typer.BadParameter("--dry-run and --initial are of rosters")
        if program is None:
            raise typer.BadParameter("--program must say whose people have signed: cws or calworks")
        counted = asyncio.run(_releases(settings, file, county, program.value, worker))
        typer.echo(
            f"{counted.total()} rows: taken {counted['taken']}, taken before {counted['repeated']}, rejected "
            f"{counted['rejected']}; see {_results_of(file)}"
        )
        return
    found = asyncio.run(_run(settings, what, file, county, worker, dry_run=dry_run, initial=initial))
    typer.echo(
        f"{found.ref}: {found.rows} rows, {found.record_ids} record_ids, {found.units} units; accepted "
        f"{found.accepted} ({found.warnings} with warnings), repeated {found.repeated}, rejected "
        f"{found.rejected}, applied {found.done}"
    )
    if initial and not dry_run:
        asyncio.run(_tell_found(settings, county))


async def _run(
    settings: local.Settings,
    what: What,
    file: Path,
    county: str,
    worker: str,
    *,
    dry_run: bool,
    initial: bool,
) -> Import:
    url = local.urls(settings)[what.value]
    async with _opened(settings, what, url) as (applier, words, tell):
        place = Place(applier.database, applier.tables, applier.keys[county], county, what.value, tell)
        with file.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            digest = keyed_digest(hashlib.file_digest(source, "sha256").hexdigest(), place.keys)
        found = await known(digest, place, dry_run=dry_run, initial=initial)
        if found is None:
            kind = NDJSON if is_ndjson(file) else CSV
            reading = Progress("bytes read", size)
            found = await receive(
                _pieces(file, reading),
                kind,
                place,
                words,
                worker=worker,
                dry_run=dry_run,
                initial=initial,
                owner=applier.owner,
            )
        return await _apply(found, applier, place)


async def _apply(found: Import, applier: Applier[Any], place: Place) -> Import:
    progress, waits = Progress("rows applied", found.left), False
    while found.state != "done":
        rows = await applier.batch(found.county, found.ref)
        progress.more(rows)
        if not rows:
            if not waits:
                typer.echo(_HELD, err=True)
            await asyncio.sleep(EVERY)  # when the other stops, it is ours
        waits = not rows
        async with place.reading() as imports:
            found = await imports.get(found.ref)
    return found


async def _tell_found(settings: local.Settings, county: str) -> None:
    """Wait until the matcher has read and decided everything, and say what it found."""
    if not await _until_settled(settings):
        typer.echo(_NOBODY)
        return
    async with opened(settings.matcher.url) as database, database.reading() as connection:
        found = await reports.found(connection, county)
    typer.echo(f"links {found.links}, reviews {found.reviews}, mutual cases {found.mutual_cases}")


@asynccontextmanager
async def _opened(
    settings: local.Settings, what: What, url: str
) -> AsyncIterator[tuple[Applier[Any], Words, TellStarted]]:
    async with opened(url) as database:
        await require_head(database, local.PACKAGES[what.value])
        if what is What.CWS:
            applier = cws_app.applier(database, settings.cws, asyncio.Event(), asyncio.Event())
            yield applier, cws_rows.WORDS, cws_rows.tell_started
        else:
            other = calworks_app.applier(database, settings.calworks, asyncio.Event(), asyncio.Event())
            yield other, calworks_rows.WORDS, calworks_rows.tell_started


async def _pieces(file: Path, progress: Progress) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece
            progress.more(len(piece))


def _results_of(file: Path) -> Path:
    """The file in which stands what became of each row of releases."""
    return file.with_name(f"{file.name}.results.csv")


async def _releases(
    settings: local.Settings, file: Path, county: str, program: auth.Program, worker: str
) -> Counter[str]:
    """How many rows had which outcome."""
    words = calworks_rows.WORDS if program == "calworks" else cws_rows.WORDS
    async with opened(settings.matcher.url) as database:
        await require_head(database, local.PACKAGES["matcher"])
    keys = settings.matcher.keys[county]
    with file.open("rb") as source:
        content, whole = hashlib.file_digest(source, "sha256").hexdigest(), os.fstat(source.fileno()).st_size
    name = keys.digest(f"releases/{content}").hex()
    caller = Caller(worker, county, program, frozenset({"linkages_liaison"}), worker)
    counted, progress = Counter[str](), Progress("bytes read", whole)
    async with opened(settings.matcher.url) as database:
        with _results(file) as results:
            for records, size in _batches(file):
                async with Work(database, keys, county, asyncio.Event(), Live()) as work:
                    taken = await take_rows(records, name, caller, work, words.record_id)
                counted.update(one.outcome for one in taken)
                results.writerows(line for one in taken for line in _lines(one))
                progress.more(size)
    return counted


def _batches(file: Path) -> Iterator[tuple[list[Read], int]]:
    """The rows of a file, so many together, with the bytes that were read for them."""
    reader = reader_of(COLUMNS, REQUIRED, ndjson=is_ndjson(file))
    waiting: list[Read] = []
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            waiting += reader.feed(piece)
            size = len(piece)
            while len(waiting) >= _TOGETHER:
                yield waiting[:_TOGETHER], size
                waiting, size = waiting[_TOGETHER:], 0
    waiting += reader.end()
    for start in range(0, len(waiting), _TOGETHER):
        yield waiting[start : start + _TOGETHER], 0


@contextmanager
def _results(file: Path) -> Iterator[Any]:
    """The file of results, readable by its owner alone."""
    path = _results_of(file)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(("line", "outcome", "column", "fix"))
        yield writer


def _lines(one: Taken) -> list[tuple[object, ...]]:
    return [(one.line, one.outcome, f.column, f.fix) for f in one.findings] or [
        (one.line, one.outcome, "", "")
    ]


@dataclass(frozen=True)
class _Left:
    """Events that are to be sent, events that are to be read, and rows that are to be decided."""

    send: int
    read: int
    decide: int


async def _until_settled(settings: local.Settings) -> bool:
    """Wait until the matcher has decided what the programs told; False if nobody works on it."""
    told = moved = time.monotonic()
    before: _Left | None = None
    async with local.open_bus(settings) as bus:
        while (left := await _left(settings, bus)) != _Left(0, 0, 0):
            now = time.monotonic()
            if left != before:
                before, moved = left, now
            if now - moved > _NOBODY_AFTER:
                return False
            if now - told >= EVERY:
                told = now
                words = f"events to send {left.send}, to read {left.read}; to decide {left.decide}"
                typer.echo(words, err=True)
            await asyncio.sleep(EVERY / 4)
    return True


async def _left(settings: local.Settings, bus: Bus) -> _Left:
    """What is left, looked at in the order in which it goes on: nothing slips past."""
    urls, send = local.urls(settings), 0
    for program in Program:
        async with opened(urls[program]) as database, database.reading() as connection:
            send += (await waiting(connection, local.OUTBOXES[program]))[0]
    ends = {topic: await bus.bounds(topic) for topic in (CWS_TOPIC, CALWORKS_TOPIC)}
    async with opened(urls["matcher"]) as database, database.reading() as connection:
        read = await reports.unread(connection, ends)
        return _Left(send, read, await due.ready(connection, await database.now(connection)))

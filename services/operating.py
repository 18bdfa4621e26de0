"""Operating the spine by hand: dead letters, `replay` and `republish`.

Three words, three things. A retried dead letter is one event that could not be read. `replay` sends rows of an outbox
again with their ids: it heals, and a second run changes nothing. `republish` tells what a program holds now as new
events, for a matcher that is new or was restored.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Row

from services import local
from services.calworks_api import republish as calworks
from services.cws_api import republish as cws
from services.local import Program, Service
from services.matcher import dead_letters as letters
from services.matcher.identity.model import load_model
from shared.calendars import PACIFIC, start_of_day
from shared.database import EPOCH, opened
from shared.events import calworks as calworks_events
from shared.events import cws as cws_events
from shared.outbox import move_on
from shared.outbox.replay import replay as send_again

BATCH = 200  # records of one transaction of `republish`

KNOWN = {"cws": cws_events.TYPES, "calworks": calworks_events.TYPES}

dead_letters_app = typer.Typer(help="Events that could not be read.", no_args_is_help=True)


KINDS = {Program.CWS: tuple(cws.KINDS), Program.CALWORKS: tuple(calworks.KINDS)}
PROGRAMS = {Program.CWS: cws.republish, Program.CALWORKS: calworks.republish}


@dead_letters_app.command("list")
def list_dead_letters(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """List events that could not be read, why, and whom they put on hold."""
    found = asyncio.run(_waiting())
    for row in found:
        line = {
            "id": row.id,
            "at": row.at.isoformat(),
            "topic": row.topic,
            "partition": row.partition,
            "offset": row.offset,
            "type": row.headers.get("ce_type"),
            "on_hold": row.subject,
            "reason": row.reason,
        }
        typer.echo(json.dumps(line) if as_json else "  ".join(f"{k}={v}" for k, v in line.items()))
    if not found and not as_json:
        typer.echo("no dead letters")


@dead_letters_app.command("show")
def show_dead_letter(number: Annotated[int, typer.Argument(help="Its id, as `list` prints it")]) -> None:
    """Show one event that could not be read: its headers and why; never its data."""
    row = next((row for row in asyncio.run(_waiting()) if row.id == number), None)
    if row is None:
        raise _no_such_letter(number)
    typer.echo(
        f"{row.topic}/{row.partition}/{row.offset}, {len(row.value)} bytes, read at {row.at:%F %T} UTC"
    )
    typer.echo(f"reason: {row.reason}")
    for name, value in sorted(row.headers.items()):
        typer.echo(f"{name}: {value}")


@dead_letters_app.command("retry")
def retry_dead_letters(
    number: Annotated[int | None, typer.Option("--id", help="One of them, as `list` prints it")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them; so it is without --id")] = False,
) -> None:
    """Read dead letters again; those that can be read now have their effect and lift their hold."""
    if number is not None and every:
        raise typer.BadParameter("say --id or --all, not both")
    found = asyncio.run(_retry(number))
    if number is not None and not found:
        raise _no_such_letter(number)
    typer.echo(", ".join(f"{count} {name}" for name, count in sorted(found.items())) or "no dead letters")


def replay(
    service: Service,
    since: Annotated[
        str | None, typer.Option(help="Date or time; a time without offset is the county's")
    ] = None,
    of_type: Annotated[str | None, typer.Option("--type", help="As in `ce_type`; default: all")] = None,
    after: Annotated[int, typer.Option(help="Go on after this position, as a run printed it")] = 0,
) -> None:
    """Send what a service has published again, with the same ids: the relay does it. Readers drop what they know."""
    start = EPOCH if since is None else _instant(since)
    known = KNOWN.get(service)
    if of_type is not None and known is not None and of_type not in known:
        raise typer.BadParameter(f"{service.value} publishes no such type. Known: {', '.join(sorted(known))}")

    async def run() -> int:
        rows = 0
        async with opened(local.urls(local.Settings())[service]) as database:
            async for done in send_again(
                database, local.OUTBOXES[service], since=start, of_type=of_type, after=after
            ):
                rows = done.rows
                typer.echo(f"{rows} events, up to position {done.position}", err=True)
        return rows

    typer.echo(f"{asyncio.run(run())} events will be sent again")


def republish(
    program: Program,
    county: Annotated[str, typer.Option(help="01 to 58")],
    begin: Annotated[
        str | None, typer.Option("--from", help="Go on from here, as an earlier run printed it")
    ] = None,
    *,
    restored: Annotated[
        bool,
        typer.Option(
            "--restored",
            help="The program's database came back from a backup: its counters are moved on first",
        ),
    ] = False,
) -> None:
    """Tell what a program holds now as new events, for a matcher that is new or was restored, or after a restore."""
    kinds = KINDS[program]
    kind, _, after = (begin or f"{kinds[0]}:").partition(":")
    if kind not in kinds:
        raise typer.BadParameter(f"--from begins with one of: {', '.join(kinds)}")
    if county not in local.Settings().matcher.keys:
        raise typer.BadParameter("the county is not served here: the key file has no keys for it")

    async def run() -> Counter[str]:
        told: Counter[str] = Counter()
        place = after
        if restored:
            url = local.urls(local.Settings())[program]
            async with opened(url) as database, database.transaction() as connection:
                await move_on(connection, local.OUTBOXES[program], county)
        for now in kinds[kinds.index(kind) :]:
            async for count, last in _batches(program, county, now, place):
                told[now] += count
                typer.echo(f"{now}: {told[now]} told; to go on from here: --from {now}:{last}", err=True)
            place = ""
        return told

    told = asyncio.run(run())
    typer.echo(", ".join(f"{count} {kind}" for kind, count in told.items()) or "nothing is held")


async def _batches(program: Program, county: str, kind: str, after: str) -> AsyncIterator[tuple[int, str]]:
    """Tell the records of one kind: how many each batch had, and the reference of its last."""
    settings = local.Settings()
    async with opened(local.urls(settings)[program]) as database:
        while True:
            count, after = await PROGRAMS[program](
                kind,
                database=database,
                keys=settings.matcher.keys[county],
                county=county,
                after=after,
                limit=BATCH,
            )
            if count:
                yield count, after
            if count < BATCH:
                return


async def _waiting() -> list[Row[Any]]:
    """The dead letters that wait."""
    async with opened(local.Settings().matcher.url) as database, database.reading() as connection:
        return await letters.waiting(connection)


async def _retry(number: int | None) -> Counter[str]:
    """Read one dead letter again, or all, each in a transaction of its own: how many could be read."""
    settings = local.Settings().matcher
    kinds = load_model(settings.model).blocking
    numbers = [row.id for row in await _waiting()] if number is None else [number]
    found = Counter[str]()
    async with opened(settings.url) as database:
        for one in numbers:
            async with database.transaction() as connection:
                letter = await letters.unresolved(connection, one)
                if letter is None:
                    continue
                now = await database.now(connection)
                read = await letters.retry(connection, letter, settings.keys, now, kinds)
            found["read" if read else "still dead"] += 1
    return found


def _no_such_letter(number: int) -> typer.BadParameter:
    return typer.BadParameter(f"there is no dead letter {number}: `linkages dead-letters list` has their ids")


def _instant(text: str) -> datetime:
    """A day's beginning or a time, as an instant."""
    try:
        if len(text) == len("2026-01-31"):
            return start_of_day(date.fromisoformat(text), PACIFIC)
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--since is a date (2026-01-31) or a time (2026-01-31T08:00)") from None
    return (given if given.tzinfo else given.replace(tzinfo=PACIFIC)).astimezone(UTC)

"""`linkages doctor`: looks at every part that the system needs, and says for each what is wrong and what mends it.

It changes nothing and makes nothing: not a database, not a log, not a key. A part that cannot be looked at has failed.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Annotated, Literal

import sqlalchemy as sa
import typer

from services import local
from services.matcher import dead_letters, due
from services.matcher.identity import blocks
from services.matcher.reader import TOPICS
from services.matcher.tables import INBOX
from services.matcher.waiting import behind
from shared.database import Connection, Database, opened
from shared.errors import LinkagesError, Unavailable
from shared.extras import county_libraries
from shared.migrations import require_head
from shared.outbox import OutboxTables, waiting
from shared.row_security import OF_THE_BACKGROUND, unbound

LATE = timedelta(seconds=30)  # what has waited longer waits for somebody who is not there
AHEAD = timedelta(seconds=5)  # of a clock that is right enough
ABANDONED = timedelta(hours=1)  # since whoever held an import could have gone on with it

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    """One part: how it is, in words, and what mends it (empty when nothing needs mending)."""

    part: str
    state: State
    says: str
    fix: str = ""


Look = Callable[[], Awaitable[Finding]]


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Look at every part and say what mends it. Changes nothing; ends with 1 if something has failed."""
    found = asyncio.run(examine(local.Settings()))
    for one in found:
        if as_json:
            typer.echo(json.dumps(asdict(one)))
            continue
        typer.echo(f"{one.state:8} {one.part}: {one.says}")
        if one.fix:
            typer.echo(f"         Try: {one.fix}")
    if any(one.state == "failed" for one in found):
        raise typer.Exit(1)


async def examine(settings: local.Settings, now: datetime | None = None) -> list[Finding]:
    """Look at every part. Never raises for a part that is broken."""
    at = now or datetime.now(UTC)
    off = at - datetime.now(UTC)  # by how much the given time is another than this host's
    looks: dict[str, Look] = {
        "keys": partial(_keys, settings),
        **{f"{service} database": partial(_database, settings, service) for service in local.PACKAGES},
        **{f"{service} role": partial(_role, settings, service) for service in local.PACKAGES},
        **{
            f"{service} relay": partial(_relay, settings, service, local.OUTBOXES[service], at)
            for service in local.PACKAGES
        },
        **{f"{program} imports": partial(_imports, settings, program, at) for program in local.IMPORTS},
        "broker": partial(_broker, settings),
        "topics": partial(_topics, settings),
        "permissions": partial(_permissions, settings),
        **{f"reader of {topic}": partial(_reader, settings, topic, at) for topic in TOPICS},
        "decider": partial(_decider, settings, at),
        "dead letters": partial(_letters, settings),
        "capped blocks": partial(_capped, settings),
        "clock": partial(_clock, settings, at, off),
    }
    return [await _looked_at(part, look) for part, look in looks.items()]


async def _looked_at(part: str, look: Look) -> Finding:
    try:
        return await look()
    except LinkagesError as error:
        return Finding(part, "failed", error.title, error.detail)
    except (sa.exc.DBAPIError, OSError, ValueError) as error:
        return Finding(
            part, "failed", f"cannot be looked at ({type(error).__name__})", "mend what stands above"
        )


@asynccontextmanager
async def _open(settings: local.Settings, service: str) -> AsyncIterator[Database]:
    async with opened(local.urls(settings)[service]) as database:
        if database.file is not None and not database.file.exists():
            raise Unavailable("There is no database yet: run `linkages migrate`")
        yield database


@asynccontextmanager
async def _reading(settings: local.Settings, service: str) -> AsyncIterator[Connection]:
    async with _open(settings, service) as database, database.reading() as connection:
        yield connection


async def _keys(settings: local.Settings) -> Finding:
    common = settings.matcher
    path = common.key_path
    if not path.exists():
        return Finding(
            "keys", "failed", f"there is no key file at {path}", "set LINKAGES_KEY_FILE to the file"
        )
    if missing := sorted(set(common.counties) - set(common.keys)):
        fix = "add them to the key file, or take them out of LINKAGES_COUNTIES"
        return Finding("keys", "failed", f"no keys for the counties {', '.join(missing)}", fix)
    if path.stat().st_mode & 0o077:
        return Finding("keys", "warning", "others than the owner may read the key file", f"chmod 600 {path}")
    return Finding("keys", "ok", f"for the counties {', '.join(common.counties)}")


async def _database(settings: local.Settings, service: str) -> Finding:
    async with _open(settings, service) as database:
        await require_head(database, local.PACKAGES[service])
    return Finding(f"{service} database", "ok", "answers and is at the newest revision")


async def _role(settings: local.Settings, service: str) -> Finding:
    """Whether counties are walled off from each other in the database too."""
    part = f"{service} role"
    async with _open(settings, service) as database:
        if database.is_sqlite:
            return Finding(part, "ok", "a file of this process's user, without roles")
    reason = await unbound(local.urls(settings)[service])
    if reason is None:
        return Finding(part, "ok", "sees the county that a transaction names, and no other")
    if reason == OF_THE_BACKGROUND:
        return Finding(part, "ok", "of the background part, which sees all counties")
    state: State = "failed" if settings.matcher.environment == "production" else "warning"
    return Finding(part, state, reason, "give it the address that `linkages database setup` made")


async def _imports(settings: local.Settings, program: str, now: datetime) -> Finding:
    """An initial import that was begun and never finished keeps a county from going live."""
    part, table = f"{program} imports", local.IMPORTS[program].imports
    stands = sa.select(table.c.state).where(table.c.state != "done", table.c.until < now - ABANDONED)
    async with _reading(settings, program) as connection:
        found = (await connection.execute(stands)).scalars().all()
    if not found:
        return Finding(part, "ok", "none stands still")
    what = f"{len(found)} have not moved for an hour, {found.count('receiving')} of them not wholly received"
    fix = f"send the file again, or start `linkages serve {program}`: it goes on where it stopped"
    return Finding(part, "warning", what, fix)


async def _broker(settings: local.Settings) -> Finding:
    common = settings.matcher
    if common.bus == "embedded":
        return Finding("broker", "ok", "none: the log is embedded")
    count, new_enough = await _kafka().brokers(common)
    if not new_enough:
        return Finding(
            "broker", "failed", "older than Apache Kafka 4", "bring the brokers up to 4.0 or newer"
        )
    if common.kafka_security == "PLAINTEXT":
        fix = "set LINKAGES_KAFKA_SECURITY, LINKAGES_KAFKA_USER and LINKAGES_KAFKA_PASSWORD"
        return Finding("broker", "warning", f"{count} answer, and ask nobody who it is", fix)
    return Finding("broker", "ok", f"{count} answer, Apache Kafka 4 or newer")


async def _topics(settings: local.Settings) -> Finding:
    common, part = settings.matcher, "topics"
    if common.bus == "embedded":
        return Finding(part, "ok", "made as they are needed")
    if common.kafka_user in local.PRINCIPALS:
        return Finding(part, "ok", f"their settings are not for {common.kafka_user} to see")
    await _kafka().brokers(common)  # says at once what the next question would wait for in vain
    copies, found = await asyncio.to_thread(_kafka().unlike_topics, common)
    if found:
        fix = "`linkages kafka topics` makes what is missing; change the rest with the tools of Kafka"
        return Finding(part, "failed", "; ".join(map(str, found)), fix)
    if copies < _kafka().COPIES:
        says = f"{copies} of the {_kafka().COPIES} copies that the loss of a broker asks for"
        return Finding(part, "warning", says, "add brokers; see deploy/runbooks/broker-loss.md")
    return Finding(part, "ok", "as deploy/kafka/topics.yaml has them")


async def _permissions(settings: local.Settings) -> Finding:
    common, part = settings.matcher, "permissions"
    if common.bus == "embedded" or common.kafka_security in ("PLAINTEXT", "SSL"):
        return Finding(part, "ok", "none: nobody is asked who it is")
    await _kafka().brokers(common)
    missing, beyond = await asyncio.to_thread(_kafka().unlike_permissions, common)
    if missing:
        return Finding(part, "failed", f"missing: {'; '.join(missing)}", "run `linkages kafka acls`")
    if beyond:
        fix = "`linkages kafka acls --prune` takes them away"
        return Finding(part, "warning", f"beyond the file: {'; '.join(beyond)}", fix)
    return Finding(part, "ok", "as deploy/kafka/acls.yaml has them")


def _kafka() -> ModuleType:
    """What asks the cluster. Unavailable: its libraries are not installed."""
    with county_libraries("Kafka needs"):
        from services import doctor_kafka  # noqa: PLC0415 - the embedded default needs no such library
    return doctor_kafka


async def _relay(settings: local.Settings, service: str, tables: OutboxTables, now: datetime) -> Finding:
    async with _reading(settings, service) as connection:
        count, oldest = await waiting(connection, tables)
    if oldest is not None and now - oldest > LATE:
        fix = f"start the relay: `linkages work {service}`"
        return Finding(
            f"{service} relay", "failed", f"{count} events wait, the first since {oldest:%F %T}", fix
        )
    return Finding(f"{service} relay", "ok", f"{count} events wait")


async def _reader(settings: local.Settings, topic: str, now: datetime) -> Finding:
    part = f"reader of {topic}"
    if settings.matcher.bus == "embedded" and not local.log_file(settings).exists():
        raise Unavailable("There is no log yet: start the system with `linkages up`")
    async with _open(settings, "matcher") as database:
        async with local.open_bus(settings) as bus:
            lags = (await behind(database, bus))[topic]
        async with database.reading() as connection:
            progress = INBOX.progress
            rows = (await connection.execute(sa.select(progress).where(progress.c.topic == topic))).all()
    lost = [partition for partition, lag in lags.items() if lag < 0]
    if lost:
        fix = (
            "the log was lost or replaced: the relay sends it again, see `relay.log_lost_records` in its log"
        )
        return Finding(part, "warning", f"stands past the end of partitions {lost}", fix)
    lag = sum(lags.values())
    if lag and not any(row.owner is not None and row.until > now for row in rows):
        return Finding(
            part, "failed", f"{lag} events wait and nobody reads", "start it: `linkages work matcher`"
        )
    return Finding(part, "ok", f"{lag} events wait")


async def _decider(settings: local.Settings, now: datetime) -> Finding:
    async with _reading(settings, "matcher") as connection:
        count = await due.ready(connection, now)
    return Finding("decider", "ok", f"{count} persons and households wait to be decided")


async def _letters(settings: local.Settings) -> Finding:
    async with _reading(settings, "matcher") as connection:
        found = await dead_letters.waiting(connection)
    if found:
        fix = "`linkages dead-letters list` says why; after the mending, `linkages dead-letters retry`"
        held = len(dead_letters.on_hold(found))
        return Finding("dead letters", "warning", f"{len(found)} events, {held} subjects on hold", fix)
    return Finding("dead letters", "ok", "none")


async def _capped(settings: local.Settings) -> Finding:
    """Evidence that so many people share that it finds nobody any more: what was missed by it, nothing else tells."""
    part = "capped blocks"
    async with _reading(settings, "matcher") as connection:
        found = await blocks.by_county(connection)
    if not found:
        return Finding(part, "ok", "none")
    each = "; ".join(f"county {one.county}: {one.blocks}, with {one.people} people" for one in found)
    says = (
        f"{each}. What more than {settings.matcher.block_cap} people share brings nobody together by itself"
    )
    fix = (
        "look for stand-in values in the records (an office's phone, 1 January): liaisons find which at"
        " /review/capped-blocks; or raise LINKAGES_BLOCK_CAP"
    )
    return Finding(part, "warning", says, fix)


async def _clock(settings: local.Settings, now: datetime, off: timedelta) -> Finding:
    for service in local.PACKAGES:
        async with _open(settings, service) as database:
            if not database.is_sqlite:  # else it has this host's clock
                began = time.monotonic()
                async with database.reading() as connection:
                    apart = await database.now(connection) - (datetime.now(UTC) + off)
                if abs(apart) > AHEAD + timedelta(seconds=time.monotonic() - began):
                    says = f"the {service} database is {apart.total_seconds():+.0f} s from this host"
                    return Finding("clock", "failed", says, "have both set their clocks by the same source")
    async with _reading(settings, "matcher") as connection:
        newest = (await connection.execute(sa.select(sa.func.max(INBOX.seen.c.seen_at)))).scalar()
    if newest is not None and newest - now > AHEAD:
        return Finding(
            "clock", "failed", f"an event was read at {newest:%F %T}, later than now", "set the clock"
        )
    return Finding("clock", "ok", f"{now:%F %T} UTC")

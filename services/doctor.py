"""`linkages doctor`: looks at every part that the system needs, and says for each what is wrong and what mends it.

It changes nothing and makes nothing: not a database, not a log, not a key. A part that cannot be looked at has failed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

import sqlalchemy as sa

from services import local
from services.matcher import dead_letters, due
from services.matcher.tables import INBOX
from shared.bus import CALWORKS_TOPIC, CWS_TOPIC
from shared.database import Connection, opened
from shared.errors import LinkagesError, Unavailable
from shared.migrations import require_head
from shared.outbox import OutboxTables, waiting

LATE = timedelta(seconds=30)  # what has waited longer waits for somebody who is not there
AHEAD = timedelta(seconds=5)  # of a clock that is right enough

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Finding:
    """One part: how it is, in words, and what mends it (empty when nothing needs mending)."""

    part: str
    state: State
    says: str
    fix: str = ""


Look = Callable[[], Awaitable[Finding]]


async def examine(settings: local.Settings, now: datetime | None = None) -> list[Finding]:
    """Look at every part. Never raises for a part that is broken."""
    at = now or datetime.now(UTC)
    looks: dict[str, Look] = {
        "keys": partial(_keys, settings),
        **{f"{service} database": partial(_database, settings, service) for service in local.PACKAGES},
        **{
            f"{program} relay": partial(_relay, settings, program, local.OUTBOXES[program], at)
            for program in local.Program
        },
        **{
            f"reader of {topic}": partial(_reader, settings, topic, at)
            for topic in (CWS_TOPIC, CALWORKS_TOPIC)
        },
        "decider": partial(_decider, settings, at),
        "dead letters": partial(_letters, settings),
        "clock": partial(_clock, settings, at),
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
async def _reading(settings: local.Settings, service: str) -> AsyncIterator[Connection]:
    async with opened(local.urls(settings)[service]) as database:
        if database.file is not None and not database.file.exists():
            raise Unavailable("There is no database yet: run `linkages migrate`")
        async with database.reading() as connection:
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
    async with _reading(settings, service) as connection:
        await connection.execute(sa.select(1))
    await require_head(local.urls(settings)[service], local.PACKAGES[service])
    return Finding(f"{service} database", "ok", "answers and is at the newest revision")


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
    if not local.log_file(settings).exists():
        raise Unavailable("There is no log yet: start the system with `linkages up`")
    async with local.open_bus(settings) as bus:
        bounds = await bus.bounds(topic)
    progress = INBOX.progress
    async with _reading(settings, "matcher") as connection:
        rows = (await connection.execute(sa.select(progress).where(progress.c.topic == topic))).all()
    places = {row.partition: row.next_offset for row in rows}
    lost = [p for p, bound in bounds.items() if places.get(p, bound.begin) > bound.end]
    if lost:
        fix = "the log was lost or replaced: the relay sends it again, see `relay.healed` in its log"
        return Finding(part, "warning", f"stands past the end of partitions {lost}", fix)
    lag = sum(bound.end - max(places.get(p, bound.begin), bound.begin) for p, bound in bounds.items())
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
        held = len({(row.county, row.subject) for row in found if row.subject})
        return Finding("dead letters", "warning", f"{len(found)} events, {held} subjects on hold", fix)
    return Finding("dead letters", "ok", "none")


async def _clock(settings: local.Settings, now: datetime) -> Finding:
    async with _reading(settings, "matcher") as connection:
        newest = (await connection.execute(sa.select(sa.func.max(INBOX.seen.c.seen_at)))).scalar()
    if newest is not None and newest - now > AHEAD:
        return Finding(
            "clock", "failed", f"an event was read at {newest:%F %T}, later than now", "set the clock"
        )
    return Finding("clock", "ok", f"{now:%F %T} UTC")

"""`/metrics`, `/livez` and `/readyz` of a background process (`linkages work`), on a port of its own.

No caller is asked for, because what supervises a process has no token: bind the port to the loopback, or to a network
where nobody else is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog
import uvicorn
from fastapi import FastAPI, Response

from services.matcher.waiting import LOOKS, behind, look_at_capped, unreadable_in_a_row
from shared.bus import Bus
from shared.database import Database, opened
from shared.errors import LinkagesError
from shared.metrics import LAG, REGISTRY, Waiting
from shared.migrations import require_head
from shared.outbox import OutboxTables, unsent
from shared.web.health import Check, State, health_routes
from shared.web.metrics import exposition

WAITED_TOO_LONG = 60.0  # seconds, of an event that the relay has not carried to the bus
STANDS_STILL = 60.0  # seconds since the last round of a loop came to its end

log = structlog.get_logger()


@dataclass(frozen=True)
class Watched:
    """The background part of one service: its database, the topic that it writes, and the loops that it runs."""

    service: str
    url: str
    package: Path
    outbox: OutboxTables
    topic: str
    loops: tuple[str, ...]


def create_app(
    watched: Watched, database: Database, bus: Bus, now: Callable[[], float] = time.time
) -> FastAPI:
    """The app. Its database is one of its own, so that a busy loop does not keep it waiting; `now`: Unix time."""
    app = FastAPI(openapi_url=None)
    app.include_router(health_routes(_checks(watched, database, bus, now)))
    waiting = _waiting(watched, database)

    @app.get("/metrics")
    async def metrics() -> Response:
        if watched.service == "matcher":
            await _look_at_lag(database, bus)
            await look_at_capped(database)
        return await exposition(waiting)

    return app


def _waiting(watched: Watched, database: Database) -> Mapping[str, Callable[[], Awaitable[Waiting]]]:
    if watched.service == "matcher":
        return {name: partial(look, database) for name, look in LOOKS.items()}
    return {f"{watched.service} outbox": partial(unsent, database, watched.outbox)}


async def _look_at_lag(database: Database, bus: Bus) -> None:
    """A bus that does not answer is no reason to tell nothing else: then there is no lag to be seen."""
    try:
        found = await behind(database, bus)
    except LinkagesError as error:
        log.warning("watching.no_lag", error=type(error).__name__)
        LAG.clear()
        return
    for topic, partitions in found.items():
        for partition, lag in partitions.items():
            LAG.labels(topic, str(partition)).set(lag)


def _checks(watched: Watched, database: Database, bus: Bus, now: Callable[[], float]) -> dict[str, Check]:
    """What `/readyz` looks at."""

    async def answers() -> State:
        async with database.reading() as connection:
            await connection.execute(sa.select(1))
        return "ok"

    async def migrations() -> State:
        await require_head(database, watched.package)
        return "ok"

    async def log_answers() -> State:
        await bus.bounds(watched.topic)
        return "ok"

    async def outbox() -> State:
        found = await unsent(database, watched.outbox)
        return "degraded" if (found.seconds or 0.0) > WAITED_TOO_LONG else "ok"

    async def letters() -> State:
        return "degraded" if await unreadable_in_a_row(database) else "ok"

    began = now()

    async def moves(loop: str) -> State:
        last = REGISTRY.get_sample_value("linkages_last_round_timestamp_seconds", {"loop": loop})
        return "failed" if now() - max(last or 0.0, began) > STANDS_STILL else "ok"

    return {
        "database": answers,
        "migrations": migrations,
        "bus": log_answers,
        "outbox": outbox,
        **({"dead_letters": letters} if watched.service == "matcher" else {}),
        **{loop: partial(moves, loop) for loop in watched.loops},
    }


class _Server(uvicorn.Server):
    """A server beside other tasks: the process's own handlers of signals stay."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(watched: Watched, bus: Bus, host: str, port: int) -> None:
    """Serve until cancelled."""
    async with opened(watched.url) as database:
        app = create_app(watched, database, bus)
        server = _Server(
            uvicorn.Config(app, host=host, port=port, log_config=None, log_level="warning", access_log=False)
        )
        serving = asyncio.create_task(server.serve())
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise

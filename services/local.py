"""What runs where: apps, relays, reader and decider, each part in a process of its own or all in one event loop.

A function imports the part that it starts, since most processes run one: reading the code of all of them takes seconds
of a processor, and a part that was killed is waited for. Starlette does not run a mounted app's lifespan, so the parent
enters each; what the children open lives on their own `app.state`.
"""

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from services.calworks_api import tables as calworks_tables
from services.calworks_api.settings import CalworksSettings
from services.cws_api import tables as cws_tables
from services.cws_api.settings import CwsSettings
from services.matcher import tables as matcher_tables
from services.matcher.delivery import live
from services.matcher.delivery.live import Live
from services.matcher.settings import MatcherSettings
from shared import migrations
from shared.bus import CALWORKS_TOPIC, COORDINATION_TOPIC, CWS_TOPIC, Bus
from shared.bus.embedded import EmbeddedBus
from shared.database import opened
from shared.errors import Unavailable
from shared.extras import county_libraries
from shared.outbox import OutboxTables
from shared.outbox.relay import Relay
from shared.roster.tables import ImportTables
from shared.settings import CommonSettings
from shared.wakes import Carrier, hear

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.applications import Starlette

    from services.watching import Watched

log = structlog.get_logger()

STOP_WITHIN = 5  # seconds
FEED_POLL = 1.0  # seconds between looks for what the coordination topic is to be told
LAG_GROUP = "linkages-matcher-lag"  # the Kafka group that shows lag tools how far the reader is


@dataclass(frozen=True)
class Settings:
    """The settings of all three services."""

    cws: CwsSettings = field(default_factory=CwsSettings)
    calworks: CalworksSettings = field(default_factory=CalworksSettings)
    matcher: MatcherSettings = field(default_factory=MatcherSettings)


@dataclass(frozen=True)
class Wakes:
    """What tells one part of the process that another has written."""

    cws: asyncio.Event = field(default_factory=asyncio.Event)
    calworks: asyncio.Event = field(default_factory=asyncio.Event)
    indexed: asyncio.Event = field(default_factory=asyncio.Event)
    live: Live = field(default_factory=Live)

    def outbox(self, program: str) -> asyncio.Event:
        """What wakes the relay of a program."""
        return self.cws if program == Program.CWS else self.calworks


OUTBOX_CHANNEL, DUE_CHANNEL = "linkages_outbox", "linkages_due"
"""Where a service's processes tell each other that an event is to be sent, or something to be decided."""


class Service(StrEnum):
    """The three services, as commands name them."""

    CWS = "cws"
    CALWORKS = "calworks"
    MATCHER = "matcher"


class Program(StrEnum):
    """The services that hold a program's records, as commands name them."""

    CWS = "cws"
    CALWORKS = "calworks"


PACKAGES: dict[str, Path] = {
    "cws": Path(cws_tables.__file__).parent,
    "calworks": Path(calworks_tables.__file__).parent,
    "matcher": Path(matcher_tables.__file__).parent,
}


OUTBOXES: dict[str, OutboxTables] = {
    "cws": cws_tables.OUTBOX,
    "calworks": calworks_tables.OUTBOX,
    "matcher": matcher_tables.OUTBOX,
}


TOPICS: dict[str, str] = {"cws": CWS_TOPIC, "calworks": CALWORKS_TOPIC, "matcher": COORDINATION_TOPIC}

IMPORTS: dict[str, ImportTables] = {"cws": cws_tables.IMPORTS, "calworks": calworks_tables.IMPORTS}

PRINCIPALS = ("linkages-cws", "linkages-calworks", "linkages-matcher")
"""The services as the brokers know them (deploy/kafka/acls.yaml)."""


def urls(settings: Settings) -> dict[str, str]:
    """The database of each service."""
    return {"cws": settings.cws.url, "calworks": settings.calworks.url, "matcher": settings.matcher.url}


def migrate(settings: Settings, services: tuple[str, ...] = ("cws", "calworks", "matcher")) -> None:
    """Bring databases up to the newest revision."""
    for service in services:
        migrations.upgrade(urls(settings)[service], PACKAGES[service])


def owner() -> str:
    """The name under which this process holds leases."""
    return f"{socket.gethostname()}/{os.getpid()}/{os.urandom(4).hex()}"


def log_file(settings: Settings) -> Path:
    """The file of the embedded log."""
    return settings.matcher.data_dir / "bus.db"


def refuse_unsafe(settings: Settings) -> None:
    """Unavailable: in production the log is a Kafka cluster, and who comes there is asked who he is."""
    common = settings.matcher
    if common.environment != "production":
        return
    if common.bus != "kafka":
        raise Unavailable("Production does not run on the embedded log: set LINKAGES_BUS=kafka")
    if common.kafka_security == "PLAINTEXT":
        raise Unavailable("Production does not come to Kafka in PLAINTEXT: set LINKAGES_KAFKA_SECURITY")


@asynccontextmanager
async def open_bus(settings: Settings) -> AsyncIterator[Bus]:
    """The bus that the settings name. Unavailable: they name one that will not do."""
    refuse_unsafe(settings)
    bus = await _kafka(settings.matcher) if settings.matcher.bus == "kafka" else await _embedded(settings)
    try:
        yield bus
    finally:
        await bus.close()


async def _embedded(settings: Settings) -> Bus:
    return await EmbeddedBus.open(log_file(settings))


async def _kafka(settings: CommonSettings) -> Bus:
    with county_libraries("Kafka needs"):
        from shared.bus.kafka import KafkaBus  # noqa: PLC0415 - the embedded default does not need its library
        from shared.bus.security import KafkaSecurity  # noqa: PLC0415
    return await KafkaBus.open(
        servers=settings.kafka_servers,
        client_id=settings.kafka_user or "linkages",
        security=KafkaSecurity.of(settings),
        lag_group=LAG_GROUP,
    )


@asynccontextmanager
async def program_work(
    url: str, outbox: OutboxTables, topic: str, bus: Bus, wake: asyncio.Event
) -> AsyncIterator[list[Callable[[], Awaitable[None]]]]:
    """The background part of a program service: its relay."""
    async with opened(url) as database:
        yield [Relay(database, outbox, bus, topic, owner(), wake).run]


@asynccontextmanager
async def matcher_work(
    settings: MatcherSettings, bus: Bus, wakes: Wakes
) -> AsyncIterator[list[Callable[[], Awaitable[None]]]]:
    """The background part of the matcher: reader, decider and sweeper, and what tells dashboards."""
    from services.matcher.decider import Decider  # noqa: PLC0415
    from services.matcher.disclosure.policy import county_policy  # noqa: PLC0415
    from services.matcher.feed.activity import Hours  # noqa: PLC0415
    from services.matcher.identity.model import load_model  # noqa: PLC0415
    from services.matcher.reader import Reader  # noqa: PLC0415
    from services.matcher.sweeper import Sweeper  # noqa: PLC0415
    from shared.calendars import PACIFIC, add_business_days, local_date  # noqa: PLC0415

    async with opened(settings.url) as database:
        today = local_date(datetime.now(UTC), PACIFIC)
        policies = {county: county_policy(county, today) for county in settings.counties}
        for policy in policies.values():
            add_business_days(today, 1, policy.calendar)  # reading the holidays of a year takes half a second
        model = load_model(settings.model)
        reader = Reader(database, bus, settings.keys, owner(), wakes.indexed, model.blocking)
        decider = Decider(database, settings.keys, policies, model, wakes.indexed, wakes.live)
        sweeper = Sweeper(database, settings.counties, owner(), settings.block_cap, wakes.indexed)
        hours = Hours(database, settings.keys)
        # What is told to dashboards is cut to the hour: no commit need wake its relay.
        relay = Relay(
            database, OUTBOXES["matcher"], bus, COORDINATION_TOPIC, owner(), asyncio.Event(), poll=FEED_POLL
        )
        yield [reader.run, decider.run, sweeper.run, hours.run, relay.run]


@asynccontextmanager
async def background(
    settings: Settings, services: tuple[str, ...], bus: Bus, wakes: Wakes
) -> AsyncIterator[list[Callable[[], Awaitable[None]]]]:
    """The background parts of some services."""
    async with AsyncExitStack() as stack:
        parts: list[Callable[[], Awaitable[None]]] = []
        for program in (program for program in Program if program in services):
            url, tables, topic = urls(settings)[program], OUTBOXES[program], TOPICS[program]
            parts += await stack.enter_async_context(
                program_work(url, tables, topic, bus, wakes.outbox(program))
            )
        if "matcher" in services:
            parts += await stack.enter_async_context(matcher_work(settings.matcher, bus, wakes))
        yield parts


async def work(
    settings: Settings, service: str, stopped: asyncio.Event, watch: tuple[str, int] | None = None
) -> None:
    """Run the background part of one service until told to stop; `watch`: where it tells how it is."""
    from services import watching  # noqa: PLC0415

    async with opened(urls(settings)[service]) as waking, open_bus(settings) as bus:
        inboxes = Carrier(waking, live.CHANNEL)
        wakes = Wakes(live=Live(inboxes.tell))
        async with background(settings, (service,), bus, wakes) as parts:
            if service == Service.MATCHER:
                parts += [inboxes.run, partial(hear, waking, DUE_CHANNEL, _set(wakes.indexed))]
            else:
                parts.append(partial(hear, waking, OUTBOX_CHANNEL, _set(wakes.outbox(service))))
            if watch is not None:
                parts.append(partial(watching.serve, watched(settings, service), bus, *watch))
            await _run_until(parts, stopped)


def _set(event: asyncio.Event) -> Callable[[object], None]:
    """What sets an event, whatever is heard."""
    return lambda _: event.set()


def watched(settings: Settings, service: str) -> "Watched":
    """What is to be told of the background part of a service."""
    from services.watching import Watched  # noqa: PLC0415

    loops = ("reader", "decider", "sweeper", "relay") if service == "matcher" else ("relay",)
    url, package = urls(settings)[service], PACKAGES[service]
    return Watched(service, url, package, OUTBOXES[service], TOPICS[service], loops)


async def _run_until(parts: list[Callable[[], Awaitable[None]]], stopped: asyncio.Event) -> None:
    """Run the parts; one that fails ends them all."""
    tasks = [asyncio.ensure_future(part()) for part in parts]
    stopping = asyncio.ensure_future(stopped.wait())
    try:
        done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()
    finally:
        for task in (*tasks, stopping):
            task.cancel()
        await asyncio.gather(*tasks, stopping, return_exceptions=True)


def create_app(settings: Settings, service: str, wakes: Wakes) -> "FastAPI":
    """The app of one service."""
    if service == Service.CWS:
        from services.cws_api import app as cws_app  # noqa: PLC0415

        return cws_app.create_app(settings.cws, wake=wakes.cws)
    if service == Service.CALWORKS:
        from services.calworks_api import app as calworks_app  # noqa: PLC0415

        return calworks_app.create_app(settings.calworks, wake=wakes.calworks)
    from services.matcher import app as matcher_app  # noqa: PLC0415

    return matcher_app.create_app(settings.matcher, indexed=wakes.indexed, live=wakes.live)


def create_apps(settings: Settings, wakes: Wakes) -> "dict[str, FastAPI]":
    """The three apps, sharing the wake-ups of one process."""
    return {service.value: create_app(settings, service, wakes) for service in Service}


def alone(settings: Settings, service: str) -> "FastAPI":
    """The app of one service, whose background part runs in another process: they wake each other."""
    wakes = Wakes()
    app = create_app(settings, service, wakes)
    start = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(its: "FastAPI") -> AsyncIterator[None]:
        async with start(its), opened(urls(settings)[service]) as waking:
            parts: list[Callable[[], Awaitable[None]]]
            if service == Service.MATCHER:
                due = Carrier(waking, DUE_CHANNEL, wakes.indexed)
                parts = [due.run, partial(hear, waking, live.CHANNEL, wakes.live.heard)]
            else:
                parts = [Carrier(waking, OUTBOX_CHANNEL, wakes.outbox(service)).run]
            async with _running(parts):
                yield

    app.router.lifespan_context = lifespan
    return app


def together(settings: Settings) -> "Starlette":
    """Everything as one app: the three at `/cws`, `/calworks` and `/matcher`, with the background parts."""
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.routing import Mount  # noqa: PLC0415

    wakes = Wakes()
    apps = create_apps(settings, wakes)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for app in apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            bus = await stack.enter_async_context(open_bus(settings))
            parts = await stack.enter_async_context(background(settings, tuple(apps), bus, wakes))
            async with _running(parts):
                yield

    return Starlette(routes=[Mount(f"/{name}", app) for name, app in apps.items()], lifespan=lifespan)


@asynccontextmanager
async def _running(parts: list[Callable[[], Awaitable[None]]]) -> AsyncIterator[None]:
    """Parts that run beside an app."""
    stopped = asyncio.Event()
    running = asyncio.create_task(_run_until(parts, stopped))
    running.add_done_callback(_die_of_failure)
    try:
        yield
    finally:
        stopped.set()
        with suppress(asyncio.CancelledError):
            await running


def _die_of_failure(running: "asyncio.Task[None]") -> None:
    """A part that failed beyond retrying ends the process, so that whoever supervises it starts a new one."""
    if not running.cancelled() and (error := running.exception()) is not None:
        log.error("background.failed", error=type(error).__name__)
        os._exit(70)


def collect_rarely() -> None:
    """What the process has by now stays, so the collector need not look at it; a whole look stops every request.

    Nearly all that a request leaves behind goes when its last reference does.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def serve(app: "Starlette | FastAPI", port: int, host: str = "127.0.0.1") -> None:
    """Serve an app until it is told to stop."""
    import uvicorn  # noqa: PLC0415

    collect_rarely()
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,  # what it logs goes where everything does, without values
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=STOP_WITHIN,
        timeout_keep_alive=30,
    )

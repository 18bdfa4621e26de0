"""The HTTP app of child welfare: start reading here.

`create_app` builds; its lifespan opens the database and the keys. Each address in `routes/` calls one
handler, which applies the rules of `domain/` inside one `Work` (work.py).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.cws_api.handlers.imports import apply_rows, tell_completed
from services.cws_api.routes import (
    assignments,
    cases,
    clients,
    hearings,
    households,
    imports,
    meetings,
    placements,
    referrals,
    relationships,
    removals,
)
from services.cws_api.settings import CwsSettings
from services.cws_api.tables import IMPORTS, OUTBOX
from services.cws_api.work import PROGRAM, Work
from shared.clock import Clock, SystemClock
from shared.database import Database
from shared.errors import Unavailable
from shared.metrics import Waiting
from shared.migrations import require_head
from shared.outbox import unsent
from shared.roster.applying import Applier, running, unapplied
from shared.row_security import require_bound
from shared.web import problems
from shared.web.auth import SecretVerifier
from shared.web.docs import docs_routes
from shared.web.health import Check, State, health_routes
from shared.web.metrics import metrics_routes
from shared.web.tracing import Tracing

PACKAGE = Path(__file__).parent
WAITED_TOO_LONG = timedelta(seconds=60)  # of an event that the relay has not carried to the bus


def create_app(
    settings: CwsSettings, *, clock: Clock | None = None, wake: asyncio.Event | None = None
) -> FastAPI:
    """The app. `wake` is set after each commit that wrote events, for a relay in the same process."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if missing := set(settings.counties) - set(settings.keys):
            raise Unavailable(f"The key file has no keys for the counties {', '.join(sorted(missing))}")
        state = app.state
        state.keys = settings.keys
        state.counties = frozenset(settings.counties)
        state.verifier = SecretVerifier(settings.secret, settings.issuer)
        state.clock = clock or SystemClock()
        state.wake = wake or asyncio.Event()
        state.database = Database(settings.url, clock=clock)
        state.received = asyncio.Event()
        try:
            await require_head(state.database, PACKAGE)
            if settings.environment == "production":
                await require_bound(settings.url)
            async with running(applier(state.database, settings, state.wake, state.received)):
                yield
        finally:
            await state.database.close()

    app = FastAPI(
        title="Linkages: Child Welfare Services",
        version="1",
        description="Referrals, cases, households, clients, assignments, removals, relationships, placements with "
        "relatives, meetings and hearings of a county.",
        docs_url=None,  # its page loads scripts from a CDN; ours is shared/web/docs.py
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    problems.install(app)
    app.add_middleware(Tracing, files=frozenset({"/v1/imports"}))
    for routes in (
        *(referrals, households, clients, cases, assignments, removals),
        *(relationships, placements, meetings, hearings, imports),
    ):
        app.include_router(routes.router)
    app.include_router(docs_routes())
    app.include_router(health_routes(_checks(app, settings)))
    waiting = {"cws import": partial(_unapplied, app)}
    if settings.is_embedded:  # elsewhere the relay's process sees all counties, and tells of them itself
        waiting["cws outbox"] = partial(_unsent, app)
    app.include_router(metrics_routes(waiting))
    return app


def applier(
    database: Database, settings: CwsSettings, wake: asyncio.Event, received: asyncio.Event
) -> Applier[Work]:
    """What applies imports; `received` tells it that there is one."""

    def begin(county: str, worker: str) -> Work:
        return Work(database, settings.keys[county], county, worker, wake)

    keys = {county: settings.keys[county] for county in settings.counties}
    return Applier(database, IMPORTS, keys, PROGRAM, begin, apply_rows, tell_completed, received)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _checks(app: FastAPI, settings: CwsSettings) -> dict[str, Check]:
    """What `/readyz` looks at."""

    async def database() -> State:
        async with app.state.database.reading() as connection:
            await connection.execute(sa.select(1))
        return "ok"

    async def migrations() -> State:
        await require_head(app.state.database, PACKAGE)
        return "ok"

    async def outbox() -> State:
        found = await _unsent(app)
        return "degraded" if timedelta(seconds=found.seconds or 0) > WAITED_TOO_LONG else "ok"

    checks: dict[str, Check] = {"database": database, "migrations": migrations}
    return {**checks, "outbox": outbox} if settings.is_embedded else checks


async def _unsent(app: FastAPI) -> Waiting:
    return await unsent(app.state.database, OUTBOX)


async def _unapplied(app: FastAPI) -> Waiting:
    return await unapplied(app.state.database, IMPORTS, app.state.counties)

"""The HTTP app of the matcher: start reading here.

`create_app` builds; its lifespan opens the database. What finds mutual clients runs beside it: `reader` indexes
events, `decider` decides what is due, and both may run in other processes than this app.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.matcher.alerts import routes as alerts
from services.matcher.delivery.live import Live
from services.matcher.disclosure import disclosures_routes as disclosures
from services.matcher.disclosure import routes as disclosure
from services.matcher.feed import routes as feed
from services.matcher.identity import routes as identity
from services.matcher.identity.model import load_model
from services.matcher.settings import MatcherSettings
from services.matcher.waiting import LOOKS, look_at_capped, unreadable_in_a_row
from services.matcher.web import pages
from shared.clock import Clock, SystemClock
from shared.database import Database
from shared.errors import Unavailable
from shared.metrics import Waiting
from shared.migrations import require_head
from shared.row_security import require_bound
from shared.web import problems
from shared.web.auth import SecretVerifier
from shared.web.docs import docs_routes
from shared.web.health import Check, State, health_routes
from shared.web.metrics import metrics_routes
from shared.web.tracing import Tracing

PACKAGE = Path(__file__).parent


def create_app(
    settings: MatcherSettings,
    *,
    clock: Clock | None = None,
    indexed: asyncio.Event | None = None,
    live: Live | None = None,
) -> FastAPI:
    """The app. `indexed` wakes a decider in the same process, `live` the streams when that decider changed an inbox."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if missing := set(settings.counties) - set(settings.keys):
            raise Unavailable(f"The key file has no keys for the counties {', '.join(sorted(missing))}")
        state = app.state
        state.settings = settings
        state.keys = settings.keys
        state.counties = frozenset(settings.counties)
        state.verifier = SecretVerifier(settings.secret, settings.issuer)
        state.clock = clock or SystemClock()
        state.indexed = indexed or asyncio.Event()
        state.live = live or Live()
        state.model = load_model(settings.model)
        state.database = Database(settings.url, clock=clock)
        state.closing = asyncio.Event()
        try:
            await require_head(state.database, PACKAGE)
            if settings.environment == "production":
                await require_bound(settings.url)
            yield
        finally:
            state.closing.set()
            await state.database.close()

    app = FastAPI(
        title="Linkages: coordination",
        version="1",
        description="Releases of information, tasks, alerts and the inbox of one county.",
        docs_url=None,  # its page loads scripts from a CDN; ours is shared/web/docs.py
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    problems.install(app)
    app.add_middleware(Tracing)
    for router in (alerts.router, alerts.task_router, disclosure.router, pages.router):
        app.include_router(router)
    for router in (identity.router, identity.verdict_router, identity.link_router, identity.capped_router):
        app.include_router(router)
    app.include_router(disclosures.router)
    app.include_router(feed.router)
    app.include_router(docs_routes())
    app.include_router(health_routes(_checks(app, settings)))
    # What waits is told where all counties are seen: elsewhere than embedded, by the background part itself.
    looks = LOOKS if settings.is_embedded else {}
    waiting = {name: partial(_waits, app, look) for name, look in looks.items()}
    app.include_router(metrics_routes(waiting, [partial(_capped, app)] if settings.is_embedded else []))
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _checks(app: FastAPI, settings: MatcherSettings) -> dict[str, Check]:
    """What `/readyz` looks at."""

    async def database() -> State:
        async with app.state.database.reading() as connection:
            await connection.execute(sa.select(1))
        return "ok"

    async def migrations() -> State:
        await require_head(app.state.database, PACKAGE)
        return "ok"

    async def letters() -> State:
        return "degraded" if await unreadable_in_a_row(app.state.database) else "ok"

    checks: dict[str, Check] = {"database": database, "migrations": migrations}
    return {**checks, "dead_letters": letters} if settings.is_embedded else checks


async def _capped(app: FastAPI) -> None:
    await look_at_capped(app.state.database)


async def _waits(app: FastAPI, look: Callable[[Database], Awaitable[Waiting]]) -> Waiting:
    return await look(app.state.database)

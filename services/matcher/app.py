"""The HTTP app of the matcher: start reading here.

`create_app` builds; its lifespan opens the database. What finds mutual clients runs beside it: `reader` indexes
events, `decider` decides what is due, and both may run in other processes than this app.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.matcher import dead_letters, due
from services.matcher.alerts import routes as alerts
from services.matcher.delivery.live import Live
from services.matcher.disclosure import routes as disclosure
from services.matcher.feed import routes as feed
from services.matcher.identity import routes as identity
from services.matcher.identity.scoring import load_model
from services.matcher.reader import DEGRADED_AFTER
from services.matcher.settings import MatcherSettings
from services.matcher.tables import INBOX, OUTBOX
from services.matcher.web import pages
from shared.clock import Clock, SystemClock
from shared.database import Database
from shared.errors import Unavailable
from shared.metrics import Waiting
from shared.migrations import require_head
from shared.outbox import unsent
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
        await require_head(settings.url, PACKAGE)
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
    for router in (identity.router, identity.verdict_router, identity.link_router):
        app.include_router(router)
    app.include_router(feed.router)
    app.include_router(docs_routes())
    app.include_router(health_routes(_checks(app, settings)))
    waiting = {"due": _due, "dead letters": _dead_letters, "matcher outbox": _unsent}
    app.include_router(metrics_routes({name: partial(look, app) for name, look in waiting.items()}))
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
        await require_head(settings.url, PACKAGE)
        return "ok"

    async def letters() -> State:
        """Degraded when the last twenty records that any partition gave were all unreadable."""
        dead, seen = INBOX.dead, INBOX.seen
        async with app.state.database.reading() as connection:
            newest = (await connection.execute(sa.select(sa.func.max(seen.c.seen_at)))).scalar()
            recent = sa.select(dead.c.at).where(dead.c.resolved_at.is_(None)).order_by(dead.c.id.desc())
            letters = (await connection.execute(recent.limit(DEGRADED_AFTER))).scalars().all()
        in_a_row = [at for at in letters if newest is None or at >= newest]
        return "degraded" if len(in_a_row) >= DEGRADED_AFTER else "ok"

    return {"database": database, "migrations": migrations, "dead_letters": letters}


async def _due(app: FastAPI) -> Waiting:
    """What waits to be decided."""
    async with app.state.database.reading() as connection:
        return Waiting(await due.ready(connection, await app.state.database.now(connection)))


async def _unsent(app: FastAPI) -> Waiting:
    """What waits for the coordination topic."""
    return await unsent(app.state.database, OUTBOX)


async def _dead_letters(app: FastAPI) -> Waiting:
    """Events that could not be read."""
    async with app.state.database.reading() as connection:
        found = await dead_letters.waiting(connection)
        now = await app.state.database.now(connection)
    return Waiting(len(found), (now - found[0].at).total_seconds() if found else 0.0)

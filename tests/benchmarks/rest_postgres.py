"""The REST write of `rest.py` on PostgreSQL, beside the same two peers there.

The hand-written peer is a FastAPI handler that reads the body as JSON and runs the statements that the service ran for
the same intake on asyncpg, in one transaction, on a new database; the bare peer puts the body into two tables, with no
HTTP around it. All commits wait for the disk. Rounds of the three alternate.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import asyncpg
from fastapi import FastAPI, Request, Response

from services import local
from services.cws_api.app import create_app
from services.native import postgres
from shared.migrations import upgrade
from tests.benchmarks.databases import connected, new_database
from tests.benchmarks.rest import INTAKES, ROUNDS, WARM_UP, client_of, rate_of, referrals, settings_of

Call = tuple[str, tuple[Any, ...]]  # a method of asyncpg's connection, and what it was given

_CALLS: ContextVar[list[Call] | None] = ContextVar("calls", default=None)  # of the request that is under way
_NOTED = ("fetch", "fetchmany", "execute", "executemany")
_BARE = "CREATE TABLE record (body bytea); CREATE TABLE event (body bytea)"


async def rest_writes_on_postgresql() -> dict[str, list[float]]:
    """Intakes a second of the service and its two peers, a figure for each round."""
    found: dict[str, list[float]] = {"ours": [], "hand_written": [], "bare": []}
    with tempfile.TemporaryDirectory(prefix="linkages-bench-") as directory:
        settings = settings_of(Path(directory))
        bodies = referrals(settings)
        with _server(Path(directory) / "postgres") as server:
            noted = await _noted(await _on(server, "noted", settings), bodies)
            for number in range(ROUNDS):
                ours = await _on(server, f"ours{number}", settings)
                found["ours"].append(await _ours(ours, bodies))
                peer = await _on(server, f"peer{number}", settings)
                found["hand_written"].append(await _hand_written(peer.cws.url, bodies, noted))
                found["bare"].append(await _bare(await new_database(server, f"bare{number}"), bodies))
    return found


@contextmanager
def _server(folder: Path) -> Iterator[postgres.Server]:
    folder.parent.chmod(0o755)  # PostgreSQL runs as a user of its own where we are root
    server = postgres.Server(folder, postgres.Plan())
    try:
        server.start()
        yield server
    finally:
        server.remove()


async def _on(server: postgres.Server, name: str, settings: local.Settings) -> local.Settings:
    """The settings with a new, migrated database of that name."""
    url = await new_database(server, name)
    await asyncio.to_thread(upgrade, url, local.PACKAGES["cws"])
    return replace(settings, cws=settings.cws.model_copy(update={"database": url}))


async def _noted(settings: local.Settings, bodies: list[Any]) -> list[list[Call]]:
    """What each intake runs, the beginnings and ends of its transactions among it; not what the background runs."""
    noted: list[list[Call]] = []
    async with client_of(create_app(settings.cws)) as client:
        with _noting():
            for body, headers in bodies:
                calls: list[Call] = []
                _CALLS.set(calls)
                (await client.post("/v1/referrals", json=body, headers=headers)).raise_for_status()
                noted.append(calls)
    return noted


@contextmanager
def _noting() -> Iterator[None]:
    with ExitStack() as stack:
        for name in _NOTED:
            stack.enter_context(mock.patch.object(asyncpg.Connection, name, _note(name)))
        yield


def _note(name: str) -> Callable[..., Awaitable[Any]]:
    run = getattr(asyncpg.Connection, name)

    async def noting(self: asyncpg.Connection, *given: Any, **named: Any) -> Any:
        if (calls := _CALLS.get()) is not None:
            calls.append((name, given))
        return await run(self, *given, **named)

    return noting


async def _ours(settings: local.Settings, bodies: list[Any]) -> float:
    async with client_of(create_app(settings.cws)) as client:
        return await rate_of(client, "/v1/referrals", bodies)


async def _hand_written(url: str, bodies: list[Any], noted: list[list[Call]]) -> float:
    waiting = iter(noted)
    app = FastAPI()
    async with connected(url) as connection:

        @app.post("/v1/referrals", status_code=201)
        async def receive(request: Request) -> Response:
            json.loads(await request.body())
            for name, given in next(waiting):
                await getattr(connection, name)(*given)
            return Response('{"ref": "rf_1"}', 201, media_type="application/json")

        async with client_of(app) as client:
            return await rate_of(client, "/v1/referrals", bodies)


async def _bare(url: str, bodies: list[Any]) -> float:
    """A record and an event of the same bytes, one transaction each."""
    texts = [json.dumps(body).encode() for body, _ in bodies]
    async with connected(url) as connection:
        await connection.execute(_BARE)
        started = 0.0
        for number, text in enumerate(texts):
            if number == WARM_UP:
                started = time.perf_counter()
            async with connection.transaction():
                await connection.execute("INSERT INTO record (body) VALUES ($1)", text)
                await connection.execute("INSERT INTO event (body) VALUES ($1)", text)
        return INTAKES / (time.perf_counter() - started)

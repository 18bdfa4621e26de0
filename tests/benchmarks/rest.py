"""A REST write beside two peers: a hand-written handler that runs the very same statements, and the bare two inserts.

The service takes in made-up referrals, in this process, and every statement that its writing connection runs is noted
with its parameters. The hand-written peer is a FastAPI handler that reads the body as JSON and runs the noted
statements of the same intake on `sqlite3`, in one transaction, on a new file; it validates nothing, seals nothing and
names no problem. The bare peer puts the body into two tables, with no HTTP around it. Rounds of the three alternate.
"""

import asyncio
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
from fastapi import FastAPI, Request, Response

from services import local
from services.cws_api.app import create_app
from shared.migrations import upgrade
from tests.benchmarks.intakes import intakes

WARM_UP, INTAKES, ROUNDS = 20, 200, 5

Statement = tuple[str, Any, bool]  # SQL, parameters, whether they are several


class _Noting(sqlite3.Connection):
    """A connection that notes what it is asked to write."""

    noted: list[Statement] | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        self._note(sql, parameters, many=False)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        rows = list(parameters)
        self._note(sql, rows, many=True)
        return super().executemany(sql, rows)

    def cursor(self, *args: Any, **named: Any) -> Any:
        return super().cursor(_NotingCursor, *args, **named)

    def _note(self, sql: str, parameters: Any, *, many: bool) -> None:
        if _Noting.noted is not None and not sql.startswith(("PRAGMA", "BEGIN", "COMMIT")):
            _Noting.noted.append((sql, parameters, many))


class _NotingCursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if isinstance(self.connection, _Noting):
            self.connection._note(sql, parameters, many=False)
        return super().execute(sql, parameters)


@contextmanager
def _noting() -> Iterator[None]:
    connect = sqlite3.connect

    def noting(*args: Any, **named: Any) -> sqlite3.Connection:
        return connect(*args, factory=_Noting, **named)

    with mock.patch("shared.sqlite.sqlite3.connect", noting):
        yield


async def rest_writes() -> dict[str, list[float]]:
    """Intakes a second of the service and its two peers, a figure for each round."""
    with tempfile.TemporaryDirectory(prefix="linkages-bench-") as directory:
        settings = settings_of(Path(directory))
        bodies = referrals(settings)
        with _noting():
            noted = await _noted(settings, bodies)
        found: dict[str, list[float]] = {"ours": [], "hand_written": [], "bare": []}
        for number in range(ROUNDS):
            place = Path(directory) / f"round{number}"
            place.mkdir()
            found["ours"].append(await _ours(settings_of(place), bodies))
            found["hand_written"].append(await _hand_written(place / "peer.db", bodies, noted))
            found["bare"].append(await asyncio.to_thread(_bare, place / "bare.db", bodies))
    return found


def referrals(settings: local.Settings) -> list[Any]:
    """The bodies and headers of the intakes, those to warm up with first."""
    made = intakes(settings, 2 * (WARM_UP + INTAKES))
    found = [(body, headers) for service, body, headers in made if service == "cws"]
    return found[: WARM_UP + INTAKES]


def settings_of(directory: Path) -> local.Settings:
    """Of a new directory; the tokens of one round are good in the next."""
    here = {"LINKAGES_DATA_DIR": str(directory), "LINKAGES_TOKEN_SECRET": "b" * 64}
    with mock.patch.dict(os.environ, here):
        settings = local.Settings()
        _ = settings.cws.keys, settings.cws.secret
    return settings


async def _noted(settings: local.Settings, bodies: list[Any]) -> list[list[Statement]]:
    """What each intake runs. The answers are those of the service, so the statements are as well."""
    await asyncio.to_thread(local.migrate, settings, ("cws",))
    noted = []
    async with client_of(create_app(settings.cws)) as client:
        for body, headers in bodies:
            _Noting.noted = []
            (await client.post("/v1/referrals", json=body, headers=headers)).raise_for_status()
            noted.append(_Noting.noted)
            _Noting.noted = None
    return noted


async def _ours(settings: local.Settings, bodies: list[Any]) -> float:
    await asyncio.to_thread(local.migrate, settings, ("cws",))
    async with client_of(create_app(settings.cws)) as client:
        return await rate_of(client, "/v1/referrals", bodies)


async def _hand_written(path: Path, bodies: list[Any], noted: list[list[Statement]]) -> float:
    await asyncio.to_thread(upgrade, f"sqlite:///{path}", local.PACKAGES["cws"])
    raw = _connect(path)
    waiting = iter(noted)
    app = FastAPI()

    @app.post("/v1/referrals", status_code=201)
    async def receive(request: Request) -> Response:
        json.loads(await request.body())
        raw.execute("BEGIN IMMEDIATE")
        for sql, parameters, many in next(waiting):
            if many:
                raw.executemany(sql, parameters)
            else:
                raw.execute(sql, parameters).fetchall()
        await asyncio.to_thread(raw.execute, "COMMIT")
        return Response('{"ref": "rf_1"}', 201, media_type="application/json")

    try:
        async with client_of(app) as client:
            return await rate_of(client, "/v1/referrals", bodies)
    finally:
        raw.close()


def _bare(path: Path, bodies: list[Any]) -> float:
    """A record and an event of the same bytes, one transaction each."""
    raw = _connect(path)
    raw.execute("CREATE TABLE record (ref INTEGER PRIMARY KEY, body BLOB)")
    raw.execute("CREATE TABLE outbox (position INTEGER PRIMARY KEY, body BLOB)")
    texts = [json.dumps(body).encode() for body, _ in bodies]
    for text in texts[:WARM_UP]:
        _put(raw, text)
    started = time.perf_counter()
    for text in texts[WARM_UP:]:
        _put(raw, text)
    rate = INTAKES / (time.perf_counter() - started)
    raw.close()
    return rate


def _put(raw: sqlite3.Connection, text: bytes) -> None:
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("INSERT INTO record (body) VALUES (?)", (text,))
    raw.execute("INSERT INTO outbox (body) VALUES (?)", (text,))
    raw.execute("COMMIT")


def _connect(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA foreign_keys=ON")
    return raw


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app in this process, between its start and its end."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bench") as client,
    ):
        yield client


async def rate_of(client: httpx.AsyncClient, path: str, bodies: list[Any]) -> float:
    """Requests a second, one after the other, warmed up."""
    for body, headers in bodies[:WARM_UP]:
        (await client.post(path, json=body, headers=headers)).raise_for_status()
    started = time.perf_counter()
    for body, headers in bodies[WARM_UP:]:
        (await client.post(path, json=body, headers=headers)).raise_for_status()
    return INTAKES / (time.perf_counter() - started)

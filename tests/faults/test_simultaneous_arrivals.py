"""Both sides of a pair arrive at the same moment, and several matcher processes share one database."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from services import local
from services.matcher.tables import PAIR, PERSON
from shared.database import Database
from shared.web.auth import sign
from tests.faults.stand import Stand

pytestmark = pytest.mark.alone

PAIRS = 300
LINKED_WITHIN = 90.0  # seconds
FIRST = ["Ana", "Luis", "Mai", "Tou", "Jose", "Kim", "Rosa", "Ravi", "Lupe", "Anh", "Pa", "Jun"]
LAST = ["Abarca", "Benavides", "Cheng", "Duong", "Escobedo", "Flores", "Galvan", "Her", "Ibarra", "Juarez"]


def _settings(data_dir: Path) -> local.Settings:
    os.environ["LINKAGES_DATA_DIR"] = str(data_dir)
    try:
        settings = local.Settings()
        _ = settings.cws.keys, settings.cws.secret
    finally:
        del os.environ["LINKAGES_DATA_DIR"]
    return settings


@contextmanager
def _workers(data_dir: Path, *services: str) -> Iterator[None]:
    env = {**os.environ, "LINKAGES_DATA_DIR": str(data_dir), "LINKAGES_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "services.cli", "work"]
    started = [subprocess.Popen([*command, service], env=env) for service in services]
    try:
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=15)


@asynccontextmanager
async def _client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=app)
        yield await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60)
        )


def _people() -> list[dict[str, Any]]:
    """Three hundred people who share first names, surnames and many of their blocking keys."""
    chance = random.Random(7)
    return [
        {
            "first_name": FIRST[i % len(FIRST)],
            "last_name": LAST[(i // len(FIRST)) % len(LAST)] + chance.choice("aeiou") * (i // 120),
            "birth_date": f"{1960 + i % 40}-{1 + i % 12:02d}-{1 + i % 28:02d}",
            "ssn": f"{100 + i}{10 + i % 80}{1000 + 7 * i}",
            "sex": "F",
        }
        for i in range(PAIRS)
    ]


async def test_simultaneous_arrivals_are_all_linked_by_three_matcher_processes(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    await asyncio.to_thread(local.migrate, settings)
    apps = local.create_apps(settings, local.Wakes())
    async with AsyncExitStack() as stack:
        cws = await stack.enter_async_context(_client(apps["cws"]))
        calworks = await stack.enter_async_context(_client(apps["calworks"]))
        stack.enter_context(_workers(tmp_path, "cws", "calworks", "matcher", "matcher", "matcher"))

        await _arrive(cws, calworks, settings.cws.secret, settings.cws.issuer)
        linked = await _linked(settings.matcher.url)
    assert linked == {(f"A{i}", f"B{i}") for i in range(PAIRS)}


async def test_simultaneous_arrivals_are_all_linked_by_two_matcher_processes_on_postgresql(
    stand: Stand,
) -> None:
    async with (
        httpx.AsyncClient(base_url=stand.address("cws"), timeout=60, trust_env=False) as cws,
        httpx.AsyncClient(base_url=stand.address("calworks"), timeout=60, trust_env=False) as calworks,
    ):
        await _arrive(cws, calworks, stand.secret, stand.issuer)
    wanted = {(f"A{i}", f"B{i}") for i in range(PAIRS)}
    linked: set[tuple[str, str]] = set()
    until = time.monotonic() + LINKED_WITHIN
    while not linked >= wanted and time.monotonic() < until:
        rows = await asyncio.to_thread(stand.links)
        linked = {
            (row["cws_record_id"], row["calworks_record_id"]) for row in rows if row["decision"] == "Linked"
        }
    ours = {ends for pair in wanted for ends in pair}
    assert {pair for pair in linked if not ours.isdisjoint(pair)} == wanted


async def _arrive(cws: httpx.AsyncClient, calworks: httpx.AsyncClient, secret: str, issuer: str) -> None:
    """Everybody, on both sides, at once."""
    now = datetime.now(UTC)
    at = now.isoformat()

    def headers(program: str, role: str) -> dict[str, str]:
        token = sign(secret, issuer, county="43", program=program, roles=[role], worker="w1", now=now)
        return {"authorization": f"Bearer {token}"}

    cws_headers = headers("cws", "er_worker")
    calworks_headers = headers("calworks", "eligibility_worker")

    async def arrive(i: int, person: dict[str, Any]) -> None:
        referral = {
            "received_at": at,
            "response": "immediate",
            "participants": [{"person": person, "record_id": f"A{i}", "role": "parent"}],
        }
        application = {
            "received_at": at,
            "persons": [{"person": person, "record_id": f"B{i}", "role": "aided_adult"}],
        }
        answers = await asyncio.gather(
            cws.post("/v1/referrals", json=referral, headers=cws_headers),
            calworks.post("/v1/applications", json=application, headers=calworks_headers),
        )
        assert [answer.status_code for answer in answers] == [201, 201]

    await asyncio.gather(*(arrive(i, person) for i, person in enumerate(_people())))


async def _linked(url: str) -> set[tuple[str, str]]:
    """The links, once there are as many as there should be or a minute has passed."""
    a, b = PERSON.alias("a"), PERSON.alias("b")
    query = (
        sa.select(a.c.record_id, b.c.record_id)
        .select_from(PAIR)
        .join(a, a.c.ref == PAIR.c.cws)
        .join(b, b.c.ref == PAIR.c.calworks)
        .where(PAIR.c.decision == "linked")
    )
    found: set[tuple[str, str]] = set()
    database = Database(url)
    try:
        for _ in range(600):
            async with database.reading() as connection:
                found = {(x, y) for x, y in await connection.execute(query)}
            if len(found) >= PAIRS:
                break
            await asyncio.sleep(0.1)
    finally:
        await database.close()
    return found

"""Draining a backlog on Kafka and PostgreSQL: intakes stand on the topics, REST is off, matcher processes begin.

The backlog is written once: the program services take in made-up intakes in this process, their relays send the events
to the broker. Then one matcher process, and on a fresh database two, read and decide it to rest; broker and database
share the machine with them. The peer reads the same topics with aiokafka's `getmany` and puts the rows that ours wrote
into tables of the same definition: one asyncpg `executemany` for each table in the transaction of each batch, no more.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import sqlalchemy as sa
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka.admin import AdminClient

from services import kafka_setup, local
from services.broker import TOPICS
from services.matcher import due
from services.matcher.reader import TOPICS as READ
from services.matcher.tables import INBOX, METADATA
from services.native import kafka, postgres
from shared import logs, migrations
from shared.bus import PARTITIONS
from shared.bus.kafka import KafkaBus
from shared.database import Database, opened
from shared.outbox.relay import Relay
from tests.benchmarks.databases import connected, new_database
from tests.benchmarks.intakes import intakes

INTAKES = int(os.environ.get("DRAIN_INTAKES", "20000"))
AT_ONCE = 8  # requests that stand in line while the backlog is written
STALLED = 120.0  # seconds without progress after which a run has failed


@dataclass(frozen=True)
class Drained:
    """One run: intakes a second to rest, the most memory that a process of it had (MB)."""

    rate: float
    memory: float


def drain_rates() -> dict[str, Any]:
    """Rates of one matcher process, of two, and of the peer; the events; the memory of a process."""
    with tempfile.TemporaryDirectory(prefix="linkages-drain-") as directory:
        Path(directory).chmod(0o755)  # PostgreSQL runs as a user of its own where we are root
        with _services(Path(directory)) as place:
            return asyncio.run(_measure(*place))


@contextmanager
def _services(directory: Path) -> Iterator[tuple[Path, str, postgres.Server]]:
    cluster = kafka.Cluster(directory / "kafka", kafka.Plan())
    server = postgres.Server(directory / "postgres", postgres.Plan())
    try:
        cluster.start()
        server.start()
        wanted = kafka_setup.read_topics(TOPICS, replication=1)
        kafka_setup.create_topics(AdminClient({"bootstrap.servers": cluster.servers}), wanted)
        yield directory, cluster.servers, server
    finally:
        cluster.remove()
        server.remove()


async def _measure(directory: Path, servers: str, server: postgres.Server) -> dict[str, Any]:
    environment = {
        "LINKAGES_DATA_DIR": str(directory),
        "LINKAGES_KAFKA_SERVERS": servers,
        "LINKAGES_LOG_LEVEL": "error",
    }
    with mock.patch.dict(os.environ, environment):
        settings = local.Settings()
        _ = settings.cws.keys, settings.cws.secret
    await _write_backlog(settings, servers)
    environment["LINKAGES_BUS"] = "kafka"
    one = await _drain(1, environment, await _fresh(server, "one"), servers)
    two = await _drain(2, environment, await _fresh(server, "two"), servers)
    peer = await _peer(server.url("one"), await _fresh(server, "peer"), servers)
    events = sum(bound.end for bound in (await _bounds(servers)).values())
    return {
        "one": one.rate,
        "two": two.rate,
        "peer": peer,
        "events": events,
        "memory": max(one.memory, two.memory),
    }


async def _write_backlog(settings: local.Settings, servers: str) -> None:
    """Take in the intakes and send their events, as the programs do."""
    await asyncio.to_thread(local.migrate, settings, ("cws", "calworks"))
    wakes = local.Wakes()
    apps = local.create_apps(settings, wakes)
    async with AsyncExitStack() as stack:
        clients = {}
        for name in ("cws", "calworks"):
            await stack.enter_async_context(apps[name].router.lifespan_context(apps[name]))
            transport = httpx.ASGITransport(app=apps[name])
            clients[name] = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://bench", timeout=60)
            )
        waiting = iter(intakes(settings, INTAKES))

        async def writer() -> None:
            for service, body, headers in waiting:
                path = "/v1/referrals" if service == "cws" else "/v1/applications"
                (await clients[service].post(path, json=body, headers=headers)).raise_for_status()

        await asyncio.gather(*(writer() for _ in range(AT_ONCE)))
        async with _bus(servers) as bus:
            for name in clients:
                database = await stack.enter_async_context(opened(local.urls(settings)[name]))
                relay = Relay(
                    database, local.OUTBOXES[name], bus, local.TOPICS[name], "bench", asyncio.Event()
                )
                while await relay.round():
                    pass


@asynccontextmanager
async def _bus(servers: str) -> AsyncIterator[KafkaBus]:
    bus = await KafkaBus.open(servers=servers, client_id="bench")
    try:
        yield bus
    finally:
        await bus.close()


async def _bounds(servers: str) -> dict[tuple[str, int], Any]:
    async with _bus(servers) as bus:
        return {(topic, p): bound for topic in READ for p, bound in (await bus.bounds(topic)).items()}


async def _fresh(server: postgres.Server, name: str) -> str:
    """The address of a new, migrated database of the matcher."""
    url = await new_database(server, name)
    await asyncio.to_thread(migrations.upgrade, url, local.PACKAGES["matcher"])
    return url


async def _drain(processes: int, environment: dict[str, str], url: str, servers: str) -> Drained:
    """The rate from the first index transaction to rest."""
    env = {**os.environ, **environment, "LINKAGES_MATCHER_DATABASE": url}
    command = [sys.executable, "-m", "services.cli", "work", "matcher"]
    ends = {place: bound.end for place, bound in (await _bounds(servers)).items()}
    started = [subprocess.Popen(command, env=env) for _ in range(processes)]  # noqa: ASYNC220
    try:
        async with opened(url) as database:
            begun = await _when(database, lambda read, _: read > 0, sum(ends.values()))
            done = await _when(
                database, lambda read, waits: read == sum(ends.values()) and not waits, sum(ends.values())
            )
        memory = max(_most_memory(process.pid) for process in started)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=30)
    return Drained(INTAKES / (done - begun), memory)


async def _when(database: Database, reached: Any, events: int) -> float:
    """The time at which it was reached. TimeoutError: nothing has moved for long."""
    progress, before, moved = INBOX.progress, None, time.monotonic()
    while time.monotonic() - moved < STALLED:
        async with database.reading() as connection:
            read = (await connection.execute(sa.select(sa.func.sum(progress.c.next_offset)))).scalar() or 0
            waits = await due.ready(connection, await database.now(connection))
        if reached(read, waits):
            return time.monotonic()
        if (read, waits) != before:
            before, moved = (read, waits), time.monotonic()
        await asyncio.sleep(0.25)
    raise TimeoutError(f"{before} (events read, rows due) of {events} events")


def _most_memory(pid: int) -> float:
    """The most memory that a process has had, in MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1000


async def _peer(ours: str, url: str, servers: str) -> float:
    """Intakes a second when the rows are known beforehand and nothing is worked out."""
    names = [table.name for table in METADATA.sorted_tables]
    async with connected(ours) as source:
        rows = {name: [tuple(row) for row in await source.fetch(f'TABLE "{name}"')] for name in names}
    inserts = {
        name: f'INSERT INTO "{name}" VALUES ({", ".join(f"${n + 1}" for n in range(len(its[0])))})'  # noqa: S608
        for name, its in rows.items()
        if its
    }
    events = sum(bound.end for bound in (await _bounds(servers)).values())
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, p) for topic in READ for p in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        seen, written = 0, dict.fromkeys(inserts, 0)
        async with connected(url) as connection:
            started = time.perf_counter()
            while seen < events:
                for records in (await consumer.getmany(timeout_ms=1000, max_records=200)).values():
                    seen += len(records)
                    async with connection.transaction():
                        for name, insert in inserts.items():
                            upto = len(rows[name]) * seen // events
                            await connection.executemany(insert, rows[name][written[name] : upto])
                            written[name] = upto
            return INTAKES / (time.perf_counter() - started)
    finally:
        await consumer.stop()


if __name__ == "__main__":
    logs.configure("error", "bench")
    print(json.dumps(drain_rates()))  # noqa: T201

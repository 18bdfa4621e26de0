"""Where the running system keeps things: topics, tables column by column, files."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

from tests.canary.system import SERVICES, System

T = TypeVar("T")
Place = tuple[str, bytes]

_APART = b" \x1e\n "  # between values, so that nothing is found across two of them
_PAGE = 4096
_SQLITE = (".db", ".db-wal", ".db-shm", ".db-journal")


def topics(system: System) -> Iterator[Place]:
    """Keys, values and headers of every record of every topic."""
    parts: dict[str, list[bytes]] = defaultdict(list)
    for topic, *told in _kafka_records(system) if system.native else _embedded_records(system):
        for name, value in zip(("keys", "values", "headers"), told, strict=True):
            parts[f"topic {topic}, {name}"].append(value)
    assert parts, "no topic has a record"
    for place, values in parts.items():
        yield place, _APART.join(values)


def _embedded_records(system: System) -> Iterator[tuple[str, bytes, bytes, bytes]]:
    with closing(_opened(system.data / "bus.db")) as bus:
        for topic, key, value, headers in bus.execute("SELECT topic, key, value, headers FROM record"):
            yield topic, _bytes(key), _bytes(value), _bytes(headers)


def _kafka_records(system: System) -> Iterator[tuple[str, bytes, bytes, bytes]]:
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer(
        {
            "bootstrap.servers": _brokers(system),
            "group.id": "canary",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    try:
        for topic, about in consumer.list_topics(timeout=20).topics.items():
            for partition in about.partitions if not topic.startswith("__") else ():
                begin, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=20)
                consumer.assign([TopicPartition(topic, partition, begin)])
                while begin < end:
                    got = consumer.consume(min(500, end - begin), timeout=20)
                    assert got, f"{topic} could not be read"
                    for record in got:
                        begin = (record.offset() or 0) + 1
                        pairs: list[Any] = list(record.headers() or [])
                        headers = _APART.join(_bytes(one) for pair in pairs for one in pair)
                        yield topic, _bytes(record.key() or b""), _bytes(record.value() or b""), headers
    finally:
        consumer.close()


def _brokers(system: System) -> str:
    """Where nobody is asked: no user of the system's may read every topic."""
    from services.native import kafka

    return kafka.Cluster(system.data / "native" / "kafka").admin_servers


def publish(system: System, topic: str, *, key: bytes, value: bytes, header: bytes) -> None:
    """Put a record on a native system's topic."""
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": _brokers(system), "log_level": 0})
    producer.produce(topic, value=value, key=key, partition=5, headers=[("x", header)])
    assert producer.flush(20) == 0


def columns(system: System) -> Iterator[Place]:
    """Every column of every table of every database."""
    return _postgres_columns(system) if system.native else _sqlite_columns(system)


def _sqlite_columns(system: System) -> Iterator[Place]:
    for file in sorted(system.data.glob("*.db")):
        if file.name == "bus.db":
            continue
        with closing(_opened(file)) as database:
            tables = [
                row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for table in tables:
                rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own names
                names = [one[0] for one in rows.description]
                yield from _by_column(f"{file.stem}.{table}", names, rows.fetchall())


def _postgres_columns(system: System) -> Iterator[Place]:
    for service in SERVICES:
        for table, names, rows in _outside_the_loop(_postgres_tables(system, service)):
            yield from _by_column(f"{service}.{table}", names, rows)


async def _postgres_tables(
    system: System, service: str
) -> list[tuple[str, list[str], list[tuple[Any, ...]]]]:
    async with _connected(system, service) as connection:
        found = []
        for schema, table in await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ):
            rows = await connection.fetch(f'SELECT * FROM "{schema}"."{table}"')  # noqa: S608 - its own names
            if rows:
                found.append((table, list(rows[0].keys()), [tuple(row) for row in rows]))
        return found


def execute(system: System, service: str, statement: str, *values: object) -> None:
    """Change a native system's database, as its administrator."""

    async def run() -> None:
        async with _connected(system, service) as connection:
            await connection.execute(statement, *values)

    _outside_the_loop(run())


@asynccontextmanager
async def _connected(system: System, service: str) -> AsyncIterator[Any]:
    import asyncpg

    from services.native import postgres

    server = postgres.Server(system.data / "native" / "postgres")
    url = server.url(f"linkages_{service}").replace("+asyncpg", "")
    connection = await asyncpg.connect(url, timeout=20)
    try:
        yield connection
    finally:
        await connection.close()


def _outside_the_loop(work: Coroutine[Any, Any, T]) -> T:
    """Its result, also where a loop runs already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _by_column(table: str, names: list[str], rows: list[tuple[Any, ...]]) -> Iterator[Place]:
    for at, name in enumerate(names):
        yield (
            f"column {table}.{name}",
            _APART.join(_bytes(row[at]) for row in rows if row[at] is not None),
        )


def files(system: System) -> list[Path]:
    """Every file of the system: logs, data, keys, temporary ones."""
    return sorted(one for one in system.directory.rglob("*") if one.is_file() and not one.is_symlink())


def is_of_a_database(file: Path) -> bool:
    """Whether it holds tables or logs of a database or of the broker."""
    return file.name.endswith(_SQLITE) or "postgres" in file.parts or "kafka" in file.parts


def pages(file: Path) -> bytes:
    """A file's pages, each that is there several times only once; a write-ahead log's as they lie in it."""
    data = file.read_bytes()
    start, step = (32, _PAGE + 24) if file.name.endswith("-wal") else (0, _PAGE)
    head = [data[:start]] if start else []
    cut = [data[at + step - _PAGE : at + step] for at in range(start, len(data), step)]
    return b"".join(head + list(dict.fromkeys(cut)))


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "surrogatepass")

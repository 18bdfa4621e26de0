"""Real Apache Kafka and PostgreSQL for tests: started when the first test asks, once for all workers of a run.

Each is kept by a process of its own (`keeper.py`), which stops it when the run ends, however it ends.
`LINKAGES_TEST_KAFKA` (host:port) and `LINKAGES_TEST_POSTGRES` (a URL of an administrator) point at existing ones
instead. A service that cannot be had fails the test that needs it.

Every run loads this module, so what only some tests need is imported where it is used.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from services.native.installing import one_at_a_time
from services.native.processes import Process, started

if TYPE_CHECKING:
    from services.native.kafka import Cluster
    from services.native.postgres import Server

T = TypeVar("T")

READY = "ready"
_RUN = "LINKAGES_TEST_RUN"
_STARTED_WITHIN = 540.0  # seconds; the first run on a machine may have to fetch it
_ENDED_WITHIN = 30.0
_ROOT = Path(__file__).parents[1]


# --- the run -------------------------------------------------------------------------------------------------------


@pytest.hookimpl(trylast=True)  # after settings from outside are gone
def pytest_configure() -> None:
    """Name the run's folder for all its workers; who needs a service first makes it."""
    controller = os.getpid()
    os.environ.setdefault(
        _RUN,
        f"{controller} {started(controller)} {Path(tempfile.gettempdir()) / f'linkages-test-{controller}'}",
    )


def pytest_unconfigure() -> None:
    """Stop what the run has started, and wait for it."""
    controller, _, folder = _run()
    if controller != os.getpid() or not folder.exists():
        return
    _drop_leftovers()
    keepers = [Process(folder, file.stem) for file in folder.glob("*-keeper.pid")]
    for one in keepers:
        one.stop(within=_ENDED_WITHIN)
    shutil.rmtree(folder, ignore_errors=True)


def _run() -> tuple[int, str, Path]:
    """The process that the run ends with, when that was started, and the run's folder."""
    controller, since, folder = os.environ[_RUN].split(" ", 2)
    return int(controller), since, Path(folder)


def held(kind: str) -> Path:
    """The folder of a service that runs until the end of the run; started now if nobody has.

    A service that cannot be had fails the test.
    """
    controller, since, run = _run()
    run.mkdir(mode=0o755, exist_ok=True)
    state = run / f"{kind}.state"
    with one_at_a_time(run / f"{kind}.lock"):
        if not state.exists():
            keeping = Process(run, f"{kind}-keeper")
            command = [sys.executable, "-m", "tests.keeper", kind, str(run), str(controller), since]
            keeping.start(command, env={**os.environ, "PYTHONPATH": str(_ROOT)}, farewell=None)
            until = time.monotonic() + _STARTED_WITHIN
            while not state.exists():
                if keeping.pid is None or time.monotonic() > until:
                    pytest.fail(f"{kind} could not be started: {keeping.tail()}", pytrace=False)
                time.sleep(0.02)
    if (said := state.read_text()) != READY:
        pytest.fail(f"{kind} is needed by this test: {said}", pytrace=False)
    return run / kind


def _cluster(folder: Path) -> "Cluster":
    from services.native.kafka import Cluster

    return Cluster(folder)


def _server(folder: Path) -> "Server":
    from services.native.postgres import Server

    return Server(folder)


# --- Apache Kafka --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def kafka() -> str:
    """The servers of one broker that many tests use at the same time: use names of topics that nobody else has."""
    if servers := os.environ.get("LINKAGES_TEST_KAFKA"):
        return servers
    return _cluster(held("kafka")).servers


@pytest.fixture
def fresh_kafka(kafka: str) -> Iterator[str]:
    """The servers of that broker without a topic of ours, for one test at a time."""
    _delete_topics(kafka)
    yield kafka
    _delete_topics(kafka)


@pytest.fixture
def kafka_cluster() -> Iterator["Cluster"]:
    """Three brokers to kill, pause and start again; for tests marked `alone`. All run again afterwards."""
    cluster = _cluster(held("kafka_cluster"))
    yield cluster
    for number in cluster.numbers:
        cluster.resume(number)
    cluster.start()
    _delete_topics(cluster.servers)


def _delete_topics(servers: str) -> None:
    """Delete every topic of ours, and wait until none is left."""
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})

    def ours() -> list[str]:
        return [name for name in admin.list_topics(timeout=10).topics if name.startswith("linkages.")]

    if names := ours():
        for deleted in admin.delete_topics(names, operation_timeout=30).values():
            deleted.result(timeout=35)
    until = time.monotonic() + 30
    while ours():
        assert time.monotonic() < until, "the topics of an earlier test are still there"
        time.sleep(0.05)


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> str:
    """The administrator's URL of the newest PostgreSQL. Its commits do not wait for the disk."""
    if url := os.environ.get("LINKAGES_TEST_POSTGRES"):
        return url
    return _server(held("postgres")).url()


@pytest.fixture(scope="session")
def postgres_15() -> str:
    """The administrator's URL of PostgreSQL 15, the oldest that a county may have."""
    return _server(held("postgres_15")).url()


@pytest.fixture
def postgres_server() -> Iterator["Server"]:
    """A server to crash, pause and start again, with durable commits; for tests marked `alone`."""
    server = _server(held("postgres_server"))
    yield server
    server.resume()
    server.start()


@pytest.fixture
def fresh_database(postgres: str) -> Iterator[Callable[[str], str]]:
    """Makes migrated databases: `fresh_database("matcher")` is the administrator's URL of a new one."""
    with fresh_databases(postgres) as fresh:
        yield fresh


@contextlib.contextmanager
def fresh_databases(admin: str) -> Iterator[Callable[[str], str]]:
    """Makes migrated databases of a service on a server, each a copy of one template; they are dropped at the end."""
    made: list[str] = []

    def fresh(service: str) -> str:
        template = _template(admin, service)
        made.append(f"{template}_{secrets.token_hex(4)}")
        in_a_thread(_execute(admin, f"CREATE DATABASE {made[-1]} TEMPLATE {template}"))
        return database_url(admin, made[-1])

    try:
        yield fresh
    finally:
        for name in made:
            in_a_thread(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


def database_url(admin: str, name: str) -> str:
    """The administrator's URL of another database of the same server."""
    import sqlalchemy as sa

    return sa.make_url(admin).set(database=name).render_as_string(hide_password=False)


def in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, in an event loop that has nothing to do with the test's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _template(admin: str, service: str) -> str:
    """The name of a migrated database that nobody is connected to; made once per run and server."""
    import sqlalchemy as sa

    from services import local
    from shared import migrations

    controller, _, run = _run()
    port = sa.make_url(admin).port
    name = f"linkages_test_{controller}_{service}"
    run.mkdir(mode=0o755, exist_ok=True)
    with one_at_a_time(run / f"template-{service}-{port}.lock"):
        migrated = run / f"template-{service}-{port}.migrated"
        if not migrated.exists():
            in_a_thread(
                _execute(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
            )
            with ThreadPoolExecutor(1) as thread:
                thread.submit(migrations.upgrade, database_url(admin, name), local.PACKAGES[service]).result()
            migrated.touch()
    return name


async def _execute(url: str, *statements: str) -> list[Any]:
    """Run statements outside a transaction; the rows of the last."""
    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            rows: list[Any] = []
            for statement in statements:
                result = await connection.execute(sa.text(statement))
                rows = list(result) if result.returns_rows else []
            return rows
    finally:
        await engine.dispose()


def _drop_leftovers() -> None:
    """On a server that is not ours, the run leaves no database."""
    if (admin := os.environ.get("LINKAGES_TEST_POSTGRES")) is None:
        return
    controller, _, _ = _run()
    left = rf"SELECT datname FROM pg_database WHERE datname LIKE 'linkages\_test\_{controller}\_%'"  # noqa: S608
    names = [row[0] for row in in_a_thread(_execute(admin, left))]
    in_a_thread(_execute(admin, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names)))

"""The two databases that the services run on, as tests want them: fresh, migrated, and to be looked into.

On PostgreSQL the HTTP app and the background part get their own roles, so that whatever runs here runs behind
row-level security.
"""

import contextlib
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest
import sqlalchemy as sa

from services import database_setup, local
from shared import migrations
from shared.row_security import APP, WORKER
from tests.services import fresh_databases, in_a_thread

_ROLES = {"linkages_test_app": APP, "linkages_test_worker": WORKER}
_PASSWORD = "of-the-tests-alone"
_ROLE = """
DO $$ BEGIN CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {group};
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


@dataclass(frozen=True)
class Stored:
    """One database of a service: the addresses for its HTTP app and its background part, and an administrator's."""

    app: str
    worker: str
    admin: str

    @property
    def is_sqlite(self) -> bool:
        return self.admin.startswith("sqlite")

    @property
    def file(self) -> Path:
        """Of SQLite."""
        return Path(self.admin.removeprefix("sqlite:///"))

    def query(self, statement: str) -> list[Any]:
        """Look into the database, or change it, past every rule."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.file, timeout=10)) as connection, connection:
                return connection.execute(statement).fetchall()
        return [tuple(row) for row in in_a_thread(_fetch(self.admin, statement))]

    def tables(self) -> list[str]:
        """The names of its tables."""
        catalogue = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            if self.is_sqlite
            else "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return [name for (name,) in self.query(catalogue)]

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        each = [f"SELECT '{name}', (SELECT count(*) FROM \"{name}\")" for name in sorted(self.tables())]  # noqa: S608
        return dict(self.query(" UNION ALL ".join(each)))

    def everything(self) -> bytes:
        """All that is on disk (SQLite), or in every column (PostgreSQL)."""
        if self.is_sqlite:
            self.query("PRAGMA wal_checkpoint(TRUNCATE)")
            return self.file.read_bytes()
        rows = [row for name in self.tables() for row in self.query(f'SELECT * FROM "{name}"')]  # noqa: S608
        return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for row in rows for one in row)

    def snapshot(self) -> Callable[[], None]:
        """What brings back all rows as they are now, whoever has the database open."""
        if not self.is_sqlite:
            rows = in_a_thread(_rows(self.admin, self.tables()))
            return lambda: in_a_thread(_bring_back(self.admin, rows))
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        _copy(self.file, kept)

        def restore() -> None:
            with closing(sqlite3.connect(self.file)) as into:
                kept.backup(into)

        return restore

    @contextlib.contextmanager
    def refusing(self, table: str) -> Iterator[None]:
        """While no row can be added to a table, as when a disk is full."""
        if self.is_sqlite:
            self.query(f"CREATE TRIGGER fail BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk'); END")
        else:
            body = "BEGIN RAISE EXCEPTION 'disk' USING ERRCODE = 'integrity_constraint_violation'; END"
            self.query(f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
            self.query(f"CREATE TRIGGER fail BEFORE INSERT ON {table} EXECUTE FUNCTION fail()")
        try:
            yield
        finally:
            self.query("DROP TRIGGER fail" if self.is_sqlite else "DROP FUNCTION fail() CASCADE")


class Databases(Protocol):
    """Where fresh databases come from."""

    def fresh(self, service: str, folder: Path) -> contextlib.AbstractContextManager[Stored]:
        """A database of a service without a row. `folder`: where SQLite keeps its file."""
        ...


@dataclass
class SqliteDatabases:
    """Copies of a migrated file of each service."""

    templates: Path

    @contextlib.contextmanager
    def fresh(self, service: str, folder: Path) -> Iterator[Stored]:
        template = self.templates / f"{service}.db"
        if not template.exists():
            _migrate(f"sqlite:///{template}", service)
        file = folder / f"{service}.db"
        shutil.copy(template, file)
        yield Stored(*[f"sqlite:///{file}"] * 3)


@dataclass
class PostgresDatabases:
    """Databases of one server, emptied and used again."""

    make: Callable[[str], str]
    _free: dict[str, list[Stored]] = field(default_factory=dict)

    @contextlib.contextmanager
    def fresh(self, service: str, folder: Path) -> Iterator[Stored]:
        free = self._free.setdefault(service, [])
        stored = free.pop() if free else self._new(service)
        yield stored
        stored.query(f"TRUNCATE {_named(set(stored.tables()) - {'alembic_version'})} RESTART IDENTITY")
        free.append(stored)

    def _new(self, service: str) -> Stored:
        admin = sa.make_url(self.make(service))
        addresses = []
        for name, group in _ROLES.items():
            in_a_thread(_fetch(_text(admin), _ROLE.format(name=name, group=group, password=_PASSWORD)))
            addresses.append(_text(admin.set(username=name, password=_PASSWORD)))
        return Stored(*addresses, _text(admin))


@contextlib.contextmanager
def empty_database(admin: str, sorted_by: str = "LC_COLLATE 'C' LC_CTYPE 'C'") -> Iterator[str]:
    """The administrator's address of a database without a table."""
    name = f"linkages_test_empty_{secrets.token_hex(6)}"
    in_a_thread(_fetch(admin, f"CREATE DATABASE {name} TEMPLATE template0 {sorted_by}"))
    try:
        yield _text(sa.make_url(admin).set(database=name))
    finally:
        in_a_thread(_fetch(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@contextlib.contextmanager
def set_up_databases(admin: str) -> Iterator[dict[str, str]]:
    """The three databases as `linkages database setup` and `linkages migrate` make them: the address of each role."""
    mark = secrets.token_hex(4)
    addresses = {
        database_setup.role(service, kind): sa.make_url(admin).set(
            username=database_setup.role(service, kind),
            password=_PASSWORD,
            database=f"linkages_test_{service}_{mark}",
        )
        for service in database_setup.SERVICES
        for kind in database_setup.GROUPS
    }
    try:
        in_a_thread(database_setup.set_up(admin, addresses))
        for service in database_setup.SERVICES:
            owner = _text(addresses[database_setup.role(service, "owner")])
            _migrate(owner, service)
        yield {name: _text(url) for name, url in addresses.items()}
    finally:
        for service in database_setup.SERVICES:
            drop = f"DROP DATABASE IF EXISTS linkages_test_{service}_{mark} WITH (FORCE)"
            in_a_thread(_fetch(admin, drop))


def _migrate(url: str, service: str) -> None:
    with ThreadPoolExecutor(1) as thread:  # Alembic runs an event loop of its own
        thread.submit(migrations.upgrade, url, local.PACKAGES[service]).result()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return SqliteDatabases(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def postgres_databases(postgres: str) -> Iterator[Databases]:
    with fresh_databases(postgres) as fresh:
        yield PostgresDatabases(fresh)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Each of the two in turn."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


def _named(tables: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in tables)


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _copy(file: Path, into: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(file)) as source:
        source.backup(into)


async def _rows(url: str, tables: list[str]) -> dict[str, list[Any]]:
    return {name: await _fetch(url, f'SELECT * FROM "{name}"') for name in tables}  # noqa: S608


async def _bring_back(url: str, rows: dict[str, list[Any]]) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            await connection.execute(
                "SET LOCAL session_replication_role = replica"
            )  # whatever refers to what
            await connection.execute(f"TRUNCATE {_named(rows)}")
            for name, of in rows.items():
                await connection.copy_records_to_table(name, records=[tuple(row) for row in of])
    finally:
        await connection.close()


async def _fetch(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows: list[Any] = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()

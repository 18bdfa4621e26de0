"""A database: transactions that lock before they read, and column types that mean the same on both.

SQLite: one connection writes, `BEGIN IMMEDIATE` before the first read; others read. PostgreSQL: READ COMMITTED.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared.clock import Clock, SystemClock
from shared.prepared import Rows
from shared.sqlite import SqliteFile

if TYPE_CHECKING:
    from shared.postgres import PostgresServer

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant: TIMESTAMPTZ on PostgreSQL, microseconds since 1970 on SQLite (which has no such type)."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        if value is None or dialect.name == "postgresql":
            return value
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None or dialect.name == "postgresql":
            return value
        return EPOCH + int(value) * _MICROSECOND


def metadata() -> sa.MetaData:
    """Metadata whose constraints have names, so that migrations can change them on both databases."""
    return sa.MetaData(naming_convention=NAMING)


def big_id() -> sa.types.TypeEngine[int]:
    """A growing row number: SQLite numbers INTEGER keys only."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


_NOW = sa.select(sa.func.clock_timestamp(type_=sa.DateTime(timezone=True)))


class Connection(Protocol):
    """What statements are run on: SQLAlchemy's AsyncConnection, or the inline one of SQLite."""

    @property
    def dialect(self) -> Dialect:
        """Whose SQL is spoken."""
        ...

    async def execute(self, statement: Any, parameters: Any = None) -> Rows:
        """Run one statement, or with a list of parameters the same one for each."""
        ...

    async def run_sync(self, fn: Callable[..., Any], *arg: Any) -> Any:
        """Call `fn(connection, *arg)` with SQLAlchemy's synchronous connection."""
        ...


class Database:
    """One service's database. `clock` replaces the database's own clock in tests."""

    def __init__(self, url: str, *, clock: Clock | None = None, pool_size: int = 10) -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._clock = clock or (SystemClock() if self.is_sqlite else None)
        self.file = Path(parsed.database or "") if self.is_sqlite else None  # of the embedded default
        self._file = SqliteFile(parsed.database or "") if self.is_sqlite else None
        self._server = None if self.is_sqlite else _server(url, pool_size)

    @asynccontextmanager
    async def transaction(self, *, county: str | None = None) -> AsyncIterator[Connection]:
        """A transaction that may write: committed on leaving, rolled back on an error.

        `county`: the only one whose rows it may touch, where the database holds the role to one (PostgreSQL).
        """
        if self._file is not None:
            async with self._file.transaction() as inline:
                yield inline
        elif self._server is not None:
            async with self._server.transaction(county) as connection:
                yield connection

    @asynccontextmanager
    async def reading(self, *, county: str | None = None) -> AsyncIterator[Connection]:
        """A consistent view that writes nothing; `county` as for a transaction."""
        if self._file is not None:
            async with self._file.view() as inline:
                yield inline
        elif self._server is not None:
            async with self._server.view(county) as connection:
                yield connection

    async def now(self, connection: Connection) -> datetime:
        """The database's clock (SQLite: the host's): leases, expiry and decisions all use it."""
        if self._clock is not None:
            return self._clock.now()
        instant: datetime = (await connection.execute(_NOW, {})).scalar_one()
        return instant.astimezone(UTC)

    def seconds(self) -> float:
        """A clock that asks nobody, for when to look at leases again: a test's, or that of this machine."""
        return time.monotonic() if self._clock is None else self._clock.now().timestamp()

    async def notify(self, channel: str, payload: str) -> None:
        """Tell other processes that listen. SQLite has no such thing: they look by themselves."""
        if self._server is not None:
            await self._server.notify(channel, payload)

    async def listen(self, channel: str, heard: Callable[[str], object]) -> None:
        """Call `heard` with what others tell, and once at the start; ends with an error when the connection is lost."""
        if self._server is not None:
            await self._server.listen(channel, heard)
        else:
            await asyncio.Event().wait()

    async def close(self) -> None:
        """Close every connection."""
        if self._file is not None:
            await self._file.close()
        if self._server is not None:
            await self._server.close()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A service's database, closed at the end."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _server(url: str, pool_size: int) -> "PostgresServer":
    """The embedded default needs no driver for PostgreSQL, so it is not asked for one."""
    from shared.postgres import PostgresServer  # noqa: PLC0415

    return PostgresServer(url, pool_size=pool_size)


class _Among(FunctionElement[bool]):
    """Whether a column is one of a list: JSON on SQLite, an array on PostgreSQL.

    An array that is compared is looked up by index or hashed; one that is unrolled into rows is joined, and a plan that
    was made while the table was empty goes through all of it for each.
    """

    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Among":
        """As it is: SQLAlchemy would compare it with 1, and an index looks nothing up by that."""
        del against
        return self


@compiles(_Among)
def _among(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, listed = element.clauses
    if isinstance(column.type, sa.LargeBinary):
        return str(compiler.process(column.in_(sa.bindparam(listed.name, expanding=True)), **options))
    listing = compiler.process(sa.bindparam(listed.name, type_=sa.JSON()), **options)
    return f"({compiler.process(column, **options)} IN (SELECT value FROM json_each({listing})))"  # noqa: S608


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, listed = element.clauses
    listing = sa.bindparam(listed.name, type_=postgresql.ARRAY(column.type))
    return str(compiler.process(column == sa.any_(listing), **options))


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether a column of texts, numbers or bytes is one of a parameter's list: one statement, however long it is.

    Statements of the hot path are built once, with named parameters: building one costs more than running it. (SQLite
    has no list of bytes: there it is another statement for each length.)
    """
    return _Among(column, sa.column(name))  # a name, unlike a literal, tells statements apart in caches


@cache
def insert_into(table: sa.Table) -> sa.Insert:
    """An INSERT of rows."""
    return table.insert()


def upsert(
    connection: Connection,
    table: sa.Table,
    *,
    replace: tuple[str, ...] = (),
    add: tuple[str, ...] = (),
    newer: str | None = None,
    returning: tuple[str, ...] = (),
) -> sa.Insert:
    """An INSERT of rows that meets rows of the same primary key.

    Those get the columns `replace`, and `add` added to what they have; with `newer`, only if their value of that
    column is smaller; with neither, they stay as they are.
    """
    return _upsert(connection.dialect.name, table, replace, add, newer, returning)


@cache
def _upsert(
    dialect: str,
    table: sa.Table,
    replace: tuple[str, ...],
    add: tuple[str, ...],
    newer: str | None,
    returning: tuple[str, ...],
) -> sa.Insert:
    insert: Any = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    if not replace and not add:
        insert = insert.on_conflict_do_nothing()
    else:
        values = {name: insert.excluded[name] for name in replace}
        values |= {name: table.c[name] + insert.excluded[name] for name in add}
        insert = insert.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_=values,
            where=None if newer is None else table.c[newer] < insert.excluded[newer],
        )
    statement: sa.Insert = insert.returning(*(table.c[name] for name in returning)) if returning else insert
    return statement

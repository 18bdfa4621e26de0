"""A database: transactions that lock before they read, and column types that mean the same on both.

SQLite: one connection writes, `BEGIN IMMEDIATE` before the first read; others read. PostgreSQL: READ COMMITTED.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared import sqlite
from shared.clock import Clock, SystemClock

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None or dialect.name == "postgresql":
            return value
        return _EPOCH + int(value) * _MICROSECOND


def metadata() -> sa.MetaData:
    """Metadata whose constraints have names, so that migrations can change them on both databases."""
    return sa.MetaData(naming_convention=NAMING)


def big_id() -> sa.types.TypeEngine[int]:
    """A growing row number: SQLite numbers INTEGER keys only."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Database:
    """One service's database. `clock` replaces the database's own clock in tests."""

    def __init__(self, url: str, *, clock: Clock | None = None) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._clock = clock or (SystemClock() if self.is_sqlite else None)
        self._writer = asyncio.Lock()
        self._write_engine, self._read_engine = _sqlite_engines(url) if self.is_sqlite else _engines(url)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write: committed on leaving, rolled back on an error."""
        if not self.is_sqlite:
            async with self._write_engine.begin() as connection:
                yield connection
            return
        async with self._writer, self._write_engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view that writes nothing."""
        async with self._read_engine.connect() as connection:
            yield connection

    async def now(self, connection: AsyncConnection) -> datetime:
        """The database's clock (SQLite: the host's): leases, expiry and decisions all use it."""
        if self._clock is not None:
            return self._clock.now()
        instant: datetime = (await connection.execute(sa.text("SELECT clock_timestamp()"))).scalar_one()
        return instant.astimezone(UTC)

    async def close(self) -> None:
        """Close every connection."""
        await self._write_engine.dispose()
        if self._read_engine is not self._write_engine:
            await self._read_engine.dispose()


def _sqlite_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    path = make_url(url).database or ""

    def creator(*, read_only: bool) -> Callable[..., Awaitable[sqlite.InlineConnection]]:
        async def connect(*_: object, **__: object) -> sqlite.InlineConnection:
            return await sqlite.connect(path, read_only=read_only)

        return connect

    write = create_async_engine(
        url, async_creator=creator(read_only=False), pool_size=1, max_overflow=0, hide_parameters=True
    )
    read = create_async_engine(
        url, async_creator=creator(read_only=True), pool_size=4, max_overflow=4, hide_parameters=True
    )

    @sa.event.listens_for(write.sync_engine, "begin")
    def begin_immediate(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @sa.event.listens_for(read.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return write, read


def _engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    engine = create_async_engine(
        url,
        pool_size=10,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
    )
    return engine, engine


def some(name: str) -> sa.BindParameter[Any]:
    """A parameter that holds a list, for IN.

    Statements of the hot path are built once, with named parameters: building one costs more than running it.
    """
    return sa.bindparam(name, expanding=True)


def upsert(connection: AsyncConnection, table: sa.Table) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # noqa: PLC0415

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

    return sqlite_insert(table)

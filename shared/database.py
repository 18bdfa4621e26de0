"""A database: transactions that lock before they read, and column types that mean the same on both.

SQLite: one connection writes, `BEGIN IMMEDIATE` before the first read; others read. PostgreSQL: READ COMMITTED.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator, TypeEngine

from shared.clock import Clock, SystemClock
from shared.sqlite import Rows, SqliteFile

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

    def __init__(self, url: str, *, clock: Clock | None = None) -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._clock = clock or (SystemClock() if self.is_sqlite else None)
        self._file = SqliteFile(parsed.database or "") if self.is_sqlite else None
        self._engine = None if self.is_sqlite else _engine(url)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction that may write: committed on leaving, rolled back on an error."""
        if self._file is not None:
            async with self._file.transaction() as inline:
                yield inline
        elif self._engine is not None:
            async with self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A consistent view that writes nothing."""
        if self._file is not None:
            async with self._file.view() as inline:
                yield inline
        elif self._engine is not None:
            async with self._engine.connect() as connection:
                yield connection

    async def now(self, connection: Connection) -> datetime:
        """The database's clock (SQLite: the host's): leases, expiry and decisions all use it."""
        if self._clock is not None:
            return self._clock.now()
        instant: datetime = (await connection.execute(sa.text("SELECT clock_timestamp()"))).scalar_one()
        return instant.astimezone(UTC)

    async def close(self) -> None:
        """Close every connection."""
        if self._file is not None:
            await self._file.close()
        if self._engine is not None:
            await self._engine.dispose()


def _engine(url: str) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=10,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
    )


def some(name: str) -> sa.BindParameter[Any]:
    """A parameter that holds a list, for IN.

    Statements of the hot path are built once, with named parameters: building one costs more than running it.
    """
    return sa.bindparam(name, expanding=True)


def upsert(connection: Connection, table: sa.Table) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # noqa: PLC0415

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

    return sqlite_insert(table)

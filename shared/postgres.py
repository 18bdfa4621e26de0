"""PostgreSQL from an event loop: READ COMMITTED, every wait bounded, and the county that row-level security asks for.

Statements with parameters are compiled once and run on asyncpg, as `shared.prepared` does on SQLite's driver; the
others, and the connections themselves, are SQLAlchemy's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.prepared import Given, PreparedStatements, Rows
from shared.row_security import COUNTY

_CONNECT_WITHIN = 4.0  # seconds
_POOL_WITHIN = 10.0  # seconds for a free connection
_LIMITS = {
    "application_name": "linkages",
    "timezone": "UTC",
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
}
_SCOPE = sa.text(f"SELECT set_config('{COUNTY}', :county, true)")
_NOTIFY = sa.text("SELECT pg_notify(:channel, :payload)")
_STATEMENTS = PreparedStatements()
_KINDS: tuple[tuple[type[Exception], type[sa.exc.DBAPIError]], ...] = (
    (asyncpg.IntegrityConstraintViolationError, sa.exc.IntegrityError),
    (asyncpg.DataError, sa.exc.DataError),  # a value that the database does not take: trying again is no use
    (asyncpg.SyntaxOrAccessError, sa.exc.ProgrammingError),
)


class PostgresConnection:
    """What repositories run statements on."""

    def __init__(self, connection: AsyncConnection, driver: asyncpg.Connection) -> None:
        self._connection, self._driver = connection, driver

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect for asyncpg."""
        return self._connection.dialect

    async def execute(self, statement: Any, parameters: Given | Sequence[Given] | None = None) -> Rows:
        """Run one statement, or with a list of parameters the same one for each, all in one round trip."""
        if parameters:
            names = parameters if isinstance(parameters, Mapping) else parameters[0]
            prepared = _STATEMENTS.of(statement, tuple(names), self.dialect)
            if prepared is not None:
                try:
                    if isinstance(parameters, Mapping):
                        return prepared.rows(
                            await self._driver.fetch(prepared.sql, *prepared.values(parameters))
                        )
                    several = [prepared.values(one) for one in parameters]
                    if prepared.gives_rows:
                        return prepared.rows(await self._driver.fetchmany(prepared.sql, several))
                    await self._driver.executemany(prepared.sql, several)
                    return prepared.rows(())
                except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                    raise _told(error) from error
        rows: Rows = await self._connection.execute(statement, parameters)
        return rows

    async def run_sync(self, run: Callable[..., Any], *args: Any) -> Any:
        """Call `run(connection, *args)`, for what knows SQLAlchemy's synchronous connection only."""
        return await self._connection.run_sync(run, *args)


class PostgresServer:
    """One database and role, through a pool."""

    def __init__(self, url: str, *, pool_size: int) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=_POOL_WITHIN,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,
            isolation_level="READ COMMITTED",
            connect_args={"timeout": _CONNECT_WITHIN, "server_settings": _LIMITS},
        )

    @asynccontextmanager
    async def transaction(self, county: str | None) -> AsyncIterator[PostgresConnection]:
        """Begin; commit on leaving, roll back on an error. Without a county, a role bound to one sees nothing."""
        async with self._connected() as connection, connection.begin():
            yield await _scoped(connection, county)

    @asynccontextmanager
    async def view(self, county: str | None) -> AsyncIterator[PostgresConnection]:
        """One consistent view of what is committed; it cannot write."""
        async with self._connected() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield await _scoped(connection, county)

    async def notify(self, channel: str, payload: str) -> None:
        """Tell those who listen."""
        async with self._connected() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(_NOTIFY, {"channel": channel, "payload": payload})

    async def listen(self, channel: str, heard: Callable[[str], object]) -> None:
        """Call `heard` with what is told on a channel until the connection is lost, which is an OperationalError."""
        lost = asyncio.Event()
        async with self._connected() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_termination_listener(lambda _: lost.set())
            try:
                await driver.add_listener(channel, lambda *told: heard(told[-1]))
                heard("")  # what was told before nobody heard
                await lost.wait()
                raise _told(asyncpg.InterfaceError("the connection that listens was lost"))
            finally:
                await connection.invalidate()  # it listens: nobody else is to have it

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """A connection of the pool. A server that is away is an error of the database, not of the network."""
        try:
            connection = await self._engine.connect()
        except (OSError, TimeoutError, asyncpg.PostgresError, sa.exc.TimeoutError) as error:
            raise _told(error) from error
        try:
            yield connection
        finally:
            await connection.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


async def _scoped(connection: AsyncConnection, county: str | None) -> PostgresConnection:
    """Bind the transaction to a county. Being its first statement, this is also what begins it on the server."""
    await connection.execute(_SCOPE, {"county": county or ""})
    raw = await connection.get_raw_connection()
    return PostgresConnection(connection, raw.driver_connection)


def _told(error: Exception) -> sa.exc.DBAPIError:
    """As SQLAlchemy tells it, without the statement's parameters."""
    for kind, told in _KINDS:
        if isinstance(error, kind):
            return told(None, None, error, hide_parameters=True)
    return sa.exc.OperationalError(None, None, error, hide_parameters=True)

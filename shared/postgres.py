"""PostgreSQL from an event loop: READ COMMITTED, every wait bounded, and the county that row-level security asks for.

Statements with parameters are compiled once and run on asyncpg, as `shared.prepared` does on SQLite's driver, and so is
what begins and ends a transaction, each in one round trip. The other statements, and the pool, are SQLAlchemy's, which
finds each connection in autocommit and begins nothing by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.prepared import Given, PreparedStatements, Rows
from shared.row_security import COUNTY

_CONNECT_WITHIN = 4.0  # seconds
_ANSWER_WITHIN = 40.0  # seconds: longer than the server takes over anything, unless it stands still
_POOL_WITHIN = 10.0  # seconds for a free connection
_LIMITS = {
    "application_name": "linkages",
    "timezone": "UTC",
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
}
_READ_COMMITTED = "BEGIN ISOLATION LEVEL READ COMMITTED"
_VIEW = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_STATEMENTS = PreparedStatements()
_OF_THE_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
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
        if parameters or isinstance(parameters, Mapping):
            names = parameters if isinstance(parameters, Mapping) else parameters[0]
            prepared = _STATEMENTS.of(statement, tuple(names), self.dialect)
            if prepared is not None:
                with _as_sqlalchemy_tells_it():
                    if isinstance(parameters, Mapping):
                        found = await self._driver.fetch(
                            prepared.sql, *prepared.values(parameters), timeout=_ANSWER_WITHIN
                        )
                        return prepared.rows(found)
                    several = [prepared.values(one) for one in parameters]
                    if prepared.gives_rows:
                        found = await self._driver.fetchmany(prepared.sql, several, timeout=_ANSWER_WITHIN)
                        return prepared.rows(found)
                    await self._driver.executemany(prepared.sql, several, timeout=_ANSWER_WITHIN)
                    return prepared.rows(())
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
            pool_recycle=1800,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            connect_args={"timeout": _CONNECT_WITHIN, "server_settings": _LIMITS},
        )
        sa.event.listen(self._engine.sync_engine, "checkout", _refuse_closed)

    @asynccontextmanager
    async def transaction(self, county: str | None) -> AsyncIterator[PostgresConnection]:
        """Begin; commit on leaving, roll back on an error. Without a county, a role bound to one sees nothing."""
        async with self._begun(_READ_COMMITTED, county) as connection:
            yield connection

    @asynccontextmanager
    async def view(self, county: str | None) -> AsyncIterator[PostgresConnection]:
        """One consistent view of what is committed; it cannot write."""
        async with self._begun(_VIEW, county) as connection:
            yield connection

    @asynccontextmanager
    async def _begun(self, begin: str, county: str | None) -> AsyncIterator[PostgresConnection]:
        """A transaction, bound to a county in the round trip that begins it."""
        async with self._connected() as connection:
            driver = _driver_of(connection)
            try:
                with _as_sqlalchemy_tells_it():
                    await driver.execute(f"{begin}; {_bound_to(county)}", timeout=_ANSWER_WITHIN)
                yield PostgresConnection(connection, driver)
                with _as_sqlalchemy_tells_it():
                    await driver.execute("COMMIT", timeout=_ANSWER_WITHIN)
            except BaseException:
                await _roll_back(driver)
                raise

    async def notify(self, channel: str, payload: str) -> None:
        """Tell those who listen."""
        async with self._connected() as connection:
            with _as_sqlalchemy_tells_it():
                await _driver_of(connection).execute(
                    "SELECT pg_notify($1, $2)", channel, payload, timeout=_ANSWER_WITHIN
                )

    async def listen(self, channel: str, heard: Callable[[str], object]) -> None:
        """Call `heard` with what is told on a channel until the connection is lost, which is an OperationalError."""
        lost = asyncio.Event()
        async with self._connected() as connection:
            driver = _driver_of(connection)
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
        with _as_sqlalchemy_tells_it():
            connection = await self._engine.connect()
        try:
            yield connection
        finally:
            await connection.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _refuse_closed(driver: Any, _record: object, _proxy: object) -> None:
    """The pool tries another connection. Asking the server each time would be three round trips."""
    if driver.driver_connection.is_closed():
        raise sa.exc.DisconnectionError("The server has closed this connection")


def _driver_of(connection: AsyncConnection) -> Any:
    """asyncpg's connection, without the switch of contexts that SQLAlchemy's own way to it takes."""
    sync = connection.sync_connection
    if sync is None:
        raise RuntimeError("The connection was never opened")
    return sync.connection.driver_connection


def _bound_to(county: str | None) -> str:
    """What row-level security asks for, until the end of the transaction."""
    quoted = (county or "").replace("'", "''")
    return f"SET LOCAL {COUNTY} = '{quoted}'"


async def _roll_back(driver: Any) -> None:
    """End what was begun, or the connection: nobody is to get it with a transaction in it."""
    try:
        if not driver.is_closed():
            await driver.execute("ROLLBACK", timeout=_CONNECT_WITHIN)
    except _OF_THE_DRIVER:
        driver.terminate()
    except BaseException:
        driver.terminate()
        raise


@contextmanager
def _as_sqlalchemy_tells_it() -> Iterator[None]:
    """Errors of the driver, and of the pool that waited in vain, become SQLAlchemy's of a database."""
    try:
        yield
    except (*_OF_THE_DRIVER, sa.exc.TimeoutError) as error:
        raise _told(error) from error


def _told(error: Exception) -> sa.exc.DBAPIError:
    """As SQLAlchemy tells it, without the statement's parameters."""
    for kind, told in _KINDS:
        if isinstance(error, kind):
            return told(None, None, error, hide_parameters=True)
    return sa.exc.OperationalError(None, None, error, hide_parameters=True)

"""SQLite from an event loop: statements run in place, the waits do not stop the loop.

A statement of ours takes tens of microseconds, less than handing it to a thread and back. What may wait does so
elsewhere. The parts of one process take turns; against other processes BEGIN IMMEDIATE is tried, and tried again after
a pause, until the busy timeout; COMMIT, which waits for the disk, runs in a thread. Statements go through SQLAlchemy's
ordinary, synchronous connection.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from shared.prepared import Given, Prepared, PreparedStatements, Rows

BUSY_TIMEOUT = 5.0  # seconds for the write lock of another process
TURN_TIMEOUT = 30.0  # seconds for one's turn in this process: a burst of hundreds of writes is waited out
_PAUSE = (0.0005, 0.004)  # seconds between tries for the write lock
_PREPARED = (
    2048  # statements that a connection keeps; an IN with another number of values is another statement
)


_STATEMENTS = PreparedStatements()
_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[str, asyncio.Lock]] = (
    WeakKeyDictionary()
)


class InlineConnection:
    """What repositories run statements on: `execute` never waits, it is a coroutine so that others may."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect for SQLite."""
        return self._connection.dialect

    async def execute(self, statement: Any, parameters: Given | Sequence[Given] | None = None) -> Rows:
        """Run one statement, or with a list of parameters the same one for each.

        One that has parameters is one that is kept and run again, so it is prepared.
        """
        if parameters:
            names = parameters if isinstance(parameters, Mapping) else parameters[0]
            prepared = _STATEMENTS.of(statement, tuple(names), self.dialect)
            if prepared is not None:
                try:
                    return _run(prepared, _raw(self._connection), parameters)
                except sqlite3.Error as error:
                    raise _told(error) from error
        rows: Rows = self._connection.execute(statement, parameters)
        return rows

    async def run_sync(self, run: Callable[..., Any], *args: Any) -> Any:
        """Call `run(connection, *args)`, for what knows SQLAlchemy's synchronous connection only."""
        return run(self._connection, *args)


class SqliteFile:
    """One file: one connection that writes, as many as needed that read."""

    def __init__(
        self, path: str, *, busy_timeout: float = BUSY_TIMEOUT, turn_timeout: float = TURN_TIMEOUT
    ) -> None:
        self._busy_timeout, self._turn_timeout = busy_timeout, turn_timeout
        self._path = path
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self.writing = _engine(path, read_only=False)
        self.reading = _engine(path, read_only=True)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[InlineConnection]:
        """Hold the write lock before the first read; commit on leaving, roll back on an error."""
        turn = _turn(self._path)
        await self._wait_for(turn)
        try:
            with self.writing.begin() as connection:  # SQLAlchemy's own COMMIT finds nothing left to do
                raw = _raw(connection)
                await self._begin_immediate(raw)
                yield InlineConnection(connection)
                await self._commit(raw)
        finally:
            turn.release()

    @asynccontextmanager
    async def view(self) -> AsyncIterator[InlineConnection]:
        """One consistent view of what is committed; it cannot write."""
        with self.reading.begin() as connection:
            _raw(connection).execute("BEGIN")
            yield InlineConnection(connection)

    async def _wait_for(self, turn: asyncio.Lock) -> None:
        try:
            async with asyncio.timeout(self._turn_timeout):
                await turn.acquire()
        except TimeoutError as error:
            raise _locked(sqlite3.OperationalError("database is locked")) from error

    async def _begin_immediate(self, raw: sqlite3.Connection) -> None:
        give_up = time.monotonic() + self._busy_timeout
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise _locked(error) from error
                await asyncio.sleep(random.uniform(*_PAUSE))
            else:
                return

    async def _commit(self, raw: sqlite3.Connection) -> None:
        """COMMIT in a thread. A cancelled caller still waits for the end: nobody else may touch it before."""
        commit = asyncio.get_running_loop().run_in_executor(self._disk, raw.execute, "COMMIT")
        cancelled: asyncio.CancelledError | None = None
        while not commit.done():
            try:
                await asyncio.wait([commit])
            except asyncio.CancelledError as error:  # it may come more than once
                cancelled = error
        if cancelled is not None:
            commit.exception()  # it is known now, and the caller is told something else
            raise cancelled
        try:
            commit.result()
        except sqlite3.Error as error:
            raise sa.exc.OperationalError("COMMIT", None, error) from error

    async def close(self) -> None:
        """Close every connection."""
        self._disk.shutdown(wait=True)
        self.writing.dispose()
        self.reading.dispose()


def _run(prepared: Prepared, raw: sqlite3.Connection, given: Given | Sequence[Given]) -> Rows:
    """Run it with one set of parameters, or once with each of several."""
    if isinstance(given, Mapping):
        return prepared.rows(raw.execute(prepared.sql, prepared.values(given)))
    several = [prepared.values(one) for one in given]
    if prepared.gives_rows:
        return prepared.rows([row for one in several for row in raw.execute(prepared.sql, one)])
    raw.executemany(prepared.sql, several)
    return prepared.rows(())


def _turn(path: str) -> asyncio.Lock:
    """Whose turn it is to write to a file among the parts of this process, in the order in which they asked."""
    turns = _TURNS.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    return turns.setdefault(path, asyncio.Lock())


def _locked(error: sqlite3.OperationalError) -> sa.exc.OperationalError:
    return sa.exc.OperationalError("BEGIN IMMEDIATE", None, error)


def _engine(path: str, *, read_only: bool) -> sa.Engine:
    """Its pool never waits, since that would stop the loop; transactions are begun and ended by SqliteFile alone."""
    return sa.create_engine(
        "sqlite+pysqlite://",
        creator=lambda: _connect(path, read_only=read_only),
        poolclass=sa.QueuePool,
        pool_size=4,
        max_overflow=-1,
        pool_reset_on_return=None,
        hide_parameters=True,
    )


def _connect(path: str, *, read_only: bool) -> sqlite3.Connection:
    """WAL mode with `synchronous=FULL`: without it an acknowledged commit can be lost."""
    raw = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_TIMEOUT if read_only else 0,
        cached_statements=_PREPARED,
    )
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA foreign_keys=ON")
    raw.execute("PRAGMA temp_store=MEMORY")
    raw.execute("PRAGMA cache_size=-65536")
    if read_only:
        raw.execute("PRAGMA query_only=ON")
    return raw


def _told(error: sqlite3.Error) -> Exception:
    """As SQLAlchemy tells it, without the statement's parameters."""
    return sa.exc.DBAPIError.instance(None, None, error, sqlite3.Error, hide_parameters=True)


def _raw(connection: sa.Connection) -> sqlite3.Connection:
    raw: Any = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - narrows the type for mypy
    return raw

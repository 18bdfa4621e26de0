"""A SQLite connection for SQLAlchemy's asyncio dialect that does its short work in place.

aiosqlite hands every cursor call to a thread: four hops a statement, about 0.5 ms where the statement itself
takes 0.05. Here a statement runs in the event loop's thread and only COMMIT, which waits for the disk, goes to
a thread. BEGIN IMMEDIATE never blocks the loop: it is tried, and tried again after a pause, until `busy_timeout`.
The classes offer just what the dialect calls (`sqlalchemy.connectors.asyncio`).
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

_PAUSE = (0.0005, 0.004)  # seconds between tries for the write lock


class InlineCursor:
    """A cursor whose calls are coroutines that never wait."""

    def __init__(self, connection: "InlineConnection") -> None:
        self._connection = connection
        self._cursor = connection.raw.cursor()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._cursor.close()

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> "InlineCursor":
        """Run one statement; a BEGIN IMMEDIATE waits for the write lock without blocking the loop."""
        if operation == "BEGIN IMMEDIATE":
            await self._connection.begin_immediate()
        else:
            self._cursor.execute(operation, parameters)
        return self

    async def executemany(self, operation: str, parameters: Iterable[Sequence[Any]]) -> "InlineCursor":
        """Run one statement with many rows of parameters."""
        self._cursor.executemany(operation, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        """All remaining rows."""
        return self._cursor.fetchall()

    async def fetchone(self) -> Any:
        """The next row or None."""
        return self._cursor.fetchone()

    async def fetchmany(self, size: int = 1) -> list[Any]:
        """The next rows."""
        return self._cursor.fetchmany(size)

    async def close(self) -> None:
        """Free the statement."""
        self._cursor.close()

    @property
    def description(self) -> Any:
        """DB-API column descriptions."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """DB-API row count."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """DB-API last row id."""
        return self._cursor.lastrowid

    @property
    def arraysize(self) -> int:
        """DB-API fetchmany size."""
        return self._cursor.arraysize

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self._cursor.arraysize = value


class InlineConnection:
    """A connection as SQLAlchemy's asyncio dialect for SQLite expects it."""

    def __init__(self, raw: sqlite3.Connection, busy_timeout: float) -> None:
        self.raw = raw
        self._busy_timeout = busy_timeout
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._conn = raw  # the dialect sets isolation_level through these two
        self._connection: sqlite3.Connection | None = raw

    def cursor(self) -> InlineCursor:
        """A new cursor."""
        return InlineCursor(self)

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> InlineCursor:
        """Run one statement on a new cursor."""
        return await self.cursor().execute(operation, parameters)

    async def begin_immediate(self) -> None:
        """Take the write lock, or raise `database is locked` after the busy timeout."""
        give_up = time.monotonic() + self._busy_timeout
        while True:
            try:
                self.raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                await asyncio.sleep(random.uniform(*_PAUSE))
            else:
                return

    async def commit(self) -> None:
        """COMMIT in a thread. A cancelled caller still waits for the end: nobody else may touch it before."""
        if not self.raw.in_transaction:
            return
        commit = asyncio.get_running_loop().run_in_executor(self._disk, self.raw.execute, "COMMIT")
        cancelled: asyncio.CancelledError | None = None
        while not commit.done():
            try:
                await asyncio.wait([commit])
            except asyncio.CancelledError as error:  # it may come more than once
                cancelled = error
        if cancelled is not None:
            commit.exception()  # it is known now, and the caller is told something else
            raise cancelled
        commit.result()

    async def rollback(self) -> None:
        """ROLLBACK if a transaction is open."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")

    async def close(self) -> None:
        """Close file and thread."""
        self._connection = None
        self._disk.shutdown(wait=True)
        self.raw.close()

    def stop(self) -> None:
        """Close without waiting, as the dialect's terminate wants it."""
        self._connection = None
        self._disk.shutdown(wait=False)
        self.raw.close()

    async def create_function(self, *args: Any, **kwargs: Any) -> None:
        """Register a SQL function (the dialect adds `regexp`)."""
        self.raw.create_function(*args, **kwargs)


async def connect(path: str, *, read_only: bool, busy_timeout: float = 5.0) -> InlineConnection:
    """Open a file in WAL mode with `synchronous=FULL`: without it an acknowledged commit can be lost."""
    raw = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=0 if not read_only else 5
    )
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("PRAGMA foreign_keys=ON")
    raw.execute("PRAGMA temp_store=MEMORY")
    raw.execute("PRAGMA cache_size=-65536")
    if read_only:
        raw.execute("PRAGMA query_only=ON")
    return InlineConnection(raw, busy_timeout)

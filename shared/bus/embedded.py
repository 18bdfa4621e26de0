"""The embedded log: partitions and offsets in one SQLite file, several processes, no server.

Publishers in one process share a commit (the disk is waited for once for all that queued up meanwhile).
Readers wake on an append in their own process, and else look every 50 ms.
"""

import asyncio
import json
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared.bus import PARTITIONS, Bounds, Message, Record
from shared.errors import Unavailable

POLL = 0.05  # seconds between looks for what another process has written
_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    key BLOB NOT NULL, headers TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (topic, partition, "offset")
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bound (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, begin INTEGER NOT NULL, "end" INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
"""

_Waiting = tuple[str, int, Sequence[Message], "asyncio.Future[list[int]]"]


class EmbeddedBus:
    """The bus in one file. Open it with `EmbeddedBus.open(path)` inside a running event loop."""

    def __init__(self, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self._writer, self._reader = writer, reader
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="bus")
        self._queue: list[_Waiting] = []
        self._appending: asyncio.Task[None] | None = None
        self._appended = asyncio.Event()

    @classmethod
    async def open(cls, path: Path) -> "EmbeddedBus":
        """Open or create the log."""

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            return connection

        path.parent.mkdir(parents=True, exist_ok=True)
        writer = connect()
        writer.executescript(_SCHEMA)
        return cls(writer, connect())

    async def publish(self, topic: str, partition: int, messages: Sequence[Message]) -> list[int]:
        """Append in order, durably."""
        done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        self._queue.append((topic, partition, messages, done))
        if self._appending is None or self._appending.done():
            self._appending = asyncio.create_task(self._append_all())
        return await done

    async def _append_all(self) -> None:
        """Write what has queued up, one commit for each round, until nothing is left."""
        loop = asyncio.get_running_loop()
        while self._queue:
            batch, self._queue = self._queue, []
            try:
                offsets = await loop.run_in_executor(self._disk, self._append, [item[:3] for item in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
                told = Unavailable("The log cannot be written") if isinstance(error, sqlite3.Error) else error
                for *_, done in batch:
                    if not done.done():
                        done.set_exception(told)
            else:
                for (*_, done), given in zip(batch, offsets, strict=True):
                    if not done.done():
                        done.set_result(given)
                self._appended.set()
                self._appended = asyncio.Event()

    def _append(self, batch: list[tuple[str, int, Sequence[Message]]]) -> list[list[int]]:
        offsets: list[list[int]] = []
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            for topic, partition, messages in batch:
                end = self._end(topic, partition)
                self._writer.executemany(
                    "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        (topic, partition, end + i, message.key, _dump(message.headers), message.value)
                        for i, message in enumerate(messages)
                    ],
                )
                self._writer.execute(
                    'INSERT INTO bound VALUES (?, ?, 0, ?) ON CONFLICT DO UPDATE SET "end" = excluded."end"',
                    (topic, partition, end + len(messages)),
                )
                offsets.append(list(range(end, end + len(messages))))
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        return offsets

    def _end(self, topic: str, partition: int) -> int:
        row = self._writer.execute(
            'SELECT "end" FROM bound WHERE topic = ? AND partition = ?', (topic, partition)
        ).fetchone()
        return int(row[0]) if row else 0

    async def fetch(
        self, topic: str, positions: Mapping[int, int], *, limit: int, timeout: float
    ) -> dict[int, list[Record]]:
        """Records from each partition's position on, waiting for the first up to `timeout` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while True:
            appended = self._appended
            found = self._read(topic, positions, limit)
            remaining = until - loop.time()
            if found or remaining <= 0:
                return found
            try:
                await asyncio.wait_for(appended.wait(), min(POLL, remaining))
            except TimeoutError:
                continue

    def _read(self, topic: str, positions: Mapping[int, int], limit: int) -> dict[int, list[Record]]:
        """One view of bounds and records, so that a retention in between cannot leave a gap."""
        self._reader.execute("BEGIN")
        try:
            return self._read_all(topic, positions, limit)
        finally:
            self._reader.execute("COMMIT")

    def _read_all(self, topic: str, positions: Mapping[int, int], limit: int) -> dict[int, list[Record]]:
        bounds = self._bounds(topic)
        found: dict[int, list[Record]] = {}
        for partition, position in positions.items():
            bound = bounds[partition]
            if not bound.begin <= position < bound.end:
                continue
            rows = self._reader.execute(
                'SELECT "offset", key, headers, value FROM record'
                ' WHERE topic = ? AND partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?',
                (topic, partition, position, limit),
            ).fetchall()
            found[partition] = [
                Record(topic, partition, offset, Message(key, value, _load(headers)))
                for offset, key, headers, value in rows
            ]
        return found

    async def bounds(self, topic: str) -> dict[int, Bounds]:
        """Where each partition begins and ends."""
        return self._bounds(topic)

    def _bounds(self, topic: str) -> dict[int, Bounds]:
        known = {
            partition: Bounds(begin, end)
            for partition, begin, end in self._reader.execute(
                'SELECT partition, begin, "end" FROM bound WHERE topic = ?', (topic,)
            )
        }
        return {p: known.get(p, Bounds(0, 0)) for p in range(PARTITIONS)}

    async def truncate(self, topic: str, partition: int, begin: int) -> None:
        """Drop the records before an offset, as a retention does."""

        def drop() -> None:
            place = (topic, partition, begin)
            with self._writer:
                self._writer.execute("BEGIN IMMEDIATE")
                self._writer.execute(
                    'DELETE FROM record WHERE topic = ? AND partition = ? AND "offset" < ?', place
                )
                self._writer.execute("UPDATE bound SET begin = ?3 WHERE topic = ?1 AND partition = ?2", place)

        await asyncio.get_running_loop().run_in_executor(self._disk, drop)

    async def close(self) -> None:
        """Wait for what is being written, then close the file."""
        if self._appending is not None:
            await asyncio.wait([self._appending])
        self._disk.shutdown(wait=True)
        self._writer.close()
        self._reader.close()


def _dump(headers: tuple[tuple[str, bytes], ...]) -> str:
    return json.dumps([(name, value.decode("latin-1")) for name, value in headers])


def _load(text: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(text))

"""The embedded log beside bare SQLite: the same bytes in the same batches, published and read."""

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from shared.bus import CWS_TOPIC, Message
from shared.bus.embedded import EmbeddedBus

BATCH, BATCHES, ROUNDS = 100, 100, 5
_VALUE, _HEADERS = b"x" * 400, tuple((f"ce_{n}", b"y" * 20) for n in range(14))


async def log_rates() -> dict[str, list[float]]:
    """Messages a second: published and read by the log, inserted and selected by the peer; one for each round."""
    found: dict[str, list[float]] = {"publish": [], "insert": [], "read": [], "select": []}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="linkages-bench-") as directory:
            bus = await EmbeddedBus.open(Path(directory) / "log.db")
            batch = [Message(b"cl_%06d" % n, _VALUE, _HEADERS) for n in range(BATCH)]
            started = time.perf_counter()
            for _ in range(BATCHES):
                await bus.publish(CWS_TOPIC, 0, batch)
            found["publish"].append(BATCH * BATCHES / (time.perf_counter() - started))
            started, position = time.perf_counter(), 0
            while records := (await bus.fetch(CWS_TOPIC, {0: position}, limit=BATCH, timeout=0)).get(0):
                position += len(records)
            found["read"].append(position / (time.perf_counter() - started))
            await bus.close()
            inserted, selected = await asyncio.to_thread(_bare, Path(directory) / "bare.db", batch)
            found["insert"].append(inserted)
            found["select"].append(selected)
    return found


def _bare(path: Path, batch: list[Message]) -> tuple[float, float]:
    headers = "z" * sum(len(name) + len(value) for name, value in batch[0].headers)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("CREATE TABLE record (place INTEGER PRIMARY KEY, key BLOB, headers TEXT, value BLOB)")
    started = time.perf_counter()
    for _ in range(BATCHES):
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany(
            "INSERT INTO record (key, headers, value) VALUES (?, ?, ?)",
            [(message.key, headers, message.value) for message in batch],
        )
        raw.execute("COMMIT")
    inserted = BATCH * BATCHES / (time.perf_counter() - started)
    started, place = time.perf_counter(), 0
    while rows := raw.execute(
        "SELECT place, key, headers, value FROM record WHERE place > ? ORDER BY place LIMIT ?", (place, BATCH)
    ).fetchall():
        place = rows[-1][0]
    selected = place / (time.perf_counter() - started)
    raw.close()
    return inserted, selected

"""`python -m tests.faults.planted BUG ...`: the `linkages` command with a bug planted, or with a look at what it does.

The fault tests must find each bug. `slow-fence` is none: it says when a reader is between reading and writing, and
stays there long enough to be frozen; and it says when the fence has turned a batch away.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from services import cli
from services.matcher import reader
from shared.database import Connection
from shared.outbox import relay

READ, FENCED = "a batch was read", "a batch was turned away by the fence"


def no_inbox() -> None:
    """A reader takes every event for a new one."""
    first_time = reader.first_time

    async def never_seen(
        connection: Connection, tables: Any, event_ids: Iterable[str], now: datetime
    ) -> set[str]:
        ids = set(event_ids)
        await first_time(connection, tables, ids, now)
        return ids

    reader.first_time = never_seen  # type: ignore[attr-defined]


def acknowledged_first() -> None:
    """A relay marks its rows as sent, and sends them then."""
    send = relay.Relay._send

    async def mark_and_send(self: relay.Relay, partition: int, generation: int, batch: Any) -> Any:
        async with self.database.transaction() as connection:
            marks = [{"p": row.position, "o": 0, "g": generation} for row in batch]
            await connection.execute(relay._mark_sent(self.tables.rows), marks)
        await asyncio.sleep(0.2)
        return await send(self, partition, generation, batch)

    relay.Relay._send = mark_and_send  # type: ignore[method-assign]


def slow_fence() -> None:
    """A reader says that it has read, and writes after a while."""
    fence = reader.Reader._fence

    async def after_a_while(
        self: reader.Reader, connection: Connection, found: Mapping[reader.Place, Any], now: datetime
    ) -> list[reader.Place]:
        _say(READ)
        await asyncio.sleep(0.25)
        ours = await fence(self, connection, found, now)
        if len(ours) < len(found):
            _say(FENCED)
        return ours

    reader.Reader._fence = after_a_while  # type: ignore[method-assign]


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


BUGS: dict[str, Callable[[], None]] = {
    "no-inbox": no_inbox,
    "acknowledged-first": acknowledged_first,
    "slow-fence": slow_fence,
}

if __name__ == "__main__":
    BUGS[sys.argv.pop(1)]()
    cli.main()

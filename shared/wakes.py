"""Waking the part of a service that runs in another process, by PostgreSQL's NOTIFY and LISTEN.

It is only a wake-up: who hears it looks in the database, and looks by itself now and then when nothing is heard. It is
never sent in the transaction of a request, because notifying transactions commit one after the other, and what follows
within a moment goes with it.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

import sqlalchemy as sa

from shared.database import Database
from shared.errors import Unavailable
from shared.pacing import Pace

COMPANY = 0.005  # seconds that a word waits for others
_LONGEST = 7000  # bytes: PostgreSQL carries 8,000; who hears no word takes it for all of them
_BETWEEN = "\n"


class Carrier:
    """Tells other processes, a moment after `tell` or after `event` was set."""

    def __init__(self, database: Database, channel: str, event: asyncio.Event | None = None) -> None:
        self._database, self._channel = database, channel
        self._event = event or asyncio.Event()
        self._words: set[str] = set()

    def tell(self, words: Iterable[str]) -> None:
        """Have these words carried."""
        self._words.update(words)
        self._event.set()

    async def run(self) -> NoReturn:
        """Carry until cancelled. What could not be carried is found by those who look."""
        pace = Pace("wakes", where=self._channel)
        while True:
            await self._event.wait()
            await asyncio.sleep(COMPANY)
            self._event.clear()
            words, self._words = _BETWEEN.join(sorted(self._words)), set()
            try:
                await self._database.notify(self._channel, words if len(words.encode()) <= _LONGEST else "")
            except (Unavailable, sa.exc.DBAPIError) as error:
                await pace.failed(error)
            else:
                pace.succeeded()


async def hear(database: Database, channel: str, heard: Callable[[Sequence[str]], object]) -> NoReturn:
    """Call `heard` with the words of each wake-up (none: anything may have changed) until cancelled."""
    pace = Pace("wakes", where=channel)

    def told(payload: str) -> None:
        pace.succeeded()
        heard(payload.split(_BETWEEN) if payload else ())

    while True:
        try:
            await database.listen(channel, told)
        except (Unavailable, sa.exc.DBAPIError) as error:
            await pace.failed(error)

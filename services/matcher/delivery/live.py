"""The live feed's alarm clock: wakes the streams of inboxes that changed in this process.

It is only a wake-up. What a stream sends, it reads from the inbox by `seq`, and it looks by itself once a second for
what another process has written.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from services.matcher.alerts.inbox import InboxAddress

POLL = 1.0  # seconds


class Live:
    """One process's streams, by inbox."""

    def __init__(self) -> None:
        self._watching: dict[InboxAddress, set[asyncio.Event]] = defaultdict(set)

    def notify(self, inboxes: Iterable[InboxAddress]) -> None:
        """Wake the streams of these inboxes."""
        for inbox in inboxes:
            for event in self._watching.get(inbox, ()):
                event.set()

    @contextmanager
    def watching(self, inbox: InboxAddress) -> Iterator[asyncio.Event]:
        """An event that is set when the inbox changes. Clear it before you read, so that no change is missed."""
        event = asyncio.Event()
        self._watching[inbox].add(event)
        try:
            yield event
        finally:
            self._watching[inbox].discard(event)
            if not self._watching[inbox]:
                del self._watching[inbox]


async def changed(event: asyncio.Event) -> None:
    """Wait for a change, at most as long as another process may go unnoticed."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), POLL)

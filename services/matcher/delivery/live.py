"""The live feed's alarm clock: wakes the streams of inboxes that changed.

It is only a wake-up. What a stream sends, it reads from the inbox by `seq`, and it looks by itself once a second for
what another process has written and not told of.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

from services.matcher.alerts.inbox import InboxAddress

POLL = 1.0  # seconds


CHANNEL = "linkages_inboxes"
"""Where processes tell each other of inboxes that changed."""


class Live:
    """One process's streams, by inbox. `tell` carries the names of inboxes to other processes."""

    def __init__(self, tell: Callable[[Iterable[str]], None] | None = None) -> None:
        self._watching: dict[InboxAddress, set[asyncio.Event]] = defaultdict(set)
        self._tell = tell

    def notify(self, inboxes: Collection[InboxAddress]) -> None:
        """Wake the streams of these inboxes, here and elsewhere."""
        for inbox in inboxes:
            for event in self._watching.get(inbox, ()):
                event.set()
        if inboxes and self._tell is not None:
            self._tell(_name(inbox) for inbox in inboxes)

    def heard(self, names: Collection[str]) -> None:
        """Wake the streams of the inboxes that another process has named; of all, if it named none."""
        for inbox, events in self._watching.items():
            if not names or _name(inbox) in names:
                for event in events:
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


def _name(inbox: InboxAddress) -> str:
    return f"{inbox.county}/{inbox.program}/{inbox.inbox}"


async def changed(event: asyncio.Event) -> None:
    """Wait for a change, at most as long as another process may go unnoticed."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), POLL)

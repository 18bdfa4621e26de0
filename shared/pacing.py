"""The pace of a background loop: it rests in proportion to its work, and backs off after a failure.

Most of a round's cost does not grow with its rows. A loop that rested for a fixed time would, as load grows, spend all
of the processor on small rounds; one that rests as long as it worked leaves half to the others, and finds more to do at
once when it comes back.
"""

import asyncio

import structlog

from shared.metrics import LAST_ROUND, RETRIES, round_done

LONGEST = 0.04  # seconds of rest
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds before trying again

log = structlog.get_logger()


class Pace:
    """How long one loop (`relay`, `reader`, `decider`) sleeps; it counts rounds, rows and retries as it does."""

    def __init__(self, loop: str, where: str | None = None) -> None:
        """`where` (a topic, a program) is logged with each failure."""
        self._loop, self._where = loop, where
        self._pause = _FIRST_PAUSE

    async def failed(self, error: Exception) -> None:
        """Say so, and wait: twice as long each time, five seconds at most."""
        log.warning(
            "loop.retry", loop=self._loop, where=self._where, error=type(error).__name__, pause=self._pause
        )
        RETRIES.labels(self._loop).inc()
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def worked(self, rows: int, seconds: float, *, least: float = 0.0) -> None:
        """Rest after a round that worked: as long as it took, at most 40 ms; at least `least` seconds."""
        self.succeeded()
        round_done(self._loop, seconds, rows)
        await asyncio.sleep(max(least, min(seconds, LONGEST)))

    def succeeded(self) -> None:
        """A round came to its end: the next failure is a first one again."""
        LAST_ROUND.labels(self._loop).set_to_current_time()
        self._pause = _FIRST_PAUSE

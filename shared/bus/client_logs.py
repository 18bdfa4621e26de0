"""What aiokafka logs, among our own logs.

A deleted topic gives one line for each refresh of metadata, a broker that is away one for each attempt. Each sort of
line is told once a minute, as its fixed words: what they are filled with (addresses, names) stays out.
"""

import logging
import time
from collections.abc import Callable

import structlog

AGAIN_AFTER = 60.0  # seconds

log = structlog.get_logger()


class Told(logging.Handler):
    """Hands warnings of a client library to our logs, each sort of line once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock
        self._last: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it, unless the same sort was told within the last minute."""
        sort, now = (record.name, str(record.msg)), self._clock()
        if now - self._last.get(sort, -AGAIN_AFTER) < AGAIN_AFTER:
            return
        self._last[sort] = now
        log.warning("kafka.client", logger=record.name, reason=str(record.msg))


def hand_over() -> None:
    """From now on what aiokafka logs goes to our logs alone. A second call changes nothing."""
    library = logging.getLogger("aiokafka")
    library.propagate = False
    if not any(isinstance(handler, Told) for handler in library.handlers):
        library.addHandler(Told())

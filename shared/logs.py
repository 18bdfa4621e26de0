"""Structured logs, one JSON object a line, with an allow-list of fields: what is not on it is left out and counted.

What libraries log goes the same way. Of their messages the fixed part alone is kept: what they put into it, and the
words of an exception, may be somebody's data.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared.metrics import LEFT_OUT

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "trace_id", "method", "route", "status", "ms", "county",
        "program", "topic", "partition", "offset", "generation", "error", "where", "pause", "reason", "count",
        "address", "loop", "model", "epoch", "owner", "due", "events", "type", "next_offset", "traces",
    }
)  # fmt: skip
_LONGEST = 200  # characters of what a library says


def _allow(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    kept = {name: value for name, value in event.items() if name in ALLOWED}
    LEFT_OUT.inc(len(event) - len(kept))
    return kept


class _Libraries(logging.Handler):
    """Hands what libraries log to our own logger, without values."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line: the first line of the message as it stands in the library's code, and where an error arose."""
        said: dict[str, Any] = {
            "logger": record.name,
            "reason": str(record.msg).partition("\n")[0][:_LONGEST],
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            said |= {"error": type(error).__name__, "where": place_of(error)}
        structlog.get_logger().log(record.levelno, "library.message", **said)


def place_of(error: BaseException) -> str:
    """File and line of the innermost frame: no values, unlike a traceback."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"


def configure(level: str, service: str) -> None:
    """Send logs to standard error. Called once by a process's entry point, never by a module."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service)
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if not isinstance(one, _Libraries)), _Libraries()]
    root.setLevel(logging.WARNING)

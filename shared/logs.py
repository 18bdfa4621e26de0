"""Structured logs, one JSON object a line, with an allow-list of fields: what is not on it is left out."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "trace_id", "method", "route", "status", "ms", "county",
        "program", "topic", "partition", "offset", "generation", "error", "where", "pause", "reason", "count",
        "address", "loop", "model", "epoch", "owner", "due", "events", "type", "next_offset",
    }
)  # fmt: skip


def _allow(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if name in ALLOWED}


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

"""What this process counts and times, for Prometheus: never whom, never a reference, labels of few values only."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry(auto_describe=True)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = Histogram(
    "linkages_http_request_seconds",
    "Time to answer, by route and status",
    ("method", "route", "status"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
ROUNDS = Histogram(
    "linkages_round_seconds",
    "Time of one round of a background loop that had something to do",
    ("loop",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
ROWS = Counter(
    "linkages_rows",
    "What background loops have done: events sent or read, rows decided",
    ("loop",),
    registry=REGISTRY,
)
RETRIES = Counter("linkages_retries", "Rounds that failed and were tried again", ("loop",), registry=REGISTRY)
WAITING = Gauge(
    "linkages_waiting",
    "What waits now: events in an outbox, rows to decide, dead letters",
    ("what",),
    registry=REGISTRY,
)
OLDEST = Gauge(
    "linkages_oldest_seconds", "For how long the oldest of it has waited", ("what",), registry=REGISTRY
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, and for how many seconds the oldest of it (None: not known)."""

    count: int
    seconds: float | None = None


def round_done(loop: str, seconds: float, rows: int) -> None:
    """Count one round of `relay`, `reader` or `decider`."""
    ROUNDS.labels(loop).observe(seconds)
    ROWS.labels(loop).inc(rows)

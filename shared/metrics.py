"""What this process counts and times, for Prometheus: never whom, never a reference, labels of few values only."""

from collections.abc import Collection
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
LAST_ROUND = Gauge(
    "linkages_last_round_timestamp_seconds",
    "When a background loop last came to the end of a round, with or without something to do",
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
LAG = Gauge(
    "linkages_lag",
    "Events of a partition that are still to be read",
    ("topic", "partition"),
    registry=REGISTRY,
)
LEASES = Counter(
    "linkages_lease_changes",
    "Partitions that a loop has taken or lost",
    ("loop", "change"),
    registry=REGISTRY,
)
GENERATIONS = Counter(
    "linkages_generation_changes",
    "Partitions that began again because the log had lost records",
    ("loop",),
    registry=REGISTRY,
)
DEAD_LETTERS = Counter(
    "linkages_dead_letters", "Events that could not be read", ("topic",), registry=REGISTRY
)
CAPPED_BLOCKS = Gauge(
    "linkages_capped_blocks",
    "Blocking keys that so many people have that they bring nobody together",
    ("county",),
    registry=REGISTRY,
)
CAPPED_PEOPLE = Gauge(
    "linkages_capped_block_people",
    "How many people have them; who has two of them counts twice",
    ("county",),
    registry=REGISTRY,
)
DECISIONS = Counter(
    "linkages_disclosure_decisions",
    "Decisions of the gate: permit or refuse, when an alert was derived or read",
    ("stage", "outcome"),
    registry=REGISTRY,
)
ALERTS = Counter("linkages_alerts", "Entries that came to stand in an inbox", ("type",), registry=REGISTRY)
ALERT_LATENCY = Histogram(
    "linkages_alert_seconds",
    "From the record of an intake, or another request, to the entry that it brought about",
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0),
    registry=REGISTRY,
)
NOT_INDEXED = Counter(
    "linkages_index_fields_dropped",
    "Fields that an event told of a person and that the county's index profile does not keep",
    ("county", "field"),
    registry=REGISTRY,
)
LEFT_OUT = Counter(
    "linkages_log_fields_left_out",
    "Fields that a log line was given and that are not on the list of what logs may hold",
    registry=REGISTRY,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, and for how many seconds the oldest of it (None: not known)."""

    count: int
    seconds: float | None = None


def round_done(loop: str, seconds: float, rows: int) -> None:
    """Count one round of `relay`, `reader`, `decider` or `sweeper`."""
    ROUNDS.labels(loop).observe(seconds)
    ROWS.labels(loop).inc(rows)


def leases_changed(loop: str, before: Collection[object], now: Collection[object]) -> None:
    """Count what a loop holds now and did not hold before, and the reverse."""
    LEASES.labels(loop, "taken").inc(len(set(now) - set(before)))
    LEASES.labels(loop, "lost").inc(len(set(before) - set(now)))

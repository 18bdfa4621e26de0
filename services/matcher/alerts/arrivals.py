"""New entries and what brought them: told in logs and metrics once they are committed, and to no decision."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from services.matcher.due import Due
from shared.metrics import ALERT_LATENCY, ALERTS

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """A request that was recorded: when, and under which trace."""

    recorded_at: datetime
    trace_id: str


def causes_of(rows: Iterable[Due]) -> dict[str, Cause]:
    """The newest cause by whom or what it made due."""
    found: dict[str, Cause] = {}
    for row in rows:
        if row.recorded_at is not None and row.trace_id is not None:
            cause = Cause(row.recorded_at, row.trace_id)
            found[row.subject] = max(cause, found.get(row.subject, cause))
    return found


@dataclass
class Arrivals:
    """The entries that one transaction of one county has made."""

    county: str
    causes: Mapping[str, Cause] = field(default_factory=dict)
    _made: list[tuple[str, Cause | None]] = field(default_factory=list)

    def add(self, alert_type: str, about: Collection[str]) -> None:
        """An entry of this type, about these persons, households or units: the last to come has completed it."""
        self._made.append(
            (alert_type, max((self.causes[r] for r in about if r in self.causes), default=None))
        )

    def tell(self, visible_at: datetime) -> None:
        """Log and count them: they can be seen since `visible_at`."""
        for alert_type, cause in self._made:
            ALERTS.labels(alert_type).inc()
            if cause is None:
                log.info("alert.created", county=self.county, type=alert_type)
                continue
            took = max(visible_at - cause.recorded_at, timedelta())
            ALERT_LATENCY.observe(took.total_seconds())
            log.info(
                "alert.created",
                county=self.county,
                type=alert_type,
                trace_id=cause.trace_id,
                ms=round(took / timedelta(milliseconds=1), 1),
            )

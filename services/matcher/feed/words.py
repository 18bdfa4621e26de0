"""The classes in which dashboards are told of things: bands, kinds, times cut short. Nothing here names anybody."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.matcher.disclosure.request import Direction
from shared.calendars import CalendarKind
from shared.events.coordination import DecidedBy, FormClass, Method, ScoreBand, Severity

SMALLEST_CELL = 11  # a number under this might point at a family
_TEN_MINUTES = timedelta(minutes=10)

_BANDS: tuple[tuple[float, ScoreBand], ...] = (
    (0.0, "under_0"),
    (10.0, "0_to_10"),
    (20.0, "10_to_20"),
    (30.0, "20_to_30"),
)
_IDENTIFIERS = {("ssn", "exact"), ("cin", "equal")}
_FORMS: dict[str, FormClass] = {
    "linkages roi": "integrated",
    "county linkages roi": "integrated",
    "abcdm 228": "abcdm_228",
    "abcdm 229": "abcdm_229",
    "cw 61": "cw_61",
    "wtw 37": "wtw_37",
    "cft authorization": "cft",
}
DIRECTIONS = {
    Direction.CWS_TO_CALWORKS: "cws_to_calworks",
    Direction.CALWORKS_TO_CWS: "calworks_to_cws",
    Direction.BOTH: "both",
}

SEVERITY: dict[str, Severity] = {
    "A01": "high",
    "A02": "medium",
    "A03": "medium",
    "A04": "medium",
    "A05": "critical",
    "A06": "high",
    "A07": "critical",
    "A08": "high",
    "A09": "high",
    "A10": "high",
    "A11": "low",
    "A12": "medium",
    "A13": "medium",
    "A14": "high",
    "A15": "medium",
    "A16": "high",
    "A17": "medium",
    "A18": "high",
    "A19": "high",
    "A20": "high",
    "A21": "medium",
    "A22": "high",
    "A23": "high",
    "A24": "medium",
    "A25": "low",
    "A26": "critical",
}
"""How much hangs on an alert of each type."""


def hour_of(instant: datetime) -> datetime:
    """The hour in which it lies."""
    return instant.replace(minute=0, second=0, microsecond=0)


def minutes_between(begin: datetime, end: datetime) -> int:
    """How many minutes passed, cut to tens; none when the two clocks disagree."""
    return max(0, (end - begin) // _TEN_MINUTES) * 10


def band_of(weight: float) -> ScoreBand:
    """The band of a match weight."""
    return next((band for edge, band in _BANDS if weight < edge), "30_or_more")


def method_of(because: Iterable[Any]) -> Method:
    """Whether a number agreed, of parts given as (field, level, weight)."""
    return "identifier" if any((part[0], part[1]) in _IDENTIFIERS for part in because) else "attributes"


def decided_by(because: Iterable[Any]) -> DecidedBy:
    """Whether somebody's verdict is among the parts."""
    return "person" if any(part[0] == "verdict" for part in because) else "model"


def form_class(form: str) -> FormClass:
    """The class of a form. What a worker typed is never repeated."""
    return _FORMS.get(" ".join(form.lower().split()), "other")


def due_class(count: int, unit: CalendarKind) -> str:
    """A time to acknowledge in words."""
    return f"{count}_{unit.value}"


def on_time(acknowledged_at: datetime | None, by: datetime | None, now: datetime) -> bool | None:
    """Whether it was acknowledged in time; None while that is open, or where no time is set."""
    if by is None:
        return None
    if acknowledged_at is not None:
        return acknowledged_at <= by
    return False if by < now else None


def told(count: int, mutual: int | None) -> tuple[int | None, int | None, bool]:
    """What may be told of a cell: its count, how many of them are mutual, and whether something is kept back."""
    if count < SMALLEST_CELL:
        return None, None, True
    if mutual is None:
        return count, None, False
    if mutual < SMALLEST_CELL or count - mutual < SMALLEST_CELL:
        return count, None, True
    return count, mutual, False

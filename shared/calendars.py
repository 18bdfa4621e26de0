"""Days, office hours and month arithmetic in a county's own zone.

Four kinds of "day" are never mixed: calendar days, business days, office hours and calendar months. The
trigger day is day 0; a due time ends at 23:59 local. All instants that leave here are UTC.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

PACIFIC = ZoneInfo("America/Los_Angeles")

_LAST_MINUTE = time(23, 59)
_OBSERVED = " (observed)"
_SATURDAY = 5
_FRIDAY = 4


class CalendarKind(StrEnum):
    """What a deadline counts in."""

    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    OFFICE_HOURS = "office_hours"
    CALENDAR_MONTHS = "calendar_months"


@dataclass(frozen=True, kw_only=True)
class BusinessCalendar:
    """When a county's offices are open: weekdays, `opens` to `closes` local, less its holidays.

    `holiday_names` are those of California's public holidays that the county keeps. A holiday on a Sunday
    closes the Monday; one on a Saturday closes the Friday only where it is in `saturday_names` (Government
    Code 6701: Veterans Day; others by the county's own resolution). `extra_closures` are single dates.
    """

    zone: ZoneInfo
    opens: time
    closes: time
    holiday_names: frozenset[str]
    saturday_names: frozenset[str] = frozenset()
    extra_closures: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.opens < self.closes:
            raise ValueError("an office must open before it closes")

    def is_business_day(self, day: date) -> bool:
        """Whether the offices open on that day."""
        if day.weekday() >= _SATURDAY or day in self.extra_closures:
            return False
        return day not in _closures(day.year, self.holiday_names, self.saturday_names)


@lru_cache(maxsize=256)
def _closures(year: int, names: frozenset[str], saturday_names: frozenset[str]) -> frozenset[date]:
    """The year's closed days. Cached: the package works a year out afresh at every look-up."""
    return frozenset(
        day
        for day, label in holidays.country_holidays("US", subdiv="CA", years=year).items()
        if any(_closes(day, name, names, saturday_names) for name in label.split("; "))
    )


def _closes(day: date, label: str, names: frozenset[str], saturday_names: frozenset[str]) -> bool:
    name = label.removesuffix(_OBSERVED)
    if label != name and day.weekday() == _FRIDAY:
        return name in saturday_names
    return name in names


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the wall at that instant. ValueError: an instant without an offset."""
    return _aware(instant).astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight with which the day begins, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """23:59 local, when what is due on that day is due, in UTC."""
    return datetime.combine(day, _LAST_MINUTE, zone).astimezone(UTC)


def nth_day_after(day: date, n: int) -> date:
    """Day n in calendar days when `day` is day 0; weekends and holidays do not move it."""
    return day + timedelta(days=n)


def add_months(day: date, months: int) -> date:
    """The same day of the month, months later; clamped to the last day of a shorter month."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


@lru_cache(maxsize=1024)
def months_after(start: datetime, months: int) -> datetime:
    """The same time of day in UTC, months later; clamped like `add_months`.

    OverflowError or ValueError: no instant can hold it.
    """
    at = _aware(start).astimezone(UTC)
    return datetime.combine(add_months(at.date(), months), at.timetz())


def add_business_days(day: date, n: int, calendar: BusinessCalendar) -> date:
    """The nth business day after `day`, which is day 0 whether or not it is one itself.

    ValueError: n is negative, or no business day comes within n + 60 days of closures.
    """
    if n < 0:
        raise ValueError("business days are counted forwards")
    for _ in range(n):
        day = _next_business_day(day, calendar)
    return day


def add_office_hours(start: datetime, hours: float, calendar: BusinessCalendar) -> datetime:
    """The instant at which that many office hours have passed; outside them the count stands still.

    Offices are shut when the clocks change, so wall time within one day is elapsed time.
    """
    if hours < 0:
        raise ValueError("office hours are counted forwards")
    wall = _aware(start).astimezone(calendar.zone).replace(tzinfo=None)
    left = timedelta(hours=hours)
    wall = _open_wall(wall, calendar)
    while left > (rest := datetime.combine(wall.date(), calendar.closes) - wall):
        left -= rest
        wall = datetime.combine(_next_business_day(wall.date(), calendar), calendar.opens)
    return (wall + left).replace(tzinfo=calendar.zone).astimezone(UTC)


def _open_wall(wall: datetime, calendar: BusinessCalendar) -> datetime:
    """The same wall time, or the next at which the office is open."""
    day = wall.date()
    if calendar.is_business_day(day):
        if wall.time() < calendar.opens:
            return datetime.combine(day, calendar.opens)
        if wall.time() < calendar.closes:
            return wall
    return datetime.combine(_next_business_day(day, calendar), calendar.opens)


def _next_business_day(day: date, calendar: BusinessCalendar) -> date:
    for _ in range(60):
        day += timedelta(days=1)
        if calendar.is_business_day(day):
            return day
    raise ValueError("the calendar has no business day within 60 days")


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("an instant needs an offset")
    return instant

"""The time clock: how many months of aid an adult has used of those that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.days import check_month, check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events import Event, calworks


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How many months of aid an adult may have, from a day on."""

    since: date
    months: int
    source: str


TIME_LIMITS = (  # the newest first
    TimeLimit(date(2022, 5, 1), 60, "WIC 11454"),
    TimeLimit(date.min, 48, "WIC 11454 as it was before 2022-05-01"),
)
MAX_MONTHS = max(limit.months for limit in TIME_LIMITS)


def months_in(month: date) -> int:
    """How many months of aid there were in a month."""
    return next(limit.months for limit in TIME_LIMITS if month >= limit.since)


class ClockMilestoneNotFound(NotFound):
    """No milestone with this reference, or one of a person whose record is sealed or void."""


class ClockNotAhead(Conflict):
    """A milestone of a month that has been told of, or of an earlier one."""

    slug, title = "clock-not-ahead", "The clock has been told of up to this month or a later one"


@dataclass(frozen=True, slots=True)
class ClockMilestone:
    """A milestone's record: the months used at the end of a month, and when all would be used up."""

    ref: str
    person: str
    month: date
    used: int
    projected_end: date | None = None
    version: int = 1

    @property
    def remaining(self) -> int:
        """How many are left of those that there were in the month."""
        return months_in(self.month) - self.used

    @property
    def is_timed_out(self) -> bool:
        """Whether all months that there are today have been used."""
        return self.used >= TIME_LIMITS[0].months

    def check(self, *, remaining: int | None, last: "ClockMilestone | None", today: date) -> None:
        """Raise Invalid for days and months that do not fit, ClockNotAhead unless it is after the `last` one.

        `remaining` is what the county says is left, if it says so.
        """
        check_month("/month", self.month)
        check_past("/month", self.month, today)
        limit = months_in(self.month)
        if self.used > limit:
            raise Invalid(FieldError("/used", f"must be at most {limit}: so many months there were then"))
        if remaining is not None and remaining != self.remaining:
            raise Invalid(FieldError("/remaining", f"must be {limit} less `used`, or be left out"))
        if self.projected_end is not None:
            check_order("/projected_end", self.projected_end, self.month, "the month")
        if last is not None and self.month <= last.month:
            raise ClockNotAhead

    def events(self, last: "ClockMilestone | None") -> Sequence[Event]:
        """What is published of it, after `last`: that the time is out is told once."""
        milestone = calworks.ClockMilestone(
            person=self.person,
            month=self.month,
            used=self.used,
            remaining=self.remaining,
            projected_end=self.projected_end,
        )
        if not self.is_timed_out or (last is not None and last.is_timed_out):
            return (milestone,)
        return (milestone, calworks.ClockTimedOut(person=self.person, month=self.month))

"""Noncompliance: a notice, and the days in which a sanction can be prevented (domain C5)."""

from dataclasses import dataclass
from datetime import date

from shared.calendars import nth_day_after
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.calworks import NoncomplianceStarted
from shared.events.parts import Slot

LAST_DAY = 20  # calendar days; day 1 is the day after the notice


class NoncomplianceNotFound(NotFound):
    """No noncompliance with this reference, or one of a person whose record is sealed."""


class NoncomplianceOpen(Conflict):
    """A second notice before the days of the first are over."""

    slug, title = "noncompliance-open", "The days of an earlier notice are not over"


@dataclass(frozen=True, slots=True)
class Noncompliance:
    """A notice's record; `missed` is the duty, without its reason."""

    ref: str
    person: str
    notice_date: date
    missed: Slot | None = None
    status: str = "started"
    version: int = 1

    @property
    def day1(self) -> date:
        """The first day of the period."""
        return nth_day_after(self.notice_date, 1)

    @property
    def day20(self) -> date:
        """The last day; a weekend does not move it."""
        return nth_day_after(self.notice_date, LAST_DAY)

    def is_open(self, today: date) -> bool:
        """Whether the period is not over."""
        return today <= self.day20

    def event(self) -> NoncomplianceStarted:
        """What is published when the notice is sent."""
        return NoncomplianceStarted(
            person=self.person,
            noncompliance=self.ref,
            notice_date=self.notice_date,
            day20=self.day20,
            missed=self.missed,
        )


def check_notice_date(notice_date: date, today: date) -> None:
    """Raise Invalid for a notice that has not been sent."""
    if notice_date > today:
        raise Invalid(FieldError("/notice_date", "must not be in the future"))

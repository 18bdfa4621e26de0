"""Noncompliance: a notice, and the days in which a sanction can be prevented (domain C5)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.calendars import nth_day_after
from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.calworks import GoodCauseDecided, NoncomplianceResolved, NoncomplianceStarted
from shared.events.parts import Slot

Status = Literal["started", "resolved"]
Outcome = Literal["good_cause", "compliance_plan", "sanction", "complied", "rescinded"]

LAST_DAY = 20  # calendar days; day 1 is the day after the notice


class NoncomplianceNotFound(NotFound):
    """No noncompliance with this reference, or one of a person whose record is sealed."""


class NoncomplianceOpen(Conflict):
    """A second notice before the days of the first are over."""

    slug, title = "noncompliance-open", "The days of an earlier notice are not over"


class AlreadyResolved(Conflict):
    """A second end of one notice."""

    slug, title = "noncompliance-resolved", "The notice has come to its end"


@dataclass(frozen=True, slots=True)
class GoodCause:
    """A decision on good cause: whether, and for how long; never why."""

    ref: str
    noncompliance: str
    granted: bool
    from_date: date | None = None
    until_date: date | None = None
    version: int = 1

    def event(self, person: str) -> GoodCauseDecided:
        """What is published when it is decided."""
        return GoodCauseDecided(
            person=person,
            good_cause=self.ref,
            noncompliance=self.noncompliance,
            granted=self.granted,
            from_date=self.from_date,
            until_date=self.until_date,
        )


def check_good_cause(*, granted: bool, from_date: date | None, until_date: date | None) -> None:
    """Raise Invalid for days of a good cause that was not granted, or days in the wrong order."""
    if not granted:
        given = {"/from_date": from_date, "/until_date": until_date}
        if errors := [FieldError(at, "must be left out if not granted") for at, day in given.items() if day]:
            raise Invalid(*errors)
    if from_date is not None and until_date is not None:
        check_order("/until_date", until_date, from_date, "`from_date`")


@dataclass(frozen=True, slots=True)
class Noncompliance:
    """A notice's record; `missed` is the duty, without its reason."""

    ref: str
    person: str
    notice_date: date
    missed: Slot | None = None
    status: Status = "started"
    outcome: Outcome | None = None
    resolved_on: date | None = None
    good_causes: tuple[GoodCause, ...] = ()  # what was decided about it, the earliest first
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
        """Whether the period is not over and the notice has not been resolved."""
        return self.status == "started" and today <= self.day20

    def check_unresolved(self) -> None:
        """Raise AlreadyResolved for one that has come to its end."""
        if self.status != "started":
            raise AlreadyResolved

    def resolved(self, outcome: Outcome, *, on: date, today: date, pointer: str) -> "Noncompliance":
        """The next version. Raises AlreadyResolved, or Invalid at `pointer` for a day that does not fit."""
        self.check_unresolved()
        check_past(pointer, on, today)
        check_order(pointer, on, self.notice_date, "the notice")
        return replace(self, status="resolved", outcome=outcome, resolved_on=on, version=self.version + 1)

    def end(self) -> NoncomplianceResolved:
        """What is published when it is resolved."""
        if self.outcome is None or self.resolved_on is None:
            raise ValueError("the notice is not resolved")
        return NoncomplianceResolved(
            person=self.person,
            noncompliance=self.ref,
            outcome=self.outcome,
            resolved_on=self.resolved_on,
        )

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
    check_past("/notice_date", notice_date, today)

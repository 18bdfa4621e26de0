"""An application for cash aid."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from services.calworks_api.domain.unit import Member, references
from shared.calendars import PACIFIC, local_date
from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.calworks import ApplicationDecided, ApplicationReceived, ApplicationWithdrawn, DenialReason

AHEAD = timedelta(minutes=5)  # how far the clocks of two systems may differ

# Immediate need, homeless assistance, placement with a relative, the child welfare pre-screen.
Expedite = Literal["IN", "HA", "relative", "cws_prescreen"]
Status = Literal["pending", "approved", "denied", "withdrawn"]
Outcome = Literal["approved", "denied"]


class ApplicationNotFound(NotFound):
    """No application with this reference."""


class AlreadyApproved(Conflict):
    """A second approval of one application."""

    slug, title = "already-approved", "The application has been approved"


class AlreadyDecided(Conflict):
    """What only a pending application allows, or no approval after a denial or withdrawal."""

    slug, title = "already-decided", "The application has been decided or withdrawn"


@dataclass(frozen=True, slots=True)
class Application:
    """An application's record; `assignment` is the one of its present eligibility worker."""

    ref: str
    au: str
    received_at: datetime
    persons: tuple[Member, ...]
    expedite: tuple[Expedite, ...] = ()
    status: Status = "pending"
    reason_class: DenialReason | None = None
    ended_on: date | None = None  # when it was decided or withdrawn
    assignment: str | None = None
    version: int = 1

    def event(self, worker: str) -> ApplicationReceived:
        """What is published when it is received."""
        return ApplicationReceived(
            application=self.ref,
            au=self.au,
            received_at=self.received_at,
            persons=references(self.persons),
            expedite=self.expedite,
            worker=worker,
        )

    def decided(
        self, outcome: Outcome, reason_class: DenialReason | None, *, on: date, today: date
    ) -> "Application":
        """The next version. Raises AlreadyDecided, or Invalid for a reason or a day that does not fit."""
        if self.status != "pending":
            raise AlreadyDecided
        if outcome == "denied" and reason_class is None:
            raise Invalid(FieldError("/reason_class", "is required for a denial"))
        if outcome == "approved" and reason_class is not None:
            raise Invalid(FieldError("/reason_class", "must be left out for an approval"))
        self._check_day("/decided_on", on, today)
        return replace(self, status=outcome, reason_class=reason_class, ended_on=on, version=self.version + 1)

    def withdrawn(self, *, on: date, today: date) -> "Application":
        """The next version. Raises AlreadyDecided, or Invalid for a day that does not fit."""
        if self.status != "pending":
            raise AlreadyDecided
        self._check_day("/withdrawn_on", on, today)
        return replace(self, status="withdrawn", ended_on=on, version=self.version + 1)

    def _check_day(self, pointer: str, day: date, today: date) -> None:
        check_past(pointer, day, today)
        received = min(local_date(self.received_at, PACIFIC), today)  # clocks of two systems differ
        check_order(pointer, day, received, "the application was received")

    def end(self) -> ApplicationDecided | ApplicationWithdrawn:
        """What is published when it is decided or withdrawn."""
        if self.status == "pending" or self.ended_on is None:
            raise ValueError("a pending application has no end")
        if self.status == "withdrawn":
            return ApplicationWithdrawn(application=self.ref, withdrawn_on=self.ended_on)
        return ApplicationDecided(
            application=self.ref,
            outcome=self.status,
            reason_class=self.reason_class,
            decided_on=self.ended_on,
        )


def check_received(received_at: datetime, now: datetime) -> None:
    """Raise Invalid for an application from the future."""
    if received_at > now + AHEAD:
        raise Invalid(FieldError("/received_at", "must not be in the future"))

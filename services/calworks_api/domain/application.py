"""An application for cash aid."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.calworks_api.domain.unit import Member, references
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.calworks import ApplicationReceived

AHEAD = timedelta(minutes=5)  # how far the clocks of two systems may differ

# Immediate need, homeless assistance, placement with a relative, the child welfare pre-screen.
Expedite = Literal["IN", "HA", "relative", "cws_prescreen"]
Status = Literal["pending", "approved"]


class ApplicationNotFound(NotFound):
    """No application with this reference."""


class AlreadyApproved(Conflict):
    """A second approval of one application."""

    slug, title = "already-approved", "The application has been approved"


@dataclass(frozen=True, slots=True)
class Application:
    """An application's record; `assignment` is the one of its present eligibility worker."""

    ref: str
    au: str
    received_at: datetime
    persons: tuple[Member, ...]
    expedite: tuple[Expedite, ...] = ()
    status: Status = "pending"
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


def check_received(received_at: datetime, now: datetime) -> None:
    """Raise Invalid for an application from the future."""
    if received_at > now + AHEAD:
        raise Invalid(FieldError("/received_at", "must not be in the future"))

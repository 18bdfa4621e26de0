"""A referral: a report of suspected abuse or neglect, about a family."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from shared.calendars import PACIFIC, local_date
from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events import parts
from shared.events.cws import ReferralClosed, ReferralReceived

AHEAD = timedelta(minutes=5)  # how far the clocks of two systems may differ

Response = Literal["immediate", "3_day", "5_day", "10_day", "evaluate_out", "secondary"]
Role = Literal["child", "parent", "guardian", "relative_caregiver", "other"]
Status = Literal["open", "closed"]
Outcome = Literal["evaluated_out", "no_service", "community", "promoted"]
CHILD: Role = "child"
PROMOTED: Outcome = "promoted"


class ReferralNotFound(NotFound):
    """No referral with this reference."""


class ReferralIsClosed(Conflict):
    """What can only happen to an open referral."""

    slug, title = "referral-closed", "The referral is closed"


@dataclass(frozen=True, slots=True)
class Participant:
    """A client in a referral or case; `record_id` is for the reader and not shown of a sealed record."""

    client: str
    role: str
    record_id: str | None = None


def references(participants: Iterable[Participant]) -> tuple[parts.Participant, ...]:
    """Participants as events carry them."""
    return tuple(parts.Participant(person=one.client, role=one.role) for one in participants)


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral's record; `assignment` is the one of its present primary worker.

    Only a closed one has `outcome` and `closed_on`.
    """

    ref: str
    household: str
    received_at: datetime
    response: str
    participants: tuple[Participant, ...]
    status: Status = "open"
    assignment: str | None = None
    outcome: Outcome | None = None
    closed_on: date | None = None
    version: int = 1

    def event(self, worker: str) -> ReferralReceived:
        """What is published when it is received."""
        return ReferralReceived(
            referral=self.ref,
            household=self.household,
            received_at=self.received_at,
            response=self.response,
            participants=references(self.participants),
            worker=worker,
        )

    def closed(self, outcome: Outcome, on: date, today: date) -> tuple["Referral", ReferralClosed]:
        """The next version, over, and what is published of it.

        Raises ReferralIsClosed the second time, Invalid for a day in the future or before it was received.
        """
        if self.status != "open":
            raise ReferralIsClosed("The referral is closed: its outcome stands")
        check_past("/closed_on", on, today)
        check_order("/closed_on", on, local_date(self.received_at, PACIFIC), "the referral was received")
        after = replace(self, status="closed", outcome=outcome, closed_on=on, version=self.version + 1)
        return after, ReferralClosed(referral=self.ref, outcome=outcome, closed_on=on)


def check_received(received_at: datetime, now: datetime) -> None:
    """Raise Invalid for a referral from the future."""
    if received_at > now + AHEAD:
        raise Invalid(FieldError("/received_at", "must not be in the future"))


def check_can_open_case(referral: Referral) -> None:
    """Raise ReferralIsClosed if the referral ended without becoming a case."""
    if referral.status != "open" and referral.outcome != PROMOTED:
        raise ReferralIsClosed(
            "The referral was closed and not promoted: open the case from another, or from none"
        )

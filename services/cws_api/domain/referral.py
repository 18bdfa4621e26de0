"""A referral: a report of suspected abuse or neglect, about a family."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import FieldError, Invalid, NotFound
from shared.events import parts
from shared.events.cws import ReferralReceived

AHEAD = timedelta(minutes=5)  # how far the clocks of two systems may differ

Response = Literal["immediate", "3_day", "5_day", "10_day", "evaluate_out", "secondary"]
Role = Literal["child", "parent", "guardian", "relative_caregiver", "other"]
Status = Literal["open"]
CHILD: Role = "child"


class ReferralNotFound(NotFound):
    """No referral with this reference."""


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
    """A referral's record; `assignment` is the one of its present primary worker."""

    ref: str
    household: str
    received_at: datetime
    response: str
    participants: tuple[Participant, ...]
    status: str = "open"
    assignment: str | None = None
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


def check_received(received_at: datetime, now: datetime) -> None:
    """Raise Invalid for a referral from the future."""
    if received_at > now + AHEAD:
        raise Invalid(FieldError("/received_at", "must not be in the future"))

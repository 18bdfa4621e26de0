"""A service case: one for each child (domain trap 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.cws_api.domain.client import NotAChild
from services.cws_api.domain.referral import CHILD, Participant, references
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.cws import CaseOpened

# Emergency response, family maintenance, family reunification, permanent placement, supportive transition.
Component = Literal["ER", "FM", "FR", "PP", "ST"]


class CaseNotFound(NotFound):
    """No case with this reference."""


class ChildHasCase(Conflict):
    """A second open case for one child."""

    slug, title = "child-has-case", "The child has an open case"


@dataclass(frozen=True, slots=True)
class Case:
    """A case's record; `assignment` is the one of its present primary worker."""

    ref: str
    child: str
    household: str
    component: Component
    court: bool
    opened_on: date
    referral: str | None = None
    projected_end: date | None = None
    participants: tuple[Participant, ...] = ()
    status: str = "open"
    assignment: str | None = None
    version: int = 1

    def event(self) -> CaseOpened:
        """What is published when it is opened."""
        return CaseOpened(
            case=self.ref,
            child=self.child,
            household=self.household,
            referral=self.referral,
            participants=references(self.participants),
            component=self.component,
            court=self.court,
            opened_on=self.opened_on,
            projected_end=self.projected_end,
        )


def check_dates(opened_on: date, projected_end: date | None, today: date) -> None:
    """Raise Invalid for a case that opens in the future or is to end before it opens."""
    if opened_on > today:
        raise Invalid(FieldError("/opened_on", "must not be in the future"))
    if projected_end is not None and projected_end < opened_on:
        raise Invalid(FieldError("/projected_end", "must not be before opened_on"))


def check_household(named: str, of_referral: str) -> None:
    """Raise Invalid if a case leaves the household of its referral: the two stay one mutual case."""
    if named != of_referral:
        raise Invalid(FieldError("/household", "must be the household of the referral"))


def with_child(participants: Sequence[Participant], child: Participant) -> tuple[Participant, ...]:
    """The participants of a case: its child always takes part, and as a child (else NotAChild)."""
    named = next((one for one in participants if one.client == child.client), None)
    if named is None:
        return (child, *participants)
    if named.role != CHILD:
        raise NotAChild
    return tuple(participants)

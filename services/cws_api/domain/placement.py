"""A placement with a relative: planned, begun, ended; one at a time for a child."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.cws import (
    Funding,
    RelativePlacementEnded,
    RelativePlacementPlanned,
    RelativePlacementStarted,
)

CAREGIVER = "relative_caregiver"
Status = Literal["planned", "started", "ended"]


class PlacementNotFound(NotFound):
    """No placement with this reference, or one of a child whose record is sealed or void."""


class AlreadyPlaced(Conflict):
    """A second placement of a child while one is planned or goes on."""

    slug, title = "already-placed", "The child has a placement with a relative that has not ended"


class PlacementHasBegun(Conflict):
    """What can only happen to a placement that is planned."""

    slug, title = "placement-begun", "The placement has begun"


class PlacementIsOver(Conflict):
    """What can only happen to a placement that has not ended."""

    slug, title = "placement-over", "The placement has ended"


@dataclass(frozen=True, slots=True)
class Placement:
    """A placement's record; without `ended_on` it stands. `degree` of relation: 1 to 5, None while not known."""

    ref: str
    child: str
    caregiver: str
    degree: int | None
    funding: Funding
    planned_on: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    version: int = 1

    @property
    def status(self) -> Status:
        """How far it has come."""
        if self.ended_on is not None:
            return "ended"
        return "planned" if self.started_on is None else "started"

    def event(self) -> RelativePlacementPlanned | RelativePlacementStarted:
        """What is published when it is planned or begins."""
        if self.started_on is not None:
            return RelativePlacementStarted(
                child=self.child,
                placement=self.ref,
                caregiver=self.caregiver,
                degree=self.degree,
                started_on=self.started_on,
                funding=self.funding,
            )
        if self.planned_on is None:
            raise ValueError("a placement is planned or has begun")
        return RelativePlacementPlanned(
            child=self.child,
            placement=self.ref,
            caregiver=self.caregiver,
            degree=self.degree,
            planned_on=self.planned_on,
            funding=self.funding,
        )

    def started(self, on: date, today: date) -> "Placement":
        """The next version, begun. Raises PlacementHasBegun, PlacementIsOver, or Invalid for a day to come."""
        self._check_stands()
        if self.started_on is not None:
            raise PlacementHasBegun
        check_past("/started_on", on, today)
        return replace(self, started_on=on, version=self.version + 1)

    def ended(self, on: date, today: date) -> tuple["Placement", RelativePlacementEnded]:
        """The next version, over, and what is published of it.

        Raises PlacementIsOver the second time, Invalid for a day to come or before it began.
        """
        self._check_stands()
        check_past("/ended_on", on, today)
        if self.started_on is not None:
            check_order("/ended_on", on, self.started_on, "started_on")
        after = replace(self, ended_on=on, version=self.version + 1)
        return after, RelativePlacementEnded(child=self.child, placement=self.ref, ended_on=on)

    def _check_stands(self) -> None:
        if self.ended_on is not None:
            raise PlacementIsOver


def check_started_on(started_on: date | None, today: date) -> None:
    """Raise Invalid for a placement that has not begun."""
    if started_on is not None:
        check_past("/started_on", started_on, today)


def check_caregiver(caregiver: str, child: str) -> None:
    """Raise Invalid for a child that would care for itself."""
    if caregiver == child:
        raise Invalid(FieldError("/caregiver", "must not be the child"))

"""A removal: a child is taken into protective custody."""

from dataclasses import dataclass, replace
from datetime import date

from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.cws import ChildRemoved, ChildReturned


class RemovalNotFound(NotFound):
    """No removal with this reference, or one of a child whose record is sealed."""


class AlreadyRemoved(Conflict):
    """A second removal while one stands."""

    slug, title = "already-removed", "The child is removed and has not returned"


class AlreadyReturned(Conflict):
    """A second return from one removal."""

    slug, title = "already-returned", "The child has returned from this removal"


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal's record; without `returned_on` it stands."""

    ref: str
    child: str
    removed_on: date
    all_eligible_removed: bool | None = None
    placement_class: str | None = None
    court_date: date | None = None
    returned_on: date | None = None
    version: int = 1

    def event(self) -> ChildRemoved:
        """What is published when the child is removed."""
        return ChildRemoved(
            child=self.child,
            removal=self.ref,
            removed_on=self.removed_on,
            all_eligible_removed=self.all_eligible_removed,
            placement_class=self.placement_class,
            court_date=self.court_date,
        )

    def returned(self, on: date, today: date) -> tuple["Removal", ChildReturned]:
        """The next version, over, and what is published of it.

        Raises AlreadyReturned the second time, Invalid for a day in the future or before the removal.
        """
        if self.returned_on is not None:
            raise AlreadyReturned
        check_past("/returned_on", on, today)
        check_order("/returned_on", on, self.removed_on, "removed_on")
        after = replace(self, returned_on=on, version=self.version + 1)
        return after, ChildReturned(child=self.child, removal=self.ref, returned_on=on)


def check_removed_on(removed_on: date, today: date) -> None:
    """Raise Invalid for a removal that has not happened."""
    if removed_on > today:
        raise Invalid(FieldError("/removed_on", "must not be in the future"))

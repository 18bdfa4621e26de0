"""A relationship: what one client is to another, from when until when."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound

Kind = Literal[
    "parent", "child", "sibling", "grandparent", "spouse", "guardian", "other_relative", "not_related"
]


class RelationshipNotFound(NotFound):
    """No relationship with this reference, or one of somebody whose record is sealed or void."""


class AlreadyRelated(Conflict):
    """A second relationship of one client to another while one goes on."""

    slug, title = "already-related", "The client has a relationship to the other that has not ended"


class RelationshipIsOver(Conflict):
    """A second end of a relationship."""

    slug, title = "relationship-over", "The relationship has ended"


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship's record: `client` is the `kind` of `to`. Without `until_date` it goes on."""

    ref: str
    client: str
    to: str
    kind: Kind
    same_home: bool | None = None
    from_date: date | None = None
    until_date: date | None = None
    version: int = 1

    def ended(self, on: date, today: date) -> "Relationship":
        """The next version, over. Raises RelationshipIsOver, Invalid for a day to come or before it began."""
        if self.until_date is not None:
            raise RelationshipIsOver
        check_past("/until_date", on, today)
        if self.from_date is not None:
            check_order("/until_date", on, self.from_date, "from_date")
        return replace(self, until_date=on, version=self.version + 1)


def check_dates(from_date: date | None, until_date: date | None, today: date) -> None:
    """Raise Invalid for a relationship that ended in the future or before it began."""
    if until_date is not None:
        check_past("/until_date", until_date, today)
        if from_date is not None:
            check_order("/until_date", until_date, from_date, "from_date")


def check_to(to: str, client: str) -> None:
    """Raise Invalid for a relationship to oneself."""
    if to == client:
        raise Invalid(FieldError("/to", "must be another client"))

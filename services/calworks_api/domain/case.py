"""A CalWORKs case: aid approved for an assistance unit."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.unit import Member, references
from shared.errors import NotFound
from shared.events.calworks import CaseApproved


class CaseNotFound(NotFound):
    """No case with this reference."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case's record; `assignments` are those of its present workers, one of a kind."""

    ref: str
    au: str
    aid_start: date
    members: tuple[Member, ...]
    application: str | None = None
    status: str = "active"
    assignments: tuple[str, ...] = ()
    version: int = 1

    def event(self) -> CaseApproved:
        """What is published when it is approved: all members, and their roles."""
        return CaseApproved(
            case=self.ref,
            au=self.au,
            application=self.application,
            members=references(self.members),
            aid_start=self.aid_start,
        )

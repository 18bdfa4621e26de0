"""A CalWORKs case: aid approved for an assistance unit."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.calworks_api.domain.unit import Member, references
from shared.days import check_order
from shared.errors import Conflict, NotFound
from shared.events.calworks import (
    AuMemberAdded,
    AuMemberRemoved,
    CaseApproved,
    CaseDiscontinued,
    CaseRestored,
    DiscontinuanceReason,
)

Status = Literal["active", "discontinued"]


class CaseNotFound(NotFound):
    """No case with this reference."""


class NotActive(Conflict):
    """What only a case with aid allows."""

    slug, title = "case-not-active", "The case is discontinued: restore it first"


class NotDiscontinued(Conflict):
    """To restore aid that was not discontinued."""

    slug, title = "case-not-discontinued", "The case is active: there is nothing to restore"


class AlreadyMember(Conflict):
    """To add somebody who is in the case."""

    slug, title = "already-member", "The person is a member of the case"


class NotAMember(Conflict):
    """To remove somebody who is not in the case, or whose record is sealed: they look alike."""

    slug, title = "not-a-member", "The person is not a member of the case"


class LastMember(Conflict):
    """To remove the only member."""

    slug, title = "last-member", "A case needs a member: discontinue it instead"


@dataclass(frozen=True, slots=True)
class Case:
    """A case's record; `assignments` are those of its present workers, one of a kind."""

    ref: str
    au: str
    aid_start: date
    members: tuple[Member, ...]
    application: str | None = None
    case_number: str | None = None  # the county's own
    status: Status = "active"
    reason_class: DiscontinuanceReason | None = None
    aid_end: date | None = None  # the last day of aid; both only while it is discontinued
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

    def discontinued(self, reason_class: DiscontinuanceReason, aid_end: date) -> "Case":
        """The next version, with the last day of aid. Raises NotActive or Invalid."""
        self._check_active()
        check_order("/aid_end", aid_end, self.aid_start, "aid began")
        return replace(
            self,
            status="discontinued",
            reason_class=reason_class,
            aid_end=aid_end,
            version=self.version + 1,
        )

    def discontinuance(self, reason_class: DiscontinuanceReason, aid_end: date) -> CaseDiscontinued:
        """What is published of it."""
        return CaseDiscontinued(case=self.ref, reason_class=reason_class, aid_end=aid_end)

    def restored(self, restored_on: date) -> "Case":
        """The next version, with aid again. Raises NotDiscontinued or Invalid."""
        if self.status != "discontinued":
            raise NotDiscontinued
        check_order("/restored_on", restored_on, self.aid_start, "aid began")
        return replace(self, status="active", reason_class=None, aid_end=None, version=self.version + 1)

    def restoration(self, restored_on: date) -> CaseRestored:
        """What is published of it."""
        return CaseRestored(case=self.ref, restored_on=restored_on)

    def joined_by(self, member: Member) -> "Case":
        """The next version with one member more, from a month on. Raises NotActive or AlreadyMember."""
        self._check_active()
        if any(one.person == member.person for one in self.members):
            raise AlreadyMember
        return replace(self, members=(*self.members, member), version=self.version + 1)

    def without(self, person: str, sealed: Collection[str]) -> "Case":
        """The next version without a member. Raises NotActive, NotAMember or LastMember.

        Members who are `sealed` are nobody here: they cannot be removed, and none of them is the one who stays.
        """
        self._check_active()
        shown = {one.person for one in self.members} - set(sealed)
        if person not in shown:
            raise NotAMember
        if shown == {person}:
            raise LastMember
        kept = tuple(one for one in self.members if one.person != person)
        return replace(self, members=kept, version=self.version + 1)

    def addition(self, member: Member, month: date, sealed: Collection[str]) -> AuMemberAdded:
        """What is published when somebody joined: all members but those who are sealed."""
        return AuMemberAdded(
            case=self.ref,
            au=self.au,
            person=member.person,
            role=member.role,
            effective_month=month,
            members=references(one for one in self.members if one.person not in sealed),
        )

    def removal(self, person: str, month: date, sealed: Collection[str]) -> AuMemberRemoved:
        """What is published when somebody left: all who stay but those who are sealed."""
        return AuMemberRemoved(
            case=self.ref,
            au=self.au,
            person=person,
            effective_month=month,
            members=references(one for one in self.members if one.person not in sealed),
        )

    def _check_active(self) -> None:
        if self.status != "active":
            raise NotActive

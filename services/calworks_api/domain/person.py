"""A person: who a CalWORKs record is about."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.days import check_order, check_past
from shared.errors import Conflict, NotFound
from shared.events.calworks import WtwStatus, WtwStatusChanged
from shared.events.person import PersonDetails

Sensitivity = Literal["N", "S", "R"]
SEALED: Sensitivity = "R"


class PersonNotFound(NotFound):
    """No person with this reference, or one whose record is sealed or void: they look alike."""


class RecordIdTaken(Conflict):
    """A new person with a record_id that another person has."""

    slug, title = "record-id-taken", "This record_id belongs to somebody who is known here"


class NotAnAdultMember(Conflict):
    """What can only happen to an adult whose aid depends on taking part."""

    slug, title = "not-an-adult-member", "The person is no adult member of any assistance unit"


class WtwStatusUnchanged(Conflict):
    """A welfare-to-work status that the person has."""

    slug, title = "wtw-status-unchanged", "The person has this welfare-to-work status"


class PersonIsMerged(Conflict):
    """To write to a record that was merged into another one."""

    slug, title = "person-merged", "The record was merged into another one"

    def __init__(self, survivor: str) -> None:
        super().__init__(f"The record was merged into {survivor}: use that one")


class MemberOfActiveCase(Conflict):
    """To void the record of somebody who is aided."""

    slug, title = "member-of-active-case", "The person is a member of an active case: remove him or her first"


class HasMerged(Conflict):
    """To void a record that others were merged into: what is known of them would rest on nothing."""

    slug, title = "has-merged", "Other records were merged into this one"


@dataclass(frozen=True, slots=True)
class Person:
    """A person's record. Sensitivity: N none, S sensitive, R sealed (domain trap 10)."""

    ref: str
    record_id: str | None
    details: PersonDetails
    sensitivity: Sensitivity
    address_protected: bool
    wtw_status: WtwStatus | None = None
    wtw_since: date | None = None
    county_id: str | None = None
    merged_into: str | None = None  # the reference of the survivor
    version: int = 1

    @property
    def is_sealed(self) -> bool:
        """Whether nobody may see the record."""
        return self.sensitivity == SEALED

    def check_not_merged(self) -> None:
        """Raise PersonIsMerged, which names the survivor, for a record that was merged."""
        if self.merged_into is not None:
            raise PersonIsMerged(self.merged_into)

    def changed(
        self, details: PersonDetails, *, sensitivity: Sensitivity, address_protected: bool
    ) -> "Person":
        """The next version. Only `sealed` sets R."""
        if sensitivity == SEALED:
            raise ValueError("a change does not seal")
        return replace(
            self,
            details=details,
            sensitivity=sensitivity,
            address_protected=address_protected,
            version=self.version + 1,
        )

    def in_status(self, status: WtwStatus, since: date, *, today: date) -> "Person":
        """The next version, in a welfare-to-work status from a day on.

        Raises WtwStatusUnchanged, or Invalid for a day that has not come or is before the present status began.
        """
        if status == self.wtw_status:
            raise WtwStatusUnchanged
        check_past("/effective_on", since, today)
        if self.wtw_since is not None:
            check_order("/effective_on", since, self.wtw_since, "the present status began")
        return replace(self, wtw_status=status, wtw_since=since, version=self.version + 1)

    def status_event(self, before: "Person") -> WtwStatusChanged:
        """What is published when the welfare-to-work status is another than `before`."""
        if self.wtw_status is None or self.wtw_since is None:
            raise ValueError("the person has no welfare-to-work status")
        return WtwStatusChanged(
            person=self.ref,
            from_status=before.wtw_status,
            to_status=self.wtw_status,
            effective_on=self.wtw_since,
        )

    def merged(self, survivor: "Person") -> "Person":
        """The next version, which counts for the survivor from now on. Raises PersonIsMerged if either was merged."""
        self.check_not_merged()
        survivor.check_not_merged()
        return replace(self, merged_into=survivor.ref, version=self.version + 1)

    def guarding(self, retired: "Person") -> "Person":
        """The survivor, guarded at least as well as the record that is merged into it: itself, or its next version."""
        sensitivity: Sensitivity = "S" if retired.sensitivity == "S" else self.sensitivity
        address_protected = self.address_protected or retired.address_protected
        if (sensitivity, address_protected) == (self.sensitivity, self.address_protected):
            return self
        return self.changed(self.details, sensitivity=sensitivity, address_protected=address_protected)

    def sealed(self) -> "Person":
        """The next version, which nobody sees."""
        return replace(self, sensitivity=SEALED, version=self.version + 1)

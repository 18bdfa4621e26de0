"""A person: who a CalWORKs record is about."""

from dataclasses import dataclass, replace
from typing import Literal

from shared.errors import Conflict, NotFound
from shared.events.person import PersonDetails

Sensitivity = Literal["N", "S", "R"]
SEALED: Sensitivity = "R"


class PersonNotFound(NotFound):
    """No person with this reference, or one whose record is sealed: they look alike."""


class RecordIdTaken(Conflict):
    """A new person with a record_id that another person has."""

    slug, title = "record-id-taken", "This record_id belongs to somebody who is known here"


class NotAnAdultMember(Conflict):
    """What can only happen to an adult whose aid depends on taking part."""

    slug, title = "not-an-adult-member", "The person is no adult member of any assistance unit"


@dataclass(frozen=True, slots=True)
class Person:
    """A person's record. Sensitivity: N none, S sensitive, R sealed (domain trap 10)."""

    ref: str
    record_id: str | None
    details: PersonDetails
    sensitivity: Sensitivity
    address_protected: bool
    version: int = 1

    @property
    def is_sealed(self) -> bool:
        """Whether nobody may see the record."""
        return self.sensitivity == SEALED

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

    def sealed(self) -> "Person":
        """The next version, which nobody sees."""
        return replace(self, sensitivity=SEALED, version=self.version + 1)

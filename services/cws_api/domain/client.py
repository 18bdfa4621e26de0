"""A client: who a child welfare record is about."""

from dataclasses import dataclass, replace
from typing import Literal

from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.cws import ClientMerged, ClientVoided
from shared.events.person import PersonDetails

Sensitivity = Literal["N", "S", "R"]
SEALED: Sensitivity = "R"


class ClientNotFound(NotFound):
    """No client with this reference, or one whose record is sealed or void: they look alike."""


class RecordIdTaken(Conflict):
    """A new client with a record_id that another client has."""

    slug, title = "record-id-taken", "This record_id belongs to somebody who is known here"


class NotAChild(Conflict):
    """What can only happen to a child."""

    slug, title = "not-a-child", "The client is no child in any household, referral or case"


class ClientIsMerged(Conflict):
    """A change to a record that was merged into another."""

    slug, title = "client-merged", "The client's record was merged into another"

    def __init__(self, survivor: str) -> None:
        super().__init__(f"The record was merged into {survivor}: use that one")


class ChildOfOpenCase(Conflict):
    """The child of an open case is no mistake."""

    slug, title = "child-of-open-case", "The client is the child of an open case"


class HasMerged(Conflict):
    """A record that others were merged into cannot be void."""

    slug, title = "has-merged", "Other records were merged into this one"


@dataclass(frozen=True, slots=True)
class Places:
    """The households of a client, the roles that he or she has anywhere, and whether a household is protected."""

    households: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A client's record. Sensitivity: N none, S sensitive, R sealed (domain trap 10).

    `merged_into` is the record that counts in its place; this one is read and no longer changed.
    """

    ref: str
    record_id: str | None
    details: PersonDetails
    sensitivity: Sensitivity
    address_protected: bool
    version: int = 1
    merged_into: str | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether nobody may see the record."""
        return self.sensitivity == SEALED

    def changed(
        self, details: PersonDetails, *, sensitivity: Sensitivity, address_protected: bool
    ) -> "Client":
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

    def sealed(self) -> "Client":
        """The next version, which nobody sees."""
        return replace(self, sensitivity=SEALED, version=self.version + 1)

    def check_current(self) -> None:
        """Raise ClientIsMerged for a record that another one counts for."""
        if self.merged_into is not None:
            raise ClientIsMerged(self.merged_into)

    def merged(self, survivor: "Client") -> tuple["Client", ClientMerged]:
        """The next version, retired for `survivor`, and what is published of it. Raises ClientIsMerged."""
        self.check_current()
        survivor.check_current()
        after = replace(self, merged_into=survivor.ref, version=self.version + 1)
        return after, ClientMerged(client=self.ref, survivor=survivor.ref)

    def voided(self, *, is_child_of_open_case: bool, has_merged: bool) -> ClientVoided:
        """What is published when nothing may rest on the record. Raises ChildOfOpenCase or HasMerged."""
        if is_child_of_open_case:
            raise ChildOfOpenCase("Close the case first")
        if has_merged:
            raise HasMerged("A record that stands for others cannot be void")
        return ClientVoided(client=self.ref)


def check_into(client: str, into: str) -> None:
    """Raise Invalid for a merge of a record into itself."""
    if into == client:
        raise Invalid(FieldError("/into", "must be another client"))

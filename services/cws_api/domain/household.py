"""A household: who lives together, dated; the child welfare side of a mutual case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.cws_api.domain.intake import Admitted
from shared.errors import NotFound
from shared.events.cws import HouseholdChanged
from shared.events.parts import Member


class HouseholdNotFound(NotFound):
    """No household with this reference."""


@dataclass(frozen=True, slots=True)
class Household:
    """A household's record; `protected` says that its address must not be given away."""

    ref: str
    record_id: str | None = None
    protected: bool = False
    members: tuple[Member, ...] = ()
    version: int = 1

    def joined_by(self, admitted: Sequence[Admitted]) -> tuple[Member, ...]:
        """Those of an intake who are new in the household, or whose role or relation is."""
        present = {member.person: member for member in self.members}
        joined = []
        for one in admitted:
            if not one.entry.in_household:
                continue
            before = present.get(one.client) or Member(person=one.client, role=one.entry.role)
            after = before.model_copy(
                update={
                    "role": one.entry.role,
                    "relation": one.entry.relation or before.relation,
                    "until_date": None,
                }
            )
            if after != present.get(one.client):
                joined.append(after)
        return tuple(joined)

    def extended(self, joined: Sequence[Member], *, protected: bool) -> "Household":
        """The next version with them. An intake can protect a household, never expose it."""
        newest = {member.person: member for member in joined}
        kept = tuple(newest.pop(member.person, member) for member in self.members)
        return replace(
            self,
            members=kept + tuple(newest.values()),
            protected=self.protected or protected,
            version=self.version + 1,
        )

    def event(self) -> HouseholdChanged:
        """What is published: all members, every time."""
        return HouseholdChanged(household=self.ref, members=self.members, protected=self.protected)

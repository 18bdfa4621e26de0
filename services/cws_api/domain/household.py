"""A household: who lives together, dated; the child welfare side of a mutual case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.cws_api.domain.intake import NOT_KNOWN, Admitted, Found, by_names
from shared.errors import FieldError, Invalid, NotFound
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

    def changed(self, members: tuple[Member, ...] | None, *, protected: bool | None) -> "Household":
        """The next version with these members alone; what is None stays as it is."""
        return replace(
            self,
            members=self.members if members is None else members,
            protected=self.protected if protected is None else protected,
            version=self.version + 1,
        )

    def related(self, client: str, relation: str | None) -> "Household | None":
        """The next version, in which a member has another relation. None if that changes nothing."""
        members = tuple(
            one.model_copy(update={"relation": relation}) if one.person == client else one
            for one in self.members
        )
        return None if members == self.members else self.changed(members, protected=None)

    def present(self) -> frozenset[str]:
        """Those who still live there."""
        return frozenset(one.person for one in self.members if one.until_date is None)

    def event(self) -> HouseholdChanged:
        """What is published: all members, every time."""
        return HouseholdChanged(household=self.ref, members=self.members, protected=self.protected)


def named_members(
    household: Household, named: Sequence[Member], found: Iterable[Found]
) -> tuple[Member, ...]:
    """Members as they are named, each under the reference that counts for him or her.

    A member may be kept by the reference alone, whoever it is. Raises Invalid for anybody else who is not known or is
    sealed (the two look alike), for one person twice, and for somebody who leaves before he or she came.
    """
    by_ref, _ = by_names(one for one in found if not one.person.is_sealed)
    kept = {one.person for one in household.members}
    members: list[Member] = []
    errors: list[FieldError] = []
    for place, one in enumerate(named):
        person = by_ref.get(one.person)
        if person is None and one.person not in kept:
            errors.append(FieldError(f"/members/{place}/ref", NOT_KNOWN))
            continue
        if one.from_date is not None and one.until_date is not None and one.until_date < one.from_date:
            errors.append(FieldError(f"/members/{place}/until_date", "must not be before from_date"))
        members.append(one if person is None else one.model_copy(update={"person": person.ref}))
    if len({one.person for one in members}) < len(members):
        errors.append(FieldError("/members", "must not name anybody twice"))
    if errors:
        raise Invalid(*errors)
    return tuple(members)

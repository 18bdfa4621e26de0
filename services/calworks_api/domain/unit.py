"""An assistance unit: the people who are aided together; the CalWORKs side of a mutual case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.calworks_api.domain.intake import Admitted
from shared.errors import NotFound
from shared.events import parts

Role = Literal[
    "aided_adult", "aided_child", "excluded", "sanctioned", "timed_out", "non_needy_caretaker", "ssi"
]
ADULTS: frozenset[Role] = frozenset({"aided_adult", "sanctioned", "timed_out"})  # whom WTW concerns


class UnitNotFound(NotFound):
    """No assistance unit with this reference."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a unit, application or case; `record_id` is not shown of a sealed record."""

    person: str
    role: str
    record_id: str | None = None


def references(members: Iterable[Member]) -> tuple[parts.Participant, ...]:
    """Members as events carry them."""
    return tuple(parts.Participant(person=one.person, role=one.role) for one in members)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's record. Its members are those of its last approval and of the applications since."""

    ref: str
    record_id: str | None = None
    members: tuple[Member, ...] = ()
    version: int = 1

    def joined_by(self, admitted: Sequence[Admitted]) -> tuple[Member, ...]:
        """Those of an intake who are new in the unit, or whose role is."""
        present = {(member.person, member.role) for member in self.members}
        return tuple(
            Member(one.person, one.entry.role, one.record_id)
            for one in admitted
            if (one.person, one.entry.role) not in present
        )

    def extended(self, joined: Sequence[Member]) -> "Unit":
        """The next version with them."""
        newest = {member.person: member for member in joined}
        kept = tuple(newest.pop(member.person, member) for member in self.members)
        return replace(self, members=kept + tuple(newest.values()), version=self.version + 1)

    def without(self, person: str) -> "Unit":
        """The next version without a member."""
        kept = tuple(member for member in self.members if member.person != person)
        return replace(self, members=kept, version=self.version + 1)

    def approved(self, members: tuple[Member, ...]) -> "Unit":
        """The next version, with the members of an approved case and nobody else."""
        return replace(self, members=members, version=self.version + 1)

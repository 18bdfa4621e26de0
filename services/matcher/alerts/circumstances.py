"""All that the standing alerts of one mutual case are a function of: read once, then only looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from services.matcher.alerts.routing import Assigned, appointed_in_calworks, appointed_in_cws, at_work
from services.matcher.coordination.fact import Fact
from services.matcher.coordination.former_unit import FormerUnit, end_of_aid
from services.matcher.coordination.life_cycle import ended
from services.matcher.coordination.mutual_case import (
    Link,
    Shared,
    Sides,
    household_is_open,
    mutual_id,
    shared,
    unit_is_open,
)
from services.matcher.coordination.placement import Placement, placements
from services.matcher.coordination.removal import Removal, removals
from services.matcher.disclosure.policy import CountyPolicy, Table
from services.matcher.disclosure.request import Basis, Program
from shared.calendars import PACIFIC, local_date


@dataclass(frozen=True)
class Circumstances:
    """A CWS household and an assistance unit, as of `now`.

    roles: of the active members of either, by person. linked: between members of the two, caregivers of children of
    the household, and who was taken off the unit (`left`: from which month). facts: about both, their referrals, cases
    and applications with assignments, and every member. bases: by the person they cover.
    told_of: the merged record that a fact was told of, by the fact's reference and the record that it counts for; a
    release of the survivor does not open it. sensitivity: of every active member. held: somebody or something in it
    has a dead letter.
    """

    county: str
    household: str
    unit: str
    cws_roles: Mapping[str, str]
    unit_roles: Mapping[str, str]
    linked: tuple[Link, ...]
    left: Mapping[str, date]
    facts: tuple[Fact, ...]
    bases: tuple[Basis, ...]
    sensitivity: Mapping[str, str]
    held: bool
    policy: CountyPolicy
    table: Table
    now: datetime
    told_of: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """The mutual case's id."""
        return mutual_id(self.county, self.household, self.unit)

    @property
    def refs(self) -> frozenset[str]:
        """Itself and everybody and everything that a fact of it is about."""
        linked = {ref for link in self.linked for ref in (link.cws, link.calworks)}
        about = {fact.about for fact in self.facts}
        return frozenset({self.household, self.unit, *self.cws_roles, *self.unit_roles, *linked, *about})

    @cached_property
    def ended(self) -> frozenset[str]:
        """The referrals, cases and applications that are over."""
        return ended(self.facts, local_date(self.now, PACIFIC))

    @cached_property
    def placements(self) -> Sequence[Placement]:
        """The placements of members with relatives."""
        return placements(self.facts)

    @cached_property
    def removals(self) -> Sequence[Removal]:
        """The removals of children of the household, and returns from them."""
        return removals(self.facts, local_date(self.now, PACIFIC))

    @cached_property
    def shared(self) -> Shared:
        """Of which types the mutual case is, and which links count."""
        today = local_date(self.now, PACIFIC)
        sides = Sides(
            self.cws_roles,
            self.unit_roles,
            household_is_open(self.facts, self.ended, referral_counts=self.policy.referral_counts),
            unit_is_open(self.facts, self.ended),
            self.placements,
            self.removals,
            FormerUnit(self.left, end_of_aid(self.facts, self.ended), self.policy.former_unit_months),
        )
        return shared(self.linked, sides, counted=self.policy.mutual_types, today=today)

    @property
    def links(self) -> tuple[Link, ...]:
        """The links that count: facts about their people alone may cross."""
        return self.shared.links

    @property
    def near(self) -> tuple[Link, ...]:
        """The links that count, and those that did until something ended."""
        return (*self.shared.links, *self.shared.past)

    @cached_property
    def appointed(self) -> Mapping[Program, Sequence[Assigned]]:
        """Everybody who was, is or will be assigned, on either side."""
        return {
            Program.CWS: appointed_in_cws(self.facts),
            Program.CALWORKS: appointed_in_calworks(self.facts),
        }

    @cached_property
    def workers(self) -> Mapping[Program, Sequence[Assigned]]:
        """Who works on it now, on either side. Looked up once: every item that holds a contact asks."""
        return {program: at_work(them, self.ended, self.now) for program, them in self.appointed.items()}

"""Mutual cases: a CWS household and an assistance unit that share at least one linked person of a kind that counts.

M1: an adult aided or in welfare-to-work is an adult client of an open CWS referral or case. M2: a child of an open
CWS case is in an assistance unit. M3: a child of the household is placed with a relative who is in an assistance
unit, be the relative a member of the household or not. M5: the unit is one that a removed child was in; it counts for
a while though the child has left it or its aid has ended.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.matcher.coordination.fact import Fact
from services.matcher.coordination.former_unit import FormerUnit, removals_of
from services.matcher.coordination.placement import Placement
from services.matcher.coordination.removal import Removal
from shared.events import Event, calworks, cws
from shared.ids import named

CWS_ADULTS = frozenset({"parent", "guardian"})
AIDED_ADULTS = frozenset({"aided_adult", "sanctioned", "timed_out"})


@dataclass(frozen=True, slots=True)
class Link:
    """A linked person: a record on each side."""

    cws: str
    calworks: str


@dataclass(frozen=True, slots=True)
class Shared:
    """How a household and a unit belong together now: of which types, and by which links (no type: by none).

    `past`: links by which they did, until something that was right came to its end.
    """

    types: tuple[str, ...]
    links: tuple[Link, ...]
    past: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """A household and a unit as far as they may belong together.

    roles: of the active members of either. household_open, unit_open: whether something is open there. placements,
    removals: of children of the household.
    """

    cws_roles: Mapping[str, str]
    unit_roles: Mapping[str, str]
    household_open: bool
    unit_open: bool
    placements: Collection[Placement]
    removals: Collection[Removal]
    former: FormerUnit

    @property
    def both_open(self) -> bool:
        """Whether there is something to work on together."""
        return self.household_open and self.unit_open

    def is_child(self, client: str) -> bool:
        """Whether the client is a child of the household."""
        return self.cws_roles.get(client) == "child"


def mutual_id(county: str, household: str, unit: str) -> str:
    """The id of a mutual case, the same whoever arrives first."""
    return named(county, household, unit)


def household_is_open(facts: Iterable[Fact], over: Collection[str], *, referral_counts: bool) -> bool:
    """Whether the household has an open case, or an open referral where the county counts it.

    `over`: what has ended (life_cycle.ended).
    """
    counted = (cws.CaseOpened, cws.ReferralReceived) if referral_counts else (cws.CaseOpened,)
    return _has_open(facts, counted, over)


def unit_is_open(facts: Iterable[Fact], over: Collection[str]) -> bool:
    """Whether the unit has an active case or a pending application (whose people count as aided)."""
    return _has_open(facts, (calworks.CaseApproved, calworks.ApplicationReceived), over)


def _has_open(facts: Iterable[Fact], openings: tuple[type[Event], ...], over: Collection[str]) -> bool:
    return any(isinstance(fact.data, openings) and fact.ref not in over for fact in facts)


def shared(links: Collection[Link], sides: Sides, *, counted: Collection[str], today: date) -> Shared:
    """What of the links between a household, a unit and those who are near them counts in this county today."""
    inside = tuple(
        link for link in links if link.cws in sides.cws_roles and link.calworks in sides.unit_roles
    )
    members = _of_members(inside, sides).intersection(counted)
    caregivers = _of_caregivers(links, sides) if "M3" in counted else {}
    former = _of_former_members(links, sides, today) if "M5" in counted else {}
    types = set(members) if sides.both_open else set()
    if sides.both_open and any(caregivers.values()):
        types.add("M3")
    if sides.household_open and any(former.values()):
        types.add("M5")
    standing: set[Link] = set()
    if types:
        standing |= {link for link, stands in former.items() if stands}
    if types and sides.unit_open:
        standing |= {*inside, *(link for link, stands in caregivers.items() if stands)}
    past = {*caregivers, *former, *(inside if members else ())} - standing
    return Shared(tuple(sorted(types)), _in_order(standing), _in_order(past))


def _of_members(links: Iterable[Link], sides: Sides) -> set[str]:
    found = set()
    for link in links:
        cws_role, unit_role = sides.cws_roles[link.cws], sides.unit_roles[link.calworks]
        if cws_role in CWS_ADULTS and unit_role in AIDED_ADULTS:
            found.add("M1")
        if cws_role == "child":
            found.add("M2")
    return found


def _of_caregivers(links: Iterable[Link], sides: Sides) -> dict[Link, bool]:
    """The links of caregivers to members of the unit, and whether a child is placed there now."""
    found: dict[Link, bool] = {}
    for link in links:
        theirs = [p.stands for p in sides.placements if p.caregiver == link.cws and sides.is_child(p.child)]
        if theirs and link.calworks in sides.unit_roles:
            found[link] = any(theirs)
    return found


def _of_former_members(links: Iterable[Link], sides: Sides, today: date) -> dict[Link, bool]:
    """The links of removed children to who they were in the unit, and whether that counts today."""
    found: dict[Link, bool] = {}
    for link in links:
        member = link.calworks in sides.unit_roles
        gone = not sides.unit_open if member else link.calworks in sides.former.left
        if not gone or not sides.is_child(link.cws):
            continue
        counts = sides.former.counts(
            link.calworks, removals_of(link.cws, sides.removals), today, is_listed=member
        )
        if counts is not None:
            found[link] = counts
    return found


def _in_order(links: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(sorted(links, key=lambda link: (link.cws, link.calworks)))

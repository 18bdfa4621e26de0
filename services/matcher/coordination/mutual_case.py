"""Mutual cases: a CWS household and an assistance unit that share at least one linked person of a kind that counts.

M1: an adult aided or in welfare-to-work is an adult client of an open CWS referral or case. M2: a child of an open
CWS case is in an assistance unit. (M3 relative caregiver, M5 former unit, come with the events that they need.)
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.matcher.coordination.fact import Fact
from shared.events import Event, calworks, cws
from shared.ids import named

CWS_ADULTS = frozenset({"parent", "guardian"})
AIDED_ADULTS = frozenset({"aided_adult", "sanctioned", "timed_out"})


@dataclass(frozen=True, slots=True)
class Link:
    """A linked person: a record on each side."""

    cws: str
    calworks: str


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


def mutual_types(
    links: Collection[Link],
    cws_roles: Mapping[str, str],
    unit_roles: Mapping[str, str],
    *,
    counted: Collection[str],
) -> tuple[str, ...]:
    """The kinds of link between a household and a unit that the county counts."""
    found = set()
    for link in links:
        cws_role, unit_role = cws_roles[link.cws], unit_roles[link.calworks]
        if cws_role in CWS_ADULTS and unit_role in AIDED_ADULTS:
            found.add("M1")
        if cws_role == "child":
            found.add("M2")
    return tuple(sorted(found.intersection(counted)))

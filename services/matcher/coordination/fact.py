"""Facts: what the programs told about persons, households, referrals, cases, applications and units.

A fact is the newest event of one type about one thing, kept as its data. What it is about says whose derivation
reads it: a person, a household, an assistance unit, or the object that was assigned, closed or changed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from shared.events import Event, calworks, cws

CWS, CALWORKS = "cws", "calworks"

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `ref` is the thing's own reference: the removal, the notice, the case, the assignment ..."""

    ref: str
    program: str
    about: str
    seq: int
    recorded_at: datetime
    data: Event


@dataclass(frozen=True, slots=True)
class Place:
    """Where a type of event is kept: its own reference, what it is about, and how its subject falls due."""

    program: str
    ref: Callable[[Event], str]
    about: Callable[[Event], str]
    due: str  # the kind of `due` row: derive (about a person) or group


def _field(name: str) -> Callable[[Event], str]:
    return lambda event: str(getattr(event, name))


PLACES: dict[type[Event], Place] = {
    cws.ReferralReceived: Place(CWS, _field("referral"), _field("household"), "group"),
    cws.CaseOpened: Place(CWS, _field("case"), _field("household"), "group"),
    cws.AssignmentChanged: Place(CWS, _field("assignment"), _field("on"), "group"),
    cws.ChildRemoved: Place(CWS, _field("removal"), _field("child"), "derive"),
    cws.ChildReturned: Place(CWS, _field("removal"), _field("child"), "derive"),
    cws.ReferralClosed: Place(CWS, _field("referral"), _field("referral"), "group"),
    cws.CaseClosed: Place(CWS, _field("case"), _field("case"), "group"),
    cws.CaseReopened: Place(CWS, _field("case"), _field("case"), "group"),
    cws.CaseComponentChanged: Place(CWS, _field("case"), _field("case"), "group"),
    cws.CaseParticipantsChanged: Place(CWS, _field("case"), _field("case"), "group"),
    cws.RelativePlacementPlanned: Place(CWS, _field("placement"), _field("child"), "derive"),
    cws.RelativePlacementStarted: Place(CWS, _field("placement"), _field("child"), "derive"),
    cws.RelativePlacementEnded: Place(CWS, _field("placement"), _field("child"), "derive"),
    cws.MeetingScheduled: Place(CWS, _field("meeting"), _field("household"), "group"),
    cws.MeetingHeld: Place(CWS, _field("meeting"), _field("meeting"), "group"),
    cws.MeetingCancelled: Place(CWS, _field("meeting"), _field("meeting"), "group"),
    cws.HearingSet: Place(CWS, _field("hearing"), _field("case"), "group"),
    calworks.ApplicationReceived: Place(CALWORKS, _field("application"), _field("au"), "group"),
    calworks.CaseApproved: Place(CALWORKS, _field("case"), _field("au"), "group"),
    calworks.AssignmentChanged: Place(CALWORKS, _field("assignment"), _field("on"), "group"),
    calworks.NoncomplianceStarted: Place(CALWORKS, _field("noncompliance"), _field("person"), "derive"),
    calworks.SanctionImposed: Place(CALWORKS, _field("sanction"), _field("person"), "derive"),
    calworks.ApplicationDecided: Place(CALWORKS, _field("application"), _field("application"), "group"),
    calworks.ApplicationWithdrawn: Place(CALWORKS, _field("application"), _field("application"), "group"),
    calworks.CaseDiscontinued: Place(CALWORKS, _field("case"), _field("case"), "group"),
    calworks.CaseRestored: Place(CALWORKS, _field("case"), _field("case"), "group"),
    calworks.AuMemberAdded: Place(CALWORKS, _field("case"), _field("case"), "group"),
    calworks.AuMemberRemoved: Place(CALWORKS, _field("case"), _field("case"), "group"),
    calworks.WtwStatusChanged: Place(CALWORKS, _field("person"), _field("person"), "derive"),
    calworks.NoncomplianceResolved: Place(CALWORKS, _field("noncompliance"), _field("person"), "derive"),
    calworks.GoodCauseDecided: Place(CALWORKS, _field("good_cause"), _field("person"), "derive"),
    calworks.SanctionCured: Place(CALWORKS, _field("sanction"), _field("person"), "derive"),
    calworks.SanctionRescinded: Place(CALWORKS, _field("sanction"), _field("person"), "derive"),
    calworks.ExemptionGranted: Place(CALWORKS, _field("exemption"), _field("person"), "derive"),
    calworks.ExemptionEnded: Place(CALWORKS, _field("exemption"), _field("person"), "derive"),
    calworks.WtwPlanSigned: Place(CALWORKS, _field("plan"), _field("person"), "derive"),
    calworks.WtwPlanAmended: Place(CALWORKS, _field("plan"), _field("person"), "derive"),
    calworks.ClockMilestone: Place(CALWORKS, _field("person"), _field("person"), "derive"),
    calworks.ClockTimedOut: Place(CALWORKS, _field("person"), _field("person"), "derive"),
}
KINDS: dict[str, type[Event]] = {kind.NAME: kind for kind in PLACES}


def as_survivor(fact: Fact, survivors: Mapping[str, str]) -> Fact:
    """The fact with every record that was merged named as the one it counts for."""
    named = fact.data.model_dump()
    renamed = _renamed(named, survivors)
    about = survivors.get(fact.about, fact.about)
    if about == fact.about and renamed == named:
        return fact
    return replace(fact, about=about, data=type(fact.data).model_validate(renamed))


def told_of(facts: Iterable[Fact], survivors: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Of facts that name a merged record alone: that record, by the fact's reference and the one it counts for."""
    found: dict[tuple[str, str], str] = {}
    if not survivors:
        return found
    for fact in facts:
        text = fact.data.model_dump_json()
        for retired, root in survivors.items():
            if f'"{retired}"' in text and f'"{root}"' not in text:
                found[(fact.ref, root)] = retired
    return found


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {key: _renamed(one, names) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(one, names) for one in value]
    return value


def of_type(facts: Iterable[Fact], kind: type[E]) -> list[tuple[Fact, E]]:
    """The facts of one type with their data, in the order of their references."""
    return sorted(
        ((fact, fact.data) for fact in facts if isinstance(fact.data, kind)), key=lambda pair: pair[0].ref
    )

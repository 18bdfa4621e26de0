"""What should stand, worked out from scratch: the oracle of the order property.

It takes the events that were told and the releases that were taken, and knows no database, no index, no `due` and no
order of arrival: every two people are compared, every household is met with every unit, in plain loops. Only the pure
rules are shared with the matcher: normalising, blocking keys, the decision of one pair, the derivation of one case.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.derive import StandingEntry, derive
from services.matcher.coordination import household as households
from services.matcher.coordination.fact import Fact, as_survivor, told_of
from services.matcher.coordination.mutual_case import Link
from services.matcher.disclosure.policy import table_on
from services.matcher.disclosure.release import Release, bases_for
from services.matcher.disclosure.request import Basis
from services.matcher.identity import blocking
from services.matcher.identity.decision import (
    Footprint,
    Linked,
    NeedsReview,
    Ref,
    Verdict,
    Weigher,
    decide,
    pair_id,
)
from services.matcher.identity.person import Person, normalise
from shared.calendars import local_date
from shared.events import Event, calworks, cws
from tests.order.belonging import Belonging, follow
from tests.order.harness import COUNTY, KEYS, MODEL, POLICY, UNCAPPED, Standing, Told

CWS, CALWORKS = "cws", "calworks"
SEALS = (cws.ClientSealed, calworks.PersonSealed)
VOIDS = (cws.ClientVoided, calworks.PersonVoided)
MERGES = (cws.ClientMerged, calworks.PersonMerged)
MEMBERS = (calworks.CaseApproved, calworks.AuMemberAdded, calworks.AuMemberRemoved)


Said = tuple[
    str, str, str
]  # a CWS record, a CalWORKs record, and what somebody said of them, in the order said


@dataclass
class Registers:
    """The newest of everything that was told."""

    people: dict[Ref, Person] = field(default_factory=dict)  # active persons only
    keyed: dict[Ref, Person] = field(default_factory=dict)  # and those hidden behind whom they count for
    sensitivity: dict[str, str] = field(default_factory=dict)
    households: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # CWS household -> person -> role, today
    units: dict[str, dict[str, str]] = field(default_factory=dict)
    open_homes: set[str] = field(default_factory=set)  # households and units in which something is open
    facts: list[Fact] = field(default_factory=list)
    tasks: set[tuple[str, str, str]] = field(default_factory=set)
    survivors: dict[str, str] = field(default_factory=dict)  # merged record -> whom it counts for
    told_of: dict[tuple[str, str], str] = field(default_factory=dict)
    belonging: Belonging = field(default_factory=Belonging)


def standing(
    told: Iterable[Told],
    releases: Iterable[Release],
    now: datetime,
    said: Iterable[Said] = (),
    *,
    cap: int = UNCAPPED,
) -> Standing:
    """Links, reviews, mutual cases and standing alerts at rest."""
    registers = _registers(list(told), local_date(now, POLICY.zone))
    links, reviews = _pairs(registers, _voices(said, registers.survivors), cap)
    cases, entries = _cases(registers, links, list(releases), now)
    return {
        "links": links,
        "reviews": reviews,
        "cases": cases,
        "alerts": {_place(entry): _content(entry) for entry in entries},
        "tasks": registers.tasks,
        "looks": {(program, pair_id(COUNTY, *ends)) for ends in reviews for program in (CWS, CALWORKS)},
    }


# --- registers -----------------------------------------------------------------------------------------------------


def _registers(told: list[Told], today: date) -> Registers:
    found = Registers()
    sealed = {one.key for one in told if isinstance(one.envelope.data, SEALS)}
    void = {one.key for one in told if isinstance(one.envelope.data, VOIDS)}
    into = {one.key: one.envelope.data.survivor for one in told if isinstance(one.envelope.data, MERGES)}
    found.survivors = {ref: _survivor(ref, into, void) for ref in into if ref not in void}
    behind = {found.survivors[ref] for ref in sealed & found.survivors.keys()}
    without_keys = sealed | void | into.keys()
    hidden = without_keys | behind
    newest: dict[tuple[str, str], Told] = {}
    for one in told:
        at = (one.envelope.event_type, _thing(one))
        if at not in newest or newest[at].envelope.sequence < one.envelope.sequence:
            newest[at] = one
    for one in newest.values():
        data, envelope = one.envelope.data, one.envelope
        about = _about(data)
        if about is not None:
            fact = Fact(_thing(one), one.program, about, envelope.sequence, envelope.recordedat, data)
            found.facts.append(fact)
        match data:
            case cws.ClientUpserted() | calworks.PersonUpserted() if one.key not in without_keys:
                assert one.details is not None
                found.keyed[(one.program, one.key)] = normalise(one.details)
                found.sensitivity[one.key] = data.sensitivity
            case cws.HouseholdChanged():
                inside = sorted(
                    (found.survivors.get(m.person, m.person), m.role)
                    for m in data.members
                    if _holds(m, today)
                )
                found.households[data.household] = dict(inside)
            case cws.ReferralReceived() | calworks.ApplicationReceived():
                found.tasks.add((one.program, data.worker or "liaison", one.key))
    found.people = {ref: person for ref, person in found.keyed.items() if ref[1] not in hidden}
    numbered = sorted(((one.envelope.sequence, one.envelope.data) for one in told), key=lambda one: one[0])
    in_order = [data for _, data in numbered]
    found.units = _units(in_order, found.survivors)
    found.open_homes = _open_homes(in_order, today)
    found.belonging = follow(numbered, found.survivors, today)
    found.told_of = told_of(found.facts, found.survivors)
    found.facts = [as_survivor(fact, found.survivors) for fact in found.facts]
    return found


def _survivor(ref: str, into: dict[str, str], void: set[str]) -> str:
    """The end of a chain of merges; of a circle the first by name."""
    for _ in range(len(into) + 1):
        if ref not in into or ref in void:
            return ref
        ref = into[ref]
    circle = {ref}
    while into[ref] not in circle:
        ref = into[ref]
        circle.add(ref)
    return min(circle)


def _voices(said: Iterable[Said], survivors: dict[str, str]) -> dict[tuple[Ref, Ref], Verdict]:
    """The last word about each two records, put together for the people whom they count for."""
    last = {(a, b): verdict for a, b, verdict in said}
    words: dict[tuple[Ref, Ref], set[str]] = {}
    for (a, b), verdict in last.items():
        if verdict != "unsure":
            ends = (CWS, survivors.get(a, a)), (CALWORKS, survivors.get(b, b))
            words.setdefault(ends, set()).add(verdict)
    found: dict[tuple[Ref, Ref], Verdict] = {}
    for ends, them in words.items():
        found[ends] = "disagree" if len(them) > 1 else "same" if "same" in them else "different"
    return found


def _open_homes(told: Iterable[Event], today: date) -> set[str]:
    """Where a referral, case or application is open when each one's own events are followed in their order."""
    home: dict[str, str] = {}
    is_open: set[str] = set()
    approved, became = [], set()
    for data in told:
        match data:
            case cws.ReferralReceived() | cws.CaseOpened():
                home[data.key] = data.household
                is_open.add(data.key)
            case calworks.ApplicationReceived() | calworks.CaseApproved():
                home[data.key] = data.au
                is_open.add(data.key)
                if isinstance(data, calworks.CaseApproved):
                    became.add(data.application)
                    approved.append(data.au)
            case cws.CaseReopened() | calworks.CaseRestored():
                is_open.add(data.key)
            case (
                cws.ReferralClosed()
                | cws.CaseClosed()
                | calworks.ApplicationWithdrawn()
                | calworks.ApplicationDecided(outcome="denied")
            ):
                is_open.discard(data.key)
            case calworks.CaseDiscontinued():
                (is_open.discard if data.aid_end < today else is_open.add)(data.key)
    for data in told:
        if isinstance(data, calworks.ApplicationDecided) and home[data.key] in approved:
            became.add(data.key)
    return {home[ref] for ref in is_open - became}


def _units(told: Iterable[Event], survivors: dict[str, str]) -> dict[str, dict[str, str]]:
    """The members that a unit's case was last told to have, before there is one those of its application."""
    lists: dict[str, list[tuple[str, str, str]]] = {}
    unit_of: dict[str, str] = {}
    applied: dict[str, list[tuple[str, str, str]]] = {}
    for data in told:
        if isinstance(data, MEMBERS):
            unit_of[data.case] = data.au
            lists[data.case] = [(data.case, p.person, p.role) for p in data.members]
        elif isinstance(data, calworks.ApplicationReceived):
            applied.setdefault(data.au, []).extend((data.application, p.person, p.role) for p in data.persons)
    approved: dict[str, list[tuple[str, str, str]]] = {}
    for case, rows in lists.items():
        approved.setdefault(unit_of[case], []).extend(rows)
    return {
        au: {p: role for _, p, role in sorted((o, survivors.get(p, p), role) for o, p, role in rows)}
        for au, rows in (applied | approved).items()
    }


def _about(data: Event) -> str | None:
    """Whose fact an event is; None: it is none."""
    match data:
        case cws.ReferralReceived() | cws.CaseOpened():
            return data.household
        case calworks.ApplicationReceived() | calworks.CaseApproved():
            return data.au
        case cws.AssignmentChanged() | calworks.AssignmentChanged():
            return data.on
        case cws.HouseholdChanged() | cws.ClientUpserted() | calworks.PersonUpserted():
            return None
        case cws.ClientSealed() | calworks.PersonSealed():
            return None
        case cws.ClientMerged() | calworks.PersonMerged() | cws.ClientVoided() | calworks.PersonVoided():
            return None
    return data.key  # what else there is happened to a person, a referral, a case or an application


def _thing(one: Told) -> str:
    """What an event is a version of."""
    match data := one.envelope.data:
        case cws.AssignmentChanged() | calworks.AssignmentChanged():
            return data.assignment
        case cws.ChildRemoved() | cws.ChildReturned():
            return data.removal
        case cws.RelativePlacementPlanned() | cws.RelativePlacementStarted() | cws.RelativePlacementEnded():
            return data.placement
        case calworks.NoncomplianceStarted() | calworks.NoncomplianceResolved():
            return data.noncompliance
        case calworks.SanctionImposed() | calworks.SanctionCured() | calworks.SanctionRescinded():
            return data.sanction
        case calworks.ExemptionGranted() | calworks.ExemptionEnded():
            return data.exemption
        case calworks.GoodCauseDecided():
            return data.good_cause
    return one.key


def _holds(spell: Any, today: date) -> bool:
    begun = spell.from_date is None or spell.from_date <= today
    return begun and (spell.until_date is None or today <= spell.until_date)


# --- pairs ---------------------------------------------------------------------------------------------------------


def _pairs(
    registers: Registers, verdicts: dict[tuple[Ref, Ref], Verdict], cap: int
) -> tuple[dict[Any, Any], dict[Any, Any]]:
    people, digest = registers.people, KEYS[COUNTY].digest
    blocks = Counter(key for person in registers.keyed.values() for key in blocking.keys(person, digest))
    capped = {key for key, size in blocks.items() if size > cap and blocking.is_capped_kind(key)}
    keys = {ref: blocking.keys(person, digest) - capped for ref, person in people.items()}
    numbers = {ref: blocking.ssn_keys(person, digest) - capped for ref, person in people.items()}
    homes: dict[Ref, list[frozenset[Ref]]] = {ref: [] for ref in people}
    for program, groups in ((CWS, registers.households), (CALWORKS, registers.units)):
        for members in groups.values():
            inside = frozenset((program, person) for person in members if (program, person) in people)
            if len(inside) <= households.EVIDENCE_LIMIT:
                for ref in inside:
                    homes[ref].append(inside)
    footprint = Footprint(
        people=people,
        candidates={x: frozenset(y for y in people if x[0] != y[0] and keys[x] & keys[y]) for x in people},
        households={ref: tuple(theirs) for ref, theirs in homes.items()},
        ssn_holders={x: frozenset(y for y in people if x != y and numbers[x] & numbers[y]) for x in people},
        verdicts=verdicts,
        ssn_capped=frozenset(x for x in people if blocking.ssn_keys(people[x], digest) & capped),
    )
    weigher = Weigher(MODEL)
    links: dict[tuple[str, str], Any] = {}
    reviews: dict[tuple[str, str], Any] = {}
    for a in people:
        for b in people:
            if a[0] != CWS or b[0] != CALWORKS:
                continue
            decision = decide(a, b, footprint, weigher)
            because = tuple((part.field, part.level, part.weight) for part in decision.because)
            if isinstance(decision, Linked):
                links[(a[1], b[1])] = (decision.weight, because)
            elif isinstance(decision, NeedsReview):
                reviews[(a[1], b[1])] = (decision.weight, because, decision.reasons)
    return links, reviews


# --- mutual cases and alerts ---------------------------------------------------------------------------------------


def _cases(
    registers: Registers, links: Iterable[tuple[str, str]], releases: list[Release], now: datetime
) -> tuple[dict[tuple[str, str], tuple[str, ...]], list[StandingEntry]]:
    bases: list[Basis] = []
    for release in sorted(releases, key=lambda one: one.id):
        covered = {
            person.ref: {person.ref, *(end for pair in links for end in pair if person.ref in pair)}
            for person in release.persons
        }
        bases += bases_for(release, covered, POLICY.zone)
    cases: dict[tuple[str, str], tuple[str, ...]] = {}
    entries: list[StandingEntry] = []
    for household, members in registers.households.items():
        for unit, aided in registers.units.items():
            cws_roles = {p: role for p, role in members.items() if (CWS, p) in registers.people}
            unit_roles = {p: role for p, role in aided.items() if (CALWORKS, p) in registers.people}
            belonging = registers.belonging
            near, left = belonging.near(cws_roles), belonging.taken_off.get(unit, {})
            linked = sorted((a, b) for a, b in links if a in near and b in {*unit_roles, *left})
            its = [f for f in registers.facts if f.about in {household, unit, *cws_roles, *unit_roles}]
            refs = {other.ref for other in its}
            its += [f for f in registers.facts if f.about in refs and f not in its]
            derived = derive(
                Circumstances(
                    county=COUNTY,
                    household=household,
                    unit=unit,
                    cws_roles=cws_roles,
                    unit_roles=unit_roles,
                    linked=tuple(Link(a, b) for a, b in linked),
                    left=left,
                    facts=tuple(sorted(its, key=lambda f: (f.ref, f.data.NAME))),
                    bases=POLICY.gather(bases),
                    sensitivity=registers.sensitivity,
                    held=False,
                    policy=POLICY,
                    table=table_on(local_date(now, POLICY.zone)),
                    now=now,
                    told_of=registers.told_of,
                )
            )
            types = belonging.types(
                linked,
                cws_roles,
                unit,
                unit_roles,
                known_to=(household in registers.open_homes, unit in registers.open_homes),
                today=local_date(now, POLICY.zone),
                months=POLICY.former_unit_months,
            )
            if types:
                cases[(household, unit)] = tuple(sorted(types))
            entries += derived.entries
    return cases, entries


def _place(entry: StandingEntry) -> tuple[str, ...]:
    share = entry.recipient.share
    program = CWS if share.program.value == "CWS" else CALWORKS
    return entry.type.value, entry.mutual_case, entry.cause, program, entry.recipient.inbox, share.role.value


def _content(entry: StandingEntry) -> tuple[Any, ...]:
    items = tuple(
        (i.category.value, i.subject, i.source, permit.rule, permit.source, tuple(sorted(permit.fields)))
        for i, permit in entry.permits
    )
    return entry.legal_due, items

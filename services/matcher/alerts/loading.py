"""Reading the circumstances of mutual cases: a fixed number of statements, whatever the number of households."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from services.matcher import dead_letters
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.coordination.fact import CALWORKS, Fact, as_survivor, told_of
from services.matcher.coordination.household import Membership, counting_for, current_members
from services.matcher.coordination.mutual_case import Link
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.disclosure.policy import CountyPolicy, Table, table_on
from services.matcher.disclosure.release import Release, bases_for
from services.matcher.disclosure.repository import ReleaseRepository
from services.matcher.disclosure.request import Basis
from services.matcher.identity.repository import IdentityRepository
from shared.calendars import local_date
from shared.crypto import CountyKeys
from shared.database import Connection


@dataclass
class Loaded:
    """The circumstances of every pair of a CWS household and a unit that are linked or have a case."""

    circumstances: list[Circumstances] = field(default_factory=list)
    cases: dict[str, Any] = field(default_factory=dict)  # stored mutual cases by id


@dataclass(frozen=True)
class Loader:
    """Reads one county's circumstances in one transaction, as of `now`."""

    connection: Connection
    county: str
    keys: CountyKeys
    policy: CountyPolicy
    now: datetime

    async def load(self, households: Collection[str]) -> Loaded:
        """The circumstances of every mutual case that these CWS households have or might have."""
        identity = IdentityRepository(self.connection, self.county, self.keys)
        coordination = CoordinationRepository(self.connection, self.county)
        today = local_date(self.now, self.policy.zone)
        cases = await coordination.mutual_cases(households=households)
        spells = await coordination.memberships(households=households)
        homes = await identity.merges({s.person for s in spells})
        spells = [counting_for(s, homes.root) for s in spells]
        placed = await self._placed(identity, coordination, homes.classes({s.person for s in spells}))
        met = _linked(await identity.pairs({s.person for s in (*spells, *placed)}))
        # Also those who share an end with them from another household: their releases cover that end.
        pairs = _linked(await identity.pairs({row.calworks for row in met}))
        if not pairs and not cases:
            return Loaded()
        ends = {row.calworks for row in pairs}
        persons = (await identity.merges(ends)).classes(ends)
        left = await coordination.left(persons=persons)
        unit_spells = await coordination.memberships(
            persons=persons, households={case.unit for case in cases} | {s.household for s in left}
        )
        merges = await identity.merges({s.person for s in (*spells, *placed, *unit_spells, *left)})
        unit_spells = [counting_for(s, merges.root) for s in unit_spells]
        left = [counting_for(s, merges.root) for s in left]
        sensitivity = await identity.active(
            {s.person for s in (*spells, *unit_spells)}
            | {end for row in pairs for end in (row.cws, row.calworks)}
        )
        members = _active(current_members(spells, today), sensitivity)
        unit_members = _active(
            current_members([s for s in unit_spells if s.program == CALWORKS], today), sensitivity
        )
        links = [
            Link(row.cws, row.calworks) for row in pairs if {row.cws, row.calworks} <= sensitivity.keys()
        ]
        near = _with_caregivers(members, placed)
        gone = _gone(left)
        wanted = _wanted(near, unit_members, gone, links) | {(case.household, case.unit) for case in cases}
        names = {name for s in (*spells, *placed, *unit_spells, *left) for name in (s.person, s.household)}
        facts = await self._facts(coordination, merges.classes(names))
        told = told_of((f for its in facts.values() for f in its), merges.survivors)
        facts = _as_survivors(facts, merges.survivors)
        bases = await self._bases(links, {*(s.household for s in placed), *told.values()})
        held = merges.roots(await self._held(facts, merges.classes(names)))
        table = table_on(today)
        return Loaded(
            [
                self._circumstances(
                    household=h,
                    unit=g,
                    members=members,
                    unit_members=unit_members,
                    near=near.get(h, set()),
                    left=gone.get(g, {}),
                    links=links,
                    facts=facts,
                    bases=bases,
                    sensitivity=sensitivity,
                    held=held,
                    table=table,
                    told_of=told,
                )
                for h, g in sorted(wanted)
            ],
            {case.id: case for case in cases},
        )

    def _circumstances(
        self,
        *,
        household: str,
        unit: str,
        members: dict[str, dict[str, str]],
        unit_members: dict[str, dict[str, str]],
        near: Collection[str],
        left: Mapping[str, date],
        links: Iterable[Link],
        facts: dict[str, list[Fact]],
        bases: list[Basis],
        sensitivity: dict[str, str],
        held: set[str],
        table: Table,
        told_of: Mapping[tuple[str, str], str],
    ) -> Circumstances:
        cws_roles, unit_roles = members.get(household, {}), unit_members.get(unit, {})
        inside = tuple(
            sorted(
                (
                    link
                    for link in links
                    if link.cws in near and (link.calworks in unit_roles or link.calworks in left)
                ),
                key=lambda link: (link.cws, link.calworks),
            )
        )
        its = [f for name in (household, unit, *cws_roles, *unit_roles) for f in facts.get(name, ())]
        names = {household, unit, *cws_roles, *unit_roles}
        objects = {fact.ref for fact in its} - names
        its += [f for name in objects for f in facts.get(name, ())]
        names |= objects | {fact.ref for fact in its} | {*near, *left}
        return Circumstances(
            county=self.county,
            household=household,
            unit=unit,
            cws_roles=cws_roles,
            unit_roles=unit_roles,
            linked=inside,
            left=left,
            facts=tuple(sorted(its, key=lambda fact: (fact.ref, fact.data.NAME))),
            bases=self.policy.gather(_covering(bases, inside, {*cws_roles, *told_of.values()})),
            sensitivity=sensitivity,
            held=not held.isdisjoint(names),
            policy=self.policy,
            table=table,
            now=self.now,
            told_of=told_of,
        )

    async def _facts(self, coordination: CoordinationRepository, about: set[str]) -> dict[str, list[Fact]]:
        """Facts by what they are about: persons, households and units, then what is about their objects."""
        facts = await coordination.facts(about=about)
        facts += await coordination.facts(about={fact.ref for fact in facts} - about)
        by_about: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            by_about[fact.about].append(fact)
        return by_about

    async def _placed(
        self, identity: IdentityRepository, coordination: CoordinationRepository, children: set[str]
    ) -> list[Membership]:
        """The placements of these children: `household` is the child, the person the caregiver."""
        rows = await coordination.placed(children=children)
        if not rows:
            return []
        merges = await identity.merges({ref for row in rows for ref in (row.household, row.person)})
        return [
            replace(row, household=merges.root(row.household), person=merges.root(row.person)) for row in rows
        ]

    async def _bases(self, links: Iterable[Link], others: set[str]) -> list[Basis]:
        """What releases of the linked people cover: their record, and across a link the other.

        `others`: placed children, and merged records, of which a release covers what was told of them and no more.
        """
        across: dict[str, set[str]] = defaultdict(set)
        for link in links:
            across[link.cws].add(link.calworks)
            across[link.calworks].add(link.cws)
        releases: list[Release] = await ReleaseRepository(self.connection, self.county).covering(
            across.keys() | others
        )
        return [
            basis
            for release in releases
            for basis in bases_for(
                release,
                {one.ref: (one.ref, *across.get(one.ref, ())) for one in release.persons},
                self.policy.zone,
            )
        ]

    async def _held(self, facts: dict[str, list[Fact]], names: set[str]) -> set[str]:
        names = names | {fact.ref for its in facts.values() for fact in its}
        return await dead_letters.held(self.connection, self.county, sorted(names))


def _as_survivors(facts: dict[str, list[Fact]], survivors: Mapping[str, str]) -> dict[str, list[Fact]]:
    if not survivors:
        return facts
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in (fact for its in facts.values() for fact in its):
        counted = as_survivor(fact, survivors)
        found[counted.about].append(counted)
    return found


def _covering(bases: Iterable[Basis], links: Iterable[Link], members: Iterable[str]) -> list[Basis]:
    """The bases that cover one of the linked people, or a record that is told of without being linked."""
    persons = {end for link in links for end in (link.cws, link.calworks)}.union(members)
    return [basis for basis in bases if not persons.isdisjoint(basis.persons or ())]


def _linked(pairs: Iterable[Any]) -> list[Any]:
    return [row for row in pairs if row.decision == "linked"]


def _active(members: dict[str, dict[str, str]], active: dict[str, str]) -> dict[str, dict[str, str]]:
    return {h: {p: role for p, role in persons.items() if p in active} for h, persons in members.items()}


def _with_caregivers(
    members: Mapping[str, Mapping[str, str]], placed: Collection[Membership]
) -> dict[str, set[str]]:
    """Household -> its members, and those with whom a member is or was placed."""
    return {
        household: {*persons, *(row.person for row in placed if row.household in persons)}
        for household, persons in members.items()
    }


def _gone(left: Iterable[Membership]) -> dict[str, dict[str, date]]:
    """Unit -> person -> the newest month from which the person was taken off it."""
    found: dict[str, dict[str, date]] = defaultdict(dict)
    for row in left:
        if row.until_date is not None:
            so_far = found[row.household].get(row.person, row.until_date)
            found[row.household][row.person] = max(so_far, row.until_date)
    return found


def _wanted(
    near: Mapping[str, Iterable[str]],
    units: Mapping[str, Iterable[str]],
    gone: Mapping[str, Iterable[str]],
    links: Iterable[Link],
) -> set[tuple[str, str]]:
    """Every household and unit that share a link, or did."""
    homes: dict[str, set[str]] = defaultdict(set)
    for household, persons in (*near.items(), *units.items(), *gone.items()):
        for person in persons:
            homes[person].add(household)
    return {(h, g) for link in links for h in homes[link.cws] for g in homes[link.calworks]}

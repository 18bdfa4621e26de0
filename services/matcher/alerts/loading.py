"""Reading the circumstances of mutual cases: a fixed number of statements, whatever the number of households."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.matcher import dead_letters
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.coordination.fact import CALWORKS, Fact
from services.matcher.coordination.household import current_members
from services.matcher.coordination.mutual_case import Link
from services.matcher.coordination.repository import CoordinationRepository
from services.matcher.disclosure.policy import CountyPolicy, Table, table_on
from services.matcher.disclosure.release import Release, basis_for
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
        met = _linked(await identity.pairs({s.person for s in spells}))
        # Also those who share an end with them from another household: their releases cover that end.
        pairs = _linked(await identity.pairs({row.calworks for row in met}))
        unit_spells = await coordination.memberships(
            persons={row.calworks for row in pairs}, households={case.unit for case in cases}
        )
        if not pairs and not cases:
            return Loaded()
        sensitivity = await identity.active(
            {s.person for s in (*spells, *unit_spells)} | {row.cws for row in pairs}
        )
        members = _active(current_members(spells, today), sensitivity)
        unit_members = _active(
            current_members([s for s in unit_spells if s.program == CALWORKS], today), sensitivity
        )
        links = [
            Link(row.cws, row.calworks) for row in pairs if {row.cws, row.calworks} <= sensitivity.keys()
        ]
        wanted = _wanted(members, unit_members, links) | {(case.household, case.unit) for case in cases}
        facts = await self._facts(coordination, spells, unit_spells)
        bases = await self._bases(links)
        held = await self._held(facts, spells, unit_spells)
        table = table_on(today)
        return Loaded(
            [
                self._circumstances(
                    household=h,
                    unit=g,
                    members=members,
                    unit_members=unit_members,
                    links=links,
                    facts=facts,
                    bases=bases,
                    sensitivity=sensitivity,
                    held=held,
                    table=table,
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
        links: Iterable[Link],
        facts: dict[str, list[Fact]],
        bases: list[Basis],
        sensitivity: dict[str, str],
        held: set[str],
        table: Table,
    ) -> Circumstances:
        cws_roles, unit_roles = members.get(household, {}), unit_members.get(unit, {})
        inside = tuple(
            sorted(
                (link for link in links if link.cws in cws_roles and link.calworks in unit_roles),
                key=lambda link: (link.cws, link.calworks),
            )
        )
        its = [f for name in (household, unit, *cws_roles, *unit_roles) for f in facts.get(name, ())]
        names = {household, unit, *cws_roles, *unit_roles}
        objects = {fact.ref for fact in its} - names
        its += [f for name in objects for f in facts.get(name, ())]
        names |= objects | {fact.ref for fact in its}
        return Circumstances(
            county=self.county,
            household=household,
            unit=unit,
            cws_roles=cws_roles,
            unit_roles=unit_roles,
            links=inside,
            facts=tuple(sorted(its, key=lambda fact: (fact.ref, fact.data.NAME))),
            bases=self.policy.gather(_covering(bases, inside)),
            sensitivity=sensitivity,
            held=not held.isdisjoint(names),
            policy=self.policy,
            table=table,
            now=self.now,
        )

    async def _facts(
        self, coordination: CoordinationRepository, spells: Iterable[Any], unit_spells: Iterable[Any]
    ) -> dict[str, list[Fact]]:
        """Facts by what they are about: persons, households and units, then what is about their objects."""
        about = {name for s in (*spells, *unit_spells) for name in (s.person, s.household)}
        facts = await coordination.facts(about=about)
        facts += await coordination.facts(about={fact.ref for fact in facts} - about)
        by_about: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            by_about[fact.about].append(fact)
        return by_about

    async def _bases(self, links: Iterable[Link]) -> list[Basis]:
        """What releases of the linked people cover: their record, and across a link that stands the other one."""
        across: dict[str, set[str]] = defaultdict(set)
        for link in links:
            across[link.cws].add(link.calworks)
            across[link.calworks].add(link.cws)
        releases: list[Release] = await ReleaseRepository(self.connection, self.county).covering(
            across.keys()
        )
        return [
            basis_for(
                release,
                {r for person in release.persons for r in (person.ref, *across.get(person.ref, ()))},
                self.policy.zone,
            )
            for release in releases
        ]

    async def _held(
        self, facts: dict[str, list[Fact]], spells: Iterable[Any], unit_spells: Iterable[Any]
    ) -> set[str]:
        names = {name for s in (*spells, *unit_spells) for name in (s.person, s.household)}
        names |= {fact.ref for its in facts.values() for fact in its}
        return await dead_letters.held(self.connection, self.county, sorted(names))


def _covering(bases: Iterable[Basis], links: Iterable[Link]) -> list[Basis]:
    """The bases that cover one of the linked people."""
    persons = {end for link in links for end in (link.cws, link.calworks)}
    return [basis for basis in bases if not persons.isdisjoint(basis.persons or ())]


def _linked(pairs: Iterable[Any]) -> list[Any]:
    return [row for row in pairs if row.decision == "linked"]


def _active(members: dict[str, dict[str, str]], active: dict[str, str]) -> dict[str, dict[str, str]]:
    return {h: {p: role for p, role in persons.items() if p in active} for h, persons in members.items()}


def _wanted(
    members: dict[str, dict[str, str]], units: dict[str, dict[str, str]], links: Iterable[Link]
) -> set[tuple[str, str]]:
    """Every household and unit that share a link."""
    homes: dict[str, set[str]] = defaultdict(set)
    for household, persons in (*members.items(), *units.items()):
        for person in persons:
            homes[person].add(household)
    return {(h, g) for link in links for h in homes[link.cws] for g in homes[link.calworks]}

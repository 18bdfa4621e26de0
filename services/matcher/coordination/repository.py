"""Memberships, facts and mutual cases of one county in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.matcher.coordination.fact import KINDS, Fact
from services.matcher.coordination.household import Membership
from services.matcher.tables import FACT, GROUP, MEMBER, MUTUAL_CASE
from shared.database import Connection, among, insert_into, upsert
from shared.events import Event

_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_HIS = MEMBER.alias("his")

_GROUPS = (
    sa.select(GROUP.c.source, GROUP.c.seq, MEMBER.c.person)
    .outerjoin(MEMBER, sa.and_(MEMBER.c.county == GROUP.c.county, MEMBER.c.source == GROUP.c.source))
    .where(GROUP.c.county == _COUNTY, among(GROUP.c.source, "sources"))
)
_SPELLS = (
    sa.select(
        MEMBER.c.household,
        MEMBER.c.source,
        GROUP.c.kind,
        GROUP.c.program,
        MEMBER.c.person,
        MEMBER.c.role,
        MEMBER.c.from_date,
        MEMBER.c.until_date,
    )
    .join(GROUP, sa.and_(GROUP.c.county == MEMBER.c.county, GROUP.c.source == MEMBER.c.source))
    .where(MEMBER.c.county == _COUNTY)
)
# An OR over two columns would look through the whole county: a union asks each index.
_MEMBERSHIPS = sa.union(
    *(
        _SPELLS.where(wanted, GROUP.c.kind != "placement", GROUP.c.kind != "left")
        for wanted in (
            among(MEMBER.c.household, "households"),
            MEMBER.c.household.in_(
                sa.select(_HIS.c.household).where(_HIS.c.county == _COUNTY, among(_HIS.c.person, "persons"))
            ),
        )
    )
)
_TIES = sa.union(
    _SPELLS.where(among(MEMBER.c.household, "households"), GROUP.c.kind == sa.bindparam("kind")),
    _SPELLS.where(among(MEMBER.c.person, "persons"), GROUP.c.kind == sa.bindparam("kind")),
)
_FACT = sa.select(
    FACT.c.ref,
    FACT.c.kind,
    FACT.c.program,
    FACT.c.about,
    FACT.c.seq,
    FACT.c.recorded_at,
    sa.cast(FACT.c.data, sa.Text).label("data"),
)
_FACTS = sa.union_all(
    _FACT.where(FACT.c.county == _COUNTY, among(FACT.c.about, "about")),
    _FACT.where(FACT.c.county == _COUNTY, among(FACT.c.ref, "refs"), sa.not_(among(FACT.c.about, "about"))),
)
_MUTUAL_CASES = sa.union_all(
    sa.select(MUTUAL_CASE).where(
        MUTUAL_CASE.c.county == _COUNTY, among(MUTUAL_CASE.c.household, "households")
    ),
    sa.select(MUTUAL_CASE).where(
        MUTUAL_CASE.c.county == _COUNTY,
        among(MUTUAL_CASE.c.unit, "units"),
        sa.not_(among(MUTUAL_CASE.c.household, "households")),
    ),
)

_FORGET_MEMBERS = MEMBER.delete().where(MEMBER.c.county == _COUNTY, among(MEMBER.c.source, "sources"))


@dataclass(frozen=True, slots=True)
class Group:
    """The register of a household, or of an application or case that names a unit's members.

    Two kinds are no membership: `placement`, where `household` is the child and the member is the caregiver, and
    `left`, for one person and one case: who was taken off the unit, until the month from which.
    """

    source: str
    kind: str
    program: str
    household: str
    seq: int
    members: tuple[Membership, ...]


@dataclass(frozen=True)
class CoordinationRepository:
    """Statements over one county's households and facts."""

    connection: Connection
    county: str

    async def groups(self, sources: Collection[str]) -> dict[str, tuple[int, tuple[str, ...]]]:
        """The sequence and the members of group registers."""
        if not sources:
            return {}
        rows = await self._read(_GROUPS, sources=sources)
        found: dict[str, tuple[int, tuple[str, ...]]] = {}
        for source, seq, person in rows:
            _, members = found.get(source, (seq, ()))
            found[source] = (seq, (*members, person) if person else members)
        return found

    async def save_groups(self, groups: Sequence[Group]) -> None:
        """Replace group registers and their members; the caller has checked the sequence."""
        if not groups:
            return
        await self._read(_FORGET_MEMBERS, sources=[g.source for g in groups])
        await self.connection.execute(
            upsert(self.connection, GROUP, replace=("seq", "household")),
            [
                {
                    "county": self.county,
                    "source": g.source,
                    "program": g.program,
                    "household": g.household,
                    "kind": g.kind,
                    "seq": g.seq,
                }
                for g in groups
            ],
        )
        rows = [
            {
                "county": self.county,
                "source": group.source,
                "person": member.person,
                "position": position,
                "household": group.household,
                "role": member.role,
                "from_date": member.from_date,
                "until_date": member.until_date,
            }
            for group in groups
            for position, member in enumerate(group.members)
        ]
        if rows:
            await self.connection.execute(insert_into(MEMBER), rows)

    async def memberships(
        self, *, persons: Collection[str] = (), households: Collection[str] = ()
    ) -> list[Membership]:
        """Every spell in the households named, and in those that the persons named have ever been in."""
        if not persons and not households:
            return []
        rows = await self._read(_MEMBERSHIPS, persons=persons, households=households)
        return [Membership(*row) for row in rows]

    async def placed(
        self, *, children: Collection[str] = (), caregivers: Collection[str] = ()
    ) -> list[Membership]:
        """The placements of these children or with these caregivers: `household` is the child. Ended ones too."""
        return await self._ties("placement", children, caregivers)

    async def left(self, *, units: Collection[str] = (), persons: Collection[str] = ()) -> list[Membership]:
        """Who was taken off these units, and which units these persons were taken off."""
        return await self._ties("left", units, persons)

    async def _ties(
        self, kind: str, households: Collection[str], persons: Collection[str]
    ) -> list[Membership]:
        if not persons and not households:
            return []
        parameters = {"households": list(households), "persons": list(persons), "kind": kind}
        rows = await self.connection.execute(_TIES, {"county": self.county, **parameters})
        return [Membership(*row) for row in rows]

    async def save_facts(self, facts: Sequence[Fact]) -> None:
        """Write facts; one whose sequence is not above what is stored changes nothing."""
        if not facts:
            return
        await self.connection.execute(
            upsert(self.connection, FACT, replace=("seq", "about", "recorded_at", "data"), newer="seq"),
            [
                {
                    "county": self.county,
                    "ref": fact.ref,
                    "kind": fact.data.NAME,
                    "program": fact.program,
                    "seq": fact.seq,
                    "about": fact.about,
                    "recorded_at": fact.recorded_at,
                    "data": fact.data.model_dump(mode="json", exclude_none=True),
                }
                for fact in facts
            ],
        )

    async def facts(self, *, about: Collection[str] = (), refs: Collection[str] = ()) -> list[Fact]:
        """The facts about persons, households, units or objects, or those with these references."""
        if not about and not refs:
            return []
        rows = await self._read(_FACTS, about=about, refs=refs)
        return [_fact(row) for row in rows]

    async def recorded(self, kinds: Sequence[str], since: datetime) -> list[Fact]:
        """The facts of these kinds that were recorded since an instant: looks through the whole county."""
        wanted = _FACT.where(
            FACT.c.county == self.county, FACT.c.kind.in_(kinds), FACT.c.recorded_at >= since
        )
        return [_fact(row) for row in await self.connection.execute(wanted)]

    async def mutual_cases(
        self, *, households: Collection[str] = (), units: Collection[str] = ()
    ) -> list[Any]:
        """Mutual cases, open or closed, of these households or units."""
        if not households and not units:
            return []
        rows = await self._read(_MUTUAL_CASES, households=households, units=units)
        return list(rows.all())

    async def save_mutual_cases(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert or replace mutual cases."""
        if not rows:
            return
        changed = ("types", "is_open", "judged", "version", "changed_at")
        await self.connection.execute(
            upsert(self.connection, MUTUAL_CASE, replace=changed),
            [{"county": self.county, **row} for row in rows],
        )

    async def _read(self, statement: sa.Executable, **lists: Collection[str]) -> Any:
        parameters = {name: list(values) for name, values in lists.items()}
        return await self.connection.execute(statement, {"county": self.county, **parameters})


def _fact(row: Any) -> Fact:
    return Fact(
        ref=row.ref,
        program=row.program,
        about=row.about,
        seq=row.seq,
        recorded_at=row.recorded_at,
        data=_data(row.kind, row.data),
    )


@lru_cache(maxsize=8192)
def _data(kind: str, text: str) -> Event:
    """A fact's data: the same ones are read at every step of a family's way through intake."""
    return KINDS[kind].model_validate_json(text)

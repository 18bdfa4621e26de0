"""What all repositories do: name the county in each statement, page, count versions."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

import sqlalchemy as sa

from services.calworks_api import tables as t
from services.calworks_api.domain.person import SEALED
from services.calworks_api.domain.unit import Member
from shared.database import Connection, among, insert_into
from shared.records import next_version

# Built once: these statements stand in most calls, and building one takes longer than running it.
_ASSIGNED = sa.select(t.ASSIGNMENT.c["on"], t.ASSIGNMENT.c.kind, t.ASSIGNMENT.c.ref).where(
    t.ASSIGNMENT.c.county == sa.bindparam("county"),
    among(t.ASSIGNMENT.c["on"], "refs"),
    t.ASSIGNMENT.c.until_at.is_(None),
)


@cache
def _people(table: sa.Table, column: str) -> sa.Select[Any]:
    owner, person = table.c[column], t.PERSON
    return (
        sa.select(
            owner,
            table.c.person,
            table.c.role,
            person.c.record_id,
            person.c.sensitivity,
            person.c.voided_at,
        )
        .join(person, sa.and_(person.c.county == table.c.county, person.c.ref == table.c.person))
        .where(table.c.county == sa.bindparam("county"), among(owner, "refs"))
        .order_by(owner, table.c.place)
    )


class Versioned(Protocol):
    """A record of the domain."""

    @property
    def ref(self) -> str:
        """Its reference."""
        ...

    @property
    def version(self) -> int:
        """Its version, from 1."""
        ...


class Repository:
    """A connection, and the county of everything read and written on it."""

    def __init__(self, connection: Connection, county: str) -> None:
        self.connection = connection
        self.county = county

    async def _rows(self, statement: sa.Select[Any]) -> Sequence[Any]:
        rows: Sequence[Any] = (await self.connection.execute(statement)).all()
        return rows

    def _named(self, refs: Sequence[str]) -> dict[str, object]:
        return {"county": self.county, "refs": list(refs)}

    def _all(self, table: sa.Table) -> sa.Select[Any]:
        return sa.select(table).where(table.c.county == self.county)

    def _one(self, table: sa.Table, ref: str) -> sa.Select[Any]:
        return self._all(table).where(table.c.ref == ref)

    def _some(self, table: sa.Table, after: str | None, limit: int) -> sa.Select[Any]:
        """A page and one row more, which says that there is a next page."""
        some = self._all(table).order_by(table.c.ref).limit(limit + 1)
        return some if after is None else some.where(table.c.ref > after)

    def _shown(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Whether the person that a row is about is neither sealed nor void."""
        return sa.exists().where(
            t.PERSON.c.county == table.c.county,
            t.PERSON.c.ref == table.c.person,
            t.PERSON.c.sensitivity != SEALED,
            t.PERSON.c.voided_at.is_(None),
        )

    def _records_of(self, person: str) -> sa.CompoundSelect[tuple[str]]:
        """The references of a person: the record's own, and those of the records that were merged into it."""
        merged = sa.select(t.PERSON.c.ref).where(
            t.PERSON.c.county == self.county, t.PERSON.c.merged_into == person
        )
        return sa.union_all(sa.select(sa.literal(person)), merged)

    async def _next_version(self, table: sa.Table, ref: str, at: datetime, **values: object) -> bool:
        """Change a record, which locks it. False if there is none."""
        given = {"of_county": self.county, "of_ref": ref, "changed_at": at, **values}
        return (await self.connection.execute(next_version(table), given)).first() is not None

    async def _people(self, table: sa.Table, column: str, refs: Sequence[str]) -> dict[str, list[Member]]:
        """The people of units, applications or cases; of a sealed or void person only the reference."""
        if not refs:
            return {}
        rows = await self.connection.execute(_people(table, column), self._named(refs))
        found: dict[str, list[Member]] = {}
        for of, ref, role, record_id, sensitivity, voided_at in rows:
            shown = None if sensitivity == SEALED or voided_at is not None else record_id
            found.setdefault(of, []).append(Member(ref, role, shown))
        return found

    async def _assigned(self, refs: Sequence[str]) -> dict[str, dict[str, str]]:
        """The present assignments of applications or cases, in the order of their kinds."""
        if not refs:
            return {}
        rows = await self.connection.execute(_ASSIGNED, self._named(refs))
        found: dict[str, dict[str, str]] = {}
        for of, kind, ref in sorted(rows.all()):
            found.setdefault(of, {})[kind] = ref
        return found

    def _stamped(self, record: Versioned, at: datetime, **values: object) -> dict[str, object]:
        """The row of a new record."""
        key: dict[str, object] = {"county": self.county, "ref": record.ref, "version": record.version}
        return key | {"created_at": at, "changed_at": at} | values

    async def _add_people(self, table: sa.Table, column: str, owner: str, people: Sequence[Member]) -> None:
        rows = [
            {"county": self.county, column: owner, "place": place, "person": one.person, "role": one.role}
            for place, one in enumerate(people)
        ]
        if rows:
            await self.connection.execute(insert_into(table), rows)

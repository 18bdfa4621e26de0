"""What all repositories do: name the county in each statement, page, count versions."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

import sqlalchemy as sa

from services.cws_api import tables as t
from services.cws_api.domain.assignment import PRIMARY
from services.cws_api.domain.client import SEALED
from services.cws_api.domain.referral import Participant
from shared.database import Connection, among, insert_into
from shared.records import next_version

# Built once: these statements stand in most calls, and building one takes longer than running it.
_PRIMARY = sa.select(t.ASSIGNMENT.c["on"], t.ASSIGNMENT.c.ref).where(
    t.ASSIGNMENT.c.county == sa.bindparam("county"),
    among(t.ASSIGNMENT.c["on"], "refs"),
    t.ASSIGNMENT.c.kind == PRIMARY,
    t.ASSIGNMENT.c.until_at.is_(None),
)


@cache
def _participants(table: sa.Table, column: str) -> sa.Select[Any]:
    owner, client = table.c[column], t.CLIENT
    return (
        sa.select(owner, table.c.client, table.c.role, client.c.record_id, client.c.sensitivity)
        .join(client, sa.and_(client.c.county == table.c.county, client.c.ref == table.c.client))
        .where(table.c.county == sa.bindparam("county"), among(owner, "refs"))
        .order_by(owner, table.c.place)
    )


def is_shown(client: Any) -> sa.ColumnElement[bool]:
    """Whether a client, a row of its table or of an alias of it, is neither sealed nor void."""
    return sa.and_(client.c.sensitivity != SEALED, client.c.voided_at.is_(None))


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

    async def _next_version(self, table: sa.Table, ref: str, at: datetime, **values: object) -> bool:
        """Change a record, which locks it. False if there is none."""
        given = {"of_county": self.county, "of_ref": ref, "changed_at": at, **values}
        return (await self.connection.execute(next_version(table), given)).first() is not None

    async def _participants(
        self, table: sa.Table, column: str, refs: Sequence[str]
    ) -> dict[str, list[Participant]]:
        """The participants of referrals or cases; of a sealed client only the reference."""
        if not refs:
            return {}
        rows = await self.connection.execute(_participants(table, column), self._named(refs))
        found: dict[str, list[Participant]] = {}
        for of, ref, role, record_id, sensitivity in rows:
            shown = None if sensitivity == SEALED else record_id
            found.setdefault(of, []).append(Participant(ref, role, shown))
        return found

    async def _primary(self, refs: Sequence[str]) -> dict[str, str]:
        """The present primary assignment of referrals or cases."""
        if not refs:
            return {}
        rows = await self.connection.execute(_PRIMARY, self._named(refs))
        return {row[0]: row[1] for row in rows}

    def _stamped(self, record: Versioned, at: datetime, **values: object) -> dict[str, object]:
        """The row of a new record."""
        key: dict[str, object] = {"county": self.county, "ref": record.ref, "version": record.version}
        return key | {"created_at": at, "changed_at": at} | values

    async def _add_participants(
        self, table: sa.Table, column: str, owner: str, participants: Sequence[Participant]
    ) -> None:
        rows = [
            {"county": self.county, column: owner, "place": place, "client": one.client, "role": one.role}
            for place, one in enumerate(participants)
        ]
        if rows:
            await self.connection.execute(insert_into(table), rows)

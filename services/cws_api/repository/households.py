"""Households and their members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.cws_api import tables as t
from services.cws_api.domain.client import RecordIdTaken
from services.cws_api.domain.household import Household, HouseholdNotFound
from services.cws_api.repository.common import Repository
from shared.database import among, insert_into
from shared.events.parts import Member

# Built once: these statements stand in every intake.
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_VALUE: sa.BindParameter[str] = sa.bindparam("value")
_LOCKED = sa.select(t.HOUSEHOLD).where(t.HOUSEHOLD.c.county == _COUNTY).with_for_update()
_BY_REF = _LOCKED.where(t.HOUSEHOLD.c.ref == _VALUE)
_BY_RECORD_ID = _LOCKED.where(t.HOUSEHOLD.c.record_id == _VALUE)
_FORGET_MEMBERS = t.HOUSEHOLD_MEMBER.delete().where(
    t.HOUSEHOLD_MEMBER.c.county == _COUNTY, t.HOUSEHOLD_MEMBER.c.household == _VALUE
)
_MEMBERS = (
    sa.select(t.HOUSEHOLD_MEMBER)
    .where(t.HOUSEHOLD_MEMBER.c.county == _COUNTY, among(t.HOUSEHOLD_MEMBER.c.household, "refs"))
    .order_by(t.HOUSEHOLD_MEMBER.c.household, t.HOUSEHOLD_MEMBER.c.place)
)


class Households(Repository):
    """Households and their members."""

    async def get(self, ref: str, *, lock: bool = False) -> Household:
        """A household. Raises HouseholdNotFound."""
        one = self._one(t.HOUSEHOLD, ref)
        found = await self._complete(await self._rows(one.with_for_update() if lock else one))
        if not found:
            raise HouseholdNotFound
        return found[0]

    async def find(self, *, ref: str | None = None, record_id: str | None = None) -> Household | None:
        """A household by either name, locked: it is about to be extended."""
        statement, value = (_BY_REF, ref) if ref else (_BY_RECORD_ID, record_id)
        if value is None:
            return None
        rows = await self.connection.execute(statement, {"county": self.county, "value": value})
        found = await self._complete(rows.all())
        return found[0] if found else None

    async def shared_by(self, one: str, other: str) -> list[Household]:
        """The households in which two clients still live, locked: they are about to be changed."""
        first, second = (t.HOUSEHOLD_MEMBER.alias(name) for name in ("first", "second"))
        both = (
            sa.select(first.c.household)
            .join(second, sa.and_(second.c.county == first.c.county, second.c.household == first.c.household))
            .where(
                first.c.county == self.county,
                first.c.client == one,
                first.c.until_date.is_(None),
                second.c.client == other,
                second.c.until_date.is_(None),
            )
        )
        found = self._all(t.HOUSEHOLD).where(t.HOUSEHOLD.c.ref.in_(both)).order_by(t.HOUSEHOLD.c.ref)
        return await self._complete(await self._rows(found.with_for_update()))

    async def page(self, after: str | None, limit: int) -> list[Household]:
        """Households by reference."""
        return await self._complete(await self._rows(self._some(t.HOUSEHOLD, after, limit)))

    async def _complete(self, rows: Sequence[Any]) -> list[Household]:
        if not rows:
            return []
        members: dict[str, list[Member]] = {row.ref: [] for row in rows}
        for one in await self.connection.execute(_MEMBERS, self._named(list(members))):
            members[one.household].append(
                Member(
                    person=one.client,
                    role=one.role,
                    relation=one.relation,
                    from_date=one.from_date,
                    until_date=one.until_date,
                )
            )
        return [
            Household(row.ref, row.record_id, row.protected, tuple(members[row.ref]), row.version)
            for row in rows
        ]

    async def add(self, household: Household, at: datetime) -> None:
        """Store a new household with its members. Raises RecordIdTaken if another call was first."""
        row = self._stamped(
            household,
            at,
            record_id=household.record_id,
            protected=household.protected,
        )
        try:
            await self.connection.execute(insert_into(t.HOUSEHOLD), row)
        except IntegrityError:
            raise RecordIdTaken from None
        await self._put_members(household)

    async def change(self, household: Household, at: datetime) -> None:
        """Store the next version and its members."""
        await self._next_version(t.HOUSEHOLD, household.ref, at, protected=household.protected)
        await self.connection.execute(_FORGET_MEMBERS, {"county": self.county, "value": household.ref})
        await self._put_members(household)

    async def _put_members(self, household: Household) -> None:
        rows = [
            {
                "county": self.county,
                "household": household.ref,
                "client": member.person,
                "place": place,
                "role": member.role,
                "relation": member.relation,
                "from_date": member.from_date,
                "until_date": member.until_date,
            }
            for place, member in enumerate(household.members)
        ]
        if rows:
            await self.connection.execute(insert_into(t.HOUSEHOLD_MEMBER), rows)

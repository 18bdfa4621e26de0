"""Assistance units and their members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.calworks_api import tables as t
from services.calworks_api.domain.person import RecordIdTaken
from services.calworks_api.domain.unit import Unit, UnitNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into

# Built once: these statements stand in every intake.
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_VALUE: sa.BindParameter[str] = sa.bindparam("value")
_LOCKED = sa.select(t.UNIT).where(t.UNIT.c.county == _COUNTY).with_for_update()
_BY_REF = _LOCKED.where(t.UNIT.c.ref == _VALUE)
_BY_RECORD_ID = _LOCKED.where(t.UNIT.c.record_id == _VALUE)
_FORGET_MEMBERS = t.UNIT_MEMBER.delete().where(
    t.UNIT_MEMBER.c.county == _COUNTY, t.UNIT_MEMBER.c.unit == _VALUE
)


class Units(Repository):
    """Assistance units and their members."""

    async def get(self, ref: str, *, lock: bool = False) -> Unit:
        """A unit. Raises UnitNotFound."""
        one = self._one(t.UNIT, ref)
        found = await self._complete(await self._rows(one.with_for_update() if lock else one))
        if not found:
            raise UnitNotFound
        return found[0]

    async def find(self, *, ref: str | None = None, record_id: str | None = None) -> Unit | None:
        """A unit by either name, locked: its members are about to change."""
        statement, value = (_BY_REF, ref) if ref else (_BY_RECORD_ID, record_id)
        if value is None:
            return None
        rows = await self.connection.execute(statement, {"county": self.county, "value": value})
        found = await self._complete(rows.all())
        return found[0] if found else None

    async def page(self, after: str | None, limit: int) -> list[Unit]:
        """Units by reference."""
        return await self._complete(await self._rows(self._some(t.UNIT, after, limit)))

    async def _complete(self, rows: Sequence[Any]) -> list[Unit]:
        members = await self._people(t.UNIT_MEMBER, "unit", [row.ref for row in rows])
        return [Unit(row.ref, row.record_id, tuple(members.get(row.ref, ())), row.version) for row in rows]

    async def add(self, unit: Unit, at: datetime) -> None:
        """Store a new unit with its members. Raises RecordIdTaken if another call was first."""
        row = self._stamped(unit, at, record_id=unit.record_id)
        try:
            await self.connection.execute(insert_into(t.UNIT), row)
        except IntegrityError:
            raise RecordIdTaken from None
        await self._add_people(t.UNIT_MEMBER, "unit", unit.ref, unit.members)

    async def change(self, unit: Unit, at: datetime) -> None:
        """Store the next version and its members."""
        await self._next_version(t.UNIT, unit.ref, at)
        await self.connection.execute(_FORGET_MEMBERS, {"county": self.county, "value": unit.ref})
        await self._add_people(t.UNIT_MEMBER, "unit", unit.ref, unit.members)

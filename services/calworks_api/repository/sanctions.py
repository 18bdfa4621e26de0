"""Sanctions."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.calworks_api import tables as t
from services.calworks_api.domain.sanction import Sanction, SanctionNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into
from shared.events.parts import Slot


class Sanctions(Repository):
    """Sanctions; those of sealed persons are hidden with them."""

    async def get(self, ref: str) -> Sanction:
        """A sanction. Raises SanctionNotFound."""
        rows = await self._rows(self._one(t.SANCTION, ref).where(self._shown(t.SANCTION)))
        if not rows:
            raise SanctionNotFound
        return _sanction(rows[0])

    async def page(self, after: str | None, limit: int) -> list[Sanction]:
        """Sanctions by reference."""
        some = self._some(t.SANCTION, after, limit).where(self._shown(t.SANCTION))
        return [_sanction(row) for row in await self._rows(some)]

    async def count(self, person: str) -> int:
        """How many a person has had, under any of his or her references."""
        sanction = t.SANCTION.c
        counted = sa.select(sa.func.max(sanction.instance_no)).where(
            sanction.county == self.county, sanction.person.in_(self._records_of(person))
        )
        return (await self.connection.execute(counted)).scalar() or 0

    async def add(self, sanction: Sanction, at: datetime) -> None:
        """Store a new sanction."""
        await self.connection.execute(
            insert_into(t.SANCTION),
            self._stamped(
                sanction,
                at,
                person=sanction.person,
                sanction_class=sanction.sanction_class,
                instance_no=sanction.instance_no,
                effective_month=sanction.effective_month,
                noncompliance=sanction.noncompliance,
                cure_steps=[step.model_dump(mode="json", exclude_none=True) for step in sanction.cure_steps],
                status=sanction.status,
            ),
        )

    async def end(self, ended: Sanction, at: datetime) -> None:
        """Store the version that is cured or rescinded."""
        await self._next_version(
            t.SANCTION,
            ended.ref,
            at,
            status=ended.status,
            ended_on=ended.ended_on,
            restored_month=ended.restored_month,
        )


def _sanction(row: Any) -> Sanction:
    return Sanction(
        ref=row.ref,
        person=row.person,
        sanction_class=row.sanction_class,
        instance_no=row.instance_no,
        effective_month=row.effective_month,
        noncompliance=row.noncompliance,
        cure_steps=tuple(Slot.model_validate(step) for step in row.cure_steps),
        status=row.status,
        ended_on=row.ended_on,
        restored_month=row.restored_month,
        version=row.version,
    )

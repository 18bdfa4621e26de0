"""Notices of non-participation."""

from datetime import datetime
from typing import Any

from services.calworks_api import tables as t
from services.calworks_api.domain.noncompliance import Noncompliance, NoncomplianceNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into
from shared.events.parts import Slot


class Noncompliances(Repository):
    """Notices; those of sealed persons are hidden with them."""

    async def get(self, ref: str) -> Noncompliance:
        """A notice. Raises NoncomplianceNotFound."""
        rows = await self._rows(self._one(t.NONCOMPLIANCE, ref).where(self._shown(t.NONCOMPLIANCE)))
        if not rows:
            raise NoncomplianceNotFound
        return _noncompliance(rows[0])

    async def page(self, after: str | None, limit: int) -> list[Noncompliance]:
        """Notices by reference."""
        some = self._some(t.NONCOMPLIANCE, after, limit).where(self._shown(t.NONCOMPLIANCE))
        return [_noncompliance(row) for row in await self._rows(some)]

    async def of(self, person: str) -> list[Noncompliance]:
        """All notices that a person was sent."""
        rows = await self._rows(self._all(t.NONCOMPLIANCE).where(t.NONCOMPLIANCE.c.person == person))
        return [_noncompliance(row) for row in rows]

    async def add(self, noncompliance: Noncompliance, at: datetime) -> None:
        """Store a new notice."""
        missed = noncompliance.missed
        await self.connection.execute(
            insert_into(t.NONCOMPLIANCE),
            self._stamped(
                noncompliance,
                at,
                person=noncompliance.person,
                notice_date=noncompliance.notice_date,
                missed=None if missed is None else missed.model_dump(mode="json", exclude_none=True),
                status=noncompliance.status,
            ),
        )


def _noncompliance(row: Any) -> Noncompliance:
    return Noncompliance(
        ref=row.ref,
        person=row.person,
        notice_date=row.notice_date,
        missed=None if row.missed is None else Slot.model_validate(row.missed),
        status=row.status,
        version=row.version,
    )

"""Exemptions."""

from datetime import datetime
from typing import Any

from services.calworks_api import tables as t
from services.calworks_api.domain.exemption import Exemption, ExemptionNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into


class Exemptions(Repository):
    """Exemptions; those of sealed persons are hidden with them."""

    async def get(self, ref: str) -> Exemption:
        """An exemption. Raises ExemptionNotFound."""
        rows = await self._rows(self._one(t.EXEMPTION, ref).where(self._shown(t.EXEMPTION)))
        if not rows:
            raise ExemptionNotFound
        return _exemption(rows[0])

    async def page(self, after: str | None, limit: int) -> list[Exemption]:
        """Exemptions by reference."""
        some = self._some(t.EXEMPTION, after, limit).where(self._shown(t.EXEMPTION))
        return [_exemption(row) for row in await self._rows(some)]

    async def stands(self, person: str) -> bool:
        """Whether a person has one that has not ended, under any of his or her references."""
        column = t.EXEMPTION.c
        some = self._all(t.EXEMPTION).where(
            column.person.in_(self._records_of(person)), column.ended_on.is_(None)
        )
        return bool(await self._rows(some.limit(1)))

    async def add(self, exemption: Exemption, at: datetime) -> None:
        """Store a new exemption."""
        row = self._stamped(
            exemption,
            at,
            person=exemption.person,
            from_date=exemption.from_date,
            review_on=exemption.review_on,
            ended_on=exemption.ended_on,
        )
        await self.connection.execute(insert_into(t.EXEMPTION), row)

    async def end(self, ended: Exemption, at: datetime) -> None:
        """Store the version that says when it ended."""
        await self._next_version(t.EXEMPTION, ended.ref, at, ended_on=ended.ended_on)


def _exemption(row: Any) -> Exemption:
    return Exemption(
        ref=row.ref,
        person=row.person,
        from_date=row.from_date,
        review_on=row.review_on,
        ended_on=row.ended_on,
        version=row.version,
    )

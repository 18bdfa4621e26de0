"""Hearings."""

from datetime import datetime
from typing import Any

from services.cws_api import tables as t
from services.cws_api.domain.hearing import Hearing, HearingNotFound
from services.cws_api.repository.common import Repository
from shared.database import insert_into


class Hearings(Repository):
    """Hearings in cases."""

    async def get(self, ref: str, *, lock: bool = False) -> Hearing:
        """A hearing. Raises HearingNotFound."""
        one = self._one(t.HEARING, ref)
        rows = await self._rows(one.with_for_update() if lock else one)
        if not rows:
            raise HearingNotFound
        return _hearing(rows[0])

    async def page(self, after: str | None, limit: int, *, case: str) -> list[Hearing]:
        """Hearings of a case by reference."""
        some = self._some(t.HEARING, after, limit).where(t.HEARING.c.case == case)
        return [_hearing(row) for row in await self._rows(some)]

    async def add(self, hearing: Hearing, at: datetime) -> None:
        """Store a new hearing."""
        row = self._stamped(hearing, at, case=hearing.case, kind=hearing.kind, on=hearing.on)
        await self.connection.execute(insert_into(t.HEARING), row)

    async def move(self, moved: Hearing, at: datetime) -> None:
        """Store the version on another day."""
        await self._next_version(t.HEARING, moved.ref, at, on=moved.on)


def _hearing(row: Any) -> Hearing:
    return Hearing(ref=row.ref, case=row.case, kind=row.kind, on=row.on, version=row.version)

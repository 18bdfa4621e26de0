"""Removals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.cws_api import tables as t
from services.cws_api.domain.removal import Removal, RemovalNotFound
from services.cws_api.repository.common import Repository, is_shown
from shared.database import insert_into


class Removals(Repository):
    """Removals; those of sealed and void children are hidden with them."""

    def _shown(self) -> sa.ColumnElement[bool]:
        return sa.exists().where(
            t.CLIENT.c.county == t.REMOVAL.c.county,
            t.CLIENT.c.ref == t.REMOVAL.c.child,
            is_shown(t.CLIENT),
        )

    async def get(self, ref: str, *, lock: bool = False) -> Removal:
        """A removal. Raises RemovalNotFound."""
        one = self._one(t.REMOVAL, ref).where(self._shown())
        rows = await self._rows(one.with_for_update() if lock else one)
        if not rows:
            raise RemovalNotFound
        return _removal(rows[0])

    async def page(self, after: str | None, limit: int, *, child: str | None = None) -> list[Removal]:
        """Removals by reference, of one child or of all."""
        some = self._some(t.REMOVAL, after, limit).where(self._shown())
        if child is not None:
            some = some.where(t.REMOVAL.c.child == child)
        return [_removal(row) for row in await self._rows(some)]

    async def stands(self, child: Sequence[str]) -> bool:
        """Whether the child, of these records, is removed and has not returned."""
        standing = self._all(t.REMOVAL).where(t.REMOVAL.c.child.in_(child), t.REMOVAL.c.returned_on.is_(None))
        return bool(await self._rows(standing))

    async def add(self, removal: Removal, at: datetime) -> None:
        """Store a new removal."""
        await self.connection.execute(
            insert_into(t.REMOVAL),
            self._stamped(
                removal,
                at,
                child=removal.child,
                removed_on=removal.removed_on,
                all_eligible_removed=removal.all_eligible_removed,
                placement_class=removal.placement_class,
                court_date=removal.court_date,
                returned_on=removal.returned_on,
            ),
        )

    async def end(self, returned: Removal, at: datetime) -> None:
        """Store the version that says when the child returned."""
        await self._next_version(t.REMOVAL, returned.ref, at, returned_on=returned.returned_on)


def _removal(row: Any) -> Removal:
    return Removal(
        ref=row.ref,
        child=row.child,
        removed_on=row.removed_on,
        all_eligible_removed=row.all_eligible_removed,
        placement_class=row.placement_class,
        court_date=row.court_date,
        returned_on=row.returned_on,
        version=row.version,
    )

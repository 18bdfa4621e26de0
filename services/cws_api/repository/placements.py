"""Placements with relatives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.cws_api import tables as t
from services.cws_api.domain.placement import AlreadyPlaced, Placement, PlacementNotFound
from services.cws_api.repository.common import Repository, is_shown
from shared.database import insert_into

_COLUMNS = (
    "ref",
    "child",
    "caregiver",
    "degree",
    "funding",
    "planned_on",
    "started_on",
    "ended_on",
    "version",
)


class Placements(Repository):
    """Placements with relatives; those of sealed and void children are hidden with them."""

    def _shown(self) -> sa.ColumnElement[bool]:
        return sa.exists().where(
            t.CLIENT.c.county == t.RELATIVE_PLACEMENT.c.county,
            t.CLIENT.c.ref == t.RELATIVE_PLACEMENT.c.child,
            is_shown(t.CLIENT),
        )

    async def get(self, ref: str, *, lock: bool = False) -> Placement:
        """A placement. Raises PlacementNotFound."""
        one = self._one(t.RELATIVE_PLACEMENT, ref).where(self._shown())
        rows = await self._rows(one.with_for_update() if lock else one)
        if not rows:
            raise PlacementNotFound
        return _placement(rows[0])

    async def page(self, after: str | None, limit: int, *, child: str | None = None) -> list[Placement]:
        """Placements by reference, of one child or of all."""
        some = self._some(t.RELATIVE_PLACEMENT, after, limit).where(self._shown())
        if child is not None:
            some = some.where(t.RELATIVE_PLACEMENT.c.child == child)
        return [_placement(row) for row in await self._rows(some)]

    async def stands(self, child: Sequence[str]) -> bool:
        """Whether a placement of the child, of these records, is planned or goes on."""
        column = t.RELATIVE_PLACEMENT.c
        standing = self._all(t.RELATIVE_PLACEMENT).where(column.child.in_(child), column.ended_on.is_(None))
        return bool(await self._rows(standing))

    async def add(self, one: Placement, at: datetime) -> None:
        """Store a new placement. Raises AlreadyPlaced if another call was first."""
        row = self._stamped(
            one,
            at,
            child=one.child,
            caregiver=one.caregiver,
            degree=one.degree,
            funding=one.funding,
            planned_on=one.planned_on,
            started_on=one.started_on,
            ended_on=one.ended_on,
        )
        try:
            await self.connection.execute(insert_into(t.RELATIVE_PLACEMENT), row)
        except IntegrityError:
            raise AlreadyPlaced from None

    async def move(self, moved: Placement, at: datetime) -> None:
        """Store the version that says when it began or ended."""
        await self._next_version(
            t.RELATIVE_PLACEMENT, moved.ref, at, started_on=moved.started_on, ended_on=moved.ended_on
        )


def _placement(row: Any) -> Placement:
    return Placement(**{name: getattr(row, name) for name in _COLUMNS})

"""Milestones of the time clock."""

from datetime import datetime
from typing import Any

from services.calworks_api import tables as t
from services.calworks_api.domain.clock import ClockMilestone, ClockMilestoneNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into


class ClockMilestones(Repository):
    """Milestones; those of sealed and void persons are hidden with them."""

    async def get(self, ref: str) -> ClockMilestone:
        """A milestone. Raises ClockMilestoneNotFound."""
        rows = await self._rows(self._one(t.CLOCK_MILESTONE, ref).where(self._shown(t.CLOCK_MILESTONE)))
        if not rows:
            raise ClockMilestoneNotFound
        return _milestone(rows[0])

    async def page(self, after: str | None, limit: int, *, person: str | None = None) -> list[ClockMilestone]:
        """Milestones by reference, of one person under any of his or her references or of all."""
        some = self._some(t.CLOCK_MILESTONE, after, limit).where(self._shown(t.CLOCK_MILESTONE))
        if person is not None:
            some = some.where(t.CLOCK_MILESTONE.c.person.in_(self._records_of(person)))
        return [_milestone(row) for row in await self._rows(some)]

    async def last(self, person: str) -> ClockMilestone | None:
        """The one of a person's latest month, under any of his or her references."""
        column = t.CLOCK_MILESTONE.c
        some = self._all(t.CLOCK_MILESTONE).where(column.person.in_(self._records_of(person)))
        rows = await self._rows(some.order_by(column.month.desc(), column.used.desc()).limit(1))
        return _milestone(rows[0]) if rows else None

    async def add(self, milestone: ClockMilestone, at: datetime) -> None:
        """Store a new milestone."""
        row = self._stamped(
            milestone,
            at,
            person=milestone.person,
            month=milestone.month,
            used=milestone.used,
            projected_end=milestone.projected_end,
        )
        await self.connection.execute(insert_into(t.CLOCK_MILESTONE), row)


def _milestone(row: Any) -> ClockMilestone:
    return ClockMilestone(
        ref=row.ref,
        person=row.person,
        month=row.month,
        used=row.used,
        projected_end=row.projected_end,
        version=row.version,
    )

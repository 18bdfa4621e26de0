"""Meetings."""

from datetime import datetime
from typing import Any

from services.cws_api import tables as t
from services.cws_api.domain.meeting import Meeting, MeetingNotFound
from services.cws_api.repository.common import Repository
from shared.database import insert_into


class Meetings(Repository):
    """Meetings, those that are over among them."""

    async def get(self, ref: str, *, lock: bool = False) -> Meeting:
        """A meeting. Raises MeetingNotFound."""
        one = self._one(t.MEETING, ref)
        rows = await self._rows(one.with_for_update() if lock else one)
        if not rows:
            raise MeetingNotFound
        return _meeting(rows[0])

    async def page(self, after: str | None, limit: int) -> list[Meeting]:
        """Meetings by reference."""
        return [_meeting(row) for row in await self._rows(self._some(t.MEETING, after, limit))]

    async def add(self, meeting: Meeting, at: datetime) -> None:
        """Store a new meeting."""
        row = self._stamped(
            meeting,
            at,
            household=meeting.household,
            kind=meeting.kind,
            status=meeting.status,
            **_set(meeting),
        )
        await self.connection.execute(insert_into(t.MEETING), row | {"outcomes": list(meeting.outcomes)})

    async def set_anew(self, meeting: Meeting, at: datetime) -> None:
        """Store the version that says when and where it is now, and who is asked."""
        await self._next_version(t.MEETING, meeting.ref, at, **_set(meeting))

    async def end(self, over: Meeting, at: datetime) -> None:
        """Store the version that says what became of it."""
        await self._next_version(
            t.MEETING,
            over.ref,
            at,
            status=over.status,
            held_on=over.held_on,
            outcomes=list(over.outcomes),
            cancelled_on=over.cancelled_on,
        )


def _set(meeting: Meeting) -> dict[str, object]:
    return {
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "place": meeting.place,
        "clients": list(meeting.clients),
        "workers": list(meeting.workers),
    }


def _meeting(row: Any) -> Meeting:
    return Meeting(
        ref=row.ref,
        household=row.household,
        kind=row.kind,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=row.place,
        clients=tuple(row.clients),
        workers=tuple(row.workers),
        status=row.status,
        held_on=row.held_on,
        outcomes=tuple(row.outcomes),
        cancelled_on=row.cancelled_on,
        version=row.version,
    )

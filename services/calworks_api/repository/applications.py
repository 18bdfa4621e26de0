"""Applications and the people on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.calworks_api import tables as t
from services.calworks_api.domain.application import Application, ApplicationNotFound
from services.calworks_api.domain.assignment import ELIGIBILITY
from services.calworks_api.repository.common import Repository
from shared.database import insert_into


class Applications(Repository):
    """Applications and the people on them."""

    async def get(self, ref: str, *, lock: bool = False) -> Application:
        """An application. Raises ApplicationNotFound."""
        one = self._one(t.APPLICATION, ref)
        found = await self._complete(await self._rows(one.with_for_update() if lock else one))
        if not found:
            raise ApplicationNotFound
        return found[0]

    async def page(self, after: str | None, limit: int) -> list[Application]:
        """Applications by reference."""
        return await self._complete(await self._rows(self._some(t.APPLICATION, after, limit)))

    async def _complete(self, rows: Sequence[Any]) -> list[Application]:
        refs = [row.ref for row in rows]
        persons = await self._people(t.APPLICATION_PERSON, "application", refs)
        assigned = await self._assigned(refs)
        return [
            Application(
                ref=row.ref,
                au=row.au,
                received_at=row.received_at,
                persons=tuple(persons.get(row.ref, ())),
                expedite=tuple(row.expedite),
                status=row.status,
                reason_class=row.reason_class,
                ended_on=row.ended_on,
                assignment=assigned.get(row.ref, {}).get(ELIGIBILITY),
                version=row.version,
            )
            for row in rows
        ]

    async def add(self, application: Application, at: datetime) -> None:
        """Store a new application with the people on it."""
        await self.connection.execute(
            insert_into(t.APPLICATION),
            self._stamped(
                application,
                at,
                au=application.au,
                received_at=application.received_at,
                expedite=list(application.expedite),
                status=application.status,
            ),
        )
        await self._add_people(t.APPLICATION_PERSON, "application", application.ref, application.persons)

    async def end(self, ended: Application, at: datetime) -> None:
        """Store the version that is decided or withdrawn."""
        await self._next_version(
            t.APPLICATION,
            ended.ref,
            at,
            status=ended.status,
            reason_class=ended.reason_class,
            ended_on=ended.ended_on,
        )

    async def touch(self, ref: str, at: datetime) -> bool:
        """Count a version, because its assignment changes. False if there is no such record."""
        return await self._next_version(t.APPLICATION, ref, at)

"""Cases and their members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from services.calworks_api import tables as t
from services.calworks_api.domain.application import AlreadyApproved
from services.calworks_api.domain.case import Case, CaseNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into


class Cases(Repository):
    """Cases and their members."""

    async def get(self, ref: str) -> Case:
        """A case. Raises CaseNotFound."""
        found = await self._complete(await self._rows(self._one(t.CASE, ref)))
        if not found:
            raise CaseNotFound
        return found[0]

    async def page(self, after: str | None, limit: int) -> list[Case]:
        """Cases by reference."""
        return await self._complete(await self._rows(self._some(t.CASE, after, limit)))

    async def _complete(self, rows: Sequence[Any]) -> list[Case]:
        refs = [row.ref for row in rows]
        members = await self._people(t.CASE_MEMBER, "case", refs)
        assigned = await self._assigned(refs)
        return [
            Case(
                ref=row.ref,
                au=row.au,
                aid_start=row.aid_start,
                members=tuple(members.get(row.ref, ())),
                application=row.application,
                status=row.status,
                assignments=tuple(assigned.get(row.ref, {}).values()),
                version=row.version,
            )
            for row in rows
        ]

    async def add(self, case: Case, at: datetime) -> None:
        """Store a new case with its members. Raises AlreadyApproved if its application has one."""
        row = self._stamped(
            case, at, au=case.au, application=case.application, aid_start=case.aid_start, status=case.status
        )
        try:
            await self.connection.execute(insert_into(t.CASE), row)
        except IntegrityError:
            raise AlreadyApproved from None
        await self._add_people(t.CASE_MEMBER, "case", case.ref, case.members)

    async def touch(self, ref: str, at: datetime) -> bool:
        """Count a version, because its assignment changes. False if there is no such record."""
        return await self._next_version(t.CASE, ref, at)

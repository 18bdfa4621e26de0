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

    async def get(self, ref: str, *, lock: bool = False) -> Case:
        """A case. Raises CaseNotFound."""
        one = self._one(t.CASE, ref)
        found = await self._complete(await self._rows(one.with_for_update() if lock else one))
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
                case_number=row.case_number,
                status=row.status,
                reason_class=row.reason_class,
                aid_end=row.aid_end,
                assignments=tuple(assigned.get(row.ref, {}).values()),
                version=row.version,
            )
            for row in rows
        ]

    async def add(self, case: Case, at: datetime) -> None:
        """Store a new case with its members. Raises AlreadyApproved if its application has one."""
        row = self._stamped(
            case,
            at,
            au=case.au,
            application=case.application,
            case_number=case.case_number,
            aid_start=case.aid_start,
            status=case.status,
        )
        try:
            await self.connection.execute(insert_into(t.CASE), row)
        except IntegrityError:
            raise AlreadyApproved from None
        await self._add_people(t.CASE_MEMBER, "case", case.ref, case.members)

    async def change(self, case: Case, at: datetime) -> None:
        """Store the next version and its members."""
        await self._next_version(
            t.CASE, case.ref, at, status=case.status, reason_class=case.reason_class, aid_end=case.aid_end
        )
        member = t.CASE_MEMBER
        await self.connection.execute(
            member.delete().where(member.c.county == self.county, member.c.case == case.ref)
        )
        await self._add_people(member, "case", case.ref, case.members)

    async def touch(self, ref: str, at: datetime) -> bool:
        """Count a version, because its assignment changes. False if there is no such record."""
        return await self._next_version(t.CASE, ref, at)

"""Cases and their participants."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from services.cws_api import tables as t
from services.cws_api.domain.case import Case, CaseNotFound, ChildHasCase
from services.cws_api.repository.common import Repository
from shared.database import insert_into


class Cases(Repository):
    """Cases and their participants."""

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

    async def is_open(self, child: Sequence[str]) -> bool:
        """Whether the child, of these records, has an open case."""
        column = t.CASE.c
        open_cases = self._all(t.CASE).where(column.child.in_(child), column.status == "open")
        return bool(await self._rows(open_cases))

    async def _complete(self, rows: Sequence[Any]) -> list[Case]:
        refs = [row.ref for row in rows]
        participants = await self._participants(t.CASE_PARTICIPANT, "case", refs)
        primary = await self._primary(refs)
        return [
            Case(
                ref=row.ref,
                child=row.child,
                household=row.household,
                component=row.component,
                court=row.court,
                opened_on=row.opened_on,
                referral=row.referral,
                projected_end=row.projected_end,
                participants=tuple(participants.get(row.ref, ())),
                status=row.status,
                assignment=primary.get(row.ref),
                moved_on=row.moved_on,
                reason_class=row.reason_class,
                closed_on=row.closed_on,
                version=row.version,
            )
            for row in rows
        ]

    async def add(self, case: Case, at: datetime) -> None:
        """Store a new case with its participants. Raises ChildHasCase if the child has an open one."""
        row = self._stamped(
            case,
            at,
            child=case.child,
            referral=case.referral,
            household=case.household,
            component=case.component,
            court=case.court,
            opened_on=case.opened_on,
            projected_end=case.projected_end,
            status=case.status,
        )
        try:
            await self.connection.execute(insert_into(t.CASE), row)
        except IntegrityError:
            raise ChildHasCase from None
        await self._add_participants(t.CASE_PARTICIPANT, "case", case.ref, case.participants)

    async def move(self, moved: Case, at: datetime) -> None:
        """Store the version after a move. Raises ChildHasCase if that opens a second one for the child."""
        try:
            await self._next_version(
                t.CASE,
                moved.ref,
                at,
                component=moved.component,
                court=moved.court,
                status=moved.status,
                moved_on=moved.moved_on,
                reason_class=moved.reason_class,
                closed_on=moved.closed_on,
            )
        except IntegrityError:
            raise ChildHasCase from None

    async def change_participants(self, changed: Case, at: datetime) -> None:
        """Store the version with other participants."""
        await self._next_version(t.CASE, changed.ref, at)
        table = t.CASE_PARTICIPANT
        await self.connection.execute(
            table.delete().where(table.c.county == self.county, table.c.case == changed.ref)
        )
        await self._add_participants(table, "case", changed.ref, changed.participants)

    async def touch(self, ref: str, at: datetime) -> bool:
        """Count a version, because its assignment changes. False if there is no such record."""
        return await self._next_version(t.CASE, ref, at)

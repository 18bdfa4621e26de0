"""Assignments."""

from datetime import datetime
from typing import Any

from services.cws_api import tables as t
from services.cws_api.domain.assignment import Assignment, AssignmentNotFound
from services.cws_api.repository.common import Repository
from shared.database import insert_into
from shared.events.parts import Worker


class Assignments(Repository):
    """Assignments, those that are over among them."""

    async def get(self, ref: str) -> Assignment:
        """An assignment. Raises AssignmentNotFound."""
        row = (await self.connection.execute(self._one(t.ASSIGNMENT, ref))).one_or_none()
        if row is None:
            raise AssignmentNotFound
        return _assignment(row)

    async def page(self, after: str | None, limit: int) -> list[Assignment]:
        """Assignments by reference."""
        return [_assignment(row) for row in await self._rows(self._some(t.ASSIGNMENT, after, limit))]

    async def standing(self, on: str, kind: str) -> list[Assignment]:
        """Those of a kind on a referral or case that go on."""
        column = t.ASSIGNMENT.c
        rows = await self._rows(
            self._all(t.ASSIGNMENT)
            .where(column["on"] == on, column.kind == kind, column.until_at.is_(None))
            .with_for_update()
        )
        return [_assignment(row) for row in rows]

    async def add(self, assignment: Assignment, at: datetime) -> None:
        """Store a new assignment."""
        worker = assignment.worker
        await self.connection.execute(
            insert_into(t.ASSIGNMENT),
            self._stamped(
                assignment,
                at,
                on=assignment.on,
                on_kind=assignment.on_kind,
                kind=assignment.kind,
                worker=worker.ref,
                worker_name=worker.name,
                phone=worker.phone,
                office=worker.office,
                supervisor=worker.supervisor,
                from_at=assignment.from_at,
                until_at=assignment.until_at,
            ),
        )

    async def end(self, ended: Assignment, at: datetime) -> None:
        """Store the version that says when it ends."""
        await self._next_version(t.ASSIGNMENT, ended.ref, at, until_at=ended.until_at)


def _assignment(row: Any) -> Assignment:
    return Assignment(
        ref=row.ref,
        on=row.on,
        on_kind=row.on_kind,
        kind=row.kind,
        worker=Worker(
            ref=row.worker,
            name=row.worker_name,
            phone=row.phone,
            office=row.office,
            supervisor=row.supervisor,
        ),
        from_at=row.from_at,
        until_at=row.until_at,
        version=row.version,
    )

"""Notices of non-participation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.calworks_api import tables as t
from services.calworks_api.domain.noncompliance import GoodCause, Noncompliance, NoncomplianceNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into
from shared.events.parts import Slot


class Noncompliances(Repository):
    """Notices; those of sealed persons are hidden with them."""

    async def get(self, ref: str) -> Noncompliance:
        """A notice. Raises NoncomplianceNotFound."""
        rows = await self._rows(self._one(t.NONCOMPLIANCE, ref).where(self._shown(t.NONCOMPLIANCE)))
        if not rows:
            raise NoncomplianceNotFound
        return (await self._complete(rows))[0]

    async def page(self, after: str | None, limit: int) -> list[Noncompliance]:
        """Notices by reference."""
        some = self._some(t.NONCOMPLIANCE, after, limit).where(self._shown(t.NONCOMPLIANCE))
        return await self._complete(await self._rows(some))

    async def of(self, person: str) -> list[Noncompliance]:
        """All notices that a person was sent, under any of his or her references."""
        some = self._all(t.NONCOMPLIANCE).where(t.NONCOMPLIANCE.c.person.in_(self._records_of(person)))
        rows = await self._rows(some)
        return await self._complete(rows)

    async def _complete(self, rows: Sequence[Any]) -> list[Noncompliance]:
        decided = await self._good_causes([row.ref for row in rows])
        return [_noncompliance(row, decided.get(row.ref, ())) for row in rows]

    async def _good_causes(self, refs: Sequence[str]) -> dict[str, list[GoodCause]]:
        """What was decided about notices, the earliest first."""
        if not refs:
            return {}
        column = t.GOOD_CAUSE.c
        some = self._all(t.GOOD_CAUSE).where(column.noncompliance.in_(refs))
        found: dict[str, list[GoodCause]] = {}
        for row in await self._rows(some.order_by(column.noncompliance, column.place)):
            one = GoodCause(
                row.ref, row.noncompliance, row.granted, row.from_date, row.until_date, row.version
            )
            found.setdefault(row.noncompliance, []).append(one)
        return found

    async def add(self, noncompliance: Noncompliance, at: datetime) -> None:
        """Store a new notice."""
        missed = noncompliance.missed
        await self.connection.execute(
            insert_into(t.NONCOMPLIANCE),
            self._stamped(
                noncompliance,
                at,
                person=noncompliance.person,
                notice_date=noncompliance.notice_date,
                missed=None if missed is None else missed.model_dump(mode="json", exclude_none=True),
                status=noncompliance.status,
            ),
        )

    async def resolve(self, resolved: Noncompliance, at: datetime) -> None:
        """Store the version that says how it ended."""
        await self._next_version(
            t.NONCOMPLIANCE,
            resolved.ref,
            at,
            status=resolved.status,
            outcome=resolved.outcome,
            resolved_on=resolved.resolved_on,
        )

    async def add_good_cause(self, decided: GoodCause, place: int, at: datetime) -> None:
        """Store what was decided about a notice after `place` other decisions."""
        row = self._stamped(
            decided,
            at,
            noncompliance=decided.noncompliance,
            place=place,
            granted=decided.granted,
            from_date=decided.from_date,
            until_date=decided.until_date,
        )
        await self.connection.execute(insert_into(t.GOOD_CAUSE), row)
        await self._next_version(t.NONCOMPLIANCE, decided.noncompliance, at)


def _noncompliance(row: Any, good_causes: Sequence[GoodCause]) -> Noncompliance:
    return Noncompliance(
        ref=row.ref,
        person=row.person,
        notice_date=row.notice_date,
        missed=None if row.missed is None else Slot.model_validate(row.missed),
        status=row.status,
        outcome=row.outcome,
        resolved_on=row.resolved_on,
        good_causes=tuple(good_causes),
        version=row.version,
    )

"""Referrals and their participants."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.cws_api import tables as t
from services.cws_api.domain.referral import Referral, ReferralNotFound
from services.cws_api.repository.common import Repository
from shared.database import insert_into


class Referrals(Repository):
    """Referrals and their participants."""

    async def get(self, ref: str, *, lock: bool = False) -> Referral:
        """A referral. Raises ReferralNotFound."""
        one = self._one(t.REFERRAL, ref)
        found = await self._complete(await self._rows(one.with_for_update() if lock else one))
        if not found:
            raise ReferralNotFound
        return found[0]

    async def page(self, after: str | None, limit: int) -> list[Referral]:
        """Referrals by reference."""
        return await self._complete(await self._rows(self._some(t.REFERRAL, after, limit)))

    async def _complete(self, rows: Sequence[Any]) -> list[Referral]:
        refs = [row.ref for row in rows]
        participants = await self._participants(t.REFERRAL_PARTICIPANT, "referral", refs)
        primary = await self._primary(refs)
        return [
            Referral(
                ref=row.ref,
                household=row.household,
                received_at=row.received_at,
                response=row.response,
                participants=tuple(participants.get(row.ref, ())),
                status=row.status,
                assignment=primary.get(row.ref),
                outcome=row.outcome,
                closed_on=row.closed_on,
                version=row.version,
            )
            for row in rows
        ]

    async def add(self, referral: Referral, at: datetime) -> None:
        """Store a new referral with its participants."""
        await self.connection.execute(
            insert_into(t.REFERRAL),
            self._stamped(
                referral,
                at,
                household=referral.household,
                received_at=referral.received_at,
                response=referral.response,
                status=referral.status,
            ),
        )
        await self._add_participants(t.REFERRAL_PARTICIPANT, "referral", referral.ref, referral.participants)

    async def close(self, closed: Referral, at: datetime) -> None:
        """Store the version that says how it ended."""
        await self._next_version(
            t.REFERRAL,
            closed.ref,
            at,
            status=closed.status,
            outcome=closed.outcome,
            closed_on=closed.closed_on,
        )

    async def touch(self, ref: str, at: datetime) -> bool:
        """Count a version, because its assignment changes. False if there is no such record."""
        return await self._next_version(t.REFERRAL, ref, at)

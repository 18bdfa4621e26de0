"""What rows of a roster may meet: people by record_id, and what stands of their households and children."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.cws_api import tables as t
from services.cws_api.repository.common import Repository
from shared.database import among

# Built once: these statements stand in every batch.
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_KNOWN = sa.select(t.CLIENT.c.record_id, t.CLIENT.c.ref).where(
    t.CLIENT.c.county == _COUNTY,
    among(t.CLIENT.c.record_id, "record_ids"),
    t.CLIENT.c.voided_at.is_(None),
)
_REFERRALS = sa.select(t.REFERRAL.c.ref, t.REFERRAL.c.status).where(
    t.REFERRAL.c.county == _COUNTY, t.REFERRAL.c.household == sa.bindparam("household")
)
_CASES = sa.select(t.CASE.c.ref, t.CASE.c.status).where(
    t.CASE.c.county == _COUNTY, t.CASE.c.child == sa.bindparam("child")
)


class Imports(Repository):
    """What rows of a roster may meet."""

    async def known(self, record_ids: Sequence[str]) -> dict[str, str]:
        """The clients of these record_ids, whatever state they are in, by record_id."""
        given = {"county": self.county, "record_ids": list(record_ids)}
        return dict((await self.connection.execute(_KNOWN, given)).all())

    async def referrals(self, household: str) -> dict[str, str]:
        """The status of each referral of a household."""
        return await self._states(_REFERRALS, household=household)

    async def cases(self, child: str) -> dict[str, str]:
        """The status of each case of a child."""
        return await self._states(_CASES, child=child)

    async def _states(self, statement: sa.Select[Any], **of: str) -> dict[str, str]:
        return dict((await self.connection.execute(statement, {"county": self.county, **of})).all())

"""What rows of a roster may meet: people by record_id, and what stands of their units."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.calworks_api import tables as t
from services.calworks_api.repository.common import Repository
from shared.database import among

# Built once: these statements stand in every batch.
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_KNOWN = sa.select(t.PERSON.c.record_id, t.PERSON.c.ref).where(
    t.PERSON.c.county == _COUNTY, among(t.PERSON.c.record_id, "record_ids")
)
_APPLICATIONS = sa.select(t.APPLICATION.c.ref, t.APPLICATION.c.status).where(
    t.APPLICATION.c.county == _COUNTY, t.APPLICATION.c.au == sa.bindparam("unit")
)
_CASES = sa.select(t.CASE.c.ref, t.CASE.c.status).where(
    t.CASE.c.county == _COUNTY, t.CASE.c.au == sa.bindparam("unit")
)


class Imports(Repository):
    """What rows of a roster may meet."""

    async def known(self, record_ids: Sequence[str]) -> dict[str, str]:
        """The persons of these record_ids, whatever state they are in, by record_id."""
        given = {"county": self.county, "record_ids": list(record_ids)}
        return dict((await self.connection.execute(_KNOWN, given)).all())

    async def applications(self, unit: str) -> dict[str, str]:
        """The status of each application of a unit."""
        return await self._states(_APPLICATIONS, unit=unit)

    async def cases(self, unit: str) -> dict[str, str]:
        """The status of each case of a unit."""
        return await self._states(_CASES, unit=unit)

    async def _states(self, statement: sa.Select[Any], **of: str) -> dict[str, str]:
        return dict((await self.connection.execute(statement, {"county": self.county, **of})).all())

"""Welfare-to-work plans."""

from datetime import datetime
from typing import Any

from services.calworks_api import tables as t
from services.calworks_api.domain.wtw_plan import Agreed, WtwPlan, WtwPlanNotFound
from services.calworks_api.repository.common import Repository
from shared.database import insert_into
from shared.events.parts import Slot


class WtwPlans(Repository):
    """Plans; those of sealed and void persons are hidden with them."""

    async def get(self, ref: str) -> WtwPlan:
        """A plan. Raises WtwPlanNotFound."""
        rows = await self._rows(self._one(t.WTW_PLAN, ref).where(self._shown(t.WTW_PLAN)))
        if not rows:
            raise WtwPlanNotFound
        return _plan(rows[0])

    async def page(self, after: str | None, limit: int) -> list[WtwPlan]:
        """Plans by reference."""
        some = self._some(t.WTW_PLAN, after, limit).where(self._shown(t.WTW_PLAN))
        return [_plan(row) for row in await self._rows(some)]

    async def standing(self, person: str) -> list[WtwPlan]:
        """Those of a person that no other one has replaced: more than one only where records were merged."""
        column = t.WTW_PLAN.c
        some = self._all(t.WTW_PLAN).where(
            column.person.in_(self._records_of(person)), column.status == "standing"
        )
        return [_plan(row) for row in await self._rows(some)]

    async def add(self, plan: WtwPlan, at: datetime) -> None:
        """Store a new plan."""
        row = self._stamped(plan, at, person=plan.person, signed_on=plan.signed_on, **_changing(plan))
        await self.connection.execute(insert_into(t.WTW_PLAN), row)

    async def change(self, plan: WtwPlan, at: datetime) -> None:
        """Store the next version."""
        await self._next_version(t.WTW_PLAN, plan.ref, at, **_changing(plan))


def _changing(plan: WtwPlan) -> dict[str, object]:
    """What differs between the versions of a plan."""
    return {
        "amended_on": plan.amended_on,
        "activities": [one.model_dump(mode="json", exclude_none=True) for one in plan.agreed.activities],
        "hours_per_week": plan.agreed.hours_per_week,
        "supportive_services": list(plan.agreed.supportive_services),
        "status": plan.status,
    }


def _plan(row: Any) -> WtwPlan:
    return WtwPlan(
        ref=row.ref,
        person=row.person,
        signed_on=row.signed_on,
        agreed=Agreed(
            activities=tuple(Slot.model_validate(one) for one in row.activities),
            hours_per_week=row.hours_per_week,
            supportive_services=tuple(row.supportive_services),
        ),
        amended_on=row.amended_on,
        status=row.status,
        version=row.version,
    )

"""A welfare-to-work plan: what an adult and the county agreed on, as it was signed or last amended."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.days import check_order, check_past
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.calworks import SupportiveService, WtwPlanAmended, WtwPlanSigned
from shared.events.parts import Slot

Status = Literal["standing", "superseded"]


class WtwPlanNotFound(NotFound):
    """No plan with this reference, or one of a person whose record is sealed or void."""


class PlanSuperseded(Conflict):
    """To amend a plan that another one replaced."""

    slug, title = "wtw-plan-superseded", "Another welfare-to-work plan has replaced this one: amend that one"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a plan holds, whole: activities with their days, hours a week, supportive services."""

    activities: tuple[Slot, ...]
    hours_per_week: int
    supportive_services: tuple[SupportiveService, ...] = ()

    def check(self) -> None:
        """Raise Invalid for an activity that ends before it starts."""
        errors = [
            FieldError(f"/activities/{place}/ends_at", "must not be before it starts")
            for place, one in enumerate(self.activities)
            if one.starts_at is not None and one.ends_at is not None and one.ends_at < one.starts_at
        ]
        if errors:
            raise Invalid(*errors)


@dataclass(frozen=True, slots=True)
class WtwPlan:
    """A plan's record. One stands for a person at a time."""

    ref: str
    person: str
    signed_on: date
    agreed: Agreed
    amended_on: date | None = None  # when it was amended last
    status: Status = "standing"
    version: int = 1

    @property
    def since(self) -> date:
        """The day since which it is as it is."""
        return self.amended_on or self.signed_on

    def amended(self, agreed: Agreed, on: date, *, today: date) -> "WtwPlan":
        """The next version, whole. Raises PlanSuperseded, or Invalid for what does not fit."""
        if self.status != "standing":
            raise PlanSuperseded
        agreed.check()
        check_past("/amended_on", on, today)
        check_order("/amended_on", on, self.since, "the plan was signed or amended before")
        return replace(self, agreed=agreed, amended_on=on, version=self.version + 1)

    def superseded(self) -> "WtwPlan":
        """The next version, which another plan replaced."""
        return replace(self, status="superseded", version=self.version + 1)

    def event(self) -> WtwPlanSigned:
        """What is published when it is signed."""
        return WtwPlanSigned(
            person=self.person,
            plan=self.ref,
            signed_on=self.signed_on,
            activities=self.agreed.activities,
            hours_per_week=self.agreed.hours_per_week,
            supportive_services=self.agreed.supportive_services,
        )

    def amendment(self) -> WtwPlanAmended:
        """What is published when it is amended."""
        if self.amended_on is None:
            raise ValueError("the plan has not been amended")
        return WtwPlanAmended(
            person=self.person,
            plan=self.ref,
            amended_on=self.amended_on,
            activities=self.agreed.activities,
            hours_per_week=self.agreed.hours_per_week,
            supportive_services=self.agreed.supportive_services,
        )


def check_signed_on(signed_on: date, standing: Iterable[WtwPlan], today: date) -> None:
    """Raise Invalid for a plan from the future, or one signed before what it would replace."""
    check_past("/signed_on", signed_on, today)
    for one in standing:
        check_order("/signed_on", signed_on, one.since, "the plan that stands was signed or amended")

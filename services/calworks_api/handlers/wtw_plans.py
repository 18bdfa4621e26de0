"""Commands about welfare-to-work plans: the county and the adult sign them, here they are recorded."""

from dataclasses import dataclass
from datetime import date

from services.calworks_api.domain.wtw_plan import Agreed, WtwPlan, check_signed_on
from services.calworks_api.handlers.persons import lock_adult
from services.calworks_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.ids import mint
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class SignWtwPlan:
    """Record that a person signed a plan."""

    person: str
    signed_on: date
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class AmendWtwPlan:
    """Record a plan as it is from a day on; `if_match` is the entity tag that the caller read."""

    plan: str
    amended_on: date
    agreed: Agreed
    if_match: str | None


async def sign_wtw_plan(cmd: SignWtwPlan, work: Work) -> WtwPlan:
    """The plan, which replaces the one that stands.

    Raises PersonNotFound, PersonIsMerged, NotAnAdultMember, or Invalid for what does not fit.
    """
    await lock_adult(cmd.person, work)
    cmd.agreed.check()
    standing = await work.records.wtw_plans.standing(cmd.person)
    check_signed_on(cmd.signed_on, standing, work.today)
    for one in standing:
        await work.records.wtw_plans.change(one.superseded(), work.now)
    plan = WtwPlan(mint("wp"), cmd.person, cmd.signed_on, cmd.agreed)
    await work.records.wtw_plans.add(plan, work.now)
    work.publish(plan.event(), time=start_of_day(cmd.signed_on, PACIFIC), effective=cmd.signed_on)
    return plan


async def amend_wtw_plan(cmd: AmendWtwPlan, work: Work) -> WtwPlan:
    """The plan's next version. Raises WtwPlanNotFound, PlanSuperseded, Invalid, or what If-Match asks for."""
    found = await work.records.wtw_plans.get(cmd.plan)
    await work.records.persons.get(found.person, lock=True)
    before = await work.records.wtw_plans.get(cmd.plan)
    require_match(cmd.if_match, before.version, before)
    amended = before.amended(cmd.agreed, cmd.amended_on, today=work.today)
    await work.records.wtw_plans.change(amended, work.now)
    work.publish(amended.amendment(), time=start_of_day(cmd.amended_on, PACIFIC), effective=cmd.amended_on)
    return amended

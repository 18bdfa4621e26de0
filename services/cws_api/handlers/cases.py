"""Commands about service cases."""

from dataclasses import dataclass, replace
from datetime import date

from services.cws_api.domain.case import Case, Component, check_dates, check_household, with_child
from services.cws_api.domain.client import NotAChild
from services.cws_api.domain.household import HouseholdNotFound
from services.cws_api.domain.intake import NOT_KNOWN, Found
from services.cws_api.domain.referral import CHILD, Participant, Referral, ReferralNotFound
from services.cws_api.handlers.assignments import first_assignment
from services.cws_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.errors import FieldError, Invalid
from shared.events.parts import Worker
from shared.ids import mint


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Open a case for one child; household and participants are the referral's unless they are named."""

    child: str
    referral: str | None
    household: str | None
    component: Component
    court: bool
    opened_on: date
    projected_end: date | None
    participants: tuple[Participant, ...] | None
    worker: Worker


async def open_case(cmd: OpenCase, work: Work) -> Case:
    """The case. Raises Invalid for a name that nobody has, NotAChild, or ChildHasCase."""
    check_dates(cmd.opened_on, cmd.projected_end, work.today)
    referral = await _referral(cmd, work)
    household = await _household(cmd, referral, work)
    child, named = await _participants(cmd, referral, work)
    participants = with_child(named, Participant(cmd.child, CHILD, child.record_id))
    if participants != named and not await work.records.clients.is_child(cmd.child):
        raise NotAChild
    case = Case(
        ref=mint("ca"),
        child=cmd.child,
        household=household,
        component=cmd.component,
        court=cmd.court,
        opened_on=cmd.opened_on,
        referral=cmd.referral,
        projected_end=cmd.projected_end,
        participants=participants,
    )
    await work.records.cases.add(case, work.now)
    work.publish(case.event(), time=start_of_day(cmd.opened_on, PACIFIC), effective=cmd.opened_on)
    assignment = await first_assignment(case.ref, "case", cmd.worker, work)
    return replace(case, assignment=assignment.ref)


async def _referral(cmd: OpenCase, work: Work) -> Referral | None:
    if cmd.referral is None:
        return None
    try:
        return await work.records.referrals.get(cmd.referral)
    except ReferralNotFound:
        raise Invalid(FieldError("/referral", NOT_KNOWN)) from None


async def _household(cmd: OpenCase, referral: Referral | None, work: Work) -> str:
    if cmd.household is None:
        if referral is None:
            raise Invalid(FieldError("/household", "is required without a referral"))
        return referral.household
    try:
        await work.records.households.get(cmd.household)
    except HouseholdNotFound:
        raise Invalid(FieldError("/household", NOT_KNOWN)) from None
    if referral is not None:
        check_household(cmd.household, referral.household)
    return cmd.household


async def _participants(
    cmd: OpenCase, referral: Referral | None, work: Work
) -> tuple[Found, tuple[Participant, ...]]:
    """The child, and who takes part. Sealed clients of the referral are not carried over."""
    inherited = referral.participants if referral is not None and cmd.participants is None else ()
    named = cmd.participants or ()
    found = await work.records.clients.find([cmd.child, *(one.client for one in (*named, *inherited))])
    known = {one.ref: one for one in found if not one.is_sealed}
    errors = [] if cmd.child in known else [FieldError("/child", NOT_KNOWN)]
    errors += [
        FieldError(f"/participants/{place}/client", NOT_KNOWN)
        for place, one in enumerate(named)
        if one.client not in known
    ]
    if len({one.client for one in named}) < len(named):
        errors.append(FieldError("/participants", "must not name anybody twice"))
    if errors:
        raise Invalid(*errors)
    return known[cmd.child], tuple(
        replace(one, record_id=known[one.client].record_id)
        for one in (*named, *inherited)
        if one.client in known
    )

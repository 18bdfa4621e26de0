"""Commands about service cases."""

from dataclasses import dataclass, replace
from datetime import date

from services.cws_api.domain.case import (
    Case,
    ChildHasCase,
    Component,
    check_dates,
    check_household,
    taking_part,
    with_child,
)
from services.cws_api.domain.client import NotAChild
from services.cws_api.domain.household import HouseholdNotFound
from services.cws_api.domain.intake import NOT_KNOWN, Entry, Found
from services.cws_api.domain.referral import (
    CHILD,
    Participant,
    Referral,
    ReferralNotFound,
    check_can_open_case,
)
from services.cws_api.handlers.assignments import first_assignment
from services.cws_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.errors import FieldError, Invalid
from shared.events import Event
from shared.events.cws import ClosureReason
from shared.events.parts import Worker
from shared.ids import mint
from shared.web.etag import require_match


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


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Close a case; `if_match` counts where it is sent."""

    case: str
    reason_class: ClosureReason
    closed_on: date
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """Open a closed case again, in a component; `if_match` counts where it is sent."""

    case: str
    component: Component
    reopened_on: date
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeComponent:
    """Move a case to another component; without `court` that stays. `if_match` counts where it is sent."""

    case: str
    to_component: Component
    court: bool | None
    changed_on: date
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeParticipants:
    """Who takes part in a case, all of them; `if_match` is the entity tag that the caller read."""

    case: str
    participants: tuple[Entry, ...]
    if_match: str | None


async def open_case(cmd: OpenCase, work: Work) -> Case:
    """The case. Raises Invalid for a name that nobody has, NotAChild, ChildHasCase, or ReferralIsClosed."""
    check_dates(cmd.opened_on, cmd.projected_end, work.today)
    referral = await _referral(cmd, work)
    household = await _household(cmd, referral, work)
    child, named = await _participants(cmd, referral, work)
    participants = with_child(named, Participant(child.ref, CHILD, child.record_id))
    if participants != named and not await work.records.clients.is_child(child.ref):
        raise NotAChild
    await _check_no_open_case(child.ref, work)
    case = Case(
        ref=mint("ca"),
        child=child.ref,
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


async def close_case(cmd: CloseCase, work: Work) -> Case:
    """The case, over. Raises CaseNotFound, CaseIsClosed, Invalid, or what If-Match asks for."""
    before = await _locked(cmd.case, cmd.if_match, work)
    after, closed = before.closed(cmd.reason_class, cmd.closed_on, work.today)
    return await _moved(after, closed, cmd.closed_on, work)


async def reopen_case(cmd: ReopenCase, work: Work) -> Case:
    """The case, open again. Raises CaseNotFound, CaseIsOpen, ChildHasCase, Invalid, or what If-Match asks for."""
    before = await _locked(cmd.case, cmd.if_match, work)
    if before.status != "open":
        await _check_no_open_case(before.child, work)
    after, reopened = before.reopened(cmd.component, cmd.reopened_on, work.today)
    return await _moved(after, reopened, cmd.reopened_on, work)


async def change_component(cmd: ChangeComponent, work: Work) -> Case:
    """The case in its new component. Raises CaseNotFound, CaseIsClosed, NoSuchMove, Invalid, or for If-Match."""
    before = await _locked(cmd.case, cmd.if_match, work)
    after, changed = before.in_component(cmd.to_component, cmd.changed_on, work.today, court=cmd.court)
    return await _moved(after, changed, cmd.changed_on, work)


async def change_participants(cmd: ChangeParticipants, work: Work) -> Case:
    """The case with these participants alone.

    Raises CaseNotFound, what If-Match asks for, ClientNotFound for a name that nobody has, CaseIsClosed,
    NotAChild, or Invalid without the child of the case.
    """
    before = await work.records.cases.get(cmd.case, lock=True)
    require_match(cmd.if_match, before.version, before)
    found = await work.records.clients.find(
        [one.ref for one in cmd.participants if one.ref is not None],
        [one.record_id for one in cmd.participants if one.record_id is not None],
    )
    after, changed = before.with_participants(taking_part(cmd.participants, found, before.participants))
    await work.records.cases.change_participants(after, work.now)
    work.publish(changed, time=work.now)
    return after


async def _check_no_open_case(child: str, work: Work) -> None:
    """Raise ChildHasCase, whichever record of the child's has it."""
    if await work.records.cases.is_open(await work.records.clients.same(child)):
        raise ChildHasCase


async def _locked(ref: str, if_match: str | None, work: Work) -> Case:
    case = await work.records.cases.get(ref, lock=True)
    if if_match is not None:
        require_match(if_match, case.version, case)
    return case


async def _moved(after: Case, event: Event, on: date, work: Work) -> Case:
    """Store the next version of a case and publish the move to it, which holds from a day on."""
    await work.records.cases.move(after, work.now)
    work.publish(event, time=start_of_day(on, PACIFIC), effective=on)
    return after


async def _referral(cmd: OpenCase, work: Work) -> Referral | None:
    if cmd.referral is None:
        return None
    try:
        referral = await work.records.referrals.get(cmd.referral, lock=True)
    except ReferralNotFound:
        raise Invalid(FieldError("/referral", NOT_KNOWN)) from None
    check_can_open_case(referral)
    return referral


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
    known = {one.ref: one.person for one in found if not one.person.is_sealed}
    errors = [] if cmd.child in known else [FieldError("/child", NOT_KNOWN)]
    errors += [
        FieldError(f"/participants/{place}/client", NOT_KNOWN)
        for place, one in enumerate(named)
        if one.client not in known
    ]
    if len({known[one.client].ref if one.client in known else one.client for one in named}) < len(named):
        errors.append(FieldError("/participants", "must not name anybody twice"))
    if errors:
        raise Invalid(*errors)
    people = {
        known[one.client].ref: (one, known[one.client]) for one in (*named, *inherited) if one.client in known
    }
    return known[cmd.child], tuple(
        replace(one, client=person.ref, record_id=person.record_id) for one, person in people.values()
    )

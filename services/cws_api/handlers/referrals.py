"""The intake of child welfare: one call takes in a referral with everybody in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.cws_api.domain.client import Places
from services.cws_api.domain.household import Household
from services.cws_api.domain.intake import NOT_KNOWN, Admitted, Entry, admit
from services.cws_api.domain.referral import Outcome, Participant, Referral, Response, check_received
from services.cws_api.handlers.assignments import first_assignment
from services.cws_api.handlers.clients import publish_client, retelling
from services.cws_api.work import Work
from shared.calendars import PACIFIC, start_of_day
from shared.errors import FieldError, Invalid
from shared.events.parts import Worker
from shared.ids import mint
from shared.web.etag import require_match


@dataclass(frozen=True, slots=True)
class NamedHousehold:
    """The household of an intake: known by `ref`, known or new by `record_id`, else new."""

    ref: str | None = None
    record_id: str | None = None
    protected: bool = False


@dataclass(frozen=True, slots=True)
class ReceiveReferral:
    """Take in a referral; `worker` becomes its primary worker."""

    received_at: datetime
    response: Response
    household: NamedHousehold
    participants: tuple[Entry, ...]
    worker: Worker


@dataclass(frozen=True, slots=True)
class CloseReferral:
    """Close a referral; `if_match` counts where it is sent."""

    referral: str
    outcome: Outcome
    closed_on: date
    if_match: str | None = None


async def receive_referral(cmd: ReceiveReferral, work: Work) -> Referral:
    """The referral, stored with its new clients, household and first assignment.

    Raises Invalid for a name that nobody has, RecordIdTaken for a new client under a known record_id.
    """
    check_received(cmd.received_at, work.now)
    admitted, household = await take_in(cmd.household, cmd.participants, work)
    return await received(cmd.received_at, cmd.response, household.ref, admitted, cmd.worker, work)


async def take_in(
    named: NamedHousehold, entries: tuple[Entry, ...], work: Work
) -> tuple[tuple[Admitted, ...], Household]:
    """The people of an intake and their household: who is new is stored and published, with what changes.

    Raises Invalid for a name that nobody has, RecordIdTaken for a new client under a known record_id.
    """
    found = await work.records.clients.find(
        [one.ref for one in entries if one.ref is not None],
        [one.record_id for one in entries if one.record_id is not None],
    )
    admitted = admit(entries, found, pointer="/participants")
    await work.records.clients.add([one.new for one in admitted if one.new is not None], work.now)
    household, is_news = await _extend_household(named, admitted, work)
    for one in admitted:
        if one.new is not None:
            publish_client(one.new, work, _places(one, household))
    if is_news:
        work.publish(household.event(), time=work.now)
    return admitted, household


async def received(
    at: datetime, response: Response, household: str, admitted: Sequence[Admitted], worker: Worker, work: Work
) -> Referral:
    """A referral of a household that was taken in, with its first assignment."""
    referral = Referral(
        ref=mint("rf"),
        household=household,
        received_at=at,
        response=response,
        participants=tuple(Participant(one.client, one.entry.role, one.record_id) for one in admitted),
    )
    await work.records.referrals.add(referral, work.now)
    work.publish(referral.event(worker.ref), time=at)
    assignment = await first_assignment(referral.ref, "referral", worker, work)
    return replace(referral, assignment=assignment.ref)


async def close_referral(cmd: CloseReferral, work: Work) -> Referral:
    """The referral, over. Raises ReferralNotFound, ReferralIsClosed, Invalid, or what If-Match asks for."""
    before = await work.records.referrals.get(cmd.referral, lock=True)
    if cmd.if_match is not None:
        require_match(cmd.if_match, before.version, before)
    after, closed = before.closed(cmd.outcome, cmd.closed_on, work.today)
    await work.records.referrals.close(after, work.now)
    work.publish(closed, time=start_of_day(cmd.closed_on, PACIFIC), effective=cmd.closed_on)
    return after


async def _extend_household(
    named: NamedHousehold, admitted: Sequence[Admitted], work: Work
) -> tuple[Household, bool]:
    """The household with those of the intake who live there, and whether that changes it."""
    known = await work.records.households.find(ref=named.ref, record_id=named.record_id)
    if known is None:
        if named.ref is not None:
            raise Invalid(FieldError("/household/ref", NOT_KNOWN))
        blank = Household(ref=mint("hh"), record_id=named.record_id, protected=named.protected)
        household = replace(blank, members=blank.joined_by(admitted))
        await work.records.households.add(household, work.now)
        return household, True
    joined = known.joined_by(admitted)
    if not joined and known.protected >= named.protected:
        return known, False
    household = known.extended(joined, protected=named.protected)
    exposed = () if known.protected or not household.protected else known.members
    async with retelling((one.person for one in exposed), work):
        await work.records.households.change(household, work.now)
    return household, True


def _places(one: Admitted, household: Household) -> Places:
    """Where somebody new is."""
    if not one.entry.in_household:
        return Places(roles=(one.entry.role,))
    return Places((household.ref,), (one.entry.role,), household.protected)

"""Request bodies, and the way from a body to its command."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.cws_api.domain.assignment import Kind
from services.cws_api.domain.case import Component
from services.cws_api.domain.intake import Entry
from services.cws_api.domain.referral import Outcome, Participant, Response, Role
from services.cws_api.handlers.assignments import Assign
from services.cws_api.handlers.cases import (
    ChangeComponent,
    ChangeParticipants,
    CloseCase,
    OpenCase,
    ReopenCase,
)
from services.cws_api.handlers.hearings import MoveHearing, SetHearing
from services.cws_api.handlers.households import ChangeHousehold
from services.cws_api.handlers.meetings import CancelMeeting, ChangeMeeting, HoldMeeting, ScheduleMeeting
from services.cws_api.handlers.referrals import CloseReferral, NamedHousehold, ReceiveReferral
from services.cws_api.schemas_people import ParticipantIn, RecordId
from shared.crypto import CountyKeys
from shared.events.cws import ClosureReason, HearingKind, MeetingKind, MeetingOutcome
from shared.events.parts import Member
from shared.web.auth import Caller
from shared.web.fields import Body, Day, Flag, Moment, Reference, ShortText, fix
from shared.web.people import WorkerIn, worker_of

MAX_PEOPLE = 40  # in one intake or case


class HouseholdIn(Body):
    """A known household by `ref`; else the one with this `record_id`, which is made if it is not known."""

    ref: Reference | None = None
    record_id: RecordId | None = None
    protected: Flag = False

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        if self.ref is not None and self.model_fields_set != {"ref"}:
            raise fix("must have `ref` alone, or `record_id` and `protected`")
        return self

    def named(self) -> NamedHousehold:
        """The household as the command names it."""
        return NamedHousehold(self.ref, self.record_id, self.protected)


class ReferralIn(Body):
    """A referral with everybody in it."""

    received_at: Moment
    response: Response
    household: HouseholdIn = HouseholdIn()
    participants: Annotated[list[ParticipantIn], Field(min_length=1, max_length=MAX_PEOPLE)]
    worker: WorkerIn | None = Field(default=None, description="Default: the caller")

    def command(self, caller: Caller, keys: CountyKeys) -> ReceiveReferral:
        """The command."""
        return ReceiveReferral(
            received_at=self.received_at,
            response=self.response,
            household=self.household.named(),
            participants=tuple(one.entry(keys) for one in self.participants),
            worker=worker_of(self.worker, caller.worker),
        )


class ReferralCloseIn(Body):
    """How a referral ended."""

    outcome: Outcome
    closed_on: Day

    def command(self, referral: str, if_match: str | None) -> CloseReferral:
        """The command."""
        return CloseReferral(referral, self.outcome, self.closed_on, if_match)


class CaseParticipantIn(Body):
    """Somebody known in a case."""

    client: Reference
    role: Role


class CaseIn(Body):
    """A case for one child; household and participants are the referral's unless they are named."""

    child: Reference
    referral: Reference | None = None
    household: Reference | None = None
    component: Component
    court: Flag
    opened_on: Day
    projected_end: Day | None = None
    participants: Annotated[list[CaseParticipantIn], Field(max_length=MAX_PEOPLE)] | None = None
    worker: WorkerIn | None = Field(default=None, description="Default: the caller")

    def command(self, caller: Caller) -> OpenCase:
        """The command."""
        named = self.participants
        return OpenCase(
            child=self.child,
            referral=self.referral,
            household=self.household,
            component=self.component,
            court=self.court,
            opened_on=self.opened_on,
            projected_end=self.projected_end,
            participants=None if named is None else tuple(Participant(p.client, p.role) for p in named),
            worker=worker_of(self.worker, caller.worker),
        )


class CaseCloseIn(Body):
    """Why a case ended, by the class of the reason alone."""

    reason_class: ClosureReason
    closed_on: Day

    def command(self, case: str, if_match: str | None) -> CloseCase:
        """The command."""
        return CloseCase(case, self.reason_class, self.closed_on, if_match)


class CaseReopenIn(Body):
    """The component in which a closed case goes on."""

    component: Component
    reopened_on: Day

    def command(self, case: str, if_match: str | None) -> ReopenCase:
        """The command."""
        return ReopenCase(case, self.component, self.reopened_on, if_match)


class ComponentIn(Body):
    """The component that a case moves to."""

    to_component: Component
    changed_on: Day
    court: Flag | None = Field(default=None, description="Default: as it was")

    def command(self, case: str, if_match: str | None) -> ChangeComponent:
        """The command."""
        return ChangeComponent(case, self.to_component, self.court, self.changed_on, if_match)


class NamedParticipantIn(Body):
    """Somebody known: `ref` alone or `record_id` alone."""

    ref: Reference | None = None
    record_id: RecordId | None = None
    role: Role

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        if (self.ref is None) == (self.record_id is None):
            raise fix("must have `ref` alone or `record_id` alone")
        return self


class ParticipantsIn(Body):
    """Everybody who takes part in a case, its child among them."""

    participants: Annotated[list[NamedParticipantIn], Field(min_length=1, max_length=MAX_PEOPLE)]

    def command(self, case: str, if_match: str | None) -> ChangeParticipants:
        """The command."""
        named = tuple(Entry(one.role, one.ref, one.record_id) for one in self.participants)
        return ChangeParticipants(case, named, if_match)


class AssignmentIn(Body):
    """A worker for a referral or case: P primary, S secondary, R read-only."""

    on: Reference
    kind: Kind
    worker: WorkerIn
    from_at: Moment | None = Field(default=None, description="Default: now")

    def command(self, caller: Caller) -> Assign:
        """The command."""
        return Assign(self.on, self.kind, worker_of(self.worker, caller.worker), self.from_at)


class MemberIn(Body):
    """Somebody known in a household; without `until_date` still there."""

    ref: Reference
    role: Role
    relation: ShortText | None = None
    from_date: Day | None = None
    until_date: Day | None = None


class HouseholdChange(Body):
    """What changes: `members` is all of them; a field that is absent or null stays as it is."""

    protected: Flag | None = None
    members: Annotated[list[MemberIn], Field(max_length=MAX_PEOPLE)] | None = None

    def command(self, household: str, if_match: str | None) -> ChangeHousehold:
        """The command."""
        named = self.members
        members = (
            None
            if named is None
            else tuple(Member(person=one.ref, **one.model_dump(exclude={"ref"})) for one in named)
        )
        return ChangeHousehold(household, members, self.protected, if_match)


Asked = Annotated[tuple[Reference, ...], Field(max_length=MAX_PEOPLE)]
Place = Annotated[ShortText, Field(description="An office or a room; never somebody's home")]


class MeetingIn(Body):
    """A meeting about a household, and who is asked to it."""

    household: Reference
    kind: MeetingKind
    starts_at: Moment
    ends_at: Moment | None = None
    place: Place | None = None
    clients: Asked = ()
    workers: Asked = ()

    def command(self) -> ScheduleMeeting:
        """The command."""
        return ScheduleMeeting(**self.model_dump())


class MeetingChange(Body):
    """What changes: a field that is absent stays as it is; null removes the end or the place."""

    starts_at: Moment | None = None
    ends_at: Moment | None = None
    place: Place | None = None
    clients: Asked | None = None
    workers: Asked | None = None

    def command(self, meeting: str, if_match: str | None) -> ChangeMeeting:
        """The command."""
        changes = {
            name: value
            for name, value in self.model_dump(exclude_unset=True).items()
            if value is not None or name in ("ends_at", "place")
        }
        return ChangeMeeting(meeting, changes, if_match)


class MeetingHeldIn(Body):
    """That a meeting took place, with what came of it."""

    held_on: Day
    outcomes: Annotated[tuple[MeetingOutcome, ...], Field(max_length=7)] = ()

    def command(self, meeting: str, if_match: str | None) -> HoldMeeting:
        """The command."""
        return HoldMeeting(meeting, self.held_on, self.outcomes, if_match)


class MeetingCancelIn(Body):
    """That a meeting will not take place."""

    cancelled_on: Day | None = Field(default=None, description="Default: today")

    def command(self, meeting: str, if_match: str | None) -> CancelMeeting:
        """The command."""
        return CancelMeeting(meeting, self.cancelled_on, if_match)


class HearingIn(Body):
    """A hearing and its day."""

    kind: HearingKind
    on: Day

    def command(self, case: str) -> SetHearing:
        """The command."""
        return SetHearing(case, self.kind, self.on)


class HearingChange(Body):
    """The other day of a hearing."""

    on: Day

    def command(self, hearing: str, if_match: str | None) -> MoveHearing:
        """The command."""
        return MoveHearing(hearing, self.on, if_match)

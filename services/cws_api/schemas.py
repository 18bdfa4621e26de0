"""Request bodies, and the way from a body to its command."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from services.cws_api.domain.assignment import Kind
from services.cws_api.domain.case import Component
from services.cws_api.domain.intake import Entry, NewPerson
from services.cws_api.domain.record_id import stored
from services.cws_api.domain.referral import Outcome, Participant, Response, Role
from services.cws_api.handlers.assignments import Assign
from services.cws_api.handlers.cases import (
    ChangeComponent,
    ChangeParticipants,
    CloseCase,
    OpenCase,
    ReopenCase,
)
from services.cws_api.handlers.referrals import CloseReferral, NamedHousehold, ReceiveReferral
from services.cws_api.handlers.removals import RemoveChild, ReturnChild
from shared.crypto import CountyKeys
from shared.events.cws import ClosureReason
from shared.web.auth import Caller
from shared.web.fields import Body, Day, Flag, Moment, Reference, ShortText, fix
from shared.web.people import PersonIn, WorkerIn, new_details, only_one_way, worker_of

MAX_PEOPLE = 40  # in one intake or case


def _stored(record_id: str) -> str:
    try:
        return stored(record_id)
    except ValueError:
        raise fix("has 19 digits that no record id of CWS/CMS has: check them") from None


RecordId = Annotated[Reference, AfterValidator(_stored)]


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


class ParticipantIn(Body):
    """Somebody in an intake: `ref` or `record_id` alone, or a new `person` with or without `record_id`."""

    ref: Reference | None = None
    record_id: RecordId | None = None
    person: PersonIn | None = None
    role: Role
    relation: ShortText | None = None
    in_household: Flag = True

    @model_validator(mode="after")
    def _named_one_way(self) -> Self:
        only_one_way(self.ref, self.record_id, self.person)
        return self

    def entry(self, keys: CountyKeys) -> Entry:
        """The entry of the command."""
        new = None
        if self.person is not None:
            details = new_details(self.person, keys)
            new = NewPerson(details, self.person.sensitivity or "N", bool(self.person.address_protected))
        return Entry(self.role, self.ref, self.record_id, new, self.relation, self.in_household)


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


class RemovalIn(Body):
    """A child's removal."""

    removed_on: Day
    all_eligible_removed: Flag | None = Field(
        default=None, description="Whether every child who could be aided is out of the home"
    )
    placement_class: ShortText | None = None
    court_date: Day | None = None

    def command(self, child: str) -> RemoveChild:
        """The command."""
        return RemoveChild(
            child, self.removed_on, self.all_eligible_removed, self.placement_class or None, self.court_date
        )


class ReturnIn(Body):
    """A removed child's return home."""

    returned_on: Day

    def command(self, removal: str, if_match: str | None) -> ReturnChild:
        """The command."""
        return ReturnChild(removal, self.returned_on, if_match)


class SealIn(Body):
    """Nothing: that it is sent is enough."""

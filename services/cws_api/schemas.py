"""Request and response bodies, and the way from a body to its command."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.cws_api.domain.assignment import Assignment, Kind, OnKind
from services.cws_api.domain.case import Case, Component
from services.cws_api.domain.client import Client
from services.cws_api.domain.household import Household
from services.cws_api.domain.intake import Entry, NewPerson
from services.cws_api.domain.referral import Participant, Referral, Response, Role
from services.cws_api.domain.removal import Removal
from services.cws_api.handlers.assignments import Assign
from services.cws_api.handlers.cases import OpenCase
from services.cws_api.handlers.referrals import NamedHousehold, ReceiveReferral
from services.cws_api.handlers.removals import RemoveChild
from shared.crypto import CountyKeys
from shared.events.parts import Worker
from shared.web.auth import Caller
from shared.web.fields import Body, Day, Flag, Moment, Reference, ShortText, fix
from shared.web.people import PersonIn, PersonOut, WorkerIn, new_details, only_one_way, worker_of

MAX_PEOPLE = 40  # in one intake or case


class HouseholdIn(Body):
    """A known household by `ref`; else the one with this `record_id`, which is made if it is not known."""

    ref: Reference | None = None
    record_id: Reference | None = None
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
    record_id: Reference | None = None
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


class SealIn(Body):
    """Nothing: that it is sent is enough."""


class ClientOut(BaseModel):
    """A client."""

    ref: str
    county: str
    record_id: str | None = None
    person: PersonOut
    version: int

    @classmethod
    def of(cls, client: Client, county: str) -> Self:
        """What may be shown of it."""
        person = PersonOut.of(
            client.details, sensitivity=client.sensitivity, address_protected=client.address_protected
        )
        return cls(
            ref=client.ref, county=county, record_id=client.record_id, person=person, version=client.version
        )


class MemberOut(BaseModel):
    """A client in a household; without `until_date` still there."""

    client: str
    role: str
    relation: str | None = None
    from_date: date | None = None
    until_date: date | None = None


class HouseholdOut(BaseModel):
    """A household and its members."""

    ref: str
    county: str
    record_id: str | None = None
    protected: bool
    members: Sequence[MemberOut]
    version: int

    @classmethod
    def of(cls, household: Household, county: str) -> Self:
        """What may be shown of it."""
        members = [
            MemberOut(client=one.person, **one.model_dump(exclude={"person"})) for one in household.members
        ]
        return cls(
            ref=household.ref,
            county=county,
            record_id=household.record_id,
            protected=household.protected,
            members=members,
            version=household.version,
        )


class ParticipantOut(BaseModel):
    """A client in a referral or case."""

    client: str
    record_id: str | None = None
    role: str

    @classmethod
    def all_of(cls, participants: Sequence[Participant]) -> list[Self]:
        """Several, in order."""
        return [cls(client=one.client, record_id=one.record_id, role=one.role) for one in participants]


class ReferralOut(BaseModel):
    """A referral; `assignment` is the one of its present primary worker."""

    ref: str
    county: str
    status: Literal["open"]
    received_at: datetime
    response: str
    household: str
    participants: Sequence[ParticipantOut]
    assignment: str | None = None
    version: int

    @classmethod
    def of(cls, referral: Referral, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=referral.ref,
            county=county,
            status="open",
            received_at=referral.received_at,
            response=referral.response,
            household=referral.household,
            participants=ParticipantOut.all_of(referral.participants),
            assignment=referral.assignment,
            version=referral.version,
        )


class CaseOut(BaseModel):
    """A case; `assignment` is the one of its present primary worker."""

    ref: str
    county: str
    status: Literal["open"]
    child: str
    referral: str | None = None
    household: str
    component: Component
    court: bool
    opened_on: date
    projected_end: date | None = None
    participants: Sequence[ParticipantOut]
    assignment: str | None = None
    version: int

    @classmethod
    def of(cls, case: Case, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=case.ref,
            county=county,
            status="open",
            child=case.child,
            referral=case.referral,
            household=case.household,
            component=case.component,
            court=case.court,
            opened_on=case.opened_on,
            projected_end=case.projected_end,
            participants=ParticipantOut.all_of(case.participants),
            assignment=case.assignment,
            version=case.version,
        )


class AssignmentOut(BaseModel):
    """An assignment; without `until_at` it goes on."""

    ref: str
    county: str
    on: str
    on_kind: OnKind
    kind: Kind
    worker: Worker
    from_at: datetime
    until_at: datetime | None = None
    version: int

    @classmethod
    def of(cls, assignment: Assignment, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=assignment.ref,
            county=county,
            on=assignment.on,
            on_kind=assignment.on_kind,
            kind=assignment.kind,
            worker=assignment.worker,
            from_at=assignment.from_at,
            until_at=assignment.until_at,
            version=assignment.version,
        )


class RemovalOut(BaseModel):
    """A removal; without `returned_on` it stands."""

    ref: str
    county: str
    child: str
    removed_on: date
    all_eligible_removed: bool | None = None
    placement_class: str | None = None
    court_date: date | None = None
    returned_on: date | None = None
    version: int

    @classmethod
    def of(cls, removal: Removal, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=removal.ref,
            county=county,
            child=removal.child,
            removed_on=removal.removed_on,
            all_eligible_removed=removal.all_eligible_removed,
            placement_class=removal.placement_class,
            court_date=removal.court_date,
            returned_on=removal.returned_on,
            version=removal.version,
        )

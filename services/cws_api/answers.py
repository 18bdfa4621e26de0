"""Response bodies: what may be shown of each record."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from services.cws_api.domain.assignment import Assignment, Kind, OnKind
from services.cws_api.domain.case import Case, Component
from services.cws_api.domain.case import Status as CaseStatus
from services.cws_api.domain.client import Client
from services.cws_api.domain.household import Household
from services.cws_api.domain.referral import Outcome, Participant, Referral, Status
from services.cws_api.domain.removal import Removal
from shared.events.cws import ClosureReason
from shared.events.parts import Worker
from shared.web.people import PersonOut


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
    """A referral; `assignment` is the one of its present primary worker. A closed one has an `outcome`."""

    ref: str
    county: str
    status: Status
    received_at: datetime
    response: str
    household: str
    participants: Sequence[ParticipantOut]
    assignment: str | None = None
    outcome: Outcome | None = None
    closed_on: date | None = None
    version: int

    @classmethod
    def of(cls, referral: Referral, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=referral.ref,
            county=county,
            status=referral.status,
            received_at=referral.received_at,
            response=referral.response,
            household=referral.household,
            participants=ParticipantOut.all_of(referral.participants),
            assignment=referral.assignment,
            outcome=referral.outcome,
            closed_on=referral.closed_on,
            version=referral.version,
        )


class CaseOut(BaseModel):
    """A case; `assignment` is the one of its present primary worker. A closed one has a `reason_class`."""

    ref: str
    county: str
    status: CaseStatus
    child: str
    referral: str | None = None
    household: str
    component: Component
    court: bool
    opened_on: date
    projected_end: date | None = None
    participants: Sequence[ParticipantOut]
    assignment: str | None = None
    reason_class: ClosureReason | None = None
    closed_on: date | None = None
    version: int

    @classmethod
    def of(cls, case: Case, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=case.ref,
            county=county,
            status=case.status,
            child=case.child,
            referral=case.referral,
            household=case.household,
            component=case.component,
            court=case.court,
            opened_on=case.opened_on,
            projected_end=case.projected_end,
            participants=ParticipantOut.all_of(case.participants),
            assignment=case.assignment,
            reason_class=case.reason_class,
            closed_on=case.closed_on,
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

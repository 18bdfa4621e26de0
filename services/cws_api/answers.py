"""Response bodies: what may be shown of each record."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from services.cws_api.domain.assignment import Assignment, Kind, OnKind
from services.cws_api.domain.case import Case, Component
from services.cws_api.domain.case import Status as CaseStatus
from services.cws_api.domain.client import Client
from services.cws_api.domain.hearing import Hearing
from services.cws_api.domain.household import Household
from services.cws_api.domain.meeting import Meeting
from services.cws_api.domain.meeting import Status as MeetingStatus
from services.cws_api.domain.placement import Placement
from services.cws_api.domain.placement import Status as PlacementStatus
from services.cws_api.domain.referral import Outcome, Participant, Referral, Status
from services.cws_api.domain.relationship import Kind as RelationshipKind
from services.cws_api.domain.relationship import Relationship
from services.cws_api.domain.removal import Removal
from shared.events.cws import ClosureReason, Funding, HearingKind, MeetingKind, MeetingOutcome
from shared.events.parts import Worker
from shared.web.people import PersonOut


class ClientOut(BaseModel):
    """A client; with `merged_into` another record counts, and this one is no longer changed."""

    ref: str
    county: str
    record_id: str | None = None
    person: PersonOut
    merged_into: str | None = None
    version: int

    @classmethod
    def of(cls, client: Client, county: str) -> Self:
        """What may be shown of it."""
        person = PersonOut.of(
            client.details, sensitivity=client.sensitivity, address_protected=client.address_protected
        )
        return cls(
            ref=client.ref,
            county=county,
            record_id=client.record_id,
            person=person,
            merged_into=client.merged_into,
            version=client.version,
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


class RelationshipOut(BaseModel):
    """What `client` is to `to`; without `until_date` still."""

    ref: str
    county: str
    client: str
    to: str
    kind: RelationshipKind
    same_home: bool | None = None
    from_date: date | None = None
    until_date: date | None = None
    version: int

    @classmethod
    def of(cls, relationship: Relationship, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=relationship.ref,
            county=county,
            client=relationship.client,
            to=relationship.to,
            kind=relationship.kind,
            same_home=relationship.same_home,
            from_date=relationship.from_date,
            until_date=relationship.until_date,
            version=relationship.version,
        )


class PlacementOut(BaseModel):
    """A placement with a relative; without `ended_on` it stands."""

    ref: str
    county: str
    status: PlacementStatus
    child: str
    caregiver: str
    degree: int | None = None
    funding: Funding
    planned_on: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    version: int

    @classmethod
    def of(cls, placement: Placement, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=placement.ref,
            county=county,
            status=placement.status,
            child=placement.child,
            caregiver=placement.caregiver,
            degree=placement.degree,
            funding=placement.funding,
            planned_on=placement.planned_on,
            started_on=placement.started_on,
            ended_on=placement.ended_on,
            version=placement.version,
        )


class MeetingOut(BaseModel):
    """A meeting about a household."""

    ref: str
    county: str
    status: MeetingStatus
    household: str
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime | None = None
    place: str | None = None
    clients: Sequence[str]
    workers: Sequence[str]
    held_on: date | None = None
    outcomes: Sequence[MeetingOutcome]
    cancelled_on: date | None = None
    version: int

    @classmethod
    def of(cls, meeting: Meeting, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=meeting.ref,
            county=county,
            status=meeting.status,
            household=meeting.household,
            kind=meeting.kind,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            place=meeting.place,
            clients=meeting.clients,
            workers=meeting.workers,
            held_on=meeting.held_on,
            outcomes=meeting.outcomes,
            cancelled_on=meeting.cancelled_on,
            version=meeting.version,
        )


class HearingOut(BaseModel):
    """A hearing in a case."""

    ref: str
    county: str
    case: str
    kind: HearingKind
    on: date
    version: int

    @classmethod
    def of(cls, hearing: Hearing, county: str) -> Self:
        """What may be shown of it."""
        return cls(
            ref=hearing.ref,
            county=county,
            case=hearing.case,
            kind=hearing.kind,
            on=hearing.on,
            version=hearing.version,
        )
